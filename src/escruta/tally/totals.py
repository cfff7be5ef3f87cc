"""Totals for every area: what is counted, what is left out, and the interval that the readings span.

All areas of all levels come from one frame of stations, a grouping for each level. A figure that nobody could read at a
counted station makes the area's total a lower bound, and says at how many stations.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from escruta.base.distinct import in_order_of
from escruta.collation.verdicts import Verdict
from escruta.sheets.figures import ContestFigures, other_column

STEPS = ("expected", "received", "legible", "consistent", "corroborated", "counted")
"""The coverage funnel, from the widest step to the narrowest."""

_BESIDE_VOTES = ("null", "blank", "ballots")
"""Figures of the sheet that are added up beside the votes."""

_UNDECIDED = (Verdict.CONTRADICTED.value, Verdict.DISPUTED.value)
_CORROBORATED = (Verdict.CORROBORATED.value, Verdict.CONFIRMED.value)


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


def tally(
    stations: pl.DataFrame, spans: pl.DataFrame, *, figures: ContestFigures, levels: int, expected: Expected
) -> Tally:
    """Add up the stations of a contest for the country and every area.

    `stations` has a row for every station known to us: `area` (path of its narrowest area), `on_register`,
    `registered_voters`, and the columns of `decide_counted`; those without a reading have null there. `spans` has
    `low.<figure>` and `high.<figure>` for the stations whose readings differ.
    """
    ready = _with_bounds(stations, figures)
    undecided = _undecided(stations, spans, figures)
    ends = [f"{side}.{name}" for side in ("low", "high") for name in figures.votes]
    open_ends = [f"open_span.{name}" for name in figures.votes]
    summed = _by_area(ready, levels, _sums(figures))
    spanned = _by_area(undecided, levels, [pl.col(ends).sum(), pl.col(open_ends).any()])
    areas = (
        summed.join(spanned, on="area", how="left")
        .with_columns(pl.col(ends).fill_null(0), pl.col(open_ends).fill_null(value=False))
        .sort("area")
        .collect()
    )
    areas_known = expected.register_complete and not (stations["on_register"] & stations["area"].is_null()).any()
    return Tally(totals=_totals(areas, figures), areas=_areas(areas, figures, expected, areas_known=areas_known))


def _by_area(stations: pl.LazyFrame, levels: int, sums: Sequence[pl.Expr]) -> pl.LazyFrame:
    """Add up the stations of each narrowest area, and from there up to the country.

    Stations whose area is not known belong to the country alone.
    """
    narrow = stations.group_by("area").agg(*sums).collect()
    upward = [_upward(name, kind) for name, kind in narrow.schema.items() if name != "area"]
    placed = narrow.lazy().filter(pl.col("area").is_not_null())
    wider = [placed.group_by(_area_at(depth).alias("area")).agg(*upward) for depth in range(1, levels + 1)]
    return pl.concat([narrow.lazy().select(pl.lit("").alias("area"), *upward), *wider])


def _upward(name: str, kind: pl.DataType) -> pl.Expr:
    """Add up parts: what holds in some part holds in the whole, and what no part knows is not known."""
    if kind == pl.Boolean:
        return pl.col(name).any()
    return pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).sum()).alias(name)


def _area_at(depth: int) -> pl.Expr:
    """Shorten an area's path to its first codes."""
    return pl.col("area").str.extract(rf"^((?:[^/]*/){{{depth - 1}}}[^/]*)")


