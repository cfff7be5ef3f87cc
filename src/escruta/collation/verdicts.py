"""One verdict for each polling station: what its standing readings, together, can carry.

Readings are drawn together per copy, per origin and per station, and at each step every figure keeps the lowest and the
highest count that was read. Where the two are one number, the readings agree; a figure that somebody could not read
contradicts nothing. See `docs/why/verdicts.md` for the table of verdicts and the order in which they are given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

import polars as pl

from escruta.base.distinct import all_distinct, in_order_of
from escruta.election.definition import Origin
from escruta.sheets.figures import ContestFigures


class Verdict(StrEnum):
    """What is known of one station in one contest."""

    MISSING = "missing"
    SINGLE = "single"
    CORROBORATED = "corroborated"
    CONFIRMED = "confirmed"
    CONTRADICTED = "contradicted"
    DISPUTED = "disputed"
    QUARANTINED = "quarantined"


VERDICTS = pl.Enum([verdict.value for verdict in Verdict])

READINGS_OF_A_COPY_DIFFER = "C101"
COPIES_OF_AN_ORIGIN_DIFFER = "C102"
ORIGINS_DIFFER = "C201"
ACTS_DIFFER = "C301"
A_CHECK_FAILED = "C401"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relations:
    """Which origins are independent of each other, and which are adverse."""

    origins: tuple[str, ...]
    independent: frozenset[frozenset[str]]
    adverse: frozenset[frozenset[str]]

    def strength(self, agreeing: Iterable[str]) -> Verdict:
        """Say what it is worth that these origins agree on every figure of the contest.

        >>> relations = Relations(origins=("a", "b"), independent=frozenset({frozenset("ab")}), adverse=frozenset())
        >>> relations.strength(["a", "b"]).value, relations.strength(["a"]).value
        ('corroborated', 'single')
        """
        pairs = {frozenset(pair) for pair in combinations(sorted(agreeing), 2)} & self.independent
        if pairs & self.adverse:
            return Verdict.CONFIRMED
        return Verdict.CORROBORATED if pairs else Verdict.SINGLE


def relations_of(origins: Sequence[Origin]) -> Relations:
    """Read the relations between origins from an election's definition.

    Two origins are independent when neither derives from the other, nor both from a third. Adversity is mutual.
    """
    ancestry = {origin.id: _ancestry(origin.id, {each.id: each for each in origins}) for origin in origins}
    pairs = [frozenset(pair) for pair in combinations(ancestry, 2)]
    named = {frozenset((origin.id, other)) for origin in origins for other in origin.adverse_to}
    return Relations(
        origins=tuple(ancestry),
        independent=frozenset(pair for pair in pairs if not set.intersection(*(ancestry[each] for each in pair))),
        adverse=frozenset(named),
    )


def _ancestry(origin: str, origins: Mapping[str, Origin]) -> set[str]:
    """List an origin and everything that it derives from."""
    found: set[str] = set()
    waiting = [origin]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting.extend(origins[each].derived_from if each in origins else ())
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Collation:
    """What the readings of a contest come to."""

    verdicts: pl.DataFrame
    """A row a station that has any reading: `station`, `verdict`, `reasons`, `act`, `readings`, `copies`, `origins`,
    `legible`, `consistent`, `registered_voters`, and the figures on which the standing readings agree (null where
    unread or undecided)."""
    spans: pl.DataFrame
    """A row a station whose standing readings differ: `station`, and `low.<figure>`, `high.<figure>` for the votes."""


def collate(readings: pl.DataFrame, *, figures: ContestFigures, relations: Relations) -> Collation:
    """Draw the readings of a contest together into one row for each station that has any.

    `readings` has the readings' columns, `standing` and `failed` (a check of error severity failed). A station with one
    standing reading needs no drawing together; the others do.
    """
    standing = readings.filter("standing")
    one, more = _split(standing)
    ends = [f"{side}.{name}" for side in ("low", "high") for name in figures.votes]
    alone = _alone(one.lazy(), figures)
    if more.is_empty():
        no_spans = pl.DataFrame(schema={"station": pl.String, **dict.fromkeys(ends, pl.Int64)})
        return Collation(verdicts=in_order_of("station", alone.collect()), spans=no_spans)
    several = _drawn(more.lazy(), figures, relations)
    verdicts = [*([] if one.is_empty() else [alone.collect()]), several.select(_columns(figures))]
    return Collation(
        verdicts=in_order_of("station", pl.concat(verdicts)),
        spans=several.filter("differs").select("station", *ends).sort("station"),
    )


def _split(standing: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part the readings that are the only one of their station from the others."""
    if all_distinct(standing["station"]):
        return standing, standing.clear()
    alone = standing["station"].is_unique()
    return standing.filter(alone), standing.filter(~alone)


