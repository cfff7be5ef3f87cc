"""Statements of the format `actasum/statement/v0.1`: JSON Lines, one tally sheet a line. Read and written.

A national file has hundreds of thousands of lines, nearly all of one shape and in canonical form. So there are three
ways through a block of lines, each with a proof that nothing was lost, and what one cannot prove goes on to the next:
`statement_templates` cuts lines of one template on all cores; `statement_blocks` decodes canonical lines into structs
made for the keys seen so far; and here every line is read by the rules of `statement_rules`, which are the only ones.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO, TypeAlias

import polars as pl

from escruta.base.errors import FileUnreadable, InputError, TableBroken
from escruta.sources.files import SourceFile
from escruta.sources.formats.headers import choose
from escruta.sources.formats.notes import Note
from escruta.sources.formats.statement_blocks import CanonicalBlock, Shapes, may_break_rules, read_canonical_block
from escruta.sources.formats.statement_rules import (
    CANDIDATURE,
    OTHER,
    STATEMENT_SPEC,
    Document,
    Mark,
    StatementError,
    canonical_line,
    check_statement,
    parse_statement,
    statement_id,
    to_cells,
    unknown_keys,
)
from escruta.sources.formats.statement_templates import Template, make_template, read_uniform_block
from escruta.sources.formats.tables import MARKS_SCHEMA, ROW, RawTable, TableOptions
from escruta.sources.formats.text import Block, TextReader

_FIRST = ("station", "constituency", "profile", "election", "unit", "stage", "supersedes", "id")
_FIGURES = ("registered", "candidature_total", "blank", "null")
_LAST = ("evidence.kind", "evidence.url", "evidence.sha256")
_USUAL = {"unit": "station", "stage": "count"}
_ALWAYS = (ROW, "station", "constituency", "profile", "election", "unit", "stage", *_FIGURES)
_LINKS = ("supersedes", "id")
_TRIES = 4
_BLOCK_BYTES = 8 << 20
_SAMPLE_LINES = 200


def read_actasum(file: SourceFile, options: TableOptions) -> RawTable:
    """Read statements.

    The columns `supersedes` and `id` are there when some statement supersedes another, whichever columns are wanted,
    because otherwise a sheet would count twice; and when they are asked for.

    Raises `TableBroken` with the line and the path of the key; `LayoutMismatch` for a column that is not there.
    """
    text = TextReader(file, options.encoding or "utf-8", is_checked_later=True, block_bytes=_BLOCK_BYTES)
    wanted = set(options.columns or (*_LAST,))
    wants = _Wants(links=bool(wanted & set(_LINKS)), evidence=bool(wanted & set(_LAST)))
    try:
        read = _read(text, wants)
    except _SupersedesError:
        wants = replace(wants, links=True)
        read = _read(text, wants)
    whole = read.whole(file.path)
    if may_break_rules(whole):
        whole = _read(text, wants, is_quick=False).whole(file.path)
    marks = pl.DataFrame(read.marks, schema=MARKS_SCHEMA, orient="row")
    frame = _arranged(whole, marks, options, file.path)
    return RawTable(
        frame=frame,
        marks=marks,
        file=file,
        format="actasum",
        encoding=text.encoding.name,
        delimiter=None,
        line_ends=text.line_ends,
        sheet=None,
        content_digest=text.content_digest,
        notes=(*text.notes(), *read.notes(), *_unlisted_notes(whole, marks)),
    )


class _SupersedesError(Exception):
    """A statement supersedes another, so every statement needs its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wants:
    """What is read beside the figures."""

    links: bool
    evidence: bool


@dataclass(slots=True, kw_only=True)
class _Reading:
    """What was read so far."""

    wants: _Wants
    frames: list[pl.DataFrame] = field(default_factory=list)
    marks: list[tuple[int, str, str]] = field(default_factory=list)
    misses: int = 0
    with_unknown_keys: int = 0
    unknown_key: str = ""

    def whole(self, where: str) -> pl.DataFrame:
        """Give all statements that were read."""
        if not self.frames:
            raise FileUnreadable("the file is blank", where=where, expected="statements")
        names = dict.fromkeys((*_ALWAYS, *(name for frame in self.frames for name in frame.columns)))
        parts = [frame.select(_column_of(frame, name) for name in names) for frame in self.frames]
        self.frames.clear()
        return pl.concat(parts)

    def notes(self) -> Iterator[Note]:
        """Say which keys were not read."""
        if self.with_unknown_keys:
            yield Note(code="F141", details={"statements": self.with_unknown_keys, "key": self.unknown_key})


def _read(text: TextReader, wants: _Wants, *, is_quick: bool = True) -> _Reading:
    reading = _Reading(wants=wants)
    templates, shapes = _Templates(), Shapes()
    if not is_quick:
        templates.give_up()
        shapes.give_up()
    for block, frame in templates.read(text.blocks(), wants):
        if frame is not None:
            reading.frames.append(frame)
        elif (canonical := _read_canonical(block, shapes, wants)) is not None:
            reading.frames.append(canonical.frame)
            reading.marks += canonical.marks
        else:
            _read_lines(block, reading, shapes, text.file.path)
        _require_links(reading)
    return reading


