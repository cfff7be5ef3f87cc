"""Where standing readings differ: one finding for each station and figure, with what every source read."""

from __future__ import annotations

import polars as pl

from escruta.collation.verdicts import (
    ACTS_DIFFER,
    COPIES_OF_AN_ORIGIN_DIFFER,
    ORIGINS_DIFFER,
    READINGS_OF_A_COPY_DIFFER,
)
from escruta.election.definition import Severity
from escruta.sheets.checks import FINDINGS_SCHEMA
from escruta.sheets.figures import ContestFigures

_CODES = (ORIGINS_DIFFER, READINGS_OF_A_COPY_DIFFER, COPIES_OF_AN_ORIGIN_DIFFER, ACTS_DIFFER)


def differences(readings: pl.DataFrame, verdicts: pl.DataFrame, figures: ContestFigures) -> pl.DataFrame:
    """Name every figure on which the standing readings of a station differ, as findings.

    The finding's code is the first of the verdict's reasons; `found` holds each source's counts: `campaign 210, qr
    211`.
    """
    reasons = pl.col("reasons").str.split(";")
    code = pl.coalesce([pl.when(reasons.list.contains(each)).then(pl.lit(each)) for each in _CODES])
    differing = verdicts.lazy().select("station", code=code).filter(pl.col("code").is_not_null()).collect()
    if differing.is_empty():
        return FINDINGS_SCHEMA.to_frame()
    names = list(figures.compared)
    found = pl.concat_str("source", "count", separator=" ")
    long = (
        readings.lazy()
        .filter("standing")
        .join(differing.lazy(), on="station")
        .with_columns(pl.col("source", "contest").cast(pl.String))
        .unpivot(names, index=["station", "code", "source", "contest"], variable_name="figure", value_name="count")
        .filter(pl.col("count").is_not_null())
    )
    rows = (
        long.group_by("station", "code", "contest", "figure")
        .agg(found=found.unique().sort().str.join(", "), counts=pl.col("count").n_unique())
        .filter(pl.col("counts") > 1)
        .with_columns(severity=pl.lit(Severity.ERROR.value))
    )
    return pl.concat([FINDINGS_SCHEMA.to_frame().lazy(), rows.drop("counts")], how="diagonal").collect()
