"""Rows that are refused, since counting them and losing them would both be wrong; each is told with file and row."""

from __future__ import annotations

import polars as pl

from escruta.base.errors import LayoutMismatch
from escruta.election.definition import Act, Layout, StationKey
from escruta.sources.cells import cell_of, key_columns
from escruta.sources.formats import column_found


def require_stations(frame: pl.DataFrame, nameless: pl.Series, layout: Layout, *, where: str) -> None:
    """Refuse rows that name no station: they may be printed totals, and counting or losing them would both be wrong."""
    if not nameless.any():
        return
    row = frame.filter(nameless).row(0, named=True)
    columns = [column for column in (cell_of(ref).column for ref in layout.station.values()) if column is not None]
    raise LayoutMismatch(
        f"{nameless.sum():,} rows name no polling station",
        where=where,
        row=row["row"],
        found=", ".join(f"{column} = {row[column_found(column)]!r}" for column in dict.fromkeys(columns)),
        expected="a value for each part of the station key",
        advice="If these rows are totals, leave them out with the layout's `skip_where`; else mend `station`.",
    )


def require_one_name_each(frame: pl.DataFrame, stations: StationKey, layout: Layout, *, where: str) -> None:
    """Refuse a part of a key that holds the separator: two stations could then be written with one name."""
    texts = [part for part in stations.key if part.kind == "text"]
    if len(stations.key) == 1 or not texts or not stations.separator:
        return
    parts = frame.select("row", *key_columns(texts, layout.station))
    holds = pl.any_horizontal(pl.exclude("row").str.contains(stations.separator, literal=True))
    unclear = parts.filter(holds)
    if unclear.is_empty():
        return
    row, *found = unclear.row(0)
    raise LayoutMismatch(
        "a part of the station key holds the separator",
        where=where,
        row=row,
        found=", ".join(repr(text) for text in found),
        expected=f"parts without {stations.separator!r}",
        advice="Name another `separator` in the definition's `stations`: with this one, two stations may share a name.",
    )


def require_acts(prepared: pl.DataFrame, *, where: str) -> None:
    """Refuse rows that speak of an act that nobody knows."""
    acts = [act.value for act in Act]
    unknown = prepared.filter(~pl.col("act").is_in(acts))
    if unknown.is_empty():
        return
    raise LayoutMismatch(
        "a row speaks of an act that we do not know",
        where=where,
        row=int(unknown["row"][0]),
        found=unknown["act"][0],
        expected=", ".join(acts),
        advice="Give each act a source of its own, chosen with the layout's `where`, and name the act there.",
    )
