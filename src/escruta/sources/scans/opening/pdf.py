"""The pages of a PDF as pixels, drawn by a child process with limits on time, memory and output."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np

from escruta.sources.scans.opening.pixels import Decoded, Pixels
from escruta.sources.scans.opening.refusal import PictureLimits, PictureRefused, require_size

_CHILD = Path(__file__).with_name("pdf_child.py")
_WALL_FACTOR = 3
_POINTS = 15_000
_LONGEST_HEAD = 4_096
"""Bytes of the line before a page, or of what a child says when it fails."""
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
) -> Generator[Pixels, None, None]:
    """Draw the pages in grey, or in colour (BGR); refuses what is damaged, locked, too large or takes too long.

    A page is drawn while the one before it is looked at, and never are more than two of them in memory.
    """
    require_scan_extra("pypdfium2")
    with _drawing(content, limits, colour=colour, only=only) as child:
        pages = child.stdout
        while line := child.waited(lambda: pages.readline(_LONGEST_HEAD)):
            head = _head(line, where)
            if "refused" in head:
                raise _refusal(head["refused"], limits, where)
            width, height, channels = head["width"], head["height"], head["channels"]
            require_size(width, height, limits, where)
            size = width * height * channels
            drawn = child.waited(partial(pages.read, size))
            if len(drawn) < size:
                break
            page = np.frombuffer(drawn, np.uint8)
            yield (
                page.reshape((height, width) if channels == 1 else (height, width, channels))[..., :3]
                if colour
                else (page.reshape(height, width))
            )
        ended = child.ended()
    if ended.timed_out or (ended.code < 0 and not ended.errors):  # the limit of CPU seconds, or a fault in the library
        raise _too_long(limits, where)
    if ended.code != 0:
        raise _damaged(where, "a file at which the program that draws it failed")


def _head(line: bytes, where: str) -> dict[str, Any]:
    try:
        head: dict[str, Any] = json.loads(line)
    except ValueError:
        raise _damaged(where, "a page that was not drawn to its end") from None
    return head


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ended:
    """How the child ended."""

    code: int
    errors: bytes
    timed_out: bool


class _Child:
    """The program that draws: what it writes is read page by page, and a clock ends it."""

    def __init__(self, command: list[str], content: bytes, seconds: float) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - it is closed with the child
        self._process = subprocess.Popen(  # noqa: S603 - our own program; the file only reaches its standard input
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors
        )
        self._timed_out = False
        self._left_s = seconds
        self._feeding = threading.Thread(target=self._feed, args=(content,), daemon=True)
        self._feeding.start()

    @property
    def stdout(self) -> IO[bytes]:
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        return self._process.stdout

    def waited(self, read: Callable[[], bytes]) -> bytes:
        """Wait for what it writes; only the time that we wait is taken from its time, and not what we do between."""
        clock = threading.Timer(self._left_s, self._end)
        clock.daemon = True
        clock.start()
        started = time.monotonic()
        try:
            return read()
        finally:
            clock.cancel()
            self._left_s = max(0.0, self._left_s - (time.monotonic() - started))

    def ended(self) -> _Ended:
        """Wait for the end of a child that writes no more."""
        code = self._process.wait()
        self._errors.seek(0)
        return _Ended(code=code, errors=self._errors.read(_LONGEST_HEAD), timed_out=self._timed_out)

    def close(self) -> None:
        """End it, whether or not all of it was read."""
        self._process.kill()
        self._process.wait()
        self._feeding.join()
        self.stdout.close()
        self._errors.close()

    def _end(self) -> None:
        self._timed_out = True
        self._process.kill()

    def _feed(self, content: bytes) -> None:
        assert self._process.stdin is not None  # noqa: S101 - the same
        with contextlib.suppress(OSError), self._process.stdin as waiting:  # it may end before it has read everything
            waiting.write(content)


@contextlib.contextmanager
def _drawing(content: bytes, limits: PictureLimits, *, colour: bool, only: int | None) -> Iterator[_Child]:
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
    child = _Child(command, content, limits.pdf_seconds * _WALL_FACTOR)
    try:
        yield child
    finally:
        child.close()


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
