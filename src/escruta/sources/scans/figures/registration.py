"""Lay a photograph over the blank of its sheet: which point of the picture shows which point of the paper.

First a plane (features and a homography), then the bend of the paper (blocks of fixed print, looked for where the plane
says). A picture that shows another sheet, or too little of this one, is refused with a reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from escruta.sources.scans.figures.bending import Bend, fitted, flat
from escruta.sources.scans.figures.landmarks import (
    Points,
    blank_at,
    blocks_of,
    even,
    features_of,
    features_of_blank,
    features_of_picture,
    matches,
    resized,
)
from escruta.sources.scans.figures.layouts import Box, Grey, ScanLayout
from escruta.sources.scans.figures.misplaced import PrintedRows, elsewhere, rows_of
from escruta.sources.scans.pictures import Picture

Matrix = NDArray[np.float64]
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
_LEAST_INLIERS = 14
_PLANE_PX = 9.0
"""How far a match may lie from the plane, in pixels of the blank: bent paper is not plane."""
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
_STRETCH = 2.2
"""How much larger one part of the sheet may look than another."""
_CLOSE_PX = 3.0
"""A block found within this distance of the fit agrees with it, in pixels of the blank."""
_LEAST_TURN = 0.25
"""Determinant of a correction of the plane, or its inverse, below which it is none: blocks on one line give such."""
_BOTH: Any = None
"""The second map of OpenCV's `remap` where the first holds both coordinates."""


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


_NO_VIEW = (NoFitReason.NO_PRINT, NoFitReason.NO_PLANE)
_HOW_FAR = (*_NO_VIEW, NoFitReason.IMPLAUSIBLE, NoFitReason.TOO_LITTLE)
"""The reasons by how far the search came: of several looks the one that came farthest is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoFit:
    """A picture that does not fit the layout; false where a registration is true."""

    reason: NoFitReason
    found: float = 0.0
    """What was measured: matches for `no-plane`, the share of blocks found for `too-little`."""

    def __bool__(self) -> bool:
        return False


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
    here, there = _agreeing(layout, corners, tried.here, tried.there)
    left = here.tobytes()
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
    plane = _plane(here, there, min(picture.grey[part].shape) / layout.width)
    if isinstance(plane, NoFit):
        return plane
    if not _is_plausible(plane, layout):
        return NoFit(reason=NoFitReason.IMPLAUSIBLE)
    return _bent(picture.grey, layout, plane)


def _around(found: Registration, layout: ScanLayout) -> Part:
    """Give the part of the picture on which the sheet's band was found, and a little around it."""
    corners = through(found.plane, layout.band.corners)
    low, high = corners.min(axis=0), corners.max(axis=0)
    room = _AROUND * (high - low)
    (x0, y0), (x1, y1) = np.maximum(low - room, 0).astype(int), np.maximum(high + room, 1).astype(int)
    return slice(int(y0), int(y1)), slice(int(x0), int(x1))


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


def _matches(picture: Picture, layout: ScanLayout, area: int, scale: float, part: Part) -> tuple[Points, Points]:
    """Pair the features of the blank with those of the picture: points of either, in their own pixels."""
    shrunk = float(np.sqrt(area / layout.blank.size))
    blank = features_of_blank(layout, shrunk)
    if part is _WHOLE:
        return matches(blank, features_of_picture(picture, shrunk / scale))
    here, there = matches(blank, features_of(picture.grey[part], shrunk / scale))
    return here, there + np.array((part[1].start, part[0].start), np.float64)


def _plane(here: Points, there: Points, scale: float) -> Matrix | NoFit:
    """Find the view of the sheet on which most of the matches agree."""
    if len(here) < _LEAST_INLIERS:
        return NoFit(reason=NoFitReason.NO_PRINT, found=float(len(here)))
    found = _homography(here, there, scale)
    if found is None or found[0] < _LEAST_INLIERS:
        return NoFit(reason=NoFitReason.NO_PLANE, found=float(found[0] if found else 0))
    return found[1]


def _agreeing(layout: ScanLayout, corners: Points | None, here: Points, there: Points) -> tuple[Points, Points]:
    """Leave out matches that lie nowhere near where a code on the picture says that they are.

    Which of the layout's codes it is, is not said: it is the one with which most matches agree.
    """
    if corners is None or not layout.codes or not len(here):
        return here, there
    seen = np.ascontiguousarray(corners, np.float64)
    agreeing = [_near(code, seen, here, there) for code in layout.codes]
    near = max(agreeing, key=lambda each: int(each.sum()))
    return (here[near], there[near]) if near.sum() >= _LEAST_INLIERS else (here, there)


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

    if len(here) < _LEAST_INLIERS:
        return None
    cv2.setRNGSeed(1)
    found, inside = cv2.findHomography(here, there, cv2.USAC_MAGSAC, _PLANE_PX * scale, None, 4000, 0.9995)
    plane = np.asarray(found, np.float64)
    return (int(inside.sum()), plane) if plane.shape == (3, 3) else None


def _is_plausible(plane: Matrix, layout: ScanLayout) -> bool:
    lifted = layout.band.corners @ plane[2, :2] + plane[2, 2]
    if not bool(np.isfinite(plane).all()) or lifted.min() <= 0:
        return False
    scales = [_scale_at(plane, x, y) for x, y in layout.band.corners]
    return min(scales) > 0 and max(scales) <= _STRETCH * min(scales)


