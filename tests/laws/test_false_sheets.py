"""False sheets and the night: as many as trying everything says, and nothing settled that could still turn."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from tests.laws.test_rules import contest

from escruta.assessment.false_sheets import least_false
from escruta.assessment.known import KnownSheets, Universe
from escruta.assessment.night import night_of
from escruta.election.definition import Rule, Win


@st.composite
def sheets(draw, most: int = 6) -> KnownSheets:
    count = draw(st.integers(1, most))
    votes = np.asarray(
        draw(st.lists(st.lists(st.integers(0, 6), min_size=3, max_size=3), min_size=count, max_size=count))
    )
    spare = np.asarray(draw(st.lists(st.integers(0, 3), min_size=count, max_size=count)))
    return KnownSheets(
        candidates=("a", "b", "c"),
        stations=pl.Series([f"s{place}" for place in range(count)]),
        votes=votes.astype(np.int64),
        ballots=votes.sum(axis=1).astype(np.int64),
        registered_voters=(votes.sum(axis=1) + spare).astype(np.int64),
    )


def turned(known: KnownSheets, false: tuple[int, ...], rival: int, reach: int, *, swap: bool) -> bool:
    """Whether the rival draws level when these sheets are false and hold what is worst for `a`."""
    own, other = reach * 0, reach
    for place, row in enumerate(known.votes):
        if place not in false:
            own, other = own + row[0], other + row[rival]
        elif swap:
            own, other = own + row[rival], other + row[0]
        else:
            other += known.capacity[place]
    return bool(other >= own)


def fewest(known: KnownSheets, reach: int, *, swap: bool) -> int | None:
    for number in range(known.count + 1):
        for false in combinations(range(known.count), number):
            if any(turned(known, false, rival, reach, swap=swap) for rival in (1, 2)):
                return number
    return None


@given(known=sheets(), reach=st.integers(0, 10))
def test_plurality_needs_as_many_false_sheets_as_trying_every_set_says(known, reach):
    found = least_false(contest("plurality"), known, "a", reach=reach)
    assert found.in_addition == fewest(known, reach, swap=False)
    assert found.by_themselves == fewest(known, 0, swap=False)
    assert found.swapped == fewest(known, 0, swap=True)


@given(known=sheets(), reach=st.integers(0, 10))
def test_more_outside_never_needs_more_false_sheets(known, reach):
    now = least_false(contest("plurality"), known, "a", reach=reach).in_addition
    later = least_false(contest("plurality"), known, "a", reach=reach + 1).in_addition
    assert now is None or (later is not None and later <= now)


@given(known=sheets(4), blanks=st.lists(st.integers(0, 5), min_size=4, max_size=4), reach=st.integers(0, 4))
def test_majority_of_votes_and_valid_blanks_stands_with_fewer_false_sheets_than_are_named(known, blanks, reach):
    blank = np.asarray(blanks[: known.count], dtype=np.int64)
    known = replace(known, ballots=known.ballots + blank, registered_voters=known.registered_voters + blank)
    rule = contest(Rule(wins=(Win(more_than="50%"),))).model_copy(update={"blank_is_valid": True})
    found = least_false(rule, known, "a", reach=reach, blank=int(blank.sum())).in_addition
    for number in range(known.count + 1 if found is None else found):
        for false in combinations(range(known.count), number):
            true = [place for place in range(known.count) if place not in false]
            own = sum(int(known.votes[place, 0]) for place in true)
            whole = sum(int(known.votes[place].sum() + blank[place]) for place in true) + reach
            whole += sum(int(known.capacity[place]) for place in false)
            assert 2 * own > whole


@given(known=sheets(), reach=st.integers(0, 4))
def test_majority_stands_with_fewer_false_sheets_than_are_named(known, reach):
    rule = contest(Rule(wins=(Win(more_than="50%"),)))
    found = least_false(rule, known, "a", reach=reach).in_addition
    for number in range(known.count if found is None else found):
        for false in combinations(range(known.count), number):
            own = sum(int(row[0]) for place, row in enumerate(known.votes) if place not in false)
            whole = sum(int(known.capacity[place]) for place in false)
            whole += sum(int(row.sum()) for place, row in enumerate(known.votes) if place not in false) + reach
            assert 2 * own > whole


@given(known=sheets(8), minutes=st.lists(st.integers(0, 4), min_size=8, max_size=8), more=st.integers(0, 9))
def test_night_is_settled_only_where_nothing_that_came_later_could_turn_it(known, minutes, more):
    start = datetime(2024, 7, 28, 20, tzinfo=UTC)
    when = pl.Series(
        [start + timedelta(minutes=each) for each in minutes[: known.count]], dtype=pl.Datetime("us", "UTC")
    )
    whole = int(known.registered_voters.sum()) + more
    night = night_of(known, when, Universe(stations=None, registered_voters=whole))
    order = sorted(set(minutes[: known.count]))
    assert len(night.moments) == len(order)
    surely = []
    for place, minute in enumerate(order):
        inside = [number for number in range(known.count) if minutes[number] <= minute]
        votes = sorted(known.votes[inside].sum(axis=0))
        outside = whole - int(known.registered_voters[inside].sum())
        assert (night.margins[place], night.outside[place]) == (votes[-1] - votes[-2], outside)
        surely.append(votes[-1] - votes[-2] > outside)
    if night.settled is None:
        assert not surely[-1]
    else:
        assert all(surely[night.settled :])
        assert len(set(night.leaders[night.settled :].tolist())) == 1


def test_night_without_voters_or_arrivals_is_not_drawn():
    known = KnownSheets(
        candidates=("a", "b"),
        stations=pl.Series(["s"]),
        votes=np.asarray([[3, 1]], dtype=np.int64),
        ballots=np.asarray([4], dtype=np.int64),
        registered_voters=np.asarray([5], dtype=np.int64),
    )
    never = pl.Series([None], dtype=pl.Datetime("us", "UTC"))
    assert night_of(known, never, Universe(stations=1, registered_voters=5)) is None
    now = pl.Series([datetime(2024, 7, 28, tzinfo=UTC)], dtype=pl.Datetime("us", "UTC"))
    assert night_of(known, now, Universe(stations=1, registered_voters=None)) is None
    assert night_of(known, now, Universe(stations=1, registered_voters=5)).settled == 0
