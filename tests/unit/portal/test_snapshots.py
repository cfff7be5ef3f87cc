"""Which pages of areas are touched: a row of any table touches the page that shows it, and those above."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import pytest

from escruta.portal.contents import Area
from escruta.portal.places import Places
from escruta.portal.snapshots import Snapshot, touched_areas

PLACES = Places(
    [
        Area("", 0, "country", "", "Utopia", "", 4),
        *(Area(each, 1, "region", each, each, "", 2) for each in ("N", "S")),
        *(Area(f"{each}/1", 2, "town", "1", "Town", each, 2) for each in ("N", "S")),
    ],
    prefix="",
)
STATIONS = ["n1", "n2", "s1", "s2"]
READINGS = ["r1", "r2", "r3", "r4"]
AREAS = ["N", "N/1", "S", "S/1"]
TABLES: Mapping[str, pl.DataFrame] = {
    "verdicts-c": pl.DataFrame({"station": STATIONS, "area": ["N/1", "N/1", "S/1", "S/1"], "x": 0}),
    "readings-c": pl.DataFrame({"station": STATIONS, "reading": READINGS, "picture": ["a", "b", "c", "d"], "x": 0}),
    "areas-c": pl.DataFrame({"area": [*AREAS, None], "x": 0}),
    "marks": pl.DataFrame({"contest": "c", "reading": READINGS, "x": 0}),
    "findings": pl.DataFrame({"contest": ["c", None, "c", "c"], "station": STATIONS, "x": 0}),
    "stations": pl.DataFrame({"station": STATIONS, "x": 0}),
    "totals": pl.DataFrame({"contest": "c", "area": [None, *AREAS], "x": 0}),
    "pictures": pl.DataFrame({"source": "q", "picture": ["a", "b", "c", "d"], "x": 0}),
}


def snapshot(changed: Mapping[str, pl.DataFrame] | None = None) -> Snapshot:
    """Take down tables of which some are others."""
    return Snapshot(
        frame="", others={}, contests=("c",), tables={**TABLES, **(changed or {})}, places=(PLACES,), log=None
    )


def with_another_value(name: str, row: int) -> pl.DataFrame:
    """Change what stands in a row beside its key."""
    return TABLES[name].with_columns(x=(pl.int_range(pl.len()) == row).cast(pl.Int32))


@pytest.mark.parametrize("name", sorted(TABLES.keys() - {"areas-c", "totals"}))
def test_a_row_of_a_station_touches_its_area_and_the_one_above(name: str) -> None:
    assert touched_areas(snapshot(), snapshot({name: with_another_value(name, 2)})) == (frozenset({"S", "S/1"}),)


@pytest.mark.parametrize(("name", "row"), [("areas-c", 1), ("totals", 2)])
def test_a_row_of_an_area_touches_it_and_the_one_above(name: str, row: int) -> None:
    assert touched_areas(snapshot(), snapshot({name: with_another_value(name, row)})) == (frozenset({"N", "N/1"}),)


def test_a_station_that_moves_touches_both_areas() -> None:
    moved = TABLES["verdicts-c"].with_columns(area=pl.Series(["N/1", "S/1", "S/1", "S/1"]))
    assert touched_areas(snapshot(), snapshot({"verdicts-c": moved})) == (frozenset({"N", "N/1", "S", "S/1"}),)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_row_that_came_and_the_same_one_that_went_touch_alike(name: str) -> None:
    fewer = snapshot({name: TABLES[name][1:]})
    assert touched_areas(fewer, snapshot()) == touched_areas(snapshot(), fewer)


def test_the_same_tables_touch_nothing_and_another_set_of_tables_everything() -> None:
    without_pictures = {name: table for name, table in TABLES.items() if name != "pictures"}
    fewer = Snapshot(frame="", others={}, contests=("c",), tables=without_pictures, places=(PLACES,), log=None)
    assert touched_areas(snapshot(), snapshot()) == (frozenset(),)
    assert touched_areas(snapshot(), fewer) is None
    assert touched_areas(None, snapshot()) is None
