"""What was done, a line a file: appended and forced down, never changed. A process may be killed at any byte of it.

A line that was being written when the power went has no end; it is cut off when the journal is opened again, and its
picture is read again. So each picture's line is there once, or not at all.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from escruta.apps.scan.errors import ScanHomeUnusable

if os.name == "nt":  # pragma: no cover
    import msvcrt
else:
    import fcntl

_encoder = msgspec.json.Encoder(order="deterministic")


class Again(StrEnum):
    """Which of the files that were read before are read again."""

    NO = "no"
    FAILED = "failed"
    """Those that gave no reading."""
    ALL = "all"
    """Every one: with a new layout, for example."""


class Journal:
    """A file of JSON lines that only grows, each known by its `digest`; one process may have it open."""

    def __init__(self, file: BinaryIO, digests: set[bytes]) -> None:
        """Take an open file, and what is done; `open_journal` opens one."""
        self._file = file
        self.digests = digests

    def has(self, digest: str) -> bool:
        """Say whether a file was done."""
        return bytes.fromhex(digest) in self.digests

    def append(self, said: Iterable[Mapping[str, Any]]) -> None:
        """Write lines and force them to the disk; what was done before is not written again."""
        lines = []
        for each in said:
            if not self.has(each["digest"]):
                self.digests.add(bytes.fromhex(each["digest"]))
                lines.append(_line(each))
        if lines:
            self._file.write(b"".join(lines))
            self._file.flush()
            os.fsync(self._file.fileno())


def _line(said: Mapping[str, Any]) -> bytes:
    """Write a line; what a hostile file calls itself may hold halves of characters, which no text can have."""
    try:
        return _encoder.encode(said) + b"\n"
    except UnicodeEncodeError:
        return _encoder.encode(_whole(said)) + b"\n"


def _whole(value: Any) -> Any:  # noqa: ANN401 - whatever JSON can hold
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, Mapping):
        return {_whole(name): _whole(each) for name, each in value.items()}
    return [_whole(each) for each in value] if isinstance(value, list | tuple) else value


@contextmanager
def open_journal(path: Path, again: Again = Again.NO) -> Iterator[Journal]:
    """Open a journal to go on with it, and cut off a last line that has no end.

    Files that failed by chance never count as done; what is said of a file last stands.

    Raises `ScanHomeUnusable` where another process has it, or a line inside it is no line of ours.
    """
    with path.open("ab") as file:
        _lock(file, path)
        cut_torn_line(path)
        done: set[bytes] = set()
        for head in heads_of(path):
            (done.add if head.is_done(again) else done.discard)(head.key)
        yield Journal(file, done)


class Head(msgspec.Struct):
    """What of a line must be known to go on with a journal; the rest of it is not even decoded."""

    digest: str
    failure: str | None = None
    again: bool = False
    """Whether it failed by chance, and is to be tried the next time."""
    start: int = 0
    """Where its line begins in the file."""

    @property
    def key(self) -> bytes:
        """The digest in half as many bytes."""
        return bytes.fromhex(self.digest)

    def is_done(self, again: Again) -> bool:
        """Say whether the file need not be read again."""
        if again is Again.ALL or self.again:
            return False
        return self.failure is None or again is Again.NO


_head_of = msgspec.json.Decoder(Head).decode


def heads_of(path: Path) -> Iterator[Head]:
    """Go through a journal, up to its last whole line."""
    start = 0
    for number, line in _lines_of(path):
        try:
            head = _head_of(line)
            bytes.fromhex(head.digest)
        except (msgspec.MsgspecError, ValueError) as error:
            raise _damaged(path, number, error) from error
        head.start = start
        start += len(line)
        yield head


def entries_of(path: Path) -> Iterator[dict[str, Any]]:
    """Read a journal from its beginning, up to the last whole line."""
    for number, line in _lines_of(path):
        yield entry_of(line, path, number)


def _lines_of(path: Path) -> Iterator[tuple[int, bytes]]:
    if not path.exists():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.endswith(b"\n"):
                yield number, line


def cut_torn_line(path: Path) -> int:
    """Cut off what stands after the last line end; gives how many bytes there were."""
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        end = _last_line_end(file, size)
        if end < size:
            file.truncate(end)
            os.fsync(file.fileno())
        return size - end


def _last_line_end(file: BinaryIO, size: int) -> int:
    at, step = size, 1 << 16
    while at > 0:
        start = max(0, at - step)
        file.seek(start)
        found = file.read(at - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        at = start
    return 0


def entry_of(line: bytes, path: Path, number: int) -> dict[str, Any]:
    """Read one line; raises `ScanHomeUnusable` where it is none of ours."""
    try:
        said = msgspec.json.decode(line, type=dict[str, Any])
        bytes.fromhex(said["digest"])
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError) as error:
        raise _damaged(path, number, error) from error
    return said


def _damaged(path: Path, number: int, error: Exception) -> ScanHomeUnusable:
    return ScanHomeUnusable(
        "a line of the journal is damaged",
        where=str(path),
        row=number,
        found=str(error),
        expected="a line as it was written",
        advice="Restore the file from a copy, or move it away and scan again: the readings will be the same.",
    )


def _lock(file: BinaryIO, path: Path) -> None:
    """Make sure that nobody else goes on with this journal; the system ends that where the process ends."""
    try:
        if os.name == "nt":  # pragma: no cover
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise ScanHomeUnusable(
            "another process is scanning into this place",
            where=str(path.parent),
            expected="one at a time",
            advice="Wait until it is done; it takes files of any folder.",
        ) from error
