"""The rule of the definition decides what the paper has to bear out."""

from fractions import Fraction

import pytest

from escruta.apps.audits.rules import assertions_as_defined

OPTIONS = ("a", "b", "c", "blank")
MAJORITY = {"wins": [{"more_than": "50%"}]}
ARGENTINA = {"wins": [{"more_than": "45%"}, {"at_least": "40%", "ahead_by_more_than": "10%"}]}


def asked(totals, rule):
    return assertions_as_defined(OPTIONS, totals, (0, 1, 2), rule)


def said(totals, rule):
    return {(each.kind, each.winner, each.loser, str(each.share)) for each in asked(totals, rule) if each.share}


def test_a_majority_in_the_first_round():
    assert said((60, 30, 5, 4), MAJORITY) == {("share", "a", None, "1/2")}


def test_a_run_off_when_nobody_has_the_majority():
    found = asked((45, 30, 20, 5), MAJORITY)
    assert said((45, 30, 20, 5), MAJORITY) == {("below", each, None, "1/2") for each in "abc"}
    assert {(each.winner, each.loser) for each in found if each.kind == "ahead"} >= {("a", "c"), ("b", "c")}


def test_argentinas_second_way_needs_the_share_and_the_lead():
    assert said((42, 30, 20, 0), ARGENTINA) == {("share", "a", None, "9/20")}
    assert said((43, 30, 27, 0), ARGENTINA) == {
        ("share", "a", None, "2/5"),
        ("lead", "a", "b", "1/10"),
        ("lead", "a", "c", "1/10"),
    }


def test_argentinas_run_off_rests_on_what_each_candidate_misses_by_most():
    found = said((42, 38, 20, 0), ARGENTINA)
    assert ("below", "a", None, "9/20") in found
    assert ("close", "a", "b", "1/10") in found
    assert ("close", "c", "a", "1/10") in found  # and below 40 %, by less


@pytest.mark.parametrize("bar", ["5%", "12.5%"])
def test_a_bar_is_passed_or_not_by_each_list(bar):
    found = {each.winner: each.kind for each in asked((60, 30, 10, 0), {"bar": bar})}
    assert found == {
        "a": "share",
        "b": "share",
        "c": "share" if Fraction(10, 100) > Fraction(bar[:-1]) / 100 else "below",
    }


def test_blank_votes_can_be_valid_and_never_win():
    found = asked((30, 28, 5, 90), MAJORITY)
    assert {each.winner for each in found} | {each.loser for each in found} == {"a", "b", "c", None}
    assert said((30, 28, 5, 90), MAJORITY) >= {("below", "a", None, "1/2")}


@pytest.mark.parametrize("totals", [(60, 30, 5, 4), (45, 30, 20, 5), (42, 38, 20, 0), (43, 30, 27, 0)])
@pytest.mark.parametrize("rule", [MAJORITY, ARGENTINA, {"bar": "7%"}], ids=["majority", "argentina", "bar"])
def test_what_is_asked_is_true_of_the_published_totals(totals, rule):
    assert all(each.sum_of(totals) > 0 for each in asked(totals, rule) if each.winner != "blank")
