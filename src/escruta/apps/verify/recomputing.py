"""Recompute a record from its readings: every check, verdict, total and outcome, held against what was published.

Taken as given, because only the sources' files can show it: the figures that were read from each copy, in which area a
station lies, and what the register says. Everything that follows from them is computed anew, and must be the same.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from escruta.apps.examine_contest import ContestInputs, examine_contest
from escruta.collation.verdicts import relations_of
from escruta.election.definition import Contest, Election
from escruta.record.contents import Results
from escruta.record.summary import summary_of
from escruta.record.tables import tables_of
from escruta.sheets.canonical import reading_ids
from escruta.sheets.figures import MARKS_SCHEMA
from escruta.sheets.readings import Readings, placed
from escruta.sources.readings import PROVENANCE, SourceReadings
from escruta.sources.stations import Geography
from escruta.tally.policy import policy_named

Tables = Callable[[str], pl.DataFrame]
"""Gives a published table by its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A table that was published with other rows than follow from the readings."""

    table: str
    what: str
    found: str | None
    expected: str | None


def recompute(election: Election, summary: Mapping[str, Any], tables: Tables) -> Results:
    """Do the main job again, from the readings, stations and areas that a record holds."""
    geography = _geography(election, tables)
    relations = relations_of(election.origins)
    policies = {each["contest"]: policy_named(each["policy"]) for each in summary["contests"]}
    heard = {each["contest"]: {one["source"] for one in each["sources"]} for each in summary["contests"]}
    return Results(
        election=election,
        relations=relations,
        geography=geography,
        files=(),
        contests=tuple(
            examine_contest(
                ContestInputs(
                    election=election,
                    contest=contest,
                    read=_sources(election, contest, tables, heard[contest.id]),
                    geography=geography,
                    relations=relations,
                    policy=policies[contest.id],
                )
            )
            for contest in election.contests
            if contest.id in policies
        ),
    )


def _geography(election: Election, tables: Tables) -> Geography:
    stations, areas = tables("stations"), tables("areas")
    register = election.register_
    on_register = pl.col("registered_from") == "register"
    return Geography(
        stations=stations.select(
            "station",
            "area",
            "on_register",
            "name",
            registered_voters=pl.when(on_register).then("registered_voters"),
        ).sort("station"),
        areas=areas.drop("stations_listed"),
        register_complete=register is not None and register.complete and bool(stations["on_register"].any()),
    )


def _sources(
    election: Election, contest: Contest, tables: Tables, heard: Collection[str]
) -> tuple[SourceReadings, ...]:
    """Give the sources that the record was made of; one whose files have no rows yet is among them."""
    readings, marks = tables(f"readings-{contest.id}"), tables("marks")
    figures = [name for name in readings.columns if name not in PROVENANCE and name not in _JUDGED]
    silent = [pl.lit(None).alias(name) for name in ("arrived",) if name not in readings.columns]
    kept = readings.with_columns(silent).select(
        *(pl.col(name).cast(kind) for name, kind in PROVENANCE.items()), *figures
    )
    of_contest = marks.filter(pl.col("contest") == contest.id).select(MARKS_SCHEMA.names())
    return tuple(
        SourceReadings(
            source=source,
            readings=Readings(
                election=election.id,
                figures=tuple(figures),
                rows=own.drop("reading"),
                marks=placed(of_contest, own["reading"]),
            ),
            stations=pl.DataFrame(),
            files=(),
        )
        for source in election.sources
        if source.id in heard
        for own in [kept.filter(pl.col("source").cast(pl.String) == source.id)]
    )


_JUDGED = ("standing", "standing_in_source", "failed")
"""Columns of the readings that follow from the others."""


def ids_again(readings: pl.DataFrame, marks: pl.DataFrame, election: Election) -> pl.Series:
    """Digest the figures of published readings again: a reading's id is the digest of what it says."""
    figures = [name for name in readings.columns if name not in PROVENANCE and name not in _JUDGED]
    return reading_ids(readings.with_columns(election=pl.lit(election.id)), figures, placed(marks, readings["reading"]))


def differences(results: Results, summary: Mapping[str, Any], tables: Tables) -> Iterator[Difference]:
    """Hold every table and the summary against what follows from the readings."""
    for name, frame in tables_of(results):
        plain = frame.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
        published = tables(name)
        if not plain.equals(published):
            yield _difference(name, published, plain)
    yield from _summary_differences(summary, summary_of(results))


def _difference(name: str, published: pl.DataFrame, expected: pl.DataFrame) -> Difference:
    if published.columns != expected.columns:
        return Difference(
            table=name,
            what="the table has other columns",
            found=", ".join(published.columns),
            expected=", ".join(expected.columns),
        )
    if published.height != expected.height:
        found, wanted = f"{published.height} rows", f"{expected.height} rows"
        return Difference(table=name, what="the table has more or fewer rows", found=found, expected=wanted)
    for column in published.columns:
        unlike = published[column].ne_missing(expected[column]) if published.height else pl.Series(dtype=pl.Boolean)
        if unlike.any():
            at = int(unlike.arg_max() or 0)
            key = published.row(at)[:2]
            return Difference(
                table=name,
                what=f"{unlike.sum()} rows differ in {column}; the first is row {at + 1} ({key[0]}, {key[1]})",
                found=str(published[column][at]),
                expected=str(expected[column][at]),
            )
    return Difference(table=name, what="the columns have other types", found=None, expected=None)


def _summary_differences(published: Mapping[str, Any], expected: Mapping[str, Any]) -> Iterator[Difference]:
    for path, found, wanted in _unlike("", _without_files(published), _without_files(expected)):
        yield Difference(table="summary", what=f"{path} differs", found=repr(found), expected=repr(wanted))


def _without_files(summary: Mapping[str, Any]) -> dict[str, Any]:
    contests = [
        {**each, "sources": [{"source": one["source"], "stations": one["stations"]} for one in each["sources"]]}
        for each in summary["contests"]
    ]
    return {**summary, "contests": contests}


class _Absent:
    """Stands where a member is not there at all, which is not the same as null."""

    def __repr__(self) -> str:
        return "nothing"


_ABSENT = _Absent()


def _unlike(path: str, found: Any, expected: Any) -> Iterator[tuple[str, Any, Any]]:  # noqa: ANN401 - whatever JSON holds
    """Walk two JSON values and give the places where they differ."""
    if isinstance(found, dict) and isinstance(expected, dict):
        for name in sorted(found.keys() | expected.keys()):
            yield from _unlike(f"{path}.{name}".lstrip("."), found.get(name, _ABSENT), expected.get(name, _ABSENT))
    elif isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected):
        for at, (one, other) in enumerate(zip(found, expected, strict=True)):
            yield from _unlike(f"{path}[{at}]", one, other)
    elif found != expected:
        yield path, found, expected