def _bent(grey: Grey, layout: ScanLayout, plane: Matrix) -> Registration | NoFit:
    """Look for the blocks of fixed print, each time closer to where they should be, and bend the fit to them."""
    bend = flat(layout.width, layout.height)
    middles = _middles(blocks_of(layout))
    if not len(middles):
        return NoFit(reason=NoFitReason.TOO_LITTLE)
    source, shrunk = shrunk_to(grey, scale_of(plane, layout) / _LOOKS[-1][0])
    plane = np.diag((shrunk, shrunk, 1.0)) @ plane
    for zoom, reach in _LOOKS:
        seen = unbent(source, layout, plane, bend, zoom)
        moved, likeness = _moves(seen, layout, zoom, reach)
        good = likeness >= _LEAST_LIKENESS
        if good.sum() < _LEAST_INLIERS:
            return NoFit(reason=NoFitReason.TOO_LITTLE, found=float(good.mean()))
        total = bend.at(middles) + moved
        plane, total = _righted(plane, middles, total, good)
        bend = fitted(layout.width, layout.height, middles[good], total[good], likeness[good] ** 2)
        off = np.linalg.norm(total - bend.at(middles), axis=1)
        agrees = good & (off <= _CLOSE_PX)
    spread = float(np.median(off[agrees])) if agrees.any() else float("inf")
    moved_there = elsewhere(seen, layout, agrees)
    rows = rows_of(blocks_of(layout), agrees, moved_there)
    agrees &= ~moved_there
    share = float(agrees.mean())
    if share < _LEAST_FOUND:
        return NoFit(reason=NoFitReason.TOO_LITTLE, found=share)
    plane = np.diag((1 / shrunk, 1 / shrunk, 1.0)) @ plane
    if not _is_plausible(plane, layout):
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
    found, _ = cv2.findHomography(middles[good], (middles + moved)[good], cv2.USAC_MAGSAC, _PLANE_PX, None, 2000, 0.999)
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


def unbent(grey: Grey, layout: ScanLayout, plane: Matrix, bend: Bend, zoom: float) -> Grey:
    """Show the picture as the blank lies down to the end of its band, at `zoom` times its size.

    What lies outside of the picture is shown as paper.
    """
    import cv2  # noqa: PLC0415 - the same

    source, shrunk = shrunk_to(grey, scale_of(plane, layout) / zoom)
    tall = min(layout.height, layout.band.y1 + 2 * _LOOKS[0][1])
    width, height = round(layout.width * zoom), round(tall * zoom)
    # The field is smooth: it is worked out on a coarse grid and stretched.
    coarse_x, coarse_y = np.linspace(0, layout.width, width // 16 + 2), np.linspace(0, tall, height // 8 + 2)
    grid = np.stack(np.meshgrid(coarse_x, coarse_y), axis=-1).reshape(-1, 2)
    there = (through(plane, grid + bend.at(grid)) * shrunk).reshape(len(coarse_y), len(coarse_x), 2)
    fine_x, fine_y = (
        _stretched(len(coarse_x), width, zoom, layout.width),
        _stretched(len(coarse_y), height, zoom, tall),
    )
    where = np.stack(np.meshgrid(fine_x, fine_y), axis=-1).astype(np.float32)
    field = cv2.remap(there.astype(np.float32), where[..., 0], where[..., 1], cv2.INTER_LINEAR)
    return np.asarray(cv2.remap(source, field, _BOTH, cv2.INTER_LINEAR, borderValue=255), np.uint8)


def _stretched(coarse: int, fine: int, zoom: float, size: float) -> NDArray[np.float64]:
    """Give the position on the coarse grid of every fine pixel's middle."""
    return np.clip((np.arange(fine) + 0.5) / zoom / size * (coarse - 1), 0, coarse - 1 - 1e-4)


def shrunk_to(grey: Grey, pixels: float) -> tuple[Grey, float]:
    """Shrink a picture that has more than about 1.5 pixels to a wanted one, so that none is skipped."""
    if pixels <= 1.5:  # noqa: PLR2004 - see above
        return grey, 1.0
    factor = 1.15 / pixels
    return resized(grey, factor), factor


def _moves(seen: Grey, layout: ScanLayout, zoom: float, reach: float) -> tuple[Points, NDArray[np.float64]]:
    """Find each block near its place: how far it lies off, in pixels of the blank, and how like it is."""
    import cv2  # noqa: PLC0415 - the same

    blank = blank_at(layout, zoom)
    flatly, room = even(seen), max(2, round(reach * zoom))
    padded = cv2.copyMakeBorder(flatly, room, room, room, room, cv2.BORDER_REPLICATE)
    moved, likeness = [], []
    for box in blocks_of(layout):
        x0, y0, x1, y1 = (round(value * zoom) for value in (box.x0, box.y0, box.x1, box.y1))
        part = blank[y0:y1, x0:x1]
        place = padded[y0 : y1 + 2 * room, x0 : x1 + 2 * room]
        scores = np.asarray(cv2.matchTemplate(place, part, cv2.TM_CCOEFF_NORMED), np.float32)
        _, best, _, (x, y) = cv2.minMaxLoc(scores)
        moved.append(((x - room + _between(scores[y], x)) / zoom, (y - room + _between(scores[:, x], y)) / zoom))
        likeness.append(best if np.isfinite(best) else 0.0)
    return np.array(moved, np.float64), np.array(likeness, np.float64)


def _between(scores: NDArray[np.floating[Any]], at: int) -> float:
    """Find the peak between pixels by a parabola through three."""
    if not 0 < at < len(scores) - 1:
        return 0.0
    left, middle, right = (float(score) for score in scores[at - 1 : at + 2])
    bow = left - 2 * middle + right
    return 0.0 if bow >= 0 else max(-0.5, min(0.5, 0.5 * (left - right) / bow))
