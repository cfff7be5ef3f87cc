"""Announced totals beside the count: differences, and what is missing to compare them."""

from __future__ import annotations

from dataclasses import replace

from tests.laws.examining import contest_of, examined

from escruta.record.summary import summary_of
from escruta.testing import SmallElection, SmallOrigin, SmallSource

ROWS = ({"station": "1", "ana": 5, "ben": 3, "cleo": 1}, {"station": "2", "ana": 5, "ben": 3, "cleo": 1})
OPPOSED = (
    ("feed", {"station": "1", "ana": 5, "ben": 3}),
    ("copies", {"station": "1", "ana": 3, "ben": 5}),
)
"""Two sources that contradict each other at the one station that they have."""
BULLETIN = {"id": "first", "name": "First", "by": "authority", "votes": {"ana": 9, "ben": 9}}


def night(**more: object) -> SmallElection:
    return SmallElection(
        sources=(SmallSource(id="feed", rows=ROWS),),
        candidates=("ana", "ben", "cleo"),
        announcements=({**BULLETIN, **more},),
    )


def rows(of: SmallElection) -> list[tuple[object, ...]]:
    return contest_of(of).announcements.drop("announcement").rows()


def test_difference_is_announced_less_counted() -> None:
    assert rows(night()) == [("ana", None, 9, 10, -1), ("ben", None, 9, 6, 3), ("cleo", None, None, 2, None)]


def test_candidates_announced_together_are_compared_together() -> None:
    of = night(votes={"ana": 9}, others={"votes": 10, "candidates": ["ben", "cleo"]})
    assert rows(of) == [("ana", None, 9, 10, -1), ("others", "ben;cleo", 10, 8, 2)]


def test_where_no_station_is_counted_there_is_nothing_to_compare_and_no_zero() -> None:
    sheets = [SmallSource(id=each, origin=each, rows=({"state": "N", **row},)) for each, row in OPPOSED]
    south = SmallSource(id="south", origin="feed", rows=({"state": "S", "station": "3", "ana": 4, "ben": 1},))
    origins = tuple(SmallOrigin(id=each) for each, _ in OPPOSED)
    of = SmallElection(
        sources=(*sheets, south), origins=origins, levels=("state",), announcements=({**BULLETIN, "area": "N"},)
    )
    assert rows(of) == [("ana", None, 9, None, None), ("ben", None, 9, None, None)]
    assert rows(replace(of, announcements=(BULLETIN,))) == [("ana", None, 9, 4, 5), ("ben", None, 9, 1, 8)]
    nobody = replace(
        of,
        sources=tuple(sheets),
        announcements=({**BULLETIN, "others": {"votes": 1, "candidates": ["ben"]}, "votes": {"ana": 9}},),
    )
    assert rows(nobody) == [("ana", None, 9, None, None), ("others", "ben", 1, None, None)]


def missing(**more: object) -> list[str]:
    return summary_of(examined(night(**more)))["contests"][0]["announcements"][0]["missing_to_compare"]  # type: ignore[no-any-return]


def test_what_is_missing_to_compare_is_named() -> None:
    assert missing() == [
        "results_of_polling_stations",
        "number_of_stations_announced",
        "valid_votes_announced",
        "null_votes_announced",
    ]
    assert missing(stations=2, valid=18, null=0) == ["results_of_polling_stations"]
    assert "same_number_of_stations" in missing(stations=3)


def test_announcement_of_another_contest_is_not_compared() -> None:
    feeds = tuple(SmallSource(id=name, rows=ROWS, contest=name) for name in ("president", "senate"))
    of = SmallElection(
        sources=feeds,
        candidates=("ana", "ben", "cleo"),
        contests=("president", "senate"),
        announcements=({**BULLETIN, "contest": "senate"},),
    )
    president, senate = examined(of).contests
    assert president.announcements.is_empty()
    assert senate.announcements.height == 3
