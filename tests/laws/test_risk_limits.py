"""No method stops at a wrong outcome more often than its risk limit allows."""

import numpy as np
import pytest
from tests.unit.audit.wrong_outcomes import METHODS, STRATIFIED, most_by_chance

LIMITS = (0.2, 0.1, 0.05, 0.01)


def require_limits_are_kept(method, elections, seed):
    found = (METHODS | STRATIFIED)[method](elections, np.random.default_rng(seed))
    assert found.shape == (elections,)
    for limit in LIMITS:
        fooled = int(np.count_nonzero(found <= limit))
        assert fooled <= most_by_chance(elections, limit), (limit, fooled)


@pytest.mark.parametrize("method", METHODS)
def test_a_wrong_outcome_passes_at_most_as_often_as_the_risk_limit(method):
    require_limits_are_kept(method, 10_000, 20240728)


@pytest.mark.parametrize("method", STRATIFIED)
def test_two_strata_together_keep_the_limit(method):
    require_limits_are_kept(method, 300, 20240728)


@pytest.mark.torture
@pytest.mark.parametrize("method", STRATIFIED)
def test_two_strata_keep_it_over_ten_thousand_wrong_outcomes(method):
    require_limits_are_kept(method, 10_000, 7)


@pytest.mark.torture
@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("method", METHODS)
def test_over_many_more_wrong_outcomes(method, seed):
    require_limits_are_kept(method, 100_000, seed)


@pytest.mark.parametrize("method", ["bravo", "alpha-comparison", "alpha-fixed", "agrapa", "macro"])
def test_a_method_is_not_kept_by_never_stopping(method):
    found = (METHODS | STRATIFIED)[method](10_000, np.random.default_rng(1))
    assert np.count_nonzero(found <= 0.2) > 100


def test_a_test_that_multiplies_twice_does_not_keep_its_limit():
    dice = np.random.default_rng(3)
    steps = np.log(np.where(dice.random((10_000, 60)) < 0.5, 1.4, 0.6))
    doubled = np.cumsum(np.cumsum(steps, axis=1), axis=1)
    fooled = int(np.count_nonzero(np.exp(-np.maximum(doubled.max(axis=1), 0)) <= 0.05))
    assert fooled > most_by_chance(10_000, 0.05)
