"""What the pages of a site were made from, held against what they would be made from now: which pages can stay.

Only the pages of areas can stay; the front pages are made anew each time. An area's pages are made from rows of the
record's tables that belong to it or to the areas directly inside it, from the verdicts on all stations below it, from
the names of the areas above it, and from what all pages have in common, the *frame*. They are given nothing else: see
`escruta.portal.editions.without_national`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import metadata
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from escruta.portal.contents import Area, Contest
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
_HASH, _NTH, _AREA = "hash", "nth", "area"
Hashes: TypeAlias = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What the pages of a site were made from."""

    frame: str
    """SHA-256 of what all pages have in common."""
    others: Mapping[str, str]
    """The digest of each file that this module does not know: it cannot tell which pages show it."""
    rows: tuple[Mapping[str, pl.DataFrame], ...]
    """For each contest, by table: a row's hash, which of equal rows it is, and the area on whose page it stands."""
    places: tuple[Places, ...]
    log: RecordLog | None


def snapshot_of(record: Record, editions: Sequence[Edition], languages: Sequence[str]) -> Snapshot:
    """Take down what the pages of a record are made from.

    `editions` are those for the pages of areas, one for each contest, in any language.
    """
    return Snapshot(
        frame=_frame(record, editions, languages),
        others=dict(_unknown_files(record)),
        rows=tuple(rows_of(record, contest) for contest in record.contests),
        places=tuple(edition.places for edition in editions),
        log=record.log,
    )


def touched_areas(old: Snapshot, new: Snapshot) -> tuple[frozenset[str], ...] | None:
    """Give the areas of each contest whose pages are to be written; None where all pages are.

    Areas that are there no more are among them.
    """
    if old.frame != new.frame or old.others != new.others or not _is_continued(old.log, new.log):
        return None
    found = []
    for before, after, was, now in zip(old.rows, new.rows, old.places, new.places, strict=True):
        touched = _moved(was.areas, now.areas, was, now)
        if before.keys() != after.keys():
            return None
        for table in after:
            differing = _differing(before[table], after[table])
            touched |= differing
            if table == "verdicts":  # every area above has a table of the stations below it
                touched |= {step.area for places in (was, now) for area in differing for step in places.path(area)}
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


def rows_of(record: Record, contest: Contest) -> Mapping[str, pl.DataFrame]:
    """Take down the rows of a contest's tables, by table: all that a snapshot needs of the tables."""
    return record.once(("rows", contest.contest), lambda: dict(_rows_of(record, contest)))


def _rows_of(record: Record, contest: Contest) -> Iterator[tuple[str, pl.DataFrame]]:
    verdicts = _text(record.table(f"verdicts-{contest.contest}"), "area")
    area_of = verdicts.select("station", _AREA)
    readings = record.table(f"readings-{contest.contest}")
    mine = pl.col("contest").is_null() | (pl.col("contest") == contest.contest)
    yield "verdicts", _hashed(verdicts)
    yield "readings", _hashed(readings.join(area_of, on="station", how="left"))
    marks = record.table("marks").filter(mine)
    of_reading = readings.select("reading", "station").join(area_of, on="station", how="left")
    yield "marks", _hashed(marks.join(of_reading.unique("reading"), on="reading", how="left"))
    if record.has(PICTURES):
        shown = readings.select("source", "picture", "station").join(area_of, on="station", how="left")
        yield PICTURES, _hashed(record.table(PICTURES).join(shown, on=["source", "picture"], how="left"))
    for name in ("findings", "stations"):
        table = record.table(name)
        own = table.filter(mine) if "contest" in table.columns else table.drop(_AREA)
        yield name, _hashed(own.join(area_of, on="station", how="left"))
    for name in (f"areas-{contest.contest}", "totals"):
        table = _text(record.table(name), "area")
        yield name.partition("-")[0], _hashed(table.filter(mine) if "contest" in table.columns else table)


def _text(table: pl.DataFrame, column: str) -> pl.DataFrame:
    return table.with_columns(pl.col(column).fill_null(""))


def _hashed(table: pl.DataFrame) -> pl.DataFrame:
    hashes = pl.DataFrame({_HASH: table.hash_rows(seed=2024), _AREA: table[_AREA].fill_null("")})
    is_once = hashes[_HASH].n_unique() == len(hashes)
    return hashes.with_columns((pl.lit(0, pl.Int64) if is_once else pl.int_range(pl.len()).over(_HASH)).alias(_NTH))


def _differing(old: pl.DataFrame, new: pl.DataFrame) -> set[str]:
    """Give the areas of the rows that stand in one of two tables alone."""
    old, new = _without_ends(old, new)
    keys = [_HASH, _NTH, _AREA]
    gone, come = old.join(new, on=keys, how="anti"), new.join(old, on=keys, how="anti")
    return {*gone[_AREA], *come[_AREA]}


def _without_ends(old: pl.DataFrame, new: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Leave out the rows with which two tables both begin, and those with which both end: few are left to compare."""
    one, other = old[_HASH].to_numpy(), new[_HASH].to_numpy()
    first = _alike(one, other)
    last = _alike(one[first:][::-1], other[first:][::-1])
    return old[first : len(old) - last], new[first : len(new) - last]


def _alike(one: Hashes, other: Hashes) -> int:
    """Count the equal hashes with which both begin."""
    least = min(len(one), len(other))
    differing = np.flatnonzero(one[:least] != other[:least])
    return int(differing[0]) if len(differing) else least


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
