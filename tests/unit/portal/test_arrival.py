"""The night: what came when, and the stretches in which nothing came."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.portal.test_what_is_said import ORIGINS, sheet, text_of

from escruta.apps import api
from escruta.portal.arrival import silences_of
from escruta.testing import SmallElection, SmallSource

MINUTE = 60


def steady(stations: int, every_s: int, begins: int = 0) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.arange(stations, dtype=np.int64) * every_s + begins


@given(st.integers(0, 400), st.integers(1, 600))
def test_a_steady_night_has_no_silence(stations: int, every_s: int) -> None:
    assert silences_of("feed", steady(stations, every_s)) == []


@given(st.integers(120, 400), st.integers(5, 120))
def test_a_silence_is_told_from_the_station_that_makes_it_long_enough(stations: int, every_s: int) -> None:
    for awaited in (24, 27):
        first = steady(stations, max(every_s, 3))
        wait = (awaited * max(every_s, 3)) + 1
        night = np.concatenate([first, first + int(first[-1]) + wait])
        found = silences_of("feed", night)
        assert [(each.begins, each.ends) for each in found] == [
            (int(first[-1]), int(first[-1]) + wait) for _ in range(awaited > 25)
        ]


@pytest.mark.parametrize("minutes", [1, 2])
def test_moments_in_whole_minutes_are_no_silence_between_two_of_them(minutes: int) -> None:
    whole_s = minutes * MINUTE
    assert silences_of("feed", steady(4000, 2) // whole_s * whole_s) == []


def test_a_night_that_ebbs_away_is_no_silence() -> None:
    ebb = np.cumsum(np.linspace(2, 900, 400)).astype(np.int64)
    assert silences_of("feed", ebb) == []


@pytest.mark.parametrize("text", ["2031-03-02 21:05", "2031-03-02T23:35:00+02:30"])
def test_moments_come_from_the_files_and_what_has_none_is_not_known(tmp_path: object, text: str) -> None:
    rows = tuple({**sheet(str(number), 5, 4), "arrived": text if number < 3 else ""} for number in range(1, 4))
    sources = (
        SmallSource(id="feed", origin="transmission", kind="authority", rows=rows),
        SmallSource(id="party", origin="copies", rows=(sheet("1", 5, 4),)),
    )
    said = text_of(SmallElection(sources=sources, origins=ORIGINS), tmp_path)  # type: ignore[arg-type]
    assert "A feed 3 of 1 it is not known when 2 Mar, 21:05" in said
    assert "B party 1 when its copies arrived is not known" in said
    assert "nothing arrived" not in said


def test_without_moments_the_night_is_not_drawn(tmp_path: object) -> None:
    feed = SmallSource(id="feed", rows=(sheet("1", 5, 4), sheet("2", 5, 4)))
    assert "Who had how much when" not in text_of(SmallElection(sources=(feed,)), tmp_path)  # type: ignore[arg-type]


def test_what_came_is_told_in_the_zone_of_the_election_and_in_utc(tmp_path: Path) -> None:
    rows = tuple({**sheet(str(number), 5, 4), "arrived": f"2031-03-02T2{number}:05:00Z"} for number in (1, 3))
    SmallElection(sources=(SmallSource(id="feed", rows=rows),)).write(tmp_path / "election")
    definition = tmp_path / "election" / "election.toml"
    zoned = 'time_zone = "Asia/Tokyo"\n' + definition.read_text(encoding="utf-8")
    definition.write_text(zoned, encoding="utf-8")
    api.run(tmp_path / "election", tmp_path / "record", languages=["en"])
    said = (tmp_path / "record" / "site" / "en" / "index.html").read_text(encoding="utf-8")
    assert "3\N{NO-BREAK SPACE}Mar, 06:05 <small>2\N{NO-BREAK SPACE}Mar, 21:05\N{NO-BREAK SPACE}UTC</small>" in said
    assert "Asia/Tokyo, UTC+09:00" in said
