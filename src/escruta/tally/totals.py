"""Totals for every area: what is counted, what is left out, and the interval that the readings span.

A figure that nobody could read at a counted station makes the area's total a lower bound, and says at how many
stations.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from escruta.base.distinct import in_order_of
from escruta.collation.verdicts import Verdict
from escruta.sheets.figures import ContestFigures, other_column
from escruta.tally.sums import BESIDE_VOTES

STEPS = ("expected", "received", "legible", "consistent", "corroborated", "counted")
"""The coverage funnel, from the widest step to the narrowest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """How many stations and registered voters the country has, listed or not, as the definition says it.

    Where it says nothing, and the register is complete, the register is added up.
    """

    stations: int | None
    registered_voters: int | None
    register_complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The totals of a contest under one policy."""

    totals: pl.DataFrame
    """`area`, `candidate`, `position`, `votes`, `votes_low`, `votes_high`, `unread_stations`."""
    areas: pl.DataFrame
    """A row an area: the funnel, the verdicts, the sheet's other figures, and what the outcome needs."""


def tally_of(sums: pl.DataFrame, figures: ContestFigures, expected: Expected, *, areas_known: bool) -> Tally:
    """Say what follows from the sums of some areas, which are sorted by area."""
    return Tally(totals=_totals(sums, figures), areas=_areas(sums, figures, expected, areas_known=areas_known))


def _totals(sums: pl.DataFrame, figures: ContestFigures) -> pl.DataFrame:
    """Give each candidate's votes, with what they would be if every undecided station were decided for a reading."""
    candidates = pl.Series([candidate.id for candidate in figures.contest.candidates])
    areas, positions = (each.ravel() for each in np.indices((sums.height, len(candidates))))

    def of_each(*prefixes: str) -> npt.NDArray[np.int64]:
        """Give a figure of every candidate in turn, area by area; where there are several, their sum."""
        parts = [sums[[f"{each}{name}" for name in figures.votes]].to_numpy() for each in prefixes]
        whole: npt.NDArray[np.int64] = np.sum(parts, axis=0).ravel()
        return whole

    found = pl.DataFrame(
        {
            "area": sums["area"].gather(areas),
            "candidate": candidates.gather(positions),
            "position": positions + 1,
            "votes": of_each(""),
            "votes_low": of_each("", "low."),
            "votes_high": of_each("", "high.", "left."),
            "unread_stations": of_each("absent."),
            "open": of_each("open.", "open_high."),
        }
    )
    return found.with_columns(votes_high=pl.when(pl.col("open") == 0).then("votes_high")).drop("open")


def _areas(sums: pl.DataFrame, figures: ContestFigures, expected: Expected, *, areas_known: bool) -> pl.DataFrame:
    contest = figures.contest
    sheet = set(contest.figures)
    blank_counts = contest.blank_is_valid and "blank" in sheet
    return (
        sums.lazy()
        .with_columns(
            pl.when(pl.col("stations_with_voters") > 0).then(pl.col(f"registered.{step}")) for step in STEPS[1:]
        )
        .with_columns(
            *_expectations(expected, areas_known=areas_known),
            *(
                _other_total(other_column(figure.id), on_sheet=True).alias(other_column(figure.id))
                for figure in contest.further_figures
            ),
            **{name: _other_total(name, on_sheet=name in sheet) for name in BESIDE_VOTES},
            **{f"{name}_low": _at_least(name, on_sheet=name in sheet) for name in BESIDE_VOTES},
        )
        .with_columns(
            _beyond("stations.expected", "stations.received").alias(f"verdict.{Verdict.MISSING.value}"),
            valid=pl.when((pl.col("votes_unread") == 0) & _any_counted()).then(_valid("blank", counts=blank_counts)),
            valid_low=_valid("blank_low", counts=blank_counts),
            outside_stations=_beyond("stations.expected", "stations.counted"),
            outside_registered_voters=_outside_voters(),
        )
        .select(
            "area",
            *(f"stations.{step}" for step in STEPS),
            *(f"registered.{step}" for step in STEPS),
            *(f"verdict.{each.value}" for each in Verdict),
            "valid",
            "valid_low",
            *(column for name in BESIDE_VOTES for column in (name, f"{name}_low")),
            *figures.others,
            pl.col("votes_read").alias("candidate_votes"),
            "stations_counted_off_register",
            "outside_stations",
            "outside_registered_voters",
            "unread_at_most",
            pl.col("unread_open") > 0,
            pl.col("absent.registered_voters").alias("voters_unknown"),
        )
        .collect()
    )


