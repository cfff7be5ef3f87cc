"""The highest point of a concave function of a few prices over very many sheets, by cutting planes.

The function is a linear part less a sum over the sheets of the best that each could do at these prices. At any prices
the sum has a slope, and the plane through that point lies below it everywhere; the planes found so far make a small
programme, whose answer is where to look next. A country's sheets are gone through some dozens of times, and no
programme ever has a column for each of them.

Source: Kelley, "The cutting-plane method for solving convex programs", J. SIAM 8 (1960); one plane for each block of
sheets, and looking between the best point and the programme's answer: Ben-Ameur and Neto, Networks 49 (2007).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Sums = Callable[[Floats], tuple[Floats, Floats]]
"""Prices to the sum of each block, shape `(blocks,)`, and its slope, shape `(blocks, prices)`."""
_STEPS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """What is linear in the prices, and where they may lie."""

    gain: Floats
    lower: Floats
    upper: Floats
    below: Floats
    """Rows of `below @ prices <= 0`."""


def highest(box: Box, sums: Sums, *, within: float, start: Floats) -> tuple[Floats, float]:
    """Find prices whose value is within `within` of the highest, and their value.

    Args:
        box: the linear part and its limits.
        sums: the sum over the sheets, in blocks, and its slopes.
        within: how near, in the function's unit.
        start: prices to begin with.
    """
    from scipy.optimize import linprog  # noqa: PLC0415 - slow to import, and only the programmes need it

    size = len(box.gain)
    best, best_value, ceiling = start, -np.inf, np.inf
    rows: list[Floats] = []
    limits: list[Floats] = []
    point, step = start, 0
    while step < _STEPS:
        step += 1
        values, slopes = sums(point)
        value = float(box.gain @ point - values.sum())
        if value > best_value:
            best, best_value = point, value
        blocks = len(values)
        rows.append(np.hstack([slopes, -np.eye(blocks)]))
        limits.append(slopes @ point - values)
        if ceiling - best_value <= within:
            break
        linear = np.hstack([box.below, np.zeros((len(box.below), blocks))])
        result = linprog(
            np.concatenate([-box.gain, np.ones(blocks)]),
            A_ub=np.vstack([linear, *rows]),
            b_ub=np.concatenate([np.zeros(len(linear)), *limits]),
            bounds=[*zip(box.lower.tolist(), box.upper.tolist(), strict=True), *[(None, None)] * blocks],
            method="highs",
        )
        if result.status != 0 or result.x is None or result.fun is None:
            break
        answer, ceiling = np.asarray(result.x[:size]), -float(result.fun)
        if ceiling - best_value <= within:
            break
        point = answer if step % 3 == 0 else best + (answer - best) / 2
    return best, best_value
