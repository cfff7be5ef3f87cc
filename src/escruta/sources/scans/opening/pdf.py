"""The pages of a PDF as pixels, drawn by a child process with limits on time, memory and output."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from escruta.sources.scans.opening.pixels import Decoded, Pixels
from escruta.sources.scans.opening.refusal import PictureLimits, PictureRefused, require_size

_CHILD = Path(__file__).with_name("pdf_child.py")
_WALL_FACTOR = 3
_POINTS = 15_000
_ERRORS = {
    "memory": "a page that needs more memory than there is for it",
    "pixels": "more pixels on all pages together than are allowed",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PdfPage:
    """A page that was drawn in grey, and is drawn once more where its colours are asked for."""

    content: bytes
    limits: PictureLimits
    where: str
    page: int
    grey: Pixels

    def decoded(self, *, colour: bool = False, half: bool = False) -> Pixels:
        """Give the pixels as they are asked for. Refuses what cannot be drawn."""
        pixels = self.grey
        if colour:
            pixels = next(pdf_pages(self.content, self.limits, self.where, colour=True, only=self.page))
        return Decoded(pixels=pixels).decoded(colour=colour, half=half)


def pdf_pages(
    content: bytes, limits: PictureLimits, where: str, *, colour: bool = False, only: int | None = None
) -> Iterator[Pixels]:
    """Draw the pages in grey, or in colour (BGR); refuses what is damaged, locked, too large or takes too long."""
    require_scan_extra("pypdfium2")
    drawn = _run(content, limits, where, colour=colour, only=only)
    at = 0
    while at < len(drawn):
        end = drawn.find(b"\n", at)
        if end < 0:
            raise _damaged(where, "a page that was not drawn to its end")
        head = json.loads(drawn[at:end])
        if "refused" in head:
            raise _refusal(head["refused"], limits, where)
        width, height, channels = head["width"], head["height"], head["channels"]
        require_size(width, height, limits, where)
        size = width * height * channels
        if end + 1 + size > len(drawn):
            raise _damaged(where, "a page that was not drawn to its end")
        page = np.frombuffer(drawn, np.uint8, size, end + 1)
        yield (
            page.reshape((height, width) if channels == 1 else (height, width, channels))[..., :3]
            if colour
            else (page.reshape(height, width))
        )
        at = end + 1 + size


def _run(content: bytes, limits: PictureLimits, where: str, *, colour: bool, only: int | None) -> bytes:
    told: dict[str, Any] = {
        "pages": limits.pages,
        "pixels": limits.pixels,
        "all_pixels": limits.all_pixels,
        "side": limits.side,
        "points": _POINTS,
        "seconds": limits.pdf_seconds,
        "memory": limits.pdf_bytes,
        "colour": colour,
        "only": only,
    }
    command = [sys.executable, "-P", str(_CHILD), json.dumps(told)]
    try:
        child = subprocess.run(  # noqa: S603 - our own program; the file only reaches its standard input
            command, input=content, capture_output=True, timeout=limits.pdf_seconds * _WALL_FACTOR, check=False
        )
    except subprocess.TimeoutExpired:
        raise _too_long(limits, where) from None
    if child.returncode in (0, 3):
        return child.stdout
    if child.returncode < 0 and not child.stderr:  # a signal: the limit of CPU seconds, or a fault in the library
        raise _too_long(limits, where)
    raise _damaged(where, "a file at which the program that draws it failed")


def _refusal(reason: str, limits: PictureLimits, where: str) -> PictureRefused:
    kind, _, detail = reason.partition(":")
    if kind == "pages":
        return PictureRefused(
            "the file has too many pages", where=where, found=detail, expected=f"at most {limits.pages} pages"
        )
    if kind in _ERRORS:
        return PictureRefused("the pages ask for too much work", where=where, found=_ERRORS[kind])
    if kind == "size":
        return PictureRefused(
            "the picture is too long", where=where, found=detail, expected=f"pages under {_POINTS} points each way"
        )
    return _damaged(where, detail)


def _damaged(where: str, found: str) -> PictureRefused:
    return PictureRefused(
        "the PDF cannot be drawn",
        where=where,
        found=found,
        expected="a whole PDF without a password",
        advice="open it in another program and print it to a new PDF",
    )


def _too_long(limits: PictureLimits, where: str) -> PictureRefused:
    return PictureRefused(
        "the pages ask for too much work",
        where=where,
        found="pages that were not drawn in time",
        expected=f"at most {limits.pdf_seconds} seconds of computing",
    )


def require_scan_extra(module: str) -> None:
    """Say which extra to install when a library is not there."""
    if importlib.util.find_spec(module) is None:
        raise PictureRefused(
            "a library that opens pictures is not installed",
            found=f"no {module}",
            expected="the extra `scan`",
            advice='pip install "escruta[scan]"',
        )
