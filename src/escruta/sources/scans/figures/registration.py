"""Lay a photograph over the blank of its sheet: which point of the picture shows which point of the paper.

First a plane (features and a homography), then the bend of the paper (blocks of fixed print, looked for where the plane
says). A picture that shows another sheet, or too little of this one, is refused with a reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from escruta.sources.scans.figures.bending import Bend, fitted, flat
from escruta.sources.scans.figures.landmarks import (
    Points,
    blocks_of,
    features_of,
    features_of_blank,
    features_of_picture,
    matches,
)
from escruta.sources.scans.figures.layouts import Box, Grey, ScanLayout
from escruta.sources.scans.figures.misplaced import PrintedRows, elsewhere, labels_elsewhere, rows_of
from escruta.sources.scans.figures.planes import (
    LEAST_INLIERS,
    PLANE_PX,
    Matrix,
    NoFit,
    NoFitReason,
    agreeing,
    is_plausible,
    plane_of,
    scale_of,
    through,
)
from escruta.sources.scans.figures.unbending import moves_of, shrunk_to, unbent
from escruta.sources.scans.pictures import Picture

Part = tuple[slice, slice]
"""Rows and columns of a picture."""

_AREAS = (130_000, 350_000, 205_000, 560_000)
"""Pixels that the whole blank has at the sizes at which features are looked for, the quick one first.

Print that is faded, blurred and bent is known by its lines when it is small, and by its letters when it is larger;
which of the two a poor photograph still shows cannot be told before.
"""
_WELL_FOUND = 0.95
"""Share of the blocks found from which no other size is tried."""
_SAME_SHARE, _MOST_OF_SHEET = 0.01, 0.5
"""Two sizes that find the same share of the blocks, and most of them, see what can be seen: what is left is covered."""
_SMALLER = 0.7
"""How much smaller than taken the sheet may be on the picture before it is looked at more closely."""
_AROUND = 0.1
"""How far around the sheet a closer look reaches, as a share of its sides."""
_WHOLE = (slice(None), slice(None))
_LEAST_LIKENESS = 0.42
"""Correlation of a block with the picture from which it counts as found."""
_LEAST_FOUND = 0.75
"""Share of the blocks that must be found where the fit says that they are."""
_LOOKS = ((0.5, 26.0), (1.0, 8.0))
"""Each close look: its scale, and how far around the expected place it searches, in pixels of the blank."""
_PARTS = 5
"""Parts of the band from top to bottom whose fit is told apart."""
_EDGE_PX = 60.0
"""Pixels of the blank, some two rows: how far from the first and last block of fixed print an edge of it reaches."""
_CLOSE_PX = 3.0
"""A block found within this distance of the fit agrees with it, in pixels of the blank."""
_LEAST_TURN = 0.25
"""Determinant of a correction of the plane, or its inverse, below which it is none: blocks on one line give such."""
_NO_VIEW = (NoFitReason.NO_PRINT, NoFitReason.NO_PLANE)
_HOW_FAR = (*_NO_VIEW, NoFitReason.IMPLAUSIBLE, NoFitReason.TOO_LITTLE)
"""The reasons by how far the search came: of several looks the one that came farthest is told."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Registration:
    """Where the points of a blank are on a picture."""

    plane: Matrix
    """From the blank's pixels to the picture's, `(3, 3)`."""
    bend: Bend
    found: float
    """Share of the blocks of fixed print that are where the fit says."""
    parts: tuple[float, ...]
    """The same for each part of the band, from top to bottom; 1 for a part without fixed print."""
    edges: tuple[float, float]
    """The same for the first and the last of the fixed print: a sheet with fewer rows differs there."""
    rows: PrintedRows
    """Which rows of print lie where another belongs: the paper was folded, or the sheet has other rows."""
    spread_px: float
    """Middle distance of the blocks found from the fit, in pixels of the blank."""
    scale: float
    """Pixels of the picture in a pixel of the blank, in the middle of the sheet."""

    def to_picture(self, points: Points) -> Points:
        """Take points of the blank `(count, 2)` to the picture."""
        return through(self.plane, points + self.bend.at(points))

    def outline(self, box: Box, step: float = 12.0) -> Points:
        """Follow a box of the blank around on the picture, bent as the paper is, `(count, 2)`."""
        corners = box.corners
        sides = []
        for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            count = max(2, int(np.linalg.norm(end - start) / step))
            sides.append(start + (end - start) * (np.arange(count) / count)[:, None])
        return self.to_picture(np.concatenate(sides))


