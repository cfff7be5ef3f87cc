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
_OPEN = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
"""Not inherited, and never through a link, which could lead to a file of somebody else's."""
_LONGEST = 32
"""Bytes of a lock."""
_PLACE_OF_LOCK = 4096
"""The byte that is locked on Windows, where nobody else could read one that holds the number of the process."""


@contextmanager
def alone_at(out: Path) -> Iterator[None]:
    """Hold a place for one writer; the system lets go of it where the process ends, in whatever way.

    The lock is on a file `.NAME.lock` beside the place, with the number of the process; one that a dead process left
    holds nobody up. Who writes *inside* a folder that somebody else holds is refused as well, and so is who would
    replace a folder while somebody writes inside it: the record, and its pages.

    Raises:
        OutputRefused: somebody writes there now, or something else bears the name of the lock.
    """
    out = out.resolve()
    _refuse_if_held_around(out)
    path = lock_of(out)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = _locked(path, out)
    try:
        _refuse_if_held_around(out)  # whoever came at the same moment, above or inside, has a lock by now
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        if sys.platform != "win32":  # there an open file cannot be removed
            path.unlink(missing_ok=True)
        os.close(descriptor)


def lock_of(place: Path) -> Path:
    """Name the lock of a place."""
    return place.with_name(f".{place.name}.lock")


def _locked(path: Path, out: Path) -> int:
    """Open and lock the file that stands under a name at that moment: its holder takes it away in the end."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | _OPEN, 0o644)
        is_ours = _take(descriptor)
        if is_ours and not _is_a_lock(descriptor):
            os.close(descriptor)
            raise OutputRefused(
                "something else bears the name of our lock",
                where=str(path),
                found="a file that holds no number of a process",
                expected="no such file",
                advice="Move the file away, or name another folder with --out.",
            )
        with suppress(FileNotFoundError):
            if is_ours and os.fstat(descriptor).st_ino == path.stat().st_ino:
                return descriptor
        os.close(descriptor)
        if not is_ours:
            raise _refusal(path, out)


def _is_a_lock(descriptor: int) -> bool:
    """Say whether a file can be one of ours, so that nothing of somebody else's is overwritten and removed."""
    raw = os.read(descriptor, _LONGEST + 1)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return len(raw) <= _LONGEST and (not raw or raw.strip().isdigit())


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


def _refuse_if_held_around(out: Path) -> None:
    """Refuse a place where somebody writes in the folder that it stands in, or in one that stands in it."""
    _refuse_if_held(out.parent)
    for path in out.glob(".*.lock"):
        _refuse_if_held(out / path.name.removeprefix(".").removesuffix(".lock"))


def _refuse_if_held(place: Path) -> None:
    """Refuse a folder in a place that somebody else holds."""
    if not place.name:  # the top of a file system
        return
    try:
        descriptor = os.open(lock_of(place), os.O_RDWR | _OPEN)
    except OSError:  # no such file, or one of somebody who may write where we may not
        return
    is_free = _take(descriptor)
    os.close(descriptor)
    if not is_free:
        raise _refusal(lock_of(place), place)


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
