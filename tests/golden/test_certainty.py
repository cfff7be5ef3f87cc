"""The worked case: what is certain of the outcome, and of both announcements, to the last figure.

The figures hold for the campaign's file alone. They were first worked out by hand and with a general solver; here they
come from the bounds, in whole numbers.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from escruta.apps.examine import examine_election
from escruta.assessment.announced import Coverage, Verdict, full_answer, quick_answer
from escruta.assessment.bounds import bound_by_sorting
from escruta.assessment.groups import Outside
from escruta.assessment.known import known_sheets, universe_of
from escruta.assessment.overturn import overturn
from escruta.assessment.programmes import least_false_sheets, sharpest_certificate
from escruta.assessment.rounded import rounded_test
from escruta.assessment.sequences import sequence_answer
from escruta.election.reading import read_election

pytestmark = pytest.mark.data


@cache
def examined(folder: Path, data: Path) -> Any:
    results = examine_election(read_election(folder), [data], sources=("campaign",))
    one = results.contests[0]
    return SimpleNamespace(
        results=results,
        one=one,
        known=known_sheets(one.stations, one.figures),
        universe=universe_of(one.areas),
        bulletins=results.election.announcements,
    )


@pytest.fixture
def case(repository: Path, shared_data: Path) -> Any:
    return examined(repository / "examples" / "venezuela-2024", shared_data)


def test_outcome_cannot_be_overturned_and_so_many_sheets_would_have_to_be_false(case: Any) -> None:
    one = case.one
    found = overturn(stations=one.stations, areas=one.areas, totals=one.tally.totals, figures=one.figures)
    assert (found.margin_votes, found.reach, found.slack) == (3_915_001, 3_647_225, 267_776)
    assert found.standing.certain == ("gonzalez",)
    assert (found.false_sheets.in_addition, found.false_sheets.by_themselves, found.false_sheets.swapped) == (
        188,
        3_066,
        6_168,
    )
    assert found.night is None  # no source says when a sheet arrived


def test_setting_the_best_sheets_aside_opens_the_outcome_again(case: Any) -> None:
    one, known = case.one, case.known
    swings = known.votes[:, 0] - known.votes[:, 1] + known.capacity
    best = [known.stations[int(place)] for place in np.argsort(-swings)[:188]]
    asked: dict[str, Any] = {
        "stations": one.stations,
        "areas": one.areas,
        "totals": one.tally.totals,
        "figures": one.figures,
    }
    assert overturn(**asked, pending=best).slack in range(-5_000, 1)
    assert overturn(**asked, pending=best[:-1]).slack in range(1, 5_000)


def test_first_bulletin_is_impossible_at_its_coverage(case: Any) -> None:
    found = full_answer(case.bulletins[0], case.known, case.universe)
    gonzalez = found.answer.alone[0]
    assert (gonzalez.group, gonzalez.smallest, gonzalez.announced) == ("gonzalez", 4_641_687, 4_445_978)
    assert found.answer.verdict is Verdict.NOT_AT_ITS_COVERAGE
    assert found.answer.certificate.weights == ((-1, 0, 0),)
    assert found.answer.certificate.gap == 195_709
    assert (gonzalez.false_sheets, found.false_sheets, found.false_sheets_at_any_coverage) == (529, 529, 0)
    assert found.critical_coverage == 23_492  # 78.24 %
    assert found.answer.coverage_of(gonzalez.known_coverage) == 23_492


def test_second_bulletin_is_impossible_at_every_coverage(case: Any) -> None:
    found = full_answer(case.bulletins[1], case.known, case.universe)
    assert found.answer.verdict is Verdict.NEVER
    assert found.answer.alone[0].shortfall == 1_370_709
    assert found.answer.coverage_of(found.answer.alone[0].known_coverage) == 25_809  # 85.96 %
    assert (found.false_sheets, found.false_sheets_at_any_coverage) == (3_277, 210)
    assert found.critical_coverage == -1
    anywhere = found.answer.question.at_any_coverage()
    by_hand = bound_by_sorting(anywhere, (-270, 1000, 1000))
    assert by_hand.gap == 210_287_540
    best = sharpest_certificate(anywhere)
    assert Fraction(best.gap, max(map(abs, best.weights[0]))) * 1000 >= Fraction(9, 10) * by_hand.gap


@pytest.mark.parametrize(
    ("bulletin", "covered", "needed", "critical"),
    [(0, Fraction(80, 100) * 21_392_464, 5_018_638, 740), (1, Fraction(20_654_431), 6_734_402, 831)],
)
def test_coverage_by_voters_is_impossible_too(
    case: Any, bulletin: int, covered: Fraction, needed: int, critical: int
) -> None:
    coverage = Coverage(by="voters", claimed=round(covered), of=21_392_464)
    found = full_answer(case.bulletins[bulletin], case.known, case.universe, coverage=coverage)
    gonzalez = found.answer.alone[0]
    assert gonzalez.smallest == needed
    assert found.answer.certificate.is_proof
    covered_at_most: Any = found.answer.coverage_of(gonzalez.known_coverage)
    assert covered_at_most * 1000 // 21_392_464 == critical


def test_first_bulletin_is_impossible_at_any_coverage_if_turnout_was_60_percent(case: Any) -> None:
    limit = Fraction(60, 100)
    found = quick_answer(case.bulletins[0], case.known, case.universe, outside=Outside(turnout=limit))
    assert found.verdict is Verdict.NEVER
    assert "turnout_outside_is_limited" in found.assumptions
    assert bound_by_sorting(found.question.at_any_coverage(), (-335, 1000, 1000)).gap == 538_496_850
    # 945 with fractions of voters; a station's 60 % in whole voters leaves a little less room
    assert least_false_sheets(found.question).at_least == 946


@pytest.mark.parametrize(("bulletin", "false", "anywhere"), [(0, 5_937, 5_361), (1, 10_262, 9_344)])
def test_so_many_sheets_are_false_if_no_more_than_60_percent_voted_and_60_percent_of_them_for_maduro(
    case: Any, bulletin: int, false: int, anywhere: int
) -> None:
    outside = Outside(turnout=Fraction(60, 100), shares={"maduro": Fraction(60, 100)})
    found = full_answer(case.bulletins[bulletin], case.known, case.universe, outside=outside)
    assert (found.false_sheets, found.false_sheets_at_any_coverage) == (false, anywhere)
    assert found.answer.verdict is Verdict.NEVER
    assert {"turnout_outside_is_limited", "shares_outside_are_limited"} <= set(found.answer.assumptions)
    proof = found.answer.certificate_at_any_coverage
    again = bound_by_sorting(found.answer.question.at_any_coverage(), proof.weights[0])
    assert again.gap == proof.gap > 0


def test_bulletins_are_impossible_together(case: Any) -> None:
    found = sequence_answer(case.bulletins, case.known, case.universe)
    assert found.shrinking == ()
    assert found.certificate_at_any_coverage.is_proof


def test_first_bulletin_is_worked_out_from_percentages_and_the_second_is_not(case: Any) -> None:
    first, second = case.bulletins
    counts = [*first.votes.values(), first.others.votes]
    test = rounded_test(["nm", "eg", "rest"], counts, 1)
    assert test.all_hit
    assert round(1 / test.together) == 134_375_310
    assert round(1 / test.corrected) == 1_343_753
    assert round(1 / test.one) == 10_049
    control = rounded_test(list(second.votes), list(second.votes.values()), 2)
    assert not any(each.is_hit for each in control.counts)
    assert [round(float(each.miss), 1) for each in sorted(control.counts, key=lambda each: each.miss)][::9] == [
        4.9,
        605.0,
    ]


def test_later_version_of_the_file_is_held_against_the_bulletins_as_it_stands(case: Any) -> None:
    """Other sheets, other figures: here a version with a thousand sheets fewer, and one with a false one more."""
    rng = np.random.default_rng(2024)
    fewer = case.known.keeping(np.sort(rng.permutation(case.known.count)[:-1000]))
    found = quick_answer(case.bulletins[0], fewer, case.universe)
    assert found.alone[0].smallest < 4_641_687
    assert found.alone[0].false_sheets in range(529)
    votes = case.known.votes.copy()
    votes[0, 0] += 1
    changed = quick_answer(case.bulletins[0], replace(case.known, votes=votes), case.universe)
    assert changed.alone[0].smallest in {4_641_687, 4_641_688}
