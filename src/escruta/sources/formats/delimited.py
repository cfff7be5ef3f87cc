"""CSV and TSV: lines of cells with a delimiter between them, quoted or not (RFC 4180).

There are two ways through a file. Where no quoted cell spans lines, whole blocks of lines are checked and read at once.
Otherwise every line goes through Python's `csv`, which knows all the rules. Both give the same table.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from escruta.base.errors import FileUnreadable, LayoutMismatch, TableBroken
from escruta.sources.files import SourceFile
from escruta.sources.formats.headers import Header, read_header
from escruta.sources.formats.mojibake import settle_double_encoding, settle_name
from escruta.sources.formats.notes import Note
from escruta.sources.formats.tables import ROW, RawTable, TableOptions, no_marks, nothing_yet
from escruta.sources.formats.text import Block, TextReader

_CANDIDATES = (",", ";", "\t", "|")
_RECORDS_AT_ONCE = 20_000
_BLOCK_BYTES = 8 << 20
_SHOWN_LINE = 80


def read_csv(file: SourceFile, options: TableOptions) -> RawTable:
    """Read comma-separated values; the delimiter may also be `;`, a tab or `|`.

    Raises `TableBroken`, `EncodingUnclear`, `LayoutMismatch` or `FileUnreadable`, with the row.
    """
    return _read(file, options, format_name="csv", usual=",")


def read_tsv(file: SourceFile, options: TableOptions) -> RawTable:
    """Read tab-separated values; like `read_csv`, but a tab is what is expected."""
    return _read(file, options, format_name="tsv", usual="\t")


class _SpansLinesError(Exception):
    """A quoted cell spans lines, or a quote stands where only `csv` knows what it means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    """What the first lines tell about the rest."""

    where: str
    delimiter: str
    header: Header


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Some rows that were read, and the numbers of those that were blank."""

    frame: pl.DataFrame
    blank: tuple[int, ...]


def _read(file: SourceFile, options: TableOptions, *, format_name: str, usual: str) -> RawTable:
    text = TextReader(file, options.encoding, block_bytes=_BLOCK_BYTES)
    try:
        shape, parts = _read_blocks(text, options, usual)
    except _SpansLinesError:
        shape, parts = _read_records(text, options, usual)
    rows = pl.concat([part.frame for part in parts]) if parts else _no_rows(shape.header)
    frame, encoding_notes = settle_double_encoding(rows, shape.header.names, repair=options.repair_encoding)
    found = () if shape.delimiter == (options.delimiter or usual) else (_delimiter_note(shape.delimiter),)
    return RawTable(
        frame=frame,
        marks=no_marks(),
        file=file,
        format=format_name,
        encoding=text.encoding.name,
        delimiter=shape.delimiter,
        line_ends=text.line_ends,
        sheet=None,
        content_digest=text.content_digest,
        notes=(*text.notes(), *found, *shape.header.notes, *_blank_notes(parts), *encoding_notes, *nothing_yet(rows)),
    )


# --- the quick way: blocks of lines ---


def _read_blocks(text: TextReader, options: TableOptions, usual: str) -> tuple[_Shape, list[_Part]]:
    shape: _Shape | None = None
    parts: list[_Part] = []
    for block in text.blocks():
        rows = block
        if shape is None:
            header_line, rows = _split_at_header(block, options.header_row, text.file.path)
            shape = _shape_of(header_line, options, text.file.path, usual)
        if rows.text:
            parts.append(_read_block(rows, shape))
    if shape is None:
        raise _blank_file(text.file.path)
    return shape, parts


def _split_at_header(block: Block, header_row: int, where: str) -> tuple[str, Block]:
    lines = block.text.split(b"\n", header_row)
    if len(lines) <= header_row:
        raise LayoutMismatch(
            "the file ends before the header row",
            where=where,
            found=f"{len(lines) - 1} lines",
            expected=f"column names in row {header_row}",
            advice="Correct header_row.",
        )
    line = lines[header_row - 1].decode("utf-8")
    if line.count('"') % 2:
        raise _SpansLinesError
    return line, Block(first_line=header_row + 1, text=lines[header_row])


def _shape_of(line: str, options: TableOptions, where: str, usual: str) -> _Shape:
    if not line.strip():
        raise TableBroken(
            "the header row is blank",
            where=where,
            row=options.header_row,
            expected="column names",
            advice="Say in which row they stand: header_row = N.",
        )
    delimiter = options.delimiter or _detect_delimiter(line, usual)
    _require_one_character(delimiter, where)
    names = _cells(line, delimiter, where, options.header_row)
    if options.repair_encoding:
        names = [settle_name(name) for name in names]
    header = read_header(names, where=where, row=options.header_row, wanted=options.columns)
    return _Shape(where=where, delimiter=delimiter, header=header)


def _detect_delimiter(line: str, usual: str) -> str:
    """Take the candidate that stands most often outside quotes in the header; the usual one when none does."""
    outside = "".join(line.split('"')[::2])
    counts = {candidate: outside.count(candidate) for candidate in (usual, *_CANDIDATES)}
    best = max(counts, key=lambda candidate: counts[candidate])
    return best if counts[best] else usual


def _require_one_character(delimiter: str, where: str) -> None:
    if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n':
        raise LayoutMismatch(
            "the delimiter cannot be used",
            where=where,
            found=repr(delimiter),
            expected="one ASCII character, such as , ; | or a tab",
            advice="Correct `delimiter`.",
        )


def _cells(line: str, delimiter: str, where: str, row: int) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True))
    except (csv.Error, StopIteration) as error:
        raise _broken_quotes(error, where, row, line) from error


def _read_block(block: Block, shape: _Shape) -> _Part:
    lines = pl.read_lines(block.text, name="line")["line"]
    has_quotes = b'"' in block.text
    if has_quotes:
        _require_quotes_within_lines(lines, shape.delimiter)
    blank = _are_blank(lines, shape.delimiter, has_quotes=has_quotes)
    _reject_ragged(lines, blank, block, shape, has_quotes=has_quotes)
    first, last = block.first_line, block.first_line + lines.len()
    rows = pl.int_range(first, last, dtype=pl.UInt32, eager=True).alias(ROW)
    if not blank.any():
        return _Part(frame=_parse(block.text, rows, shape, has_quotes=has_quotes), blank=())
    filled = "".join(f"{line}\n" for line in lines.filter(~blank)).encode("utf-8")
    frame = _parse(filled, rows.filter(~blank), shape, has_quotes=has_quotes)
    return _Part(frame=frame, blank=tuple(rows.filter(blank).to_list()))


def _are_blank(lines: pl.Series, delimiter: str, *, has_quotes: bool) -> pl.Series:
    if not has_quotes:
        return lines.str.strip_chars(f"{delimiter} ") == ""
    mark = f"\\x{ord(delimiter):02x}"
    return lines.str.contains(f'^(?: *|" *")(?:{mark}(?: *|" *"))*$')


def _require_quotes_within_lines(lines: pl.Series, delimiter: str) -> None:
    quoted = lines.filter(lines.str.contains('"', literal=True))
    mark = f"\\x{ord(delimiter):02x}"
    cell = f'(?:"(?:[^"]|"")*"|[^"{mark}][^"{mark}]*|)'
    if not quoted.str.contains(f"^{cell}(?:{mark}{cell})*$").all():
        raise _SpansLinesError


def _reject_ragged(lines: pl.Series, blank: pl.Series, block: Block, shape: _Shape, *, has_quotes: bool) -> None:
    bare = lines.str.replace_all('"[^"]*"', "") if has_quotes else lines
    cells = bare.str.count_matches(shape.delimiter, literal=True) + 1
    ragged = (cells != shape.header.width) & ~blank
    if ragged.any():
        index = ragged.arg_max() or 0
        raise _ragged(shape, block.first_line + index, int(cells[index]), lines[index])


def _parse(text: bytes, rows: pl.Series, shape: _Shape, *, has_quotes: bool) -> pl.DataFrame:
    if rows.is_empty():
        return _no_rows(shape.header)
    chosen = shape.header.chosen
    names = [chosen.get(index, f"\x00{index}") for index in range(shape.header.width)]
    try:
        frame = pl.read_csv(
            text,
            has_header=False,
            schema=dict.fromkeys(names, pl.String),
            columns=list(chosen),
            separator=shape.delimiter,
            quote_char='"' if has_quotes else None,
        )
    except pl.exceptions.PolarsError as error:
        raise _SpansLinesError from error
    if frame.height != rows.len():
        raise _SpansLinesError
    frame = frame.select(rows, *shape.header.names)
    return _empty_to_null(frame) if has_quotes else frame


def _empty_to_null(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.when(pl.col(pl.String) != "").then(pl.col(pl.String)).name.keep())


# --- the thorough way: record by record ---


def _read_records(text: TextReader, options: TableOptions, usual: str) -> tuple[_Shape, list[_Part]]:
    lines = _lines(text)
    for _ in range(options.header_row - 1):
        next(lines, None)
    first = _header_record(lines, options, usual, text.file.path)
    shape = first.shape
    records = _records(lines, shape, first.next_line)
    parts = []
    while batch := list(itertools.islice(records, _RECORDS_AT_ONCE)):
        parts.append(_part_of(batch, shape))
    return shape, parts


@dataclass(frozen=True, slots=True, kw_only=True)
class _HeaderRecord:
    shape: _Shape
    next_line: int


def _header_record(lines: Iterator[str], options: TableOptions, usual: str, where: str) -> _HeaderRecord:
    text = next(lines, "")
    used = 1
    while text.count('"') % 2 and (line := next(lines, None)) is not None:
        text += line
        used += 1
    flat = " ".join(text.split("\n")).rstrip(" ")
    row = options.header_row
    shape = _shape_of(flat, options, where, usual)
    return _HeaderRecord(shape=shape, next_line=row + used)


def _lines(text: TextReader) -> Iterator[str]:
    for block in text.blocks():
        for line in block.text.decode("utf-8").split("\n")[:-1]:
            yield line + "\n"


def _records(lines: Iterator[str], shape: _Shape, first_row: int) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(lines, delimiter=shape.delimiter, strict=True)
    row = first_row
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _broken_quotes(error, shape.where, row, None) from error
        if len(record) != shape.header.width and any(cell.strip(" ") for cell in record):
            raise _ragged(shape, row, len(record), shape.delimiter.join(record))
        yield row, record
        row = first_row + reader.line_num


def _part_of(batch: list[tuple[int, list[str]]], shape: _Shape) -> _Part:
    filled = [(row, record) for row, record in batch if any(cell.strip(" ") for cell in record)]
    filled_rows = {row for row, _ in filled}
    columns = {ROW: pl.Series(ROW, [row for row, _ in filled], dtype=pl.UInt32)}
    for index, name in shape.header.chosen.items():
        columns[name] = pl.Series(name, [record[index] or None for _, record in filled], dtype=pl.String)
    return _Part(frame=pl.DataFrame(columns), blank=tuple(row for row, _ in batch if row not in filled_rows))


# --- what can be wrong, and what there is to say ---


def _ragged(shape: _Shape, row: int, cells: int, line: str) -> TableBroken:
    return TableBroken(
        "the row does not have as many cells as the header",
        where=shape.where,
        row=row,
        found=f"{cells} cells: {line[:_SHOWN_LINE]}",
        expected=f"{shape.header.width} cells",
        advice="If it is the last row, the file is cut off. Otherwise a delimiter in a text needs quotes around it.",
    )


def _broken_quotes(error: Exception, where: str, row: int, line: str | None) -> TableBroken:
    is_open = "unexpected end" in str(error) or "field larger" in str(error)
    return TableBroken(
        "a quoted cell does not end" if is_open else "a quote stands where it cannot",
        where=where,
        row=row,
        found=f"{error}: {line}" if line else error,
        expected="quotes in pairs, and a delimiter or a line end after the closing one",
        advice="The file may be cut off; otherwise double every quote inside a quoted cell.",
    )


def _blank_file(where: str) -> FileUnreadable:
    return FileUnreadable("the file is blank", where=where, expected="a table", advice="Fetch the file again.")


def _no_rows(header: Header) -> pl.DataFrame:
    return pl.DataFrame(schema={ROW: pl.UInt32, **dict.fromkeys(header.names, pl.String)})


def _delimiter_note(delimiter: str) -> Note:
    return Note(code="F103", details={"delimiter": "tab" if delimiter == "\t" else delimiter})


def _blank_notes(parts: list[_Part]) -> tuple[Note, ...]:
    blank = [row for part in parts for row in part.blank]
    return (Note(code="F106", details={"count": len(blank), "first": blank[0]}),) if blank else ()
