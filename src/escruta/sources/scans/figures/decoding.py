"""What a row of class likelihoods says: the figures that it may be, each with its exact likelihood.

Connectionist temporal classification (Graves et al. 2006): the likelihood of a figure is the sum over all ways to lay
it along the row. The best way gives one figure; its likely misreadings are scored too, because a sum may ask for one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from escruta.sources.scans.figures.digits import BLANK, Logs

LONGEST = 10
"""Digits of the longest figure that is considered; what is longer is no figure."""
_NEVER = -1e9
_SMALLEST = float(np.finfo(np.float64).tiny)
_STEPS_BETWEEN_SCALINGS = 4
"""Columns after which chances are brought back to about one, so that they do not become too small for a number."""
_ALTERNATIVES = 4
"""Classes that are tried for each digit."""
_LEAST_CHANCE = 1e-4
"""Chance of a class in some column from which it is worth trying."""

Figure = tuple[int, ...]
"""Digits from left to right; none for an empty cell."""


def likely_figures(logs: NDArray[np.float32]) -> set[Figure]:
    """List what one row `(columns, classes)` may say: its best path, with one digit changed, lost or put in.

    The best path is always there, so that a figure that is asked for has something to be held against.
    """
    runs = _runs(logs)
    best = tuple(digit for digit, _ in runs)
    found = {best}
    for at, (_, span) in enumerate(runs):
        chances = logs[span].max(axis=0)
        for other in np.argsort(chances[:BLANK])[::-1][:_ALTERNATIVES]:
            if chances[other] > np.log(_LEAST_CHANCE):
                found.add((*best[:at], int(other), *best[at + 1 :]))
        found.add((*best[:at], *best[at + 1 :]))
    found |= set(_with_one_more(logs, runs, best))
    return {figure for figure in found if len(figure) <= LONGEST} | {best}


def _runs(logs: NDArray[np.float32]) -> list[tuple[int, slice]]:
    path = logs.argmax(axis=1)
    runs, at = [], 0
    for digit, group in groupby(path.tolist()):
        length = len(list(group))
        if digit != BLANK:
            runs.append((int(digit), slice(at, at + length)))
        at += length
    return runs


def _with_one_more(logs: NDArray[np.float32], runs: Sequence[tuple[int, slice]], best: Figure) -> Iterable[Figure]:
    edges = [0, *(span.stop for _, span in runs)]
    starts = [*(span.start for _, span in runs), len(logs)]
    for at, (start, stop) in enumerate(zip(edges, starts, strict=True)):
        if stop <= start:
            continue
        chances = logs[start:stop, :BLANK].max(axis=0)
        digit = int(chances.argmax())
        if chances[digit] > np.log(_LEAST_CHANCE):
            yield (*best[:at], digit, *best[at:])


def log_likelihoods(logs: Logs, rows: NDArray[np.int64], figures: Sequence[Figure]) -> NDArray[np.float64]:
    """Score figures, each on one row of `logs`: the forward sum of CTC (Graves et al. 2006, section 4.1).

    A figure that no path leads to, or whose chance is too small for a number, has one that is next to nothing.
    """
    states = 2 * max((len(figure) for figure in figures), default=0) + 1
    labels = np.full((len(figures), states), BLANK, np.int64)
    for at, figure in enumerate(figures):
        labels[at, 1 : 2 * len(figure) : 2] = figure
    chances = np.ascontiguousarray(np.exp(logs.astype(np.float64)).transpose(1, 0, 2))
    emitted = np.take_along_axis(chances[:, rows], labels[None], axis=2)
    may_skip = np.zeros(labels.shape)
    may_skip[:, 2:] = (labels[:, 2:] != BLANK) & (labels[:, 2:] != labels[:, :-2])
    # Two columns that are never reached stand before the states, so that every state has two before it.
    reached, taken_out = np.zeros((len(figures), states + 2)), np.zeros(len(figures))
    forward = reached[:, 2:]
    forward[:, :2] = emitted[0, :, :2]
    for step, chance in enumerate(emitted[1:]):
        forward[:] = (forward + reached[:, 1:-1] + may_skip * reached[:, :-2]) * chance
        if step % _STEPS_BETWEEN_SCALINGS == 0:
            largest = np.maximum(forward.max(axis=1), _SMALLEST)
            forward /= largest[:, None]
            taken_out += np.log(largest)
    ends = np.array([2 * len(figure) for figure in figures], np.int64)
    row = np.arange(len(figures))
    whole = forward[row, ends] + np.where(ends > 0, forward[row, np.maximum(ends - 1, 0)], 0)
    found = taken_out + np.log(np.maximum(whole, _SMALLEST))
    return np.asarray(np.where(whole > 0, found, _NEVER), np.float64)
