"""Which encoding the bytes of a text file are in: declared, marked, or guessed and reported."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

from escruta.base.errors import EncodingUnclear
from escruta.sources.files import SourceFile
from escruta.sources.formats.notes import Note

_BLOCK_BYTES = 1 << 20
_SAMPLE_BYTES = 1 << 16
_CONTEXT_BYTES = 12
_MOST_ACCENTS = 0.5
"""Letters with accents for each letter without: more are no Western text."""

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_WIDE = {"utf-16": (2, "utf-16-le"), "utf-16-le": (2, "utf-16-le"), "utf-16-be": (2, "utf-16-be")}
_ONLY_WINDOWS_1252 = bytes(byte for byte in range(0x80, 0xA0) if byte not in {0x81, 0x8D, 0x8F, 0x90, 0x9D})
"""Quotes, dashes and a few letters there; in latin-1 control characters that no text has."""
_PUNCTUATION = frozenset("ªº°·¿¡«»\u2018\u2019“”–—…€\u00b4¨§\u00a0")
_OURS = {"cp1252": "windows-1252", "iso8859-1": "latin-1", "utf-8-sig": "utf-8"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """The encoding of a file and how we know."""

    name: str
    """Our name for it: `utf-8`, `latin-1`, `windows-1252`, `utf-16-le`, … or Python's."""
    mark: bytes
    """The byte-order mark that the file begins with; empty when it has none."""
    notes: tuple[Note, ...]
    """That it was detected, or that there was a mark."""

    @property
    def has_wide_units(self) -> bool:
        """Whether a character takes at least two bytes, so that a line end is no single byte."""
        return self.name in _WIDE


def find_encoding(file: SourceFile, declared: str | None) -> Encoding:
    """Say which encoding a file is in.

    A declared encoding is believed here; `escruta.sources.formats.text` finds out whether it is true. Otherwise: a
    byte-order mark, then UTF-8 if every byte of the file fits, then a guess. A guess is never silent.
    """
    head = file.head(_CONTEXT_BYTES)
    mark, marked = _byte_order_mark(head)
    if declared is not None:
        name = _known(declared, file.path)
        name = marked if marked and name == "utf-16" else _WIDE.get(name, (0, name))[1]
        own_mark = mark if marked == name else b""
        return Encoding(name=name, mark=own_mark, notes=_mark_notes(own_mark, name))
    if marked:
        return Encoding(name=marked, mark=mark, notes=_mark_notes(mark, marked))
    beyond = _first_beyond_utf8(file)
    if beyond is None:
        wide = _looks_wide(head)
        return _guessed(wide, file.head(_SAMPLE_BYTES)) if wide else Encoding(name="utf-8", mark=b"", notes=())
    return _guess(file, *beyond)


def _byte_order_mark(head: bytes) -> tuple[bytes, str | None]:
    return next(((mark, name) for mark, name in _MARKS if head.startswith(mark)), (b"", None))


def _mark_notes(mark: bytes, name: str) -> tuple[Note, ...]:
    return (Note(code="F102", details={"encoding": name}),) if mark else ()


def _known(declared: str, where: str) -> str:
    try:
        "".encode(declared)
        name = codecs.lookup(declared).name
    except (LookupError, ValueError) as error:
        raise EncodingUnclear(
            "the declared encoding is unknown",
            where=where,
            found=declared,
            expected="utf-8, latin-1, windows-1252, utf-16, or another text encoding that Python knows",
            advice="Correct `encoding`, or leave it out and see what is detected.",
        ) from error
    return _OURS.get(name, name)


def _looks_wide(head: bytes) -> str | None:
    """Say whether every second byte is zero, as in UTF-16 of Western text without a mark."""
    units = len(head) // 2
    if units and not any(head[1 : 2 * units : 2]) and all(head[0 : 2 * units : 2]):
        return "utf-16-le"
    if units and not any(head[0 : 2 * units : 2]) and all(head[1 : 2 * units : 2]):
        return "utf-16-be"
    return None


