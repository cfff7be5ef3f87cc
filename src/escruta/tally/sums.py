"""What is added up of the stations of an area: first of those that stand alike, and from there of all.

The stations of an area differ in few things beside their figures: whether they are listed, received, legible, counted.
So a national file is gone through once, and everything else is asked of some rows an area.

Every figure is a sum over the stations, of votes, of voters or of stations of which something is true. So where a few
stations change, what they added before is taken out of the sums of their areas, and what they add now is put in.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from escruta.base.splicing import SIGN
from escruta.collation.verdicts import Verdict
from escruta.sheets.figures import ContestFigures

BESIDE_VOTES = ("null", "blank", "ballots")
"""Figures of the sheet that are added up beside the votes."""

_CORROBORATED = (Verdict.CORROBORATED.value, Verdict.CONFIRMED.value)
_UNDECIDED = (Verdict.CONTRADICTED.value, Verdict.DISPUTED.value)


def sums_by_area(
    stations: pl.DataFrame, spans: pl.DataFrame, *, figures: ContestFigures, levels: int, voters_known: bool
) -> pl.DataFrame:
    """Add up stations for the country and every area in which some of them lie: `area`, sorted, and whole numbers.

    `stations` has `area` (path of its narrowest area), `on_register`, `registered_voters`, and the columns of
    `decide_counted`; those without a reading have null there. `spans` has `low.<figure>` and `high.<figure>` for the
    stations whose readings differ. Both have their `SIGN`. `voters_known`: whether the registered voters of any station
    of the contest are known.
    """
    absent = stations.select(pl.col(figures.votes).filter("counted").null_count()).row(0, named=True)
    unread = [name for name in figures.votes if absent[name]]
    drawn = _alike(_with_bounds(stations, figures, voters_known=voters_known), figures, unread)
    parts = [drawn.select("area", *_counts(), *_figures(figures, unread)), _spans(stations, spans, figures)]
    return _by_area(pl.concat(parts, how="diagonal").collect(), levels)


def _by_area(parts: pl.DataFrame, levels: int) -> pl.DataFrame:
    """Add up what stands beside the paths of narrowest areas, for these and every wider one up to the country.

    Stations whose area is not known belong to the country alone, which is there even if nothing has come.
    """
    placed = parts.filter(pl.col("area").is_not_null())
    wider = [placed.with_columns(area=area_at(depth)) for depth in range(1, levels + 1)]
    country = parts.select(pl.lit("").alias("area"), pl.exclude("area").sum())
    return pl.concat([country, *wider]).group_by("area").agg(pl.all().sum()).sort("area")


def area_at(depth: int) -> pl.Expr:
    """Shorten an area's path to its first codes; the country, to none."""
    return pl.col("area").str.extract(rf"^((?:[^/]*/){{{depth - 1}}}[^/]*)") if depth else pl.lit("").alias("area")


