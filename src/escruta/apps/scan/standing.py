"""What the journal last says of each file, read from the disk one file at a time: in memory are only their places."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from escruta.apps.scan.journal import entry_of, heads_of


class Standing:
    """The files that were ever read into a place for scans, each with what was said of it last."""

    def __init__(self, journal: Path) -> None:
        """Go through a journal once; raises `ScanHomeUnusable` where a line of it is damaged."""
        self._path = journal
        self._places = {head.key: (number, head.start) for number, head in enumerate(heads_of(journal), start=1)}

    def __len__(self) -> int:
        """Count the files."""
        return len(self._places)

    def __contains__(self, digest: str) -> bool:
        """Say whether a file was read."""
        return bytes.fromhex(digest) in self._places

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Give what is said of every file, in the order in which it was said."""
        if not self._places:
            return
        with self._path.open("rb") as file:
            for number, start in sorted(self._places.values()):
                file.seek(start)
                yield entry_of(file.readline(), self._path, number)

    def entry(self, digest: str) -> dict[str, Any] | None:
        """Give what is said of one file; None where it was never read."""
        place = self._places.get(bytes.fromhex(digest))
        if place is None:
            return None
        with self._path.open("rb") as file:
            file.seek(place[1])
            return entry_of(file.readline(), self._path, place[0])

    def page(self, digest: str, number: int) -> dict[str, Any] | None:
        """Give what is said of one page of a file; None where there is no such page."""
        said = self.entry(digest) or {"pages": []}
        return next((page for page in said["pages"] if page["page"] == number), None)
