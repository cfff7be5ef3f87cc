"""Announcements: what the bounds say is what trying every set of stations says, and a proof is always a proof."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from tests.laws.examining import ONE_RUN

from escruta.assessment.alone import alone
from escruta.assessment.bounds import (
    Question,
    bound_by_prices,
    bound_by_sorting,
    bound_on_false_sheets,
    quick_proof,
)
from escruta.assessment.limits import Limits
from escruta.assessment.programmes import largest_known_coverage, least_false_sheets, sharpest_certificate


@dataclass(frozen=True)
class Small:
    """A question so small that every set of stations can be tried."""

    question: Any
    """A `Question`; every figure that may be unknown is known here."""

    def sets_of_any_size(self):
        count = len(self.question.votes)
        return [list(places) for number in range(count + 1) for places in combinations(range(count), number)]

    def sets(self):
        count = len(self.question.votes)
        most = count if self.question.at_most[0] is None else min(count, self.question.at_most[0])
        for number in range(count + 1):
            for places in combinations(range(count), number):
                reach = int(self.question.sizes[list(places)].sum())
                if reach >= self.question.at_least[0] and (
                    self.question.at_most[0] is None or reach <= self.question.at_most[0] or number <= most
                ):
                    yield list(places)

    def is_within_limits(self, outside, room: int) -> bool:
        """Say whether votes outside keep to the limits; beside the groups, votes may fill the room."""
        limits = self.question.limits
        if limits is None:
            return True
        whole = room if limits.beside else int(outside.sum())
        return all(int(votes) <= share * whole for votes, share in zip(outside, limits.shares, strict=True))

    def can_be(self, false: int = 0) -> bool:
        """Try every set of true sheets, with so many more that are false and hold anything."""
        asked = self.question
        count, announced = len(asked.votes), np.asarray(asked.announced[0])
        for marks in product("-tf", repeat=count):
            true = [place for place, mark in enumerate(marks) if mark == "t"]
            wrong = [place for place, mark in enumerate(marks) if mark == "f"]
            reach = int(asked.sizes[[*true, *wrong]].sum())
            if len(wrong) > false or reach < asked.at_least[0]:
                continue
            if asked.at_most[0] is not None and reach > asked.at_most[0]:
                continue
            left = announced - asked.votes[true].sum(axis=0)
            room = (asked.capacity or 0) + int(asked.sheet_capacity[wrong].sum())
            if (left >= 0).all() and left.sum() <= room and self.is_within_limits(left, room):
                return True
        return False


@st.composite
def questions(draw, *, by_voters: bool = False) -> Small:
    groups, count = draw(st.integers(2, 3)), draw(st.integers(1, 5))
    votes = np.asarray(
        draw(st.lists(st.lists(st.integers(0, 4), min_size=groups, max_size=groups), min_size=count, max_size=count))
    )
    capacity = votes.sum(axis=1) + np.asarray(draw(st.lists(st.integers(0, 2), min_size=count, max_size=count)))
    sizes = np.maximum(capacity, 1) if by_voters else np.ones(count, dtype=np.int64)
    least = draw(st.integers(0, int(sizes.sum())))
    most = None if by_voters else draw(st.integers(least, count))
    announced = tuple(draw(st.lists(st.integers(0, 12), min_size=groups, max_size=groups)))
    return Small(
        Question(
            groups=tuple("abc"[:groups]),
            votes=votes.astype(np.int64),
            announced=(announced,),
            sizes=sizes.astype(np.int64),
            at_least=(least,),
            at_most=(most,),
            capacity=draw(st.integers(0, 8)),
            sheet_capacity=capacity.astype(np.int64),
        )
    )


def no_coverage_said(votes, announced, capacity: int) -> Small:
    """A question of some sheets in which nothing is said of the coverage."""
    sheets = np.asarray(votes, dtype=np.int64)
    sizes = np.ones(len(sheets), dtype=np.int64)
    asked = Question(
        groups=tuple("abc"),
        votes=sheets,
        announced=(announced,),
        sizes=sizes,
        at_least=(0,),
        at_most=(None,),
        capacity=capacity,
    )
    return Small(asked)


SHARES = st.sampled_from([Fraction(1), Fraction(3, 5), Fraction(1, 2), Fraction(1, 3), Fraction(1)])


@st.composite
def limited(draw) -> Small:
    """A question with limits on shares outside that leave some vote possible."""
    asked = draw(questions()).question
    size = len(asked.groups)
    shares = tuple(draw(st.lists(SHARES, min_size=size, max_size=size)))
    limits = Limits(shares=shares, beside=draw(st.booleans()))
    assume(limits.leave_room)
    return Small(replace(asked, limits=limits))


RATIOS = range(0, 1001, 50)
WEIGHTS = st.lists(st.integers(-5, 5), min_size=3, max_size=3)


@given(small=questions(), weights=WEIGHTS)
def test_bound_by_sorting_is_the_best_of_all_sets(small, weights):
    asked = small.question
    weights = weights[: len(asked.groups)]
    best = max(
        (
            int((asked.votes[places] @ np.asarray(weights)).sum())
            for places in small.sets()
            if len(places) <= (asked.at_most[0] or 0)
        ),
    )
    assert bound_by_sorting(asked, weights).bound == best + max(0, *weights) * asked.capacity


@given(small=questions(), weights=WEIGHTS, price=st.integers(-9, 9))
def test_price_on_coverage_never_bounds_below_what_sorting_does(small, weights, price):
    asked = small.question
    weights = weights[: len(asked.groups)]
    sorted_ = bound_by_sorting(asked, weights)
    priced = bound_by_prices(asked, [weights], [price])
    assert priced.bound >= sorted_.bound
    assert priced.announced_score == sorted_.announced_score


@given(small=questions(), weights=WEIGHTS)
def test_some_price_on_coverage_bounds_as_sharply_as_sorting(small, weights):
    asked = small.question
    weights = weights[: len(asked.groups)]
    prices = {0, *(-(asked.votes @ np.asarray(weights)))}
    best = min(bound_by_prices(asked, [weights], [int(price)]).bound for price in prices)
    assert best == bound_by_sorting(asked, weights).bound


@given(small=limited(), weights=WEIGHTS)
def test_no_mixture_within_the_limits_scores_more_than_the_best(small, weights):
    limits = small.question.limits
    weights = weights[: len(limits.shares)]
    mixture = limits.mixture(weights)
    assert all(0 <= part <= share * limits.unit for part, share in zip(mixture, limits.shares, strict=True))
    assert sum(mixture) == limits.unit or (limits.beside and sum(mixture) < limits.unit)
    best = limits.best(weights)
    for votes in product(range(7), repeat=len(weights)):
        whole = 6 if limits.beside else sum(votes)
        if sum(votes) <= whole and all(part <= share * whole for part, share in zip(votes, limits.shares, strict=True)):
            assert sum(weight * part for weight, part in zip(weights, votes, strict=True)) <= best * whole


@pytest.mark.parametrize("engine", [quick_proof, sharpest_certificate])
@ONE_RUN
@given(small=st.one_of(questions(), limited()))
def test_proof_is_never_given_against_what_some_stations_add_up_to(engine, small):
    found = engine(small.question)
    assert found is None or not small.can_be()


@example(small=no_coverage_said([[4, 2, 1], [0, 2, 3], [3, 4, 1]], (7, 10, 3), capacity=3))
@given(small=st.one_of(questions(), limited()))
def test_quick_proof_is_found_wherever_one_group_weighed_against_the_others_proves_at_any_coverage(small):
    asked = small.question.at_any_coverage()
    size = len(asked.groups)
    weights = [[-ratio if each == own else 1000 for each in range(size)] for own in range(size) for ratio in RATIOS]
    # What all outside score together is rounded down, here and not where the best ratio is looked for.
    if any(bound_by_sorting(asked, each).gap > 1 for each in weights):
        assert quick_proof(asked) is not None


@ONE_RUN
@given(small=questions())
def test_certificate_can_be_checked_again_from_its_weights_alone(small):
    found = sharpest_certificate(small.question)
    assume(found is not None)
    again = bound_by_sorting(small.question, found.weights[0])
    assert (again.bound, again.announced_score) == (found.bound, found.announced_score)
    assert found.is_proof


@ONE_RUN
@given(small=st.one_of(questions(), limited()))
def test_weights_exist_exactly_where_the_linear_programme_has_no_solution(small):
    """Farkas' lemma, with HiGHS on the primal as the oracle."""
    from scipy.optimize import linprog  # noqa: PLC0415

    asked = small.question
    count, groups = asked.votes.shape
    cost = np.concatenate([np.zeros(count + groups), np.ones(2 * groups)])
    equal = np.hstack([asked.votes.T, np.eye(groups), np.eye(groups), -np.eye(groups)])
    nothing = np.zeros(3 * groups)
    below = [np.concatenate([-asked.sizes, nothing]), np.concatenate([asked.sizes, nothing])]
    limits, rows = asked.limits, [np.ones(groups)]
    if limits is not None:
        whole = np.zeros(groups) if limits.beside else np.ones(groups)
        rows += [np.eye(groups)[place] - float(share) * whole for place, share in enumerate(limits.shares)]
    room = [float(share) * asked.capacity if limits.beside else 0.0 for share in limits.shares] if limits else []
    below += [np.concatenate([np.zeros(count), row, np.zeros(2 * groups)]) for row in rows]
    result: Any = linprog(
        cost,
        A_eq=equal,
        b_eq=asked.announced[0],
        A_ub=below,
        b_ub=[-asked.at_least[0], asked.at_most[0], asked.capacity, *room],
        bounds=[(0, 1)] * count + [(0, None)] * (3 * groups),
    )
    assume(result.fun < 1e-7 or result.fun > 0.05)  # below that `sharpest_certificate` stops looking
    assert (sharpest_certificate(asked) is not None) == (result.fun > 0.05)


