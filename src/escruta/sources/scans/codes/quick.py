"""zxing-cpp on one grey picture: the codes that it reads, and the corners of those that it finds and cannot read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from escruta.sources.scans.codes.finders import is_plausible
from escruta.sources.scans.codes.symbols import HIGHEST_VERSION
from escruta.sources.scans.codes.values import Code, Corners, Method
from escruta.sources.scans.pictures import Pixels

_MOST_CODES, _MOST_UNREAD = 16, 6
_USUAL_VERSION = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What zxing-cpp found."""

    codes: tuple[Code, ...]
    unread: tuple[tuple[Corners, int], ...]
    """Corners and version of what looks like a code and cannot be read."""


def codes_of(grey: Pixels) -> tuple[Code, ...]:
    """Read what zxing-cpp can read."""
    found = _read(grey, errors=False, try_downscale=False)
    return tuple(_code(each) for each in found[:_MOST_CODES] if each.valid)


def look(grey: Pixels) -> Found:
    """Read what zxing-cpp can read, and keep the places of the rest."""
    found = _read(grey, errors=True)
    unread: list[tuple[Corners, int]] = []
    for each in found:
        corners = corners_of(each.position)
        if not each.valid and is_plausible(corners) and len(unread) < _MOST_UNREAD:
            version = _version(each)
            unread.append((corners, version if 1 <= version <= HIGHEST_VERSION else _USUAL_VERSION))
    codes = tuple(_code(each) for each in found if each.valid)[:_MOST_CODES]
    return Found(codes=codes, unread=tuple(unread))


def _read(grey: Pixels, *, errors: bool, try_downscale: bool = True) -> list[Any]:
    import zxingcpp  # noqa: PLC0415 - an extra

    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCodeModel2)
    return list(
        zxingcpp.read_barcodes(
            grey, formats=formats, try_invert=False, try_downscale=try_downscale, return_errors=errors
        )
    )


def _version(found: Any) -> int:  # noqa: ANN401 - zxing-cpp has no types
    stated = str(found.extra.get("Version", ""))
    return int(stated) if stated.isdecimal() else 0


def _code(found: Any) -> Code:  # noqa: ANN401 - zxing-cpp has no types
    unused = found.extra.get("UEC")
    return Code(
        text=found.text,
        corners=corners_of(found.position),
        version=_version(found),
        level=str(found.ec_level),
        method=Method.ZXING,
        corrected=None if unused is None else 1.0 - float(unused),
    )


def corners_of(position: Any) -> Corners:  # noqa: ANN401 - zxing-cpp has no types
    """Give zxing-cpp's corners in our order."""
    order = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    return np.array([(point.x, point.y) for point in order], np.float64)
