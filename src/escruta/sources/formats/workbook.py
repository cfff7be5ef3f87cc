"""XLSX: one sheet of a workbook."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import polars as pl

from escruta.base.errors import FileUnreadable, LayoutMismatch, TableBroken
from escruta.sources.files import ARCHIVE_ERRORS, SourceFile
from escruta.sources.formats.content_digest import digest_of_cells
from escruta.sources.formats.headers import Header, read_header
from escruta.sources.formats.mojibake import settle_double_encoding, settle_name
from escruta.sources.formats.notes import Note
from escruta.sources.formats.tables import ROW, RawTable, TableOptions, no_marks, nothing_yet
from escruta.sources.formats.workbook_parts import (
    LAST_COLUMN,
    LAST_ROW,
    Cells,
    Package,
    Sheet,
    Workbook,
    cell_name,
    cell_place,
    column_letters,
    read_cells,
    read_workbook,
    unescape,
)

_EXACT_INTEGERS = 2**53
"""Up to here a spreadsheet's number (IEEE 754 double) holds every whole number."""

_DAY_MS = 86_400_000
_LISTED = 8


def read_xlsx(file: SourceFile, options: TableOptions) -> RawTable:
    """Read one sheet of a workbook.

    A column of whole numbers comes as Int64, any other as String, numbers in it as written. Formulas in the columns
    that are read are refused: what they show is not stored evidence, and it depends on the program that opens them.

    Raises `TableBroken`, `LayoutMismatch`, `FileUnreadable` or `ArchiveUnsafe`; a cell is named as in `C5`.
    """
    with _open_package(file) as package:
        workbook = read_workbook(package)
        sheet, chosen_notes = _choose_sheet(workbook, options.sheet, file.path)
        cells = read_cells(package, sheet)
    spots = _Spots(where=file.path, sheet=sheet.name, cells=_typed(cells, workbook, file.path))
    header, positions = _read_sheet_header(spots, cells, options)
    chosen = {positions[index]: name for index, name in header.chosen.items()}
    notes = (*chosen_notes, *header.notes, *_formula_notes(cells, chosen, spots, header.row), *spots.notes(chosen))
    grid = _grid(spots.cells, positions)
    data = grid.filter(pl.col(ROW) > header.row)
    frame, encoding_notes = settle_double_encoding(
        _columns(data, spots.cells, chosen, header), header.names, repair=options.repair_encoding
    )
    return RawTable(
        frame=frame,
        marks=no_marks(),
        file=file,
        format="xlsx",
        encoding=None,
        delimiter=None,
        line_ends=None,
        sheet=sheet.name,
        content_digest=digest_of_cells(grid.drop(ROW), header=False),
        notes=(*notes, *encoding_notes, *nothing_yet(frame)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spots:
    """The cells of the sheet, converted: `row`, `column`, `type`, `text`, `is_integer`."""

    where: str
    sheet: str
    cells: pl.DataFrame

    def notes(self, chosen: dict[int, str]) -> Iterator[Note]:
        """Say which cells of the chosen columns hold something else than a text or a number."""
        for code, kinds in (("F122", ("date", "d")), ("F123", ("e",)), ("F125", ("b",))):
            odd = self.cells.filter(pl.col("type").is_in(kinds) & pl.col("column").is_in(list(chosen)))
            if odd.height:
                first = odd.row(0, named=True)
                place = cell_name(first["row"], first["column"])
                found = {"found": str(first["text"])} if code == "F123" else {}
                yield Note(code=code, details={"cells": odd.height, "first": place, **found})


@contextmanager
def _open_package(file: SourceFile) -> Iterator[Package]:
    with file.open_seekable() as content:
        try:
            archive = zipfile.ZipFile(content)
        except ARCHIVE_ERRORS as error:
            raise FileUnreadable(
                "this is not a complete .xlsx workbook",
                where=file.path,
                found=error,
                expected="a workbook as spreadsheet programs save it",
                advice="Fetch the file again, or open it and save it as .xlsx or .csv.",
            ) from error
        with archive:
            yield Package(file, archive)


def _choose_sheet(workbook: Workbook, wanted: str | None, where: str) -> tuple[Sheet, tuple[Note, ...]]:
    names = ", ".join(sheet.name for sheet in workbook.sheets)
    if wanted is None:
        visible = [sheet for sheet in workbook.sheets if not sheet.is_hidden] or list(workbook.sheets)
        if visible:
            others = ", ".join(sheet.name for sheet in workbook.sheets if sheet is not visible[0])
            note = Note(code="F121", details={"sheet": visible[0].name, "others": others})
            return visible[0], (note,) if others else ()
    for sheet in workbook.sheets:
        if sheet.name == wanted:
            return sheet, ()
    raise LayoutMismatch(
        "the sheet is not in the workbook" if wanted else "the workbook has no sheet with cells",
        where=where,
        found=wanted,
        expected=f"one of: {names}" if names else "a sheet",
        advice="Correct `sheet`.",
    )


# --- cells ---


def _typed(cells: Cells, workbook: Workbook, where: str) -> pl.DataFrame:
    """Turn every cell into the text that stands for it, and say which are whole numbers."""
    frame = _placed(cells, workbook.date_styles, where)
    _reject_doubled_cells(frame, where)
    frame = _with_shared_texts(frame, workbook.texts, where)
    number = pl.col("text").cast(pl.Float64, strict=False)
    is_integer = ((pl.col("type") == "n") & (number == number.round()) & (number.abs() < _EXACT_INTEGERS)).fill_null(
        value=False
    )
    typed = frame.with_columns(is_integer=is_integer).with_columns(
        text=pl.when("is_integer")
        .then(number.cast(pl.Int64, strict=False).cast(pl.String))
        .when(pl.col("type") == "b")
        .then(pl.when(pl.col("text") == "1").then(pl.lit("TRUE")).otherwise(pl.lit("FALSE")))
        .when(pl.col("type") == "date")
        .then(pl.coalesce(_iso_text(number, from_1904=workbook.counts_from_1904), pl.col("text")))
        .when(pl.col("text") != "")
        .then(pl.col("text"))
    )
    return typed.filter(pl.col("text").is_not_null())


def _placed(cells: Cells, date_styles: frozenset[str], where: str) -> pl.DataFrame:
    """Give row, column, type and text of every cell in which something stands."""
    frame = pl.DataFrame(
        {"name": cells.names, "type": cells.types, "style": cells.styles, "text": cells.texts},
        schema=dict.fromkeys(("name", "type", "style", "text"), pl.String),
    )
    is_date = (pl.col("type") == "n") & pl.col("style").is_in(list(date_styles))
    placed = frame.select(
        "name",
        pl.col("name").str.extract("([0-9]{1,7})$").cast(pl.UInt32, strict=False).alias("row"),
        pl.col("name").str.extract("^([A-Z]{1,3})[0-9]+$").alias("letters"),
        pl.when(is_date).then(pl.lit("date")).otherwise("type").alias("type"),
        "text",
    )
    letters = placed["letters"].unique().drop_nulls()
    columns = [cell_place(f"{name}1")[1] for name in letters]
    placed = placed.with_columns(
        pl.col("letters").replace_strict(letters, columns, default=None, return_dtype=pl.UInt32).alias("column")
    )
    _reject_cells_off_the_sheet(placed, where)
    return placed.filter(pl.col("text") != "").select("row", "column", "type", "text")


def _reject_cells_off_the_sheet(placed: pl.DataFrame, where: str) -> None:
    is_on_sheet = pl.col("row").is_between(1, LAST_ROW) & (pl.col("column") < LAST_COLUMN)
    astray = placed.filter(~is_on_sheet.fill_null(value=False))
    if astray.height:
        raise TableBroken(
            "a cell stands where no sheet has one",
            where=where,
            found=astray["name"][0],
            expected=f"A1 to {cell_name(LAST_ROW, LAST_COLUMN - 1)}",
            advice="Fetch the file again; no spreadsheet program writes this.",
        )


def _with_shared_texts(frame: pl.DataFrame, texts: Sequence[str], where: str) -> pl.DataFrame:
    is_shared = frame["type"] == "s"
    indices = frame["text"].filter(is_shared).str.strip_chars().cast(pl.UInt32, strict=False)
    if indices.null_count() or (indices >= len(texts)).any():
        raise TableBroken(
            "a cell names a shared text that the workbook does not have",
            where=where,
            found=f"{len(texts)} shared texts",
            advice="Open the workbook in a spreadsheet program and save it again, or fetch it again.",
        )
    kept = frame.with_columns(
        pl.when(pl.col("type").is_in(["str", "inlineStr"]))
        .then(pl.col("text").map_elements(unescape, return_dtype=pl.String))
        .otherwise("text")
        if frame["type"].is_in(["str", "inlineStr"]).any()
        else pl.col("text")
    )
    if not is_shared.any():
        return kept
    shared = pl.Series(texts, dtype=pl.String).gather(indices)
    places = pl.DataFrame({"at": is_shared.arg_true(), "shared": shared})
    return (
        kept.with_row_index("at")
        .join(places, on="at", how="left", maintain_order="left")
        .with_columns(text=pl.when(pl.col("type") == "s").then("shared").otherwise("text"))
        .drop("at", "shared")
    )


def _reject_doubled_cells(frame: pl.DataFrame, where: str) -> None:
    doubled = frame.filter(pl.struct("row", "column").is_duplicated())
    if doubled.height:
        raise TableBroken(
            "a cell is in the sheet twice",
            where=where,
            row=doubled["row"][0],
            column=column_letters(doubled["column"][0]),
            found=", ".join(doubled["text"].head(_LISTED)),
            expected="each cell once",
            advice="Fetch the file again; no spreadsheet program writes this.",
        )


def _iso_text(number: pl.Expr, *, from_1904: bool) -> pl.Expr:
    """Write a spreadsheet's day count as a date, a time, or both."""
    start = pl.datetime(1904, 1, 1) if from_1904 else pl.datetime(1899, 12, 30)
    is_plausible = number.is_between(0, 2_958_465)
    milliseconds = pl.when(is_plausible).then((number * _DAY_MS).round()).cast(pl.Int64, strict=False)
    moment = start.cast(pl.Datetime("ms")) + pl.duration(milliseconds=milliseconds)
    return (
        pl.when(number < 1)
        .then(moment.dt.strftime("%H:%M:%S"))
        .when(milliseconds % _DAY_MS == 0)
        .then(moment.dt.strftime("%Y-%m-%d"))
        .otherwise(moment.dt.strftime("%Y-%m-%dT%H:%M:%S"))
    )


def _grid(cells: pl.DataFrame, positions: Sequence[int]) -> pl.DataFrame:
    """Set the cells out in rows and columns, as text; rows with nothing in them are left out."""
    rows = cells.select(pl.col("row").unique().sort()).with_row_index("at")
    placed = cells.join(rows, on="row", how="left", maintain_order="left")
    columns = [rows["row"].alias(ROW)]
    for position in positions:
        column = placed.filter(pl.col("column") == position)
        blank = pl.Series(str(position), [None], dtype=pl.String).new_from_index(0, rows.height)
        columns.append(blank.scatter(column["at"], column["text"]))
    return pl.DataFrame(columns)


def _columns(data: pl.DataFrame, cells: pl.DataFrame, chosen: dict[int, str], header: Header) -> pl.DataFrame:
    """Name the chosen columns; those that hold nothing but whole numbers become numbers."""
    below = cells.filter(pl.col("row") > header.row)
    mixed = set(below.filter(~pl.col("is_integer"))["column"].unique().to_list())
    numeric = set(below["column"].unique().to_list()) - mixed
    return data.select(
        ROW,
        *(
            pl.col(str(position)).cast(pl.Int64 if position in numeric else pl.String).alias(name)
            for position, name in chosen.items()
        ),
    )


# --- header, formulas, rows ---


def _read_sheet_header(spots: _Spots, cells: Cells, options: TableOptions) -> tuple[Header, list[int]]:
    """Read the names and give the positions of the columns that hold anything."""
    row = options.header_row
    if spots.cells.is_empty():
        raise TableBroken("the sheet is empty", where=spots.where, column=spots.sheet, expected="a table")
    used = spots.cells.filter(pl.col("row") >= row)
    named = dict(spots.cells.filter(pl.col("row") == row).select("column", "text").iter_rows())
    positions = sorted(spots.cells["column"].unique().to_list())
    filled = set(used["column"].unique().to_list())
    _reject_merged_header(spots, cells, options)
    names = [_name_of(named.get(position), options) if position in filled else None for position in positions]
    header = read_header(
        names,
        where=f"{spots.where}, sheet {spots.sheet}",
        row=row,
        wanted=options.columns,
        labels=[column_letters(position) for position in positions],
    )
    return header, positions


def _name_of(text: str | None, options: TableOptions) -> str | None:
    return settle_name(text) if text and options.repair_encoding else text


def _reject_merged_header(spots: _Spots, cells: Cells, options: TableOptions) -> None:
    for reference in cells.merged if options.columns is None else ():
        first, _, last = reference.partition(":")
        try:
            (top, left), (bottom, right) = cell_place(first), cell_place(last or first)
        except ValueError:
            continue
        if top <= options.header_row <= bottom and left < right:
            raise TableBroken(
                "cells of the header are merged",
                where=f"{spots.where}, sheet {spots.sheet}",
                row=options.header_row,
                column=column_letters(left),
                found=reference,
                expected="a name for each column",
                advice="Correct header_row if the names stand in another row, or split the merged cells.",
            )


def _formula_notes(cells: Cells, chosen: dict[int, str], spots: _Spots, header_row: int) -> tuple[Note, ...]:
    """Refuse formulas in the columns that are read; say so when they stand elsewhere."""
    below = [place for place in map(cell_place, cells.formulas) if place[0] >= header_row]
    inside = [place for place in below if place[1] in chosen]
    if inside:
        shown = ", ".join(cell_name(*place) for place in inside[:_LISTED])
        raise TableBroken(
            "cells hold formulas instead of figures"
            if len(inside) > 1
            else "a cell holds a formula instead of a figure",
            where=f"{spots.where}, sheet {spots.sheet}",
            row=inside[0][0],
            column=chosen[inside[0][1]],
            found=shown + (" …" if len(inside) > _LISTED else ""),
            expected="figures as they were entered",
            advice="Leave these columns out of the layout, or save a copy with values only and say that you did.",
        )
    if not below:
        return ()
    return (Note(code="F124", details={"cells": len(below), "first": cell_name(*below[0])}),)