def register(picture: Picture, layout: ScanLayout, corners: Points | None = None) -> Registration | NoFit:
    """Lay a picture over a layout.

    `corners` are those of one of the layout's codes on the picture, `(4, 2)`, clockwise from the symbol's top left,
    where one was read: matches that contradict them are then not looked at.
    """
    best: Registration | None = None
    refused = NoFit(reason=NoFitReason.NO_PRINT)
    shares: list[float] = []
    for at, area in enumerate(_AREAS):
        found = _registered(picture, layout, corners, area)
        if isinstance(found, NoFit):
            refused = max(refused, found, key=lambda each: (_HOW_FAR.index(each.reason), each.found))
        elif best is None or found.found > best.found:
            best = found
        if best is not None and best.found >= _WELL_FOUND:
            break
        if at > 0 and best is None and refused.reason in _NO_VIEW:
            break
        if _sees_the_same(found, shares):
            break
        shares.append(found.found)
    return best or refused


def _sees_the_same(found: Registration | NoFit, shares: Sequence[float]) -> bool:
    """Whether another size found the same share of the blocks, and most of them."""
    told = isinstance(found, Registration) or found.reason is NoFitReason.TOO_LITTLE
    alike = any(abs(found.found - share) <= _SAME_SHARE for share in shares)
    return told and alike and found.found >= _MOST_OF_SHEET


def _registered(picture: Picture, layout: ScanLayout, corners: Points | None, area: int) -> Registration | NoFit:
    """Lay a picture over a layout by the features of one size; again where the sheet is smaller than it was taken for.

    A sheet is first taken to be as long as the picture, which is nearly right for one that is photographed by itself.
    The closer look is at what lies around the sheet, so that it costs as much however large the picture is.
    """
    long = max(picture.grey.shape) / max(layout.blank.shape)
    found = _laid(picture, layout, corners, area, long)
    if isinstance(found, NoFit) or found.scale >= _SMALLER * long:
        return found
    closer = _laid(picture, layout, corners, area, found.scale, _around(found, layout))
    return closer if isinstance(closer, Registration) and closer.found >= found.found else found


def _laid(
    picture: Picture, layout: ScanLayout, corners: Points | None, area: int, scale: float, part: Part = _WHOLE
) -> Registration | NoFit:
    """Lay a picture over a layout by the features of one size.

    `area` is that of the blank, in pixels, at the size at which features are looked for; `scale` is how much larger
    the sheet is taken to be on the picture than the blank, and `part` where on the picture it is looked for.
    """
    tried = _tried(picture, layout, area, scale, part)
    here, there = agreeing(layout, corners, tried.here, tried.there)
    left = here.tobytes() + there.tobytes()
    if left not in tried.fits:
        tried.fits[left] = _through_matches(picture, layout, here, there, part)
    return tried.fits[left]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Tried:
    """A layout that is tried on a picture with the features of one size: their matches, and what followed from which.

    A code of the picture leaves some of the matches; several codes often leave the same ones.
    """

    layout: ScanLayout
    here: Points
    there: Points
    fits: dict[bytes, Registration | NoFit] = field(default_factory=dict)


def _tried(picture: Picture, layout: ScanLayout, area: int, scale: float, part: Part) -> _Tried:
    """Pair the features of blank and picture; of the whole picture, once for all its codes."""
    kept: _Tried | None = picture.memory.get(("tried", area)) if part is _WHOLE else None
    if kept is not None and kept.layout is layout:
        return kept
    here, there = _matches(picture, layout, area, scale, part)
    found = _Tried(layout=layout, here=here, there=there)
    if part is _WHOLE:
        picture.memory["tried", area] = found
    return found


def _through_matches(
    picture: Picture, layout: ScanLayout, here: Points, there: Points, part: Part
) -> Registration | NoFit:
    plane = plane_of(here, there, min(picture.grey[part].shape) / layout.width)
    if isinstance(plane, NoFit):
        return plane
    if not is_plausible(plane, layout):
        return NoFit(reason=NoFitReason.IMPLAUSIBLE)
    return _bent(picture.grey, layout, plane)


def _around(found: Registration, layout: ScanLayout) -> Part:
    """Give the part of the picture on which the sheet's band was found, and a little around it."""
    corners = through(found.plane, layout.band.corners)
    low, high = corners.min(axis=0), corners.max(axis=0)
    room = _AROUND * (high - low)
    (x0, y0), (x1, y1) = np.maximum(low - room, 0).astype(int), np.maximum(high + room, 1).astype(int)
    return slice(int(y0), int(y1)), slice(int(x0), int(x1))


