"""A text file as blocks of whole lines in UTF-8 with LF ends, whatever it was on disk.

The blocks are also what the content digest of a text format is taken of, so two files with the same lines have the
same digest, whichever encoding, byte-order mark, line ends or packing they have.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from escruta.base.errors import EncodingUnclear, TableBroken
from escruta.sources.files import SourceFile
from escruta.sources.formats.encodings import Encoding, find_encoding, raw_blocks
from escruta.sources.formats.notes import Note

_BLOCK_BYTES = 1 << 20
_LONGEST_LINE_BYTES = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Some whole lines of a file."""

    first_line: int
    """The 1-based number of the first of them."""
    text: bytes
    """The lines in UTF-8, each one with its `\\n`."""


class TextReader:
    """Reads a text file block by block; when `blocks` has ended, knows its line ends and its content digest."""

    def __init__(
        self,
        file: SourceFile,
        declared: str | None,
        *,
        block_bytes: int = _BLOCK_BYTES,
        is_checked_later: bool = False,
    ) -> None:
        """Find the encoding; nothing else is read yet.

        `is_checked_later` spares UTF-8 a check, for a format whose parser makes it anyway.
        """
        self.file = file
        self._is_checked_later = is_checked_later
        self.encoding: Encoding = find_encoding(file, declared)
        self._block_bytes = block_bytes
        self._restart()

    def _restart(self) -> None:
        self._crlf = self._cr = 0
        self._lines = 0
        self._ends_with_line_end = True
        self._digest = _ContentDigest(self.file, is_as_on_disk=self._may_be_as_on_disk())

    def _may_be_as_on_disk(self) -> bool:
        return self.file.wrapping == "plain" and self.encoding.name == "utf-8" and not self.encoding.mark

    def blocks(self) -> Iterator[Block]:
        """Give the lines from the start of the file.

        Raises `EncodingUnclear` at the first byte that is not text, `TableBroken` at a NUL character.
        """
        self._restart()
        pending = b""
        for text in self._decoded():
            cut = text.rfind(b"\n") + 1
            if cut:
                whole = b"".join((pending, memoryview(text)[:cut]))  # one copy of a large block, and not two
                yield self._block(whole)
                pending = text[cut:]
            else:
                pending += text
            self._reject_endless_line(pending)
        if pending:
            self._ends_with_line_end = False
            self._digest.diverge()
            yield self._block(pending + b"\n")

    @property
    def content_digest(self) -> str:
        """SHA-256 of the lines in UTF-8, each ended by one LF, blank lines at the end left out."""
        return self._digest.hexdigest()

    @property
    def line_ends(self) -> str | None:
        """`LF`, `CRLF`, `CR` or `mixed`; None for a single line without end."""
        counts = (("CRLF", self._crlf), ("LF", self._line_feeds), ("CR", self._cr))
        kinds = [name for name, count in counts if count]
        return "mixed" if len(kinds) > 1 else kinds[0] if kinds else None

    @property
    def _line_feeds(self) -> int:
        return self._lines - self._crlf - self._cr - (not self._ends_with_line_end)

    def notes(self) -> tuple[Note, ...]:
        """Say what was noticed about the encoding and the line ends."""
        notes = list(self.encoding.notes)
        if self.line_ends == "mixed":
            notes.append(Note(code="F104", details={"crlf": self._crlf, "lf": self._line_feeds, "cr": self._cr}))
        if not self._ends_with_line_end:
            notes.append(Note(code="F105"))
        return tuple(notes)

    def _block(self, text: bytes) -> Block:
        block = Block(first_line=self._lines + 1, text=text)
        if (at := text.find(b"\x00")) >= 0:
            self._reject_nul(text, at)
        self._lines += text.count(b"\n")
        self._digest.update(text)
        return block

    def _decoded(self) -> Iterator[bytes]:
        """Give the text in UTF-8 with LF ends; a CR at the end of a block waits for what follows it."""
        decoder = codecs.getincrementaldecoder(self.encoding.name)()
        offset = len(self.encoding.mark)
        waiting = b""
        with self.file.open() as content:
            content.read(offset)
            for raw in raw_blocks(content, self._block_bytes):
                text = waiting + self._decode(decoder, raw, offset)
                offset += len(raw)
                waiting = b"\r" if text.endswith(b"\r") else b""
                yield self._with_lf(text[: len(text) - len(waiting)])
            yield self._with_lf(waiting + self._decode(decoder, b"", offset, final=True))

    def _with_lf(self, text: bytes) -> bytes:
        if b"\r" not in text:
            return text
        self._digest.diverge()
        pairs = text.count(b"\r\n")
        self._crlf += pairs
        self._cr += text.count(b"\r") - pairs
        return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _decode(self, decoder: codecs.IncrementalDecoder, raw: bytes, offset: int, *, final: bool = False) -> bytes:
        if self._is_checked_later and self.encoding.name == "utf-8":
            return raw
        held = len(decoder.getstate()[0])
        try:
            return decoder.decode(raw, final).encode("utf-8")
        except UnicodeError as error:
            start = error.start if isinstance(error, UnicodeDecodeError) else 0
            bad = bytes(error.object[start : start + 4]) if isinstance(error, UnicodeDecodeError) else raw[:4]
            before = _line_ends(raw[: max(0, start - held)])
            raise EncodingUnclear(
                "the file ends in the middle of a character" if final else "the bytes are not text in this encoding",
                where=self.file.path,
                row=self._lines + before + 1,
                found=f"bytes {bad.hex(' ')} at byte {offset - held + start}",
                expected=self.encoding.name,
                advice="Correct `encoding`, or leave it out and see what is detected.",
            ) from error

    def _reject_nul(self, text: bytes, at: int) -> None:
        raise TableBroken(
            "there is a NUL character in the text",
            where=self.file.path,
            row=self._lines + text.count(b"\n", 0, at) + 1,
            found=text[max(0, at - 20) : at + 20].decode("utf-8", errors="replace"),
            expected="text",
            advice="The file may be UTF-16 (declare it: encoding = utf-16), damaged, or no text at all.",
        )

    def _reject_endless_line(self, pending: bytes) -> None:
        if len(pending) > _LONGEST_LINE_BYTES:
            raise TableBroken(
                "a line is too long",
                where=self.file.path,
                row=self._lines + 1,
                found=f"more than {_LONGEST_LINE_BYTES} bytes without a line end",
                expected="one row a line",
                advice="Look at the file: it may not be a table.",
            )


