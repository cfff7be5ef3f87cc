"""Overstatement assorters: what a comparison of paper and published result is worth to a test of a bounded mean.

An assertion with assorter A, largest value u and reported margin v = 2 mean(A) - 1 turns a ballot or box whose
reported assorter value is above that on the paper by w into ``B = (1 - w/u) / (2 - v/u)``. The mean of B over all
ballots is above 1/2 exactly when the assertion is true, so that the tests of `escruta.audit.martingales` judge it.

For boxes drawn with replacement and with probability proportional to the most ballots in them, B is that of the box's
mean, and the draws are independent with that mean.

Source: Stark 2020, *Sets of half-average nulls generate risk-limiting audits: SHANGRLA*, section 3.2; Stark 2023,
*ALPHA*, section 4 (batches).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from escruta.audit import martingales
from escruta.audit.assertions import Assertion
from escruta.audit.batches import Batches, Counts, Floats

MARTINGALES = ("alpha-comparison", "alpha-shrink", "alpha-fixed", "agrapa")
"""The tests by name."""

_GUESS_D = 100
_WRONG = 1e-4
_PART = 1 / 20


def overstatement_value(overstatement: Fraction | float, *, margin: Fraction | float, upper: Fraction | float) -> float:
    """Give B of one ballot or box.

    >>> round(overstatement_value(0, margin=0.2, upper=1), 6)
    0.555556
    """
    return float((1 - overstatement / upper) / (2 - margin / upper))


def assorter_margin(assertion: Assertion, margin: int, ballots: int) -> Fraction:
    """Give v of an assertion whose weighted sum is `margin`, among at most `ballots` ballots."""
    return Fraction(margin, assertion.scale * ballots)


def largest_value(assertion: Assertion, margin: int, ballots: int) -> float:
    """Give the largest B that there can be: a box that reported everything the wrong way round."""
    return float(2 / (2 - assorter_margin(assertion, margin, ballots) / assertion.upper))


def batch_values(
    batches: Batches,
    assertion: Assertion,
    margin: int,
    drawn: Counts,
    paper: Counts,
    *,
    missing_slips: Counts | None = None,
    ballots: int | None = None,
) -> Floats:
    """Give B of each draw, `(draws,)`: `drawn` are the boxes, `paper` the votes on it `(draws, options)`.

    Ballots of the bound that were not cast are taken for blank on both sides; a slip that should be there and is not
    counts as a vote the worst way. `ballots` is what `margin` is a margin of, all boxes' by default.
    """
    lost = (batches.votes[drawn] - paper) @ np.array(assertion.weights, dtype=np.int64)
    if missing_slips is not None:
        lost = lost + missing_slips * assertion.scale
    over = lost / (2 * assertion.scale * batches.bound[drawn])
    upper = float(assertion.upper)
    v = float(assorter_margin(assertion, margin, ballots or batches.ballots))
    found: Floats = np.clip((1 - over / upper) / (2 - v / upper), 0.0, None)
    return found


def comparison_eta(upper: float) -> float:
    """Give the fixed estimate that is best where nearly every draw agrees, and a few are wholly wrong.

    With the rate p of draws that are wholly wrong: ``eta = u(1-p) - 1/2 + (1 - u(1-p)) / (2 - 2u)``. We take one in ten
    thousand, or less where the margin is so small that this would be too much. Betting on the mean of the draws, as
    where single ballots are polled, would bet far too little here.

    Source: Spertus 2023, *COBRA: Comparison-optimal betting for risk-limiting audits*, arXiv 2304.01010.
    """
    rate = min(_WRONG, (upper - 1) * _PART)
    return upper * (1 - rate) - 1 / 2 + (1 - upper * (1 - rate)) / (2 - 2 * upper)


def log_capital(test: str, x: Floats, *, upper: float, clean: float, population: float = float("inf")) -> Floats:
    """Run one of the tests; `clean` is the value of a draw without a difference, which is the first guess."""
    if test == "alpha-comparison":
        return martingales.alpha(x, eta=comparison_eta(upper), upper=upper, population=population)
    if test == "alpha-shrink":
        eta = martingales.shrink_trunc(x, eta=clean, d=_GUESS_D, upper=upper, population=population)
        return martingales.alpha(x, eta=eta, upper=upper, population=population)
    if test == "alpha-fixed":
        eta = martingales.fixed_alternative(x, clean, upper=upper, population=population)
        return martingales.alpha(x, eta=eta, upper=upper, population=population)
    if test == "agrapa":
        return martingales.betting(
            x,
            lambda values, means, most: martingales.agrapa(values, means, most, guess=clean),
            upper=upper,
            population=population,
        )
    raise ValueError(f"no such test: {test!r}")


def sample_size(
    assertions: Sequence[Assertion], margins: Sequence[int], ballots: int, risk_limit: float, *, test: str, most: int
) -> float:
    """Give how many draws are enough if there is no difference at all, for the hardest assertion; at most `most`."""
    return max(
        _size(assertion, margin, ballots, risk_limit, test=test, most=most)
        for assertion, margin in zip(assertions, margins, strict=True)
    )


def _size(assertion: Assertion, margin: int, ballots: int, risk_limit: float, *, test: str, most: int) -> float:
    if margin <= 0:
        return float("inf")
    clean = overstatement_value(0, margin=assorter_margin(assertion, margin, ballots), upper=assertion.upper)
    upper = largest_value(assertion, margin, ballots)
    length = 64
    while True:
        x = np.full(min(length, most), clean)
        size = martingales.draws_needed(log_capital(test, x, upper=upper, clean=clean), risk_limit)
        if size != float("inf") or length >= most:
            return size
        length *= 8


def batch_risk(
    batches: Batches,
    assertions: Sequence[Assertion],
    margins: Sequence[int],
    drawn: Counts,
    paper: Counts,
    *,
    test: str = "alpha-comparison",
    missing_slips: Counts | None = None,
) -> float:
    """Give the P-value of an audit of boxes drawn by size: the largest over the assertions."""
    found = 0.0
    for assertion, margin in zip(assertions, margins, strict=True):
        if margin <= 0:
            return 1.0
        upper = largest_value(assertion, margin, batches.ballots)
        v = assorter_margin(assertion, margin, batches.ballots)
        clean = overstatement_value(0, margin=v, upper=assertion.upper)
        x = batch_values(batches, assertion, margin, drawn, paper, missing_slips=missing_slips)
        capital = log_capital(test, np.minimum(x, upper), upper=upper, clean=clean)
        found = max(found, float(martingales.p_value(capital)))
    return found