def _other_total(name: str, *, on_sheet: bool) -> pl.Expr:
    """Give a total only where stations are counted and each gives the figure; otherwise it is not known."""
    if not on_sheet:
        return pl.lit(None, dtype=pl.Int64)
    return pl.when((pl.col(f"absent.{name}") == 0) & _any_counted()).then(pl.col(name))


def _any_counted() -> pl.Expr:
    return pl.col("stations.counted") + pl.col("stations_counted_off_register") > 0


def _at_least(name: str, *, on_sheet: bool) -> pl.Expr:
    return pl.col(name) if on_sheet else pl.lit(None, dtype=pl.Int64)


def _valid(blank: str, *, counts: bool) -> pl.Expr:
    return pl.col("votes_read") + pl.col(blank) if counts else pl.col("votes_read")


def _expectations(expected: Expected, *, areas_known: bool) -> list[pl.Expr]:
    """Give what the country should have, as somebody says or the complete register adds up, and what each area should.

    An area's expectation is known only where every station of a complete register has its area; its registered voters,
    only where each of its stations has them.
    """
    country = pl.col("area") == ""
    by_register = pl.when(pl.lit(expected.register_complete) & (country | pl.lit(areas_known)))
    stations = pl.when(country).then(pl.lit(expected.stations, dtype=pl.Int64))
    voters = pl.when(country).then(pl.lit(expected.registered_voters, dtype=pl.Int64))
    complete_voters = pl.when(pl.col("listed_without_voters") == 0).then("registered.listed")
    return [
        pl.coalesce(stations, by_register.then("stations.listed")).alias("stations.expected"),
        pl.coalesce(voters, by_register.then(complete_voters)).alias("registered.expected"),
    ]


def _beyond(expected: str, reached: str) -> pl.Expr:
    """Give what is left of the expected stations; where more are known of, the number is not known after all."""
    return pl.when(pl.col(expected) >= pl.col("stations_known")).then(pl.col(expected) - pl.col(reached))


def _outside_voters() -> pl.Expr:
    """Give the registered voters outside the count.

    The counted stations take their registered voters from the expected number, and together at least their ballots:
    each of them is one registered voter's. Where the stations known of have more voters than are expected, counted or
    not, the expected number is not right, and what is outside is not known.
    """
    taken = pl.max_horizontal("voters_counted", "ballots_counted")
    fits = pl.max_horizontal("voters_known", taken) <= pl.col("registered.expected")
    return pl.when(fits).then(pl.col("registered.expected") - taken)


def decide_counted(
    stations: pl.DataFrame, verdicts: pl.DataFrame, *, counts: pl.Expr, figures: Sequence[str], complete: bool
) -> pl.DataFrame:
    """Put the verdicts beside every station known to us, and say which of them count under a policy."""
    own = verdicts.rename({"registered_voters": "sheet_voters"})
    same = stations["station"].equals(own["station"])
    beside = stations.hstack(own.drop("station")) if same else stations.join(own, on="station", how="left")
    return in_order_of(
        "station",
        beside.with_columns(
            registered_voters=pl.coalesce("registered_voters", "sheet_voters"),
            counted=counts.fill_null(value=False),
            listed=pl.col("on_register") | pl.lit(not complete),
            legible=pl.col("legible").fill_null(value=False),
            consistent=pl.col("consistent").fill_null(value=False),
            ballots_at_least=_ballots_at_least(figures),
        ),
    )


def _ballots_at_least(figures: Iterable[str]) -> pl.Expr:
    parts = [name for name in figures if name.startswith("votes.") or name in ("null", "blank")]
    return pl.max_horizontal("ballots", pl.sum_horizontal(parts))
