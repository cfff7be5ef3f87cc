"""From pairs of features to a view of the sheet as a plane, or to the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from escruta.sources.scans.figures.landmarks import Points
from escruta.sources.scans.figures.layouts import Box, ScanLayout

Matrix = NDArray[np.float64]
LEAST_INLIERS = 14
"""Pairs, or blocks, from which a view may follow."""
PLANE_PX = 9.0
"""How far a match may lie from the plane, in pixels of the blank: bent paper is not plane."""
_STRETCH = 2.2
"""How much larger one part of the sheet may look than another."""


class NoFitReason(StrEnum):
    """Why a picture is not laid over a blank."""

    NO_PRINT = "no-print"
    """Hardly anything on it has structure: empty, black or out of focus."""
    NO_PLANE = "no-plane"
    """Its features agree with no view of the sheet: another kind of sheet, or too little of it."""
    IMPLAUSIBLE = "implausible"
    """The best view would be folded over, mirrored, or stretched as no camera does."""
    TOO_LITTLE = "too-little"
    """The fixed print is not where the view says, for too much of the sheet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoFit:
    """A picture that does not fit the layout; false where a registration is true."""

    reason: NoFitReason
    found: float = 0.0
    """What was measured: matches for `no-plane`, the share of blocks found for `too-little`."""

    def __bool__(self) -> bool:
        return False


def through(plane: Matrix, points: Points) -> Points:
    """Take points through a homography."""
    lifted = points @ plane[:, :2].T + plane[:, 2]
    return np.asarray(lifted[:, :2] / lifted[:, 2:], np.float64)


def scale_of(plane: Matrix, layout: ScanLayout) -> float:
    """Give how many pixels of the picture a pixel of the blank takes, in the middle of the band."""
    return _scale_at(plane, (layout.band.x0 + layout.band.x1) / 2, (layout.band.y0 + layout.band.y1) / 2)


def _scale_at(plane: Matrix, x: float, y: float) -> float:
    around = through(plane, np.array([(x, y), (x + 1, y), (x, y + 1)]))
    area = np.linalg.det(np.stack([around[1] - around[0], around[2] - around[0]]))
    return float(np.sqrt(max(area, 0.0)))


def plane_of(here: Points, there: Points, scale: float) -> Matrix | NoFit:
    """Find the view of the sheet on which most of the matches agree."""
    if len(here) < LEAST_INLIERS:
        return NoFit(reason=NoFitReason.NO_PRINT, found=float(len(here)))
    found = _homography(here, there, scale)
    if found is None or found[0] < LEAST_INLIERS:
        return NoFit(reason=NoFitReason.NO_PLANE, found=float(found[0] if found else 0))
    return found[1]


def agreeing(layout: ScanLayout, corners: Points | None, here: Points, there: Points) -> tuple[Points, Points]:
    """Leave out matches that lie nowhere near where a code on the picture says that they are.

    Which of the layout's codes it is, is not said: it is the one with which most matches agree.
    """
    if corners is None or not layout.codes or not len(here):
        return here, there
    seen = np.ascontiguousarray(corners, np.float64)
    by_code = [_near(code, seen, here, there) for code in layout.codes]
    near = max(by_code, key=lambda each: int(each.sum()))
    return (here[near], there[near]) if near.sum() >= LEAST_INLIERS else (here, there)


def _near(code: Box, corners: Points, here: Points, there: Points) -> NDArray[np.bool_]:
    """Mark the matches that lie where a code says, more loosely the further they are from it."""
    import cv2  # noqa: PLC0415 - an optional dependency

    printed = code.corners
    guess = np.asarray(cv2.estimateAffinePartial2D(printed, corners)[0], np.float64)
    if guess.shape != (2, 3):
        return np.zeros(len(here), bool)
    expected = here @ guess[:, :2].T + guess[:, 2]
    size = float(np.linalg.norm(corners[0] - corners[2]) / np.sqrt(2))
    far = np.linalg.norm(here - printed.mean(axis=0), axis=1) / code.width * size
    return np.asarray(np.linalg.norm(there - expected, axis=1) <= size * 0.15 + far * 0.25, np.bool_)


def _homography(here: Points, there: Points, scale: float) -> tuple[int, Matrix] | None:
    import cv2  # noqa: PLC0415 - an optional dependency

    if len(here) < LEAST_INLIERS:
        return None
    cv2.setRNGSeed(1)
    found, inside = cv2.findHomography(here, there, cv2.USAC_MAGSAC, PLANE_PX * scale, None, 4000, 0.9995)
    plane = np.asarray(found, np.float64)
    return (int(inside.sum()), plane) if plane.shape == (3, 3) else None


def is_plausible(plane: Matrix, layout: ScanLayout) -> bool:
    """Whether a camera could have this view: not folded over, nor one part of the sheet far larger than another."""
    lifted = layout.band.corners @ plane[2, :2] + plane[2, 2]
    if not bool(np.isfinite(plane).all()) or lifted.min() <= 0:
        return False
    scales = [_scale_at(plane, x, y) for x, y in layout.band.corners]
    return min(scales) > 0 and max(scales) <= _STRETCH * min(scales)
