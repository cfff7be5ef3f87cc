"""What the checks of one source know beside a reading itself: the register, sums, bounds, and the other readings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from escruta.base.distinct import all_distinct
from escruta.sheets.figures import ContestFigures, Mark, other_column, votes_column
from escruta.sheets.readings import Readings


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the checks of one source know beside the readings themselves."""

    figures: ContestFigures
    register_complete: bool
    register_is_this_source: bool
    candidates_stated: frozenset[str]
    """Candidates for whom this source states both the options' votes and their sum."""


def with_others(readings: Readings, evidence: Evidence) -> pl.DataFrame:
    """Add what a reading's own row does not say: its marks, and how often its station, figures or picture stand."""
    rows = readings.rows
    return rows.with_columns(
        _times(rows),
        _bad_cells(readings),
        _is_stated(readings, evidence),
        _stations_with_the_same(rows, [*evidence.figures.compared, "registered_voters"]).alias("stations_with_figures"),
        _stations_with_the_same(rows, ["picture"]).alias("stations_with_picture"),
    )


def with_register(rows: pl.DataFrame, stations: pl.DataFrame, evidence: Evidence) -> pl.DataFrame:
    """Add what follows from a row and its station: the register's voters, sums and bounds."""
    figures, contest = evidence.figures, evidence.figures.contest
    votes = list(figures.votes)
    parts = [other_column(figure.id) for figure in contest.further_figures if figure.in_ballots]
    parts += [name for name in ("null", "blank") if name in contest.figures]
    register = stations.select("station", "on_register", register_voters="registered_voters")
    in_their_order = register["station"].equals(rows["station"])
    beside = (
        register
        if in_their_order
        else rows.select("station").join(register, on="station", how="left", maintain_order="left")
    )
    return (
        rows.hstack(beside.drop("station"))
        .lazy()
        .with_columns(
            votes_read=pl.sum_horizontal(votes),
            votes_complete=pl.all_horizontal(pl.col(votes).is_not_null()),
            parts_read=pl.sum_horizontal([*votes, *parts]),
            parts_complete=pl.all_horizontal(pl.col([*votes, *parts]).is_not_null()),
            voters=pl.coalesce("register_voters", "registered_voters"),
        )
        .with_columns(
            ballots_known=pl.coalesce("ballots", pl.when("parts_complete").then("parts_read")),
            ballots_at_least=pl.max_horizontal("ballots", "parts_read"),
        )
        .collect()
    )


def _bad_cells(readings: Readings) -> pl.Series:
    """List the cells of each reading that hold no count; null where there is none."""
    told = (
        readings.marks.filter(pl.col("mark") == Mark.NOT_A_COUNT)
        .group_by("at")
        .agg(bad_cells=pl.concat_str("figure", "found", separator=" = ").sort().str.join("; "))
    )
    none = pl.Series("bad_cells", [None], dtype=pl.String).new_from_index(0, readings.rows.height)
    return none.scatter(told["at"], told["bad_cells"])


def _is_stated(readings: Readings, evidence: Evidence) -> pl.Series:
    """Say whether a reading states the votes of every candidate for whom its source states them."""
    names = [votes_column(candidate) for candidate in evidence.candidates_stated]
    not_stated = readings.marks.filter(pl.col("figure").is_in(names))["at"].unique()
    every = pl.Series("is_stated", [True]).new_from_index(0, readings.rows.height)
    return every.scatter(not_stated, values=False)


def _times(readings: pl.DataFrame) -> pl.Series:
    """Count how often a station stands in the source, as far as copy, method and act do not tell the rows apart."""
    if all_distinct(readings["station"]):
        return readings["repeats"].alias("times")
    return readings.select(times=pl.col("repeats").sum().over("station", "act", "copy", "method"))["times"]


def _stations_with_the_same(readings: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """Count the stations that share a reading's values in these columns; null where all the values are absent.

    Hashes find the rows that may be alike, which are few, and the values themselves decide.
    """
    given = pl.any_horizontal(pl.col(columns).is_not_null())
    one = readings.select(stations=pl.when(given).then(pl.lit(1, dtype=pl.UInt32)))["stations"]
    if one.null_count() == one.len():
        return one
    may_be_alike = readings.select(columns).hash_rows().is_duplicated()
    if not may_be_alike.any():
        return one
    alike = readings.select("station", *columns).with_row_index("at").filter(may_be_alike).filter(given)
    counted = alike.group_by(columns).agg("at", stations=pl.col("station").n_unique())
    found = counted.select("at", "stations").explode("at")
    return one.scatter(found["at"], found["stations"].cast(pl.UInt32)) if found.height else one
