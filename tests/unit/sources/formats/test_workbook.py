"""XLSX: cells as they stand, and an independent reader that agrees."""

import io
import zipfile
from datetime import UTC, datetime

import polars as pl
import pytest
import xlsxwriter
from tests.unit.sources.formats.samples import written, xlsx_bytes

from escruta.base.errors import TableBroken
from escruta.sources.formats import ROW, TableOptions, read_table


def with_odd_cells() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet("hidden")
        page.hide()
        page = book.add_worksheet("data")
        page.activate()
        page.set_first_sheet()
        book.add_worksheet("more")
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        page.write_row("B3", ["code", "number", "mixed", "day", "moment", "truth", "total"])
        page.write_row("B4", ["007", 12, "12"])
        page.write_row("B5", ["008", 3.0, 12])
        page.write_row("B7", ["009", -4, 2.5])
        for row, when in ((3, datetime(2024, 7, 28, tzinfo=UTC)), (4, datetime(2024, 2, 29, tzinfo=UTC))):
            page.write_datetime(row, 4, when.replace(tzinfo=None), day)
        page.write_datetime("F4", datetime(2024, 7, 28, 18, 30, tzinfo=UTC).replace(tzinfo=None), day)
        page.write_boolean("G4", True)
        page.write_boolean("G5", False)
        page.write_formula("H4", "=C4", None, 12)
        page.write_string("I9", "")
    return out.getvalue()


def test_cells_are_given_as_they_stand(tmp_path):
    wanted = ("code", "number", "mixed", "day", "moment", "truth")
    table = read_table(written(tmp_path, with_odd_cells()), TableOptions(header_row=3, columns=wanted))
    assert table.frame.rows() == [
        (4, "007", 12, "12", "2024-07-28", "2024-07-28T18:30:00", "TRUE"),
        (5, "008", 3, "12", "2024-02-29", None, "FALSE"),
        (7, "009", -4, "2.5", None, None, None),
    ]
    assert table.frame.dtypes == [pl.UInt32, pl.String, pl.Int64, *[pl.String] * 4]
    assert {note.code: dict(note.details) for note in table.notes} == {
        "F110": {"format": "xlsx"},
        "F121": {"sheet": "data", "others": "hidden, more"},
        "F122": {"cells": 3, "first": "E4"},
        "F124": {"cells": 1, "first": "H4"},
        "F125": {"cells": 2, "first": "G4"},
    }


def test_formula_is_refused_where_it_is_asked_for(tmp_path):
    with pytest.raises(TableBroken, match=r"row 4, column total\n  found: H4"):
        read_table(written(tmp_path, with_odd_cells()), TableOptions(header_row=3))


def test_merged_header_is_refused(tmp_path):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet("data")
        page.merge_range("B1:C1", "votes")
        page.write("A1", "station")
        page.write_row("A2", ["1", 2, 3])
    path = written(tmp_path, out.getvalue())
    with pytest.raises(TableBroken, match="B1:C1"):
        read_table(path)
    assert read_table(path, TableOptions(columns=("station",))).frame.rows() == [(2, "1")]


def rewritten(content: bytes, change) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as whole, zipfile.ZipFile(out, "w") as changed:
        for name in whole.namelist():
            changed.writestr(name, change(name, whole.read(name).decode()))
    return out.getvalue()


def test_cells_without_names_and_elements_with_prefixes_are_read_alike(tmp_path):
    usual = read_table(written(tmp_path, xlsx_bytes()))

    def nameless(part: str, text: str) -> str:
        import re  # noqa: PLC0415

        return re.sub(r'(<(?:c|row)) r="[A-Z0-9]+"', r"\1", text) if "sheet1" in part else text

    def prefixed(part: str, text: str) -> str:
        import re  # noqa: PLC0415

        if "sheet1" not in part and "sharedStrings" not in part:
            return text
        text = re.sub(r"<(/?)([a-zA-Z])", r"<\1x:\2", text)
        return text.replace(" xmlns=", " xmlns:x=")

    for change in (nameless, prefixed):
        table = read_table(written(tmp_path, rewritten(xlsx_bytes(), change)))
        assert table.frame.equals(usual.frame)


def test_independent_reader_gives_the_same_cells(tmp_path):
    fastexcel = pytest.importorskip("fastexcel")
    path = written(tmp_path, xlsx_bytes([("a", "b", "c"), ("x", 1, 2.5), ("ñ & <b>", -7, 1e6), ("", 10**9, 0.1)]))
    ours = read_table(path).frame.drop(ROW).select(pl.all().cast(pl.String)).rows()
    theirs = fastexcel.read_excel(path).load_sheet(0, dtypes="string").to_polars().rows()
    assert ours == theirs


@pytest.mark.data
def test_paraguay_has_12252_sheets_and_place_names_encoded_twice(shared_data):
    path = shared_data / "py-2023" / "presidencia-py-2023.xlsx"
    table = read_table(path, TableOptions(sheet="datos"))
    assert table.frame.height == 12_252
    assert table.frame["ANR(1)"].sum() == 1_292_079
    assert [note.code for note in table.notes] == ["F110", "F111"]
    repaired = read_table(path, TableOptions(sheet="datos", repair_encoding=True))
    assert not any("Ã" in place for place in repaired.frame["dist"].unique())
    assert repaired.frame["mesa"].equals(table.frame["mesa"])


@pytest.mark.data
def test_independent_reader_gives_the_same_cells_of_paraguay(shared_data):
    fastexcel = pytest.importorskip("fastexcel")
    path = shared_data / "py-2023" / "presidencia-py-2023.xlsx"
    ours = read_table(path, TableOptions(sheet="datos")).frame.drop(ROW).select(pl.all().cast(pl.String))
    assert ours.equals(fastexcel.read_excel(path).load_sheet("datos", dtypes="string").to_polars())
