"""Rows whose print belongs to another place of the blank: the paper was folded, or it is another kind of sheet.

A fit says where each block of fixed print should be. Here it is asked the other way round: where on the blank is what
the picture shows there? A row that was folded away, or one more, or rows in another order, put the figures of one row
under the name of another, and every sum still holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from escruta.sources.scans.figures.labels import labels_of
from escruta.sources.scans.figures.landmarks import (
    blank_at,
    blocks_of,
    even,
    is_unlike_itself_moved,
)
from escruta.sources.scans.figures.layouts import Box, Grey, ScanLayout

_ZOOM = 0.5
_NEAR_PX = 80.0
"""How far along the sheet a block is looked for elsewhere, in pixels of the blank; a row found poorly, anywhere."""
_OWN_PX, _ASIDE_PX = 8.0, 8.0
"""How far off, along and across, a block counts as being at its own place."""
_BETWEEN_PX = 14.0
"""Pixels of the blank from which a place is another one: nearer ones look alike."""
_LIKER = 0.1
"""By how much more a block must be like another place than like its own; of 12,000 blocks of good sheets 11 were."""
_POORLY = 0.15
"""By how much less than the middle one a block is like its own place for it to be looked for anywhere."""
_LIKE, _LIKE_FAR = 0.5, 0.6
"""Correlation from which a block is like another place, near or anywhere on the sheet."""
_LABEL_LIKER = 0.05
"""The same for a label at full size; of 4,368 labels of the generator's sheet the one nearest to it was at -0.03."""
_MOVED_PX = 8.0
"""How far a place is moved: the edge of a finger is like a rule, and has no place of its own."""
_BESIDE_PX = 12.0
"""How far the middle of a row of blocks is from a line of print that it holds: half of the way to the next row."""
_TOGETHER = 2
"""Blocks of one row that must say so; where a row has one only, the next row must say so too."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PrintedRows:
    """The rows of blocks that were recognised, and which of them lie at the place of another."""

    middles: NDArray[np.float64]
    """Pixels of the blank from its top, ascending, `(rows,)`."""
    misplaced: NDArray[np.bool_]

    @property
    def any_misplaced(self) -> bool:
        """Whether some row is not where it belongs."""
        return bool(self.misplaced.any())

    def is_misplaced(self, box: Box) -> bool:
        """Whether the print beside a box is that of another place; so it may be where nothing was recognised beside it.

        On a sheet on which no row is misplaced, what is not recognised is covered or faded.
        """
        if not self.any_misplaced:
            return False
        away = np.abs(self.middles - (box.y0 + box.y1) / 2)
        return bool(away.min() > _BESIDE_PX or self.misplaced[away <= away.min() + 1].any())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Shown:
    """What a picture shows as the blank lies, beside the blank, both in even light at one size."""

    zoom: float
    picture: Grey
    blank: Grey
    """With `_ASIDE_PX` more on its left and right."""

    def at(self, box: Box) -> Grey:
        """Give what is shown at a box of the blank."""
        x0, y0, x1, y1 = self._pixels(box)
        return self.picture[y0:y1, x0:x1]

    def likenesses(self, box: Box, reach: float = np.inf) -> tuple[float, float, float]:
        """Say how like the blank a box shows: in its own place, and elsewhere along the sheet within so many pixels.

        Last comes how far down the likest other place is, in pixels of the blank.
        """
        import cv2  # noqa: PLC0415 - an optional dependency

        aside, near, far = (round(px * self.zoom) for px in (_ASIDE_PX, _OWN_PX, _BETWEEN_PX))
        x0, y0, x1, y1 = self._pixels(box)
        room = round(min(reach * self.zoom, len(self.blank)))
        top = max(0, y0 - room)
        scores = cv2.matchTemplate(self.blank[top : y1 + room, x0 : x1 + 2 * aside], self.at(box), cv2.TM_CCOEFF_NORMED)
        likeness, own = np.nan_to_num(scores, posinf=0, neginf=0).max(axis=1), y0 - top
        here = float(likeness[max(0, own - near) : own + near + 1].max())
        likeness[max(0, own - far) : own + far + 1] = -1.0
        at = int(likeness.argmax())
        return here, float(likeness[at]), (at - own) / self.zoom

    def _pixels(self, box: Box) -> tuple[int, int, int, int]:
        x0, y0, x1, y1 = (round(value * self.zoom) for value in box.corners[[0, 2]].ravel())
        return x0, y0, x1, y1


def _beside_the_blank(seen: Grey, layout: ScanLayout, zoom: float) -> _Shown:
    import cv2  # noqa: PLC0415 - an optional dependency

    size = (round(seen.shape[1] * zoom), round(seen.shape[0] * zoom))
    picture = even(np.asarray(cv2.resize(seen, size, interpolation=cv2.INTER_AREA), np.uint8))
    aside = round(_ASIDE_PX * zoom)
    blank = cv2.copyMakeBorder(blank_at(layout, zoom), 0, 0, aside, aside, cv2.BORDER_REPLICATE)
    return _Shown(zoom=zoom, picture=picture, blank=np.asarray(blank, np.uint8))


def elsewhere(seen: Grey, layout: ScanLayout, agrees: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark the blocks whose place shows the print of another place, `(blocks,)`.

    `seen` shows the picture as the blank lies, at its size; `agrees` marks the blocks that were found in their places.
    """
    shown, blocks = _beside_the_blank(seen, layout, _ZOOM), blocks_of(layout)
    near = np.array([shown.likenesses(box, _NEAR_PX) for box in blocks])
    poor = ~agrees | (near[:, 0] < np.median(near[:, 0]) - _POORLY)
    _, row = np.unique([box.y0 for box in blocks], return_inverse=True)
    rows_poor = np.bincount(row, poor) * 2 > np.bincount(row)
    return _liker_elsewhere(shown, blocks, near, _LIKER, poor & rows_poor[row])[0]


