"""Small elections, written to a folder as an `election.toml` and a CSV file for each source."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from escruta.election.definition import Election
from escruta.election.reading import read_election
from escruta.sheets.figures import SHEET_FIGURES
from escruta.testing.toml import to_toml

Row: TypeAlias = Mapping[str, object]
"""One row of a file: `station`, levels, figures, candidates or options, `copy`, `picture`, `act`, `supersedes`.

A null, and a name that other rows have and this one has not, is an empty cell.
"""

_EMPTY: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallOrigin:
    """An origin, and how it stands to others."""

    id: str
    owner: str = "party"
    derived_from: tuple[str, ...] = ()
    adverse_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallSource:
    """A source whose file is written from rows; its layout follows from the names that stand in them."""

    id: str
    rows: tuple[Row, ...]
    origin: str = "copies"
    kind: str = "party"
    act: str = "count"
    contest: str | None = None
    supersedes: tuple[str, ...] = ()
    layout: Mapping[str, object] = field(default_factory=lambda: _EMPTY)
    """What the layout says beside the columns, such as `empty` or `where`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallElection:
    """An election that a test can write down in a few lines; its station key has one part, unless `key` says more."""

    sources: tuple[SmallSource, ...]
    candidates: tuple[str, ...] = ("ana", "ben")
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Ballot option → candidate."""
    origins: tuple[SmallOrigin, ...] = (SmallOrigin(id="copies"),)
    levels: tuple[str, ...] = ()
    """Levels of areas, from the widest; a row says its areas under these names."""
    figures: tuple[str, ...] = ("registered_voters", "ballots", "valid", "null", "blank", "candidate_votes")
    further_figures: tuple[str, ...] = ()
    """Further figures, each a part of the ballots cast."""
    blank_is_valid: bool = False
    register: tuple[Row, ...] | str | None = None
    """The register's rows, or the id of the source that serves as one."""
    register_is_complete: bool = True
    expected: int | None = None
    expected_registered_voters: int | None = None
    key: tuple[Mapping[str, object], ...] = (MappingProxyType({"part": "station"}),)
    separator: str = "."
    policy: str = "single"
    checks: Mapping[str, Mapping[str, object]] = field(default_factory=lambda: MappingProxyType({}))
    announcements: tuple[Mapping[str, object], ...] = ()
    site: Mapping[str, object] | None = None
    """Where the pages will stand."""
    contests: tuple[str, ...] = ("president",)
    """Contests, all with the same candidates; sources name theirs when there are several."""

    def write(self, folder: Path) -> Election:
        """Write the definition and the files into a folder, and read the definition back."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "election.toml").write_text(to_toml(self.document()), encoding="utf-8", newline="\n")
        for source in self.sources:
            (folder / f"{source.id}.csv").write_bytes(csv_of(source.rows))
        if self.register is not None and not isinstance(self.register, str):
            (folder / "register.csv").write_bytes(csv_of(self.register))
        return read_election(folder)

    def document(self) -> dict[str, object]:
        """Give the definition as plain values."""
        stations = {
            "key": self.key,
            "separator": self.separator,
            "expected": self.expected,
            "expected_registered_voters": self.expected_registered_voters,
        }
        return _without_none(
            {
                "format": "escruta/election/v1",
                "id": "small",
                "name": "A small election",
                "date": "2031-03-02",
                "site": self.site,
                "policy": self.policy,
                "stations": _without_none(stations),
                "levels": [{"id": level, "name": level} for level in self.levels],
                "register": self._register(),
                "contests": [self._contest(contest) for contest in self.contests],
                "origins": [_origin(origin) for origin in self.origins],
                "sources": [self._source(source) for source in self.sources],
                "announcements": list(self.announcements),
                "checks": dict(self.checks),
            }
        )

    def with_rows(self, source: str, rows: Sequence[Row]) -> SmallElection:
        """Give the same election with other rows in one of its sources."""
        sources = tuple(replace(each, rows=tuple(rows)) if each.id == source else each for each in self.sources)
        return replace(self, sources=sources)

    def _contest(self, contest: str) -> dict[str, object]:
        return {
            "id": contest,
            "name": contest,
            "blank_is_valid": self.blank_is_valid,
            "figures": list(self.figures),
            "further_figures": [{"id": name, "name": name, "in_ballots": True} for name in self.further_figures],
            "candidates": [{"id": candidate, "name": candidate} for candidate in self.candidates],
            "options": [{"id": option, "name": option, "candidate": self.options[option]} for option in self.options],
        }

    def _register(self) -> dict[str, object] | None:
        if self.register is None:
            return None
        if isinstance(self.register, str):
            return {"source": self.register, "complete": self.register_is_complete}
        layout = self._layout(self.register)
        return {"files": [{"path": "register.csv"}], "layout": layout, "complete": self.register_is_complete}

    def _source(self, source: SmallSource) -> dict[str, object]:
        return _without_none(
            {
                "id": source.id,
                "name": source.id,
                "kind": source.kind,
                "origin": source.origin,
                "act": source.act,
                "contest": source.contest,
                "supersedes": list(source.supersedes),
                "files": [{"path": f"{source.id}.csv"}],
                "layout": self._layout(source.rows) | dict(source.layout),
            }
        )

    def _layout(self, rows: Sequence[Row]) -> dict[str, object]:
        names = _names(rows)
        figures = [name for name in names if name in {*SHEET_FIGURES, *self.further_figures}]
        votes = [name for name in names if name in {*self.candidates, *self.options}]
        parts = [str(part["part"]) for part in self.key]
        layout: dict[str, object] = {"format": "csv", "encoding": "utf-8", "delimiter": ","}
        layout["station"] = {part: part for part in parts if part in names}
        layout["areas"] = {level: level for level in self.levels if level in names}
        layout["figures"] = {name: name for name in figures}
        if votes:
            layout["votes"] = {name: name for name in votes}
        return layout | {name: name for name in ("copy", "picture", "arrived", "act", "supersedes") if name in names}


def csv_of(rows: Sequence[Row]) -> bytes:
    r"""Write rows as a CSV file, with a column for each name that stands in any of them.

    >>> csv_of([{"station": "1", "ana": 2}, {"station": "2", "ana": None}])
    b'station,ana\n1,2\n2,\n'
    """
    written = io.StringIO()
    writer = csv.DictWriter(written, _names(rows), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue().encode()


def _names(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def _origin(origin: SmallOrigin) -> dict[str, object]:
    links = {"derived_from": list(origin.derived_from), "adverse_to": list(origin.adverse_to)}
    return {"id": origin.id, "name": origin.id, "owner": origin.owner, **links}


def _without_none(table: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in table.items() if value is not None}
