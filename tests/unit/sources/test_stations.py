"""Stations and areas: the register first, then what the sources say; nothing that nobody says."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.laws.examining import contest_of, examined

from escruta.apps.examine import examine_election
from escruta.base.errors import TableBroken
from escruta.testing import Row, SmallElection, SmallSource


def night(*rows: Row, **more: object) -> SmallElection:
    return SmallElection(sources=(SmallSource(id="feed", rows=rows),), **more)  # type: ignore[arg-type]


def stations(of: SmallElection) -> list[tuple[object, ...]]:
    columns = ("station", "area", "registered_voters", "on_register")
    return examined(of).geography.stations.select(columns).rows()


SHEET: Row = {"station": "1", "ana": 3, "ben": 2}


def test_without_a_register_every_station_that_is_spoken_of_is_known_and_none_is_listed() -> None:
    assert stations(night(SHEET)) == [("1", "", None, False)]


def test_register_lists_stations_that_nobody_speaks_of() -> None:
    register = ({"station": "1", "registered_voters": 10}, {"station": "2", "registered_voters": None})
    assert stations(night(SHEET, register=register)) == [("1", "", 10, True), ("2", "", None, True)]


def test_station_off_the_register_is_known_and_not_listed() -> None:
    register = ({"station": "2", "registered_voters": 10},)
    assert stations(night(SHEET, register=register)) == [("1", "", None, False), ("2", "", 10, True)]


def test_register_that_lists_a_station_twice_with_other_voters_does_not_say_how_many() -> None:
    register = tuple({"station": "1", "registered_voters": voters} for voters in (10, 20, 10))
    assert stations(night(SHEET, register=register)) == [("1", "", None, True)]
    assert stations(night(SHEET, register=register[::2])) == [("1", "", 10, True)]


def test_area_is_what_the_register_says_before_what_sources_say() -> None:
    register = ({"station": "1", "state": "Norte"}, {"station": "2", "state": None})
    rows = ({**SHEET, "state": "NORTE"}, {**SHEET, "station": "2", "state": "Sur"})
    of = night(*rows, register=register, levels=("state",))
    assert [row[1] for row in stations(of)] == ["Norte", "Sur"]
    assert examined(of).geography.areas["area"].to_list() == ["", "Norte", "Sur"], "no area without a station"
    assert contest_of(of).areas["area"].to_list() == ["", "Norte", "Sur"]


def test_area_is_called_what_it_is_called_most_often_and_a_source_that_is_the_register_speaks_as_both() -> None:
    def named(register: str | None, **names: str) -> str:
        sources = tuple(
            SmallSource(
                id=source,
                rows=tuple(
                    {**SHEET, "station": f"{at}", "code": "1", "called": name} for at, name in enumerate(called)
                ),
                layout={"areas": {"state": {"code": "code", "name": "called"}}},
            )
            for source, called in names.items()
        )
        areas = examined(SmallElection(sources=sources, levels=("state",), register=register)).geography.areas
        return str(areas["name"][1])

    assert named(None, a="XX", b="YYY") == "Y"
    assert named("b", a="XX", b="YYY") == "Y"
    assert named("a", a="XX", b="YYY") == "X"
    assert named(None, a="XX", b="YY") == "X", "the first in the alphabet of those that are as common"


def test_areas_of_the_same_name_in_two_wider_areas_are_two() -> None:
    rows = ({**SHEET, "state": "A", "town": "x"}, {**SHEET, "station": "2", "state": "B", "town": "x"})
    areas = examined(night(*rows, levels=("state", "town"))).geography.areas
    assert areas.select("area", "parent", "level", "level_id", "name").rows() == [
        ("", None, 0, None, None),
        ("A", "", 1, "state", "A"),
        ("B", "", 1, "state", "B"),
        ("A/x", "A", 2, "town", "x"),
        ("B/x", "B", 2, "town", "x"),
    ]


def test_station_of_one_part_is_called_by_the_whole_of_it() -> None:
    assert examined(night({**SHEET, "station": "A.7"})).geography.stations["name"].to_list() == ["A.7"]


def test_station_of_several_parts_is_called_by_the_last_one() -> None:
    row = {"centre": "School", "table": "7", "ana": 3, "ben": 2}
    of = night(row, key=({"part": "centre"}, {"part": "table"}), separator="/")
    assert examined(of).geography.stations.select("station", "name").rows() == [("School/7", "7")]


def test_seven_levels_are_areas_of_seven_depths() -> None:
    levels = tuple("abcdefg")
    row = {**SHEET, **{level: level.upper() for level in levels}}
    areas = contest_of(night(row, levels=levels)).areas["area"].to_list()
    assert areas == ["/".join("ABCDEFG"[:depth]) for depth in range(8)]


def test_station_without_an_area_at_one_level_lies_in_an_area_that_is_not_given() -> None:
    rows: tuple[Row, ...] = (
        {"station": "1", "state": "North", "town": "Port", "ana": 3, "ben": 2},
        {"station": "2", "state": "Abroad", "town": None, "ana": 3, "ben": 2},
        {"station": "3", "state": None, "town": None, "ana": 3, "ben": 2},
    )
    found = examined(night(*rows, levels=("state", "town")))
    assert found.geography.stations["area"].to_list() == ["North/Port", "Abroad/—", None]
    totals = found.contests[0].tally.totals.filter(candidate="ana")
    assert dict(zip(totals["area"], totals["votes"], strict=True)) == {
        "": 9,
        "Abroad": 3,
        "Abroad/—": 3,
        "North": 3,
        "North/Port": 3,
    }


def test_a_register_without_rows_is_refused_where_a_source_without_rows_is_not(tmp_path: Path) -> None:
    of = night(SHEET, register=({"station": "1", "registered_voters": 10},))
    election = of.write(tmp_path)
    (tmp_path / "feed.csv").write_text("station,ana,ben\n", encoding="utf-8")
    assert examine_election(election, (tmp_path,)).geography.stations.height == 1
    (tmp_path / "register.csv").write_text("station,registered_voters\n", encoding="utf-8")
    with pytest.raises(TableBroken, match="the register has no rows"):
        examine_election(election, (tmp_path,))


def test_a_source_that_is_the_register_and_has_no_rows_yet_is_no_complete_register(tmp_path: Path) -> None:
    election = night(SHEET, register="feed").write(tmp_path)
    assert examine_election(election, (tmp_path,)).geography.register_complete
    (tmp_path / "feed.csv").write_text("station,ana,ben\n", encoding="utf-8")
    assert not examine_election(election, (tmp_path,)).geography.register_complete
