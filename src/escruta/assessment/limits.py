"""Limits on how the votes divide where no true sheet is known: somebody's choice, and always named as one.

With no limit, each voter outside may do what helps the announcement most. With limits, the best that all of them can
do together is a mixture: first as many as may vote for whoever weighs most, then for the next, until all are given
out. The shares of a mixture are fractions of one whole number, so that anybody can work its score out exactly.

Source: G. B. Dantzig, Operations Research 5 (1957), the knapsack whose things can be divided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """For each group at most a share of the votes for candidates, in what each announcement adds."""

    shares: tuple[Fraction, ...]
    """For each group at most this share; 1 where nobody limits it."""
    beside: bool = False
    """Whether candidates of no group may have votes too."""

    @property
    def leave_room(self) -> bool:
        """Whether any vote is possible at all: the limits of all who can have votes reach the whole."""
        return self.beside or sum(self.shares) >= 1

    @property
    def unit(self) -> int:
        """The whole number of which every share is a part."""
        return lcm(*(each.denominator for each in self.shares))

    def mixture(self, weights: Sequence[int]) -> tuple[int, ...]:
        """Divide `unit` votes among the groups so that they score most; a vote beside them scores nothing.

        >>> Limits(shares=(Fraction(3, 5), Fraction(1))).mixture((1000, -335))
        (3, 2)
        """
        left, parts = self.unit, [0] * len(self.shares)
        for place in sorted(range(len(weights)), key=lambda each: -weights[each]):
            if self.beside and weights[place] <= 0:
                break
            parts[place] = min(left, int(self.shares[place] * self.unit))
            left -= parts[place]
        return tuple(parts)

    def best(self, weights: Sequence[int]) -> Fraction:
        """Say what a vote outside scores on average at most; nothing, where every mixture would score less."""
        parts = self.mixture(weights)
        return max(
            Fraction(0), Fraction(sum(weight * part for weight, part in zip(weights, parts, strict=True)), self.unit)
        )
