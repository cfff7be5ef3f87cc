"""When sheets arrived: from a file that somebody kept, or from snapshots that say of which moment they are."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from escruta.apps.cli.texts import text_of
from escruta.base.errors import InputError
from escruta.election.definition import Source

STATION, ARRIVED = "station", "arrived_at"


def arrivals_of_file(file: Path, time_zone: str) -> dict[str, datetime]:
    """Read a CSV file with a station's key and a moment (ISO 8601) in each row; of a station's moments the first holds.

    A moment without a zone is one of the election's. Raises `InputError` where a column or a moment is not there.
    """
    found: dict[str, datetime] = {}
    with io.StringIO(text_of(file), newline="") as stream:
        rows = csv.DictReader(stream)
        missing = {STATION, ARRIVED} - set(rows.fieldnames or ())
        if missing:
            raise InputError(
                "a column is not in the file",
                where=str(file),
                found=", ".join(rows.fieldnames or ()),
                expected=", ".join(sorted(missing)),
            )
        for row in rows:
            moment = _moment(row[ARRIVED] or "", ZoneInfo(time_zone), f"{file}, row {rows.line_num}")
            station = row[STATION] or ""
            found[station] = min(moment, found.get(station, moment))
    return found


def _moment(text: str, zone: ZoneInfo, where: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(
            "this is not a moment", where=where, found=text, expected="ISO 8601, such as 2024-07-28T21:05:00-04:00"
        ) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def arrivals_of_readings(readings: pl.DataFrame) -> dict[str, datetime] | None:
    """Give each station the moment at which its first copy arrived, where the sources' files say so; else None.

    `readings` has a row for each reading: `station` and `arrived`, in UTC as text, null where nobody says.
    """
    if "arrived" not in readings.columns:
        return None
    said = readings.select(pl.col("station").cast(pl.String), "arrived").drop_nulls("arrived")
    first = said.group_by("station").agg(pl.col("arrived").min())
    return {station: datetime.fromisoformat(moment) for station, moment in first.iter_rows()} or None


def arrivals_of_sources(readings: pl.DataFrame, sources: Sequence[Source]) -> dict[str, datetime] | None:
    """Give each station the moment of the first snapshot that has it; None unless snapshots have different moments.

    `readings` has a row for each reading: `station` and `source`.
    """
    moments = {each.id: _instant(each.as_of) for each in sources if each.as_of is not None}
    if len(set(moments.values())) < 2 or len(moments) < len(sources):  # noqa: PLR2004 - one moment is no night
        return None
    dated = readings.with_columns(
        arrived=pl.col("source").replace_strict(moments, return_dtype=pl.Datetime("us", "UTC"))
    )
    first = dated.group_by("station").agg(pl.col("arrived").min())
    return dict(first.iter_rows())


def _instant(moment: datetime | date) -> datetime:
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time(), UTC)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