def _columns(figures: ContestFigures) -> list[str]:
    facts = ["station", "verdict", "reasons", "act", "readings", "copies", "origins", "legible", "consistent"]
    return [*facts, "registered_voters", *figures.compared]


def _alone(standing: pl.LazyFrame, figures: ContestFigures) -> pl.LazyFrame:
    """Give the verdict of stations with one standing reading: `single`, unless a check of error severity failed."""
    legible = pl.all_horizontal(pl.col(figures.votes).is_not_null())
    verdict = pl.when("failed").then(pl.lit(Verdict.QUARANTINED.value)).otherwise(pl.lit(Verdict.SINGLE.value))
    return standing.with_columns(
        verdict=verdict.cast(VERDICTS),
        reasons=pl.when("failed").then(pl.lit(A_CHECK_FAILED)).otherwise(pl.lit("")),
        readings=pl.lit(1, dtype=pl.Int64),
        copies=pl.lit(1, dtype=pl.Int64),
        origins=pl.col("origin").cast(pl.String),
        legible=legible,
        consistent=legible & ~pl.col("failed"),
    ).select(_columns(figures))


def _drawn(standing: pl.LazyFrame, figures: ContestFigures, relations: Relations) -> pl.DataFrame:
    """Draw stations with several standing readings together, copy by copy and origin by origin."""
    compared = list(figures.compared)
    by_copy = _draw_together(standing, ["station", "origin", "copy"], compared, first=True)
    by_origin = _draw_together(by_copy, ["station", "origin"], compared, first=False)
    bits = {origin: 1 << at for at, origin in enumerate(relations.origins)}
    stations = _draw_stations(by_origin, figures, bits).collect()
    sets = {mask: [name for name, bit in bits.items() if mask & bit] for mask in _distinct(stations, "mask", "present")}
    strength = {mask: relations.strength(names).value for mask, names in sets.items()}
    listed = {mask: ";".join(names) for mask, names in sets.items()}
    return (
        stations.lazy()
        .join(_station_facts(standing, figures), on="station", how="left")
        .with_columns(
            agreement=pl.col("mask").replace_strict(strength, return_dtype=pl.String),
            origins=pl.col("present").replace_strict(listed, return_dtype=pl.String),
        )
        .with_columns(verdict=_verdict(), reasons=_reasons(), differs=_differs())
        .with_columns(consistent=pl.col("legible") & ~pl.col("quarantined") & ~pl.col("origin_differs"))
        .with_columns(_agreed(column) for column in compared)
        .collect()
    )


def _draw_together(frame: pl.LazyFrame, key: list[str], figures: Sequence[str], *, first: bool) -> pl.LazyFrame:
    """Keep the lowest and the highest count of each figure, and whether any two differ here or below."""
    lows, highs = ([f"{side}.{name}" for name in figures] for side in ("low", "high"))
    if first:
        drawn = [pl.col(figures).min().name.prefix("low."), pl.col(figures).max().name.prefix("high.")]
    else:
        drawn = [pl.col(lows).min(), pl.col(highs).max(), pl.col("copy_differs").any(), pl.len().alias("copies")]
    differs = pl.any_horizontal([pl.col(low) != pl.col(high) for low, high in zip(lows, highs, strict=True)])
    name = "copy_differs" if first else "origin_differs"
    return frame.group_by(key).agg(*drawn).with_columns(differs.fill_null(value=False).alias(name))


