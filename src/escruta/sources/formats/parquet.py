"""Parquet: a table with types."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from escruta.base.errors import ArchiveUnsafe, FileUnreadable, TableBroken
from escruta.sources.files import SourceFile
from escruta.sources.formats.content_digest import digest_of_cells
from escruta.sources.formats.headers import read_header
from escruta.sources.formats.mojibake import settle_double_encoding
from escruta.sources.formats.notes import Note
from escruta.sources.formats.tables import ROW, RawTable, TableOptions, no_marks, nothing_yet

_CELL_BYTES = 8


def read_parquet(file: SourceFile, options: TableOptions) -> RawTable:
    """Read a Parquet file. Whole numbers come as Int64; anything that is neither text nor a whole number as text.

    `row` counts the rows of data from 1. Raises `FileUnreadable` for a file that is damaged, `TableBroken` for a column
    of lists or structs, `LayoutMismatch` for a column that is not there.
    """
    found = _read(file)
    header = read_header(found.columns, where=file.path, row=1, wanted=options.columns)
    _reject_nested(found, [found.columns[index] for index in header.chosen], file.path)
    cells = pl.DataFrame([_as_cells(column) for column in found if _holds_single_values(column.dtype)])
    rows = pl.int_range(1, found.height + 1, dtype=pl.UInt32, eager=True).alias(ROW)
    frame = pl.DataFrame([rows, *(cells[found.columns[index]].alias(name) for index, name in header.chosen.items())])
    frame, encoding_notes = settle_double_encoding(frame, header.names, repair=options.repair_encoding)
    others = [name for index, name in header.chosen.items() if not _is_plain(found.dtypes[index])]
    notes = (Note(code="F131", details={"columns": ", ".join(others)}),) if others else ()
    return RawTable(
        frame=frame,
        marks=no_marks(),
        file=file,
        format="parquet",
        encoding=None,
        delimiter=None,
        line_ends=None,
        sheet=None,
        content_digest=digest_of_cells(cells, header=True),
        notes=(*header.notes, *notes, *encoding_notes, *nothing_yet(frame)),
    )


def _read(file: SourceFile) -> pl.DataFrame:
    try:
        with file.open_seekable() as content:
            scanned = pl.scan_parquet(content)
            _require_plausible_size(file, scanned)
            return scanned.collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _damaged(file, error) from error
    except BaseException as error:
        # A panic of the engine on damaged bytes is no Exception; it stops nothing but this file.
        if type(error).__name__ != "PanicException":
            raise
        raise _damaged(file, error) from error


def _damaged(file: SourceFile, error: BaseException) -> FileUnreadable:
    return FileUnreadable(
        "this is not a complete Parquet file",
        where=file.path,
        found=str(error).partition("\n")[0],
        expected="a Parquet file that begins and ends with PAR1",
        advice="Fetch the file again and compare its SHA-256 with the published one.",
    )


def _require_plausible_size(file: SourceFile, found: pl.LazyFrame) -> None:
    """Refuse a file whose few bytes stand for more cells than the limits allow."""
    rows, columns = int(found.select(pl.len()).collect().item()), found.collect_schema().len()
    if rows * columns * _CELL_BYTES > file.limits.expanded_bytes:
        raise ArchiveUnsafe(
            "the table is too large for memory",
            where=file.path,
            found=f"{rows} rows of {columns} columns in {file.size} bytes",
            expected=f"at most {file.limits.expanded_bytes // _CELL_BYTES} cells",
            advice="If you trust it, split it into files of fewer rows.",
        )


def _reject_nested(found: pl.DataFrame, names: Sequence[str], where: str) -> None:
    for name in names:
        if not _holds_single_values(found.schema[name]):
            raise TableBroken(
                "a column does not hold single values",
                where=where,
                column=name,
                found=found.schema[name],
                expected="text or numbers",
                advice="Ask only for the other columns.",
            )


def _holds_single_values(kind: pl.DataType) -> bool:
    return not kind.is_nested() and kind not in (pl.Binary, pl.Object)


def _is_plain(kind: pl.DataType) -> bool:
    return kind.is_integer() or kind in (pl.String, pl.Categorical, pl.Enum, pl.Null)


def _as_cells(column: pl.Series) -> pl.Series:
    """Give a column as Int64 when it is whole numbers that fit, as text otherwise."""
    if column.dtype.is_integer():
        numbers = column.cast(pl.Int64, strict=False)
        return numbers if numbers.null_count() == column.null_count() else column.cast(pl.String)
    text = column.cast(pl.String)
    if column.dtype == pl.Boolean:
        text = text.str.to_uppercase()
    return text.set(text == "", None) if (text == "").any() else text
