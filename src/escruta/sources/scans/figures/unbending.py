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


def unbent(grey: Grey, layout: ScanLayout, plane: Matrix, bend: Bend, zoom: float) -> Grey:
    """Show the picture as the blank lies down to the end of its band, at `zoom` times its size.

    What lies outside of the picture is shown as paper.
    """
    import cv2  # noqa: PLC0415 - the same

    source, shrunk = shrunk_to(grey, scale_of(plane, layout) / zoom)
    tall = min(layout.height, layout.band.y1 + _BEYOND_PX)
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
