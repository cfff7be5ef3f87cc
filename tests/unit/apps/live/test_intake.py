"""What did not change is kept, and what did is never served from what was kept: the bytes of the files decide."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from escruta.apps import examine, examine_contest
from escruta.apps.live import Intake, intake
from escruta.base.errors import InputError
from escruta.collation import judging
from escruta.collation.verdicts import Collation, collate
from escruta.record.contents import Results
from escruta.sources import stations
from escruta.testing import SmallElection, SmallSource
from escruta.testing.elections import csv_of

ROWS = tuple({"station": str(number), "ana": 9, "ben": 3, "town": "x"} for number in range(1, 41))
LISTED = tuple({"station": row["station"], "town": "x", "registered_voters": 20} for row in ROWS)
NIGHT = SmallElection(
    sources=(SmallSource(id="feed", rows=ROWS), SmallSource(id="typed", rows=ROWS[:9])),
    levels=("town",),
    register=LISTED,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    NIGHT.write(tmp_path)
    return tmp_path


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was done since the list was last cleared."""
    done = list[str]()
    for module, name in (
        (intake, "election_of"),
        (examine, "read_source"),
        (stations, "_read_register"),
        (examine_contest, "check_readings"),
        (examine_contest, "judge"),
    ):
        told = getattr(module, name)

        def noted(*given: object, _told: object = told, _name: str = name, **named: object) -> object:
            done.append(_name)
            return _told(*given, **named)  # type: ignore[operator]

        monkeypatch.setattr(module, name, noted)
    return done


def put(path: Path, raw: bytes) -> None:
    """Put other bytes in a file; its size, times and number stay where the size allows it."""
    before = path.stat()
    with path.open("r+b") as opened:
        opened.write(raw)
        opened.truncate()
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def votes(results: Results, candidate: str = "ana") -> int:
    totals = results.contests[0].tally.totals
    return int(totals.filter(pl.col("area") == "", pl.col("candidate") == candidate)["votes"].item())


def test_only_the_file_that_changed_is_read_and_only_its_source_is_checked(folder: Path, calls: list[str]) -> None:
    own = Intake(folder, None)
    own.results()
    everything = ["election_of", "read_source", "read_source", "_read_register", "check_readings", "check_readings"]
    assert calls == [*everything, "judge"]
    calls.clear()
    (folder / "typed.csv").write_bytes(csv_of(ROWS[:10]))
    own.results()
    assert calls == ["read_source", "check_readings"]
    calls.clear()
    own.results()
    assert calls == []


def test_a_file_of_the_same_size_time_and_number_is_read_when_its_bytes_differ(folder: Path) -> None:
    own, feed = Intake(folder, None), folder / "feed.csv"
    before, state = votes(own.results()), feed.stat()
    put(feed, feed.read_bytes().replace(b"40,9,3", b"40,8,4"))
    now = feed.stat()
    assert (now.st_size, now.st_mtime_ns, now.st_ino) == (state.st_size, state.st_mtime_ns, state.st_ino)
    assert votes(own.results()) == before - 1


def test_a_register_and_a_definition_are_read_again_when_their_bytes_differ(folder: Path, calls: list[str]) -> None:
    own = Intake(folder, None)
    own.results()
    calls.clear()
    put(folder / "register.csv", (folder / "register.csv").read_bytes().replace(b",20\n", b",10\n"))
    results = own.results()
    assert results.geography.stations["registered_voters"].unique().to_list() == [10]
    assert calls == ["_read_register", "check_readings", "check_readings"]
    calls.clear()
    put(folder / "election.toml", (folder / "election.toml").read_bytes().replace(b"A small", b"A great"))
    assert "A great election" in str(own.results().election.name)
    assert "election_of" in calls
    assert "judge" in calls


def test_what_was_refused_leaves_no_trace(folder: Path) -> None:
    own, feed = Intake(folder, None), folder / "feed.csv"
    good, before = feed.read_bytes(), votes(own.results())
    feed.write_bytes(b"")
    with pytest.raises(InputError):
        own.results()
    feed.write_bytes(good)
    assert votes(own.results()) == before


def test_many_touched_stations_are_judged_with_all_others(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[int]()

    def noted(rows: pl.DataFrame, **named: Any) -> Collation:
        asked.append(len(rows))
        return collate(rows, **named)

    own = Intake(folder, None)
    own.results()
    monkeypatch.setattr(judging, "collate", noted)
    for changed in (1, len(ROWS)):
        rows = [{**row, "ben": 4 + changed} if at < changed else row for at, row in enumerate(ROWS)]
        (folder / "feed.csv").write_bytes(csv_of(rows))
        own.results()
    assert asked == [2, len(ROWS) + 9]


def test_where_no_station_is_left_the_country_is_there_all_the_same(tmp_path: Path) -> None:
    rows, headers = ROWS[:1], csv_of(ROWS[:1]).splitlines(keepends=True)[0]
    contests = ("president", "senate")
    SmallElection(
        sources=tuple(SmallSource(id=f"of-{contest}", contest=contest, rows=rows) for contest in contests),
        contests=contests,
    ).write(tmp_path)
    (tmp_path / "of-president.csv").write_bytes(headers)
    own = Intake(tmp_path, None)
    assert own.results().geography.stations.height == 1
    (tmp_path / "of-senate.csv").write_bytes(headers)
    assert own.results().geography.stations.is_empty()
    for contest in own.results().contests:
        assert contest.areas["area"].to_list() == [""]
        assert contest.tally.totals["votes"].to_list() == [0, 0]


def test_a_mark_alone_changes_the_id_of_its_reading(tmp_path: Path) -> None:
    """Why nobody could read a figure is a part of what a reading says, though its row has a null before and after."""
    own = Intake(tmp_path, None)
    for mark in ("?", ""):
        rows = ({**ROWS[0], "ana": mark}, *ROWS[1:])
        SmallElection(sources=(SmallSource(id="feed", rows=rows, layout={"illegible": ["?"]}),)).write(tmp_path)
        (found,), (fresh,) = own.results().contests, Intake(tmp_path, None).results().contests
        assert found.judged.ids.equals(fresh.judged.ids)
        assert found.marks.equals(fresh.marks)


def test_after_many_examinations_one_is_made_anew(
    folder: Path, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "ANEW", 3)
    place = Intake(folder, None)
    made = []
    for _ in range(9):
        calls.clear()
        place.results()
        made.append("read_source" in calls)
    assert made == [True, False, False, False, True, False, False, False, True]
