"""Which files there are to read: those that are named, those of folders, those that a pattern means."""

from __future__ import annotations

import glob
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from escruta.base.errors import FileUnreadable, printable
from escruta.sources.scans.opening.refusal import LIMITS

ENDINGS = frozenset((".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".heic", ".heif", ".pdf"))
"""What is taken of a folder; a file that is named is taken whatever its name is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A file, or the reason why it cannot be read."""

    path: Path
    digest: str | None = None
    """SHA-256 of its bytes."""
    error: str | None = None


def files_of(named: Iterable[str]) -> tuple[Path, ...]:
    """List the files that were named, in their order, each once; folders with all that is below them.

    Raises `FileUnreadable` for a name that means nothing.
    """
    found: dict[Path, None] = {}
    for name in named:
        found.update(dict.fromkeys(_meant(name)))
    return tuple(found)


def shown_name(path: Path) -> str:
    r"""Give a file's name as it may be written down and shown: what is no text, or moves a screen, is escaped.

    >>> shown_name(Path("a\x1b[2J\udcff.jpg"))
    'a\\x1b[2J\\udcff.jpg'
    """
    name = path.name
    return name if name.isprintable() else printable(name)


def _meant(name: str) -> Iterator[Path]:
    path = Path(name)
    if path.is_dir():
        yield from _pictures_below(path)
        return
    if path.exists():
        yield path
        return
    matched = [Path(each) for each in sorted(glob.glob(name, recursive=True))]  # noqa: PTH207 - a pattern as it was typed
    if not matched:
        raise FileUnreadable(
            "there is nothing of this name",
            where=name,
            expected="a file, a folder, or a pattern such as 'pictures/**/*.jpg'",
            advice="Put quotes round a pattern, or let the shell expand it.",
        )
    for each in matched:
        yield from _pictures_below(each) if each.is_dir() else (each,)


def _pictures_below(folder: Path) -> list[Path]:
    """List what is called like a picture, also in folders that are links; one that leads back is left out.

    What cannot be opened is among them, and so is a folder that cannot be looked into: it is told, not passed over.
    """
    found: list[Path] = []
    seen: set[tuple[int, int]] = set()
    _is_new(folder, seen)
    closed: list[OSError] = []
    for place, below, names in os.walk(folder, followlinks=True, onerror=closed.append):
        here = Path(place)
        below[:] = [name for name in below if _is_new(here / name, seen)]
        found += (here / name for name in names if Path(name).suffix.lower() in ENDINGS)
    return sorted([*found, *(Path(os.fsdecode(error.filename)) for error in closed)])


def _is_new(folder: Path, seen: set[tuple[int, int]]) -> bool:
    try:
        status = folder.stat()
    except OSError:
        return True  # to look into it fails as well, and that is told
    place = (status.st_dev, status.st_ino)
    is_new = place not in seen
    seen.add(place)
    return is_new


def look_at(path: Path, most_bytes: int = LIMITS.file_bytes) -> Found:
    """Digest a file; one that is larger than any picture is not read at all, nor what is no file."""
    try:
        is_file, size = stat.S_ISREG(path.stat().st_mode), path.stat().st_size
        if path.is_dir():
            return Found(path=path, error="it is a folder that cannot be looked into")
        if not is_file:  # a pipe, or a device that never ends
            return Found(path=path, error="it is no file")
        if size > most_bytes:
            return Found(path=path, error=f"it has more than {most_bytes} bytes")
        with path.open("rb") as file:
            return Found(path=path, digest=hashlib.file_digest(file, "sha256").hexdigest())
    except OSError as error:
        return Found(path=path, error=error.strerror or type(error).__name__)