def labels_elsewhere(seen: Grey, layout: ScanLayout) -> tuple[Box, ...]:
    """List the labels of figures whose place shows the label of another, and those others; `seen` as for `elsewhere`.

    A label is short, and blocks seldom hold one alone; here each is asked for itself, at the size at which letters
    differ most. What stands at the place of another is not at its own, even where its own does not say so.
    """
    labels = labels_of(layout)
    if not labels:
        return ()
    shown = _beside_the_blank(seen, layout, 1.0)
    near = np.array([shown.likenesses(box, _NEAR_PX) for box in labels])
    poor = near[:, 0] < np.median(near[:, 0]) - _POORLY
    found, down = _liker_elsewhere(shown, labels, near, _LABEL_LIKER, poor)
    middles = np.array([(box.y0 + box.y1) / 2 for box in labels])
    found |= (np.abs(middles[:, None] - (middles + down)[found]) <= _OWN_PX).any(axis=1)
    return tuple(label for label, lies_elsewhere in zip(labels, found.tolist(), strict=True) if lies_elsewhere)


def _liker_elsewhere(
    shown: _Shown, boxes: Sequence[Box], near: NDArray[np.float64], liker: float, far: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Mark the boxes that show another place more than their own, `(boxes,)`, and say how far down that is.

    `near` holds how like each is to its own place and to those near it, and where, `(boxes, 3)`; those that `far` marks
    are looked for on the whole sheet too.
    """
    found, down = near[:, 1] >= np.maximum(_LIKE, near[:, 0] + liker), near[:, 2].copy()
    for at in np.flatnonzero(~found & far).tolist():
        here, there, down[at] = shown.likenesses(boxes[at])
        found[at] = there >= max(_LIKE_FAR, here + _LIKER)
    for at in np.flatnonzero(found).tolist():
        found[at] = is_unlike_itself_moved(shown.at(boxes[at]).astype(np.float64), round(_MOVED_PX * shown.zoom))
    return np.asarray(found, np.bool_), down


def rows_of(
    blocks: Sequence[Box], agrees: NDArray[np.bool_], moved: NDArray[np.bool_], labels: Sequence[Box] = ()
) -> PrintedRows:
    """Draw the blocks of each row together; a row of which nothing was recognised is left out.

    One block alone may be taken for another: two of a row, or of two rows that follow each other, are not. The labels
    that lie at the place of others, as `labels_elsewhere` lists them, are rows of their own.
    """
    y = np.array([(box.y0 + box.y1) / 2 for box in blocks])
    rows = [(at, int(moved[y == at].sum()), int((agrees & ~moved)[y == at].sum())) for at in np.unique(y)]
    rows = [each for each in rows if each[1] or each[2]]
    leans = [there > held for _, there, held in rows]
    surely = [lean and there >= _TOGETHER for lean, (_, there, _) in zip(leans, rows, strict=True)]
    for at, (one, other) in enumerate(pairwise(leans)):
        if one and other:
            surely[at] = surely[at + 1] = True
    middles = np.array([*(each[0] for each in rows), *((box.y0 + box.y1) / 2 for box in labels)])
    misplaced, order = np.array([*surely, *(True for _ in labels)], bool), np.argsort(middles, kind="stable")
    return PrintedRows(middles=middles[order], misplaced=misplaced[order])
