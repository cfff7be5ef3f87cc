"""How a cell is handed to the digit net: 32 x 96 pixels of ink, 0 for paper and 1 for full ink.

The same function prepares what the net learns from (`training/digits`) and what it reads, so both agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from escruta.sources.scans.figures.layouts import Box, Cell, Grey
from escruta.sources.scans.figures.registration import Registration
from escruta.sources.scans.figures.unbending import shrunk_to

HEIGHT, WIDTH = 32, 96
"""Pixels of a crop: a cell's full height, and up to three times as much to the left of its right edge."""
_LEAST_CONTRAST = 22.0
"""Grey levels between paper and ink below which a cell counts as empty, so that noise is not taken for faint ink."""
_PAPER, _INK = 80, 1
"""Percentiles of a cell's grey levels that stand for its paper and its ink."""

_MARGIN = 4
"""Pixels of a crop by which it may be moved beyond its cell."""
_COARSE_X, _COARSE_Y = 5, 4

Shift = tuple[float, float]
"""How far a crop is moved against its cell, right and down, in pixels of the crop."""


def as_ink(crops: NDArray[np.uint8] | NDArray[np.float32]) -> NDArray[np.float32]:
    """Turn grey crops (count, height, width) into ink, 0 to 1: light and fading are taken out, cell by cell.

    >>> crop = np.full((1, HEIGHT, WIDTH), 200, np.uint8)
    >>> crop[0, 8:24, 40:50] = 80
    >>> ink = as_ink(crop)[0]
    >>> float(ink[0, 0]), float(ink[16, 45])
    (0.0, 1.0)
    """
    # Bytes are sorted by counting them, which is quicker than to look for two percentiles.
    levels = np.sort(crops.reshape(len(crops), HEIGHT * WIDTH), axis=1, kind="stable")
    paper, ink = (_percentile(levels, share)[:, None, None] for share in (_PAPER, _INK))
    ink_share = (paper - crops) / np.maximum(paper - ink, _LEAST_CONTRAST)
    return np.asarray(np.clip(ink_share, 0, 1), np.float32)


def _percentile(ordered: NDArray[np.generic], share: int) -> NDArray[np.float32]:
    """Give a percentile of every row of ordered levels, between two of them where it falls there."""
    at, between = divmod((ordered.shape[1] - 1) * share, 100)
    low, high = ordered[:, at].astype(np.float32), ordered[:, at + 1].astype(np.float32)
    return np.asarray(low + (high - low) * np.float32(between / 100), np.float32)


def crops_of(
    grey: Grey, registration: Registration, cells: Sequence[Cell], shifts: Sequence[Shift] = ((0.0, 0.0),)
) -> NDArray[np.float32]:
    """Cut the cells out of a picture, bent straight, once for each shift: ink, `(shifts, cells, 32, 96)`."""
    import cv2  # noqa: PLC0415 - an optional dependency

    tallest = max(cell.box.height for cell in cells)
    source, shrunk = shrunk_to(grey, registration.scale * tallest / HEIGHT)
    there = _shown([cell.box for cell in cells], registration, shifts) * shrunk
    # cv2.remap takes pictures of at most 32,767 pixels a side: the crops are laid out as a tall strip, in parts.
    where = there.reshape(-1, WIDTH, 2).astype(np.float32)
    rows = [
        cv2.remap(source, part[..., 0], part[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        for part in (where[start : start + 32_000] for start in range(0, len(where), 32_000))
    ]
    ink = as_ink(np.asarray(np.concatenate(rows), np.uint8).reshape(-1, HEIGHT, WIDTH))
    return ink.reshape(len(shifts), len(cells), HEIGHT, WIDTH)


def _shown(boxes: Sequence[Box], registration: Registration, shifts: Sequence[Shift]) -> NDArray[np.float64]:
    """Give the points of the picture that the cells' crops show, `(shifts, cells, 32, 96, 2)`.

    Over one cell the paper is bent so little that its points lie between those of a coarse grid. What lies left of the
    cell is its left edge, repeated.
    """
    grids = np.stack([_coarse(box) for box in boxes])
    known = registration.to_picture(grids.reshape(-1, 2)).reshape(len(boxes), _COARSE_Y, _COARSE_X, 2)
    shown = np.empty((len(shifts), len(boxes), HEIGHT, WIDTH, 2))
    right, down = np.array(shifts, np.float64).T[:, :, None]
    for cell, box in enumerate(boxes):
        pitch, (x0, y0), (x1, y1) = _pitch(box), grids[cell, 0, 0], grids[cell, -1, -1]
        x = np.clip(box.x1 + (np.arange(WIDTH) - WIDTH + 0.5 + right) * pitch, x0, None)
        y = (box.y0 + box.y1) / 2 + (np.arange(HEIGHT) - (HEIGHT - 1) / 2 + down) * pitch
        across, along = _between(x, x0, x1, _COARSE_X), _between(y, y0, y1, _COARSE_Y)
        shown[:, cell] = across[:, None] @ np.tensordot(along, known[cell], axes=1)
    return shown


def _pitch(box: Box) -> float:
    """Give the pixels of the blank in one of the crop."""
    return max(box.height / HEIGHT, box.width / WIDTH)


def _coarse(box: Box) -> NDArray[np.float64]:
    """Lay a coarse grid over a cell and the room that its crops may be moved into, `(4, 5, 2)`."""
    pitch, middle = _pitch(box), (box.y0 + box.y1) / 2
    x = np.linspace(box.x0, box.x1 + _MARGIN * pitch, _COARSE_X)
    y = np.linspace(middle - (HEIGHT / 2 + _MARGIN) * pitch, middle + (HEIGHT / 2 + _MARGIN) * pitch, _COARSE_Y)
    return np.stack(np.meshgrid(x, y), axis=-1)


def _between(at: NDArray[np.floating[Any]], low: float, high: float, count: int) -> NDArray[np.float64]:
    """Give the weights of `count` evenly spaced points for linear interpolation, `(*at.shape, count)`."""
    place = (at - low) / (high - low) * (count - 1)
    return np.asarray(np.clip(1 - np.abs(place[..., None] - np.arange(count)), 0, 1), np.float64)
