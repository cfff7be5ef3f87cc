"""What of a picture may be shown: the band of header and figures, and the codes. Everything else is painted over.

A white list, so it does not matter how many people signed or where. It fails closed: without a registration there is no
picture, and a picture that does not pass its own second check is not given out. The bytes that come in never go out:
pixels are painted, then encoded anew, without metadata.

What it cannot take away is ink that was put *over* the band or a code: a signature that runs into the figures stays
there. `docs/why/reading-figures.md` says so, and `foreign_ink` measures it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from escruta.sources.scans.codes.values import Code
from escruta.sources.scans.figures.landmarks import Points, blocks_of
from escruta.sources.scans.figures.layouts import Box, ScanLayout
from escruta.sources.scans.figures.planes import NoFit
from escruta.sources.scans.figures.registration import Registration
from escruta.sources.scans.opening.pdf import require_scan_extra
from escruta.sources.scans.pictures import Picture

Pixels = NDArray[np.uint8]

PAINT = (232, 232, 232)
"""The one colour of everything that is not shown: blue, green and red."""
_QUALITY = 85
_TOLERANCE = 3
"""Grey levels by which JPEG may move a flat block."""
_BLOCK = 8
"""Pixels of a JPEG's coding unit where colour is not halved: what is kept may ring within its unit, and no further."""
_LEAST_SCALE = 0.25
"""Pixels of the picture to one of the blank below which a fit is too coarse to cut by."""
_LEAST_OF_PART, _LEAST_OF_EDGE = 0.5, 0.75
"""At least these shares of the fixed print must be found in every part of the band, and in its first and last rows, so
that each edge is where it seems to be: a sheet with fewer rows has people where the band would be. One row fewer leaves
half of the last rows where they were."""
_MOST_SPREAD_PX = 2.0
"""Spread of the fit, in pixels of the blank, above which the band's edge is not known well enough."""
_ROOM_PX = 4.0
"""Pixels of the blank that are shown above the first figure or fixed print of the band, and below its last figure."""
_LARGEST_CODE = 0.5
"""Share of the picture that a code may take; more is no code on a sheet."""
_QUIET_MODULES = 2.0
"""Modules of quiet zone that are kept around a code so that it can be read again."""
_FIRST_SIDE, _MODULES_A_VERSION = 17, 4
"""A symbol has 17 + 4 x version modules each way (ISO/IEC 18004, table 1)."""
_INK_DISTANCE = 14.0
"""Distance from grey, in levels of a and b of CIELAB, from which ink is of a foreign colour."""


