"""Simulated elections whose published outcome is wrong by as little as can be, and how often each method is fooled.

All draws of all elections are made at once: a row an election, a column a draw. Populations stand exactly at the edge
of the null hypothesis, where an audit is fooled most often.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import numpy as np
from scipy.stats import hypergeom

from escruta.audit import bravo, martingales, practised, shangrla
from escruta.audit.batches import Floats
from escruta.audit.macro import log_risks
from escruta.audit.stratified import ComparisonStratum, PollingStratum, fisher, product, stratified_risk
from escruta.audit.supersimple import GAMMA, Misstatements
from escruta.audit.supersimple import log_risk as log_comparison

_BOXES, _DRAWS = 40, 60
Values = Callable[[int, np.random.Generator], Floats]


def macro(elections: int, dice: np.random.Generator) -> Floats:
    """Draw by error bounds u; errors e of the boxes add up to exactly one margin."""
    reach = dice.uniform(0.02, 0.2, (elections, _BOXES))
    wanted = dice.uniform(-0.3, 1, (elections, _BOXES)) * reach
    wrong = dice.random((elections, _BOXES)) < 0.5
    errors = _to_one_margin(np.where(wrong, wanted, 0.0), reach)
    total = reach.sum(axis=1)
    drawn = _weighted(reach, dice)
    tainted = np.take_along_axis(errors / reach, drawn, axis=1)
    found: Floats = np.exp(
        np.minimum([log_risks(float(u), one).min() for u, one in zip(total, tainted, strict=True)], 0.0)
    )
    return found


def _to_one_margin(errors: Floats, reach: Floats) -> Floats:
    """Raise every error by the same part of what is left, so that they add up to one margin; or lower them all."""
    room = (reach - errors).sum(axis=1, keepdims=True)
    part = (1 - errors.sum(axis=1, keepdims=True)) / room
    moved: Floats = np.where(part >= 0, errors + part * (reach - errors), errors + part * (reach + np.abs(errors)))
    short = 1 - moved.sum(axis=1, keepdims=True)
    found: Floats = moved + short / reach.shape[1]
    return found


def _weighted(weights: Floats, dice: np.random.Generator) -> np.ndarray:
    sums = np.cumsum(weights, axis=1)
    aims = dice.random((len(weights), _DRAWS)) * sums[:, -1:]
    return np.stack([np.searchsorted(one, aim) for one, aim in zip(sums, aims, strict=True)])


def _values(elections: int, dice: np.random.Generator, upper: float) -> Floats:
    """Draw values with a mean of exactly one half from populations of few kinds."""
    low = dice.uniform(0, 0.5, (elections, 1))
    high = dice.uniform(0.5, upper, (elections, 1))
    chance = (0.5 - low) / (high - low)
    return np.where(dice.random((elections, _DRAWS)) < chance, high, low)


def betting(test: str) -> Values:
    """Give the P-values of a betting or ALPHA test, draws with replacement."""

    def run(elections: int, dice: np.random.Generator) -> Floats:
        upper = 1.2
        x = _values(elections, dice, upper)
        return martingales.p_value(shangrla.log_capital(test, x, upper=upper, clean=0.6))

    return run


def without_replacement(test: str) -> Values:
    """Give them for whole boxes of values that are drawn to the last, the mean of each box exactly one half."""

    def run(elections: int, dice: np.random.Generator) -> Floats:
        half = dice.uniform(0, 1, (elections, _BOXES // 2))
        x = dice.permuted(np.concatenate([half, 1 - half], axis=1), axis=1)
        return martingales.p_value(shangrla.log_capital(test, x, upper=1.2, clean=0.6, population=_BOXES))

    return run


def polling(elections: int, dice: np.random.Generator) -> Floats:
    """Poll slips of a tie that was published as a win."""
    up, down = (-bravo.log_risk_of_pair((600, 400), one) for one in ((1, 0), (0, 1)))
    steps = np.where(dice.random((elections, 400)) < 0.5, up, down)
    found: Floats = np.exp(-np.maximum(np.cumsum(steps, axis=1).max(axis=1), 0.0))
    return found


def comparison(elections: int, dice: np.random.Generator) -> Floats:
    """Compare single ballots where overstatements by one vote eat up the whole margin."""
    margin = 0.1
    wrong = np.cumsum(dice.random((elections, 400)) < margin, axis=1)
    cost = Misstatements(o1=1).log_cost(GAMMA)
    number = np.arange(1, 401)
    found: Floats = np.exp(np.minimum((number * log_comparison(1, margin) + wrong * cost).min(axis=1), 0.0))
    return found


def equal_chances(elections: int, dice: np.random.Generator) -> Floats:
    """Draw once, with the fewest boxes wrong that can change the outcome."""
    shares = np.full(100, 0.1)
    number = int(practised.breaking_number(shares))
    hit = hypergeom(100, number, 25).rvs(size=elections, random_state=dice)
    return np.where(hit == 0, practised.chance_of_missing(100, number, 25), 1.0)


def per_centre(elections: int, dice: np.random.Generator) -> Floats:
    """Draw half of each centre, with the wrong boxes where they are hardest to find."""
    centres = np.repeat(np.arange(20), 4)
    bound = practised.chance_per_centre(centres, np.full(80, 0.3), dict.fromkeys(range(20), 2))
    placed = np.zeros((20, 4))
    placed[:4, 0] = 1  # one in each of four centres: 0.3 * 4 is more than a margin
    missed = np.ones(elections, dtype=bool)
    for centre in placed[:4]:
        drawn = dice.permuted(np.tile(centre, (elections, 1)), axis=1)[:, :2]
        missed &= drawn.sum(axis=1) == 0
    return np.where(missed, bound, 1.0)


METHODS: dict[str, Values] = {
    "macro": macro,
    "bravo": polling,
    "super-simple": comparison,
    "equal chances": equal_chances,
    "per centre": per_centre,
    **{test: betting(test) for test in shangrla.MARTINGALES},
    **{f"{test}, to the last box": without_replacement(test) for test in shangrla.MARTINGALES},
}


def strata(combine: Callable[[float, float], float]) -> Values:
    """Audit two strata of a tie that was published as a lead of 80: one compared, one polled."""

    @cache
    def judged(overstated: int, winner: int, loser: int) -> float:
        one = ComparisonStratum(ballots=200, votes=(120, 60), drawn=50, found=Misstatements(o1=overstated))
        two = PollingStratum(ballots=200, votes=(110, 90), drawn=50, sample=(winner, loser))
        return stratified_risk((one, two), 80, combine=combine)

    def run(elections: int, dice: np.random.Generator) -> Floats:
        found = []
        for hidden in dice.choice([0, 20, 40, 60, 80], elections):
            winner = (200 + 20 - (80 - int(hidden))) // 2
            polled = dice.hypergeometric(winner, 200 - winner, 50)
            found.append(judged(int(dice.binomial(50, hidden / 200)), int(polled), 50 - int(polled)))
        return np.array(found)

    return run


STRATIFIED: dict[str, Values] = {"fisher": strata(fisher), "product": strata(product)}


def most_by_chance(elections: int, limit: float) -> int:
    """Give how often a method may be fooled before chance alone does not explain it: one time in a million."""
    return math.ceil(elections * limit + 4.75 * math.sqrt(elections * limit * (1 - limit)))
