"""How bent paper departs from a plane: a smooth field of small displacements over the blank."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline

from escruta.sources.scans.figures.landmarks import Points

_KNOT_PX = 70.0
"""Pixels of the blank between two knots along the sheet."""
_ACROSS = 4
"""Terms across the sheet: constant, linear, quadratic, cubic."""
_STIFF = (0.05, 20.0, 300.0, 600.0)
"""How dear it is for each term across the sheet to change along it: paper that bends along does not twist as well."""
_DEAR = (1e-3, 1e-3, 5.0, 15.0)
"""How dear each term across the sheet is in itself: the figures stand where there is little print to hold it."""
_ROUNDS = 5
_TUKEY = 4.685
"""Tuning constant of Tukey's biweight for 95 % efficiency (Huber and Ronchetti 2009, section 4.8)."""
_LEAST_SPREAD = 0.35
"""Pixels below which the spread of residuals is not believed."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bend:
    """Displacements as a cubic B-spline along the sheet times a polynomial across it."""

    width: float
    height: float
    coefficients: NDArray[np.float64]
    """`(terms along, terms across, 2)`, in pixels of the blank."""

    def at(self, points: Points) -> Points:
        """Give the displacement at points of the blank, `(count, 2)`."""
        along, across = _bases(points, self.width, self.height)
        return np.asarray(np.einsum("na,nb,abk->nk", along, across, self.coefficients, optimize=True), np.float64)

    @property
    def reach(self) -> float:
        """The largest coefficient: an upper bound of how far the paper departs from its plane."""
        return float(np.abs(self.coefficients).max(initial=0.0))


def flat(width: float, height: float) -> Bend:
    """Give the bend of paper that lies flat."""
    return Bend(width=width, height=height, coefficients=np.zeros((_terms(height), _ACROSS, 2)))


def fitted(width: float, height: float, points: Points, moved: Points, weights: NDArray[np.float64]) -> Bend:
    """Fit a bend to displacements measured at points, some of which are wrong.

    Penalised least squares (Eilers and Marx 1996) with Tukey's biweight, so that a block that was matched to the wrong
    place does not pull.
    """
    along, across = _bases(points, width, height)
    design = np.einsum("na,nb->nab", along, across).reshape(len(points), -1)
    penalty = _penalty(along.shape[1])
    trust = weights.copy()
    solved = np.zeros((design.shape[1], 2))
    for _ in range(_ROUNDS):
        weighted = design * trust[:, None]
        solved = np.linalg.solve(weighted.T @ design + penalty, weighted.T @ moved)
        residual = np.linalg.norm(moved - design @ solved, axis=1)
        spread = max(_LEAST_SPREAD, 1.4826 * float(np.median(residual)))
        trust = weights * np.clip(1 - (residual / (_TUKEY * spread)) ** 2, 0, None) ** 2
    return Bend(width=width, height=height, coefficients=solved.reshape(along.shape[1], _ACROSS, 2))


def _terms(height: float) -> int:
    return max(2, round(height / _KNOT_PX)) + 3


def _bases(points: Points, width: float, height: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    spans = _terms(height) - 3
    step = height / spans
    knots = np.arange(-3, spans + 4) * step
    y = np.clip(points[:, 1], 0, height - 1e-6)
    along = BSpline.design_matrix(y, knots, 3).toarray()
    x = np.clip(points[:, 0] / width * 2 - 1, -1.2, 1.2)
    return along, np.stack([np.ones_like(x), x, 1.5 * x * x - 0.5, 2.5 * x**3 - 1.5 * x], axis=1)


def _penalty(terms: int) -> NDArray[np.float64]:
    bent = np.diff(np.eye(terms), n=2, axis=0)
    stiff = bent.T @ bent
    blocks = np.zeros((terms, _ACROSS, terms, _ACROSS))
    for term, (change, dear) in enumerate(zip(_STIFF, _DEAR, strict=True)):
        blocks[:, term, :, term] = stiff * change + dear * np.eye(terms)
    return blocks.reshape(terms * _ACROSS, -1)
