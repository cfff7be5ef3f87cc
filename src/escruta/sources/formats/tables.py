"""What goes into a reader and what comes out of it; what all readers share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import polars as pl

from escruta.sources.files import SourceFile
from escruta.sources.formats.notes import Note

ROW = "row"
"""The column that says where a row stands: the 1-based row of the sheet, or line of the file."""

MARKS_SCHEMA = pl.Schema({ROW: pl.UInt32, "column": pl.String, "mark": pl.String})
"""Figures without a count, as the format says so: `illegible`, `empty` or `not-on-sheet`, or `NOT_GIVEN`."""

NOT_GIVEN = "not-given"
"""The mark of a figure of which a row of the file says nothing, whatever the layout makes of an empty cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableOptions:
    """How a file is laid out. What is None is detected, and what was detected is reported in the notes."""

    format: str | None = None
    """The name of a registered format: `csv`, `tsv`, `xlsx`, `parquet`, `jsonl`, `actasum`, or a stranger's."""
    encoding: str | None = None
    """`utf-8`, `latin-1`, `windows-1252`, `utf-16`, or another that Python knows."""
    delimiter: str | None = None
    """One character between the cells of a line."""
    header_row: int = 1
    """The 1-based row that holds the column names; what stands above it is not read."""
    sheet: str | None = None
    """The name of a workbook's sheet."""
    member: str | None = None
    """The member of a .zip, as a pattern."""
    repair_encoding: bool = False
    """Whether text that was encoded twice is repaired, not only reported."""
    columns: tuple[str, ...] | None = None
    """The columns that are wanted; None for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """A table as found: text is text, a count is not yet a count, and a cell with nothing in it is null."""

    frame: pl.DataFrame
    """`row` (UInt32), then the file's columns in the file's order, each String or Int64."""
    marks: pl.DataFrame
    """Figures without a count (`MARKS_SCHEMA`); empty for a format that has no such thing."""
    file: SourceFile
    """Where it came from."""
    format: str
    """The reader's name."""
    encoding: str | None
    """The encoding of a text format."""
    delimiter: str | None
    """The delimiter of a delimited file."""
    line_ends: str | None
    """`LF`, `CRLF`, `CR` or `mixed`, for a text format."""
    sheet: str | None
    """The sheet of a workbook."""
    content_digest: str
    """SHA-256 of the content: docs/reference/file-formats.md says of what exactly."""
    notes: tuple[Note, ...]
    """What was detected, repaired or left out."""

    def without_rows(self) -> RawTable:
        """Keep what is known of the file, and let its rows go."""
        return replace(self, frame=self.frame.clear(), marks=self.marks.clear())


Reader: TypeAlias = Callable[[SourceFile, TableOptions], RawTable]
"""A format: what a distribution registers under the entry-point group `escruta.formats`."""


def no_marks() -> pl.DataFrame:
    """Return the marks of a format that has none."""
    return pl.DataFrame(schema=MARKS_SCHEMA)


def nothing_yet(frame: pl.DataFrame) -> tuple[Note, ...]:
    """Say that a table has no rows: on election night a file is there before the first sheet is."""
    return (Note(code="F113"),) if frame.is_empty() else ()


def drop_blank_rows(frame: pl.DataFrame, columns: Sequence[str]) -> tuple[pl.DataFrame, tuple[Note, ...]]:
    """Leave out the rows in which every one of the columns is null, and say so."""
    if not columns:
        return frame, ()
    blank = frame.select(pl.all_horizontal(pl.col(list(columns)).is_null())).to_series()
    if not blank.any():
        return frame, ()
    first = int(frame.filter(blank)[ROW][0])
    return frame.filter(~blank), (Note(code="F106", details={"count": int(blank.sum()), "first": first}),)
