"""Totals for every area: what is counted, what is left out, and the interval that the readings span.

All areas of all levels come from one frame of stations, a grouping for each level. A figure that nobody could read at a
counted station makes the area's total a lower bound, and says at how many stations.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from escruta.collation.verdicts import Verdict
from escruta.sheets.figures import ContestFigures, other_column

STEPS = ("expected", "received", "legible", "consistent", "corroborated", "counted")
"""The coverage funnel, from the widest step to the narrowest."""

_UNDECIDED = (Verdict.CONTRADICTED.value, Verdict.DISPUTED.value)
_CORROBORATED = (Verdict.CORROBORATED.value, Verdict.CONFIRMED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """How many stations and registered voters the country has, listed or not; null when nobody says."""

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


def tally(
    stations: pl.DataFrame, *, figures: ContestFigures, levels: int, expected: Expected
) -> Tally:
    """Add up the stations of a contest for the country and every area.

    `stations` has a row for every station known to us: `area` (path of its narrowest area), `on_register`,
    `registered_voters`, and the columns of `with_counted`; those without a reading have null there.
    """
    ready = _with_bounds(stations, figures)
    grouped = [
        ready.group_by(_area_at(depth).alias("area")).agg(_sums(figures)) for depth in range(levels + 1)
    ]
    summed = pl.concat(grouped).filter(pl.col("area").is_not_null()).collect()
    country = _row_of_country(summed)
    areas = pl.concat([country, summed.filter(pl.col("area") != "")]).sort("area")
    return Tally(totals=_totals(areas, figures), areas=_areas(areas, figures, expected))


def _area_at(depth: int) -> pl.Expr:
    """Shorten an area's path to its first codes; stations whose area is not known belong to the country alone."""
    if depth == 0:
        return pl.lit("")
    parts = pl.col("area").str.split("/")
    return pl.when(parts.list.len() >= depth).then(parts.list.head(depth).list.join("/"))


def _row_of_country(summed: pl.DataFrame) -> pl.DataFrame:
    return summed.filter(pl.col("area") == "")


def _with_bounds(stations: pl.DataFrame, figures: ContestFigures) -> pl.LazyFrame:
    """Add, for each candidate, what a station adds to the total, and the least and the most that it could add.

    The most that an unread figure can be is what the registered voters leave, after the votes that were read.
    """
    counted, undecided = pl.col("counted"), pl.col("verdict").cast(pl.String).is_in(_UNDECIDED) & ~pl.col("counted")
    read = pl.sum_horizontal(figures.votes)
    left = (pl.col("registered_voters") - read).clip(lower_bound=0)
    rows = []
    for name in figures.votes:
        unread = counted & pl.col(name).is_null()
        rows += [
            pl.when(counted).then(pl.col(name)).alias(f"add.{name}"),
            pl.when(counted).then(pl.coalesce(name, pl.lit(0))).when(undecided).then(f"low.{name}").alias(f"min.{name}"),
            pl.when(counted).then(pl.coalesce(name, left)).when(undecided).then(f"high.{name}").alias(f"max.{name}"),
            unread.alias(f"unread.{name}"),
            (unread & left.is_null()).alias(f"open.{name}"),
        ]
    any_unread = counted & pl.any_horizontal(pl.col(figures.votes).is_null())
    return stations.lazy().with_columns(
        *rows,
        votes=pl.when(counted).then(read),
        unread_left=pl.when(any_unread).then(left),
        unread_open=any_unread & left.is_null(),
        voters=pl.when(pl.col("registered_voters").is_not_null().any()).then(
            pl.coalesce("registered_voters", "ballots_at_least")
        ),
    )


def _sums(figures: ContestFigures) -> list[pl.Expr]:
    verdict = pl.col("verdict").cast(pl.String)
    has_voters = pl.col("voters").is_not_null().any()
    steps = {
        "received": verdict.is_not_null() & pl.col("listed"),
        "legible": pl.col("legible") & pl.col("listed"),
        "consistent": pl.col("consistent") & pl.col("listed"),
        "corroborated": verdict.is_in(_CORROBORATED) & pl.col("consistent"),
        "counted": pl.col("counted"),
    }
    sums = [pl.col("on_register").sum().cast(pl.Int64).alias("stations.listed")]
    sums.append(pl.when(has_voters).then(pl.col("voters").filter("on_register").sum()).alias("registered.listed"))
    for step, holds in steps.items():
        sums.append(holds.sum().cast(pl.Int64).alias(f"stations.{step}"))
        sums.append(pl.when(has_voters).then(pl.col("voters").filter(holds).sum()).alias(f"registered.{step}"))
    sums += [
        (verdict == each.value).sum().cast(pl.Int64).alias(f"verdict.{each.value}")
        for each in Verdict
        if each is not Verdict.MISSING
    ]
    sums.append((verdict.is_not_null() & pl.col("listed")).sum().cast(pl.Int64).alias("seen"))
    sums += [pl.col(f"{kind}.{name}").sum() for name in figures.votes for kind in ("add", "min", "max")]
    sums += [pl.col(f"{kind}.{name}").sum().cast(pl.Int64) for name in figures.votes for kind in ("unread", "open")]
    for name in ("null", "blank", *figures.others):
        sums.append(pl.col(name).filter("counted").sum().alias(f"sum.{name}"))
        sums.append(pl.col(name).filter("counted").null_count().cast(pl.Int64).alias(f"absent.{name}"))
    sums.append(pl.col("votes").sum().alias("candidate_votes"))
    sums.append(pl.col("unread_left").sum().alias("unread_at_most"))
    sums.append(pl.col("unread_open").any().alias("unread_open"))
    sums.append((pl.col("counted") & pl.col("registered_voters").is_null()).sum().cast(pl.Int64).alias("voters_unknown"))
    return sums


