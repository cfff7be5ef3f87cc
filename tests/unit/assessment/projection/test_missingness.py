"""The table of the missing: what it finds where something is there, and nothing where nothing is."""

import dataclasses

import numpy as np
import pytest
from tests.unit.assessment.projection.made_up import made_up

from escruta.assessment.projection import missingness


def test_who_comes_first_by_their_lean_is_found_with_its_sign_and_size():
    frame, _ = made_up(1, slope=-5.0, centres=3000)
    found = missingness(frame)
    gap = found.gaps[0]
    assert gap.name == "lean"
    assert gap.difference > 0.05
    assert gap.chance <= 0.01
    lean = next(each for each in found.logit if each.name == "lean")
    assert lean.value < -4 * lean.standard_error
    shares = [each.share_in for each in found.classes if each.centres > 100]
    assert shares == sorted(shares, reverse=True)


def test_arrival_by_lot_shows_no_gap():
    chances = [missingness(made_up(seed)[0], seed=seed).gaps[0].chance for seed in range(20)]
    assert np.mean(np.array(chances) < 0.05) <= 0.2
    assert np.mean(chances) == pytest.approx(0.5, abs=0.2)


def test_the_logit_is_the_one_of_the_likelihood():
    frame, _ = made_up(2, slope=-3.0)
    found = missingness(frame)
    columns = np.column_stack([np.ones(800), frame.covariates[:, 0], np.log(frame.registered)])
    chance = 1 / (1 + np.exp(-columns @ [each.value for each in found.logit]))
    np.testing.assert_allclose(columns.T @ (frame.is_in - chance), 0, atol=1e-2)


def test_with_everybody_in_there_is_nothing_to_compare():
    frame, _ = made_up(3)
    whole = dataclasses.replace(frame, counted=frame.registered)
    assert missingness(whole).gaps == ()
    assert missingness(whole).centres_out == 0