def _undecided(stations: pl.DataFrame, spans: pl.DataFrame, figures: ContestFigures) -> pl.LazyFrame:
    """Take the stations that are contradicted or disputed, and outside the count, with the span of their readings.

    A figure that none of their readings has is at most what the registered voters leave after the votes that all of
    them have; where nobody knows the voters, or fewer than those votes are known, the span is open.
    """
    verdict = pl.col("verdict").cast(pl.String)
    outside = stations.lazy().filter(verdict.is_in(_UNDECIDED) & ~pl.col("counted"))
    read = pl.sum_horizontal(f"low.{name}" for name in figures.votes)
    left = pl.when(read <= pl.col("registered_voters")).then(pl.col("registered_voters") - read)
    return (
        outside.select("station", "area", "registered_voters")
        .join(spans.lazy(), on="station")
        .with_columns(
            *(pl.coalesce(f"high.{name}", left).alias(f"high.{name}") for name in figures.votes),
            *(pl.coalesce(f"high.{name}", left).is_null().alias(f"open_span.{name}") for name in figures.votes),
        )
    )


def _with_bounds(stations: pl.DataFrame, figures: ContestFigures) -> pl.LazyFrame:
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


def _sums(figures: ContestFigures) -> list[pl.Expr]:
    return [*_sums_of_coverage(), *_sums_of_votes(figures), *_sums_of_the_rest(figures)]


def _sums_of_coverage() -> list[pl.Expr]:
    verdict = pl.col("verdict").cast(pl.String)
    has_voters = pl.col("voters").is_not_null().any()
    steps = {
        "listed": pl.col("on_register"),
        "received": verdict.is_not_null() & pl.col("listed"),
        "legible": pl.col("legible") & pl.col("listed"),
        "consistent": pl.col("consistent") & pl.col("listed"),
        "corroborated": verdict.is_in(_CORROBORATED) & pl.col("consistent") & pl.col("listed"),
        "counted": pl.col("counted") & pl.col("listed"),
    }
    stations = [holds.sum().cast(pl.Int64).alias(f"stations.{step}") for step, holds in steps.items()]
    voters = [
        pl.when(has_voters).then(pl.col("voters").filter(holds).sum()).alias(f"registered.{step}")
        for step, holds in steps.items()
    ]
    verdicts = [
        (verdict == each.value).sum().cast(pl.Int64).alias(f"verdict.{each.value}")
        for each in Verdict
        if each is not Verdict.MISSING
    ]
    nobody_says = pl.col("on_register") & pl.col("registered_voters").is_null()
    return [
        *stations,
        *voters,
        *verdicts,
        (pl.col("counted") & ~pl.col("listed")).sum().cast(pl.Int64).alias("stations_counted_off_register"),
        nobody_says.any().alias("listed_without_voters"),
        pl.col("listed").sum().cast(pl.Int64).alias("stations_known"),
        pl.col("voters_at_least").filter("listed").sum().alias("voters_known"),
        pl.col("voters_at_least").filter(pl.col("counted") & pl.col("listed")).sum().alias("voters_counted"),
        pl.col("ballots_at_least").filter(pl.col("counted") & pl.col("listed")).sum().alias("ballots_counted"),
    ]


def _sums_of_votes(figures: ContestFigures) -> list[pl.Expr]:
    counted = pl.col("counted")
    sums = []
    for name in figures.votes:
        unread = counted & pl.col(name).is_null()
        sums += [
            pl.col(name).filter(counted).sum().alias(f"add.{name}"),
            unread.sum().cast(pl.Int64).alias(f"unread.{name}"),
            pl.col("left").filter(unread).sum().alias(f"left.{name}"),
            (unread & pl.col("left").is_null()).any().alias(f"open.{name}"),
        ]
    return sums


def _sums_of_the_rest(figures: ContestFigures) -> list[pl.Expr]:
    sums = []
    for name in (*_BESIDE_VOTES, *figures.others):
        sums.append(pl.col(name).filter("counted").sum().alias(f"sum.{name}"))
        sums.append(pl.col(name).filter("counted").null_count().cast(pl.Int64).alias(f"absent.{name}"))
    return [
        *sums,
        pl.col("votes_read").filter("counted").sum().alias("candidate_votes"),
        pl.col("any_unread").any().alias("votes_unread"),
        pl.col("left").filter("any_unread").sum().alias("unread_at_most"),
        (pl.col("any_unread") & pl.col("left").is_null()).any().alias("unread_open"),
        (pl.col("counted") & pl.col("registered_voters").is_null()).sum().cast(pl.Int64).alias("voters_unknown"),
    ]


