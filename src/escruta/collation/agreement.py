"""How the sources of a contest agree, two by two."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import polars as pl

AGREEMENT_SCHEMA = pl.Schema({"a": pl.String, "b": pl.String, "shared": pl.Int64, "differing": pl.Int64})


def agreement(readings: pl.DataFrame, sources: Sequence[str], figures: Sequence[str]) -> pl.DataFrame:
    """Count, for each pair of sources, the stations that both read and those where some figure that both read differs.

    Every reading takes part, superseded ones too. Two sources differ at a station when, for some figure, no count of
    the one lies within the counts of the other.
    """
    rows = []
    drawn = {source: _bounds(readings, source, figures) for source in sources} if len(sources) > 1 else {}
    for a, b in combinations(sources, 2):
        both = drawn[a].join(drawn[b], on="station", suffix=".b")
        apart = [
            (pl.max_horizontal(f"low.{name}", f"low.{name}.b") > pl.min_horizontal(f"high.{name}", f"high.{name}.b"))
            & pl.col(f"low.{name}").is_not_null()
            & pl.col(f"low.{name}.b").is_not_null()
            for name in figures
        ]
        differing = both.select(pl.any_horizontal(apart).fill_null(value=False).sum()).item()
        rows.append({"a": a, "b": b, "shared": both.height, "differing": differing})
    return pl.DataFrame(rows, schema=AGREEMENT_SCHEMA)


def _bounds(readings: pl.DataFrame, source: str, figures: Sequence[str]) -> pl.DataFrame:
    return (
        readings.lazy()
        .filter(pl.col("source") == source)
        .group_by("station")
        .agg(
            *(pl.col(name).min().alias(f"low.{name}") for name in figures),
            *(pl.col(name).max().alias(f"high.{name}") for name in figures),
        )
        .collect()
    )
