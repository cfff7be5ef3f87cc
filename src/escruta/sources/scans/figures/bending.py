"""How bent paper departs from a plane: a smooth field of small displacements over the blank."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from escruta.sources.scans.figures.landmarks import Points

_KNOT_PX = 70.0
"""Pixels of the blank between two knots along the sheet."""
_ACROSS = 4
"""Terms across the sheet: constant, linear, quadratic, cubic."""
_STIFF = (0.05, 20.0, 300.0, 600.0)
"""How dear it is for each term across the sheet to change along it: paper that bends along does not twist as well."""
_DEAR = (1e-3, 1e-3, 5.0, 15.0)
"""How dear each term across the sheet is in itself: the figures stand where there is little print to hold it."""
_TILT_DEAR = 1e-3
"""How dear it is to tilt the plane: hardly, since it is rarely laid quite right."""
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
    tilt: NDArray[np.float64]
    """How much the plane was tilted too little, across and along, `(2,)`: see `_tilts`."""

    def at(self, points: Points) -> Points:
        """Give the displacement at points of the blank, `(count, 2)`."""
        along, across = _bases(points, self.width, self.height)
        bent = np.einsum("na,nb,abk->nk", along, across, self.coefficients, optimize=True)
        return np.asarray(bent + _tilted(points, self.width, self.height, self.tilt), np.float64)

    @property
    def reach(self) -> float:
        """The largest coefficient: an upper bound of how far the paper departs from its plane."""
        return float(np.abs(self.coefficients).max(initial=0.0))


def flat(width: float, height: float) -> Bend:
    """Give the bend of paper that lies flat."""
    return Bend(width=width, height=height, coefficients=np.zeros((_terms(height), _ACROSS, 2)), tilt=np.zeros(2))


def fitted(width: float, height: float, points: Points, moved: Points, weights: NDArray[np.float64]) -> Bend:
    """Fit a bend to displacements measured at points, some of which are wrong.

    Penalised least squares (Eilers and Marx 1996) with Tukey's biweight, so that a block that was matched to the wrong
    place does not pull.
    """
    along, across = _bases(points, width, height)
    bent = np.einsum("na,nb->nab", along, across).reshape(len(points), -1)
    tilts, penalty = _tilts(points, width, height), _penalty(along.shape[1])
    trust = weights.copy()
    coefficients, tilt = np.zeros((bent.shape[1], 2)), np.zeros(2)
    for _ in range(_ROUNDS):
        coefficients, tilt = _solved(bent, tilts, moved, trust, penalty)
        residual = np.linalg.norm(moved - bent @ coefficients - tilts @ tilt, axis=1)
        spread = max(_LEAST_SPREAD, 1.4826 * float(np.median(residual)))
        trust = weights * np.clip(1 - (residual / (_TUKEY * spread)) ** 2, 0, None) ** 2
    return Bend(width=width, height=height, coefficients=coefficients.reshape(along.shape[1], _ACROSS, 2), tilt=tilt)


def _solved(
    bent: NDArray[np.float64],
    tilts: NDArray[np.float64],
    moved: Points,
    trust: NDArray[np.float64],
    penalty: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Solve for the coefficients of both coordinates, `(terms, 2)`, and for the tilt that they share, `(2,)`.

    The coordinates have one matrix and meet in the tilt alone, so the tilt follows from its Schur complement.
    """
    weighted = bent * trust[:, None]
    sought = np.hstack([moved, tilts[:, 0], tilts[:, 1]])
    right = weighted.T @ sought
    solved = np.linalg.solve(weighted.T @ bent + penalty, right)
    plain = sought.T @ (sought * trust[:, None]) - right.T @ solved
    own, given = _TILT_DEAR * np.eye(2), np.zeros(2)
    for coordinate, columns in enumerate((slice(2, 4), slice(4, 6))):
        own += plain[columns, columns]
        given += plain[columns, coordinate]
    tilt = np.asarray(np.linalg.solve(own, given), np.float64)
    turned = np.stack([solved[:, 2:4] @ tilt, solved[:, 4:6] @ tilt], axis=1)
    return np.asarray(solved[:, :2] - turned, np.float64), tilt


def _tilts(points: Points, width: float, height: float) -> NDArray[np.float64]:
    """Say where points go when the plane is tilted a little further, `(count, 2, 2)`: by coordinate, then by tilt.

    A homography near none moves `(x, y)` by `g (x², xy) + h (xy, y²)` beside what is affine. The features that the
    plane was laid through lie on bent paper, so its perspective is off by a little; blocks in one half of the sheet
    show that in both directions, and the other half follows.
    """
    x, y = (points - (width / 2, height / 2)).T / max(width, height)
    size = max(width, height)
    return size * np.stack([np.stack([x * x, x * y], axis=1), np.stack([x * y, y * y], axis=1)], axis=1)


def _tilted(points: Points, width: float, height: float, tilt: NDArray[np.float64]) -> Points:
    """Say where points go when the plane is tilted by so much: `_tilts` times the tilt, for many points."""
    size = max(width, height)
    offset = (points - (width / 2, height / 2)) / size
    return np.asarray(offset * (size * (offset @ tilt))[:, None], np.float64)


def _terms(height: float) -> int:
    return max(2, round(height / _KNOT_PX)) + 3


def _bases(points: Points, width: float, height: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from scipy.interpolate import BSpline  # noqa: PLC0415 - slow to import, and only who reads figures needs it

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
