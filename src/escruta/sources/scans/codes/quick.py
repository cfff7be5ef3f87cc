"""zxing-cpp on one grey picture: the codes that it reads, and the corners of those that it finds and cannot read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from escruta.sources.scans.codes.finders import is_plausible
from escruta.sources.scans.codes.symbols import HIGHEST_VERSION
from escruta.sources.scans.codes.values import Code, Corners, Method
from escruta.sources.scans.pictures import Pixels

_MOST_CODES, _MOST_UNREAD = 16, 6
_USUAL_VERSION = 6
PIECE_PIXELS = 4_000_000
"""The most pixels that zxing-cpp gets at once: its time grows with the square of the codes that it believes to see."""
_OVERLAP = 480
"""Pixels that two pieces share: a larger code is found where the whole picture is looked at more coarsely."""
_CROWD = 64
"""Places on one piece from which the picture was made to cost time: photographs of sheets show fewer than ten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What zxing-cpp found."""

    codes: tuple[Code, ...]
    unread: tuple[tuple[Corners, int], ...]
    """Corners and version of what looks like a code and cannot be read."""
    is_crowded: bool = False
    """Whether there were so many places that the rest of the picture was not looked at."""


def codes_of(grey: Pixels) -> tuple[Code, ...]:
    """Read what zxing-cpp can read of a picture with at most `PIECE_PIXELS`."""
    found = _read(grey, errors=False, try_downscale=False)
    return tuple(_code(each) for each in found[:_MOST_CODES] if each.valid)


def look(grey: Pixels) -> Found:
    """Read what zxing-cpp can read, and keep the places of the rest; a large picture is read piece by piece."""
    codes: list[Code] = []
    unread: list[tuple[Corners, int]] = []
    for scale, top, left, piece in _pieces(grey):
        found = _read(piece, errors=True)
        for each in found:
            corners = np.add(scale * corners_of(each.position), (left, top))
            if each.valid:
                codes += [] if _is_there(each.text, corners, codes) else [_code(each, corners)]
            elif is_plausible(corners):
                version = _version(each)
                unread.append((corners, version if 1 <= version <= HIGHEST_VERSION else _USUAL_VERSION))
        if len(found) >= _CROWD:
            return Found(codes=tuple(codes[:_MOST_CODES]), unread=(), is_crowded=True)
    return Found(codes=tuple(codes[:_MOST_CODES]), unread=tuple(unread[:_MOST_UNREAD]))


def _pieces(grey: Pixels) -> Iterator[tuple[float, int, int, Pixels]]:
    """Give a picture; one that is too large is given smaller, then in pieces across its longer side.

    With each comes by how much it is smaller, and its place: top and left.
    """
    coarse, scale = reduced(grey, 1.0, PIECE_PIXELS)
    yield scale, 0, 0, coarse
    if coarse is grey:
        return
    long, short = max(grey.shape), min(grey.shape)
    size = max(2 * _OVERLAP, PIECE_PIXELS // short)
    for start in range(0, max(1, long - _OVERLAP), size - _OVERLAP):
        if grey.shape[0] == long:
            yield 1.0, start, 0, grey[start : start + size]
        else:
            yield 1.0, 0, start, np.ascontiguousarray(grey[:, start : start + size])


def reduced(grey: Pixels, scale: float, most: int) -> tuple[Pixels, float]:
    """Halve a picture until it has at most so many pixels; `scale` is how much smaller it is already."""
    import cv2  # noqa: PLC0415 - heavy

    while grey.size > most:
        grey, scale = np.asarray(cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)), 2 * scale
    return grey, scale


def _is_there(text: str, corners: Corners, codes: list[Code]) -> bool:
    """Tell whether a code was seen already, on another piece."""
    size = float(np.hypot(*(corners[2] - corners[0])))
    return any(code.text == text and np.hypot(*(code.corners - corners).T).max() < size / 4 for code in codes)


def _read(grey: Pixels, *, errors: bool, try_downscale: bool = True) -> list[Any]:
    import zxingcpp  # noqa: PLC0415 - an extra

    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCodeModel2)
    return list(
        zxingcpp.read_barcodes(
            grey, formats=formats, try_invert=False, try_downscale=try_downscale, return_errors=errors
        )
    )


def _version(found: Any) -> int:  # noqa: ANN401 - zxing-cpp has no types
    stated = str(found.extra.get("Version", ""))
    return int(stated) if stated.isdecimal() else 0


def _code(found: Any, corners: Corners | None = None) -> Code:  # noqa: ANN401 - zxing-cpp has no types
    unused = found.extra.get("UEC")
    return Code(
        text=found.text,
        corners=corners_of(found.position) if corners is None else corners,
        version=_version(found),
        level=str(found.ec_level),
        method=Method.ZXING,
        corrected=None if unused is None else 1.0 - float(unused),
    )


def corners_of(position: Any) -> Corners:  # noqa: ANN401 - zxing-cpp has no types
    """Give zxing-cpp's corners in our order."""
    order = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    return np.array([(point.x, point.y) for point in order], np.float64)
