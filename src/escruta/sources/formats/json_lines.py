"""JSON Lines: one object a line. Objects inside an object become columns with dots: `votes.A`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import polars as pl

from escruta.base.errors import TableBroken
from escruta.sources.files import SourceFile
from escruta.sources.formats.headers import FILE_ROW, choose
from escruta.sources.formats.mojibake import settle_double_encoding
from escruta.sources.formats.notes import Note
from escruta.sources.formats.tables import ROW, RawTable, TableOptions, no_marks, nothing_yet
from escruta.sources.formats.text import Block, TextReader

_LARGEST = 2**63 - 1
_MOST_COLUMNS = 10_000

Cell: TypeAlias = str | int | None


def read_jsonl(file: SourceFile, options: TableOptions) -> RawTable:
    """Read one flat or nested object a line; a key that a line lacks, and JSON's null, are empty cells.

    A column in which every value is a whole number comes as Int64, any other as String: a number in it as it was
    written, true and false as TRUE and FALSE. Raises `TableBroken` with the line and the key: for what is no object,
    for a key that stands twice, for a list, and for NaN and Infinity, which JSON does not have.
    """
    text = TextReader(file, options.encoding)
    rows = _Rows(where=file.path)
    frames = [frame for block in text.blocks() if (frame := _read_block(block, rows)) is not None]
    if not frames:
        frames, rows.columns = [_no_rows()], dict.fromkeys(options.columns or (), False)
    elif not rows.columns:
        raise TableBroken("the objects have no keys", where=file.path, expected="a key for each column")
    chosen = choose(dict(enumerate(rows.columns)), options.columns, where=file.path, row=None)
    whole = pl.concat([_settled(frame, rows, chosen) for frame in frames])
    names = list(chosen.values())
    frame, encoding_notes = settle_double_encoding(whole.select(ROW, *names), names, repair=options.repair_encoding)
    return RawTable(
        frame=frame,
        marks=no_marks(),
        file=file,
        format="jsonl",
        encoding=text.encoding.name,
        delimiter=None,
        line_ends=text.line_ends,
        sheet=None,
        content_digest=text.content_digest,
        notes=(*text.notes(), *rows.notes(), *encoding_notes, *nothing_yet(frame)),
    )


def _no_rows() -> pl.DataFrame:
    return pl.DataFrame(schema={ROW: pl.UInt32})


@dataclass(slots=True, kw_only=True)
class _Rows:
    """The columns that were seen so far, in the order in which they came, and whether each holds numbers only."""

    where: str
    columns: dict[str, bool] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)

    def take(self, cells: Mapping[str, Cell], row: int) -> None:
        """Take note of a line's columns."""
        for name, cell in cells.items():
            is_number = cell is None or isinstance(cell, int)
            self.columns[name] = self.columns.get(name, True) and is_number
        if len(self.columns) > _MOST_COLUMNS:
            raise TableBroken(
                "the lines have too many different keys",
                where=self.where,
                row=row,
                found=f"{len(self.columns)} keys",
                expected=f"at most {_MOST_COLUMNS}",
                advice="A key that names a station or a place belongs into a value.",
            )

    def notes(self) -> Iterator[Note]:
        """Say what came as text although it is none."""
        if FILE_ROW in self.columns:
            yield Note(code="F108")
        if self.others:
            yield Note(code="F131", details={"columns": ", ".join(sorted(self.others))})


class _Literal(str):
    """A number as it stands in the file, when it is no whole number, or a truth value."""

    __slots__ = ()


class _TwiceError(ValueError):
    """A key stands twice in one object."""


def _read_block(block: Block, rows: _Rows) -> pl.DataFrame | None:
    found: list[dict[str, Cell]] = []
    for row, line in enumerate(block.text.decode("utf-8").split("\n")[:-1], start=block.first_line):
        if not line.strip():
            continue
        cells = _cells(_parse(line, rows.where, row), rows, row)
        rows.take(cells, row)
        found.append({ROW: row, **cells})
    if not found:
        return None
    names = dict.fromkeys(name for cells in found for name in cells)
    return pl.DataFrame([_column(name, [cells.get(name) for cells in found]) for name in names])


def _column(name: str, cells: Sequence[Cell]) -> pl.Series:
    if name == ROW:
        return pl.Series(name, cells, dtype=pl.UInt32)
    if all(cell is None or isinstance(cell, int) for cell in cells):
        return pl.Series(name, cells, dtype=pl.Int64)
    return pl.Series(name, [None if cell is None or cell == "" else str(cell) for cell in cells], dtype=pl.String)


def _settled(frame: pl.DataFrame, rows: _Rows, chosen: Mapping[int, str]) -> pl.DataFrame:
    """Give the chosen columns of a block, each in the type that it has in the whole file."""
    types = {name: pl.Int64 if rows.columns[name] else pl.String for name in chosen.values()}
    columns = [
        pl.col(name).cast(kind) if name in frame.columns else pl.lit(None, dtype=kind).alias(name)
        for name, kind in types.items()
    ]
    return frame.select(ROW, *columns)


def _parse(line: str, where: str, row: int) -> dict[str, Any]:
    try:
        parsed = json.loads(line, object_pairs_hook=_object, parse_float=_Literal, parse_constant=_no_constant)
        if "\\ud" in line.lower():
            json.dumps(parsed, ensure_ascii=False).encode("utf-8")
    except _TwiceError as error:
        raise _broken("a key stands twice in an object", where, row, str(error), "each key once") from error
    except json.JSONDecodeError as error:
        shown = line[max(0, error.pos - 20) : error.pos + 20]
        what = f"the line is no JSON: {error.msg} at character {error.pos + 1}"
        raise _broken(what, where, row, shown, "one complete object") from error
    except (ValueError, RecursionError) as error:
        raise _broken("the line is no JSON that we can read", where, row, str(error), "plain values") from error
    if not isinstance(parsed, dict):
        raise _broken("the line is no object", where, row, line, "an object such as {…}")
    return parsed


def _cells(found: Mapping[str, Any], rows: _Rows, row: int, prefix: str = "") -> dict[str, Cell]:
    """Flatten an object; two keys that come to the same name are one key twice."""
    cells: dict[str, Cell] = {}
    for key, value in found.items():
        name = FILE_ROW if not prefix and key == ROW else f"{prefix}{key}"
        inner = (
            _cells(value, rows, row, f"{name}.") if isinstance(value, dict) else {name: _cell(value, name, rows, row)}
        )
        if doubled := cells.keys() & inner.keys():
            raise _broken("a key stands twice in an object", rows.where, row, min(doubled), "each key once")
        cells |= inner
    return cells


def _cell(value: object, name: str, rows: _Rows, row: int) -> Cell:
    if isinstance(value, bool):
        rows.others.add(name)
        return str(value).upper()
    if isinstance(value, int):
        return value if -_LARGEST <= value <= _LARGEST else str(value)
    if isinstance(value, _Literal):
        rows.others.add(name)
        return str(value)
    if value is None or isinstance(value, str):
        return value
    what = "a value is a list"
    raise _broken(what, rows.where, row, str(value), "a text, a number or an object", column=name)


def _broken(what: str, where: str, row: int, found: str, expected: str, *, column: str | None = None) -> TableBroken:
    return TableBroken(
        what,
        where=where,
        row=row,
        column=column,
        found=found,
        expected=expected,
        advice="If it is the last line, the file is cut off. Otherwise correct the line where it was made.",
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise _TwiceError(next(name for name in names if names.count(name) > 1))
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")
