"""Ballot polling by ALPHA: slips are drawn without replacement and read, for any assertion.

A slip is worth its assorter value: from 0 for a vote the worst way to `upper`. A slip that is on the list and cannot be
found counts as a vote the worst way for every assertion. Ballots that nobody can audit (`pending`) are no slips that
could be drawn; with all of them the worst way, the assertion holds when the mean over the slips is above
``t = (slips + pending) / (2 slips)`` and not only above one half.

The estimate of the mean begins at what was published and learns from what is drawn (shrink-trunc).

Source: Stark 2023, *ALPHA: Audit that learns from previously hand-audited ballots*, AoAS 17(1), section 2; Bañuelos and
Stark 2012, *Limiting risk by turning manifest phantoms into evil zombies*, arXiv 1207.3413 (slips that are not there).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from escruta.audit import martingales
from escruta.audit.assertions import Assertion
from escruta.audit.batches import Counts, Floats

NOBODY, LOST = -1, -2
"""What a slip can show beside an option's place: nobody (null, or blank where that is no option); it is not there."""

_GUESS_D = 1_000
"""How many slips the published result is worth as a first guess."""

_LENGTHS = ((512, 200), (2_048, 100), (8_192, 100), (32_768, 60))
"""Slips and audits of each simulation, the shorter first."""
_CLOSEST = 2
_CELLS = 1_000_000
_NEARLY_ALL = 0.99


def slip_values(assertion: Assertion, shown: Counts) -> Floats:
    """Give the assorter's value of each slip, in the shape of `shown`: places of options, `NOBODY` or `LOST`."""
    worth = np.array([*assertion.weights, -assertion.scale, 0], dtype=np.float64)
    found: Floats = (1 + worth[shown] / assertion.scale) / 2
    return found


def log_capital(assertion: Assertion, totals: Sequence[int], shown: Counts, *, slips: int, pending: int = 0) -> Floats:
    """Give the logarithm of the capital after each slip, along the last axis; `totals` are the published votes."""
    x, upper = slip_values(assertion, shown), float(assertion.upper)
    t = (slips + pending) / (2 * slips)
    if t >= upper:
        return np.zeros(x.shape)
    published = (1 + assertion.sum_of(totals) / (assertion.scale * slips)) / 2
    guess = min(max(published, t), upper)
    eta = martingales.shrink_trunc(x, eta=guess, d=_GUESS_D, t=t, upper=upper, population=slips)
    return martingales.alpha(x, eta=eta, t=t, upper=upper, population=slips)


def risks_by_slip(
    assertions: Sequence[Assertion], totals: Sequence[int], shown: Counts, *, slips: int, pending: int = 0
) -> Floats:
    """Give P after each slip, at most 1: one over the largest capital so far, the largest over the assertions."""
    capitals = (log_capital(each, totals, shown, slips=slips, pending=pending) for each in assertions)
    best = [np.maximum.accumulate(np.maximum(each, 0.0), axis=-1) for each in capitals]
    found: Floats = np.exp(-np.min(best, axis=0))
    return found


def sizes(
    assertions: Sequence[Assertion],
    totals: Sequence[int],
    *,
    slips: int,
    risk_limit: float,
    pending: int = 0,
    seen: Counts | None = None,
) -> tuple[float, float]:
    """Estimate how many more slips it takes if the published totals are right: on average, and nine times in ten.

    From simulated audits with a fixed seed, for the closest assertions; infinite where it is more than is simulated.

    Source of the chances: the published share of each option among all slips, the rest for nobody.
    """
    before = np.zeros(0, dtype=np.int64) if seen is None else seen
    chances = np.append(np.array(totals, dtype=np.float64), max(0, slips - sum(totals)))
    closest = sorted(assertions, key=lambda each: each.sum_of(totals) / (each.scale * float(each.upper)))[:_CLOSEST]
    kinds = np.array([*range(len(totals)), NOBODY])
    mean = ninth = math.inf
    for length, audits in _LENGTHS:
        length = min(length, slips - before.size)  # noqa: PLW2901 - no more than there are
        if length < 1:
            break
        first = _first_stops(
            closest, totals, before, (kinds, chances / chances.sum()), (audits, length), slips, pending, risk_limit
        )
        reached = np.isfinite(first)
        if reached.mean() >= 0.9:  # noqa: PLR2004 - nine in ten
            ninth = float(np.quantile(np.where(reached, first, length + 1), 0.9, method="higher"))
        if reached.mean() >= _NEARLY_ALL:
            mean = math.ceil(float(np.where(reached, first, length + 1).mean()))
            break
    return mean, ninth


def _first_stops(  # noqa: PLR0913, PLR0917 - one simulation
    assertions: Sequence[Assertion],
    totals: Sequence[int],
    before: Counts,
    chances: tuple[Counts, Floats],
    shape: tuple[int, int],
    slips: int,
    pending: int,
    risk_limit: float,
) -> Floats:
    """Give after how many further slips each simulated audit stops; infinite where it does not."""
    dice = np.random.default_rng(20240728)
    audits, length = shape
    found, rows = [], max(1, _CELLS // (length + before.size))
    for start in range(0, audits, rows):
        more = dice.choice(chances[0], p=chances[1], size=(min(rows, audits - start), length))
        shown = np.concatenate([np.broadcast_to(before, (len(more), before.size)), more], axis=1)
        risks = risks_by_slip(assertions, totals, shown, slips=slips, pending=pending)[:, before.size :]
        stopped = risks <= risk_limit
        found.append(np.where(stopped.any(axis=1), stopped.argmax(axis=1) + 1.0, math.inf))
    return np.concatenate(found)