def _totals(areas: pl.DataFrame, figures: ContestFigures) -> pl.DataFrame:
    frames = [
        areas.select(
            "area",
            candidate=pl.lit(candidate.id),
            position=pl.lit(position, dtype=pl.Int64),
            votes=pl.col(f"add.{name}"),
            votes_low=pl.col(f"min.{name}"),
            votes_high=pl.when(pl.col(f"open.{name}") == 0).then(pl.col(f"max.{name}")),
            unread_stations=pl.col(f"unread.{name}"),
        )
        for position, (candidate, name) in enumerate(zip(figures.contest.candidates, figures.votes, strict=True), 1)
    ]
    return pl.concat(frames).sort("area", "position")


def _areas(areas: pl.DataFrame, figures: ContestFigures, expected: Expected) -> pl.DataFrame:
    contest = figures.contest
    sheet = set(contest.figures)
    country = pl.col("area") == ""
    known = pl.lit(expected.register_complete)
    return areas.with_columns(
        pl.when(country)
        .then(pl.lit(expected.stations, dtype=pl.Int64))
        .when(known)
        .then("stations.listed")
        .alias("stations.expected"),
        pl.when(country)
        .then(pl.lit(expected.registered_voters, dtype=pl.Int64))
        .when(known)
        .then("registered.listed")
        .alias("registered.expected"),
        null=_other_total("null", on_sheet="null" in sheet),
        blank=_other_total("blank", on_sheet="blank" in sheet),
        null_low=_at_least("null", on_sheet="null" in sheet),
        blank_low=_at_least("blank", on_sheet="blank" in sheet),
        *(
            _other_total(other_column(figure.id), on_sheet=True).alias(other_column(figure.id))
            for figure in contest.further_figures
        ),
    ).with_columns(
        pl.col("stations.expected").sub(pl.col("seen")).alias(f"verdict.{Verdict.MISSING.value}"),
        valid=_valid(contest.blank_is_valid and "blank" in sheet),
        outside_stations=pl.col("stations.expected") - pl.col("stations.counted"),
        outside_registered_voters=(pl.col("registered.expected") - pl.col("registered.counted")).clip(lower_bound=0),
    ).select(
        "area",
        *(f"stations.{step}" for step in STEPS),
        *(f"registered.{step}" for step in STEPS),
        *(f"verdict.{each.value}" for each in Verdict),
        "valid",
        "null",
        "null_low",
        "blank",
        "blank_low",
        *figures.others,
        "candidate_votes",
        "outside_stations",
        "outside_registered_voters",
        "unread_at_most",
        "unread_open",
        "voters_unknown",
    )


def _other_total(name: str, *, on_sheet: bool) -> pl.Expr:
    """Give a total only where every counted station gives the figure; otherwise it is not known."""
    if not on_sheet:
        return pl.lit(None, dtype=pl.Int64)
    return pl.when(pl.col(f"absent.{name}") == 0).then(pl.col(f"sum.{name}"))


def _at_least(name: str, *, on_sheet: bool) -> pl.Expr:
    return pl.col(f"sum.{name}") if on_sheet else pl.lit(None, dtype=pl.Int64)


def _valid(blank_counts: bool) -> pl.Expr:  # noqa: FBT001 - a private switch with one caller
    return pl.col("candidate_votes") + pl.col("blank") if blank_counts else pl.col("candidate_votes")


def expected_of(
    *, stations: int | None, registered_voters: int | None, register: pl.DataFrame, complete: bool
) -> Expected:
    """Say how many stations and voters there are: as the definition says, or else as the complete register adds up."""
    listed = register.filter("on_register")
    if stations is None and complete:
        stations = listed.height
    if registered_voters is None and complete and listed["registered_voters"].null_count() == 0:
        registered_voters = int(listed["registered_voters"].sum())
    return Expected(stations=stations, registered_voters=registered_voters, register_complete=complete)


def decide_counted(
    stations: pl.DataFrame, verdicts: pl.DataFrame, *, counts: pl.Expr, figures: Sequence[str], complete: bool
) -> pl.DataFrame:
    """Put the verdicts beside every station known to us, and say which of them count under a policy."""
    own = verdicts.drop("registered_voters", strict=False)
    return (
        stations.join(own, on="station", how="left")
        .with_columns(
            counted=counts.fill_null(value=False),
            listed=pl.col("on_register") | pl.lit(not complete),
            legible=pl.col("legible").fill_null(value=False),
            consistent=pl.col("consistent").fill_null(value=False),
            ballots_at_least=_ballots_at_least(figures),
        )
        .sort("station")
    )


def _ballots_at_least(figures: Iterable[str]) -> pl.Expr:
    parts = [name for name in figures if name.startswith("votes.") or name in ("null", "blank")]
    return pl.max_horizontal("ballots", pl.sum_horizontal(parts))