_Tried: TypeAlias = tuple[Template | None, Future[pl.DataFrame | None]]
"""A template, and what came of reading a block with it."""


class _Templates:
    """Keeps the template of the block before, and stops trying where blocks do not keep to one."""

    def __init__(self) -> None:
        self._template: Template | None = None
        self._tries_left = _TRIES

    def give_up(self) -> None:
        self._tries_left = 0

    def read(self, blocks: Iterator[Block], wants: _Wants) -> Iterator[tuple[Block, pl.DataFrame | None]]:
        """Give each block with its table, or with None; a few blocks are read at the same time."""
        with ThreadPoolExecutor(pl.thread_pool_size()) as threads:
            for block, (template, tried) in _ahead(blocks, lambda block: self._start(threads, block, wants)):
                yield block, self._finish(block, template, tried.result(), wants)

    def _start(self, threads: Executor, block: Block, wants: _Wants) -> _Tried:
        """Begin to read a block with the template of those before; the first block has its own."""
        if self._tries_left <= 0:
            return None, threads.submit(_read_with, None, block, wants)
        self._template = self._template or _own_template(block)
        return self._template, threads.submit(_read_with, self._template, block, wants)

    def _finish(
        self, block: Block, template: Template | None, frame: pl.DataFrame | None, wants: _Wants
    ) -> pl.DataFrame | None:
        """Take what was read, or else read the block with the template of its own first line."""
        if self._tries_left <= 0:
            return None
        if frame is None:
            own = _own_template(block)
            frame = _read_with(own, block, wants) if own != template else None
            self._template = own
        self._tries_left = _TRIES if frame is not None else self._tries_left - 1
        return frame


def _own_template(block: Block) -> Template | None:
    return make_template(block.text.partition(b"\n")[0])


def _read_with(template: Template | None, block: Block, wants: _Wants) -> pl.DataFrame | None:
    return None if template is None else read_uniform_block(block, template, wants_ids=wants.links)


def _ahead(blocks: Iterator[Block], start: Callable[[Block], _Tried]) -> Iterator[tuple[Block, _Tried]]:
    """Start a few blocks before the first of them is asked for; what goes wrong comes in the order of the lines."""
    started: deque[tuple[Block, _Tried]] = deque()
    try:
        for block in blocks:
            started.append((block, start(block)))
            if len(started) > pl.thread_pool_size():
                yield started.popleft()
    except InputError:
        yield from started
        raise
    yield from started


def _sample(block: Block) -> Iterator[Document]:
    """Give the first statements of a block, as far as they keep the rules."""
    for line in block.text.split(b"\n", _SAMPLE_LINES)[:_SAMPLE_LINES]:
        try:
            document = parse_statement(line.decode("utf-8"))
            check_statement(document)
        except (StatementError, UnicodeDecodeError):
            return
        yield document


def _read_canonical(block: Block, shapes: Shapes, wants: _Wants) -> CanonicalBlock | None:
    if shapes.shape is None and not shapes.has_given_up:
        shapes.learn(_sample(block))
    if shapes.shape is None:
        return None
    return read_canonical_block(block, shapes.shape, wants_ids=wants.links, has_evidence=wants.evidence)


def _require_links(reading: _Reading) -> None:
    if not reading.wants.links and reading.frames and "supersedes" in reading.frames[-1].columns:
        raise _SupersedesError


def _read_lines(block: Block, reading: _Reading, shapes: Shapes, where: str) -> None:
    """Read a block line by line, and learn its keys."""
    rows: list[dict[str, Any]] = []
    documents: list[Document] = []
    for row, line in enumerate(block.text.split(b"\n")[:-1], start=block.first_line):
        if not line.strip():
            continue
        try:
            document, cells, marks = _read_line(line.decode("utf-8").strip(), reading)
        except UnicodeDecodeError as error:
            raise _broken(StatementError("", error, "in UTF-8"), where, row) from error
        except StatementError as error:
            raise _broken(error, where, row) from error
        documents.append(document)
        rows.append({ROW: row, **cells})
        reading.marks += [(row, column, mark) for column, mark in marks]
    if rows:
        reading.frames.append(_frame_of(rows))
    if shapes.learn(documents):
        reading.misses = 0
    else:
        reading.misses += 1
        if reading.misses > _TRIES:
            shapes.give_up()


def _read_line(line: str, reading: _Reading) -> tuple[Document, dict[str, str | int | None], list[Mark]]:
    document = parse_statement(line)
    marks = check_statement(document)
    cells = to_cells(document)
    if reading.wants.links:
        cells["id"] = statement_id(canonical_line(document))
    if unknown := unknown_keys(document):
        reading.with_unknown_keys += 1
        reading.unknown_key = reading.unknown_key or unknown[0]
    return document, cells, marks