@ONE_RUN
@given(small=st.one_of(questions(), limited()))
def test_number_of_false_sheets_is_never_more_than_are_needed(small):
    bound: Any = least_false_sheets(small.question)
    if bound.at_least:
        assert not small.can_be(false=bound.at_least - 1)


@given(small=st.one_of(questions(), limited()), weights=WEIGHTS, price=st.integers(-5, 5), worth=st.integers(1, 9))
def test_any_prices_bound_the_number_of_false_sheets_from_below(small, weights, price, worth):
    bound = bound_on_false_sheets(small.question, weights[: len(small.question.groups)], price, worth)
    if bound is not None and bound.at_least:
        assert not small.can_be(false=bound.at_least - 1)


@ONE_RUN
@given(small=st.one_of(questions(), limited()))
def test_coverage_beyond_the_largest_is_impossible(small):
    asked = small.question.at_any_coverage()
    most: Any = largest_known_coverage(asked)
    if most < len(asked.votes):
        beyond = replace(asked, at_least=(most + 1,))
        assert not Small(beyond).can_be()


@given(small=questions())
def test_one_candidate_alone_needs_what_the_sheets_with_fewest_votes_hold(small):
    found = alone(small.question, 0)
    least = min(
        int(small.question.votes[places, 0].sum())
        for places in small.sets()
        if len(places) >= small.question.at_least[0]
    )
    assert found.smallest == least
    certificate = bound_by_sorting(small.question.about(0), [-1] + [0] * (len(small.question.groups) - 1))
    assert certificate.bound == -found.smallest or small.question.capacity is None
    held = small.question.votes[:, 0]
    fits = [len(places) for places in small.sets_of_any_size() if int(held[places].sum()) <= found.announced]
    assert found.known_coverage == max(fits)


@given(small=questions(by_voters=True))
def test_coverage_by_voters_needs_at_most_what_every_set_holds(small):
    found = alone(small.question, 0)
    sets = [int(small.question.votes[places, 0].sum()) for places in small.sets()]
    assert found.smallest <= min(sets)


@ONE_RUN
@given(small=questions(), more=st.lists(st.integers(0, 3), min_size=3, max_size=3))
def test_later_announcement_that_takes_votes_away_is_impossible_together_with_the_earlier(small, more):
    asked = small.question
    first = asked.announced[0]
    later = tuple(max(0, total - each) for total, each in zip(first, more, strict=False))
    assume(any(new <= old - 1 for new, old in zip(later, first, strict=True)))
    both = Question(
        groups=asked.groups,
        votes=asked.votes,
        announced=(first, later),
        sizes=asked.sizes,
        at_least=(0, 0),
        at_most=(None, None),
        capacity=asked.capacity,
    )
    assert sharpest_certificate(both) is not None
