"""The mixed-model equations against generalised least squares by brute force, and against simulation."""

import dataclasses

import numpy as np
import pytest
from tests.unit.assessment.projection.made_up import made_up

from escruta.assessment.projection.designs import design_of
from escruta.assessment.projection.equations import Variances, estimate, solve
from escruta.assessment.projection.forecasts import forecast


def _small():
    frame, votes = made_up(3, centres=60, states=3)
    design = design_of(frame)
    rows = np.flatnonzero(frame.is_in)
    rates = frame.votes[rows] / frame.counted[rows, None]
    blocks = tuple(0.05 + 0.03 * place for place in range(len(design.blocks)))
    scale = np.linspace(-0.2, 0.2, design.scale.shape[1])
    variances = Variances(blocks=blocks, size=300.0, scale=scale)
    return frame, votes, design, rows, rates, variances


def _dense(frame, design, rows, variances):
    """The covariance of what is in, by its definition, and its columns."""
    columns = design.columns.toarray()
    shared, own = variances.of(design.scale, frame.registered)
    prior = np.concatenate(
        [np.full(block.stop - block.start, ratio) for block, ratio in zip(design.blocks, variances.blocks, strict=True)]
    )
    fixed, random = columns[:, : design.fixed], columns[:, design.fixed :]
    whole = random * prior @ random.T + np.diag(shared + own)
    return fixed, whole, whole[np.ix_(rows, rows)]


def test_effects_are_those_of_generalised_least_squares():
    frame, _, design, rows, rates, variances = _small()
    fixed, _, inside = _dense(frame, design, rows, variances)
    weight = np.linalg.inv(inside)
    first = fixed[rows]
    by_hand = np.linalg.solve(first.T @ weight @ first, first.T @ weight @ rates)
    found = solve(design, rows, rates, frame.counted[rows], variances)
    np.testing.assert_allclose(found.effects[: design.fixed], by_hand, rtol=1e-5, atol=1e-7)


def test_forecast_and_its_variance_are_those_of_the_best_linear_prediction():
    frame, _, design, rows, rates, variances = _small()
    fixed, whole, inside = _dense(frame, design, rows, variances)
    out = np.flatnonzero(~frame.is_in)
    weight, sizes = np.linalg.inv(inside), frame.registered[out]
    cross = whole[np.ix_(out, rows)]
    first, rest = fixed[rows], fixed[out]
    curve = np.linalg.inv(first.T @ weight @ first)
    effects = curve @ first.T @ weight @ rates
    mean = rest @ effects + cross @ weight @ (rates - first @ effects)
    gap = rest - cross @ weight @ first
    error = whole[np.ix_(out, out)] - cross @ weight @ cross.T + gap @ curve @ gap.T
    found = forecast(
        design,
        frame,
        solve(design, rows, rates, frame.counted[rows], variances),
        rows,
        np.zeros(len(frame.registered), dtype=np.int64),
    )
    np.testing.assert_allclose(found.mean[0], sizes @ mean, rtol=1e-6)
    np.testing.assert_allclose(found.variance[0], sizes @ error @ sizes, rtol=1e-5)


def test_a_centre_that_is_partly_in_is_predicted_as_two_halves_that_share_its_own_effect():
    frame, votes, design, _, _, variances = _small()
    one = int(np.flatnonzero(~frame.is_in)[0])
    counted = frame.counted.copy()
    counted[one] = np.floor(frame.registered[one] / 2)
    some = frame.votes.copy()
    some[one] = votes[one] // 2
    partly = dataclasses.replace(frame, counted=counted, votes=some)
    rows = np.flatnonzero(partly.is_in)
    rates = partly.votes[rows] / counted[rows, None]
    fixed, whole, _ = _dense(partly, design, rows, variances)
    shared, own = variances.of(design.scale, counted + (counted == 0))
    np.fill_diagonal(whole, np.diag(whole) - (shared + variances.of(design.scale, partly.registered)[1]) + shared + own)
    weight = np.linalg.inv(whole[np.ix_(rows, rows)])
    cross = whole[one, rows].copy()
    cross[rows == one] -= own[one]
    first = fixed[rows]
    effects = np.linalg.solve(first.T @ weight @ first, first.T @ weight @ rates)
    mean = fixed[one] @ effects + cross @ weight @ (rates - first @ effects)
    codes = (np.arange(len(counted)) == one).astype(np.int64)
    found = forecast(design, partly, solve(design, rows, rates, counted[rows], variances), rows, codes)
    np.testing.assert_allclose(found.mean[1], partly.out[one] * mean, rtol=1e-5)


def test_predictions_add_up_and_a_margin_is_their_difference():
    frame, _, design, rows, rates, variances = _small()
    codes = np.zeros(len(frame.registered), dtype=np.int64)
    many = forecast(design, frame, solve(design, rows, rates, frame.counted[rows], variances), rows, codes)
    merged = np.column_stack([rates[:, 0] - rates[:, 1], rates.sum(axis=1)])
    two = forecast(design, frame, solve(design, rows, merged, frame.counted[rows], variances), rows, codes)
    assert two.mean[0, 0] == pytest.approx(many.mean[0, 0] - many.mean[0, 1])
    assert two.mean[0, 1] == pytest.approx(many.mean[0].sum())
    assert two.spread(np.array([1.0, 0]))[0] == pytest.approx(many.spread(np.array([1.0, -1, 0]))[0])


def test_variances_are_found_again():
    """Draw from the model itself: a half of the country is in, and the ratio of the variances comes back."""
    frame, _ = made_up(1, centres=1500, states=12)
    design = design_of(frame)
    chance = np.random.default_rng(8)
    truth = Variances(
        blocks=tuple(0.8 if place == 0 else 1e-8 for place in range(len(design.blocks))),
        size=200.0,
        scale=np.zeros(design.scale.shape[1]),
    )
    prior = np.concatenate(
        [np.full(block.stop - block.start, ratio) for block, ratio in zip(design.blocks, truth.blocks, strict=True)]
    )
    effects = np.concatenate([np.zeros(design.fixed), chance.normal(0, np.sqrt(prior))])
    shared, own = truth.of(design.scale, frame.registered)
    rows = np.arange(1500)
    rates = 0.01 * (design.columns @ effects + chance.normal(0, np.sqrt(shared + own)))[:, None]
    found = estimate(design, rows, rates, frame.registered, steps=12)
    drawn = float(np.mean(effects[design.blocks[0]] ** 2))
    assert found.variances.blocks[0] == pytest.approx(drawn, rel=0.5)
    assert max(found.variances.blocks[1:]) < 0.05
    assert found.covariance[0, 0] == pytest.approx(1e-4, rel=0.25)
