"""Whether announced totals can be the sum of some polling stations: bounds in whole numbers that anybody can check.

Announced is a total `T` over a set of stations that nobody names. Some stations are known, with their votes; the others
hold at most their registered voters. **Give every candidate a weight, any whole number.** The announced total then has
a score, `w · T`, and so has each known sheet. Whatever the set is, its score is at most the sum of the best sheets that
it may have, and for every voter outside the largest weight. If the announced score is larger, no set of stations adds
up to the announcement, and the weights are the proof: a certificate. Weights that prove nothing prove nothing. Where a
candidate's share outside is limited, the largest weight becomes that of the best mixture (`limits`): a fraction of
whole numbers, and what all outside score together is rounded down, as a score of votes is whole.

Source: linear duality (Farkas' lemma); the sharpest weights are the dual of the programmes in `programmes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor

import numpy as np

from escruta.assessment.known import Counts
from escruta.assessment.limits import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Known sheets and what was announced, in the groups of candidates that the announcement tells apart.

    With more than one announcement, each contains the stations of the one before it.
    """

    groups: tuple[str, ...]
    votes: Counts
    """Votes on the known sheets, shape `(stations, groups)`."""
    announced: tuple[tuple[int, ...], ...]
    """For each announcement, in order, the votes of each group."""
    sizes: Counts
    """What each known sheet adds to the coverage: 1, or its registered voters; shape `(stations,)`."""
    at_least: tuple[int, ...]
    """For each announcement, the coverage that the known sheets in it must reach at least."""
    at_most: tuple[int | None, ...]
    """And at most."""
    capacity: int | None
    """How many votes all stations outside can hold together; None where nobody knows."""
    sheet_capacity: Counts | None = None
    """How many could have voted at each known station: what stands there if its sheet is false; None if not known."""
    limits: Limits | None = None
    """How the votes may divide where no true sheet is known; None where in any way."""

    def best_outside(self, *rows: Sequence[int]) -> Fraction:
        """Say what a vote outside can score at most, in whichever gain it is; within limits, in the best mixture."""
        if self.limits is None:
            return Fraction(max(0, *(weight for row in rows for weight in row)))
        return max(self.limits.best(row) for row in rows)

    @property
    def gains(self) -> tuple[tuple[int, ...], ...]:
        """What each announcement adds to the one before it."""
        before = [(0,) * len(self.groups), *self.announced[:-1]]
        return tuple(
            tuple(later - sooner for later, sooner in zip(new, old, strict=True))
            for new, old in zip(self.announced, before, strict=True)
        )

    def about(self, place: int) -> Question:
        """Ask about one announcement alone."""
        return replace(
            self,
            announced=(self.announced[place],),
            at_least=(self.at_least[place],),
            at_most=(self.at_most[place],),
        )

    @property
    def is_of_any_coverage(self) -> bool:
        """Whether nothing was said about the coverage of the first announcement, or nothing is believed."""
        most = self.at_most[0]
        return self.at_least[0] <= 0 and (most is None or most >= len(self.votes))

    def at_any_coverage(self) -> Question:
        """Ask without believing what was said about the coverage."""
        return replace(self, at_least=(0,) * len(self.announced), at_most=(None,) * len(self.announced))


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Weights, and what follows from them; it proves something where `gap` is more than zero."""

    weights: tuple[tuple[int, ...], ...]
    """For each announcement, the weight of each group in what it adds."""
    coverage_prices: tuple[int, ...]
    """For each announcement, what each unit of coverage is worth; all 0 where the bound is found by sorting."""
    announced_score: int
    bound: int
    by_sorting: bool = False

    @property
    def gap(self) -> int:
        """By how much the announcement exceeds what is possible."""
        return self.announced_score - self.bound

    @property
    def is_proof(self) -> bool:
        """Whether no set of stations can add up to what was announced."""
        return self.gap > 0


def bound_by_sorting(question: Question, weights: Sequence[int]) -> Certificate | None:
    """Find the largest score that any set of stations can have, exactly, for one announcement covered by stations.

    None where the weights reward votes of stations outside and nobody knows how many those can be.

    >>> known = np.array([[3, 1], [5, 2]])
    >>> asked = Question(groups=("a", "b"), votes=known, announced=((2, 9),), sizes=np.ones(2, dtype=np.int64),
    ...     at_least=(1,), at_most=(2,), capacity=6)
    >>> bound_by_sorting(asked, (-1, 0)).bound  # one of the two is among them: a has at least 3
    -3
    """
    best = question.best_outside(weights)
    if best and question.capacity is None:
        return None
    scores = question.votes @ np.asarray(weights, dtype=np.int64)
    count, least = len(scores), question.at_least[0]
    most = count if question.at_most[0] is None else min(count, question.at_most[0])
    positive = scores > 0
    number = int(positive.sum())
    if least <= number <= most:
        sheets = int(scores[positive].sum())
    else:
        taken = min(max(number, least), most, count)
        sheets = _largest(scores, taken)
    return Certificate(
        weights=(tuple(int(each) for each in weights),),
        coverage_prices=(0,),
        announced_score=sum(weight * total for weight, total in zip(weights, question.announced[0], strict=True)),
        bound=sheets + floor(best * (question.capacity or 0)),
        by_sorting=True,
    )


def _largest(scores: Counts, taken: int) -> int:
    if taken <= 0:
        return 0
    if taken >= len(scores):
        return int(scores.sum())
    return int(np.partition(scores, len(scores) - taken)[len(scores) - taken :].sum())


def bound_by_prices(
    question: Question, weights: Sequence[Sequence[int]], coverage_prices: Sequence[int]
) -> Certificate | None:
    """Bound the score with a price on coverage: any prices give a true bound, the right ones a sharp one.

    A unit of coverage that is worth `p` more or less than nothing lets every sheet be looked at alone: it is in one of
    the announcements' gains or in none, whichever scores most. None as for `bound_by_sorting`.
    """
    best = question.best_outside(*weights)
    if best and question.capacity is None:
        return None
    reached = _best_of_each(question, weights, coverage_prices)
    return Certificate(
        weights=tuple(tuple(int(each) for each in row) for row in weights),
        coverage_prices=tuple(int(each) for each in coverage_prices),
        announced_score=_score(question, weights),
        bound=int(np.maximum(reached, 0).sum())
        + floor(best * (question.capacity or 0))
        - _paid(question, coverage_prices),
    )


def _best_of_each(question: Question, weights: Sequence[Sequence[int]], prices: Sequence[int]) -> Counts:
    """Give each sheet's best score over the gains that it may be in; shape `(stations,)`."""
    worth = [sum(prices[place:]) for place in range(len(prices))]
    columns = [
        question.votes @ np.asarray(row, dtype=np.int64) + price * question.sizes
        for row, price in zip(weights, worth, strict=True)
    ]
    best: Counts = np.max(np.stack(columns), axis=0)
    return best


