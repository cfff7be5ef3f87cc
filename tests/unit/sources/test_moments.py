"""Moments of arrival, as sources write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from escruta.apps import api
from escruta.apps.cli.arriving import arrivals_of_readings
from escruta.base.errors import LayoutMismatch
from escruta.sources.moments import in_utc
from escruta.testing import SmallElection, SmallSource

SECONDS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)).map(lambda each: each.replace(microsecond=0))  # noqa: DTZ001


def read(text: str | None, time_zone: str = "UTC") -> str | None:
    found: str | None = pl.DataFrame({"at": [text]}, schema={"at": pl.String}).select(in_utc("at", time_zone)).item()
    return found


@given(SECONDS, st.integers(-14 * 60, 14 * 60), st.sampled_from(["T", " "]))
def test_a_moment_with_its_offset_is_that_moment_whatever_the_zone(at: datetime, minutes: int, between: str) -> None:
    moment = at.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    expected = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert read(moment.isoformat(between), "America/Caracas") == expected


@pytest.mark.parametrize("zone", ["America/Caracas", "Europe/Amsterdam", "Asia/Kathmandu"])
@given(at=SECONDS)
def test_a_moment_without_an_offset_is_one_of_the_elections_zone(zone: str, at: datetime) -> None:
    found = read(at.isoformat(), zone)
    there = at.replace(tzinfo=ZoneInfo(zone))
    if there.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == at:  # the clock showed this hour
        assert found == there.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    else:
        assert found is None


@pytest.mark.parametrize(
    "text",
    [
        "21:05",
        "28/07/2024 21:05",
        "2024-07-28",
        "2024-13-01 10:00",
        "2024-07-28 25:00",
        "soon",
        "2024-07-28 21:05+\u0660\u0664:00",
        "2024-07-28 21:05+99:99",
        "9999-12-31 23:59-14:00",
    ],
)
def test_what_is_no_moment_is_refused_with_its_row(tmp_path: Path, text: str) -> None:
    rows = (
        {"station": "1", "ana": 5, "ben": 4, "arrived": "2024-07-28 21:05"},
        {"station": "2", "ana": 5, "ben": 4, "arrived": text},
    )
    SmallElection(sources=(SmallSource(id="feed", rows=rows),)).write(tmp_path)
    with pytest.raises(LayoutMismatch, match="not a moment") as refused:
        api.examine(tmp_path)
    assert text in str(refused.value)


def test_of_a_sheet_that_came_twice_the_first_moment_holds_and_nothing_is_said_of_the_others(tmp_path: Path) -> None:
    rows = tuple(
        {"station": station, "ana": 5, "ben": 4, "arrived": at}
        for station, at in [("1", "2031-03-02 22:00"), ("1", "2031-03-02 21:00"), ("2", None)]
    )
    SmallElection(sources=(SmallSource(id="feed", rows=rows),)).write(tmp_path)
    [contest] = api.examine(tmp_path).contests
    assert arrivals_of_readings(contest.readings) == {"1": datetime(2031, 3, 2, 21, tzinfo=UTC)}
    assert contest.readings.sort("station")["arrived"].to_list() == ["2031-03-02T21:00:00Z", None]
    assert arrivals_of_readings(contest.readings.filter(pl.col("station") == "2")) is None