def _with_bounds(stations: pl.DataFrame, figures: ContestFigures, *, voters_known: bool) -> pl.LazyFrame:
    """Add what the sums need: the votes read, and the most that unread figures can be.

    The most that a station's unread figures can be is what its registered voters leave after the votes that were read;
    where its sheet has more ballots than that, the registered voters bound nothing.
    """
    voters = pl.coalesce("registered_voters", "ballots_at_least")
    return (
        stations.lazy()
        .with_columns(
            voters=voters if voters_known else pl.lit(None, dtype=pl.Int64),
            any_unread=pl.col("counted") & pl.any_horizontal(pl.col(figures.votes).is_null()),
            votes_read=pl.sum_horizontal(figures.votes),
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


def _alike(stations: pl.LazyFrame, figures: ContestFigures, unread: Sequence[str]) -> pl.LazyFrame:
    """Draw the stations of an area that stand alike into one row: how many they are, and their figures added up.

    `unread` are the candidates whose votes nobody could read at some counted station.
    """
    added = [*figures.votes, *BESIDE_VOTES, *figures.others, "voters", "voters_at_least", "ballots_at_least"]
    left, is_open = pl.col("left"), pl.col("left").is_null()
    return stations.group_by("area", SIGN, *_STATE).agg(
        pl.len().cast(pl.Int64).alias("stations"),
        pl.col(*added, "votes_read").sum(),
        pl.col(*added, "registered_voters").null_count().cast(pl.Int64).name.prefix("absent."),
        *(left.filter(pl.col(name).is_null()).sum().alias(f"left.{name}") for name in unread),
        *((pl.col(name).is_null() & is_open).sum().cast(pl.Int64).alias(f"open.{name}") for name in unread),
        left.filter("any_unread").sum().alias("unread_at_most"),
        (pl.col("any_unread") & is_open).sum().cast(pl.Int64).alias("unread_open"),
        pl.col("any_unread").sum().cast(pl.Int64).alias("votes_unread"),
    )


def _where(holds: pl.Expr, *columns: str) -> pl.Expr:
    """Take some columns of `_alike` where something is true of the stations, and nothing of them elsewhere."""
    return pl.when(holds).then(pl.col(columns) * pl.col(SIGN)).otherwise(0)


def _counts() -> list[pl.Expr]:
    """Say how many stations, voters and ballots there are at each step on the way into the count."""
    listed, counted = pl.col("listed"), pl.col("counted")
    corroborated = pl.any_horizontal(pl.col("verdict") == each for each in _CORROBORATED)
    steps = {
        "listed": pl.col("on_register"),
        "received": pl.col("verdict").is_not_null() & listed,
        "legible": pl.col("legible") & listed,
        "consistent": pl.col("consistent") & listed,
        "corroborated": corroborated & pl.col("consistent") & listed,
        "counted": counted & listed,
    }
    verdicts = [each.value for each in Verdict if each is not Verdict.MISSING]
    return [
        pl.col("stations") * pl.col(SIGN),
        ((pl.col("stations") - pl.col("absent.voters")) * pl.col(SIGN)).alias("stations_with_voters"),
        *(_where(holds, "stations").alias(f"stations.{step}") for step, holds in steps.items()),
        *(_where(holds, "voters").alias(f"registered.{step}") for step, holds in steps.items()),
        *(_where(pl.col("verdict") == each, "stations").alias(f"verdict.{each}") for each in verdicts),
        _where(counted & ~listed, "stations").alias("stations_counted_off_register"),
        _where(pl.col("on_register"), "absent.registered_voters").alias("listed_without_voters"),
        _where(listed, "stations").alias("stations_known"),
        _where(listed, "voters_at_least").alias("voters_known"),
        _where(counted & listed, "voters_at_least").alias("voters_counted"),
        _where(counted & listed, "ballots_at_least").alias("ballots_counted"),
    ]


def _figures(figures: ContestFigures, unread: Sequence[str]) -> list[pl.Expr]:
    """Take the figures of the counted stations, at how many each is absent, and the most that the unread can be."""
    added = [*figures.votes, *BESIDE_VOTES, *figures.others]
    absent = [f"absent.{name}" for name in (*added, "registered_voters")]
    nothing, counted = pl.lit(0, dtype=pl.Int64), pl.col("counted")
    return [
        _where(counted, *added, *absent, "votes_read"),
        *(
            _where(counted, f"{side}.{name}") if name in unread else nothing.alias(f"{side}.{name}")
            for side in ("left", "open")
            for name in figures.votes
        ),
        pl.col("unread_at_most", "unread_open", "votes_unread") * pl.col(SIGN),
    ]


def _spans(stations: pl.DataFrame, spans: pl.DataFrame, figures: ContestFigures) -> pl.LazyFrame:
    """Give the spans of the readings of the stations that are contradicted or disputed, and outside the count.

    A figure that none of their readings has is at most what the registered voters leave after the votes that all of
    them have; where nobody knows the voters, or fewer than those votes are known, the span is open.
    """
    verdict = pl.col("verdict").cast(pl.String)
    outside = stations.lazy().filter(verdict.is_in(_UNDECIDED) & ~pl.col("counted"))
    lows, highs = ([f"{side}.{name}" for name in figures.votes] for side in ("low", "high"))
    read = pl.sum_horizontal(lows)
    left = pl.when(read <= pl.col("registered_voters")).then(pl.col("registered_voters") - read)
    return (
        outside.select("station", SIGN, "area", "registered_voters")
        .join(spans.lazy(), on=["station", SIGN])
        .with_columns(left=left)
        .with_columns(pl.col(highs).fill_null(pl.col("left")))
        .select(
            "area",
            pl.col(*lows, *highs).fill_null(0) * pl.col(SIGN),
            (pl.col(highs).is_null().cast(pl.Int64) * pl.col(SIGN)).name.prefix("open_"),
        )
    )
