"""Test martingales for a bounded mean: how much a gambler who bets on the reported outcome would have made.

Each takes values x in [0, u], in the order in which they were drawn, along the last axis, and gives the natural
logarithm of the capital after each draw. **If the mean of the population is at most t, the capital does not grow on
average**, so that it ever reaches 1/a with a chance of at most a, and one over its largest value is a P-value that may
be looked at after every draw (Ville). `population` is the number of things drawn from where they are drawn without
replacement; infinite with replacement.

Source: Stark 2023, *ALPHA: Audit that learns from previously hand-audited ballots*, AoAS 17(1), equations 4 to 8;
Waudby-Smith and Ramdas 2024, *Estimating means of bounded random variables by betting*, JRSS B 86(1).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from escruta.audit.batches import Flags, Floats

Bets = Callable[[Floats, Floats, float], Floats]
"""Values, the mean that remains under the null before each draw, and u: the bets, each from earlier values only."""

_NEAR = 1e-12
_CLOSE = 1e-9
_EPS = float(np.finfo(np.float64).eps)


def null_means(x: Floats, t: float, population: float = math.inf) -> Floats:
    """Give the mean of what is still there before each draw, if the mean of the whole were t: `m_j` of the papers."""
    if math.isinf(population):
        return np.full(x.shape, t)
    drawn = np.arange(x.shape[-1])
    found: Floats = (population * t - _before(x)) / (population - drawn)
    return found


def _before(x: Floats) -> Floats:
    """Add up what was drawn before each draw."""
    sums = np.cumsum(x, axis=-1)
    return np.concatenate([np.zeros((*x.shape[:-1], 1)), sums[..., :-1]], axis=-1)


def alpha(
    x: Floats, *, eta: Floats | float, t: float = 0.5, upper: float = 1.0, population: float = math.inf
) -> Floats:
    """ALPHA, with the estimate `eta` of the mean before each draw (one number, or one for each draw).

    `T_j = T_(j-1) [x eta/m + (u-x)(u-eta)/(u-m)] / u`. With a fixed estimate and replacement it is Wald's test, and
    BRAVO when x is 0 or 1.
    """
    means = null_means(x, t, population)
    with np.errstate(divide="ignore", invalid="ignore"):
        factors = (x * eta / means + (upper - x) * (upper - eta) / (upper - means)) / upper
    return _capital(factors, means, upper, _ruled_out(x, t, population))


def fixed_alternative(x: Floats, eta: float, *, upper: float = 1.0, population: float = math.inf) -> Floats:
    """Give the mean of what is still there before each draw, if the mean of the whole is eta: Wald's alternative."""
    return np.clip(null_means(x, eta, population), 0.0, upper)


def shrink_trunc(
    x: Floats,
    *,
    eta: float,
    d: float = 100,
    c: float | None = None,
    t: float = 0.5,
    upper: float = 1.0,
    population: float = math.inf,
) -> Floats:
    """Estimate the mean before each draw: the first guess `eta`, worth d draws, with what was drawn; above the null.

    `c` keeps the estimate away from the null; `(eta - t) / 2` by default. Source: Stark 2023, section 2.5.2.
    """
    means = null_means(x, t, population)
    weight = d + np.arange(x.shape[-1])
    least = means + ((eta - t) / 2 if c is None else c) / np.sqrt(weight)
    found: Floats = np.minimum(upper * (1 - _EPS), np.maximum((d * eta + _before(x)) / weight, least))
    return found


def betting(
    x: Floats, bets: Floats | float | Bets, *, t: float = 0.5, upper: float = 1.0, population: float = math.inf
) -> Floats:
    """Bet a part of the capital on each draw: `T_j = T_(j-1) (1 + lam (x - m))`, with lam from 0 to 1/m."""
    means = null_means(x, t, population)
    lam = bets(x, means, upper) if callable(bets) else bets
    return _capital(1 + lam * (x - means), means, upper, _ruled_out(x, t, population))


def agrapa(x: Floats, means: Floats, upper: float, *, guess: float | None = None, most: float = 0.9) -> Floats:
    """Bet what would have grown quickest so far: `(mean - m) / (variance + (mean - m)^2)`, from 0 to `most / m`.

    The first bet, before anything is known, is from `guess`, or from a little above the null. Source: Waudby-Smith and
    Ramdas 2024, section B.3 (aGRAPA).
    """
    first = means[..., :1] + (upper - means[..., :1]) / 4 if guess is None else np.full_like(means[..., :1], guess)
    number = np.arange(1, x.shape[-1] + 1)
    centre = (first + _before(x)) / number
    spread = ((upper / 4) ** 2 + _before((x - centre) ** 2)) / number
    ahead = centre - means
    with np.errstate(divide="ignore", invalid="ignore"):
        wanted = ahead / (spread + ahead**2)
        limit = np.where(means > 0, most / means, 0.0)
    return np.clip(np.nan_to_num(wanted), 0.0, np.maximum(limit, 0.0))


def kaplan_markov(x: Floats, *, t: float = 0.5, padding: float = 0.0) -> Floats:
    """Bet everything: `T_j = product of (x + g) / (t + g)`, with replacement; g keeps a zero from ending it.

    Source: Stark 2009, *Risk-limiting postelection audits*; Stark and Teague 2014.
    """
    with np.errstate(divide="ignore"):
        return np.cumsum(np.log((x + padding) / (t + padding)), axis=-1)


def kaplan_wald(x: Floats, *, t: float = 0.5, padding: float = 0.0) -> Floats:
    """Bet all but a part g: `T_j = product of (1 - g) x / t + g`, with replacement.

    Source: Kaplan 1987, *A method of one-sided nonparametric inference for the mean of a nonnegative population*.
    """
    with np.errstate(divide="ignore"):
        return np.cumsum(np.log((1 - padding) * x / t + padding), axis=-1)


def _ruled_out(x: Floats, t: float, population: float) -> Flags:
    """Say after which draws the null is impossible: what was drawn adds up to more than the whole would."""
    found: Flags = np.cumsum(x, axis=-1) > population * t + _CLOSE
    return found


def _capital(factors: Floats, means: Floats, upper: float, ruled_out: Flags) -> Floats:
    """Multiply the factors up; a null that what was drawn rules out makes the capital infinite for good.

    Where the remaining mean is 0 or u, the null leaves one value only, and there is nothing to bet on. Above u the null
    has become certain: what remains cannot be so large, and the capital stays what it was, which is the careful choice.
    """
    still = (means <= _NEAR) | (means >= upper - _NEAR)
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.log(np.maximum(np.where(still | ruled_out, 1.0, factors), 0.0))
        return np.where(ruled_out, math.inf, np.cumsum(steps, axis=-1))


def p_value(log_capital: Floats) -> Floats:
    """Give one over the largest capital so far, at most 1, along the last axis."""
    with np.errstate(over="ignore"):
        found: Floats = np.exp(-np.maximum(log_capital.max(axis=-1), 0.0))
    return found


def draws_needed(log_capital: Floats, risk_limit: float) -> float:
    """Give the first draw after which the capital reaches one over the risk limit; infinite where it never does."""
    reached = np.flatnonzero(log_capital >= -math.log(risk_limit))
    return int(reached[0]) + 1 if reached.size else math.inf
