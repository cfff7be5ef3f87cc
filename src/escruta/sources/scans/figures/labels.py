"""The print beside each figure: what says whose figure stands there, and tells its row from those near it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from escruta.sources.scans.figures.landmarks import PAPER_LEVEL, even
from escruta.sources.scans.figures.layouts import Box, Grey, ScanLayout

_LEAST, _AROUND = 8, 3
"""Columns with ink from which print beside a cell is its label, which is larger, and the paper taken on either side."""
_NEAR_PX = 80.0
"""How far along the sheet a label is told from others, in pixels of the blank."""
_ALIKE = 0.9
"""Correlation of two labels from which only what differs between them tells them apart."""
_DOWN_PX, _ASIDE_PX = 6, 4
"""How far off, along and across, two labels are laid upon each other."""
_OTHER_LEVEL, _LEAST_OTHER = 60, 2
"""Grey levels by which a pixel is another one, and such pixels in a column that differs."""
_NARROWEST = 20
"""Columns that what is left of a label has at least, where it had them before: too little print is like any other."""
_NEIGHBOURS = np.ones((3, 3), np.uint8)


def labels_of(layout: ScanLayout) -> tuple[Box, ...]:
    """List what tells the rows of the cells apart: the fixed print on either side of them, in their rows.

    Of labels that are alike, such as *List 1* and *List 2*, it is the part that differs; a word that stands beside
    every figure is none.
    """
    if "labels" not in layout.memory:
        light = even(layout.blank)
        labels = tuple(dict.fromkeys(_labels(layout, light)))
        layout.memory["labels"] = tuple(box for label in labels if (box := _telling(label, labels, light)) is not None)
    found: tuple[Box, ...] = layout.memory["labels"]
    return found


def _labels(layout: ScanLayout, light: Grey) -> Iterator[Box]:
    ink = light < PAPER_LEVEL * 0.75
    changing = (*(cell.box for cell in layout.cells), *layout.variable)
    for row in (cell.box for cell in layout.cells):
        top, end = max(0, round(row.y0)), round(row.y1)
        free = np.zeros(layout.width + 2, bool)
        free[1:-1] = True
        for box in changing:
            if box.y0 < end and box.y1 > top:
                free[1 + max(0, int(box.x0)) : 2 + max(0, int(box.x1))] = False
        for left, right in np.flatnonzero(np.diff(free)).reshape(-1, 2).tolist():
            columns = left + np.flatnonzero(ink[top:end, left:right].any(axis=0))
            if len(columns) >= _LEAST:
                x0, x1 = int(columns[0]) - _AROUND, int(columns[-1]) + 1 + _AROUND
                box = Box(float(max(left, x0)), float(top), float(min(right, x1)), float(end))
                if min(box.width, box.height) > _LEAST:
                    yield box


def _telling(label: Box, labels: Iterable[Box], light: Grey) -> Box | None:
    """Narrow a label to where it differs from those near it that are like it; None where that is nowhere."""
    differs, any_alike = np.zeros(round(label.width), bool), False
    for other in labels:
        away = abs(other.y0 - label.y0)
        if 0 < away <= _NEAR_PX and label.x0 < other.x1 and other.x0 < label.x1:
            columns = _differing_columns(label, other, light)
            if columns is not None:
                any_alike, differs = True, differs | columns
    if not any_alike:
        return label
    at = np.flatnonzero(differs)
    if len(at) == 0:
        return None
    room = max(_AROUND, (_NARROWEST - int(at[-1] - at[0])) // 2)
    left, right = label.x0 + at[0] - room, label.x0 + at[-1] + 1 + room
    return replace(label, x0=float(max(label.x0, left)), x1=float(min(label.x1, right)))


def _differing_columns(label: Box, other: Box, light: Grey) -> NDArray[np.bool_] | None:
    """Mark the columns of a label in which another one has other print; None where they are not alike at all.

    A line of print may fall between two pixels in one of them and not in the other: a level that lies between those
    around it is none of its own.
    """
    import cv2  # noqa: PLC0415 - an optional dependency

    x0, y0, x1, y1 = (round(value) for value in label.corners[[0, 2]].ravel())
    top = round(other.y0)
    around = cv2.copyMakeBorder(light, _DOWN_PX, _DOWN_PX, _ASIDE_PX, _ASIDE_PX, cv2.BORDER_REPLICATE)
    window = around[top : top + y1 - y0 + 2 * _DOWN_PX, x0 : x1 + 2 * _ASIDE_PX]
    own = light[y0:y1, x0:x1]
    if window.shape[0] < own.shape[0]:
        return None
    _, likeness, _, (x, y) = cv2.minMaxLoc(cv2.matchTemplate(window, own, cv2.TM_CCOEFF_NORMED))
    if not likeness >= _ALIKE:
        return None
    laid = window[y : y + own.shape[0], x : x + own.shape[1]]
    differs = [
        (one < cv2.erode(two, _NEIGHBOURS) - _OTHER_LEVEL) | (one > cv2.dilate(two, _NEIGHBOURS) + _OTHER_LEVEL)
        for one, two in ((own.astype(np.int16), laid.astype(np.int16)), (laid.astype(np.int16), own.astype(np.int16)))
    ]
    return np.asarray((differs[0] | differs[1]).sum(axis=0) >= _LEAST_OTHER, np.bool_)