def _frame_of(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    names = dict.fromkeys(name for row in rows for name in row)
    columns = [pl.Series(name, [row.get(name) for row in rows], dtype=_dtype(name)) for name in names]
    return pl.DataFrame([column for column in columns if column.name not in _LINKS or column.count()])


def _column_of(frame: pl.DataFrame, name: str) -> pl.Expr:
    """Give a column of a block, with what the format says where a block does not say it."""
    usual = pl.lit(_USUAL.get(name), dtype=_dtype(name)).alias(name)
    return usual if name not in frame.columns else pl.col(name).fill_null(usual) if name in _USUAL else pl.col(name)


def _dtype(name: str) -> type[pl.DataType]:
    if name == ROW:
        return pl.UInt32
    return pl.Int64 if name in _FIGURES or name.startswith((CANDIDATURE, OTHER)) else pl.String


def _arranged(whole: pl.DataFrame, marks: pl.DataFrame, options: TableOptions, where: str) -> pl.DataFrame:
    """Put the columns in order, add those of figures that nobody could read, and choose; nothing is copied."""
    links = [name for name in _LINKS if name in whole.columns or name in (options.columns or ())]
    known = {*whole.columns, *marks["column"].unique(), *links}
    figures = sorted(name for name in known if name.startswith((CANDIDATURE, OTHER)))
    ordered = [name for name in (*_FIRST, *_FIGURES, *figures, *_LAST) if name in known]
    chosen = choose(dict(enumerate(ordered)), options.columns, where=where, row=None)
    needed = {ROW, *chosen.values(), *links}
    return pl.DataFrame([_column_or_nulls(whole, name) for name in (ROW, *ordered) if name in needed])


def _column_or_nulls(whole: pl.DataFrame, name: str) -> pl.Series:
    if name in whole.columns:
        return whole[name]
    return pl.Series(name, [None], dtype=_dtype(name)).new_from_index(0, whole.height)


def _unlisted_notes(whole: pl.DataFrame, marks: pl.DataFrame) -> Iterator[Note]:
    """Say how many statements leave a candidature out: not unread, just not listed."""
    codes = [name for name in whole.columns if name.startswith(CANDIDATURE)]
    if not codes or not sum(whole[name].null_count() for name in codes):
        return
    marked = marks.filter(pl.col("column").is_in(codes)).group_by(ROW).len("marked")
    missing = whole.select(ROW, pl.sum_horizontal(pl.col(codes).is_null()).alias("missing"))
    unlisted = missing.join(marked, on=ROW, how="left").filter(pl.col("missing") > pl.col("marked").fill_null(0))
    if unlisted.height:
        yield Note(code="F142", details={"statements": unlisted.height})


def _broken(error: StatementError, where: str, row: int) -> TableBroken:
    return TableBroken(
        str(error),
        where=where,
        row=row,
        column=error.path or None,
        found=error.found if isinstance(error.found, str) else repr(error.found),
        expected=error.expected,
        advice="Correct the statement where it was made; a figure that could not be read goes to `unread`.",
    )


def write_statements(out: BinaryIO, frame: pl.DataFrame, marks: pl.DataFrame | None = None) -> int:
    """Write statements in canonical form, a line each, from a frame with the columns that `read_actasum` gives.

    A null figure needs a mark, or it is not written: a candidature that is not listed has no votes by the rules of the
    format. Of the evidence only its three columns are written. Returns how many were written; raises `TableBroken`.
    """
    written = 0
    for row, document in to_documents(frame, marks):
        try:
            check_statement(document)
            line = canonical_line(document)
        except StatementError as error:
            raise _broken(error, "the statements to be written", row) from error
        out.write(line + b"\n")
        written += 1
    return written


def to_documents(frame: pl.DataFrame, marks: pl.DataFrame | None = None) -> Iterator[tuple[int, dict[str, Any]]]:
    """Give each row as the number of the row and an unchecked statement."""
    reasons: dict[int, list[tuple[str, str]]] = {}
    for row, column, mark in (marks if marks is not None else pl.DataFrame(schema=MARKS_SCHEMA)).iter_rows():
        reasons.setdefault(row, []).append((column, mark))
    for cells in frame.iter_rows(named=True):
        yield cells[ROW], _document(cells, reasons.get(cells[ROW], []))


def _document(cells: Mapping[str, Any], marks: Sequence[Mark]) -> dict[str, Any]:
    given = {name: value for name, value in cells.items() if value is not None}
    counts: dict[str, Any] = {name: given[name] for name in _FIGURES if name in given}
    counts["candidatures"] = _without_prefix(given, CANDIDATURE)
    counts["other"] = _without_prefix(given, OTHER)
    counts["unread"] = {column: mark for column, mark in marks if mark != "not-on-sheet"}
    counts["not_on_sheet"] = {column: "no-field" for column, mark in marks if mark == "not-on-sheet"}
    names = ("profile", "election", "station", "constituency", "unit", "stage", "supersedes")
    document = {"spec": STATEMENT_SPEC, "counts": counts} | {name: given[name] for name in names if name in given}
    return document | {"evidence": _without_prefix(given, "evidence.")}


def _without_prefix(given: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {name.removeprefix(prefix): value for name, value in given.items() if name.startswith(prefix)}
