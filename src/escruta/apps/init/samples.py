"""The sample files: which sheet, which row of column names, and the rows that a definition will be guessed from."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import polars as pl

from escruta.apps.init.columns import Column, Holds, Ref, look_at
from escruta.apps.init.words import CODE_WORDS, TOTALS, plain
from escruta.base.errors import FileUnreadable, InputError, LayoutMismatch, TableBroken
from escruta.sources.formats import ROW, RawTable, TableOptions, read_table

FIRST_ROWS = 8
"""Rows in which column names are looked for."""
FIRST_ROWS_OF_FURTHER_SHEETS = 3
"""The same, in the other sheets of a workbook: often notes and charts."""
FEWEST_COLUMNS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One sheet of one file, as found."""

    path: str
    """The file as the definition will name it."""
    table: RawTable
    header_row: int
    columns: tuple[Column, ...]
    skip_where: dict[str, tuple[str, ...]]
    """Column → the words that stand there in rows of totals."""

    @property
    def frame(self) -> pl.DataFrame:
        """The rows without those of totals."""
        frame = self.table.frame
        for name, words in self.skip_where.items():
            frame = frame.filter(~pl.col(name).cast(pl.String).is_in(words).fill_null(value=False))
        return frame

    @property
    def title(self) -> str:
        """The file and, for a workbook, its sheet."""
        return self.path if self.table.sheet is None else f"{self.path}, sheet {self.table.sheet}"


def read_samples(files: Sequence[Path], folder: Path | None = None) -> tuple[Sample, ...]:
    """Read every sheet of every file; paths are written relative to `folder`, or else to the folder they share.

    Raises `InputError` where a file cannot be read at all.
    """
    if not files:
        raise FileUnreadable("no sample file was named", advice="Name the files that were published.")
    base = (folder or shared_folder(files)).resolve()
    return tuple(sample for file in files for sample in _sheets(file, _relative(file, base)))


def shared_folder(files: Sequence[Path]) -> Path:
    """Find the innermost folder that all files lie in."""
    return Path(os.path.commonpath([file.resolve().parent for file in files]))


def _relative(file: Path, base: Path) -> str:
    try:
        return PurePosixPath(file.resolve().relative_to(base)).as_posix()
    except ValueError:
        raise FileUnreadable(
            "the file does not lie in the data folder",
            where=str(file),
            expected=f"a file under {base}",
            advice="Put the files into one folder, or name a folder that holds them all.",
        ) from None


def _sheets(file: Path, path: str) -> Iterator[Sample]:
    first = _read(file, path, TableOptions())
    yield first
    for name in _other_sheets(first.table):
        try:
            yield _read(file, path, TableOptions(format="xlsx", sheet=name), FIRST_ROWS_OF_FURTHER_SHEETS)
        except InputError:
            continue  # A sheet of notes or of pictures; the first sheet has shown that the workbook is whole.


def _other_sheets(table: RawTable) -> tuple[str, ...]:
    if table.format != "xlsx":
        return ()
    from fastexcel import read_excel  # noqa: PLC0415  only workbooks need it

    with table.file.open_seekable() as content:
        names = read_excel(content.read()).sheet_names
    return tuple(name for name in names if name != table.sheet)


def _read(file: Path, path: str, options: TableOptions, rows: int = FIRST_ROWS) -> Sample:
    """Read one sheet, with the first row that can hold column names as its header."""
    failure: InputError | None = None
    for header_row in range(1, rows + 1):
        try:
            table = read_table(file, replace(options, header_row=header_row), named=path)
        except (TableBroken, LayoutMismatch) as error:
            failure = failure or error
            continue
        if table.frame.is_empty():
            failure = failure or _no_rows(path, header_row)
            continue
        names = tuple(name for name in table.frame.columns if name != ROW)
        if len(names) >= FEWEST_COLUMNS and _are_names(names):
            return _sample(path, table, header_row, names)
    raise failure or TableBroken(
        "no row of column names was found",
        where=path,
        expected=f"at least {FEWEST_COLUMNS} column names in one of the first {rows} rows",
        advice="Look whether this is a table with one row for each polling station.",
    )


def _no_rows(path: str, header_row: int) -> TableBroken:
    return TableBroken(
        "the file has column names but no rows",
        where=path,
        row=header_row + 1,
        expected="at least one row, to see what the columns hold",
        advice="Let init look at a file of an earlier election or of a rehearsal.",
    )


def _are_names(names: Sequence[str]) -> bool:
    """Say whether a row looks like column names: most of them have a letter."""
    return 2 * sum(any(letter.isalpha() for letter in name) for name in names) > len(names)


def _sample(path: str, table: RawTable, header_row: int, names: Sequence[str]) -> Sample:
    whole = Sample(path=path, table=table, header_row=header_row, columns=(), skip_where={})
    texts = [name for name in names if table.frame.schema[name] == pl.String]
    skip = {name: words for name in texts if (words := _total_words(table.frame[name]))}
    kept = replace(whole, skip_where=skip)
    return replace(kept, columns=look_at(kept.frame, names))


def _total_words(series: pl.Series) -> tuple[str, ...]:
    short = series.filter(series.str.to_lowercase().str.contains(r"^\s*(gran[d]? )?(tot|sum|som)"))
    return tuple(text for text in short.unique(maintain_order=True).to_list() if plain(text) in TOTALS)


def is_row_number(sample: Sample, column: Column) -> bool:
    """Say whether a column only numbers the rows of the file."""
    if column.holds is not Holds.COUNTS or column.distinct != sample.frame.height:
        return False
    if not set(plain(column.name).split()) <= CODE_WORDS | {"fila", "row", "orden", "index", "o"}:
        return False
    numbers = sample.frame.select(Ref(column=column.name).text().cast(pl.Int64, strict=False)).to_series()
    steps = numbers.diff().drop_nulls()
    return bool((steps == 1).all())
