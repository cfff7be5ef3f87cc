"""Batch comparison: drawn boxes are counted by hand and compared with their published results.

The maximum relative overstatement (MACRO) with Kaplan and Markov's inequality, for boxes drawn with replacement and
with probability proportional to the most that they could be wrong by. For each box p, with V the margin of each
assertion::

    e_p = max over assertions of (published sum - sum on the paper) / V      how wrong it is
    u_p = max over assertions of (published sum + worst ballots) / V         how wrong it can be
    U   = sum of u_p        t_p = e_p / u_p        P = product of (1 - 1/U) / (1 - t_p)

**If the reported outcome is wrong, the sum of e_p is at least 1**, so that each drawn box multiplies 1/P by at most 1
on average: 1/P is a non-negative supermartingale, P may be looked at after every box, and it falls to the risk limit
with a chance of at most the risk limit (Ville). A box that reports too little for the winner has a negative taint,
which the same proof allows for; `understatements=False` takes it for zero, as some programs do.

Source: Stark 2009, *Efficient post-election audits of multiple contests* (SSRN 1443314); Aslam, Popa and Rivest 2008,
*On auditing elections when precincts have different sizes*; Stark 2009, *Risk-limiting postelection audits:
conservative P-values from common probability inequalities*.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from escruta.audit.assertions import Assertion
from escruta.audit.batches import Batches, Counts, Flags, Floats, weights_of

UNIT = 1_000_000_000
"""Error bounds are published in billionths of the margin, rounded up: whole numbers that anybody can add."""

_SAFE = 2**62
_NEAR = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorBounds:
    """How wrong each box can be, in margins."""

    assertions: tuple[Assertion, ...]
    margins: tuple[int, ...]
    """The weighted sum of each assertion, less what pending and unauditable ballots could take from it."""
    shares: Floats
    """`u_p` of each box, `(boxes,)`."""
    units: Counts
    """The same in billionths, rounded up, `(boxes,)`; a larger bound is as valid, and these are the ones drawn by."""
    exact_total: Fraction | None
    """`U`, the sum of `u_p`, exactly; None = some margin is gone, and only a full count can tell."""

    @property
    def total(self) -> float:
        """`U`; infinite where some margin is gone."""
        return math.inf if self.exact_total is None else float(self.exact_total)

    @property
    def unit_total(self) -> Fraction:
        """The sum of the published bounds: what the risk of an audit is computed with."""
        return Fraction(int(self.units.sum()), UNIT)


def margins_of(assertions: Sequence[Assertion], totals: Sequence[int], *, pending: int = 0) -> tuple[int, ...]:
    """Give each assertion's margin when `pending` ballots, which nobody can audit, all go the worst way."""
    return tuple(each.sum_of(totals) - each.scale * pending for each in assertions)


def error_bounds(batches: Batches, assertions: Sequence[Assertion], *, pending: int = 0) -> ErrorBounds:
    """Bound how wrong each box can be; `pending` are ballots outside the table, each taken as a vote the worst way."""
    margins = margins_of(assertions, batches.totals, pending=pending)
    if not len(batches) or min(margins) <= 0:
        nothing = np.zeros(len(batches))
        return ErrorBounds(
            assertions=tuple(assertions),
            margins=margins,
            shares=nothing + math.inf,
            units=nothing.astype(np.int64),
            exact_total=None,
        )
    worst = _worst(batches, assertions)
    largest = _largest(worst, margins)
    reach = worst[largest, np.arange(len(batches))]
    sums = [Fraction(int(reach[largest == at].sum()), margin) for at, margin in enumerate(margins)]
    return ErrorBounds(
        assertions=tuple(assertions),
        margins=margins,
        shares=np.maximum(reach / np.array(margins, dtype=np.float64)[largest], 0.0),
        units=_units(reach, np.array(margins, dtype=np.int64)[largest]),
        exact_total=sum(sums, start=Fraction(0)),
    )


def _worst(batches: Batches, assertions: Sequence[Assertion]) -> Counts:
    """Give by how much each box can overstate each assertion, `(assertions, boxes)`: most weights are 0."""
    columns = np.ascontiguousarray(batches.votes.T)
    found = np.empty((len(assertions), len(batches)), dtype=np.int64)
    for row, each in zip(found, assertions, strict=True):
        np.multiply(batches.bound, each.scale, out=row)
        for weight, column in zip(each.weights, columns, strict=True):
            if weight:
                np.add(row, column if weight == 1 else weight * column, out=row)
    return found


