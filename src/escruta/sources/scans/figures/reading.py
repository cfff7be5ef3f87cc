"""Read the figures of a sheet from its picture, each with its confidence; and score what a code says against the print.

A figure is read several times, each time with its cell moved a little, and its likelihoods are averaged: what depends
on where a pixel fell is no evidence. What is not certain is unread, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from escruta.sources.scans.figures.crops import Shift, crops_of
from escruta.sources.scans.figures.decoding import LONGEST, Figure, likely_figures, log_likelihoods
from escruta.sources.scans.figures.digits import Logs, digit_logs
from escruta.sources.scans.figures.layouts import Cell, ScanLayout
from escruta.sources.scans.figures.registration import Registration
from escruta.sources.scans.pictures import Picture

SHIFTS: tuple[Shift, ...] = ((0.0, 0.0), (-1.7, 1.1), (1.3, -1.5), (2.6, 1.9), (-2.8, -1.2))
"""How the cells are moved, in pixels of the net; see `crops_of`."""
CERTAIN = 0.995
"""Confidence from which a figure that no sum supports is read."""
_AGREES_FROM = 0.05
"""Chance of an expected figure from which print agrees with it."""
_DIFFERS_BELOW = 1e-4
"""Chance of an expected figure below which print differs from it, where something else is read surely."""
_SURE = 0.97
"""Confidence in another figure from which print may be said to differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One figure that a cell may hold."""

    value: int | None
    """None for an empty cell, or one with more digits than a figure has."""
    log_chance: float
    """Natural logarithm of its chance, given the picture."""


_NOTHING = (Choice(value=None, log_chance=0.0),)


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRead:
    """What was read in one cell."""

    figure: str
    value: int | None
    """None where it is unread: not certain enough, or nothing is printed."""
    confidence: float
    """Chance of the likeliest figure, 0 to 1, whether or not it suffices."""
    choices: tuple[Choice, ...]
    """What the cell may hold, the likeliest first; never empty."""

    @property
    def likeliest(self) -> int | None:
        """The likeliest figure, certain or not; for people who look at the picture, not for counting."""
        return self.choices[0].value


class Match(StrEnum):
    """How print compares with a figure that is expected."""

    AGREES = "agrees"
    DIFFERS = "differs"
    NOT_LEGIBLE = "not-legible"
    NOT_ON_SHEET = "not-on-sheet"
    """The layout has no cell for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintCheck:
    """One expected figure, as a code gives it, against what is printed."""

    figure: str
    expected: int
    match: Match
    chance: float
    """Chance of the expected figure given the picture, 0 to 1."""
    printed: int | None = None
    """What is printed instead, where that is certain."""


def read_figures(
    picture: Picture, registration: Registration, layout: ScanLayout, *, certain: float = CERTAIN
) -> tuple[FigureRead, ...]:
    """Read every cell of a registered picture, in the layout's order.

    A cell at whose place another row lies holds a figure, but not its own: it is unread, and no sum vouches for it.
    """
    return tuple(
        _read(cell, choices, certain)
        if not registration.rows.is_misplaced(cell.box)
        else FigureRead(figure=cell.figure, value=None, confidence=0.0, choices=_NOTHING)
        for cell, choices in zip(layout.cells, _choices(_logs(picture, registration, layout.cells), {}), strict=True)
    )


def check_print(
    picture: Picture, registration: Registration, layout: ScanLayout, expected: Mapping[str, int]
) -> tuple[PrintCheck, ...]:
    """Score each expected figure on its cell: far stronger than to read freely and compare.

    A cell at whose place another row lies says nothing of its own figure: it is not legible.
    """
    cells = {cell.figure: at for at, cell in enumerate(layout.cells)}
    asked = {cells[name]: digits_of(value) for name, value in expected.items() if name in cells}
    choices = _choices(_logs(picture, registration, layout.cells), asked)
    return tuple(
        _checked(name, value, choices[cells[name]], layout.cells[cells[name]], registration)
        if name in cells
        else PrintCheck(figure=name, expected=value, match=Match.NOT_ON_SHEET, chance=0.0)
        for name, value in expected.items()
    )


def digits_of(value: int) -> Figure:
    """Give the digits of a count.

    >>> digits_of(203)
    (2, 0, 3)
    """
    return tuple(int(digit) for digit in str(value))


def _logs(picture: Picture, registration: Registration, cells: tuple[Cell, ...]) -> list[Logs]:
    ink = crops_of(picture.grey, registration, cells, SHIFTS)
    logs = digit_logs(ink.reshape(-1, *ink.shape[2:]))
    return list(logs.reshape(len(SHIFTS), len(cells), *logs.shape[1:]))


def _choices(shifted: list[Logs], asked: Mapping[int, Figure]) -> list[tuple[Choice, ...]]:
    """Score what each cell may hold under every shift; chances are averaged as logarithms and made to add up to one."""
    count = len(shifted[0])
    tried: list[list[Figure]] = []
    for cell in range(count):
        figures = set().union(*(likely_figures(logs[cell]) for logs in shifted))
        tried.append(sorted(figures | ({asked[cell]} if cell in asked else set())))
    rows = np.repeat(np.arange(count), [len(figures) for figures in tried])
    flat = [figure for figures in tried for figure in figures]
    scores = np.mean([log_likelihoods(logs, rows, flat) for logs in shifted], axis=0)
    starts = np.cumsum([0, *(len(figures) for figures in tried)])
    return [
        _ranked(figures, scores[start:stop])
        for figures, start, stop in zip(tried, starts[:-1], starts[1:], strict=True)
    ]


def _ranked(figures: list[Figure], scores: NDArray[np.float64]) -> tuple[Choice, ...]:
    chances: dict[int | None, float] = {}
    for figure, score in zip(figures, scores.tolist(), strict=True):
        value = int("".join(map(str, figure))) if 0 < len(figure) <= LONGEST else None
        chances[value] = float(np.logaddexp(chances.get(value, -np.inf), score))
    whole = float(np.logaddexp.reduce(list(chances.values())))
    ranked = sorted(chances.items(), key=lambda each: (-each[1], -1 if each[0] is None else each[0]))
    return tuple(Choice(value=value, log_chance=score - whole) for value, score in ranked)


def _read(cell: Cell, choices: tuple[Choice, ...], certain: float) -> FigureRead:
    confidence = float(np.exp(choices[0].log_chance))
    value = choices[0].value if confidence >= certain else None
    return FigureRead(figure=cell.figure, value=value, confidence=confidence, choices=choices)


def _checked(name: str, value: int, choices: tuple[Choice, ...], cell: Cell, registration: Registration) -> PrintCheck:
    if registration.rows.is_misplaced(cell.box):
        return PrintCheck(figure=name, expected=value, match=Match.NOT_LEGIBLE, chance=0.0)
    chances = {choice.value: float(np.exp(choice.log_chance)) for choice in choices}
    chance, likeliest = chances.get(value, 0.0), choices[0].value
    if chance >= _AGREES_FROM:
        return PrintCheck(figure=name, expected=value, match=Match.AGREES, chance=chance)
    if chance < _DIFFERS_BELOW and chances[likeliest] >= _SURE and likeliest is not None:
        return PrintCheck(figure=name, expected=value, match=Match.DIFFERS, chance=chance, printed=likeliest)
    return PrintCheck(figure=name, expected=value, match=Match.NOT_LEGIBLE, chance=chance)
