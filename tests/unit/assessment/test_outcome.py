"""Who leads, and what could still change it: the hard bound at its edges."""

from __future__ import annotations

from typing import Any

import pytest
from tests.laws.examining import contest_of, country

from escruta.assessment.outcome import outcome_of
from escruta.testing import Row, SmallElection, SmallSource


def sheet(station: str, *counts: int | None, voters: int | None = None) -> Row:
    return {"station": station, "registered_voters": voters, **dict(zip(("ana", "ben", "cleo"), counts, strict=False))}


def whole(*rows: Row, voters: int | None = 100, **more: object) -> dict[str, Any]:
    of = SmallElection(
        sources=(SmallSource(id="feed", rows=rows),),
        expected=9,
        expected_registered_voters=voters,
        **more,  # type: ignore[arg-type]
    )
    return country(contest_of(of))


def told(area: dict[str, Any]) -> tuple[Any, ...]:
    return area["leader"], area["runner_up"], area["margin_votes"], area["can_be_overturned"]


@pytest.mark.parametrize(
    ("voters_in_all", "can_be"),
    [
        (119, False),  # 19 outside, and the margin is 20
        (120, True),  # 20 outside: all of them make a tie, and a tie is a change
        (121, True),
        (None, None),
    ],
)
def test_margin_that_what_is_outside_can_just_reach_can_be_overturned(
    voters_in_all: int | None, can_be: bool | None
) -> None:
    assert told(whole(sheet("1", 50, 30, voters=100), voters=voters_in_all)) == ("ana", "ben", 20, can_be)


def test_tie_has_no_leader_and_can_be_overturned() -> None:
    assert told(whole(sheet("1", 30, 30, voters=60))) == (None, None, 0, True)
    assert told(whole(sheet("1", 30, 30, voters=100))) == (None, None, 0, True)


def test_tie_behind_the_leader_takes_the_first_on_the_ballot() -> None:
    area = whole(sheet("1", 10, 30, 10, voters=60), candidates=("ana", "ben", "cleo"))
    assert told(area)[:3] == ("ben", "ana", 20)


def test_one_candidate_leads_with_any_vote_and_has_nobody_behind() -> None:
    assert told(whole(sheet("1", 3, voters=9), candidates=("ana",))) == ("ana", None, None, None)
    assert told(whole(sheet("1", 0, voters=9), candidates=("ana",))) == (None, None, None, None)


def test_nothing_counted_says_nothing() -> None:
    area = whole(sheet("1", 5, 3, voters=20), sheet("1", 6, 3, voters=20))
    assert told(area) == (None, None, None, None)
    assert (area["stations.counted"], area["outside_registered_voters"]) == (0, 100)


def test_nobody_voted_is_a_tie() -> None:
    assert told(whole(sheet("1", 0, 0, voters=20))) == (None, None, 0, True)


def test_votes_that_nobody_read_are_no_tie() -> None:
    assert told(whole(sheet("1", None, None, voters=20))) == (None, None, None, None)
    assert told(whole(sheet("1", 0, None, voters=20), sheet("2", 0, 0, voters=20))) == (None, None, None, None)


def test_unread_votes_at_counted_stations_could_all_be_the_runner_ups() -> None:
    rows = (sheet("1", 50, None, voters=70), sheet("2", 10, 9, voters=30))
    area = whole(*rows, voters=100)
    assert (area["unread_at_most"], area["outside_registered_voters"]) == (20, 0)
    assert told(area) == ("ana", "ben", 51, False)
    assert told(whole(sheet("1", 50, None, voters=101), sheet("2", 10, 9, voters=30), voters=131))[3] is True


def test_unread_votes_without_registered_voters_leave_the_outcome_open() -> None:
    area = whole(sheet("1", 50, None), sheet("2", 10, 9, voters=30))
    assert area["unread_open"]
    assert told(area) == ("ana", "ben", 51, None)


def test_disputed_station_is_outside_with_all_its_voters() -> None:
    rows = (sheet("1", 50, 30, voters=80), sheet("2", 9, 1, voters=20), sheet("2", 8, 2, voters=20))
    area = whole(*rows)
    assert (area["margin_votes"], area["outside_registered_voters"], area["can_be_overturned"]) == (20, 20, True)


def test_assumptions_name_what_the_bound_stands_on() -> None:
    def assumed(*rows: Row) -> tuple[str, ...]:
        of = SmallElection(sources=(SmallSource(id="feed", rows=rows),), expected_registered_voters=100)
        return outcome_of(contest_of(of).areas).assumptions

    plain = assumed(sheet("1", 5, 3, voters=20))
    assert "registered_voters_total_is_right" in plain
    without_voters = assumed(sheet("1", 5, 3), sheet("2", 5, 3, voters=20))
    assert set(without_voters) - set(plain) == {"stations_without_registered_voters_take_at_least_their_ballots"}
    unread = assumed(sheet("1", 5, None, voters=20))
    assert set(unread) - set(plain) == {"unread_figures_are_at_most_what_registered_voters_leave"}
