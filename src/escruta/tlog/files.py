"""Files that are still there after the power went: the one place that writes a published log.

A file is written beside its place, forced to the disk and only then given its name; its folder, and every folder above
it, are forced to the disk before the writer says that it is done.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import Protocol

from escruta.tlog.errors import LogConflict

STAGING = ".staging"
"""The folder, inside the log's, where files wait for their names; nobody publishes it."""

THREADS = 12
"""A disk forces several files in the time of one."""

_AHEAD = 4


class Files(Protocol):
    """What a log asks of a file system; tests put others in its place, which fail or lose power."""

    def read(self, path: Path) -> bytes | None:
        """Give what a file holds; None where there is none."""
        ...

    def write(self, path: Path, raw: bytes) -> None:
        """Write a file and force its bytes to the disk; its name may still be lost."""
        ...

    def rename(self, old: Path, new: Path) -> None:
        """Give a file another name at once, in the place of whatever has it."""
        ...

    def make_folder(self, path: Path) -> None:
        """Make a folder where there is none."""
        ...

    def sync_folder(self, path: Path) -> None:
        """Force the names in a folder to the disk."""
        ...

    def clear_folder(self, path: Path) -> None:
        """Remove whatever is in a folder."""
        ...


class Disk:
    """The file system of this machine."""

    def read(self, path: Path) -> bytes | None:
        """Give what a file holds; None where there is none."""
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None

    def write(self, path: Path, raw: bytes) -> None:
        """Write a file and force its bytes to the disk."""
        with path.open("wb") as opened:
            opened.write(raw)
            opened.flush()
            os.fsync(opened.fileno())

    def rename(self, old: Path, new: Path) -> None:
        """Give a file another name at once."""
        old.replace(new)

    def make_folder(self, path: Path) -> None:
        """Make a folder where there is none."""
        path.mkdir(exist_ok=True)

    def sync_folder(self, path: Path) -> None:
        """Force the names in a folder to the disk, where the system lets a program do so."""
        if os.name == "nt":
            return
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def clear_folder(self, path: Path) -> None:
        """Remove whatever is in a folder."""
        for each in path.iterdir():
            if each.is_dir():
                shutil.rmtree(each)
            else:
                each.unlink()


class UnforcedDisk(Disk):
    """The file system of this machine, without waiting for the disk: for what can be made again from what is there."""

    def write(self, path: Path, raw: bytes) -> None:
        """Write a file."""
        path.write_bytes(raw)

    def sync_folder(self, path: Path) -> None:
        """Do nothing."""


class DurableWriter:
    """Puts files into a log's folder; what was put is there for ever when `finish` returns, and not before."""

    def __init__(self, folder: Path, files: Files, executor: Executor | None = None) -> None:
        """Write into `folder`, which need not exist yet; with an executor several files at a time."""
        self._folder = folder
        self._files = files
        self._executor = executor
        self._waiting: deque[Future[None]] = deque()
        self._made: set[PurePosixPath] = set()
        self._make(PurePosixPath(STAGING))

    def put(self, path: str, raw: bytes) -> None:
        """Write a file that will never change. Raises `LogConflict` where other bytes have its place.

        The same bytes are written again: those that stand there may never have reached the disk.
        """
        self._make(PurePosixPath(path).parent)
        if self._executor is None:
            self._put(path, raw)
            return
        if len(self._waiting) >= _AHEAD * THREADS:
            self._waiting.popleft().result()
        self._waiting.append(self._executor.submit(self._put, path, raw))

    def finish(self) -> None:
        """Wait for all files, and force all names to the disk."""
        while self._waiting:
            self._waiting.popleft().result()
        for folder in sorted(self._made, reverse=True):
            self._files.sync_folder(self._folder / folder)
        self._files.sync_folder(self._folder.parent)

    def replace(self, path: str, raw: bytes) -> None:
        """Write a file that may stand there with other bytes, and force it and its name to the disk."""
        self._write(path, raw)
        self._files.sync_folder((self._folder / path).parent)

    def _put(self, path: str, raw: bytes) -> None:
        standing = self._files.read(self._folder / path)
        if standing is not None and standing != raw:
            raise LogConflict(f"{path} holds other bytes than this log would write: its history is not ours")
        self._write(path, raw)

    def _write(self, path: str, raw: bytes) -> None:
        staged = self._folder / STAGING / path.replace("/", "-")
        self._files.write(staged, raw)
        self._files.rename(staged, self._folder / path)

    def _make(self, folder: PurePosixPath) -> None:
        if folder in self._made:
            return
        if folder.parent != folder:
            self._make(folder.parent)
        self._files.make_folder(self._folder / folder)
        self._made.add(folder)


@contextlib.contextmanager
def open_writer(folder: Path, files: Files | None = None, *, threads: int = THREADS) -> Iterator[DurableWriter]:
    """Give a writer; with 0 threads it writes one file after another. The caller calls `finish`."""
    if not threads:
        yield DurableWriter(folder, files or Disk())
        return
    executor = ThreadPoolExecutor(threads)
    try:
        yield DurableWriter(folder, files or Disk(), executor)
    finally:
        executor.shutdown(cancel_futures=True)
