"""The quick count: sizes by hand, a draw that anybody repeats, variances against simulation and real data."""

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from escruta.assessment.quickcount import Frame, Reports, draw, estimate, plan, ratio, ticket, total_by_ratio
from escruta.assessment.quickcount.plans import allocate
from escruta.assessment.quickcount.ratios import collapsed


def frame_of(sizes, seed=0):
    chance = np.random.default_rng(seed)
    stratum = np.repeat(np.arange(len(sizes)), sizes)
    return Frame(
        centres=tuple(f"c{place:04d}" for place in range(len(stratum))),
        stratum=stratum.astype(np.int64),
        stratum_names=tuple(f"s{place}" for place in range(len(sizes))),
        registered=np.exp(chance.normal(7, 0.6, len(stratum))).round().astype(np.float64) + 10,
    )


def country(frame, seed=1):
    """Votes of every centre: two candidates, each centre with a mind of its own."""
    chance = np.random.default_rng(seed)
    share = np.clip(0.55 + 0.1 * (frame.stratum - 1) + chance.normal(0, 0.1, len(frame.centres)), 0.05, 0.95)
    cast = np.round(frame.registered * np.clip(chance.normal(0.65, 0.08, len(frame.centres)), 0.2, 0.95))
    first = np.round(cast * share)
    return np.stack([first, cast - first], axis=1).astype(np.int64)


def reports(frame, votes, centres):
    rows = [frame.centres.index(each) for each in centres]
    return Reports(
        centres=tuple(centres), candidates=("a", "b"), votes=votes[rows], registered=frame.registered[rows].copy()
    )


def test_the_size_by_hand():
    frame = frame_of([600, 400])
    found = plan(frame, half_width=0.02, share=0.5, rho=0.04, turnout=0.6, no_answer=0.0)
    ballots = frame.registered.mean() * 0.6
    effect = 1 + (ballots - 1) * 0.04
    first = 1.959964**2 * 0.25 * effect / (0.02**2 * ballots)
    assert found.design_effect == pytest.approx(effect)
    assert found.needed == int(np.ceil(first / (1 + first / 1000)))
    assert found.drawn == found.needed


def test_a_planned_size_gives_the_wanted_width():
    frame = frame_of([1500, 1000, 500], seed=3)
    votes = country(frame)
    cast = votes.sum(axis=1)
    share = votes[:, 0].sum() / cast.sum()
    errors = votes[:, 0] - share * cast
    rho = (len(cast) * errors.var() / cast.sum() / (share * (1 - share)) - 1) / (cast.mean() - 1)
    found = plan(frame, half_width=0.015, share=share, rho=float(rho), turnout=0.65, no_answer=0.0)
    hits = []
    for seed in range(60):
        drawn = draw(frame, found.allocation, f"seed {seed}")
        quick = estimate(frame, drawn.centres, reports(frame, votes, drawn.centres))
        hits.append(abs(quick.shares[0].share.value - share) <= 0.015)
    assert np.mean(hits) >= 0.9


def test_the_variance_is_that_of_repeated_draws_and_intervals_hold_the_truth():
    frame = frame_of([120, 200, 80], seed=5)
    votes = country(frame, seed=7)
    truth = votes[:, 0].sum() / votes.sum()
    values, errors, hits = [], [], []
    for seed in range(300):
        drawn = draw(frame, (12, 20, 8), f"{seed}")
        found = estimate(frame, drawn.centres, reports(frame, votes, drawn.centres)).shares[0]
        values.append(found.share.value)
        errors.append(found.share.standard_error)
        hits.append(found.low <= truth <= found.high)
    assert np.mean(values) == pytest.approx(truth, abs=0.004)
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(np.std(values), rel=0.15)
    assert np.mean(hits) >= 0.9


def test_all_drawn_and_all_in_is_the_count_itself():
    frame = frame_of([20, 30])
    votes = country(frame)
    found = estimate(frame, frame.centres, reports(frame, votes, frame.centres))
    assert found.shares[0].share.value == pytest.approx(votes[:, 0].sum() / votes.sum())
    assert found.shares[0].share.standard_error == pytest.approx(0, abs=1e-12)
    assert found.lead.share.value == pytest.approx((votes[:, 0].sum() - votes[:, 1].sum()) / votes.sum())
    assert found.turnout.value == pytest.approx(votes.sum() / frame.registered.sum())


def test_the_draw_is_the_first_digests_of_each_stratum():
    frame = frame_of([10, 15])
    found = draw(frame, (3, 4), "1 5 2 6")
    for stratum, wanted in ((0, 3), (1, 4)):
        inside = [each for each, code in zip(frame.centres, frame.stratum, strict=True) if code == stratum]
        by_hand = sorted(inside, key=lambda each: hashlib.sha256(f"1 5 2 6,{each}".encode()).hexdigest())[:wanted]
        assert [each for each in found.centres if each in inside] == by_hand
    assert found.tickets[0] == ticket("1 5 2 6", found.centres[0])


@given(st.permutations(range(25)), st.text(min_size=1).filter(str.strip))
def test_the_order_of_the_list_changes_nothing_and_more_contains_less(order, seed):
    frame = frame_of([10, 15])
    shuffled = Frame(
        centres=tuple(frame.centres[place] for place in order),
        stratum=frame.stratum[list(order)],
        stratum_names=frame.stratum_names,
        registered=frame.registered[list(order)],
    )
    assert draw(frame, (2, 3), seed) == draw(shuffled, (2, 3), seed)
    assert set(draw(frame, (2, 3), seed).centres) <= set(draw(frame, (4, 9), seed).centres)


