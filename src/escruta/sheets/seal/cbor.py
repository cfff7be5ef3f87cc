"""CBOR in its one deterministic form, written and read: whole numbers, bytes, text, arrays and maps, and nothing else.

Writing is the library's. Reading is our own, because what it must do is refuse: other forms of the same value, keys out
of order or twice, lengths left open, tags, floats, simple values, what stands after the end, and lengths that the bytes
do not have. Each item takes a byte at least, so that no length makes it go on for longer than the bytes last.

Source: RFC 8949, sections 3 and 4.2.1 (core deterministic encoding).
"""

from __future__ import annotations

from typing import TypeAlias

import cbor2

from escruta.sheets.seal.errors import CborRefused

Value: TypeAlias = "int | bytes | str | list[Value] | dict[int, Value]"

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG = range(7)
_REFUSED = {_TAG: "a tag", 7: "a float or simple value"}
_DIRECT, _INDEFINITE = 24, 31
_DEEPEST = 4
_SMALL_END = bytes([_DIRECT])
"""The first byte that is no whole number by itself."""


def to_cbor(value: Value) -> bytes:
    """Write a value in its deterministic form.

    >>> to_cbor({2: b"", 1: [0, 24, -1]}).hex()
    'a20183001818200240'
    """
    return cbor2.dumps(value, canonical=True)  # the library orders keys by RFC 7049; for whole numbers that is the same


def from_cbor(raw: bytes) -> Value:
    """Read one value that fills the bytes to their end; raises `CborRefused`.

    >>> from_cbor(bytes.fromhex("a20183001818200240"))
    {1: [0, 24, -1], 2: b''}
    """
    value, end = _read(raw, 0, 0)
    if end != len(raw):
        raise _refused("bytes stand after the end", end, raw[end : end + 8].hex())
    return value


def _read(raw: bytes, at: int, depth: int) -> tuple[Value, int]:
    kind, number, end = _head(raw, at)
    if kind == _UNSIGNED:
        return number, end
    if kind == _NEGATIVE:
        return -1 - number, end
    if kind in (_BYTES, _TEXT):
        return _string(raw, kind, number, end)
    if depth == _DEEPEST:
        raise _refused("arrays and maps inside each other are too deep", at, None, expected=f"at most {_DEEPEST}")
    return _array(raw, number, end, depth) if kind == _ARRAY else _map(raw, number, end, depth)


def _head(raw: bytes, at: int) -> tuple[int, int, int]:
    """Give kind, number and end of the head of a value, which must be as short as it can be."""
    if at >= len(raw):
        raise _refused("the bytes are cut off", at, "the end", expected="a value")
    kind, short = raw[at] >> 5, raw[at] & 0x1F
    if kind in _REFUSED:
        raise _refused(f"{_REFUSED[kind]}, which a seal never has", at, f"{raw[at]:#04x}")
    if short < _DIRECT:
        return kind, short, at + 1
    if short == _INDEFINITE:
        raise _refused("a length is left open", at, f"{raw[at]:#04x}", expected="a definite length")
    size = 1 << (short - _DIRECT)
    end = at + 1 + size
    if short > _DIRECT + 3 or end > len(raw):
        raise _refused("the bytes are cut off, or no CBOR", at, f"{raw[at]:#04x}")
    number = int.from_bytes(raw[at + 1 : end], "big")
    if number < _DIRECT or (size > 1 and number >> (4 * size) == 0):
        raise _refused("a number is not in its shortest form", at, raw[at:end].hex())
    return kind, number, end


def _string(raw: bytes, kind: int, size: int, start: int) -> tuple[bytes | str, int]:
    end = start + size
    if end > len(raw):
        raise _refused("a length that the bytes do not have", start, f"{size} bytes", expected=f"{len(raw) - start}")
    content = raw[start:end]
    if kind == _BYTES:
        return content, end
    try:
        return content.decode("utf-8"), end
    except UnicodeDecodeError as error:
        raise _refused("a text is not UTF-8", start + error.start, content[error.start : error.end].hex()) from error


def _array(raw: bytes, size: int, at: int, depth: int) -> tuple[list[Value], int]:
    items: list[Value] = []
    for _ in range(size):
        if raw[at : at + 1] < _SMALL_END and at < len(raw):  # most figures of most sheets
            item: Value = raw[at]
            at += 1
        else:
            item, at = _read(raw, at, depth + 1)
        items.append(item)
    return items, at


def _map(raw: bytes, size: int, at: int, depth: int) -> tuple[dict[int, Value], int]:
    entries: dict[int, Value] = {}
    earlier = b""
    for _ in range(size):
        kind, number, end = _head(raw, at)
        if kind not in (_UNSIGNED, _NEGATIVE):
            raise _refused("a key is no whole number", at, f"{raw[at]:#04x}")
        if raw[at:end] <= earlier:
            raise _refused("the keys are not in order, or one stands twice", at, raw[at:end].hex())
        earlier = raw[at:end]
        entries[number if kind == _UNSIGNED else -1 - number], at = _read(raw, end, depth + 1)
    return entries, at


def _refused(what: str, at: int, found: object, *, expected: str | None = None) -> CborRefused:
    return CborRefused(what, where=f"byte {at} of the CBOR", found=found, expected=expected)
