"""What the projection promises: coverage, bounds, sums, refusals, and never a chance without its assumption."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.assessment.projection.made_up import made_up

from escruta.assessment.projection import ASSUMPTION, project


def _truth(votes, place):
    return votes[:, place.leader].sum() - votes[:, place.runner_up].sum()


@pytest.mark.parametrize("slope", [0.0, -6.0])
def test_nine_in_ten_intervals_hold_the_truth_whichever_centres_come_first(slope):
    hits = []
    for seed in range(8):
        frame, votes = made_up(seed, slope=slope, centres=240, states=6)
        found = project(frame).country
        hits.append(found.margin.low <= _truth(votes, found) <= found.margin.high)
    assert np.mean(hits) >= 0.75


def test_the_ratio_alone_would_be_wrong_where_the_model_is_not():
    ratio, ours = [], []
    for seed in range(3):
        frame, votes = made_up(seed, slope=-8.0)
        found = project(frame).country
        truth = _truth(votes, found)
        inside = frame.is_in
        margin = votes[inside, found.leader].sum() - votes[inside, found.runner_up].sum()
        ratio.append(margin * frame.registered.sum() / frame.counted.sum() - truth)
        ours.append(found.margin.middle - truth)
    assert np.sqrt(np.mean(np.square(ours))) < np.sqrt(np.mean(np.square(ratio))) / 3


@settings(max_examples=5)
@given(seed=st.integers(0, 50), share=st.floats(0.7, 0.95))
def test_intervals_lie_inside_what_is_possible_and_candidates_add_up(seed, share):
    frame, _ = made_up(seed, share=share, centres=160, states=4)
    found = project(frame, levels=(0, 1), least_coverage=0.0)
    for area in (found.country, *found.areas[0], *found.areas[1]):
        for each in (*area.votes, area.margin):
            assert each.least <= each.low <= each.middle <= each.high <= each.most
        assert area.runner_up is not None
        assert area.margin.middle == pytest.approx(area.votes[area.leader].middle - area.votes[area.runner_up].middle)
        assert 0 <= area.leads.value <= 1
        assert area.leads.assumption == ASSUMPTION
    for candidate in range(3):
        inside = sum(area.votes[candidate].middle for area in found.areas[0])
        assert inside == pytest.approx(found.country.votes[candidate].middle, rel=1e-6)


def test_what_is_wholly_in_has_no_interval_left():
    frame, votes = made_up(4)
    whole = dataclasses.replace(
        frame, votes=votes, counted=frame.registered, arrival=np.arange(len(votes), dtype=float)
    )
    found = project(whole).country
    assert (found.margin.low, found.margin.high) == (found.margin.middle, found.margin.middle)
    assert found.margin.middle == _truth(votes, found)
    assert found.leads.is_certain
    assert found.leads.value == 1.0


def test_a_lead_that_the_missing_cannot_undo_is_certain_without_the_model():
    frame, votes = made_up(4, share=0.97)
    sure = dataclasses.replace(frame, votes=np.where(frame.is_in[:, None], votes * [2, 0, 0], 0))
    found = project(sure).country
    assert found.margin.least > 0
    assert found.leads.is_certain
    assert found.leads.value == 1.0


def test_below_a_fifth_it_refuses_and_shows_the_missing_all_the_same():
    frame, _ = made_up(5, share=0.1, centres=2000)
    found = project(frame)
    assert found.country is None
    assert [reason.code for reason in found.refused] == ["too-little-counted"]
    assert found.missing.centres_out == 1800


def test_few_centres_are_refused():
    frame, _ = made_up(5, share=0.5, centres=150)
    assert [reason.code for reason in project(frame).refused] == ["too-few-centres"]


def test_an_area_of_which_nothing_is_in_is_named_and_has_a_wider_interval():
    frame, _ = made_up(6, share=0.7, centres=800)
    gone = frame.areas[0] == 2
    counted = np.where(gone, 0.0, frame.counted)
    arrival = np.where(gone, np.nan, frame.arrival)
    hidden = dataclasses.replace(frame, counted=counted, arrival=arrival, votes=np.where(gone[:, None], 0, frame.votes))
    found = project(hidden)
    caution = next(each for each in found.cautions if each.code == "areas-with-nothing")
    assert caution.areas == ("S2",)
    widths = [(area.margin.high - area.margin.low) / max(area.out, 1) for area in found.areas[0]]
    assert np.argmax(widths) == 2


def test_centres_unlike_any_seen_are_flagged():
    frame, _ = made_up(7)
    lean = np.where(frame.is_in, frame.covariates[:, 0], frame.covariates[:, 0] + 0.8)
    found = project(dataclasses.replace(frame, covariates=lean[:, None]))
    assert "outside-the-range" in {each.code for each in found.cautions}
    assert project(frame).cautions == ()


def test_without_an_earlier_election_it_projects_by_area_and_size():
    frame, votes = made_up(8)
    found = project(dataclasses.replace(frame, covariates=None, covariate_names=()))
    truth = _truth(votes, found.country)
    assert found.country.margin.low <= truth <= found.country.margin.high
    known = project(frame).country.margin
    assert known.high - known.low < found.country.margin.high - found.country.margin.low


def test_centres_without_an_earlier_result_are_projected_with_a_caution():
    frame, _ = made_up(9, centres=1000)
    lean = frame.covariates.copy()
    lean[::4] = np.nan
    found = project(dataclasses.replace(frame, covariates=lean))
    assert "no-earlier-result" in {each.code for each in found.cautions}
    assert found.country.margin.low < found.country.margin.high


def test_where_nobody_knows_the_order_a_supposed_one_is_said_to_be_supposed():
    frame, _ = made_up(9)
    assert project(frame).backcast.known_order
    assert not project(dataclasses.replace(frame, arrival=None)).backcast.known_order


def test_a_model_that_was_wrong_tonight_gives_wider_intervals():
    frame, votes = made_up(10, centres=1200)
    late = np.argsort(np.nan_to_num(frame.arrival, nan=1e9))[300:]
    shifted = votes.copy()
    shifted[late] = (shifted[late] * [0.7, 1.0, 1.0]).astype(np.int64)
    wrong = dataclasses.replace(frame, votes=np.where(frame.is_in[:, None], shifted, 0))
    weights = np.array([1.0, -1.0, 0.0])
    assert project(wrong).backcast.factors(weights)[1] > 2
    assert 1 <= project(frame).backcast.factors(weights)[1] < 1.8
