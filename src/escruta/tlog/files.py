"""Files that are still there after the power went: the one place that writes a published log.

A file is written beside its place, forced to the disk and only then given its name; its folder, and every folder above
it, are forced to the disk before the writer says that it is done. Many files are forced together where the system can
do that: a disk takes as long for one as for thousands.
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
from escruta.tlog.forcing import FileSystemBatch, is_forced_as_a_whole

STAGING = ".staging"
"""The folder, inside the log's, where files wait for their names; nobody publishes it."""

THREADS = 12
"""A disk forces several files in the time of one."""

_AHEAD = 4
_TOGETHER = 4096
"""So many files wait at most for their names: what is forced at once."""


class Batch(Protocol):
    """Files that are written one by one and forced to the disk together."""

    def write(self, path: Path, raw: bytes) -> None:
        """Write a file; its bytes and its name may be lost until `force`."""
        ...

    def force(self) -> None:
        """Force the bytes of all files that were written to the disk."""
        ...

    def close(self) -> None:
        """Let go of what the batch holds."""
        ...


class Files(Protocol):
    """What a log asks of a file system; tests put others in its place, which fail or lose power."""

    def read(self, path: Path) -> bytes | None:
        """Give what a file holds; None where there is none."""
        ...

    def write(self, path: Path, raw: bytes) -> None:
        """Write a file and force its bytes to the disk; its name may still be lost."""
        ...

    def open_batch(self, folder: Path) -> Batch:
        """Begin a batch of many files in a folder that is there."""
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


class EachForced:
    """A batch in which each file is forced to the disk as it is written."""

    def __init__(self, files: Files) -> None:
        """Write with `files`."""
        self._files = files

    def write(self, path: Path, raw: bytes) -> None:
        """Write a file and force its bytes to the disk."""
        self._files.write(path, raw)

    def force(self) -> None:
        """Do nothing: it is done."""

    def close(self) -> None:
        """Do nothing."""


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

    def open_batch(self, folder: Path) -> Batch:
        """Begin a batch; where the file system cannot be trusted to force all at once, each file is forced."""
        return FileSystemBatch(folder) if is_forced_as_a_whole(folder) else EachForced(self)

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

    def open_batch(self, folder: Path) -> Batch:  # noqa: ARG002 - as every file system is asked
        """Begin a batch that waits for nothing either."""
        return EachForced(self)

    def sync_folder(self, path: Path) -> None:
        """Do nothing."""


class DurableWriter:
    """Puts files into a log's folder; what was put is there for ever when `finish` returns, and not before."""

    def __init__(self, folder: Path, files: Files, executor: Executor | None = None, *, has_many: bool = False) -> None:
        """Write into `folder`, which need not exist yet; with an executor several files at a time, where each waits.

        Where files are forced together none waits for the disk, and threads would only wait for each other.

        With `has_many` whatever else waits on the same file system is forced with our files, and `close` is needed.
        """
        self._folder = folder
        self._files = files
        self._waiting: deque[Future[None]] = deque()
        self._staged: list[str] = []
        self._made: set[PurePosixPath] = set()
        self._make(PurePosixPath(STAGING))
        self._batch = files.open_batch(folder) if has_many else EachForced(files)
        self._executor = executor if isinstance(self._batch, EachForced) else None

    def put(self, path: str, raw: bytes) -> None:
        """Write a file that will never change. Raises `LogConflict` where other bytes have its place.

        The same bytes are written again: those that stand there may never have reached the disk.
        """
        self._make(PurePosixPath(path).parent)
        self._staged.append(path)
        if self._executor is None:
            self._stage(path, raw)
        else:
            if len(self._waiting) >= _AHEAD * THREADS:
                self._waiting.popleft().result()
            self._waiting.append(self._executor.submit(self._stage, path, raw))
        if len(self._staged) >= _TOGETHER:
            self._name_staged()

    def finish(self) -> None:
        """Wait for all files, and force all names to the disk."""
        self._name_staged()
        for folder in sorted(self._made, reverse=True):
            self._files.sync_folder(self._folder / folder)
        self._files.sync_folder(self._folder.parent)

    def replace(self, path: str, raw: bytes) -> None:
        """Write a file that may stand there with other bytes, and force it and its name to the disk."""
        self._files.write(self._place(path), raw)
        self._files.rename(self._place(path), self._folder / path)
        self._files.sync_folder((self._folder / path).parent)

    def close(self) -> None:
        """Let go of the file system; whatever was not finished may be lost."""
        self._batch.close()

    def _stage(self, path: str, raw: bytes) -> None:
        standing = self._files.read(self._folder / path)
        if standing is not None and standing != raw:
            raise LogConflict(f"{path} holds other bytes than this log would write: its history is not ours")
        self._batch.write(self._place(path), raw)

    def _name_staged(self) -> None:
        """Force the files that wait to the disk, and only then give them their names."""
        while self._waiting:
            self._waiting.popleft().result()
        self._batch.force()
        for path in self._staged:
            self._files.rename(self._place(path), self._folder / path)
        self._staged.clear()

    def _place(self, path: str) -> Path:
        """Give where a file waits for its name."""
        return self._folder / STAGING / path.replace("/", "-")

    def _make(self, folder: PurePosixPath) -> None:
        if folder in self._made:
            return
        if folder.parent != folder:
            self._make(folder.parent)
        self._files.make_folder(self._folder / folder)
        self._made.add(folder)


@contextlib.contextmanager
def open_writer(
    folder: Path, files: Files | None = None, *, threads: int = THREADS, has_many: bool = False
) -> Iterator[DurableWriter]:
    """Give a writer; with 0 threads it writes one file after another. The caller calls `finish`."""
    disk = files or Disk()
    with contextlib.ExitStack() as stack:
        executor = None
        if threads:
            executor = ThreadPoolExecutor(threads)
        writer = stack.enter_context(contextlib.closing(DurableWriter(folder, disk, executor, has_many=has_many)))
        if executor is not None:
            stack.callback(executor.shutdown, cancel_futures=True)
        yield writer
