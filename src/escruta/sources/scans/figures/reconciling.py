"""Let the sums of a sheet confirm what was read, or correct a little of it, within limits.

A sum that holds is strong evidence: two misreadings must cancel out for it to hold by chance. As a corrector it is
dangerous, because among enough alternatives some will always add up. So at most two figures may be changed, each only
to something that its own cell supports, and the answer must be likelier than every other that adds up, by a margin.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import log

from escruta.sources.scans.figures.layouts import SheetSum
from escruta.sources.scans.figures.reading import CERTAIN, FigureRead

MOST_CHANGES = 2
"""Figures that may be changed for the sums to hold."""
LEAST_MARGIN = 4.0
"""How much likelier the answer must be than any other that adds up: natural logarithm of the ratio."""
LEAST_CHANCE = 1e-3
"""Chance below which a cell does not support a figure, whatever the sums ask for."""
LEAST_OF_SHEET = -9.0
"""Natural logarithm of the chance below which a whole sheet is too poorly read for its sums to vouch for it."""
_LIKELY = 6
"""Choices of a cell that are tried."""

Delta = tuple[int, ...]
"""By how much a change moves each sum: total less parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """The figures of a sheet after its sums were tried."""

    figures: tuple[FigureRead, ...]
    """What is read stands in `value`; what is not certain is None."""
    is_accepted: bool
    """Whether the sums hold on what was read, by a margin: then every figure in a sum is read."""
    changed: tuple[str, ...] = ()
    """Figures whose likeliest reading was not taken."""
    margin: float = 0.0
    """How much likelier the answer is than the next that adds up, as a natural logarithm; 0 where none adds up."""


@dataclass(frozen=True, slots=True)
class _Change:
    figure: int
    choice: int
    cost: float
    delta: Delta


def reconcile(
    figures: Sequence[FigureRead],
    sums: Sequence[SheetSum],
    *,
    most_changes: int = MOST_CHANGES,
    least_margin: float = LEAST_MARGIN,
    certain: float = CERTAIN,
) -> Reconciled:
    """Try the sums on what was read.

    Where they hold, by a margin, with at most `most_changes` figures changed, every figure in them is read. Otherwise
    only the figures that are certain on their own are. A figure in no sum is never changed.
    """
    alone = tuple(replace(each, value=each.likeliest if each.confidence >= certain else None) for each in figures)
    places = {each.figure: at for at, each in enumerate(figures)}
    summed = [each for each in sums if {each.total, *each.parts} <= places.keys()]
    inside = sorted({places[name] for each in summed for name in (each.total, *each.parts)})
    if not summed or any(figures[at].likeliest is None for at in inside):
        return Reconciled(figures=alone, is_accepted=False)
    effect = _effects(summed, places)
    missing = tuple(-sum(effect[at][number] * _value(figures[at], 0) for at in inside) for number in range(len(summed)))
    answers = sorted(_answers(_changes(figures, inside, effect), missing, most_changes), key=lambda each: each[0])
    if not answers:
        return Reconciled(figures=alone, is_accepted=False)
    cost, changes = answers[0]
    if sum(figures[at].choices[0].log_chance for at in inside) < LEAST_OF_SHEET:
        return Reconciled(figures=alone, is_accepted=False)
    margin = _rival_cost(_rival_changes(figures, inside, effect), missing, changes, least_margin) - cost
    if margin < least_margin:
        return Reconciled(figures=alone, is_accepted=False, margin=max(0.0, margin))
    return _accepted(figures, alone, inside, changes, margin)


def _accepted(
    figures: Sequence[FigureRead],
    alone: Sequence[FigureRead],
    inside: Sequence[int],
    changes: Sequence[_Change],
    margin: float,
) -> Reconciled:
    read = list(alone)
    for at in inside:
        read[at] = replace(figures[at], value=figures[at].likeliest)
    for change in changes:
        read[change.figure] = replace(read[change.figure], value=figures[change.figure].choices[change.choice].value)
    changed = tuple(figures[change.figure].figure for change in changes)
    return Reconciled(figures=tuple(read), is_accepted=True, changed=changed, margin=margin)


def _effects(sums: Sequence[SheetSum], places: dict[str, int]) -> dict[int, Delta]:
    """Give by how much one vote more in each figure moves each sum."""
    names = {name for each in sums for name in (each.total, *each.parts)}
    return {places[name]: tuple((name == each.total) - (name in each.parts) for each in sums) for name in names}


