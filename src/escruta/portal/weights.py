"""How many stations a page can hold, so that it stays light on an old phone with a slow line.

The weight of a page is foreseen from the record, not measured: so every page's address is known before any is written.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from escruta.portal.contents import Contest
from escruta.portal.places import STATIONS_A_PAGE
from escruta.portal.reading import Record
from escruta.record.pictures import PICTURES

_OF_PICTURE = 600
"""Bytes of what stands around a picture, without the picture."""
HEAVIEST = 30_000
"""Bytes of a page with stations, without its pictures."""
_FRAME, _OF_CANDIDATE = 5_500, 250
"""Bytes of everything around the stations: the frame, the way, an area's result, its funnel, the sources."""
_OF_STATION, _OF_READING, _OF_PROOF = (350, 38), (250, 15), (650, 12)
"""Bytes of a station, of each of its readings, and of a reading's proof; the second number is for each figure."""


def stations_a_page(record: Record, contest: Contest) -> Mapping[str, int]:
    """Give the areas whose pages hold fewer stations than others, as their heaviest station asks for; at least one."""

    def foreseen(each: tuple[int, int]) -> int:
        return each[0] + each[1] * len(contest.figures)

    of_reading = foreseen(_OF_READING) + (foreseen(_OF_PROOF) if record.log is not None else 0)
    of_reading += _OF_PICTURE if record.has(PICTURES) else 0
    left = HEAVIEST - _FRAME - _OF_CANDIDATE * len(contest.candidates)
    heavy = (
        readings_of_areas(record, contest)
        .with_columns(
            heaviest=foreseen(_OF_STATION) + of_reading * pl.col("most"),
            whole=foreseen(_OF_STATION) * pl.col("stations") + of_reading * pl.col("readings"),
        )
        .filter(pl.col("whole") > left)
    )
    room = (left // pl.col("heaviest")).clip(1, STATIONS_A_PAGE)
    return dict(heavy.select("area", room).iter_rows())


def readings_of_areas(record: Record, contest: Contest) -> pl.DataFrame:
    """Count the stations that lie directly in each area, their readings, and the most readings that one of them has."""
    return record.once(("readings of areas", contest.contest), lambda: _readings_of_areas(record, contest))


def _readings_of_areas(record: Record, contest: Contest) -> pl.DataFrame:
    areas = record.table(f"verdicts-{contest.contest}").select(pl.col("area").fill_null(""), "station")
    read = record.table(f"readings-{contest.contest}").group_by("station").len("readings")
    readings = pl.col("readings").fill_null(0).cast(pl.Int64)
    own = areas.join(read, on="station", how="left").group_by("area")
    return own.agg(pl.len().cast(pl.Int64).alias("stations"), readings.sum(), readings.max().alias("most"))
