"""Two strata audited in two ways: one by comparison, where the machine's records allow it, the other by polling.

If the outcome is wrong, the strata's errors together are at least the margin: for some part, the first stratum has at
least that part of the margin and the second the rest. Each stratum gives a P-value for each part; for every part they
are combined, and **the audit's P-value is the largest over all parts**. Two combinations: Fisher's (SUITE), and the
product of both, each one over a non-negative supermartingale that starts at 1 (a union of intersections; usually
sharper, and it may be looked at after every ballot).

The largest is bounded, not searched for: each stratum's P never rises as its part grows, so that on an interval of
parts no value is above the one from the interval's better ends; intervals are split until the bound is close. For that,
a stratum that need not be overstated at all has at least the P of the smallest part, and at least 1; and of the polled
margins, one that is further off than the likeliest counts as the likeliest.

Source: Ottoboni, Stark, Lindeman and McBurnett 2018, *Risk-limiting audits by stratified union-intersection tests of
elections (SUITE)*, arXiv 1809.04235; Spertus and Stark 2022, *Sweeter than SUITE*, arXiv 2207.03379.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from scipy.stats import chi2

from escruta.audit.batches import Floats
from escruta.audit.macro import log_risks
from escruta.audit.supersimple import GAMMA, NONE, Misstatements
from escruta.audit.supersimple import log_risk as log_comparison

_CLOSE = 1e-6
_SPLITS = 20_000


class Stratum(Protocol):
    """A part of the ballots, audited in its own way, for one winner and one loser."""

    @property
    def reach_votes(self) -> int:
        """The most votes by which its margin can be overstated."""
        ...

    def log_risk(self, part: float, margin: int) -> float:
        """Give ln P, not capped, if its margin is overstated by `part` of the contest's margin; never rises with it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonStratum:
    """Ballots compared one by one with the machine's records."""

    ballots: int
    votes: tuple[int, int]
    """Reported, of the winner and the loser."""
    drawn: int
    found: Misstatements = NONE
    gamma: float = GAMMA

    @property
    def reach_votes(self) -> int:
        """As if every ballot were for the loser."""
        return self.votes[0] - self.votes[1] + self.ballots

    def log_risk(self, part: float, margin: int) -> float:
        """Kaplan and Markov, for the part of the margin."""
        if part <= 0:
            return max(0.0, self.found.log_cost(self.gamma))
        if part * margin >= 2 * self.gamma * self.ballots:
            return -math.inf
        return log_comparison(self.drawn, margin / self.ballots, self.found, gamma=self.gamma, part=part)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchStratum:
    """Boxes compared with their published results, drawn in proportion to their bounds (see `escruta.audit.macro`)."""

    reach_votes: int
    """The bounds of its boxes added up, in votes."""
    tainted: Floats
    """Taints of the draws, `(draws,)`."""

    def log_risk(self, part: float, margin: int) -> float:
        """Kaplan and Markov, for the part of the margin."""
        if not self.tainted.size:
            return 0.0
        if part <= 0:
            return max(0.0, float(log_risks(math.inf, self.tainted)[-1]))
        return float(log_risks(self.reach_votes / (part * margin), self.tainted)[-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class PollingStratum:
    """Ballots drawn without replacement and read, with nothing to compare them with."""

    ballots: int
    votes: tuple[int, int]
    drawn: int
    sample: tuple[int, int]
    """Drawn ballots for the winner and for the loser."""

    @property
    def reach_votes(self) -> int:
        """As if every ballot were for the loser."""
        return self.votes[0] - self.votes[1] + self.ballots

    def log_risk(self, part: float, margin: int) -> float:
        """Wald's ratio for three kinds of ballots, with the most likely numbers that the null allows.

        The null: the winner's votes less the loser's are at most what was reported less the part of the margin.
        """
        if not self.drawn:
            return 0.0
        others = self.drawn - sum(self.sample)
        likely = (self.sample[0] - self.sample[1]) * self.ballots // self.drawn
        true_margin = math.floor(self.votes[0] - self.votes[1] - max(part, 0.0) * margin + 1e-9)
        true_margin = min(true_margin, likely)
        reported = self._log_ways(self.votes[0], self.votes[1], others)
        low = max(self.sample[0], true_margin + self.sample[1])
        high = (self.ballots + true_margin - others) // 2
        if low > high:
            return -math.inf
        likeliest = _largest(lambda winner: self._log_ways(winner, winner - true_margin, others), low, high)
        return likeliest - reported if part > 0 else max(0.0, likeliest - reported)

    def _log_ways(self, winner: int, loser: int, others: int) -> float:
        rest = self.ballots - winner - loser
        return _log_falling(winner, self.sample[0]) + _log_falling(loser, self.sample[1]) + _log_falling(rest, others)


def _log_falling(number: int, times: int) -> float:
    """Give ln of number (number - 1) ... over so many factors."""
    return -math.inf if times > number else math.lgamma(number + 1) - math.lgamma(number - times + 1)


def _largest(concave: Callable[[int], float], low: int, high: int) -> float:
    """Give the largest value of a concave function of whole numbers, between two ends."""
    while high - low > 2:  # noqa: PLR2004 - three values left
        middle = (low + high) // 2
        if concave(middle) < concave(middle + 1):
            low = middle + 1
        else:
            high = middle
    return max(concave(at) for at in range(low, high + 1))


def fisher(first: float, second: float) -> float:
    """Combine two ln P in Fisher's way: the tail of chi-square with four degrees of freedom."""
    return float(chi2.sf(-2 * (min(first, 0.0) + min(second, 0.0)), 4))


def product(first: float, second: float) -> float:
    """Combine two ln P as the wealth of one gambler who plays in both strata."""
    if math.inf in (first, second):
        return 1.0
    return math.exp(min(0.0, first + second))


def stratified_risk(
    strata: tuple[Stratum, Stratum],
    margin: int,
    *,
    combine: Callable[[float, float], float] = fisher,
    close: float = _CLOSE,
) -> float:
    """Bound the largest combined P over all parts of the margin from above, to within `close`, a millionth.

    >>> cvr = ComparisonStratum(ballots=10_000, votes=(4_550, 4_950), drawn=500)
    >>> bp = PollingStratum(ballots=1_000, votes=(750, 150), drawn=250, sample=(187, 37))
    >>> round(stratified_risk((cvr, bp), 200), 3)
    0.071
    """
    one, two = strata

    def first(part: float) -> float:
        return one.log_risk(part, margin)

    def second(part: float) -> float:
        return two.log_risk(1 - part, margin)

    low, high = 1 - two.reach_votes / margin, one.reach_votes / margin
    if low > high:
        return 0.0
    best = max(combine(first(low), second(low)), combine(first(high), second(high)))
    heap = [(-combine(first(low), second(high)), low, high)]
    for _ in range(_SPLITS):
        bound, start, end = heap[0]
        if -bound <= best + close:
            break
        heapq.heappop(heap)
        middle = (start + end) / 2
        best = max(best, combine(first(middle), second(middle)))
        for left, right in ((start, middle), (middle, end)):
            heapq.heappush(heap, (-combine(first(left), second(right)), left, right))
    return min(1.0, max(best, -heap[0][0]))