def test_every_centre_is_as_likely_as_any_other():
    frame = frame_of([10])
    times = dict.fromkeys(frame.centres, 0)
    for seed in range(2000):
        for centre in draw(frame, (3,), f"{seed}").centres:
            times[centre] += 1
    assert all(abs(number - 600) < 5 * np.sqrt(2000 * 0.3 * 0.7) for number in times.values())


@given(st.integers(0, 400), st.lists(st.tuples(st.integers(0, 90), st.integers(1, 10**6)), min_size=1, max_size=12))
def test_an_allocation_fits_the_strata(whole, strata):
    sizes = np.array([size for size, _ in strata], dtype=np.int64)
    found = allocate(whole, [weight for _, weight in strata], sizes)
    assert all(min(2, size) <= number <= size for number, size in zip(found, sizes, strict=True))
    assert sum(found) >= min(whole, sizes.sum())
    assert sum(found) <= max(whole, 2 * len(sizes))


def test_missing_centres_widen_the_worst_case_and_stand_in_the_response():
    frame = frame_of([60, 40], seed=2)
    votes = country(frame)
    drawn = draw(frame, (12, 8), "x")
    some = [centre for place, centre in enumerate(drawn.centres) if place % 5]
    found = estimate(frame, drawn.centres, reports(frame, votes, some))
    share = found.shares[0]
    assert share.worst_low < share.low < share.share.value < share.high < share.worst_high
    assert [(each.drawn, each.answered) for each in found.responses] == [(12, 9), (8, 7)]
    whole = estimate(frame, drawn.centres, reports(frame, votes, drawn.centres)).shares[0]
    assert (whole.worst_low, whole.worst_high) == (whole.low, whole.high)
    assert share.worst_low <= whole.share.value <= share.worst_high


def test_who_was_not_drawn_is_left_out_and_named():
    frame = frame_of([30])
    votes = country(frame)
    drawn = draw(frame, (6,), "x").centres
    extra = next(centre for centre in frame.centres if centre not in drawn)
    found = estimate(frame, drawn, reports(frame, votes, [*drawn, extra]))
    assert found.reports_not_drawn == (extra,)
    assert found.shares == estimate(frame, drawn, reports(frame, votes, drawn)).shares


def test_a_centre_of_which_a_half_is_in_stands_for_the_whole():
    frame = frame_of([12])
    votes = country(frame)
    half = reports(frame, votes, frame.centres)
    doubled = Reports(
        centres=half.centres, candidates=half.candidates, votes=half.votes, registered=half.registered / 2
    )
    found = estimate(frame, frame.centres, doubled)
    assert found.turnout.value == pytest.approx(2 * votes.sum() / frame.registered.sum())


def test_thin_strata_are_put_together():
    codes, sizes = collapsed(np.array([0, 1, 1, 2]), np.array([10, 20, 5, 7]))
    assert (codes == [0, 1, 1, 0]).all()
    assert sizes.tolist() == [22, 20, 0, 0]
    codes, sizes = collapsed(np.array([0, 1, 1]), np.array([10, 20]))
    assert (codes == 0).all()
    assert sizes.tolist() == [30, 0]


def test_one_centre_has_no_interval():
    found = ratio(np.array([5.0]), np.array([10.0]), np.array([0]), np.array([9]))
    assert found.degrees == 0
    assert found.interval(0.95) == (-np.inf, np.inf)


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"half_width": 0.0}, "half_width"), ({"share": 1.0}, "share"), ({"no_answer": 1.0}, "somebody")],
)
def test_a_plan_refuses_what_is_no_share(changes, said):
    with pytest.raises(ValueError, match=said):
        plan(frame_of([10]), **({"half_width": 0.1} | changes))


def test_a_draw_refuses_an_empty_seed_doubles_and_too_many():
    frame = frame_of([3])
    with pytest.raises(ValueError, match="seed"):
        draw(frame, (1,), " ")
    with pytest.raises(ValueError, match="more centres"):
        draw(frame, (4,), "x")
    twice = Frame(centres=("a", "a"), stratum=np.zeros(2, dtype=np.int64), stratum_names=("s",), registered=np.ones(2))
    with pytest.raises(ValueError, match="twice"):
        draw(twice, (1,), "x")


@pytest.mark.data
def test_the_ratio_estimator_on_the_venezuelan_copies(shared_data):
    """As if missing at random: 12,817 centres of 15,797, registered voters 21,392,464."""
    import polars as pl  # noqa: PLC0415

    sheets = pl.read_csv(shared_data / "ve-2024" / "campaign_v1.csv")
    centres = sheets.group_by("CENTRO").agg(pl.col("RE", "EG", "NM").sum()).sort("CENTRO")
    registered = centres["RE"].to_numpy().astype(float)
    stratum, sizes = np.zeros(len(centres), dtype=np.int64), np.array([15797])
    first, second = (centres[name].to_numpy().astype(float) for name in ("EG", "NM"))
    for above, value, error in (
        (first, 8627348, 7491),
        (second, 3907687, 9408),
        (first - second, 4719661, 14285),
    ):
        found = total_by_ratio(above, registered, stratum, sizes, known=21392464)
        assert round(found.value) == value
        assert round(found.standard_error) == error
        assert found.degrees == 12816
