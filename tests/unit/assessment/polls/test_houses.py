"""Track records and house effects: who errs as all do is no house of its own."""

from fractions import Fraction

import numpy as np
import pytest
from tests.unit.assessment.polls.test_scoring import poll, result

from escruta.assessment.polls import house_effects, score, track_records

REAL = result(a=50, b=50)


def _polls(house, *shares):
    return [
        poll(id=f"{house}-{place}", pollster=house, shares={"a": Fraction(share, 100), "b": Fraction(100 - share, 100)})
        for place, share in enumerate(shares)
    ]


def test_houses_that_all_err_alike_have_no_effect_of_their_own():
    scores = score([*_polls("A", 60), *_polls("B", 60), *_polls("C", 60)], [REAL])
    for each in house_effects(scores):
        assert each.all_houses == pytest.approx(0.20)
        assert each.effect == pytest.approx(0)


def test_effects_are_smaller_than_the_differences_and_more_polls_keep_more():
    scores = score([*_polls("A", 40), *_polls("B", 50, 50, 50, 50), *_polls("C", 62)], [REAL])
    found = {each.pollster: each for each in house_effects(scores)}
    for each in found.values():
        assert abs(each.effect) <= abs(each.own - each.all_houses)
    assert found["B"].kept > found["A"].kept
    assert found["A"].effect < 0 < found["C"].effect


def test_chance_alone_is_mostly_taken_for_chance():
    chance = np.random.default_rng(5)
    sizes = []
    for _ in range(40):
        shares = [round(50 + 2 * float(chance.normal())) for _ in range(6)]
        scores = score([each for place, share in enumerate(shares) for each in _polls(f"H{place}", share)], [REAL])
        sizes += [abs(each.effect) for each in house_effects(scores, noise=0.04)]
    assert np.mean(sizes) < 0.015


def test_a_track_record_is_over_elections_and_names_its_results():
    other = [poll(id="z", pollster="A", election="y", shares={"a": Fraction(7, 10), "b": Fraction(3, 10)})]
    second = type(REAL)(id="r2", election="y", name="r2", votes={"a": 60, "b": 40})
    scores = score([*_polls("A", 60, 50), *other], [REAL, second])
    (record,) = track_records(scores, results=("r", "r2"))
    assert (record.polls, record.elections, record.results) == (3, ("x", "y"), ("r", "r2"))
    assert record.mean_margin_error == pytest.approx((0.2 + 0 + 0.2) / 3)
    assert track_records(scores, results=("elsewhere",)) == ()
