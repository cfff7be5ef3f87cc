"""A file that grew: where it begins with the very bytes that were read before, only what came after them is read.

On election night most files that change are of this kind: a sheet comes, and a line for it at the end. Whatever else
happened to a file, it is read whole.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import polars as pl

from escruta.base.errors import InputError
from escruta.sources.files import SourceFile, open_source
from escruta.sources.formats import ROW, RawTable, TableOptions, read_opened

_LINES = {"csv", "tsv"}
"""Formats in which a row at the end says nothing of those before it."""

_OF_THE_HEADER = {"F103", "F107", "F108", "F109", "F110"}
"""Notes on the delimiter, the column names and the format: what comes after the header has no part in them."""

_BLOCK_BYTES = 1 << 20


def rows_since(before: RawTable, path: Path, options: TableOptions) -> RawTable | None:
    r"""Read the rows that a file has beyond those that it had before; None where it must be read whole.

    `before` is what is known of the table that it was, without rows. The rows have the numbers that they have in the
    whole file, and what is said of the file is said of the whole of it.
    """
    if not _may_be_gone_on_from(before) or not _is_longer(path, before.file.size):
        return None
    file = open_source(path, named=before.file.path)
    excerpt = _excerpt(before.file, file, options.header_row)
    if excerpt is None:
        return None
    try:
        found = read_opened(excerpt, options)
    except InputError:  # what is wrong is told of the whole file
        return None
    if not _may_be_gone_on_from(found) or _facts(found) != _facts(before):
        return None
    frame = found.frame.with_columns((pl.col(ROW) + excerpt.lines_left_out).cast(pl.UInt32))
    return replace(found, frame=frame, file=file, content_digest=file.sha256)


def _is_longer(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size > size
    except OSError:  # whoever reads it whole says what is wrong
        return False


def _may_be_gone_on_from(table: RawTable) -> bool:
    """Whether its text is its bytes, to the end of its last line, and all that was noted of it is of its header."""
    is_its_bytes = table.file.wrapping == "plain" and table.content_digest == table.file.sha256
    return table.format in _LINES and is_its_bytes and {note.code for note in table.notes} <= _OF_THE_HEADER


def _facts(table: RawTable) -> tuple[object, ...]:
    schema = table.frame.schema
    return schema, table.format, table.encoding, table.delimiter, table.line_ends, table.sheet, table.notes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Excerpt(SourceFile):
    """The lines of a file down to its header, and those after the ones that are known."""

    text: bytes
    lines_left_out: int

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Give the lines."""
        yield io.BytesIO(self.text)


def _excerpt(before: SourceFile, file: SourceFile, header_row: int) -> _Excerpt | None:
    """Leave out of a file the lines that are known; None where it does not begin with the bytes that it had before."""
    digest, lines, head = hashlib.sha256(), 0, b""
    with file.open() as content:
        while block := content.read(min(_BLOCK_BYTES, before.size - content.tell())):
            digest.update(block)
            head = head or block
            lines += block.count(b"\n")
        rest = content.read()
    *above, _ = head.split(b"\n", header_row)
    has_header = len(above) == header_row and above[-1].count(b'"') % 2 == 0  # else its names span lines
    if digest.hexdigest() != before.sha256 or not has_header:
        return None
    text = b"\n".join([*above, rest])
    return _Excerpt(
        path=file.path,
        name=file.name,
        size=len(text),
        member=file.member,
        location=file.location,
        wrapping=file.wrapping,
        modified_ns=file.modified_ns,
        digest=_known(hashlib.sha256(text).hexdigest()),
        text=text,
        lines_left_out=lines - header_row,
    )


def _known(digest: str) -> Future[str]:
    known: Future[str] = Future()
    known.set_result(digest)
    return known