class Withheld(StrEnum):
    """Why a picture is not shown."""

    NOT_REGISTERED = "not-registered"
    """It could not be laid over the layout, so it is not known where names and signatures are."""
    LOOSELY_REGISTERED = "loosely-registered"
    """It fits, but not closely enough to cut along the band's edge."""
    MISPLACED = "misplaced"
    """Rows of print lie where others belong: the paper is folded, or it is another kind of sheet."""
    BAND_OUTSIDE = "band-outside"
    """The band is not on the picture."""
    LEFT_OVER = "left-over"
    """The second check found something beside what may be shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """A picture that may be shown, or the reason why there is none."""

    content: bytes | None
    """JPEG without metadata; None where it is withheld."""
    withheld: Withheld | None = None
    kept_share: float = 0.0
    """Share of the picture that is shown."""
    foreign_ink: float = 0.0
    """Share of the band that bears ink of a foreign colour: what somebody wrote over it, and cannot be taken away."""

    def __bool__(self) -> bool:
        return self.content is not None


def redact(
    picture: Picture, registration: Registration | NoFit, layout: ScanLayout, codes: Sequence[Code] = ()
) -> Redaction:
    """Paint over everything but the band and the codes, and encode the rest; the same input gives the same bytes."""
    require_scan_extra("cv2")
    if isinstance(registration, NoFit):
        return Redaction(content=None, withheld=Withheld.NOT_REGISTERED)
    if registration.rows.any_misplaced:
        return Redaction(content=None, withheld=Withheld.MISPLACED)
    is_found = min(registration.parts) >= _LEAST_OF_PART and min(registration.edges) >= _LEAST_OF_EDGE
    if registration.scale < _LEAST_SCALE or registration.spread_px > _MOST_SPREAD_PX or not is_found:
        return Redaction(content=None, withheld=Withheld.LOOSELY_REGISTERED)
    kept = kept_mask(picture, registration, layout, codes)
    if not kept.any():
        return Redaction(content=None, withheld=Withheld.BAND_OUTSIDE)
    part = _part(kept)
    mask = np.ascontiguousarray(kept[part])
    content = _encoded(_painted(picture.colour[part], mask))
    if leftover_share(content, mask) > 0:
        return Redaction(content=None, withheld=Withheld.LEFT_OVER)
    return Redaction(
        content=content, kept_share=float(kept.mean()), foreign_ink=_foreign_ink(picture, registration, layout)
    )


def kept_mask(
    picture: Picture, registration: Registration, layout: ScanLayout, codes: Sequence[Code] = ()
) -> NDArray[np.bool_]:
    """Mark what may be shown: the band, bent as the paper is, and the codes that were read, `(height, width)`."""
    mask = np.zeros((picture.height, picture.width), np.uint8)
    _fill(mask, registration.outline(shown_band(layout)))
    for code in codes:
        quad = _with_quiet_zone(code)
        if _area(quad) <= _LARGEST_CODE * mask.size:
            _fill(mask, quad)
    return mask.astype(bool)


def shown_band(layout: ScanLayout) -> Box:
    """Cut the band to what a fit vouches for: from the first figure or fixed print to the last figure.

    Paper beyond may be folded away, whether it is empty or bears text that varies; what follows it lies there then. And
    a name may come to lie on a line of fixed print below the figures, and be taken for it.
    """
    band = layout.band
    cells = [cell.box for cell in layout.cells]
    top = min(box.y0 for box in (*cells, *blocks_of(layout)))
    bottom = max(box.y1 for box in cells)
    return Box(band.x0, max(band.y0, top - _ROOM_PX), band.x1, min(band.y1, bottom + _ROOM_PX))


def leftover_share(content: bytes, kept: NDArray[np.bool_]) -> float:
    """Look at a finished picture again: the share of what should be painted over that is not one flat colour.

    It trusts neither the painting nor the encoder: the bytes are decoded and compared with the colour. A coding unit
    that holds something that is kept is left out: its other pixels ring with what is kept, and were painted before.
    """
    import cv2  # noqa: PLC0415 - an optional dependency

    decoded = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    if decoded is None or decoded.shape[:2] != kept.shape:
        return 1.0
    units = _units(kept).repeat(_BLOCK, axis=0).repeat(_BLOCK, axis=1)
    outside = ~units[: kept.shape[0], : kept.shape[1]]
    low, high = (tuple(level + off for level in PAINT) for off in (-_TOLERANCE, _TOLERANCE))
    off = cv2.inRange(decoded, low, high) == 0
    return float((off & outside).mean()) if outside.any() else 0.0


def _units(kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark the coding units that hold anything that is kept."""
    height, width = kept.shape
    padded = np.pad(kept, ((0, -height % _BLOCK), (0, -width % _BLOCK)))
    blocks = padded.reshape(padded.shape[0] // _BLOCK, _BLOCK, -1, _BLOCK)
    return np.asarray(blocks.any(axis=(1, 3)), np.bool_)


def _fill(mask: NDArray[np.uint8], outline: Points) -> None:
    import cv2  # noqa: PLC0415 - an optional dependency

    cv2.fillPoly(mask, [np.round(np.clip(outline, -32_000, 32_000)).astype(np.int32)], [255])


def _with_quiet_zone(code: Code) -> Points:
    middle = code.corners.mean(axis=0)
    modules = _FIRST_SIDE + _MODULES_A_VERSION * code.version
    return np.asarray(middle + (code.corners - middle) * (1 + 2 * _QUIET_MODULES / modules), np.float64)


def _area(quad: Points) -> float:
    x, y = quad[:, 0], quad[:, 1]
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


def _part(kept: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Leave out the rows and columns of which nothing is shown, in whole coding units from the top left."""
    rows, columns = np.flatnonzero(kept.any(axis=1)), np.flatnonzero(kept.any(axis=0))
    top, left = rows[0] // _BLOCK * _BLOCK, columns[0] // _BLOCK * _BLOCK
    return slice(int(top), int(rows[-1]) + 1), slice(int(left), int(columns[-1]) + 1)


def _painted(colour: Pixels, mask: NDArray[np.bool_]) -> Pixels:
    """Begin with paint everywhere, and lay only what is kept upon it."""
    import cv2  # noqa: PLC0415 - an optional dependency

    painted = np.full(colour.shape, PAINT, np.uint8)
    return np.asarray(cv2.copyTo(colour, mask.astype(np.uint8), painted), np.uint8)


def _encoded(painted: Pixels) -> bytes:
    import cv2  # noqa: PLC0415 - an optional dependency

    whole_colour = [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
    done, raw = cv2.imencode(".jpg", painted, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY, *whole_colour])
    return raw.tobytes() if done else b""


def _foreign_ink(picture: Picture, registration: Registration, layout: ScanLayout) -> float:
    """Measure what share of the band is written over in colour: pens are, thermal print is not."""
    import cv2  # noqa: PLC0415 - the same

    band = np.zeros((picture.height, picture.width), np.uint8)
    _fill(band, registration.outline(shown_band(layout)))
    step = max(1, round(registration.scale))
    lab = cv2.cvtColor(np.ascontiguousarray(picture.colour[::step, ::step]), cv2.COLOR_BGR2LAB).astype(np.int16)
    inside = band[::step, ::step] > 0
    if not inside.any():
        return 0.0
    paper = np.median(lab[inside], axis=0)
    away = np.hypot(lab[..., 1] - paper[1], lab[..., 2] - paper[2]) > _INK_DISTANCE
    return float((away & (lab[..., 0] < paper[0] - 20) & inside).sum() / inside.sum())