def _matches(picture: Picture, layout: ScanLayout, area: int, scale: float, part: Part) -> tuple[Points, Points]:
    """Pair the features of the blank with those of the picture: points of either, in their own pixels."""
    shrunk = float(np.sqrt(area / layout.blank.size))
    blank = features_of_blank(layout, shrunk)
    if part is _WHOLE:
        return matches(blank, features_of_picture(picture, shrunk / scale))
    here, there = matches(blank, features_of(picture.grey[part], shrunk / scale))
    return here, there + np.array((part[1].start, part[0].start), np.float64)


def _bent(grey: Grey, layout: ScanLayout, plane: Matrix) -> Registration | NoFit:
    """Look for the blocks of fixed print, each time closer to where they should be, and bend the fit to them."""
    bend = flat(layout.width, layout.height)
    middles = _middles(blocks_of(layout))
    if not len(middles):
        return NoFit(reason=NoFitReason.TOO_LITTLE)
    source, shrunk = shrunk_to(grey, scale_of(plane, layout) / _LOOKS[-1][0])
    plane = np.diag((shrunk, shrunk, 1.0)) @ plane
    seen, off, agrees = grey, np.zeros(len(middles)), np.zeros(len(middles), dtype=np.bool_)
    for zoom, reach in _LOOKS:
        seen = unbent(source, layout, plane, bend, zoom)
        moved, likeness = moves_of(seen, layout, zoom, reach)
        good = likeness >= _LEAST_LIKENESS
        if good.sum() < LEAST_INLIERS:
            return NoFit(reason=NoFitReason.TOO_LITTLE, found=float(good.mean()))
        total = bend.at(middles) + moved
        plane, total = _righted(plane, middles, total, good)
        bend = fitted(layout.width, layout.height, middles[good], total[good], likeness[good] ** 2)
        off = np.linalg.norm(total - bend.at(middles), axis=1)
        agrees = good & (off <= _CLOSE_PX)
    spread = float(np.median(off[agrees])) if agrees.any() else float("inf")
    moved_there = elsewhere(seen, layout, agrees)
    rows = rows_of(blocks_of(layout), agrees, moved_there, labels_elsewhere(seen, layout))
    agrees &= ~moved_there
    share = float(agrees.mean())
    if share < _LEAST_FOUND:
        return NoFit(reason=NoFitReason.TOO_LITTLE, found=share)
    plane = np.diag((1 / shrunk, 1 / shrunk, 1.0)) @ plane
    if not is_plausible(plane, layout):
        return NoFit(reason=NoFitReason.IMPLAUSIBLE)
    return Registration(
        plane=plane,
        bend=bend,
        found=share,
        parts=_by_part(middles, agrees, layout),
        edges=_at_edges(middles, agrees),
        rows=rows,
        spread_px=spread,
        scale=scale_of(plane, layout),
    )


def _righted(plane: Matrix, middles: Points, moved: Points, good: NDArray[np.bool_]) -> tuple[Matrix, Points]:
    """Lay the plane through the blocks that were found, which are more exact than features, and many more.

    Gives it with how far the blocks then lie from it.
    """
    import cv2  # noqa: PLC0415 - an optional dependency

    cv2.setRNGSeed(1)
    found, _ = cv2.findHomography(middles[good], (middles + moved)[good], cv2.USAC_MAGSAC, PLANE_PX, None, 2000, 0.999)
    further = np.asarray(found, np.float64)
    if further.shape != (3, 3) or not _LEAST_TURN < np.linalg.det(further) < 1 / _LEAST_TURN:
        return plane, moved
    return plane @ further, through(np.asarray(np.linalg.inv(further), np.float64), middles + moved) - middles


def _by_part(middles: Points, agrees: NDArray[np.bool_], layout: ScanLayout) -> tuple[float, ...]:
    part = ((middles[:, 1] - layout.band.y0) / layout.band.height * _PARTS).astype(int)
    return tuple(float(agrees[part == at].mean()) if (part == at).any() else 1.0 for at in range(_PARTS))


def _at_edges(middles: Points, agrees: NDArray[np.bool_]) -> tuple[float, float]:
    y = middles[:, 1]
    return float(agrees[y <= y.min() + _EDGE_PX].mean()), float(agrees[y >= y.max() - _EDGE_PX].mean())


def _middles(blocks: tuple[Box, ...]) -> Points:
    return np.array([((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2) for box in blocks], np.float64).reshape(-1, 2)