def _largest(worst: Counts, margins: Sequence[int]) -> Counts:
    """Give the assertion that each box can overstate most, in margins; where doubles cannot tell, by whole numbers."""
    shares = worst / np.array(margins, dtype=np.float64)[:, None]
    found: Counts = shares.argmax(axis=0)
    top = shares.max(axis=0)
    level = (shares >= top - np.abs(top) * _NEAR).sum(axis=0) > 1
    for box in np.flatnonzero(level):
        exact = [Fraction(int(value), margin) for value, margin in zip(worst[:, box], margins, strict=True)]
        found[box] = exact.index(max(exact))
    return found


def _units(reach: Counts, margins: Counts) -> Counts:
    """Give the bounds in billionths of the margin, rounded up, in whole numbers throughout."""
    if int(reach.max(initial=0)) * UNIT < _SAFE:
        found: Counts = np.maximum(-((-reach * UNIT) // margins), 0)
        return found
    wide = [max(0, -((-int(value) * UNIT) // int(margin))) for value, margin in zip(reach, margins, strict=True)]
    return np.array(wide, dtype=np.int64)


def sample_size(total: float | Fraction, risk_limit: float) -> float:
    """Give the fewest draws after which an audit without a difference can stop; infinite where it never can.

    `ceil(ln a / ln(1 - 1/U))`. Arlo draws one more, so that one small difference need not mean another round.

    >>> sample_size(21, 0.25), sample_size(Fraction(1), 0.05), sample_size(math.inf, 0.05)
    (29, 1, inf)
    """
    if math.isinf(total):
        return math.inf
    if total <= 1:
        return 1
    return math.ceil(math.log(risk_limit) / math.log1p(-1 / float(total)))


def draws_to_go(total: float | Fraction, risk_limit: float, log_risk: float) -> float:
    """Give how many more draws without a difference bring the risk down to the limit; infinite where none do."""
    if math.isinf(log_risk) or math.isinf(total):
        return math.inf
    short = math.log(risk_limit) - log_risk
    if short >= 0:
        return 0
    return 1 if total <= 1 else math.ceil(short / math.log1p(-1 / float(total)))


def overstatements(
    batches: Batches, bounds: ErrorBounds, drawn: Counts, paper: Counts, *, missing_slips: Counts | None = None
) -> Floats:
    """Give `e_p` of each draw, in margins: `drawn` are the boxes `(draws,)`, `paper` the votes `(draws, options)`.

    A slip that should be in the box and is not counts as a vote the worst way for each assertion: nothing for the
    winner, one for the loser.
    """
    weights = weights_of(bounds.assertions)
    missing = np.zeros(len(drawn), dtype=np.int64) if missing_slips is None else missing_slips
    scales = np.array([each.scale for each in bounds.assertions], dtype=np.int64)
    lost = (batches.votes[drawn] - paper) @ weights + missing[:, None] * scales
    found: Floats = (lost / np.array(bounds.margins, dtype=np.float64)).max(axis=1, initial=-math.inf)
    return found


def taints(bounds: ErrorBounds, drawn: Counts, errors: Floats, *, box_missing: Flags | None = None) -> Floats:
    """Give `t_p` of each draw: its error as a part of the most that it could be; a box that is not there has 1.

    A taint above 1 says that the box holds more than the bound allowed for.
    """
    reach = bounds.units[drawn] / UNIT
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(reach > 0, errors / reach, np.where(errors > 0, 1.0, 0.0))
    return found if box_missing is None else np.where(box_missing, 1.0, found)


def log_risks(total: float | Fraction, tainted: Floats, *, understatements: bool = True) -> Floats:
    """Give the natural logarithm of P after each draw, along the last axis; infinite from a lost box on.

    Args:
        total: `U`, with which the boxes were drawn.
        tainted: taints `(…, draws)`, in the order of the draws.
        understatements: whether a negative taint lowers P; otherwise it counts as zero.
    """
    kept = tainted if understatements else np.maximum(tainted, 0.0)
    first = -math.inf if total <= 1 else math.log1p(-1 / float(total))
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.where(kept >= 1.0, math.inf, first - np.log1p(-np.minimum(kept, 1.0)))
    lost = np.logical_or.accumulate(kept >= 1.0, axis=-1)
    with np.errstate(invalid="ignore"):
        return np.where(lost, math.inf, np.cumsum(np.where(kept >= 1.0, 0.0, steps), axis=-1))


def risk(total: float | Fraction, tainted: Floats, *, understatements: bool = True) -> float:
    """Give P after all draws, at most 1: the chance of so few differences if the reported outcome were wrong.

    The order of the draws does not matter to it.

    >>> round(risk(21, np.zeros(30)), 4)
    0.2314
    """
    if not tainted.size or math.isinf(total):
        return 1.0
    last = float(log_risks(total, tainted, understatements=understatements)[-1])
    return 1.0 if last >= 0 else math.exp(last)
