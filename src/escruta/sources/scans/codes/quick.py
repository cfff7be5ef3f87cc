"""zxing-cpp on one grey picture: the codes that it reads, and the corners of those that it finds and cannot read."""

from __future__ import annotations

from typing import Any

import numpy as np

from escruta.sources.scans.codes.values import Code, Corners, Method
from escruta.sources.scans.pictures import Pixels

_MOST = 16


def codes_of(grey: Pixels, scale: float = 1.0) -> tuple[Code, ...]:
    """Read what zxing-cpp can read."""
    import zxingcpp  # noqa: PLC0415 - an extra

    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCodeModel2)
    found = zxingcpp.read_barcodes(grey, formats=formats, try_invert=False)
    return tuple(_code(each, scale) for each in found[:_MOST] if each.valid)


def _code(found: Any, scale: float) -> Code:  # noqa: ANN401 - zxing-cpp has no types
    version, unused = str(found.extra.get("Version", "")), found.extra.get("UEC")
    return Code(
        text=found.text,
        corners=corners_of(found.position) * scale,
        version=int(version) if version.isdecimal() else 0,
        level=str(found.ec_level),
        method=Method.ZXING,
        corrected=None if unused is None else 1.0 - float(unused),
    )


def corners_of(position: Any) -> Corners:  # noqa: ANN401 - zxing-cpp has no types
    """Give zxing-cpp's corners in our order."""
    order = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    return np.array([(point.x, point.y) for point in order], np.float64)
