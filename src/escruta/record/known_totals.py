"""The totals of which anything is known: a sum over no station, or over unread figures alone, is no result."""

from __future__ import annotations

import polars as pl


def known_totals(totals: pl.DataFrame, areas: pl.DataFrame, contest: str) -> pl.DataFrame:
    """Give the totals of the areas in which some station counts, by area and position.

    `totals` is the table of all contests, and `areas` that of the contest's areas. `votes` is null where none of them
    is read: the 0 that stands there is a lower bound, and says nothing.
    """
    both = [each for each in ("stations.counted", "stations_counted_off_register") if each in areas.columns]
    counted = pl.sum_horizontal(both)  # an older record has the first alone
    area = pl.col("area").fill_null("")
    some = areas.lazy().select(area, counted=counted).filter(pl.col("counted") > 0)
    is_read = pl.col("unread_stations").fill_null(0) < pl.col("counted")
    return (
        totals.lazy()
        .filter(pl.col("contest") == contest)
        .with_columns(area)
        .join(some, on="area", how="inner")
        .with_columns(votes=pl.when(is_read).then("votes"))
        .drop("counted")
        .sort("area", "position")
        .collect()
    )
