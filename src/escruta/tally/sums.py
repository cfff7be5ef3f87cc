"""What is added up of the stations of an area: first of those that stand alike, and from there of all.

The stations of an area differ in few things beside their figures: whether they are listed, received, legible, counted.
So a national file is gone through once, and everything else is asked of some rows an area.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from escruta.collation.verdicts import Verdict
from escruta.sheets.figures import ContestFigures

BESIDE_VOTES = ("null", "blank", "ballots")
"""Figures of the sheet that are added up beside the votes."""

_CORROBORATED = (Verdict.CORROBORATED.value, Verdict.CONFIRMED.value)


def with_bounds(stations: pl.DataFrame, figures: ContestFigures) -> pl.LazyFrame:
    """Add what the sums need: the votes read, and the most that unread figures can be.

    The most that a station's unread figures can be is what its registered voters leave after the votes that were read;
    where its sheet has more ballots than that, the registered voters bound nothing.
    """
    read = pl.sum_horizontal(figures.votes)
    any_unread = pl.col("counted") & pl.any_horizontal(pl.col(figures.votes).is_null())
    voters = pl.coalesce("registered_voters", "ballots_at_least")
    return (
        stations.lazy()
        .with_columns(
            voters=pl.when(pl.col("registered_voters").is_not_null().any()).then(voters),
            any_unread=any_unread,
            votes_read=read,
            voters_at_least=voters,
        )
        .with_columns(
            left=pl.when(pl.col("ballots_at_least") <= pl.col("registered_voters")).then(
                pl.col("registered_voters") - pl.col("votes_read")
            )
        )
    )


_STATE = ("verdict", "on_register", "listed", "legible", "consistent", "counted")
"""What is known of a station beside its figures."""


def alike(stations: pl.LazyFrame, figures: ContestFigures, unread: Sequence[str]) -> pl.LazyFrame:
    """Draw the stations of an area that stand alike into one row: how many they are, and their figures added up.

    `unread` are the candidates whose votes nobody could read at some counted station.
    """
    added = (*figures.votes, *BESIDE_VOTES, *figures.others, "voters", "voters_at_least", "ballots_at_least")
    left = pl.col("left")
    return stations.group_by("area", *_STATE).agg(
        pl.len().cast(pl.Int64).alias("stations"),
        pl.col(*added, "votes_read").sum(),
        *(pl.col(name).null_count().cast(pl.Int64).alias(f"absent.{name}") for name in (*added, "registered_voters")),
        *(left.filter(pl.col(name).is_null()).sum().alias(f"left.{name}") for name in unread),
        *((pl.col(name).is_null() & left.is_null()).any().alias(f"open.{name}") for name in unread),
        pl.col("any_unread").any(),
        left.filter("any_unread").sum().alias("unread_at_most"),
        (pl.col("any_unread") & left.is_null()).any().alias("unread_open"),
    )


def sums_of_area(figures: ContestFigures, unread: Sequence[str]) -> list[pl.Expr]:
    """Add up the rows of `alike` of an area."""
    return [*_sums_of_coverage(), *_sums_of_votes(figures, unread), *_sums_of_the_rest(figures)]


def _sums_of_coverage() -> list[pl.Expr]:
    has_voters = (pl.col("absent.voters") < pl.col("stations")).any()
    corroborated = pl.any_horizontal(pl.col("verdict") == each for each in _CORROBORATED)
    steps = {
        "listed": pl.col("on_register"),
        "received": pl.col("verdict").is_not_null() & pl.col("listed"),
        "legible": pl.col("legible") & pl.col("listed"),
        "consistent": pl.col("consistent") & pl.col("listed"),
        "corroborated": corroborated & pl.col("consistent") & pl.col("listed"),
        "counted": pl.col("counted") & pl.col("listed"),
    }
    listed, counted = pl.col("listed"), pl.col("counted")
    verdicts = [each.value for each in Verdict if each is not Verdict.MISSING]
    return [
        *(pl.col("stations").filter(holds).sum().alias(f"stations.{step}") for step, holds in steps.items()),
        *(
            pl.when(has_voters).then(pl.col("voters").filter(holds).sum()).alias(f"registered.{step}")
            for step, holds in steps.items()
        ),
        *(pl.col("stations").filter(pl.col("verdict") == each).sum().alias(f"verdict.{each}") for each in verdicts),
        pl.col("stations").filter(counted & ~listed).sum().alias("stations_counted_off_register"),
        (pl.col("on_register") & (pl.col("absent.registered_voters") > 0)).any().alias("listed_without_voters"),
        pl.col("stations").filter(listed).sum().alias("stations_known"),
        pl.col("voters_at_least").filter(listed).sum().alias("voters_known"),
        pl.col("voters_at_least").filter(counted & listed).sum().alias("voters_counted"),
        pl.col("ballots_at_least").filter(counted & listed).sum().alias("ballots_counted"),
    ]


def _sums_of_votes(figures: ContestFigures, unread: Sequence[str]) -> list[pl.Expr]:
    sums = []
    for name in figures.votes:
        sums += [
            pl.col(name).filter("counted").sum().alias(f"add.{name}"),
            pl.col(f"absent.{name}").filter("counted").sum().alias(f"unread.{name}"),
        ]
        if name in unread:
            sums += [
                pl.col(f"left.{name}").filter("counted").sum(),
                pl.col(f"open.{name}").filter("counted").any(),
            ]
        else:
            sums += [pl.lit(0, dtype=pl.Int64).alias(f"left.{name}"), pl.lit(value=False).alias(f"open.{name}")]
    return sums


def _sums_of_the_rest(figures: ContestFigures) -> list[pl.Expr]:
    sums = []
    for name in (*BESIDE_VOTES, *figures.others):
        sums.append(pl.col(name).filter("counted").sum().alias(f"sum.{name}"))
        sums.append(pl.col(f"absent.{name}").filter("counted").sum())
    return [
        *sums,
        pl.col("votes_read").filter("counted").sum().alias("candidate_votes"),
        pl.col("any_unread").any().alias("votes_unread"),
        pl.col("unread_at_most").sum(),
        pl.col("unread_open").any(),
        pl.col("absent.registered_voters").filter("counted").sum().alias("voters_unknown"),
    ]
