"""Files that are there whole or not at all, named by a digest; writing one again changes nothing."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

READ_BY_ALL, READ_BY_OWNER = 0o644, 0o400
_STAGED = ".part"


def keep(path: Path, raw: bytes, *, mode: int = READ_BY_ALL) -> None:
    """Write a file and force it down before it has its name."""
    keep_pieces(path, [raw], mode=mode)


def keep_pieces(path: Path, pieces: Iterable[bytes], *, mode: int = READ_BY_ALL) -> None:
    """Write a file piece by piece, and force it down before it has its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, staged = tempfile.mkstemp(prefix=".", suffix=_STAGED, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        Path(staged).chmod(mode)
        Path(staged).replace(path)
    except BaseException:
        Path(staged).unlink(missing_ok=True)
        raise


def sweep(folder: Path) -> int:
    """Take away what killed processes left half-written in a folder; nobody may be writing into it. Counts them."""
    left = [*folder.glob(f".*{_STAGED}")]
    for each in left:
        each.unlink(missing_ok=True)
    return len(left)


def original_of(folder: Path, digest: str) -> Path:
    """Say where an original is kept."""
    return folder / digest[:2] / digest


def keep_original(folder: Path, digest: str, raw: bytes) -> None:
    """Keep a picture as it came, for its owner only."""
    path = original_of(folder, digest)
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, exist_ok=True)
    keep(path, raw, mode=READ_BY_OWNER)
