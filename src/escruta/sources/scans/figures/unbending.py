"""A picture as its blank lies, and how far each block of fixed print lies off there."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from escruta.sources.scans.figures.bending import Bend
from escruta.sources.scans.figures.landmarks import Points, blank_at, blocks_of, even, resized
from escruta.sources.scans.figures.layouts import Grey, ScanLayout
from escruta.sources.scans.figures.planes import Matrix, scale_of, through

_BOTH: Any = None
"""The second map of OpenCV's `remap` where the first holds both coordinates."""
_BEYOND_PX = 52.0
"""Pixels of the blank that are shown below the band: twice as far as a block is looked for."""
_COARSE_X, _COARSE_Y = 16, 8
"""Pixels shown of which one is placed exactly, across and along: paper bends smoothly, and the rest lie between.

The middle of each such part is placed, and one part more on every side, so that every pixel shown lies between two.
"""


def unbent(grey: Grey, layout: ScanLayout, plane: Matrix, bend: Bend, zoom: float) -> Grey:
    """Show the picture as the blank lies down to the end of its band, at `zoom` times its size.

    What lies outside of the picture is shown as paper.
    """
    import cv2  # noqa: PLC0415 - the same

    source, shrunk = shrunk_to(grey, scale_of(plane, layout) / zoom)
    tall = min(layout.height, layout.band.y1 + _BEYOND_PX)
    width, height = round(layout.width * zoom), round(tall * zoom)
    wide, high = width // _COARSE_X + 3, height // _COARSE_Y + 3
    x, y = (np.arange(wide) - 0.5) * _COARSE_X / zoom, (np.arange(high) - 0.5) * _COARSE_Y / zoom
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    there = (through(plane, grid + bend.at(grid)) * shrunk).reshape(high, wide, 2).astype(np.float32)
    fine = cv2.resize(there, (wide * _COARSE_X, high * _COARSE_Y), interpolation=cv2.INTER_LINEAR)
    field = fine[_COARSE_Y : _COARSE_Y + height, _COARSE_X : _COARSE_X + width]
    return np.asarray(cv2.remap(source, field, _BOTH, cv2.INTER_LINEAR, borderValue=255), np.uint8)


def shrunk_to(grey: Grey, pixels: float) -> tuple[Grey, float]:
    """Shrink a picture that has more than about 1.5 pixels to a wanted one, so that none is skipped."""
    if pixels <= 1.5:  # noqa: PLR2004 - see above
        return grey, 1.0
    factor = 1.15 / pixels
    return resized(grey, factor), factor


def moves_of(seen: Grey, layout: ScanLayout, zoom: float, reach: float) -> tuple[Points, NDArray[np.float64]]:
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
