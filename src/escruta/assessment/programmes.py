"""The sharpest weights, the largest coverage and the least number of false sheets: programmes, and their proofs.

A solver works with floating point numbers, so that nothing which it says is a proof. Its prices become whole numbers,
and `bounds` works out what these prove. The programmes are solved in their dual: `cutting` says how. HiGHS solves the
small ones in between (Huangfu and Hall, Mathematical Programming Computation 10, 2018; `scipy.optimize.linprog`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor, gcd

import numpy as np

from escruta.assessment.bounds import (
    Certificate,
    FalseSheetsBound,
    Question,
    bound_by_prices,
    bound_by_sorting,
    bound_on_false_sheets,
)
from escruta.assessment.cutting import Box, Floats, Sums, highest
from escruta.assessment.limits import Limits

_SCALES = (1, 10, 100, 1000, 10**4, 10**6)
_FINE = (10**4, 10**5, 10**6, 10**7)
_BLOCKS = 8
_NEAR, _RELATIVE = 0.01, 1e-8
"""How near to the best the search comes: in votes, and as a part of all that was announced."""


@dataclass(frozen=True, slots=True)
class _Prices:
    """Where each price stands: weights, a reward and a fine for coverage, prices of limits, and of a vote outside."""

    stages: int
    groups: int
    limits: Limits | None

    @property
    def weights(self) -> slice:
        return slice(0, self.stages * self.groups)

    @property
    def reward(self) -> slice:
        return slice(self.weights.stop, self.weights.stop + self.stages)

    @property
    def fine(self) -> slice:
        return slice(self.reward.stop, self.reward.stop + self.stages)

    @property
    def held(self) -> slice:
        """Prices of the limits on shares outside: one for each weight, where there are limits."""
        return slice(self.fine.stop, self.fine.stop + (0 if self.limits is None else self.weights.stop))

    @property
    def size(self) -> int:
        return int(self.held.stop) + 1

    def rows(self, point: Floats) -> Floats:
        """Give the weights, a row for each announcement."""
        return point[self.weights].reshape(self.stages, self.groups)

    def coverage(self, point: Floats) -> Floats:
        """Say what a unit of coverage is worth, for each announcement."""
        worth: Floats = point[self.reward] - point[self.fine]
        return worth

    def below(self, sign: int = 1) -> Floats:
        """Write that no vote outside scores more than the last price: rows of `below @ prices <= 0`.

        With limits, a group is let off the price of its own limit, and pays its part of everybody's. `sign` is −1
        where the weights stand with their signs turned.
        """
        rows = np.zeros((self.weights.stop, self.size))
        rows[:, self.weights] = sign * np.eye(self.weights.stop)
        rows[:, -1] = -1
        if self.limits is None:
            return rows
        shares = np.asarray([float(each) for each in self.limits.shares])
        rows[:, self.held] = np.kron(np.eye(self.stages), np.tile(shares, (self.groups, 1))) - np.eye(self.weights.stop)
        if not self.limits.beside:
            return rows
        beside = np.zeros((self.stages, self.size))
        beside[:, self.held] = np.kron(np.eye(self.stages), shares)
        beside[:, -1] = -1
        return np.vstack([rows, beside])


def sharpest_certificate(question: Question) -> Certificate | None:
    """Find the weights with which the announcements exceed most what is possible; None where nothing is proved.

    Of weights that prove nearly as much, the smallest whole ones are taken: they are the easiest to check by hand.
    """
    names = _Prices(len(question.announced), len(question.groups), question.limits)
    box = _box(question, names, high=float(question.votes.sum(axis=1).max(initial=1)))
    within = _NEAR + _RELATIVE * sum(map(sum, question.announced))
    point, value = highest(box, _sums(question, names), within=within, start=np.zeros(names.size))
    if value < within:
        return None
    found = [_rounded(question, names.rows(point), names.coverage(point), scale) for scale in _SCALES]
    return _clearest([each for each in found if each is not None and each.is_proof])


def _box(question: Question, names: _Prices, *, high: float) -> Box:
    gain = np.zeros(names.size)
    gain[names.weights] = np.asarray(question.gains, dtype=np.float64).ravel()
    gain[names.reward] = question.at_least
    whole = int(question.sizes.sum())
    gain[names.fine] = [-(whole if most is None else most) for most in question.at_most]
    gain[-1] = -(question.capacity or 0)
    lower, upper = np.zeros(names.size), np.ones(names.size)
    lower[names.weights] = -1
    upper[names.reward] = upper[names.fine] = high
    upper[names.held] = 2  # the widest that two weights can be apart
    if question.capacity is None:
        upper[-1] = 0
    return Box(gain=gain, lower=lower, upper=upper, below=names.below())


def _edges(count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    blocks = max(1, min(_BLOCKS, count))
    return np.linspace(0, count, blocks + 1).astype(np.int64)[:-1]


def _sums(question: Question, names: _Prices, *, with_false: bool = False) -> Sums:
    """Add up the best that each sheet can do: in one of the gains, in none, or false at the price of one."""
    votes, sizes = question.votes.astype(np.float64), question.sizes.astype(np.float64)
    capacity = (question.sheet_capacity if question.sheet_capacity is not None else question.sizes).astype(np.float64)
    if not len(votes):  # one sheet with nothing on it stands in: it scores nothing
        votes, sizes, capacity = np.zeros((1, names.groups)), np.zeros(1), np.zeros(1)
    edges = _edges(len(votes))

    def sums(point: Floats) -> tuple[Floats, Floats]:
        worth = np.cumsum(names.coverage(point)[::-1])[::-1]
        choices = [votes @ row + sizes * price for row, price in zip(names.rows(point), worth, strict=True)]
        if with_false:
            choices.append(capacity * point[-1] + sizes * worth[0] - 1)
        table = np.stack(choices)
        best = table.max(axis=0)
        chosen = np.where(best > 0, table.argmax(axis=0), -1)
        slopes = np.zeros((len(edges), names.size))
        for place in range(len(choices)):
            taken = chosen == place
            reach = np.add.reduceat(sizes * taken, edges)[:, None]
            if place < names.stages:
                columns = slice(place * names.groups, (place + 1) * names.groups)
                slopes[:, columns] = np.add.reduceat(votes * taken[:, None], edges)
            else:
                slopes[:, -1] = np.add.reduceat(capacity * taken, edges)
            first = place % names.stages
            slopes[:, names.reward.start + first : names.reward.stop] += reach
            slopes[:, names.fine.start + first : names.fine.stop] -= reach
        return np.add.reduceat(np.maximum(best, 0), edges), slopes

    return sums


def _rounded(question: Question, weights: Floats, prices: Floats, scale: int) -> Certificate | None:
    largest = float(np.abs(weights).max())
    if largest == 0:
        return None
    whole = [[int(each) for each in row] for row in np.rint(weights / largest * scale)]
    if not any(any(row) for row in whole):
        return None
    if len(whole) == 1 and bool((question.sizes == 1).all()):
        divisor = gcd(*whole[0])
        return bound_by_sorting(question, [weight // divisor for weight in whole[0]])
    fine = [int(each) for each in np.rint(prices / largest * scale * 1000)]
    divisor = gcd(*fine, *(1000 * weight for row in whole for weight in row))
    return bound_by_prices(
        question,
        [[1000 * weight // divisor for weight in row] for row in whole],
        [price // divisor for price in fine],
    )


def _clearest(proofs: Sequence[Certificate]) -> Certificate | None:
    """Prefer the smallest weights that keep nine tenths of the largest gap, when weights are made equal in size."""
    if not proofs:
        return None
    relative = [Fraction(each.gap, max(abs(weight) for row in each.weights for weight in row)) for each in proofs]
    best = max(relative)
    return next(each for each, gap in zip(proofs, relative, strict=True) if gap * 10 >= best * 9)


def largest_known_coverage(question: Question) -> int | None:
    """Prove that known sheets can make up at most so much of the first announcement's coverage.

    The answer is in the unit of `question.sizes`; −1 where the announcement is impossible whatever it covers, and None
    where the capacity of the stations outside is not known. The true limit may be lower by less than one sheet or two.
    """
    if question.capacity is None:
        return None
    alone = question.about(0).at_any_coverage()
    names = _Prices(1, len(question.groups), question.limits)
    top = float(max(question.sizes.max(initial=1), 1))
    gain = np.zeros(names.size)
    gain[names.weights] = [-total for total in alone.announced[0]]
    gain[-1] = -alone.capacity if alone.capacity is not None else 0.0
    lower, upper = np.zeros(names.size), np.full(names.size, top)
    lower[names.weights] = -top
    upper[names.reward] = upper[names.fine] = 0
    upper[names.held] = 2 * top
    box = Box(gain=gain, lower=lower, upper=upper, below=names.below(-1))
    point, _ = highest(box, _rest(alone), within=0.01, start=np.zeros(names.size))
    limits = [
        _coverage_limit(alone, [int(each) for each in np.rint(point[names.weights] * scale)], scale) for scale in _FINE
    ]
    return max(-1, min(limits))


def _rest(question: Question) -> Sums:
    """Add up what each sheet's coverage is worth beyond its votes."""
    votes, sizes = question.votes.astype(np.float64), question.sizes.astype(np.float64)
    if not len(votes):
        votes, sizes = np.zeros((1, len(question.groups))), np.zeros(1)
    edges, names = _edges(len(votes)), _Prices(1, len(question.groups), question.limits)

    def sums(point: Floats) -> tuple[Floats, Floats]:
        left = sizes - votes @ point[names.weights]
        slopes = np.zeros((len(edges), names.size))
        slopes[:, names.weights] = -np.add.reduceat(votes * (left > 0)[:, None], edges)
        return np.add.reduceat(np.maximum(left, 0), edges), slopes

    return sums


