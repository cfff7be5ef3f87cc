"""Which files there are to read: those that are named, those of folders, those that a pattern means."""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from escruta.base.errors import FileUnreadable

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
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS and path.is_file())


def look_at(path: Path) -> Found:
    """Digest a file."""
    try:
        with path.open("rb") as file:
            return Found(path=path, digest=hashlib.file_digest(file, "sha256").hexdigest())
    except OSError as error:
        return Found(path=path, error=error.strerror or type(error).__name__)
