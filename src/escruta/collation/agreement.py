"""How the sources of a contest agree, two by two."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import polars as pl

from escruta.base.splicing import SIGN

AGREEMENT_SCHEMA = pl.Schema({"a": pl.String, "b": pl.String, "shared": pl.Int64, "differing": pl.Int64})


def agreement(readings: pl.DataFrame, sources: Sequence[str], figures: Sequence[str]) -> pl.DataFrame:
    """Count, for each pair of sources, the stations that both read and those where some figure that both read differs.

    Every reading takes part, superseded ones too. Two sources differ at a station when, for some figure, no count of
    the one lies within the counts of the other. The `SIGN` of a reading says whether it is put into both numbers or
    taken out of them.
    """
    rows = []
    drawn = {source: _bounds(readings, source, figures) for source in sources} if len(sources) > 1 else {}
    for a, b in combinations(sources, 2):
        both = drawn[a].join(drawn[b], on=["station", SIGN], suffix=".b")
        apart = [
            (pl.max_horizontal(f"low.{name}", f"low.{name}.b") > pl.min_horizontal(f"high.{name}", f"high.{name}.b"))
            & pl.col(f"low.{name}").is_not_null()
            & pl.col(f"low.{name}.b").is_not_null()
            for name in figures
        ]
        differing = pl.col(SIGN).filter(pl.any_horizontal(apart).fill_null(value=False)).sum()
        rows.append({"a": a, "b": b, **both.select(shared=pl.col(SIGN).sum(), differing=differing).row(0, named=True)})
    return pl.DataFrame(rows, schema=AGREEMENT_SCHEMA)


def _bounds(readings: pl.DataFrame, source: str, figures: Sequence[str]) -> pl.DataFrame:
    return (
        readings.lazy()
        .filter(pl.col("source") == source)
        .group_by("station", SIGN)
        .agg(pl.col(figures).min().name.prefix("low."), pl.col(figures).max().name.prefix("high."))
        .collect()
    )
