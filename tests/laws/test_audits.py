"""What must hold for every audit, whatever the boxes are."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from escruta.audit import bravo, practised, shangrla
from escruta.audit.assertions import assert_first, assert_lead, assert_majority, assert_run_off, assert_share
from escruta.audit.batches import Batches
from escruta.audit.drawing import draw_by_bound, draw_equal, draw_per_centre, random_number
from escruta.audit.errors import AuditImpossible
from escruta.audit.exact import exact_error, exact_risk, exact_sample_size, exact_shares
from escruta.audit.macro import UNIT, error_bounds, log_risks, overstatements, risk, sample_size, taints

LIMIT = 0.05


@st.composite
def elections(draw: st.DrawFn) -> Batches:
    """Draw a few boxes with a winner."""
    options = draw(st.integers(2, 4))
    rows = draw(st.lists(st.lists(st.integers(0, 60), min_size=options, max_size=options), min_size=2, max_size=8))
    spare = draw(st.lists(st.integers(0, 20), min_size=len(rows), max_size=len(rows)))
    votes = np.array(rows, dtype=np.int64)
    totals = np.sort(votes.sum(axis=0))
    assume(totals[-1] > totals[-2])
    return Batches(
        names=tuple(map(str, range(len(rows)))),
        options=tuple("abcd"[:options]),
        votes=votes,
        bound=votes.sum(axis=1) + np.array(spare) + 1,
    )


@st.composite
def audits(draw: st.DrawFn):
    """Draw an election, some draws, and what the paper of each drawn box says."""
    batches = draw(elections())
    places = draw(st.lists(st.integers(0, len(batches) - 1), min_size=1, max_size=6))
    papers = {}
    for place in sorted(set(places)):
        most = int(batches.bound[place]) // len(batches.options)
        one = draw(st.lists(st.integers(0, most), min_size=len(batches.options), max_size=len(batches.options)))
        papers[place] = draw(st.sampled_from([one, batches.votes[place].tolist()]))
    return batches, np.array(places), np.array([papers[place] for place in places])


def judged(batches, drawn, paper, **options):
    bounds = error_bounds(batches, assert_first(batches.options, batches.totals))
    tainted = taints(bounds, drawn, overstatements(batches, bounds, drawn, paper, **options))
    return bounds, tainted


@given(elections())
def test_bounds_are_those_of_the_paper_and_units_are_never_below_them(batches):
    assertions = assert_first(batches.options, batches.totals)
    bounds = error_bounds(batches, assertions)
    shares = exact_shares(batches, assertions)
    assert bounds.exact_total == sum(shares)
    assert all(Fraction(int(each), UNIT) >= share for each, share in zip(bounds.units, shares, strict=True))
    assert all(
        Fraction(int(u), UNIT) - share < Fraction(1, UNIT) for u, share in zip(bounds.units, shares, strict=True)
    )
    assert bounds.exact_total >= 1  # less could never change the outcome, and the margin is made of these boxes


@given(audits())
def test_the_quick_risk_is_the_exact_one(audit):
    batches, drawn, paper = audit
    bounds, tainted = judged(batches, drawn, paper)
    errors = [
        exact_error(batches.votes[place].tolist(), row.tolist(), bounds.assertions, bounds.margins)
        for place, row in zip(drawn, paper, strict=True)
    ]
    exact = exact_risk(
        bounds.unit_total,
        [error / Fraction(int(bounds.units[place]), UNIT) for place, error in zip(drawn, errors, strict=True)],
    )
    found = risk(bounds.unit_total, tainted)
    if exact is None:
        assert found == 1.0
    else:
        assert math.isclose(found, min(1.0, float(exact)), rel_tol=1e-9, abs_tol=1e-12)


@given(audits(), st.randoms(use_true_random=False))
def test_the_order_of_the_draws_changes_nothing(audit, dice):
    batches, drawn, paper = audit
    bounds, tainted = judged(batches, drawn, paper)
    order = list(range(len(drawn)))
    dice.shuffle(order)
    assert math.isclose(risk(bounds.unit_total, tainted), risk(bounds.unit_total, tainted[order]), rel_tol=1e-9)


@given(audits(), st.data())
def test_one_vote_less_for_the_winner_never_lowers_the_risk(audit, data):
    batches, drawn, paper = audit
    winner = int(np.argmax(batches.totals))
    at = data.draw(st.integers(0, len(drawn) - 1))
    assume(paper[at, winner] > 0)
    worse = paper.copy()
    worse[at, winner] -= 1
    bounds, before = judged(batches, drawn, paper)
    _, after = judged(batches, drawn, worse)
    assert risk(bounds.unit_total, after) >= risk(bounds.unit_total, before)
    of = {"assertions": bounds.assertions, "margins": bounds.margins, "drawn": drawn}
    assert shangrla.batch_risk(batches, paper=worse, **of) >= shangrla.batch_risk(batches, paper=paper, **of) - 1e-12


@given(audits(), st.data())
def test_a_missing_slip_or_box_never_lowers_the_risk(audit, data):
    batches, drawn, paper = audit
    at = data.draw(st.integers(0, len(drawn) - 1))
    slips = np.zeros(len(drawn), dtype=np.int64)
    slips[at] = data.draw(st.integers(1, 5))
    bounds, before = judged(batches, drawn, paper)
    _, with_missing = judged(batches, drawn, paper, missing_slips=slips)
    gone = np.arange(len(drawn)) == at
    lost = taints(bounds, drawn, overstatements(batches, bounds, drawn, paper), box_missing=gone)
    total = bounds.unit_total
    assert risk(total, before) <= risk(total, with_missing) <= risk(total, lost) == 1.0


@given(audits())
def test_understatements_only_ever_help(audit):
    batches, drawn, paper = audit
    bounds, tainted = judged(batches, drawn, paper)
    assert risk(bounds.unit_total, tainted) <= risk(bounds.unit_total, tainted, understatements=False)


@given(st.fractions(min_value=Fraction(11, 10), max_value=200), st.sampled_from([0.2, 0.1, 0.05, 0.01]))
def test_the_fewest_draws_reach_the_limit_and_one_less_does_not(total, limit):
    draws = int(sample_size(total, limit))
    assert draws == exact_sample_size(total, Fraction(limit))
    assert log_risks(total, np.zeros(draws))[-1] <= math.log(limit) + 1e-12


@given(elections(), st.integers(0, 30))
def test_ballots_outside_only_ever_make_it_harder(batches, pending):
    assertions = assert_first(batches.options, batches.totals)
    bounds, harder = error_bounds(batches, assertions), error_bounds(batches, assertions, pending=pending)
    assert harder.total >= bounds.total
    assert sample_size(harder.total, LIMIT) >= sample_size(bounds.total, LIMIT)


@given(elections())
def test_an_assertion_is_true_when_its_assorter_is_above_one_half_on_average(batches):
    totals, ballots = batches.totals, batches.ballots
    rest = ballots - sum(totals)
    some = [
        *assert_first(batches.options, totals),
        assert_share(batches.options, "a", Fraction(2, 5)),
        assert_lead(batches.options, "a", "b", Fraction(1, 10)),
        *assert_majority(batches.options, totals, Fraction(1, 3)),
    ]
    if len(batches.options) > 2 and sorted(totals)[-2] > sorted(totals)[-3]:
        some += assert_run_off(batches.options, totals, Fraction(1, 2))
    for each in some:
        values = [each.value(place) for place in range(len(totals))]
        mean = (sum(v * n for v, n in zip(values, totals, strict=True)) + rest * each.value(None)) / ballots
        assert (mean > Fraction(1, 2)) == (each.sum_of(totals) > 0)
        assert max(values) == each.upper
        assert min(values) == 0


@given(elections(), st.data())
def test_boxes_are_worth_more_than_one_half_on_average_exactly_when_the_paper_bears_the_assertion_out(batches, data):
    paper = np.array([data.draw(st.permutations(row)) for row in batches.votes.tolist()])
    every = np.arange(len(batches))
    for each in assert_first(batches.options, batches.totals):
        margin = each.sum_of(batches.totals)
        x = shangrla.batch_values(batches, each, margin, every, paper)
        mean = float((x * batches.bound).sum() / batches.ballots)
        true = each.sum_of(paper.sum(axis=0).tolist())
        assert math.isclose(mean, 0.5, abs_tol=1e-12) if true == 0 else (mean > 0.5) == (true > 0)
        assert x.max() <= shangrla.largest_value(each, margin, batches.ballots) + 1e-12


@given(elections(), st.fractions(min_value=Fraction(1, 10), max_value=Fraction(9, 10)))
def test_a_share_is_asked_for_as_the_law_asks_for_it(batches, share):
    totals = batches.totals
    above = assert_share(batches.options, "a", share).sum_of(totals) > 0
    assert above == (Fraction(totals[0], sum(totals)) > share)
    ahead = assert_lead(batches.options, "a", "b", share).sum_of(totals) > 0
    assert ahead == (Fraction(totals[0] - totals[1], sum(totals)) > share)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=12), st.integers(1, 20), st.integers(0, 10**25))
def test_anybody_draws_the_same_boxes_by_adding_whole_numbers(bounds, draws, seed):
    found = draw_by_bound(str(seed), "contest", np.array(bounds), draws)
    for number, place in enumerate(found, start=1):
        aim = random_number(str(seed), "contest", number) * sum(bounds) >> 256
        assert sum(bounds[:place]) <= aim < sum(bounds[: place + 1])
    later = draw_by_bound(str(seed), "contest", np.array(bounds), draws, after=draws)
    assert draw_by_bound(str(seed), "contest", np.array(bounds), 2 * draws) == found + later


@given(st.integers(1, 40), st.integers(0, 40), st.integers(0, 10**25))
def test_equal_chances_do_not_depend_on_the_order_of_the_list(boxes, draws, seed):
    names = [f"box {number}" for number in range(boxes)]
    forward = [names[place] for place in draw_equal(str(seed), names, draws)]
    backward = [names[::-1][place] for place in draw_equal(str(seed), names[::-1], draws)]
    assert forward == backward
    assert len(set(forward)) == len(forward) == min(boxes, draws)
    centres = ["x" if number % 3 else "y" for number in range(boxes)]
    inside = draw_per_centre(str(seed), names, centres, {"x": 2, "y": 1})
    assert [centres[place] for place in inside].count("x") == min(2, centres.count("x"))


def fractions_of_a_margin():
    return st.integers(1, 12).map(lambda part: Fraction(part, 12))


@given(st.lists(st.tuples(st.lists(fractions_of_a_margin(), min_size=1, max_size=4), st.integers(0, 4)), max_size=4))
def test_the_bound_centre_by_centre_is_never_below_the_best_hiding_place(centres):
    centres = [(shares, min(drawn, len(shares))) for shares, drawn in centres]
    assume(sum(len(shares) for shares, _ in centres))
    exact = practised.chance_per_centre_exactly(centres)
    places = np.repeat(np.arange(len(centres)), [len(shares) for shares, _ in centres])
    shares = np.array([float(each) for one, _ in centres for each in one])
    bound = practised.chance_per_centre(places, shares, {at: drawn for at, (_, drawn) in enumerate(centres)})
    assert exact is not None
    assert bound >= float(exact) - 1e-9


@given(st.integers(2, 60), st.integers(0, 60), st.integers(0, 60))
def test_the_chance_of_missing_is_the_hypergeometric_one(boxes, different, drawn):
    different, drawn = min(different, boxes), min(drawn, boxes)
    exact = Fraction(math.comb(boxes - different, drawn), math.comb(boxes, drawn))
    assert math.isclose(practised.chance_of_missing(boxes, different, drawn), float(exact), rel_tol=1e-9)


@given(st.lists(st.integers(1, 50), min_size=3, max_size=12), st.floats(0, 0.1), st.floats(0, 0.1))
def test_tolerating_more_never_needs_more_boxes_to_be_wrong(sizes, one, other):
    shares = np.array(sizes) / 60
    low, high = sorted((one, other))
    assert practised.breaking_number(shares, tolerated=high) <= practised.breaking_number(shares, tolerated=low)


@given(st.integers(501, 900), st.lists(st.booleans(), min_size=1, max_size=60))
def test_the_order_of_slips_changes_nothing_and_a_slip_for_the_loser_never_helps(winner, slips):
    votes = (winner, 1000 - winner)
    sample = (sum(slips), len(slips) - sum(slips))
    after = bravo.log_risk_of_pair(votes, (sample[0], sample[1] + 1))
    assert after >= bravo.log_risk_of_pair(votes, sample)


def test_level_candidates_have_nothing_to_confirm():
    with pytest.raises(AuditImpossible, match="no winner"):
        assert_first(("a", "b"), (5, 5))
