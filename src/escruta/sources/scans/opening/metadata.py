"""What a picture's metadata say of the camera and its clock. They prove nothing: anyone can write them.

Of all fields only these few are read; position, names, descriptions and serial numbers never leave the file.
Source: Exif 2.32 (CIPA DC-008), table 4 and section 4.6.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PIL import Image

_MAKE, _MODEL, _SOFTWARE, _CHANGED, _ORIENTATION = 0x010F, 0x0110, 0x0131, 0x0132, 0x0112
_EXIF, _GPS, _TAKEN, _OFFSET = 0x8769, 0x8825, 0x9003, 0x9011
_TIME = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)\Z", re.ASCII)
_ZONE = re.compile(r"[+-]\d\d:\d\d\Z", re.ASCII)
_TEXT_LIMIT = 48
_ORIENTATIONS = range(1, 9)


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFacts:
    """What the file says of itself; each is None where the file is silent."""

    taken: str | None = None
    """When the picture was taken by the camera's own clock, `2024-07-28T19:02:11`, with its zone where it is given."""
    changed: str | None = None
    """When a program last wrote the file, by its own clock."""
    make: str | None = None
    model: str | None = None
    software: str | None = None
    has_position: bool = False
    """Whether a place is recorded. Where it is, we do not look: redaction drops it."""

    @property
    def says_nothing(self) -> bool:
        """Whether there are no metadata, as after most messengers."""
        return self == PictureFacts()


def facts_of(exif: Image.Exif) -> tuple[PictureFacts, int]:
    """Read the facts and the orientation, 1 to 8; what is malformed is as good as absent."""
    try:
        main, camera, position = dict(exif), exif.get_ifd(_EXIF), exif.get_ifd(_GPS)
    except Exception:  # noqa: BLE001 - Pillow's parser lets anything through that damaged metadata provoke
        return PictureFacts(), 1
    facts = PictureFacts(
        taken=_time(camera, _TAKEN, zone=camera.get(_OFFSET)),
        changed=_time(main, _CHANGED),
        make=_text(main.get(_MAKE)),
        model=_text(main.get(_MODEL)),
        software=_text(main.get(_SOFTWARE)),
        has_position=bool(position),
    )
    orientation = main.get(_ORIENTATION)
    return facts, orientation if isinstance(orientation, int) and orientation in _ORIENTATIONS else 1


def _text(value: object) -> str | None:
    """Keep what a device calls itself: printable ASCII, and not at length."""
    if not isinstance(value, str):
        return None
    kept = "".join(each for each in value if " " <= each <= "~").strip()
    return kept[:_TEXT_LIMIT] or None


def _time(fields: Mapping[int, Any], tag: int, zone: object = None) -> str | None:
    stated = fields.get(tag)
    match = _TIME.match(stated.strip("\0 ")) if isinstance(stated, str) else None
    if match is None:
        return None
    year, month, day, hour, minute, second = match.groups()
    known_zone = zone.strip("\0 ") if isinstance(zone, str) and _ZONE.match(zone.strip("\0 ")) else ""
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}{known_zone}"
