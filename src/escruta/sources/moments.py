"""Moments as the files of sources write them, brought to one form: UTC, to the second, as text that sorts by time."""

from __future__ import annotations

import polars as pl

from escruta.base.errors import LayoutMismatch

_DAY_AND_TIME = r"^([12][0-9]{3}-[0-9]{2}-[0-9]{2})[ Tt]([0-9]{2}:[0-9]{2})(:[0-5][0-9])?(?:[.,][0-9]+)?"
_OFFSET = r"(?: ?([zZ]|UTC)| ?([+-])([01][0-9]):?([0-5][0-9])?)?$"
_WHOLE = _DAY_AND_TIME + _OFFSET


def in_utc(column: str, time_zone: str) -> pl.Expr:
    """Bring a column of moments (ISO 8601) to UTC, as `2025-03-09T20:45:00Z`; null where there is none.

    A moment without an offset is one of `time_zone`; where the clock shows an hour twice, it is the earlier one.

    >>> frame = pl.DataFrame({"at": ["2024-07-28 21:05", "2024-07-28T21:05:09-04:00", "2024-07-28T21:05Z", None]})
    >>> frame.select(in_utc("at", "America/Caracas"))["at"].to_list()
    ['2024-07-29T01:05:00Z', '2024-07-29T01:05:09Z', '2024-07-28T21:05:00Z', None]
    """
    groups = pl.col(column).str.extract_groups(_WHOLE)
    day, time, seconds, utc, sign, hours, minutes = (groups.struct.field(str(number)) for number in range(1, 8))
    text = pl.concat_str(day, pl.lit("T"), time, seconds.fill_null(":00"))
    local = text.str.to_datetime("%Y-%m-%dT%H:%M:%S", strict=False, time_unit="ms")
    behind = hours.cast(pl.Int64) * 60 + minutes.fill_null("0").cast(pl.Int64)
    shift = pl.duration(minutes=pl.when(sign == "-").then(-behind).otherwise(behind))
    there = local.dt.replace_time_zone(time_zone, ambiguous="earliest", non_existent="null")
    moment = (
        pl.when(utc.is_not_null())
        .then(local)
        .when(sign.is_not_null())
        .then(local - shift)
        .otherwise(there.dt.convert_time_zone("UTC").dt.replace_time_zone(None))
    )
    return moment.dt.strftime("%Y-%m-%dT%H:%M:%SZ").alias(column)


def require_moments(rows: pl.DataFrame, *, where: str) -> None:
    """Refuse a text in the column `arrived` that is no moment: an hour that was misread is worse than none."""
    unknown = rows.filter(pl.col("arrived").is_not_null() & in_utc("arrived", "UTC").is_null())
    if unknown.is_empty():
        return
    raise LayoutMismatch(
        "this is not a moment",
        where=where,
        row=int(unknown["row"][0]),
        found=unknown["arrived"][0],
        expected="ISO 8601, such as 2024-07-28T21:05:00-04:00",
        advice="Name another column in the layout's `arrived`, or write a pattern that takes the moment out of it.",
    )