def _totals(areas: pl.DataFrame, figures: ContestFigures) -> pl.DataFrame:
    """Give each candidate's votes, with what they would be if every undecided station were decided for a reading."""
    frames = [
        areas.select(
            "area",
            candidate=pl.lit(candidate.id),
            position=pl.lit(position, dtype=pl.Int64),
            votes=pl.col(f"add.{name}"),
            votes_low=pl.col(f"add.{name}") + pl.col(f"low.{name}"),
            votes_high=pl.when(~pl.col(f"open.{name}") & ~pl.col(f"open_span.{name}")).then(
                pl.col(f"add.{name}") + pl.col(f"high.{name}") + pl.col(f"left.{name}")
            ),
            unread_stations=pl.col(f"unread.{name}"),
        )
        for position, (candidate, name) in enumerate(zip(figures.contest.candidates, figures.votes, strict=True), 1)
    ]
    return pl.concat(frames).sort("area", "position")


def _areas(areas: pl.DataFrame, figures: ContestFigures, expected: Expected, *, areas_known: bool) -> pl.DataFrame:
    contest = figures.contest
    sheet = set(contest.figures)
    blank_counts = contest.blank_is_valid and "blank" in sheet
    return (
        areas.with_columns(
            *_expectations(expected, areas_known=areas_known),
            *(
                _other_total(other_column(figure.id), on_sheet=True).alias(other_column(figure.id))
                for figure in contest.further_figures
            ),
            **{name: _other_total(name, on_sheet=name in sheet) for name in _BESIDE_VOTES},
            **{f"{name}_low": _at_least(name, on_sheet=name in sheet) for name in _BESIDE_VOTES},
        )
        .with_columns(
            _beyond("stations.expected", "stations.received").alias(f"verdict.{Verdict.MISSING.value}"),
            valid=pl.when(~pl.col("votes_unread") & _any_counted()).then(_valid("blank", counts=blank_counts)),
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
            *(column for name in _BESIDE_VOTES for column in (name, f"{name}_low")),
            *figures.others,
            "candidate_votes",
            "stations_counted_off_register",
            "outside_stations",
            "outside_registered_voters",
            "unread_at_most",
            "unread_open",
            "voters_unknown",
        )
    )


def _other_total(name: str, *, on_sheet: bool) -> pl.Expr:
    """Give a total only where stations are counted and each gives the figure; otherwise it is not known."""
    if not on_sheet:
        return pl.lit(None, dtype=pl.Int64)
    return pl.when((pl.col(f"absent.{name}") == 0) & _any_counted()).then(pl.col(f"sum.{name}"))


def _any_counted() -> pl.Expr:
    return pl.col("stations.counted") + pl.col("stations_counted_off_register") > 0


def _at_least(name: str, *, on_sheet: bool) -> pl.Expr:
    return pl.col(f"sum.{name}") if on_sheet else pl.lit(None, dtype=pl.Int64)


def _valid(blank: str, *, counts: bool) -> pl.Expr:
    return pl.col("candidate_votes") + pl.col(blank) if counts else pl.col("candidate_votes")


def _expectations(expected: Expected, *, areas_known: bool) -> list[pl.Expr]:
    """Give what the country should have, as somebody says or the complete register adds up, and what each area should.

    An area's expectation is known only where every station of a complete register has its area; its registered voters,
    only where each of its stations has them.
    """
    country = pl.col("area") == ""
    by_register = pl.when(pl.lit(expected.register_complete) & (country | pl.lit(areas_known)))
    stations = pl.when(country).then(pl.lit(expected.stations, dtype=pl.Int64))
    voters = pl.when(country).then(pl.lit(expected.registered_voters, dtype=pl.Int64))
    complete_voters = pl.when(~pl.col("listed_without_voters")).then("registered.listed")
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
