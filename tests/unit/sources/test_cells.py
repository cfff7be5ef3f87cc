"""References of a layout: cells, rows to keep, station keys, areas; whatever the columns of a file are called."""

from __future__ import annotations

import unicodedata

import polars as pl
import pytest
from tests.unit.sources.layouts import layout_of

from escruta.election.definition import Cell, KeyPart, KeySlice, Layout, Level, StationKey
from escruta.sources.cells import (
    area_expressions,
    cell_expression,
    columns_of,
    key_columns,
    rows_to_keep,
    station_expression,
)


def layout(**parts: object) -> Layout:
    return layout_of({"station": {"table": "T"}, **parts})


def cells(texts: list[str | None], ref: str | Cell) -> list[str | None]:
    return pl.DataFrame({"T": texts}, schema={"T": pl.String}).select(cell_expression(ref).alias("x"))["x"].to_list()


def test_cell_is_trimmed_and_an_empty_one_is_null() -> None:
    assert cells([" 7 ", "", "  ", None], "T") == ["7", None, None, None]


def test_cell_of_a_pattern_that_does_not_match_is_null() -> None:
    assert cells(["1-LA PAZ", "LA PAZ", "2-"], Cell(column="T", pattern=r"^\d+-(.*)$")) == ["LA PAZ", None, None]


def test_cell_takes_the_group_called_value() -> None:
    assert cells(["a-b"], Cell(column="T", pattern="(.)-(?P<value>.)")) == ["b"]


def test_constant_cell_needs_no_column() -> None:
    assert cells(["x"], Cell(value="9")) == ["9"]


@pytest.mark.parametrize(
    "name", ["*", "^.*$", "^T$", "a.b", 'say "x"', "état", "\N{LATIN SMALL LETTER E}\N{COMBINING ACUTE ACCENT}"]
)
def test_column_is_taken_by_its_very_name(name: str) -> None:
    found = unicodedata.normalize("NFC", name)
    frame = pl.DataFrame({"T": ["wrong"], found: ["right"]})
    assert frame.select(cell_expression(f" {name} ").alias("x"))["x"].to_list() == ["right"]


def test_column_called_row_is_the_files_own() -> None:
    frame = pl.DataFrame({"row": [2], "file.row": ["17"]})
    assert frame.select(cell_expression("row").alias("x"))["x"].to_list() == ["17"]
    assert columns_of(layout(votes={"ana": "row"})) == ("T", "file.row")


def kept(frame: pl.DataFrame, **parts: object) -> list[str]:
    return frame.filter(rows_to_keep(layout(**parts)))["T"].to_list()


def test_rows_are_kept_by_where_and_left_out_by_skip_where() -> None:
    frame = pl.DataFrame(
        {"T": ["1", "2", "3", "4"], "office": ["P", " P ", None, "S"], "kind": ["sheet", "total", None, "sheet"]}
    )
    assert kept(frame, where={"office": "P"}) == ["1", "2"]
    assert kept(frame, where={"office": ["P", "S"]}) == ["1", "2", "4"]
    assert kept(frame, skip_where={"kind": "total"}) == ["1", "3", "4"]
    assert kept(frame, where={"office": "P"}, skip_where={"kind": "total"}) == ["1"]
    assert kept(frame) == ["1", "2", "3", "4"]


def test_rows_are_kept_by_numbers_too() -> None:
    assert kept(pl.DataFrame({"T": ["1", "2"], "office": [1, 2]}), where={"office": "2"}) == ["2"]


def stations(key: StationKey, **columns: list[str]) -> list[str | None]:
    frame = pl.DataFrame(columns)
    parts = key_columns(key.key, {part.part: part.part for part in key.key})
    return frame.with_columns(parts).select(x=station_expression(key))["x"].to_list()


def test_station_is_the_same_however_its_numbers_are_padded() -> None:
    key = StationKey(key=(KeyPart(part="centre", kind="number", width=4), KeyPart(part="table", kind="number")))
    assert stations(key, centre=["0012", "12", " 12"], table=["01", "1", "001"]) == ["0012.1"] * 3
    assert stations(key, centre=["0", "000"], table=["0", "00"]) == ["0000.0"] * 2


@pytest.mark.parametrize("text", ["", "x1", "-1", "1.0", "1e3", "٣", "+1"])
def test_station_number_that_is_no_number_names_no_station(text: str) -> None:
    key = StationKey(key=(KeyPart(part="table", kind="number"),))
    assert stations(key, table=[text]) == [None]


def test_station_without_a_part_has_no_name() -> None:
    key = StationKey(key=(KeyPart(part="centre"), KeyPart(part="table")))
    assert stations(key, centre=["1", ""], table=["", "2"]) == [None, None]


def test_text_keys_are_told_apart_by_every_character() -> None:
    key = StationKey(key=(KeyPart(part="table"),))
    assert stations(key, table=["01", "1", "1 a", "É", "a\nb", 'a"b']) == ["01", "1", "1 a", "É", "a\nb", 'a"b']


def test_areas_come_from_the_key_and_from_columns_and_a_slash_in_a_code_parts_no_path() -> None:
    levels = (
        Level(id="state", name="State", code_from=KeySlice(part="table", first=2)),
        Level(id="town", name="Town"),
        Level(id="place", name="Place"),
    )
    spoken = layout_of(
        {"station": {"table": "T"}, "areas": {"state": "S", "town": {"code": "C", "name": "N"}, "place": "P"}}
    )
    frame = pl.DataFrame({"T": ["0107"], "S": ["Norte"], "C": ["7"], "N": ["Peña"], "P": ["A/B"]})
    keyed = frame.with_columns(key_columns((KeyPart(part="table"),), spoken.station))
    row = keyed.select(area_expressions(levels, spoken)).row(0, named=True)
    assert (row["code.state"], row["name.state"]) == ("01", "Norte")
    assert (row["code.town"], row["name.town"]) == ("7", "Peña")
    assert "/" not in row["code.place"]
    assert row["name.place"] == "A/B"
