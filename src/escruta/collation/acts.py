"""Which readings stand: a later act or a corrected snapshot replaces what it says it replaces, and nothing else.

A reading is superseded when another one names it (`supersedes` is its digest), or when its source is one that another
source replaces wherever that other source has a reading. If the replacing reading speaks of another act, the whole
earlier act of that station is superseded, in every source: the copies of a count do not contradict a lawful canvass.
Superseded readings stay in the record, marked as not standing.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from escruta.election.definition import Source


def with_standing(readings: pl.DataFrame, sources: Iterable[Source]) -> pl.DataFrame:
    """Add `standing`: whether a reading is left standing by all later ones.

    `readings` holds the readings of every source of one contest.
    """
    replaced = pl.concat([_named_readings(readings), *_named_sources(readings, sources)])
    if replaced.is_empty():
        return readings.with_columns(standing=pl.lit(value=True))
    others = replaced.filter(pl.col("act") != pl.col("by_act"))
    within = replaced.filter(pl.col("act") == pl.col("by_act"))
    gone_acts = others.select("station", "act", gone_act=pl.lit(value=True)).unique()
    gone_readings = within.select("reading", gone_reading=pl.lit(value=True)).unique()
    return (
        readings.join(gone_acts, on=["station", "act"], how="left", maintain_order="left")
        .join(gone_readings, on="reading", how="left", maintain_order="left")
        .with_columns(standing=pl.col("gone_act").is_null() & pl.col("gone_reading").is_null())
        .drop("gone_act", "gone_reading")
    )


_REPLACED = ("reading", "station", "act", "by_act")


def _named_readings(readings: pl.DataFrame) -> pl.DataFrame:
    """Pairs in which one reading names another of the same station as the one that it supersedes."""
    by = readings.filter(pl.col("supersedes").is_not_null()).select("station", named="supersedes", by_act="act")
    key = pl.coalesce("statement", "reading").alias("named")
    return readings.with_columns(key).join(by, on=["station", "named"]).select(_REPLACED)


def _named_sources(readings: pl.DataFrame, sources: Iterable[Source]) -> list[pl.DataFrame]:
    pairs = []
    for source in sources:
        if not source.supersedes:
            continue
        by = readings.filter(pl.col("source") == source.id).select("station", by_act="act").unique()
        earlier = readings.filter(pl.col("source").is_in(source.supersedes))
        pairs.append(earlier.join(by, on="station").select(_REPLACED))
    return pairs
