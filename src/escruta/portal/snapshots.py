"""What the pages of a site were made from, held against what they would be made from now: which pages can stay.

Only the pages of areas can stay; the front pages are made anew each time. An area's pages are made from rows of the
record's tables that belong to it or to the areas directly inside it, from the verdicts on all stations below it, from
the names of the areas above it, and from what all pages have in common, the *frame*. They are given nothing else: see
`escruta.portal.editions.without_national`. The tables themselves are kept, so that rows are held against rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import metadata
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import polars as pl

from escruta.base.splicing import keys_that_differ, with_only
from escruta.portal.contents import Area
from escruta.portal.editions import Edition
from escruta.portal.places import Places
from escruta.portal.proof.record_log import RecordLog
from escruta.portal.reading import Record
from escruta.record.digests import DIGESTS, read_digests
from escruta.record.pictures import PICTURES

_BY_AREA = ("areas", "totals")
"""Tables with a row for an area, which stands on its own page and on that of the area above it."""
_BY_STATION = ("verdicts", "readings", "marks", "findings", "stations", PICTURES)
_FRONT = ("agreement", "announcements", "checks", "origins", "candidates", "options", "areas")
"""Tables that only front pages show, or that the frame and the places hold already."""
_FRONT_FILES = ("summary.json", "election.json", "files.json", "datapackage.json", "recompute.sql", "log.policy")
"""Other files that only front pages show; of the first two, the frame has what other pages show."""
_MAKERS = ("babel", "jinja2", "markupsafe", "polars", "typst")
"""Programs of others that have a say in the bytes of a page; the last one draws pictures, and not everybody has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What the pages of a site were made from."""

    frame: str
    """SHA-256 of what all pages have in common."""
    others: Mapping[str, str]
    """The digest of each file that this module does not know: it cannot tell which pages show it."""
    contests: tuple[str, ...]
    tables: Mapping[str, pl.DataFrame]
    """The tables that the pages of areas are made from, by name."""
    places: tuple[Places, ...]
    log: RecordLog | None


def snapshot_of(record: Record, editions: Sequence[Edition], languages: Sequence[str]) -> Snapshot:
    """Take down what the pages of a record are made from.

    `editions` are those for the pages of areas, one for each contest, in any language.
    """
    return Snapshot(
        frame=_frame(record, editions, languages),
        others=dict(_unknown_files(record)),
        contests=tuple(each.contest for each in record.contests),
        tables=tables_of(record),
        places=tuple(edition.places for edition in editions),
        log=record.log,
    )


def touched_areas(old: Snapshot | None, new: Snapshot | None) -> tuple[frozenset[str], ...] | None:
    """Give the areas of each contest whose pages are to be written; None where all pages are.

    Areas that are there no more are among them.
    """
    if old is None or new is None:
        return None
    if old.frame != new.frame or old.others != new.others or not _is_continued(old.log, new.log):
        return None
    if old.tables.keys() != new.tables.keys():
        return None
    found = []
    for contest, was, now in zip(new.contests, old.places, new.places, strict=True):
        judged, shown = _differing(_Tables(old, contest), _Tables(new, contest))
        touched = _moved(was.areas, now.areas, was, now) | judged | shown
        # every area above has a table of the stations below it
        touched |= {step.area for places in (was, now) for area in judged for step in places.path(area)}
        touched |= {now.areas[area].parent for area in touched if area in now.areas and area}
        touched |= {was.areas[area].parent for area in touched if area in was.areas and area}
        found.append(frozenset(touched - {""}))
    return tuple(found)


def _is_continued(old: RecordLog | None, new: RecordLog | None) -> bool:
    if old is None or new is None:
        return old is new
    return new.continues(old)


# what all pages have in common


def _frame(record: Record, editions: Sequence[Edition], languages: Sequence[str]) -> str:
    said = {
        "program": program(),
        "languages": list(languages),
        "record": editions[0].record_href,
        "election": record.election,
        "forks": [[fork.first, fork.second] for fork in editions[0].forks],
        "contests": [_of_contest(edition) for edition in editions],
    }
    return sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def _of_contest(edition: Edition) -> list[Any]:
    contest = edition.contest
    return [
        contest.contest,
        contest.name,
        [[each.candidate, each.name, each.party, each.colour] for each in contest.candidates],
        contest.figures,
        contest.option_names,
        contest.figure_names,
        contest.sheet_figures,
        contest.summary,
        edition.ranking,
        edition.front,
    ]


@cache
def program() -> str:
    """Give the digest of everything that makes pages: our own files, and the versions of what we use."""
    makers = "".join(f"{name} {_version(name)}\n" for name in _MAKERS)
    return sha256(f"{makers}{own_program()}".encode()).hexdigest()


@cache
def own_program() -> str:
    """Give the digest of our own files that make pages: the same for everybody who has this version."""
    digest = sha256()
    for folder in ("portal", "base", "tlog", "record"):
        for path, each in _files(files("escruta") / folder, folder):
            digest.update(f"{path}\n".encode())
            digest.update(sha256(each.read_bytes()).digest())
    return digest.hexdigest()


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "none"


def _files(folder: Traversable, name: str) -> Iterator[tuple[str, Traversable]]:
    for each in sorted(folder.iterdir(), key=lambda entry: entry.name):
        path = f"{name}/{each.name}"
        if each.is_dir():
            if each.name != "__pycache__":
                yield from _files(each, path)
        else:
            yield path, each


# tables


def _unknown_files(record: Record) -> Iterator[tuple[str, str]]:
    """Give the files of which this module does not know who shows them."""
    contests = [f"-{contest.contest}" for contest in record.contests]
    known = {*_BY_AREA, *_BY_STATION, *_FRONT}
    known |= {f"{name}{contest}" for name in (*_BY_AREA, *_BY_STATION, "checks") for contest in contests}
    files = {f"{name}{ending}" for name in known for ending in (".parquet", ".csv")} | set(_FRONT_FILES)
    files |= {f"statements{contest}.jsonl" for contest in contests}
    for path, digest in read_digests((record.folder / DIGESTS).read_text(encoding="utf-8")):
        if path not in files and not path.startswith(f"{PICTURES}/"):
            yield path, digest


def tables_of(record: Record) -> Mapping[str, pl.DataFrame]:
    """Give the tables that the pages of areas are made from, by name."""
    names = ["marks", "findings", "stations", "totals", *([PICTURES] if record.has(PICTURES) else [])]
    names += [f"{name}-{each.contest}" for each in record.contests for name in ("verdicts", "readings", "areas")]
    return {name: record.table(name) for name in names}


class _Tables:
    """What the tables of a snapshot hold of one contest."""

    def __init__(self, snapshot: Snapshot, contest: str) -> None:
        self._tables = snapshot.tables
        self._contest = contest
        self._is_only_one = len(snapshot.contests) == 1

    def of(self, name: str) -> pl.DataFrame:
        """Give the rows of a table that belong to the contest, or to none."""
        if name in {"verdicts", "readings", "areas"}:
            return self._tables[f"{name}-{self._contest}"]
        table = self._tables[name] if name in self._tables else pl.DataFrame({"picture": []}, {"picture": pl.String})
        if self._is_only_one or "contest" not in table.columns:
            return table
        return table.filter(pl.col("contest").is_null() | (pl.col("contest") == self._contest))

    def stations(self, column: str, keys: pl.Series) -> pl.Series:
        """Give the stations of the readings that have one of some keys in a column."""
        return with_only(self.of("readings"), column, keys)["station"]

    def areas(self, stations: pl.Series) -> pl.Series:
        """Give the areas in which some stations lie."""
        return with_only(self.of("verdicts"), "station", stations)["area"]


def _differing(old: _Tables, new: _Tables) -> tuple[set[str], set[str]]:
    """Give the areas of the rows that stand in one of two versions alone: those of verdicts, and those of the rest."""

    def keys(table: str, key: str) -> pl.Series:
        return keys_that_differ(old.of(table), new.of(table), key).drop_nulls()

    def areas_of(stations: Iterable[pl.Series]) -> set[str]:
        sought = pl.concat(stations).unique()
        return {area or "" for tables in (old, new) for area in tables.areas(sought)} if len(sought) else set()

    judged = areas_of([keys("verdicts", "station")])
    stations = [keys(table, "station") for table in ("readings", "findings", "stations")]
    for column, sought in (("reading", keys("marks", "reading")), ("picture", keys(PICTURES, "picture"))):
        stations += [tables.stations(column, sought) for tables in (old, new) if len(sought)]
    return judged, areas_of(stations) | {*keys("areas", "area"), *keys("totals", "area")}


# places


def _moved(was: Mapping[str, Area], now: Mapping[str, Area], before: Places, after: Places) -> set[str]:
    """Give the areas that came, went, or are called otherwise, and all that lie below one that is called otherwise."""
    if before is after:
        return set()
    renamed = {area for area in was.keys() & now.keys() if _called(was[area], before) != _called(now[area], after)}
    below = {area for area in now if renamed and any(step.area in renamed for step in after.path(area))}
    return (was.keys() ^ now.keys()) | renamed | below


def _called(area: Area, places: Places) -> tuple[object, ...]:
    return area.level, area.level_id, area.code, area.name, area.parent, places.page(area.area)
