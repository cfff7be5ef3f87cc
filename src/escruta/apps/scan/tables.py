"""From the journal to the table of readings: the same table whatever the order in which the pictures came."""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import msgspec

RUN_BYTES = 2 << 20
"""So much of a table is sorted in memory at once."""
MOST_RUNS = 64
"""How many files wait on the disk before they are made one: a process may have only so many open."""

_encoder = msgspec.json.Encoder(order="deterministic")


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRead:
    """One reading of one sheet on one page of a file, with all that the journal says of it."""

    digest: str
    page: int
    pages: int
    """How many pages the file has."""
    sheet: Mapping[str, Any]
    on_page: Mapping[str, Any]

    @property
    def copy(self) -> str:
        """What the copy is known by: the file's digest, and the page where there are several."""
        return self.digest if self.pages == 1 else f"{self.digest}#page={self.page}"

    @property
    def row(self) -> dict[str, Any]:
        """The line of the table."""
        method = self.sheet["method"]
        named = ("station", "act", "votes", "figures", "unread")
        return {
            **{name: self.sheet[name] for name in named},
            "method": method,
            "copy": self.copy,
            "picture": f"sha256:{self.copy}",
            "statement": f"{self.copy}/{method}",
            "code": self.sheet["kind"],
            "shown": self.on_page["shown"].get("name"),
        }


def sheets_of(said: Mapping[str, Any]) -> Iterator[SheetRead]:
    """Give every reading of what the journal says of a file."""
    for page in said["pages"]:
        for sheet in page["sheets"]:
            yield SheetRead(
                digest=said["digest"], page=page["page"], pages=len(said["pages"]), sheet=sheet, on_page=page
            )


def page_of_copy(copy: str) -> tuple[str, int]:
    """Say which page a copy is: the digest of its file, and the number of the page.

    >>> page_of_copy("9f#page=3"), page_of_copy("9f")
    (('9f', 3), ('9f', 1))
    """
    digest, _, number = copy.partition("#page=")
    return digest, int(number or 1)


class SortedLines:
    """JSON lines in the order of their bytes, each once, however many: what memory cannot hold waits on the disk."""

    def __init__(self, folder: Path, run_bytes: int = RUN_BYTES) -> None:
        """Take the folder whose disk the lines wait on, in files that have no name and end with the process."""
        self._folder = folder
        self._run_bytes = run_bytes
        self._lines: list[bytes] = []
        self._waiting = 0
        self._runs: list[IO[bytes]] = []

    def __enter__(self) -> SortedLines:  # noqa: PYI034 - it is not meant to be inherited from
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of what waits on the disk."""
        for run in self._runs:
            run.close()

    @property
    def files(self) -> int:
        """How many files wait on the disk."""
        return len(self._runs)

    def add(self, row: Mapping[str, Any]) -> None:
        """Add a line."""
        line = _encoder.encode(row) + b"\n"
        self._lines.append(line)
        self._waiting += len(line)
        if self._waiting >= self._run_bytes:
            self._spill()

    def __iter__(self) -> Iterator[bytes]:
        """Give the lines, each with its line end."""
        last = b""
        for line in heapq.merge(*self._rewound(), sorted(self._lines)):
            if line != last:
                yield line
            last = line

    def _rewound(self) -> list[IO[bytes]]:
        for run in self._runs:
            run.seek(0)
        return self._runs

    def _spill(self) -> None:
        self._runs.append(self._written(sorted(self._lines)))
        self._lines, self._waiting = [], 0
        if len(self._runs) > MOST_RUNS:
            waiting = self._rewound()
            self._runs = [self._written(heapq.merge(*waiting))]
            for run in waiting:
                run.close()

    def _written(self, lines: Iterable[bytes]) -> IO[bytes]:
        run = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - it stays open until all is done
        run.writelines(lines)
        return run
