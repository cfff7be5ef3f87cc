"""Ballot polling by ALPHA: at the edge of the null, over every order of a few slips, the capital never grows."""

from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest

from escruta.audit import bravo, polling
from escruta.audit.assertions import assert_first, assert_run_off, assert_share
from escruta.audit.polling import LOST, NOBODY

OPTIONS = ("a", "b", "c")
AHEAD = assert_first(OPTIONS, (6, 3, 1))[0]
MORE_THAN_A_THIRD = assert_share(OPTIONS, "a", Fraction(1, 3))


def test_a_slip_is_worth_what_it_does_to_the_assertion():
    shown = np.array([0, 1, 2, NOBODY, LOST])
    assert polling.slip_values(AHEAD, shown).tolist() == [1, 0, 0.5, 0.5, 0]
    assert polling.slip_values(MORE_THAN_A_THIRD, shown).tolist() == [1.5, 0, 0, 0.5, 0]


@pytest.mark.parametrize(
    ("assertion", "paper", "pending"),
    [
        (AHEAD, (0, 0, 0, 1, 1, 1, NOBODY), 0),
        (AHEAD, (0, 0, 0, 1, 2, NOBODY), 2),
        (AHEAD, (0, 0, 0, 0, 1, LOST, LOST), 1),
        (MORE_THAN_A_THIRD, (0, 0, 1, 1, 2, 2, NOBODY), 0),
        (MORE_THAN_A_THIRD, (0, 0, 1, 2, 2), 1),
    ],
    ids=["a tie", "a lead of what is outside", "slips that are not there", "a third", "a third with what is outside"],
)
def test_the_capital_does_not_grow_on_average_at_the_edge_of_the_null(assertion, paper, pending):
    assert assertion.sum_of([paper.count(each) for each in range(3)]) == assertion.scale * (pending + paper.count(LOST))
    orders = np.array(sorted(set(permutations(paper))))
    capital = np.exp(polling.log_capital(assertion, (6, 3, 1), orders, slips=len(paper), pending=pending))
    assert (capital.mean(axis=0) <= 1 + 1e-9).all()
    assert (capital.max(axis=0) > 1).any()


def test_more_outside_never_lowers_the_risk():
    shown = np.array([0, 0, 0, 1, 0, NOBODY, 0, 0] * 6)
    risks = [
        float(polling.risks_by_slip([AHEAD], (600, 300, 100), shown, slips=1_100, pending=pending)[-1])
        for pending in (0, 50, 150, 299, 2_000)
    ]
    assert risks == sorted(risks)
    assert risks[0] < risks[-1] == 1.0


def test_the_risk_is_that_of_the_worst_assertion_and_falls_only():
    totals = (45, 40, 15)
    shown = np.array([0, 1, 2, 0, 0, 1] * 20)
    assertions = assert_run_off(OPTIONS, totals, Fraction(1, 2))
    each = [polling.risks_by_slip([one], totals, shown, slips=10_000) for one in assertions]
    whole = polling.risks_by_slip(assertions, totals, shown, slips=10_000)
    assert whole.tolist() == np.max(each, axis=0).tolist()
    assert (np.diff(whole) <= 0).all()


def test_sizes_are_near_those_of_bravo_and_never_more_than_there_are():
    totals, slips = (60_000, 40_000), 100_000
    mean, ninth = polling.sizes(assert_first("ab", totals), totals, slips=slips, risk_limit=0.05)
    share = (totals[0] / sum(totals), totals[1] / sum(totals))
    assert mean == pytest.approx(bravo.expected_size(totals, slips, 0.05), rel=0.3)
    assert mean < ninth <= 1.3 * bravo.size_for_pair(share, 0.05, 0.9)
    few = polling.sizes(assert_first("ab", (6, 4)), (6, 4), slips=10, risk_limit=0.05)
    assert all(size <= 10 or size == float("inf") for size in few)