def _value(figure: FigureRead, choice: int) -> int:
    value = figure.choices[choice].value
    return 0 if value is None else value


def _changes(figures: Sequence[FigureRead], inside: Sequence[int], effect: dict[int, Delta]) -> list[_Change]:
    """List every single change that a cell supports."""
    found = []
    for at in inside:
        first = figures[at].choices[0]
        for number, choice in enumerate(figures[at].choices[1 : _LIKELY + 1], 1):
            if choice.value is None or choice.log_chance < log(LEAST_CHANCE):
                continue
            moved = choice.value - _value(figures[at], 0)
            delta = tuple(each * moved for each in effect[at])
            found.append(_Change(at, number, first.log_chance - choice.log_chance, delta))
    return found


def _answers(
    changes: Sequence[_Change], missing: Delta, most_changes: int
) -> Iterator[tuple[float, tuple[_Change, ...]]]:
    """Yield every set of changes, each of another figure, that makes all sums hold."""
    if not any(missing):
        yield 0.0, ()
    for count in range(1, most_changes + 1):
        yield from _answers_of(changes, missing, count)


def _answers_of(changes: Sequence[_Change], missing: Delta, count: int) -> Iterator[tuple[float, tuple[_Change, ...]]]:
    by_delta: dict[Delta, list[_Change]] = {}
    for change in changes:
        by_delta.setdefault(change.delta, []).append(change)
    for first in combinations(changes, count - 1):
        rest = tuple(lack - sum(change.delta[at] for change in first) for at, lack in enumerate(missing))
        taken = {change.figure for change in first}
        if len(taken) < len(first):
            continue
        for last in by_delta.get(rest, ()):
            if last.figure not in taken and (not first or first[-1].figure < last.figure):
                chosen = (*first, last)
                yield sum(change.cost for change in chosen), chosen


def _rival_cost(every: Sequence[_Change], missing: Delta, taken: Sequence[_Change], least_margin: float) -> float:
    """Give the cost of the likeliest other set of figures that adds up; weak choices count here too.

    Up to the margin that is asked for, every set is weighed, however many figures it changes; beyond it only sets of
    few changes. A rival that is not among the choices may exist: it is at most as likely as the weakest changes that
    were weighed, so the margin never counts for more than that.
    """
    own, key = sum(change.cost for change in taken), {(change.figure, change.choice) for change in taken}
    least = min(own + _UNSEEN, _least_below(every, missing, key, own + least_margin))
    for cost, changes in _answers(every, missing, MOST_CHANGES):
        if {(change.figure, change.choice) for change in changes} != key:
            least = min(least, cost)
    return least


def _least_below(every: Sequence[_Change], missing: Delta, taken: set[tuple[int, int]], limit: float) -> float:
    """Give the least cost below a limit of any set of changes that adds up; infinity where there is none.

    Where there are too many sets to weigh, nothing is certain: the cost is then none.
    """
    few = sorted((change for change in every if change.cost < limit), key=lambda each: (each.figure, each.cost))
    figures = [change.figure for change in few]
    after = [bisect_right(figures, each) for each in figures]
    open_sets: list[tuple[int, float, Delta, frozenset[tuple[int, int]]]] = [(0, 0.0, missing, frozenset())]
    least, looks = float("inf"), 0
    while open_sets:
        start, cost, lack, chosen = open_sets.pop()
        looks += 1
        if looks > _MOST_SETS:
            return 0.0
        if not any(lack) and chosen != taken:
            least = min(least, cost)
        for at in range(start, len(few)):
            change = few[at]
            if cost + change.cost < min(limit, least):
                rest = tuple(each - moved for each, moved in zip(lack, change.delta, strict=True))
                open_sets.append((after[at], cost + change.cost, rest, chosen | {(change.figure, change.choice)}))
    return least


_MOST_SETS = 20_000
"""Sets of changes that are weighed for one sheet."""
_UNSEEN = 14.0
"""The largest margin that is ever stated: what was not weighed may be no less likely than this."""


def _rival_changes(figures: Sequence[FigureRead], inside: Sequence[int], effect: dict[int, Delta]) -> list[_Change]:
    found = []
    for at in inside:
        first = figures[at].choices[0]
        for number, choice in enumerate(figures[at].choices[1:], 1):
            cost = first.log_chance - choice.log_chance
            if choice.value is not None and cost < _UNSEEN:
                moved = choice.value - _value(figures[at], 0)
                found.append(_Change(at, number, cost, tuple(each * moved for each in effect[at])))
    return found
