"""Ballot polling (BRAVO): slips are drawn at random and read; nothing is compared with a published result.

For each winner w and loser l with reported two-way share s = w / (w + l), each slip for w multiplies T by 2s and each
for l by 2(1 - s); P = 1/T is a P-value that may be looked at after every slip, for draws with replacement. The
estimates of how many slips it takes assume that the reported shares are right.

Source: Lindeman, Stark and Yates 2012, *BRAVO: Ballot-polling risk-limiting audits to verify outcomes*.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import NormalDist

import numpy as np
from scipy.stats import binom

from escruta.audit.assertions import ranked

COMPLETION = (0.7, 0.8, 0.9)
"""The chances of being done for which sizes are given."""

_FORWARD = 256


def pairs(totals: Sequence[int], *, winners: int = 1) -> list[tuple[int, int]]:
    """List every winner with every loser, by their places."""
    order = ranked(totals)
    return [(winner, loser) for winner in order[:winners] for loser in order[winners:]]


def log_risk_of_pair(votes: tuple[int, int], sample: tuple[int, int]) -> float:
    """Give ln P for a winner and a loser, each as (winner, loser); infinite where a loser without votes has a slip."""
    winner, loser = votes
    share = winner / (winner + loser)
    gained = sample[0] * math.log(2 * share)
    if not sample[1]:
        return -gained
    return math.inf if not loser else -(gained + sample[1] * math.log(2 * (1 - share)))


def risks(totals: Sequence[int], sample: Sequence[int], *, winners: int = 1) -> Mapping[tuple[int, int], float]:
    """Give P of each pair, at most 1; the audit's risk is the largest.

    >>> round(risks((1410, 1132), (170, 135))[0, 1], 6)
    0.134238
    """
    found = {}
    for winner, loser in pairs(totals, winners=winners):
        log_p = log_risk_of_pair((totals[winner], totals[loser]), (sample[winner], sample[loser]))
        found[winner, loser] = 1.0 if log_p >= 0 else math.exp(log_p)
    return found


def expected_size(
    totals: Sequence[int], ballots: int, risk_limit: float, *, sample: Sequence[int] | None = None
) -> float:
    """Give Wald's average number of slips for one winner: the closest loser decides; infinite for a tie.

    `ceil((ln(1/a) + z_w/2) / (p_w z_w + p_l z_l))`, with what was drawn so far taken from ln(1/a).

    >>> expected_size((600, 400), 1000, 0.1)
    119
    """
    winner, loser = pairs(totals)[0]
    votes = (totals[winner], totals[loser])
    if votes[0] == votes[1]:
        return math.inf
    z_w, z_l = _logs(votes)
    so_far = 0.0 if sample is None else -log_risk_of_pair(votes, (sample[winner], sample[loser]))
    drift = (votes[0] * z_w + (votes[1] * z_l if votes[1] else 0.0)) / ballots
    return max(0, math.ceil((-math.log(risk_limit) - so_far + z_w / 2) / drift))


def size_for(
    totals: Sequence[int],
    ballots: int,
    risk_limit: float,
    completion: float,
    *,
    winners: int = 1,
    sample: Sequence[int] | None = None,
) -> float:
    """Give how many slips are enough with a chance of `completion`, for the worst pair; infinite for a tie."""
    drawn = sample or (0,) * len(totals)
    return max(
        size_for_pair(
            (totals[winner] / ballots, totals[loser] / ballots),
            risk_limit,
            completion,
            sample=(drawn[winner], drawn[loser]),
        )
        for winner, loser in pairs(totals, winners=winners)
    )


def size_for_pair(
    shares: tuple[float, float], risk_limit: float, completion: float, *, sample: tuple[int, int] = (0, 0)
) -> float:
    """Give the size for one pair, by their shares of all ballots.

    After n slips for either, the walk is n times its drift, give or take its deviation times the square root of n: a
    quadratic in that root, after Lindeman. From there on, it is the first size at which the exact binomial chance is
    large enough.
    """
    for_either = shares[0] + shares[1]
    share = shares[0] / for_either
    if share <= 1 / 2:
        return math.inf
    z_w = math.log(2 * share)
    z_l = math.log(2 * (1 - share)) if share < 1 else -math.inf
    threshold = -math.log(risk_limit) - sample[0] * z_w - (sample[1] * z_l if sample[1] else 0.0)
    if threshold <= 0:
        return 0
    if share == 1:
        return math.ceil(threshold / z_w / for_either)
    size = _crossing(share, (z_w, z_l), threshold, completion)
    exact = _first_that_is_enough(max(1, math.floor(size)), share, (z_w, z_l), threshold, completion)
    return math.ceil(round(exact / for_either, 9))


def _first_that_is_enough(
    start: int, share: float, logs: tuple[float, float], threshold: float, completion: float
) -> int:
    while True:
        sizes = np.arange(start, start + _FORWARD)
        wins = np.ceil(np.round((threshold - sizes * logs[1]) / (logs[0] - logs[1]), 9))
        enough = np.flatnonzero(binom.sf(wins - 1, sizes, share) >= completion)
        if enough.size:
            return start + int(enough[0])
        start += _FORWARD


def _crossing(share: float, logs: tuple[float, float], threshold: float, completion: float) -> float:
    drift = share * logs[0] + (1 - share) * logs[1]
    spread = (logs[0] - logs[1]) * math.sqrt(share * (1 - share))
    z = NormalDist().inv_cdf(completion)
    return ((z * spread + math.sqrt((z * spread) ** 2 + 4 * drift * threshold)) / (2 * drift)) ** 2


def _logs(votes: tuple[int, int]) -> tuple[float, float]:
    share = votes[0] / (votes[0] + votes[1])
    return math.log(2 * share), math.log(2 * (1 - share)) if votes[1] else -math.inf
