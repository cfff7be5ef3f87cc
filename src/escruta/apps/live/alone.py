"""One publisher at a place: a second one, which would write into the first one's next version, is refused."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from escruta.base.errors import OutputRefused

if sys.platform == "win32":  # pragma: no cover
    import msvcrt
else:
    import fcntl


@contextmanager
def alone_at(out: Path) -> Iterator[None]:
    """Hold a place for one publisher; the system lets go of it where the process ends.

    Raises:
        OutputRefused: somebody publishes there now.
    """
    out = out.resolve()
    path = out.with_name(f".{out.name}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644)
    try:
        if not _is_free(descriptor, path):
            raise OutputRefused(
                "somebody publishes there already",
                where=str(out),
                found="another watch that is under way",
                expected="one at a time",
                advice="Stop the other one, or name another folder with --out.",
            )
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def _is_free(descriptor: int, path: Path) -> bool:
    """Take the lock, and look that the file still is the one that others find under its name."""
    try:
        if sys.platform == "win32":  # pragma: no cover
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.fstat(descriptor).st_ino == path.stat().st_ino
    except (BlockingIOError, PermissionError, FileNotFoundError):
        return False
