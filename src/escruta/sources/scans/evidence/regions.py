"""Whether a region of one picture is a region of another: the same pixels, moved, turned or scaled.

Points that look alike are matched, and a movement of the plane is looked for under which many of them lie on each other
to a pixel. Two photographs of one form match too, but bend and light differ: what decides is how well the pixels
themselves agree once the one is laid on the other, beside the modules, letters and lines that all such sheets share.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

LONGEST = 1200
"""Pixels of the longer side at which pictures are laid upon each other."""
_POINTS = 1500
_RATIO = 0.8
_PIXELS = 1.5
_LEAST_MATCHES = 40
_TILES = 12
_TILE_ALIKE = 0.97
_TILE_VARIES = 2.0
_LEAST_SHARE = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedRegion:
    """A region that two pictures have in common."""

    share: float
    """Of the first picture, from 0 to 1."""
    matches: int
    """Points that lie on each other."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Features:
    """What of a picture is laid upon another one: it is made once, and takes about a megabyte."""

    grey: npt.NDArray[np.uint8]
    """The picture in grey, its longer side 1,200 pixels at most."""
    points: npt.NDArray[np.float32]
    """`(points, 2)`: places of corners and the like, in pixels of `grey`."""
    descriptors: npt.NDArray[np.uint8]
    """`(points, 32)`: how each of them looks."""


def features_of(grey: npt.NDArray[np.uint8]) -> Features:
    """Find the points of a picture in grey by which a region of it is known again."""
    import cv2  # noqa: PLC0415 - an extra

    reduced = _reduced(grey)
    points, descriptors = cv2.ORB.create(_POINTS).detectAndCompute(reduced, None)
    return Features(
        grey=reduced,
        points=np.array([point.pt for point in points], dtype=np.float32).reshape(-1, 2),
        descriptors=np.asarray(descriptors, dtype=np.uint8) if points else np.empty((0, 32), dtype=np.uint8),
    )


def shared_region(one: Features, other: Features) -> SharedRegion | None:
    """Find the region of `one` whose pixels are in `other`; None where there is none of any size."""
    import cv2  # noqa: PLC0415 - an extra

    if min(len(one.points), len(other.points)) < _LEAST_MATCHES:
        return None
    pairs = [
        pair
        for pair in cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(one.descriptors, other.descriptors, k=2)
        if len(pair) > 1 and pair[0].distance < _RATIO * pair[1].distance
    ]
    if len(pairs) < _LEAST_MATCHES:
        return None
    source = one.points[[best.queryIdx for best, _ in pairs]]
    target = other.points[[best.trainIdx for best, _ in pairs]]
    movement, inliers = cv2.estimateAffinePartial2D(source, target, ransacReprojThreshold=_PIXELS, maxIters=4000)
    matches = int(np.sum(inliers)) if np.ndim(movement) else 0  # no movement at all comes as None
    if matches < _LEAST_MATCHES:
        return None
    share = _share_alike(one.grey, other.grey, np.asarray(movement, dtype=np.float64))
    return SharedRegion(share=share, matches=matches) if share >= _LEAST_SHARE else None


def _reduced(grey: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    import cv2  # noqa: PLC0415 - an extra

    scale = LONGEST / max(grey.shape)
    if scale >= 1:
        return grey
    return np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _share_alike(
    first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8], movement: npt.NDArray[np.float64]
) -> float:
    """Lay the second on the first, and give the share of the first's tiles in which the pixels are the same."""
    import cv2  # noqa: PLC0415 - an extra

    height, width = first.shape
    laid = cv2.warpAffine(
        second, movement, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderValue=0
    )
    alike = 0
    for rows in np.array_split(np.arange(height), _TILES):
        for columns in np.array_split(np.arange(width), _TILES):
            place = np.ix_(rows, columns)
            alike += _is_alike(first[place].astype(np.float64), laid[place].astype(np.float64))
    return alike / (_TILES * _TILES)


def _is_alike(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> bool:
    """Say whether two tiles vary, and vary in the same way."""
    varied, also = one - one.mean(), other - other.mean()
    if min(varied.std(), also.std()) < _TILE_VARIES:
        return False
    return bool((varied * also).mean() / (varied.std() * also.std()) >= _TILE_ALIKE)