class _ContentDigest:
    """Hashes the lines, and nothing at all while they are the bytes on disk, whose digest is known."""

    def __init__(self, file: SourceFile, *, is_as_on_disk: bool) -> None:
        self._file = file
        self._is_as_on_disk = is_as_on_disk
        self._length = 0
        self._blank_tail = 0
        self._hash = hashlib.sha256()

    def update(self, text: bytes) -> None:
        if not self._is_as_on_disk:
            self._hash_lines(text)
            return
        tail = len(text) - len(text.rstrip(b"\n")) if text.endswith(b"\n\n") or text == b"\n" else 1
        self._blank_tail = self._blank_tail + tail if tail == len(text) else tail
        self._length += len(text)

    def diverge(self) -> None:
        """Take note that what follows is not as on disk; hash what came before."""
        if not self._is_as_on_disk:
            return
        self._is_as_on_disk = False
        self._blank_tail = 0
        remaining = self._length
        with self._file.open() as content:
            while remaining:
                block = content.read(min(_BLOCK_BYTES, remaining))
                if not block:  # it was cut off meanwhile: `open` says so at its end
                    break
                self._hash_lines(block)
                remaining -= len(block)

    def hexdigest(self) -> str:
        if self._is_as_on_disk and self._blank_tail == 1 and self._length == self._file.size:
            return self._file.sha256
        self.diverge()
        complete = self._hash.copy()
        complete.update(b"\n")
        return complete.hexdigest()

    def _hash_lines(self, text: bytes) -> None:
        body = text.rstrip(b"\n")
        if body:
            self._hash.update(b"\n" * self._blank_tail)
            self._hash.update(body)
            self._blank_tail = 0
        self._blank_tail += len(text) - len(body)


def _line_ends(raw: bytes) -> int:
    return raw.count(b"\n") + raw.count(b"\r") - raw.count(b"\r\n")
