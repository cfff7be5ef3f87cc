"""What a blank can be known by: features for a first fit, and blocks of fixed print for a close one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from escruta.sources.scans.figures.layouts import Box, Grey, ScanLayout
from escruta.sources.scans.pictures import Picture

Points = NDArray[np.float64]
"""Points `(x, y)`, `(count, 2)`."""

_LIGHT = 41
"""Pixels over which light is taken as even."""
PAPER_LEVEL = 200.0
BLOCK_WIDTH, BLOCK_HEIGHT = 80, 36
"""Pixels of the blank in one block."""
_LEAST_INK = 0.035
"""Share of a block that must be printed for it to be a landmark."""
_MOST_BLOCKS = 180
_MOVED, _ALIKE = 7, 0.6
"""Pixels that a block is moved, and the correlation with itself from which it has no place in that direction."""
_LEAST_CONTRAST = 0.02
"""Contrast below which SIFT takes a spot for noise (Lowe 2004, section 4); low, for faded print."""
_MOST_FEATURES = 2_000
_MOST_PIXELS = 2_400_000
"""Pixels in which features are looked for at most: SIFT takes some 200 bytes for each of them."""

_SIZES_AN_OCTAVE = 4
"""Sizes between one and its double at which the features of a picture are looked for."""
_MOST_SIZES_KEPT = 12
"""Sizes of which a picture keeps the features: a megabyte each at most."""


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Spots of a picture and what they look like."""

    points: Points
    looks: NDArray[np.float32]
    """Root-SIFT (Arandjelović and Zisserman 2012), `(count, 128)`: their inner product is a similarity."""


def even(grey: Grey) -> Grey:
    """Take uneven light out of a picture: paper becomes a level of 200 wherever it lies."""
    import cv2  # noqa: PLC0415 - an optional dependency

    light = cv2.blur(grey, (_LIGHT, _LIGHT))
    return np.asarray(cv2.divide(grey, light, scale=PAPER_LEVEL), np.uint8)


def resized(grey: Grey, scale: float) -> Grey:
    """Bring a picture to `scale` times its size.

    Halves are taken first, and between a half and the whole four pixels make one: each counts, and it is several times
    as quick as exact areas.
    """
    import cv2  # noqa: PLC0415 - the same

    while scale < 0.5 and min(grey.shape) > 1:  # noqa: PLR2004 - see above
        height, width = (side // 2 * 2 for side in grey.shape)
        halved = cv2.resize(grey[:height, :width], (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        grey, scale = np.asarray(halved, np.uint8), 2 * scale
    return np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR), np.uint8)


def features_of(grey: Grey, scale: float) -> Features:
    """Find the features of a picture that is brought to `scale` times its size; points are in its own pixels.

    A picture that would become too large for the memory is kept smaller, and a side of no pixel has one.
    """
    import cv2  # noqa: PLC0415 - the same

    scale = max(min(scale, float(np.sqrt(_MOST_PIXELS / grey.size))), 1 / min(grey.shape))
    small = resized(grey, scale)
    sift = cv2.SIFT.create(nfeatures=_MOST_FEATURES, contrastThreshold=_LEAST_CONTRAST)
    spots, looks = sift.detectAndCompute(even(small), None)
    if not spots:
        return Features(np.zeros((0, 2)), np.zeros((0, 128), np.float32))
    root = np.sqrt(looks / np.maximum(looks.sum(axis=1, keepdims=True), 1e-6)).astype(np.float32)
    return Features(np.array([spot.pt for spot in spots], np.float64) / scale, root)


def features_of_picture(picture: Picture, scale: float) -> Features:
    """Give the features of a picture at about `scale` times its size, worked out once for all layouts.

    Layouts of nearly the same shape ask for nearly the same size, and features do not depend on it so closely.
    """
    size = round(_SIZES_AN_OCTAVE * float(np.log2(scale)))
    kept: dict[int, Features] = picture.memory.setdefault("features", {})
    found = kept.pop(size, None) or features_of(picture.grey, 2 ** (size / _SIZES_AN_OCTAVE))
    kept[size] = found
    for oldest in [*kept][:-_MOST_SIZES_KEPT]:
        kept.pop(oldest, None)
    return found


def features_of_blank(layout: ScanLayout, scale: float) -> Features:
    """Give the features of a layout's fixed print, worked out once."""
    key = f"features-{scale}"
    if key not in layout.memory:
        layout.memory[key] = features_of(layout.blank, scale)
    found: Features = layout.memory[key]
    return found


def blank_at(layout: ScanLayout, zoom: float) -> Grey:
    """Give a layout's blank in even light at `zoom` times its size, worked out once."""
    import cv2  # noqa: PLC0415 - the same

    key = f"blank-{zoom}"
    if key not in layout.memory:
        size = (round(layout.width * zoom), round(layout.height * zoom))
        layout.memory[key] = even(np.asarray(cv2.resize(layout.blank, size, interpolation=cv2.INTER_AREA), np.uint8))
    blank: Grey = layout.memory[key]
    return blank


def matches(one: Features, other: Features) -> tuple[Points, Points]:
    """Pair the features that are each other's likest."""
    if not len(one.points) or not len(other.points):
        return np.zeros((0, 2)), np.zeros((0, 2))
    similarity = one.looks @ other.looks.T
    there, back = similarity.argmax(axis=1), similarity.argmax(axis=0)
    mutual = back[there] == np.arange(len(there))
    return one.points[mutual], other.points[there[mutual]]


def blocks_of(layout: ScanLayout) -> tuple[Box, ...]:
    """List the blocks of fixed print: they hold ink, and neither a figure nor another text that varies."""
    if "blocks" not in layout.memory:
        layout.memory["blocks"] = tuple(_blocks(layout))
    found: tuple[Box, ...] = layout.memory["blocks"]
    return found


def _blocks(layout: ScanLayout) -> list[Box]:
    ink = even(layout.blank) < PAPER_LEVEL * 0.75
    changing = (*(cell.box for cell in layout.cells), *layout.variable)
    band = layout.band
    found = []
    for y in np.arange(band.y0, band.y1 - BLOCK_HEIGHT + 1, BLOCK_HEIGHT * 2 / 3):
        for x in np.arange(band.x0, band.x1 - BLOCK_WIDTH + 1, BLOCK_WIDTH / 2):
            box = Box(float(int(x)), float(int(y)), float(int(x) + BLOCK_WIDTH), float(int(y) + BLOCK_HEIGHT))
            held = ink[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)]
            fixed = not any(box.overlaps(other) for other in changing)
            if fixed and held.mean() >= _LEAST_INK and is_unlike_itself_moved(held.astype(np.float64)):
                found.append(box)
    step = max(1, -(-len(found) // _MOST_BLOCKS))
    return found[::step]


def is_unlike_itself_moved(level: NDArray[np.float64], by: int = _MOVED) -> bool:
    """Whether a block has its place in both directions: a rule looks the same wherever along it one looks."""
    moved = (level[:, by:], level[:, :-by]), (level[by:], level[:-by])
    return all(_likeness(one, other) < _ALIKE for one, other in moved)


def _likeness(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    first, second = one - one.mean(), other - other.mean()
    size = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return 0.0 if size == 0 else float((first * second).sum()) / size
