"""Scores of polls: by hand, by their laws, and the table of the Venezuelan polls of 2024."""

import math
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escruta.assessment.polls import Poll, ResultSet, read_polls, score, score_one

COPIES = ResultSet(
    id="copies",
    election="ve-2024-president",
    name="campaign's copies",
    votes={"gonzalez": 7156462, "maduro": 3241461, "others": 261205},
)
BULLETIN = ResultSet(
    id="bulletin-2",
    election="ve-2024-president",
    name="second bulletin",
    votes={"gonzalez": 5326104, "maduro": 6408844, "others": 600936},
)


def poll(**changes) -> Poll:
    values: dict[str, Any] = {
        "id": "one",
        "pollster": "House",
        "election": "x",
        "source": "paper",
        "method": "telephone",
        "first_day": date(2024, 1, 1),
        "last_day": date(2024, 1, 2),
        "sample": 1000,
        "shares": {"a": Fraction(50, 100), "b": Fraction(40, 100), "c": Fraction(10, 100)},
    }
    return Poll(**(values | changes))


def result(**votes) -> ResultSet:
    return ResultSet(id="r", election="x", name="r", votes=votes)


# Signed margin error in points, AAE, A and its z: against the copies, then against the second bulletin.
TABLE = {
    "edison-exit": ((-2.73, 1.36, -0.0516, -1.4), (42.77, 21.39, 0.925, 24.8)),
    "hinterlaces-exit": ((-48.48, 24.24, -1.035, -16.0), (-2.98, 1.49, -0.058, -0.9)),
    "lewis-thompson-exit": ((-57.73, 28.86, -1.273, -18.5), (-12.23, 6.11, -0.296, -4.3)),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_venezuelan_table(name, repository):
    text = (repository / "examples/venezuela-2024/polls.toml").read_text(encoding="utf-8")
    polls, _ = read_polls(text, "polls.toml")
    scores = {each.result: each for each in score([each for each in polls if each.id == name], [COPIES, BULLETIN])}
    for against, (margin, average, bias, z) in zip(("copies", "bulletin-2"), TABLE[name], strict=True):
        found = scores[against]
        assert float(found.margin_error) * 100 == pytest.approx(margin, abs=0.011)
        assert float(found.average_error) * 100 == pytest.approx(average, abs=0.007)
        assert found.bias.value == pytest.approx(bias, abs=0.0011)
        assert found.bias.z == pytest.approx(z, abs=0.06)
        assert (found.first, found.second) == ("gonzalez", "maduro")
    assert scores["copies"].bias.rests_on_an_assumed_sample is (name != "edison-exit")


def test_every_measure_by_hand():
    found = score_one(poll(), result(a=45, b=48, c=7), pair=("a", "b"))
    assert found.margin_error == Fraction(13, 100)
    assert found.margin_error_size == Fraction(13, 100)
    assert found.average_error == Fraction(5 + 8 + 3, 300)
    assert found.pair_error == Fraction(13, 200)
    assert found.bias.value == pytest.approx(math.log((50 / 40) / (45 / 48)))
    assert found.bias.standard_error == pytest.approx(math.sqrt((1 / 0.5 + 1 / 0.4) / 1000))
    distances = [abs(math.log(p / (1 - p) / (r / (1 - r)))) for p, r in ((0.5, 0.45), (0.4, 0.48), (0.1, 0.07))]
    assert found.b == pytest.approx(sum(distances) / 3)
    assert found.b_weighted == pytest.approx(sum(d * w for d, w in zip(distances, (0.45, 0.48, 0.07), strict=True)))


def test_undecided_are_given_in_proportion_and_it_is_said():
    shares = {"a": Fraction(40, 100), "b": Fraction(40, 100)}
    found = score_one(poll(shares=shares, undecided=Fraction(20, 100)), result(a=60, b=40))
    assert found.reallocated == Fraction(1, 5)
    assert found.margin_error == Fraction(-20, 100)
    assert found.average_error == Fraction(10, 100)


def test_others_of_the_poll_are_the_rest_of_the_result():
    shares = {"a": Fraction(1, 2), "b": Fraction(3, 10), "others": Fraction(1, 5)}
    found = score_one(poll(shares=shares), result(a=50, b=30, c=15, d=5))
    assert found.average_error == 0
    assert set(found.compared) == {"a", "b", "others"}


def test_a_zero_has_no_logarithm_and_the_other_measures_stay():
    found = score_one(poll(shares={"a": Fraction(1), "b": Fraction(0)}), result(a=3, b=1))
    assert found.bias is None
    assert found.b is None
    assert found.margin_error == Fraction(1, 2)


def test_without_interviews_the_bias_has_no_standard_error():
    bias = score_one(poll(sample=None), result(a=1, b=1, c=1)).bias
    assert bias.standard_error is None
    assert bias.z is None


def test_results_of_other_elections_and_of_other_people_are_no_measure():
    assert score([poll(election="y")], [result(a=1, b=1)]) == ()
    assert score([poll()], [result(d=2, e=1)]) == ()


@given(st.lists(st.integers(1, 10**6), min_size=2, max_size=5))
def test_a_poll_that_says_the_result_has_no_error(votes):
    names = "abcde"[: len(votes)]
    real = result(**dict(zip(names, votes, strict=True)))
    found = score_one(poll(shares=real.shares()), real)
    assert found.margin_error == 0
    assert found.average_error == 0
    assert found.bias.value == pytest.approx(0, abs=1e-9)
    assert found.b == pytest.approx(0, abs=1e-9)


@given(st.integers(1, 99), st.integers(1, 99))
def test_the_other_way_round_the_signs_change_and_nothing_else(said, real):
    one = poll(shares={"a": Fraction(said, 100), "b": Fraction(100 - said, 100)})
    votes = result(a=real, b=100 - real)
    there, back = (score_one(one, votes, pair=pair) for pair in (("a", "b"), ("b", "a")))
    assert there.margin_error == -back.margin_error
    assert there.bias.value == pytest.approx(-back.bias.value)
    assert there.average_error == back.average_error
    assert there.average_error * 2 == abs(there.margin_error)
