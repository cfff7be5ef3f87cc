"""Many files forced to the disk in one call, where the system can be trusted to do so and to tell when it could not.

`syncfs` forces all that a file system holds back. Since Linux 5.8 it also tells whether anything could not be written
since its descriptor was opened; before, and on file systems that have their own idea of it (FUSE, networks, layers), it
may be silent, and each file is forced on its own. Source: syncfs(2), "VERSIONS" and "BUGS".
"""

from __future__ import annotations

import ctypes
import os
import re
import sys
from pathlib import Path

_SINCE = (5, 8)
_FILE_SYSTEMS = frozenset({"ext4", "xfs"})
"""Both end `syncfs` with a commit of their journal that makes the disk empty its own memory."""

_MOUNTS = Path("/proc/self/mountinfo")
_MOUNT = re.compile(r"\S+ \S+ (?P<device>[0-9]+:[0-9]+) .* - (?P<kind>\S+) ", re.ASCII)


class FileSystemBatch:
    """Files on one file system, which is forced as a whole."""

    def __init__(self, folder: Path) -> None:
        """Open the file system that `folder` is on; errors from now on are told."""
        self._folder = folder
        self._descriptor = os.open(folder, os.O_RDONLY)

    def write(self, path: Path, raw: bytes) -> None:
        """Write a file, which may be lost until `force`."""
        path.write_bytes(raw)

    def force(self) -> None:
        """Force all files to the disk."""
        force_file_system(self._descriptor, self._folder)

    def close(self) -> None:
        """Let go of the file system."""
        os.close(self._descriptor)


def force_file_system(descriptor: int, folder: Path) -> None:
    """Force all that the file system of a descriptor holds back; raises `OSError` where that cannot be done."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syncfs(descriptor):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), str(folder))


def is_forced_as_a_whole(folder: Path) -> bool:
    """Tell whether the file system of a folder can be trusted with `syncfs`."""
    if sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "syncfs"):
        return False
    numbers = re.match(r"([0-9]+)\.([0-9]+)", os.uname().release)
    if numbers is None or (int(numbers[1]), int(numbers[2])) < _SINCE:
        return False
    return _kind_of(folder) in _FILE_SYSTEMS


def _kind_of(folder: Path) -> str | None:
    """Give the kind of the file system that a folder is on; None where the system does not tell."""
    device = folder.stat().st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    try:
        lines = _MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    kinds = {match["kind"] for line in lines if (match := _MOUNT.match(line)) and match["device"] == wanted}
    return kinds.pop() if len(kinds) == 1 else None
