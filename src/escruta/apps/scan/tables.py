"""From the journal to the table of readings: the same table whatever the order in which the pictures came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from escruta.apps.scan.journal import entries_of
from escruta.apps.scan.keeping import keep

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


def latest_of(journal: Path) -> dict[str, dict[str, Any]]:
    """Give what the journal last says of each file, by digest."""
    return {said["digest"]: said for said in entries_of(journal)}


def sheets_of(entries: Iterable[Mapping[str, Any]]) -> Iterator[SheetRead]:
    """Give every reading of a journal's entries."""
    for said in entries:
        for page in said["pages"]:
            for sheet in page["sheets"]:
                yield SheetRead(
                    digest=said["digest"], page=page["page"], pages=len(said["pages"]), sheet=sheet, on_page=page
                )


def write_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows as JSON Lines, in the order of their text, in place of what was there."""
    lines = sorted(_encoder.encode(row) for row in rows)
    keep(path, b"".join(line + b"\n" for line in lines))