def _paid(question: Question, prices: Sequence[int]) -> int:
    """Add up what the required coverage costs; all known sheets together are the most that there can be."""
    whole, paid = int(question.sizes.sum()), 0
    for price, least, most in zip(prices, question.at_least, question.at_most, strict=True):
        paid += price * (least if price >= 0 else whole if most is None else most)
    return paid


def _score(question: Question, weights: Sequence[Sequence[int]]) -> int:
    return sum(
        weight * gain
        for row, gains in zip(weights, question.gains, strict=True)
        for weight, gain in zip(row, gains, strict=True)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseSheetsBound:
    """At least so many known sheets must be false for the announcement to be true, with the weights that prove it."""

    weights: tuple[int, ...]
    coverage_price: int
    false_price: int
    """What each false sheet is worth: the bound is the gap over this."""
    at_least: int


def bound_on_false_sheets(
    question: Question, weights: Sequence[int], coverage_price: int, false_price: int
) -> FalseSheetsBound | None:
    """Bound from below how many known sheets must be false: those hold any votes that their voters could have cast.

    None where the registered voters of a known station, or of those outside, are not known and would be needed.
    """
    best = question.best_outside(weights)
    if best and (question.capacity is None or question.sheet_capacity is None):
        return None
    true = question.votes @ np.asarray(weights, dtype=np.int64) + coverage_price * question.sizes
    invented = coverage_price * question.sizes - false_price
    if best and question.sheet_capacity is not None:
        invented = invented - (-best.numerator * question.sheet_capacity) // best.denominator  # rounded up: never less
    paid = _paid(question, (coverage_price,))
    bound = int(np.maximum(np.maximum(true, invented), 0).sum()) + floor(best * (question.capacity or 0)) - paid
    gap = _score(question, (tuple(weights),)) - bound
    return FalseSheetsBound(
        weights=tuple(int(each) for each in weights),
        coverage_price=int(coverage_price),
        false_price=int(false_price),
        at_least=max(0, -(-gap // false_price)),
    )


def quick_proof(question: Question) -> Certificate | None:
    """Look for weights that prove one announcement impossible, without a programme: the simple ones, and one ratio.

    What it finds is a proof; that it finds none says nothing. It takes a few dozen passes over the sheets.
    """
    size = len(question.groups)
    units = [[sign * (place == each) for each in range(size)] for place in range(size) for sign in (-1, 1)]
    simple = [each for each in (bound_by_sorting(question, unit) for unit in units) if each is not None]
    best = max(simple, key=lambda each: each.gap, default=None)
    if best is not None and best.is_proof:
        return best
    for place in range(size if size > 1 else 0):
        found = _proof_by_ratio(question, place)
        if found is not None:
            return found
    return None


_SCALE = 1000


def _proof_by_ratio(question: Question, place: int) -> Certificate | None:
    """Weigh one group against all others together; the gap is concave in the ratio, so that halving finds its top."""
    if question.capacity is None:
        return None
    own = np.ascontiguousarray(question.votes[:, place])
    rest = _SCALE * (question.votes @ np.ones(len(question.groups), dtype=np.int64) - own)
    total, capacity = question.announced[0][place], question.capacity
    constant = _SCALE * (sum(question.announced[0]) - total)
    if question.is_of_any_coverage and not _may_leave_a_gap(question, constant, total, int(own.sum()), int(rest.sum())):
        return None

    def weighing(ratio: int) -> list[int]:
        return [-ratio if each == place else _SCALE for each in range(len(question.groups))]

    def gap_at_any_coverage(ratio: int) -> Fraction:
        outside = question.best_outside(weighing(ratio)) * capacity
        return constant - ratio * total - int(np.maximum(rest - ratio * own, 0).sum()) - outside

    low, high = 0, _SCALE
    while low < high:
        middle = (low + high) // 2
        if gap_at_any_coverage(middle + 1) > gap_at_any_coverage(middle):
            low = middle + 1
        else:
            high = middle
    found = bound_by_sorting(question, weighing(low))
    return found if found is not None and found.is_proof else None


def _may_leave_a_gap(question: Question, constant: int, total: int, own: int, rest: int) -> bool:
    """Say whether some ratio leaves a gap above all sheets as one: the best of them score no less, and leave less.

    `own` and `rest` are sums over the sheets. At a ratio of `rest / own` the one scores nothing, and what it leaves is
    widest there; or at 0, where the announcement has more for the group than the sheets.
    """
    outside = _SCALE * (question.capacity or 0) if question.limits is None else 0
    left = constant - outside
    return left > rest if own <= total else left * own > rest * total
