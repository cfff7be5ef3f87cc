"""The picture of what is possible: one group of candidates against all others, around all that stations could hold."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor

import numpy as np

from escruta.assessment.bounds import Question

_DIRECTIONS = 48


def edge_of_possible(question: Question, group: int) -> tuple[tuple[int, int], ...] | None:
    """Walk around everything that any stations could hold: votes of a group, and of all other groups together.

    Each corner is the sum of some stations with the first announcement's coverage and of the votes outside, in whole
    numbers; the straight lines between corners are a picture. Corners that no direction finds are left out, so that the
    picture may be a little too small, never too large. None where nobody knows how many voters are outside.
    """
    if question.capacity is None or not bool((question.sizes == 1).all()):
        return None
    own = question.votes[:, group]
    rest = question.votes.sum(axis=1) - own
    corners = {
        _corner(question, group, own, rest, (round(1000 * float(x)), round(1000 * float(y)))) for x, y in _directions()
    }
    return _around(sorted(corners))


def _directions() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    turn = np.arange(_DIRECTIONS) * (2 * np.pi / _DIRECTIONS)
    return np.stack([np.cos(turn), np.sin(turn)], axis=1)


def _corner(
    question: Question,
    group: int,
    own: np.ndarray[tuple[int], np.dtype[np.int64]],
    rest: np.ndarray[tuple[int], np.dtype[np.int64]],
    weights: tuple[int, int],
) -> tuple[int, int]:
    scores = weights[0] * own + weights[1] * rest
    order = np.argsort(-scores, kind="stable")
    count, most = len(scores), question.at_most[0]
    best = int((scores > 0).sum())
    number = min(max(best, question.at_least[0]), count if most is None else min(count, most))
    taken = order[:number]
    corner = [int(own[taken].sum()), int(rest[taken].sum())]
    outside = max(_outside(question, group), key=lambda each: each[0] * weights[0] + each[1] * weights[1])
    if outside[0] * weights[0] + outside[1] * weights[1] > 0:
        corner = [held + added for held, added in zip(corner, outside, strict=True)]
    return corner[0], corner[1]


def _outside(question: Question, group: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Give the votes of the group and of all others that stand outside: with most of the one, then of the other."""
    capacity, limits = question.capacity or 0, question.limits
    if limits is None:
        return (capacity, 0), (0, capacity)
    others = min(Fraction(1), sum((each for place, each in enumerate(limits.shares) if place != group), Fraction(0)))
    own = floor(limits.shares[group] * capacity)
    rest = floor(others * capacity)
    return (own, min(rest, capacity - own)), (0 if limits.beside else capacity - rest, rest)


def _around(points: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Find the corners around points, in order. Source: Andrew, Information Processing Letters 9 (1979)."""
    if len(points) < 3:  # noqa: PLR2004 - a point or a line
        return tuple(points)
    return tuple(_chain(points)[:-1] + _chain(points[::-1])[:-1])


def _chain(points: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    chain: list[tuple[int, int]] = []
    for point in points:
        while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
            chain.pop()
        chain.append(point)
    return chain


def _turn(first: tuple[int, int], second: tuple[int, int], third: tuple[int, int]) -> int:
    return (second[0] - first[0]) * (third[1] - first[1]) - (second[1] - first[1]) * (third[0] - first[0])
