"""What people typed in a review: a line each, appended and forced down, exported as readings of method `typed`.

A page is read by two people, neither of whom sees the other's figures. Where they agree it is decided; where they do
not, a third decides between them, and until then there is no typed reading.
"""

from __future__ import annotations

import os
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from escruta.apps.scan.homes import ScanHome
from escruta.apps.scan.journal import cut_torn_line, entries_of
from escruta.apps.scan.saying import cells_of
from escruta.apps.scan.tables import SheetRead
from escruta.sheets.station_cells import station_as_written
from escruta.tlog.locking import locked

LARGEST = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What one person typed of one page."""

    digest: str
    page: int
    reader: str
    """The name that the person gave; it is not published."""
    station: Mapping[str, str]
    """Part of the key -> what was typed; once written down, as the definition writes it."""
    figures: Mapping[str, int | None]
    """Column -> count; None where it is illegible."""
    is_sheet: bool = True
    """False where the person says that this is no sheet of this election."""

    @property
    def person(self) -> str:
        """Whom the name means: neither case, nor spaces, nor the way in which accents are written make another person.

        >>> said = {"digest": "", "page": 1, "station": {}, "figures": {}}
        >>> Decision(reader="Jose\u0301  Paz ", **said).person == Decision(reader="JOS\u00c9 Paz", **said).person
        True
        """
        return person_of(self.reader)

    @property
    def place(self) -> tuple[str, int]:
        """Which page it speaks of."""
        return self.digest, self.page

    def says_as(self, other: Decision) -> bool:
        """Whether two people read the same."""
        return self._said == other._said

    @property
    def _said(self) -> tuple[object, ...]:
        if not self.is_sheet:
            return (False,)
        return (True, dict(self.station), dict(self.figures))


def person_of(name: str) -> str:
    """Say whom a reader's name means."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def read_decisions(path: Path) -> list[Decision]:
    """Read what was typed, in the order in which it came."""
    return [
        Decision(
            digest=said["digest"],
            page=said["page"],
            reader=said["reader"],
            station=said["station"],
            figures=said["figures"],
            is_sheet=said["is_sheet"],
        )
        for said in entries_of(path)
    ]


def add_decision(home: ScanHome, decision: Decision) -> None:
    """Append a decision, and come back when it is on the disk.

    Its station is written as the definition writes it: two people mean one station by 7 and 007 where the part of the
    key is a number, and two where it is a text.
    """
    path = home.decisions
    decision = replace(decision, station=station_as_written(home.election.stations.key, decision.station))
    line = msgspec.json.encode(
        {name: getattr(decision, name) for name in ("digest", "page", "reader", "station", "figures", "is_sheet")}
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with locked(home.decisions_lock), path.open("ab") as file:
        cut_torn_line(path)
        file.seek(0, os.SEEK_END)
        file.write(line + b"\n")
        file.flush()
        os.fsync(file.fileno())


def decided(decisions: Iterable[Decision]) -> dict[tuple[str, int], Decision]:
    """Give what two people agree on, by page; each person's last word counts."""
    by_place: dict[tuple[str, int], dict[str, Decision]] = defaultdict(dict)
    for each in decisions:
        by_place[each.place][each.person] = each
    found = {}
    for place, said in by_place.items():
        words = list(said.values())
        agreed = [each for at, each in enumerate(words) if any(each.says_as(other) for other in words[:at])]
        if agreed:
            found[place] = agreed[-1]
    return found


def typed_sheets(said: Mapping[str, Any], typed: Mapping[tuple[str, int], Decision]) -> Iterator[SheetRead]:
    """Give the readings that two people agree on, of the pages of one file of the journal."""
    pages = said["pages"]
    for page in pages:
        decision = typed.get((said["digest"], page["page"]))
        if decision is None or not decision.is_sheet:
            continue
        copy = decision.digest if len(pages) == 1 else f"{decision.digest}#page={decision.page}"
        sheet = {
            "method": "typed",
            "kind": "typed",
            "station": dict(decision.station),
            "act": "count",
            "supersedes": f"{copy}/ocr",
            **cells_of(decision.figures),
        }
        yield SheetRead(digest=decision.digest, page=decision.page, pages=len(pages), sheet=sheet, on_page=page)
