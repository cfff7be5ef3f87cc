"""Compare two records of one election: two versions, or two publishers; what was added, dropped and changed.

A null is *not known* on either side, and never a zero: where one record knows a figure and the other does not, the two
differ. What only one of them has at all is added or dropped, and not changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from escruta.record.known_totals import known_totals

TOTALS = pl.Schema(
    {
        "contest": pl.String,
        "area": pl.String,
        "name": pl.String,
        "candidate": pl.String,
        "first": pl.Int64,
        "second": pl.Int64,
        "change": pl.Int64,
    }
)
"""A row for each area and candidate whose votes differ; `change` is null where one side is not known."""

COVERAGE = pl.Schema({"contest": pl.String, "step": pl.String, "first": pl.Int64, "second": pl.Int64})
"""A row for each contest and step of coverage, in stations of the whole country, whether it differs or not."""

STATIONS = pl.Schema(
    {
        "contest": pl.String,
        "station": pl.String,
        "area": pl.String,
        "what": pl.String,
        "verdict_first": pl.String,
        "verdict_second": pl.String,
        "counted_first": pl.Boolean,
        "counted_second": pl.Boolean,
        "figures": pl.Int64,
    }
)
"""A row for each station that differs. `what`: `added` and `dropped` (only one record has readings of it), `changed`
(the verdict, whether it counts, or a figure). `figures`: how many of them differ; null unless both have readings."""

FIGURES = pl.Schema(
    {"contest": pl.String, "station": pl.String, "figure": pl.String, "first": pl.Int64, "second": pl.Int64}
)
"""A row for each figure that differs at a station of which both records have readings."""

READINGS = pl.Schema(
    {"contest": pl.String, "source": pl.String, "station": pl.String, "what": pl.String, "reading": pl.String}
)
"""A row for each reading that only one record has."""

FILES = pl.Schema({"source": pl.String, "path": pl.String, "what": pl.String, "first": pl.String, "second": pl.String})
"""A row for each source file that differs, with its SHA-256 in each record."""

_NO_STATION = ("missing",)
_STEPS = ("expected", "received", "legible", "consistent", "corroborated", "counted")
_STATED = ("registered_voters", "ballots", "valid", "null", "blank", "candidate_votes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """What a comparison needs of a record: its documents, and its tables by name."""

    election: Mapping[str, Any]
    """`election.json`."""
    files: Sequence[Mapping[str, Any]]
    """`files` of `files.json`."""
    contests: Sequence[str]
    table: Callable[[str], pl.DataFrame]
    """Gives a table, such as `totals` or `verdicts-CONTEST`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Everything in which two records differ."""

    is_same_definition: bool
    policies: tuple[str | None, str | None]
    contests_dropped: tuple[str, ...]
    contests_added: tuple[str, ...]
    files: pl.DataFrame
    coverage: pl.DataFrame
    totals: pl.DataFrame
    stations: pl.DataFrame
    figures: pl.DataFrame
    readings: pl.DataFrame

    @property
    def differs(self) -> bool:
        """Whether the two say different things."""
        tables = (self.files, self.totals, self.stations, self.figures, self.readings)
        moved = self.coverage.filter(pl.col("first").ne_missing(pl.col("second"))).height
        others = self.contests_dropped or self.contests_added or self.policies[0] != self.policies[1]
        return not self.is_same_definition or bool(others) or bool(moved) or any(table.height for table in tables)


def compare_records(first: Tables, second: Tables, policies: tuple[str | None, str | None]) -> Comparison:
    """Compare two records of one election, over the contests that both have; `policies` are what they counted by."""
    shared = [contest for contest in first.contests if contest in set(second.contests)]
    stations = [_stations(first, second, contest) for contest in shared]
    return Comparison(
        is_same_definition=first.election == second.election,
        policies=policies,
        contests_dropped=tuple(contest for contest in first.contests if contest not in shared),
        contests_added=tuple(contest for contest in second.contests if contest not in shared),
        files=_files(first.files, second.files),
        coverage=_joined([_coverage(first, second, contest) for contest in shared], COVERAGE),
        totals=_totals(first, second, shared),
        stations=_joined([rows for rows, _ in stations], STATIONS),
        figures=_joined([figures for _, figures in stations], FIGURES),
        readings=_joined([_readings(first, second, contest) for contest in shared], READINGS),
    )


def _joined(frames: Sequence[pl.DataFrame], schema: pl.Schema) -> pl.DataFrame:
    return pl.concat([schema.to_frame(), *frames])


def _files(first: Sequence[Mapping[str, Any]], second: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    schema = {"source": pl.String, "path": pl.String, "sha256": pl.String}
    left, right = (pl.DataFrame([[file[key] for key in schema] for file in files], schema, orient="row")
                   for files in (first, second))  # fmt: skip
    both = left.join(right, on=["source", "path"], how="full", coalesce=True, suffix="_second")
    return (
        both.rename({"sha256": "first", "sha256_second": "second"})
        .filter(pl.col("first").ne_missing(pl.col("second")))
        .with_columns(what=_what("first", "second"))
        .select(FILES.names())
        .sort("source", "path")
    )


def _what(first: str, second: str) -> pl.Expr:
    return (
        pl.when(pl.col(first).is_null())
        .then(pl.lit("added"))
        .when(pl.col(second).is_null())
        .then(pl.lit("dropped"))
        .otherwise(pl.lit("changed"))
    )


def _coverage(first: Tables, second: Tables, contest: str) -> pl.DataFrame:
    sides = [
        tables.table(f"areas-{contest}").filter(pl.col("area").fill_null("") == "").row(0, named=True)
        for tables in (first, second)
    ]
    rows = [(contest, step, *(side.get(f"stations.{step}") for side in sides)) for step in _STEPS]
    return pl.DataFrame(rows, COVERAGE, orient="row")


def _totals(first: Tables, second: Tables, contests: Sequence[str]) -> pl.DataFrame:
    keys = ["contest", "area", "candidate"]
    sides = [_known_votes(tables, contests) for tables in (first, second)]
    names = pl.concat([_names(tables) for tables in (second, first)]).unique("area", keep="first")
    both = sides[0].join(sides[1], on=keys, how="full", coalesce=True, suffix="_second")
    return (
        both.with_columns(position=pl.coalesce("position", "position_second"))
        .rename({"votes": "first", "votes_second": "second"})
        .filter(pl.col("first").ne_missing(pl.col("second")))
        .join(names, on="area", how="left")
        .with_columns(change=pl.col("second") - pl.col("first"))
        .sort("contest", "area", "position")
        .select(TOTALS.names())
    )


def _known_votes(tables: Tables, contests: Sequence[str]) -> pl.DataFrame:
    """Give the votes in the areas where something is counted: where nothing is, they are not known."""
    columns = ["contest", "area", "candidate", "position", "votes"]
    totals = tables.table("totals")
    none = totals.clear().select(columns)
    return pl.concat(
        [none, *(known_totals(totals, tables.table(f"areas-{each}"), each).select(columns) for each in contests)]
    )


def _names(tables: Tables) -> pl.DataFrame:
    return tables.table("areas").select(pl.col("area").fill_null(""), "name")


def _stations(first: Tables, second: Tables, contest: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Compare the verdicts of one contest: the stations that differ, and their figures that do."""
    left, right = (tables.table(f"verdicts-{contest}") for tables in (first, second))
    figures = [name for name in _figures(left, right) if name in left.columns and name in right.columns]
    only = [name for name in _figures(left, right) if name not in figures]
    left, right = (_with(side, only) for side in (left, right))
    figures += only
    columns = ["station", pl.col("area").fill_null(""), "verdict", "counted", *figures]
    both = left.select(columns).join(right.select(columns), on="station", how="full", coalesce=True, suffix="\0second")
    has_first, has_second = (_has_readings(f"verdict{end}") for end in ("", "\0second"))
    changed = both.filter(has_first & has_second)
    cells = _changed_figures(changed, figures).with_columns(contest=pl.lit(contest)).select(FIGURES.names())
    counts = cells.group_by("station").agg(figures=pl.len().cast(pl.Int64))
    rows = (
        both.join(counts, on="station", how="left")
        .with_columns(
            contest=pl.lit(contest),
            area=pl.coalesce("area\0second", "area"),
            what=pl.when(has_second & ~has_first)
            .then(pl.lit("added"))
            .when(has_first & ~has_second)
            .then(pl.lit("dropped"))
            .otherwise(pl.lit("changed")),
            figures=pl.when(has_first & has_second).then(pl.col("figures").fill_null(0)),
            verdict_first="verdict",
            verdict_second="verdict\0second",
            counted_first="counted",
            counted_second="counted\0second",
        )
        .filter(_moved("verdict") | _moved("counted") | (pl.col("figures").fill_null(0) > 0))
    )
    return rows.select(STATIONS.names()).sort("station"), cells


