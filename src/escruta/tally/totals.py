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
from escruta.tally.sums import BESIDE_VOTES, alike, sums_of_area, with_bounds

STEPS = ("expected", "received", "legible", "consistent", "corroborated", "counted")
"""The coverage funnel, from the widest step to the narrowest."""

_UNDECIDED = (Verdict.CONTRADICTED.value, Verdict.DISPUTED.value)


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
    stations: pl.DataFrame,
    spans: pl.DataFrame,
    *,
    figures: ContestFigures,
    levels: int,
    expected: Expected,
    only: pl.Series | None = None,
) -> Tally:
    """Add up the stations of a contest for the country and every area, or for `only` some of these.

    `stations` has a row for every station known to us: `area` (path of its narrowest area), `on_register`,
    `registered_voters`, and the columns of `decide_counted`; those without a reading have null there. `spans` has
    `low.<figure>` and `high.<figure>` for the stations whose readings differ.
    """
    absent = stations.select(pl.col(figures.votes).filter("counted").null_count()).row(0, named=True)
    unread = [name for name in figures.votes if absent[name]]
    undecided = _undecided(stations, spans, figures)
    ends = [f"{side}.{name}" for side in ("low", "high") for name in figures.votes]
    open_ends = [f"open_span.{name}" for name in figures.votes]
    bounded = with_bounds(stations, figures)
    if only is not None:
        bounded, undecided = (_inside(frame, only, levels) for frame in (bounded, undecided))
    depths = range(1, levels + 1) if only is None else None
    summed = _by_area(alike(bounded, figures, unread), depths, sums_of_area(figures, unread))
    spanned = _by_area(undecided, depths, [pl.col(ends).sum(), pl.col(open_ends).any()])
    areas = (
        summed.join(spanned, on="area", how="left")
        .with_columns(pl.col(ends).fill_null(0), pl.col(open_ends).fill_null(value=False))
        .sort("area")
        .collect()
    )
    areas_known = are_areas_known(stations, expected)
    return Tally(totals=_totals(areas, figures), areas=_areas(areas, figures, expected, areas_known=areas_known))


def are_areas_known(stations: pl.DataFrame, expected: Expected) -> bool:
    """Whether the register is complete, and says of each of its stations in which area it lies."""
    return expected.register_complete and not (stations["on_register"] & stations["area"].is_null()).any()


def _by_area(stations: pl.LazyFrame, depths: Iterable[int] | None, sums: Sequence[pl.Expr]) -> pl.LazyFrame:
    """Add up the stations of each narrowest area, and from there up to the country.

    Stations whose area is not known belong to the country alone. Without `depths` each station stands in each of its
    areas already.
    """
    narrow = stations.group_by("area").agg(*sums).collect()
    if depths is None:
        return narrow.lazy()
    if narrow.is_empty():  # no register, and nothing has come: the country is there all the same
        narrow = stations.select(pl.lit(None, dtype=pl.String).alias("area"), *sums).collect()
    upward = [_upward(name, kind) for name, kind in narrow.schema.items() if name != "area"]
    placed = narrow.lazy().filter(pl.col("area").is_not_null())
    wider = [placed.group_by(area_at(depth).alias("area")).agg(*upward) for depth in depths]
    return pl.concat([narrow.lazy().select(pl.lit("").alias("area"), *upward), *wider])


def _inside(stations: pl.LazyFrame, areas: pl.Series, levels: int) -> pl.LazyFrame:
    """Give the stations that lie in some areas, each as often as it lies in one of them."""
    known = stations.collect()  # what is said of all stations together is said before any of them is left out
    wanted = pl.col("area").is_in(areas.implode())
    placed = [known.lazy().with_columns(area=area_at(depth)).filter(wanted) for depth in range(levels + 1)]
    return pl.concat(placed)


def _upward(name: str, kind: pl.DataType) -> pl.Expr:
    """Add up parts: what holds in some part holds in the whole, and what no part knows is not known."""
    if kind == pl.Boolean:
        return pl.col(name).any()
    return pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).sum()).alias(name)


def area_at(depth: int) -> pl.Expr:
    """Shorten an area's path to its first codes; the country, to none."""
    return pl.col("area").str.extract(rf"^((?:[^/]*/){{{depth - 1}}}[^/]*)") if depth else pl.lit("").alias("area")


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
            **{name: _other_total(name, on_sheet=name in sheet) for name in BESIDE_VOTES},
            **{f"{name}_low": _at_least(name, on_sheet=name in sheet) for name in BESIDE_VOTES},
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
            *(column for name in BESIDE_VOTES for column in (name, f"{name}_low")),
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
