"""From a layout's references to Polars expressions: cells, rows to keep, station keys, area codes and names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from escruta.base.errors import LayoutMismatch
from escruta.election.definition import AreaCells, Cell, CellRef, KeyPart, Layout, Level, StationKey
from escruta.sources.formats import column_found

KEY_PART = "\0key."
"""Prefix of the columns that hold the parts of a station key: no file has a column of such a name."""


def file_column(name: str) -> pl.Expr:
    """Take a column of a file by the name that a layout gives it.

    The name is taken as it stands: in Polars a bare `*` and names between `^` and `$` would mean many columns.
    """
    return exactly(column_found(name))


def exactly(name: str) -> pl.Expr:
    """Take the one column of this very name."""
    return pl.selectors.by_name(name).as_expr()


def cell_of(ref: CellRef) -> Cell:
    """Read a bare column name as a cell."""
    return Cell(column=ref) if isinstance(ref, str) else ref


def cell_expression(ref: CellRef) -> pl.Expr:
    """Take a cell's text, trimmed; null where it is empty or its pattern does not match."""
    cell = cell_of(ref)
    if cell.column is None:
        return pl.lit(cell.value, dtype=pl.String)
    text = file_column(cell.column).cast(pl.String).str.strip_chars()
    if cell.pattern is not None:
        groups = re.compile(cell.pattern).groupindex
        text = text.str.extract(cell.pattern, groups.get("value", 1)).str.strip_chars()
    return pl.when(text != "").then(text)


def area_cells(ref: CellRef | AreaCells) -> AreaCells:
    """Read a bare reference as the area's name."""
    return ref if isinstance(ref, AreaCells) else AreaCells(name=ref)


def columns_of(layout: Layout) -> tuple[str, ...]:
    """List every column of the file that a layout speaks of, each once, under the name that it has in the table."""
    refs: list[CellRef | None] = [*layout.station.values(), layout.copy_id, layout.picture, layout.arrived]
    refs.append(layout.act)
    for ref in layout.areas.values():
        cells = area_cells(ref)
        refs += [cells.code, cells.name]
    names = [cell_of(ref).column for ref in refs if ref is not None]
    names += [*layout.where, *layout.skip_where, *layout.figures.values(), *layout.votes.values()]
    names += [layout.qr, layout.supersedes]
    if layout.long is not None:
        names += [layout.long.item, layout.long.votes]
    return tuple(dict.fromkeys(column_found(name) for name in names if name is not None))


def rows_to_keep(layout: Layout) -> pl.Expr:
    """Keep the rows in which the `where` columns hold one of their values and no `skip_where` column does."""
    keep = [_holds(name, values) for name, values in layout.where.items()]
    drop = [_holds(name, values) for name, values in layout.skip_where.items()]
    tests = [test.fill_null(value=False) for test in keep] + [~test.fill_null(value=False) for test in drop]
    return pl.all_horizontal(tests) if tests else pl.lit(value=True)


def _holds(name: str, values: str | Iterable[str]) -> pl.Expr:
    wanted = [values] if isinstance(values, str) else list(values)
    return file_column(name).cast(pl.String).str.strip_chars().is_in([value.strip() for value in wanted])


_VALUES_TOLD = 4


def require_rows(kept: int, layout: Layout, *, where: str, values: str = "") -> None:
    """Refuse a layout under which no row is left: a source that is silent by mistake looks like missing sheets.

    `values` are what stands in the file, as `values_of` tells it.
    """
    if kept:
        return
    asked = f"where = {layout.where}" + (f", skip_where = {layout.skip_where}" if layout.skip_where else "")
    raise LayoutMismatch(
        "the layout leaves no row of the file",
        where=where,
        found=values or asked,
        expected=f"a row for {asked}",
        advice="Compare the values in `where` and `skip_where` with those that stand in the file. Where rows of this "
        "source are still to come, name a source for those of the others too, or wait for its first row.",
    )


def values_of(frame: pl.DataFrame, layout: Layout) -> str:
    """Tell what stands in the columns by which a layout chooses rows: the values of each that most rows have."""
    told = []
    for name in dict.fromkeys((*layout.where, *layout.skip_where)):
        text = file_column(name).cast(pl.String).str.strip_chars().alias("text")
        counts = frame.select(text).group_by("text").len().sort(pl.col("len"), "text", descending=[True, False])
        some = [value or "nothing" for value in counts["text"].head(_VALUES_TOLD)]
        told.append(f"{name} = {', '.join(some)}{' …' if counts.height > _VALUES_TOLD else ''}")
    return "; ".join(told)


def key_columns(key: Sequence[KeyPart], cells: Mapping[str, CellRef]) -> list[pl.Expr]:
    """Write each part of the station key as the definition writes it, whatever the file's padding."""
    return [_key_part(part, cells[part.part]).alias(KEY_PART + part.part) for part in key]


def _key_part(part: KeyPart, ref: CellRef) -> pl.Expr:
    text = cell_expression(ref)
    if part.kind == "number":
        digits = text.str.contains("^[0-9]+$")
        text = pl.when(digits).then(text.str.strip_chars_start("0").str.zfill(1))
    return text if part.width is None else text.str.zfill(part.width)


def station_expression(stations: StationKey) -> pl.Expr:
    """Join the parts of the key to the station's id; null where any part is missing."""
    if len(stations.key) == 1:
        return pl.col(KEY_PART + stations.key[0].part)
    return pl.concat_str([KEY_PART + part.part for part in stations.key], separator=stations.separator)


def area_expressions(levels: Sequence[Level], layout: Layout) -> list[pl.Expr]:
    """Give, for each level, `code.<level>` and `name.<level>`, as the station key or the file's columns say them.

    An area without a code of its own is known by its name.
    """
    expressions = []
    for level in levels:
        cells = area_cells(layout.areas[level.id]) if level.id in layout.areas else AreaCells()
        name = cell_expression(cells.name) if cells.name is not None else pl.lit(None, dtype=pl.String)
        if level.code_from is not None:
            code = pl.col(KEY_PART + level.code_from.part).str.head(level.code_from.first)
        else:
            code = cell_expression(cells.code) if cells.code is not None else name
        expressions += [
            code.str.replace_all("/", "\u2215", literal=True).alias(f"code.{level.id}"),
            name.alias(f"name.{level.id}"),
        ]
    return expressions