def _moved(name: str) -> pl.Expr:
    return pl.col(f"{name}_first").ne_missing(pl.col(f"{name}_second"))


def _has_readings(column: str) -> pl.Expr:
    return pl.col(column).is_not_null() & ~pl.col(column).is_in(_NO_STATION)


def _figures(*sides: pl.DataFrame) -> list[str]:
    """Name the figures of verdicts, in the order in which the first that has them gives them."""
    names = dict.fromkeys(name for side in sides for name in side.columns)
    return [name for name in names if name in _STATED or name.startswith(("votes.", "option.", "other."))]


def _with(side: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Add the figures that only the other record has: here they are not known."""
    return side.with_columns(pl.lit(None, pl.Int64).alias(name) for name in names if name not in side.columns)


def _changed_figures(both: pl.DataFrame, figures: Sequence[str]) -> pl.DataFrame:
    frames = [
        both.filter(pl.col(name).ne_missing(pl.col(f"{name}\0second"))).select(
            "station", figure=pl.lit(name), first=pl.col(name), second=pl.col(f"{name}\0second")
        )
        for name in figures
    ]
    empty = pl.Schema({name: kind for name, kind in FIGURES.items() if name != "contest"}).to_frame()
    return pl.concat([empty, *frames]).sort("station", maintain_order=True)


def _readings(first: Tables, second: Tables, contest: str) -> pl.DataFrame:
    columns = ["reading", "source", "station"]
    left, right = (tables.table(f"readings-{contest}").select(columns) for tables in (first, second))
    gone = left.join(right, on="reading", how="anti").with_columns(what=pl.lit("dropped"))
    come = right.join(left, on="reading", how="anti").with_columns(what=pl.lit("added"))
    return (
        pl.concat([gone, come])
        .with_columns(contest=pl.lit(contest))
        .select(READINGS.names())
        .sort("source", "station", "what", "reading")
    )
