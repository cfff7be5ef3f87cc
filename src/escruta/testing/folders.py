"""Compare what two runs wrote."""

from __future__ import annotations

import hashlib
from pathlib import Path


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Read every file of a folder, by its path in it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def digests_of(folder: Path) -> dict[str, str]:
    """Digest every file of a folder, by its path in it: short enough to read when two runs differ."""
    return {name: hashlib.sha256(content).hexdigest() for name, content in bytes_of(folder).items()}
