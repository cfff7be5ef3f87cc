"""The same figures in fractions, box by box, straight from the papers: what the quick ones are held to."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from escruta.audit.assertions import Assertion
from escruta.audit.batches import Batches


def exact_shares(batches: Batches, assertions: Sequence[Assertion], *, pending: int = 0) -> list[Fraction]:
    """Give `u_p` of each box (Stark 2009, MACRO)."""
    margins = [each.sum_of(batches.totals) - each.scale * pending for each in assertions]
    return [
        max(
            Fraction(each.sum_of([int(v) for v in votes]) + each.scale * int(bound), margin)
            for each, margin in zip(assertions, margins, strict=True)
        )
        for votes, bound in zip(batches.votes, batches.bound, strict=True)
    ]


def exact_error(
    reported: Sequence[int],
    paper: Sequence[int],
    assertions: Sequence[Assertion],
    margins: Sequence[int],
    *,
    missing_slips: int = 0,
) -> Fraction:
    """Give `e_p` of one box."""
    return max(
        Fraction(each.sum_of(reported) - each.sum_of(paper) + each.scale * missing_slips, margin)
        for each, margin in zip(assertions, margins, strict=True)
    )


def exact_risk(total: Fraction, tainted: Sequence[Fraction]) -> Fraction | None:
    """Give P of Kaplan and Markov, which may be above 1; None where a box is lost, and P with it."""
    found = Fraction(1)
    for taint in tainted:
        if taint >= 1:
            return None
        found *= (1 - 1 / total) / (1 - taint)
    return found


def exact_sample_size(total: Fraction, risk_limit: Fraction) -> int:
    """Give the fewest draws with `(1 - 1/U)^n` at most the limit, by multiplying."""
    draws, left = 1, 1 - 1 / total
    factor = left
    while left > risk_limit:
        left *= factor
        draws += 1
    return draws


def exact_alpha(
    x: Sequence[Fraction],
    eta: Sequence[Fraction],
    *,
    t: Fraction,
    upper: Fraction,
    population: int | None = None,
) -> list[Fraction]:
    """Give the capital of ALPHA after each draw (Stark 2023, equation 6)."""
    capital, before, history = Fraction(1), Fraction(0), []
    for at, (value, guess) in enumerate(zip(x, eta, strict=True)):
        mean = t if population is None else (population * t - before) / (population - at)
        capital *= (value * guess / mean + (upper - value) * (upper - guess) / (upper - mean)) / upper
        before += value
        history.append(capital)
    return history