def _draw_stations(by_origin: pl.LazyFrame, figures: ContestFigures, bits: Mapping[str, int]) -> pl.LazyFrame:
    """Draw origins together: they contradict each other where no count of one is a count of the other."""
    lows, highs = ([f"{side}.{name}" for name in figures.compared] for side in ("low", "high"))
    complete = pl.all_horizontal(pl.col([f"low.{name}" for name in figures.votes]).is_not_null())
    pairs = zip(lows, highs, strict=True)
    apart = pl.any_horizontal([pl.col(f"highest.{low}") > pl.col(f"lowest.{high}") for low, high in pairs])
    return (
        by_origin.with_columns(
            bit=pl.col("origin").cast(pl.String).replace_strict(bits, return_dtype=pl.Int64), complete=complete
        )
        .group_by("station")
        .agg(
            pl.col(lows).min(),
            pl.col(highs).max(),
            pl.col(lows).max().name.prefix("highest."),
            pl.col(highs).min().name.prefix("lowest."),
            pl.col("copy_differs", "origin_differs").any(),
            pl.col("copies").sum().cast(pl.Int64),
            present=pl.col("bit").sum(),
            mask=pl.col("bit").filter("complete").sum(),
        )
        .with_columns(apart=apart.fill_null(value=False))
    )


def _distinct(frame: pl.DataFrame, *columns: str) -> set[int]:
    return {value for column in columns for value in frame[column].unique().to_list()}


def _station_facts(standing: pl.LazyFrame, figures: ContestFigures) -> pl.LazyFrame:
    """Count readings, and say whether any of them is read in full, whether a check failed, and which act stands."""
    read = pl.all_horizontal(pl.col(figures.votes).is_not_null())
    return standing.group_by("station").agg(
        readings=pl.len().cast(pl.Int64),
        legible=read.any(),
        quarantined=pl.col("failed").any(),
        acts=pl.col("act").n_unique(),
        act=pl.col("act").max(),
        registered_voters=pl.col("registered_voters").min(),
    )


def _differs() -> pl.Expr:
    return pl.col("origin_differs") | pl.col("apart")


def _verdict() -> pl.Expr:
    return (
        pl.when("quarantined")
        .then(pl.lit(Verdict.QUARANTINED.value))
        .when("apart")
        .then(pl.lit(Verdict.CONTRADICTED.value))
        .when("origin_differs")
        .then(pl.lit(Verdict.DISPUTED.value))
        .otherwise(pl.col("agreement"))
        .cast(VERDICTS)
    )


def _reasons() -> pl.Expr:
    """Give every reason, joined by `;`, and not only the one that decided the verdict."""
    codes = {
        READINGS_OF_A_COPY_DIFFER: pl.col("copy_differs"),
        COPIES_OF_AN_ORIGIN_DIFFER: pl.col("origin_differs") & ~pl.col("copy_differs"),
        ORIGINS_DIFFER: pl.col("apart"),
        ACTS_DIFFER: _differs() & (pl.col("acts") > 1),
        A_CHECK_FAILED: pl.col("quarantined"),
    }
    pieces = [pl.when(holds).then(pl.lit(code)) for code, holds in codes.items()]
    return pl.concat_str(pieces, separator=";", ignore_nulls=True)


def _agreed(column: str) -> pl.Expr:
    """Keep the figure on which every standing reading that has it agrees."""
    one = pl.col(f"low.{column}") == pl.col(f"high.{column}")
    return pl.when(one).then(pl.col(f"low.{column}")).alias(column)
