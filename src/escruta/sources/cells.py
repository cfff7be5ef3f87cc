"""From a layout's references to Polars expressions: cells, rows to keep, station keys, area codes and names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from escruta.election.definition import AreaCells, Cell, CellRef, KeyPart, Layout, Level, StationKey

KEY_PART = "key."
"""Prefix of the columns that hold the parts of a station key."""


def cell_of(ref: CellRef) -> Cell:
    """Read a bare column name as a cell."""
    return Cell(column=ref) if isinstance(ref, str) else ref


def cell_expression(ref: CellRef) -> pl.Expr:
    """Take a cell's text, trimmed; null where it is empty or its pattern does not match."""
    cell = cell_of(ref)
    if cell.column is None:
        return pl.lit(cell.value, dtype=pl.String)
    text = pl.col(cell.column).cast(pl.String).str.strip_chars()
    if cell.pattern is not None:
        groups = re.compile(cell.pattern).groupindex
        text = text.str.extract(cell.pattern, groups.get("value", 1)).str.strip_chars()
    return pl.when(text != "").then(text)


def area_cells(ref: CellRef | AreaCells) -> AreaCells:
    """Read a bare reference as the area's name."""
    return ref if isinstance(ref, AreaCells) else AreaCells(name=ref)


def columns_of(layout: Layout) -> tuple[str, ...]:
    """List every column of the file that a layout speaks of, each once."""
    refs: list[CellRef | None] = [*layout.station.values(), layout.copy_id, layout.picture, layout.act]
    for ref in layout.areas.values():
        cells = area_cells(ref)
        refs += [cells.code, cells.name]
    names = [cell_of(ref).column for ref in refs if ref is not None]
    names += [*layout.where, *layout.skip_where, *layout.figures.values(), *layout.votes.values()]
    names += [layout.qr, layout.supersedes]
    if layout.long is not None:
        names += [layout.long.item, layout.long.votes]
    return tuple(dict.fromkeys(name for name in names if name is not None))


def rows_to_keep(layout: Layout) -> pl.Expr:
    """Keep the rows in which the `where` columns hold one of their values and no `skip_where` column does."""
    keep = [pl.col(name).cast(pl.String).is_in(_values(values)) for name, values in layout.where.items()]
    drop = [pl.col(name).cast(pl.String).is_in(_values(values)) for name, values in layout.skip_where.items()]
    tests = [test.fill_null(value=False) for test in keep] + [~test.fill_null(value=False) for test in drop]
    return pl.all_horizontal(tests) if tests else pl.lit(value=True)


def _values(values: str | Iterable[str]) -> list[str]:
    return [values] if isinstance(values, str) else list(values)


def key_columns(key: Sequence[KeyPart], cells: Mapping[str, CellRef]) -> list[pl.Expr]:
    """Write each part of the station key as the definition writes it, whatever the file's padding."""
    return [_key_part(part, cells[part.part]).alias(KEY_PART + part.part) for part in key]


def _key_part(part: KeyPart, ref: CellRef) -> pl.Expr:
    text = cell_expression(ref)
    if part.kind == "number":
        digits = text.str.contains(r"^\d+$")
        text = pl.when(digits).then(text.str.strip_chars_start("0").str.zfill(1))
    return text if part.width is None else text.str.zfill(part.width)


def station_expression(stations: StationKey) -> pl.Expr:
    """Join the parts of the key to the station's id; null where any part is missing."""
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
