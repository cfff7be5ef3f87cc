"""The body of an answer: unpacked by us, counted while it comes, and given up when it comes too slowly."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator

import httpx

from escruta.apps.published.errors import FileRefused
from escruta.apps.published.limits import Limits
from escruta.apps.published.places import too_large

_PAGE_NAMES = (".html", ".htm", ".xhtml")
_PAGE_BEGINNINGS = (b"<!doctype html", b"<html")
_HEAD_BYTES = 512
_GZIP = 16 + zlib.MAX_WBITS


def receive(answer: httpx.Response, path: str, where: str, most_bytes: int, limits: Limits) -> bytes:
    """Read an answer to its end; raises `FileRefused`, and what httpx raises where the connection breaks."""
    if "html" not in answer.headers.get("content-type", ""):
        _require_promise(answer, where, most_bytes)
    unpack = _unpacker_of(answer.headers.get("content-encoding", ""), where)
    body = bytearray()
    for chunk in _in_time(answer, where, limits):
        body += unpack.feed(chunk, max(most_bytes, _HEAD_BYTES) + 1 - len(body))
        _reject_page(bytes(body[:_HEAD_BYTES]), path, where)
        if len(body) > most_bytes:
            raise too_large(where, f"more than {most_bytes} bytes", most_bytes)
    unpack.require_end()
    return bytes(body)


class _Plain:
    """A body that is not packed."""

    def feed(self, chunk: bytes, _room: int) -> bytes:
        return chunk

    def require_end(self) -> None:
        pass


class _Gzip(_Plain):
    """A body packed with gzip; never gives more than there is room for."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._inflater = zlib.decompressobj(_GZIP)

    def feed(self, chunk: bytes, room: int) -> bytes:
        try:
            raw = self._inflater.decompress(chunk, max(room, 1))
        except zlib.error as error:
            raise self._damaged(error) from error
        if self._inflater.unused_data:
            raise self._damaged("bytes after its end")
        return raw

    def require_end(self) -> None:
        if not self._inflater.eof:
            raise self._damaged("its end is missing")

    def _damaged(self, found: object) -> FileRefused:
        return FileRefused(
            "the server says that the file is packed with gzip, and what came is not",
            where=self._where,
            found=found,
            expected="one complete gzip stream, or no Content-Encoding",
            advice="Ask whoever runs the server to look at its Content-Encoding.",
        )


def unpack_whole(raw: bytes, coding: str, where: str, most_bytes: int) -> bytes:
    """Unpack a body that is all here, as its Content-Encoding says; raises `FileRefused`."""
    unpack = _unpacker_of(coding, where)
    body = unpack.feed(raw, most_bytes + 1)
    if len(body) > most_bytes:
        raise too_large(where, f"more than {most_bytes} bytes", most_bytes)
    unpack.require_end()
    return body


def _unpacker_of(coding: str, where: str) -> _Plain:
    """Unpack no more than one layer of what we asked for: each further layer multiplies a bomb."""
    coding = coding.strip().lower()
    if coding in {"", "identity"}:
        return _Plain()
    if coding in {"gzip", "x-gzip"}:
        return _Gzip(where)
    raise FileRefused(
        "the server packed the file in a way that we did not ask for",
        where=where,
        found=coding,
        expected="gzip, or not packed",
    )


def _require_promise(answer: httpx.Response, where: str, most_bytes: int) -> None:
    promised = answer.headers.get("content-length", "")
    if promised.isdecimal() and int(promised) > most_bytes:
        raise too_large(where, f"{promised} bytes promised", most_bytes)


def _in_time(answer: httpx.Response, where: str, limits: Limits) -> Iterator[bytes]:
    """Give the raw chunks, as long as they keep coming."""
    begun, received = time.monotonic(), 0
    for chunk in answer.iter_raw():
        received += len(chunk)
        seconds = time.monotonic() - begun
        if seconds > limits.patience_s and received < seconds * limits.slowest_bytes_a_second:
            raise FileRefused(
                "the server sends the file too slowly",
                where=where,
                found=f"{received} bytes in {seconds:.0f} seconds",
                expected=f"at least {limits.slowest_bytes_a_second} bytes a second",
                advice="Try later, or another mirror.",
            )
        yield chunk


def _reject_page(head: bytes, path: str, where: str) -> None:
    """Refuse a page for people in the place of a file: many servers send one, with 200, for whatever is not there."""
    if not path.endswith(_PAGE_NAMES) and head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_PAGE_BEGINNINGS):
        raise FileRefused(
            "the server answers with a page for people where a file should be",
            where=where,
            found=head[:60].decode("utf-8", "replace"),
            expected="the file, or the answer 404",
            advice="Is the address right? This server may say 200 for whatever it does not have: then nobody can tell.",
        )
