"""Whether announced counts look worked out from rounded percentages and a total.

If every count is the whole number nearest to a total times a percentage with few decimals, the counts may have been
made from the percentages. How probable is that, if the counts are counts? **Given the total, every way to split it is
taken to be equally probable**; that needs only that nobody could have told the totals to within one step of the
percentage. All numbers here are counted, not simulated.

A hit says how the counts were made, and not that the percentages are false: a clerk who is given a total and
percentages would produce the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb

from escruta.assessment.splits import splits_that_hit

LOOKED_ELSEWHERE = 100
"""How many such patterns somebody might have looked for: roundings, decimals, groups, bulletins. A generous guess."""
_ALWAYS_COUNTED = 1000
"""With more steps than this, only a pattern that is there is worth the time of counting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundedCount:
    """One announced count beside the nearest count that a rounded percentage gives."""

    group: str
    announced: int
    hundredths: int
    """The percentage, in units of its last decimal."""
    nearest: int
    miss: Fraction
    """By how many votes the count differs from the total times that percentage."""

    @property
    def is_hit(self) -> bool:
        """Whether the announced count is the nearest whole number."""
        return self.announced == self.nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundedTest:
    """The counts of an announcement against percentages with a number of decimals."""

    decimals: int
    total: int
    counts: tuple[RoundedCount, ...]
    one: Fraction
    """The probability that one given count is a hit."""
    together: Fraction
    """The probability that all are: exact where `is_exact`, and else at most this."""
    is_exact: bool

    @property
    def all_hit(self) -> bool:
        """Whether every count is a hit."""
        return all(each.is_hit for each in self.counts)

    @property
    def corrected(self) -> Fraction:
        """The probability of a hit in any of the patterns that somebody might have looked for, at most."""
        return min(Fraction(1), self.together * LOOKED_ELSEWHERE)


def rounded_test(
    groups: Sequence[str], announced: Sequence[int], decimals: int, *, total: int | None = None
) -> RoundedTest:
    """Hold counts against percentages; the total is their sum when absent.

    >>> test = rounded_test(["a", "b", "c"], [5_150_092, 4_445_978, 462_704], 1)
    >>> test.all_hit, round(1 / test.together)
    (True, 134375310)
    """
    whole = sum(announced) if total is None else total
    steps = 100 * 10**decimals
    counts = tuple(_count(*each, whole, steps) for each in zip(groups, announced, strict=True))
    together, is_exact = _together(whole, steps, len(counts), exactly=all(each.is_hit for each in counts))
    return RoundedTest(
        decimals=decimals,
        total=whole,
        counts=counts,
        one=min(Fraction(1), Fraction(steps + 1, whole + 1)),
        together=together,
        is_exact=is_exact,
    )


def _count(group: str, announced: int, total: int, steps: int) -> RoundedCount:
    near = _nearest(announced * steps, total) if total else 0
    exact = Fraction(total * near, steps)
    return RoundedCount(
        group=group,
        announced=announced,
        hundredths=near,
        nearest=_nearest(total * near, steps),
        miss=abs(announced - exact),
    )


def _nearest(part: int, whole: int) -> int:
    """Divide, rounding half up."""
    return (2 * part + whole) // (2 * whole)


def _together(total: int, steps: int, groups: int, *, exactly: bool) -> tuple[Fraction, bool]:
    """Count the splits of a total in which every part is a hit, over all splits; or give at least as many.

    Percentages of hits add up to all steps only where the roundings together are less than one step: the total is more
    than half of the steps for each group. For a smaller total nothing is claimed.
    """
    if 2 * total <= groups * steps:
        return Fraction(1), False
    splits = comb(total + groups - 1, groups - 1)
    counted = splits_that_hit(total, steps, groups) if exactly or steps <= _ALWAYS_COUNTED else None
    if counted is not None:
        return Fraction(counted, splits), True
    return min(Fraction(1), Fraction(comb(steps + groups - 1, groups - 1), splits)), groups == 1
