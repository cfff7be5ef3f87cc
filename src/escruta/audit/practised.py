"""Designs as they are practised: boxes drawn with equal chances, from the whole country or centre by centre.

Venezuela's *verificación ciudadana* opens about half of the boxes of each centre and compares. Such a design has an
honest bound, and it is one look: **if the reported outcome is wrong, the boxes that differ by more than the largest
difference that was seen are at least K, and the chance that the sample misses all of them is the bound.** It is no
sequential test: drawing some more and looking again is not covered.

For a draw from the whole list the bound is hypergeometric, `C(N-K, n) / C(N, n)`. For a draw centre by centre it is the
largest product of `C(N_c-K_c, n_c) / C(N_c, n_c)` over all ways in which the K boxes can lie; never that of the whole
list, because whoever hides them knows the design.

Source: Stark 2008, *Conservative statistical post-election audits*, AoAS 2(2); Higgins, Rivest and Stark 2011, *Sharper
p-values for stratified election audits*.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

import numpy as np

from escruta.audit.batches import Counts, Floats

_NEAR = 1e-12
_STATES = 20_000


def breaking_number(shares: Floats, *, tolerated: float = 0.0) -> float:
    """Give K: the fewest boxes that must differ by more than `tolerated` margins if the outcome is wrong.

    All boxes may differ by as much as is tolerated, so that it must be less than a margin for all of them together;
    else K is 0, and no sample of this kind says anything. Infinite = the boxes cannot change the outcome at all.

    >>> breaking_number(np.array([0.5, 0.4, 0.3, 0.2])), breaking_number(np.array([0.5, 0.4]))
    (3, inf)
    """
    hidden = np.minimum(shares, tolerated)
    short = 1.0 - float(hidden.sum())
    if short <= _NEAR:
        return 0
    reach = np.cumsum(np.sort(shares - hidden)[::-1])
    found = int(np.searchsorted(reach, short - _NEAR))
    return math.inf if found == len(shares) else found + 1


def chance_of_missing(boxes: int, different: float, drawn: int) -> float:
    """Give the chance that a draw without replacement has none of the boxes that differ: `C(N-K, n) / C(N, n)`.

    >>> round(chance_of_missing(24_532, 3_066, 23), 3)
    0.046
    """
    if different > boxes - drawn:
        return 0.0
    fewer = np.arange(min(int(different), drawn), dtype=np.float64)
    most = max(int(different), drawn)
    return float(np.exp(np.log1p(-most / (boxes - fewer)).sum()))


def size_of_equal_draw(boxes: int, different: float, risk_limit: float) -> float:
    """Give the fewest boxes to draw with equal chances so that a clean sample has a bound within the limit."""
    if different <= 0:
        return math.inf
    low, high = 0, boxes
    while low < high:
        middle = (low + high) // 2
        if chance_of_missing(boxes, different, middle) <= risk_limit:
            high = middle
        else:
            low = middle + 1
    return low


def hiding_factors(centres: Counts, shares: Floats, drawn: Mapping[int, int]) -> tuple[Floats, Floats]:
    """Give for each box, in its centre's order of size, the factor of hiding one more there, and what it is worth.

    `centres` are the numbers of the boxes' centres `(boxes,)`, `drawn` how many boxes are drawn in each. The k-th box
    that differs in a centre of N_c with n_c drawn multiplies the chance by `(N_c - n_c - k + 1) / (N_c - k + 1)`.
    """
    order = np.lexsort((-shares, centres))
    _, first, size = np.unique(centres[order], return_index=True, return_counts=True)
    rank = np.arange(len(order)) - np.repeat(first, size)
    whole = np.repeat(size, size)
    out = np.array([drawn.get(int(each), 0) for each in centres[order][first]], dtype=np.int64)
    left = whole - rank
    return np.clip((left - np.repeat(out, size)) / left, 0.0, 1.0), shares[order]


def chance_per_centre(centres: Counts, shares: Floats, drawn: Mapping[int, int], *, tolerated: float = 0.0) -> float:
    """Bound the chance that a draw centre by centre misses all boxes that differ, however they are placed.

    The smaller of two bounds: the K largest factors (their product is concave in each centre, so that taking the
    largest is the exact maximum for K boxes), and the relaxation in which the last box may be hidden in part,
    which also counts that small boxes change less.
    """
    number = breaking_number(shares, tolerated=tolerated)
    if number <= 0:
        return 1.0
    factors, sizes = hiding_factors(centres, shares, drawn)
    if math.isinf(number) or number > np.count_nonzero(factors):
        return 0.0
    largest = np.sort(factors)[::-1][: int(number)]
    hidden = np.minimum(sizes, tolerated)
    relaxed = _relaxed(factors, sizes - hidden, 1.0 - float(hidden.sum()))
    return min(float(np.exp(np.log(largest).sum())), relaxed)


def _relaxed(factors: Floats, worth: Floats, short: float) -> float:
    """Hide where a margin costs least; the last box counts in part: no whole placement has a larger chance."""
    useful = (factors > 0) & (worth > 0)
    cost, worth = -np.log(factors[useful]), worth[useful]
    order = np.argsort(cost / worth, kind="stable")
    reach = np.cumsum(worth[order])
    last = int(np.searchsorted(reach, short - _NEAR))
    if last == len(order):
        return 0.0
    over = float(reach[last] - short) / float(worth[order][last])
    paid = float(cost[order][: last + 1].sum()) - max(0.0, over) * float(cost[order][last])
    return math.exp(-max(0.0, paid))


def chance_per_centre_exactly(centres: Sequence[tuple[Sequence[Fraction], int]]) -> Fraction | None:
    """Give that chance exactly, for few boxes: each centre is what its boxes can be wrong by, and how many are drawn.

    Keeps only placements that no other one beats in both change and chance; None where they are too many.

    >>> half = Fraction(1, 2)
    >>> chance_per_centre_exactly([([half, half], 1), ([half, half], 1)])
    Fraction(1, 4)
    """
    states = [(Fraction(0), Fraction(1))]
    for shares, drawn in centres:
        ways = list(_ways(sorted(shares, reverse=True), drawn))
        both = ((reach + more, chance * factor) for reach, chance in states for more, factor in ways)
        states = _best(both)
        if len(states) > _STATES:
            return None
    return max((chance for reach, chance in states if reach >= 1), default=Fraction(0))


def _ways(shares: Sequence[Fraction], drawn: int) -> list[tuple[Fraction, Fraction]]:
    reach, chance, found = Fraction(0), Fraction(1), [(Fraction(0), Fraction(1))]
    for at, share in enumerate(shares[: len(shares) - drawn]):
        reach += share
        chance *= Fraction(len(shares) - drawn - at, len(shares) - at)
        found.append((reach, chance))
    return found


def _best(states: Iterable[tuple[Fraction, Fraction]]) -> list[tuple[Fraction, Fraction]]:
    kept: list[tuple[Fraction, Fraction]] = []
    for reach, chance in sorted(((min(reach, Fraction(1)), chance) for reach, chance in states), reverse=True):
        if not kept or chance > kept[-1][1]:
            kept.append((reach, chance))
    return kept
