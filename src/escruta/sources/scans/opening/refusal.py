"""The error of a file that is not opened as a picture, and how far a file may go."""

from __future__ import annotations

from dataclasses import dataclass

from escruta.base.errors import InputError


class PictureRefused(InputError):  # noqa: N818 - the name says what happened; the root says that it is an error
    """A file is no picture that we read: not its kind, too large, cut off, damaged, or made to harm.

    `what` is the same sentence for the same reason, so that refusals can be counted by it.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureLimits:
    """How large a file, its pages and their pixels may be; looked at before anything is decoded."""

    file_bytes: int = 64 << 20
    """The most bytes of one file: the largest photographs of phones have 30 MB."""
    pixels: int = 89_000_000
    """The most pixels of one page: a phone gives 12 to 50 million."""
    side: int = 20_000
    """The longest side of a page, in pixels."""
    shortest_side: int = 32
    """The shortest side of a page, in pixels: less than this holds no code and no figure."""
    slimness: int = 40
    """The most that a page may be longer than it is wide."""
    pages: int = 50
    """The most pages of a PDF or TIFF."""
    all_pixels: int = 400_000_000
    """The most pixels of all pages together."""
    scans: int = 64
    """The most passes of a progressive JPEG: each of them costs a whole decoding."""
    pdf_seconds: int = 20
    """The most CPU seconds for all pages of a PDF; on the clock on the wall it is three times as much."""
    pdf_bytes: int = 2 << 30
    """The most memory of the process that draws a PDF."""


LIMITS = PictureLimits()
"""The limits where none are named."""


def require_size(width: int, height: int, limits: PictureLimits, where: str) -> None:
    """Refuse a page that is too large, too small or too slim, before it is decoded."""
    long, short = max(width, height), min(width, height)
    found = f"{width} × {height} pixels"
    if short < limits.shortest_side:
        raise PictureRefused(
            "the picture is too small", where=where, found=found, expected=f"at least {limits.shortest_side} each way"
        )
    if long > limits.side or long > limits.slimness * short:
        raise PictureRefused(
            "the picture is too long",
            where=where,
            found=found,
            expected=f"no side above {limits.side}, and at most {limits.slimness} times as long as wide",
            advice="cut the picture to the sheet",
        )
    if width * height > limits.pixels:
        raise PictureRefused(
            "the picture has too many pixels",
            where=where,
            found=found,
            expected=f"at most {limits.pixels} pixels",
            advice="save it smaller: 12 megapixels show every dot of a sheet",
        )
