"""From cells to counts: what is a count becomes one, and everything else becomes a mark that says why it is not."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from escruta.election.definition import Layout
from escruta.sheets.figures import Mark
from escruta.sheets.readings import PLACED_MARKS_SCHEMA
from escruta.sources.formats import COUNT_LIMIT, CountProblem, parse_counts
from escruta.sources.formats.tables import NOT_GIVEN

CELL = "cell."
"""Prefix of the columns that hold the cells of the figures, as found."""

_PROBLEM = "problem."


def count_figures(
    frame: pl.DataFrame, figures: Iterable[str], marks: pl.DataFrame, layout: Layout
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Turn the cells `cell.<figure>` of each figure into counts, and say where there is none.

    `marks` are those that the file's format gave, by `row` and `figure`. Returns the frame with a column of Int64 for
    each figure, and the marks by position.
    """
    names = list(figures)
    parsed = {name: _parsed(frame, CELL + name, layout) for name in names}
    unclear = [name for name, (_, problem) in parsed.items() if problem is not None]
    counted = frame.with_columns(
        *(count.alias(name) for name, (count, _) in parsed.items()),
        *(problem.alias(_PROBLEM + name) for name, (_, problem) in parsed.items() if problem is not None),
    )
    given = marks.join(counted.select("row", at=_position()), on="row").select("at", "figure", given="mark")
    found = pl.concat([PLACED_MARKS_SCHEMA.to_frame(), *(_marks_of(counted, name, layout) for name in unclear)])
    explained = found.join(given, on=["at", "figure"], how="left", maintain_order="left").with_columns(
        mark=pl.coalesce("given", "mark")
    )
    if layout.empty == "zero":
        counted = counted.with_columns(_with_zeros(name, given) for name in unclear)
    kept = [name for name in counted.columns if not name.startswith((CELL, _PROBLEM))]
    told = pl.col("mark").is_not_null() & (pl.col("mark") != NOT_GIVEN)
    return counted.select(kept), explained.select(PLACED_MARKS_SCHEMA.names()).filter(told)


def _with_zeros(name: str, given: pl.DataFrame) -> pl.Expr:
    """Read empty cells as zeros, as the publisher says, but for those that the file itself marks as not read."""
    marked = given.filter(pl.col("figure") == name)["at"].implode()
    is_zero = (pl.col(_PROBLEM + name) == EMPTY).fill_null(value=False) & ~_position().is_in(marked)
    return pl.when(is_zero).then(pl.lit(0, dtype=pl.Int64)).otherwise(pl.col(name)).alias(name)


EMPTY = CountProblem.EMPTY.value


def _parsed(frame: pl.DataFrame, cell: str, layout: Layout) -> tuple[pl.Expr, pl.Expr | None]:
    """Parse a column of cells into its counts and problems; a column of nothing but plain counts has none."""
    if not layout.illegible and _holds_counts(frame[cell]):
        empty = pl.when(pl.col(cell).is_null()).then(pl.lit(EMPTY))
        return pl.col(cell).cast(pl.Int64), empty if frame[cell].null_count() else None
    return parse_counts(pl.col(cell), thousands=layout.thousands, unread_tokens=layout.illegible)


def _holds_counts(column: pl.Series) -> bool:
    if column.dtype == pl.String:
        return column.str.contains(_PLAIN).all(ignore_nulls=True)
    return column.dtype == pl.Int64 and not ((column < 0) | (column > COUNT_LIMIT)).any()


_PLAIN = "^[0-9]{1,7}$"
"""Texts that are counts whatever the layout says, below the limit of a count."""


def _marks_of(counted: pl.DataFrame, name: str, layout: Layout) -> pl.DataFrame:
    problem = pl.col(_PROBLEM + name)
    empty = {"unread": Mark.EMPTY.value, "not-on-sheet": Mark.NOT_ON_SHEET.value, "zero": None}[layout.empty]
    mark = (
        pl.when(problem == EMPTY)
        .then(pl.lit(empty, dtype=pl.String))
        .when(problem == CountProblem.UNREAD_TOKEN.value)
        .then(pl.lit(Mark.ILLEGIBLE.value))
        .otherwise(pl.lit(Mark.NOT_A_COUNT.value))
    )
    return (
        counted.with_columns(at=_position())
        .filter(problem.is_not_null())
        .select("at", figure=pl.lit(name), mark=mark, found=_publishable(pl.col(CELL + name).cast(pl.String), layout))
    )


_OPEN = r"^(?:[0-9.,'’+\-−eE\s]{1,12}|#\S*|.{0,4})$"
"""What is published as it stands: what could be a count, a spreadsheet's error, and the shortest of texts."""
_MANY_DIGITS = "^[0-9]{8,}$"


def _publishable(cell: pl.Expr, layout: Layout) -> pl.Expr:
    """Give what stands in a cell, unless it might be a person's name or number: a column mapped by mistake holds those.

    The file and row of the finding say where the cell can be read.
    """
    text = cell.str.strip_chars()
    is_open = (text.str.contains(_OPEN) & ~text.str.contains(_MANY_DIGITS)) | text.is_in(list(layout.illegible))
    masked = pl.concat_str(pl.lit("("), text.str.len_chars().cast(pl.String), pl.lit(" characters)"))
    return pl.when(is_open | cell.is_null()).then(cell).otherwise(masked)


def _position() -> pl.Expr:
    return pl.int_range(pl.len(), dtype=pl.UInt32)