def raw_blocks(content: BinaryIO, size: int = _BLOCK_BYTES) -> Iterator[bytes]:
    """Read a stream in blocks."""
    while block := content.read(size):
        yield block


def _first_beyond_utf8(file: SourceFile) -> tuple[int, bytes] | None:
    """Tell where the first byte is that is not UTF-8, with a sample from around it; None when the whole file is."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    before = 0
    with file.open() as content:
        for block in chain(raw_blocks(content), (b"",)):
            held = len(decoder.getstate()[0])
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                start = max(0, error.start - _SAMPLE_BYTES // 2)
                sample = bytes(error.object[start:][:_SAMPLE_BYTES]) + content.read(_SAMPLE_BYTES)
                return before - held + error.start, sample
            before += len(block)
    return None


def _guess(file: SourceFile, offset: int, sample: bytes) -> Encoding:
    """Western text first, since most of it is; then whatever charset-normalizer finds most coherent."""
    _reject_damaged_utf8(file, offset, sample)
    if _is_plain_western(sample):
        return _guessed("windows-1252" if _has_any(file, _ONLY_WINDOWS_1252) else "latin-1", sample)
    from charset_normalizer import from_bytes  # noqa: PLC0415 - hardly any file needs it

    best = from_bytes(sample, preemptive_behaviour=False).best()
    if best is None or best.encoding in {"utf_8", "ascii"}:
        raise EncodingUnclear(
            "no encoding fits the bytes of the file",
            where=file.path,
            found=f"byte {offset} is not UTF-8: {_around(sample, _first_wrong(sample))}",
            expected="text",
            advice="Ask whoever published the file, and declare it: encoding = NAME.",
        )
    return _guessed(_known(best.encoding, file.path), sample)


def _has_any(file: SourceFile, sought: bytes) -> bool:
    """Say whether one of these bytes stands anywhere in the file: the first one may be far beyond a sample."""
    with file.open() as content:
        return any(len(block.translate(None, sought)) < len(block) for block in raw_blocks(content))


def _reject_damaged_utf8(file: SourceFile, offset: int, sample: bytes) -> None:
    """Refuse UTF-8 with a few wrong bytes: guessing another encoding would spoil all the text that is right."""
    right = sum(1 for character in sample.decode("utf-8", errors="ignore") if ord(character) > 0x7F)  # noqa: PLR2004
    wrong = sample.decode("utf-8", errors="replace").count("\ufffd")
    if right >= wrong:
        raise EncodingUnclear(
            "the file is UTF-8 with bytes in it that are not",
            where=file.path,
            found=f"byte {offset}: {_around(sample, _first_wrong(sample))}",
            expected="UTF-8 throughout, or another encoding throughout",
            advice="Fetch the file again. If it came like this, declare the encoding that you accept.",
        )


def _first_wrong(sample: bytes) -> int:
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return 0


def _is_plain_western(sample: bytes) -> bool:
    try:
        text = sample.decode("cp1252")
    except UnicodeDecodeError:
        return False
    strange = [character for character in text if not character.isascii() and character not in _PUNCTUATION]
    plain = sum(1 for character in text if character.isascii() and character.isalpha())
    is_seasoning = len(strange) <= _MOST_ACCENTS * max(plain, 2)
    return is_seasoning and all(character.isalpha() for character in strange) and b"\x00" not in sample


def _guessed(name: str, sample: bytes) -> Encoding:
    width = _WIDE.get(name, (1, name))[0]
    example = sample[: len(sample) // width * width].decode(name, errors="replace")
    high = next((index for index, character in enumerate(example) if ord(character) > 0x7F), 0)  # noqa: PLR2004
    start, end = max(0, high - _CONTEXT_BYTES), high + _CONTEXT_BYTES
    shown = " ".join(example[start:end].split())
    return Encoding(name=name, mark=b"", notes=(Note(code="F101", details={"encoding": name, "example": shown}),))


def _around(sample: bytes, at: int) -> str:
    return str(sample[max(0, at - _CONTEXT_BYTES) : at + _CONTEXT_BYTES])
