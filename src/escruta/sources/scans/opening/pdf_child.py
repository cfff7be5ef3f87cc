"""Draws the pages of one PDF, in a process of its own: a hostile file can make it fail, and nothing else.

Run as a script with limits as JSON in its argument and the file on its standard input. For each page it writes one line
of JSON (`width`, `height`, `channels`) and the raw pixels; an error is one line with `refused`, and the exit code is 3.
Imports nothing of the house: it must start quickly and need little memory.
"""

from __future__ import annotations

import ctypes
import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

_POINTS_PER_INCH = 72.0
_OWN_DPI, _LOWEST_DPI, _HIGHEST_DPI = 200.0, 100.0, 400.0


class _Refused(Exception):  # noqa: N818
    pass


def _limit(seconds: int, memory: int) -> None:
    """Bound this process; systems without such limits are left with the parent's clock."""
    try:
        import resource  # noqa: PLC0415 - not on every system
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _resolution(page: PdfPage) -> float:
    """Draw at the resolution of the largest picture on the page, so that no dot of a scan is lost."""
    from pypdfium2 import raw  # noqa: PLC0415 - after the limits are set

    best = 0.0
    for seen, thing in enumerate(page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3)):
        left, _, right, _ = thing.get_bounds()
        width = ctypes.c_uint()
        height = ctypes.c_uint()
        if raw.FPDFImageObj_GetImagePixelSize(thing.raw, width, height) and right > left:
            best = max(best, width.value / (right - left) * _POINTS_PER_INCH)
        if seen > 20:  # noqa: PLR2004 - a page of many small pictures has no resolution of its own
            break
    return min(_HIGHEST_DPI, max(_LOWEST_DPI, best)) if best else _OWN_DPI


def _draw(limits: dict[str, Any]) -> None:
    import pypdfium2  # noqa: PLC0415 - after the limits are set

    document = pypdfium2.PdfDocument(sys.stdin.buffer.read())
    if len(document) > limits["pages"]:
        raise _Refused(f"pages:{len(document)}")
    left = limits["all_pixels"]
    for number in range(len(document)):
        if limits["only"] not in (None, number + 1):
            continue
        page = document[number]
        width, height = page.get_size()
        if not (0 < width < limits["points"] and 0 < height < limits["points"]):
            raise _Refused(f"size:{width:.0f} × {height:.0f} points")
        scale = _resolution(page) / _POINTS_PER_INCH
        scale = min(scale, limits["side"] / max(width, height), (limits["pixels"] / (width * height)) ** 0.5)
        left -= round(width * scale) * round(height * scale)
        if left < 0:
            raise _Refused("pixels")
        bitmap = page.render(scale=scale, grayscale=not limits["colour"], rev_byteorder=False, prefer_bgrx=False)
        pixels = bitmap.to_numpy()
        shape = {"width": pixels.shape[1], "height": pixels.shape[0], "channels": pixels.size // pixels[..., 0].size}
        if pixels.ndim == 2:  # noqa: PLR2004
            shape["channels"] = 1
        sys.stdout.buffer.write(json.dumps(shape).encode() + b"\n" + pixels.tobytes())
        bitmap.close()
        page.close()


def main() -> int:
    """Draw every page, or say in one line why not."""
    limits = json.loads(sys.argv[1])
    _limit(limits["seconds"], limits["memory"])
    try:
        _draw(limits)
    except _Refused as refused:
        reason = str(refused)
    except MemoryError:
        reason = "memory"
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent wants one line
        reason = f"damaged:{type(error).__name__}: {error}"
    else:
        return 0
    sys.stdout.buffer.write(json.dumps({"refused": reason}).encode() + b"\n")
    return 3


if __name__ == "__main__":
    raise SystemExit(main())
