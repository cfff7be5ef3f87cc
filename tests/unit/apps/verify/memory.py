"""Records in memory, which a test may change byte by byte."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from escruta.apps.published import Published
from escruta.apps.verify import RecordReport

Verify = Callable[..., RecordReport]
"""Verifies files in memory; further arguments are those of `verify_record`."""


class InMemory(Published):
    """A published place that is a dictionary."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__("memory")
        self.files = files

    def _read(self, path: str, most_bytes: int) -> bytes | None:
        raw = self.files.get(path)
        return None if raw is None else raw[:most_bytes]

    def paths(self) -> Iterator[str]:
        return iter(sorted(self.files))


def read_folder(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
