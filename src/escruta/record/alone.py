"""One writer at a place: whoever comes while a folder is written there, or published again and again, is refused."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from escruta.base.errors import OutputRefused

if sys.platform == "win32":  # pragma: no cover
    import msvcrt
else:
    import fcntl

_HELD = frozenset({errno.EACCES, errno.EAGAIN, errno.EDEADLK})
"""Somebody else has it."""
_UNABLE = frozenset({errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})
"""The file system has no locks: nobody can be refused there."""
_PLACE_OF_LOCK = 4096
"""The byte that is locked on Windows, where nobody else could read one that holds the number of the process."""


@contextmanager
def alone_at(out: Path) -> Iterator[None]:
    """Hold a place for one writer; the system lets go of it where the process ends, in whatever way.

    The lock is on a file `.NAME.lock` beside the place, with the number of the process; one that a dead process left
    holds nobody up. Who writes *inside* a folder that somebody else holds is refused as well: the pages of a record
    that is being published.

    Raises:
        OutputRefused: somebody writes there now.
    """
    out = out.resolve()
    _refuse_if_held(out.parent)
    path = _lock_of(out)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = _locked(path, out)
    try:
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        if sys.platform != "win32":  # there an open file cannot be removed
            path.unlink(missing_ok=True)
        os.close(descriptor)


def _lock_of(place: Path) -> Path:
    return place.with_name(f".{place.name}.lock")


def _locked(path: Path, out: Path) -> int:
    """Open and lock the file that stands under a name at that moment: its holder takes it away in the end."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644)
        is_ours = _take(descriptor)
        with suppress(FileNotFoundError):
            if is_ours and os.fstat(descriptor).st_ino == path.stat().st_ino:
                return descriptor
        os.close(descriptor)
        if not is_ours:
            raise _refusal(path, out)


def _take(descriptor: int) -> bool:
    """Lock a file, if nobody else has."""
    try:
        if sys.platform == "win32":  # pragma: no cover
            os.lseek(descriptor, _PLACE_OF_LOCK, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            os.lseek(descriptor, 0, os.SEEK_SET)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _HELD:
            return False
        if error.errno not in _UNABLE:
            raise
    return True


def _refuse_if_held(place: Path) -> None:
    """Refuse a folder in a place that somebody else holds."""
    if not place.name:  # the top of a file system
        return
    try:
        descriptor = os.open(_lock_of(place), os.O_RDWR)
    except OSError:  # no such file, or one of somebody who may write where we may not
        return
    is_free = _take(descriptor)
    os.close(descriptor)
    if not is_free:
        raise _refusal(_lock_of(place), place)


def _refusal(path: Path, place: Path) -> OutputRefused:
    number = ""
    with suppress(OSError):
        number = path.read_text(encoding="ascii", errors="replace").strip()
    return OutputRefused(
        "somebody else writes there already",
        where=str(place),
        found=f"process {number}" if number.isdecimal() else "another process",
        expected="one at a time",
        advice="Wait until it is done, stop it if it is a watch, or name another folder with --out.",
    )