def _coverage_limit(question: Question, weights: Sequence[int], scale: int) -> int:
    left = question.sizes * scale - question.votes @ np.asarray(weights, dtype=np.int64)
    announced = sum(weight * total for weight, total in zip(weights, question.announced[0], strict=True))
    outside = floor(question.best_outside([-weight for weight in weights]) * (question.capacity or 0))
    return (int(np.maximum(left, 0).sum()) + announced + outside) // scale


def least_false_sheets(question: Question) -> FalseSheetsBound | None:
    """Prove that at least so many known sheets must be false for the first announcement to be true.

    None where the registered voters that this needs are not known.
    """
    if question.capacity is None or question.sheet_capacity is None:
        return None
    alone = question.about(0)
    names = _Prices(1, len(question.groups), question.limits)
    box = _box(alone, names, high=1.0)
    point, _ = highest(box, _sums(alone, names, with_false=True), within=0.005, start=np.zeros(names.size))
    weights, price = names.rows(point)[0], float(names.coverage(point)[0])
    proofs = [
        bound_on_false_sheets(
            alone, [int(each) for each in np.rint(weights * scale)], int(np.rint(price * scale)), scale
        )
        for scale in _FINE
    ]
    return max((each for each in proofs if each is not None), key=lambda each: each.at_least, default=None)
