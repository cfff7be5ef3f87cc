"""The table of broken files: for every format an error that names the spot, or a cell that is no count, by kind."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.unit.sources.formats.samples import (
    COLUMNS,
    ROWS,
    canonical,
    csv_text,
    gzipped,
    jsonl_text,
    parquet_bytes,
    sample,
    statement,
    written,
    xlsx_bytes,
    zipped,
)

from escruta.base.errors import InputError
from escruta.sources.formats import TableOptions, parse_counts, read_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A broken file, and what an error must say of it, or the kinds of problem in its column A."""

    content: bytes
    says: tuple[str, ...] = ()
    kinds: tuple[str | None, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)


def delimited(mark: str) -> dict[str, Case]:
    text = csv_text(mark)
    wide = mark.join(f"c{index}" for index in range(300)) + "\n" + mark.join("1" for _ in range(300)) + "\n"

    def with_cell(cell: str) -> bytes:
        quoted = f'"{cell}"' if mark in cell else cell
        return text.replace("120", quoted).encode()

    return {
        "wrong encoding": Case(
            content=text.encode("latin-1"), options={"encoding": "utf-8"}, says=("row 2", "at byte 2", "utf-8")
        ),
        "unknown encoding": Case(content=text.encode(), options={"encoding": "klingon"}, says=("klingon",)),
        "UTF-8 but for one byte": Case(content=text.encode().replace(b"PAZ", b"P\xe1Z"), says=("byte 47", "UTF-8")),
        "truncated in a row": Case(content=text.encode()[:-5], says=("row 4", "3 cells", "4 cells", "cut off")),
        "truncated in quotes": Case(
            content=text.replace("LA PAZ", '"LA PAZ').encode(), says=("row 3", "quoted cell", "cut off")
        ),
        "quote astray": Case(content=text.replace("LA PAZ", '"LA" PAZ').encode(), says=("row 3", "quote")),
        "too many cells": Case(content=with_cell(f"1{mark}2").replace(b'"', b""), says=("row 2", "5 cells")),
        "header doubled": Case(content=text.replace("place", "A").encode(), says=("row 1", "'A' is used twice")),
        "header empty": Case(content=text.replace("place", "").encode(), says=("row 1", "column 2", "no name")),
        "empty": Case(content=b"", says=("the file is",)),
        "blank": Case(content=b"\n\n \n", says=("blank",)),
        "header row beyond the end": Case(content=text.encode(), options={"header_row": 40}, says=("row 40",)),
        "column missing": Case(
            content=text.encode(), options={"columns": ("A", "plase", "Z")}, says=("no Z", "no plase (nearest: place)")
        ),
        "NUL": Case(content=text.replace("120", "1\x000").encode(), says=("row 2", "NUL")),
        "thousands separators": Case(content=with_cell("1,234"), kinds=("thousands-separator", None, None)),
        "formula": Case(content=with_cell("=A1+B1"), kinds=("not-a-number", None, None)),
        "negative": Case(content=with_cell("-5"), kinds=("negative", None, None)),
        "1e3": Case(content=with_cell("1e3"), kinds=("not-integer", None, None)),
        "12.0": Case(content=with_cell("12.0"), kinds=("not-integer", None, None)),
        "NaN": Case(content=with_cell("NaN"), kinds=("not-a-number", None, None)),
        "10^30": Case(content=with_cell("1" + "0" * 30), kinds=("too-large", None, None)),
        "mixed line ends": Case(content=text.replace("\n", "\r\n", 2).encode(), kinds=(None, None, None)),
        "300 columns": Case(content=wide.encode()),
    }


def workbook(cell: object = 120, *, formulas: dict[str, str] | None = None) -> bytes:
    rows: list[list[object]] = [list(COLUMNS), *map(list, ROWS)]
    rows[1][2] = cell
    return xlsx_bytes(rows, formulas)


def with_part(part: str, old: bytes, new: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(workbook())) as whole, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as changed:
        for name in whole.namelist():
            content = whole.read(name)
            assert name != part or old in content
            changed.writestr(name, content.replace(old, new) if name == part else content)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
XLSX = {
    "truncated": Case(content=workbook()[:-30], says=("cut off",)),
    "part damaged": Case(content=with_part(SHEET, b"</row>", b"<row>"), says=("damaged", SHEET)),
    "document type": Case(
        content=with_part(SHEET, b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet'), says=("document type",)
    ),
    "cell off the sheet": Case(content=with_part(SHEET, b'"C2"', b'"C2000000"'), says=("C2000000", "XFD1048576")),
    "cell twice": Case(content=with_part(SHEET, b'"C2"', b'"D2"'), says=("row 2", "column D", "twice")),
    "text that is not there": Case(content=with_part(SHEET, b't="s"><v>0<', b't="s"><v>99<'), says=("shared text",)),
    "bomb": Case(content=with_part(SHEET, b"<sheetData>", b" " * (40 << 20) + b"<sheetData>"), says=("grows too far",)),
    "sheet missing": Case(content=workbook(), options={"sheet": "datos"}, says=("datos", "one of: data")),
    "header doubled": Case(
        content=xlsx_bytes([("A", "A"), (1, 2)]), says=("sheet data", "row 1", "column A: A, column B: A")
    ),
    "header empty": Case(content=xlsx_bytes([("A", "", "B"), (1, 2, 3)]), says=("row 1", "column B", "no name")),
    "empty": Case(content=xlsx_bytes([]), says=("sheet is empty",)),
    "column missing": Case(content=workbook(), options={"columns": ("Z",)}, says=("no Z",)),
    "formula": Case(content=workbook(formulas={"C2": "=1+1", "C4": "=2"}), says=("row 2", "column A", "C2, C4")),
    "thousands separators": Case(content=workbook("1,234"), kinds=("thousands-separator", None, None)),
    "negative": Case(content=workbook(-5), kinds=("negative", None, None)),
    "1e3 as text": Case(content=workbook("1e3"), kinds=("not-integer", None, None)),
    "1e3 as a number": Case(content=workbook(1e3), kinds=(None, None, None)),
    "12.5": Case(content=workbook(12.5), kinds=("not-integer", None, None)),
    "12.0 as text": Case(content=workbook("12.0"), kinds=("not-integer", None, None)),
    "NaN": Case(content=workbook("NaN"), kinds=("not-a-number", None, None)),
    "10^30": Case(content=workbook(1e30), kinds=("not-integer", None, None)),
    "10^30 as text": Case(content=workbook("1" + "0" * 30), kinds=("too-large", None, None)),
    "error cell": Case(
        content=with_part(SHEET, b'<c r="C2"><v>120</v>', b'<c r="C2" t="e"><v>#N/A</v>'),
        kinds=("not-a-number", None, None),
    ),
    "300 columns": Case(content=xlsx_bytes([[f"c{index}" for index in range(300)], [1] * 300])),
}


def parquet(**columns: object) -> bytes:
    out = BytesIO()
    pl.DataFrame(columns, strict=False).write_parquet(out)
    return out.getvalue()


PARQUET = {
    "truncated": Case(content=parquet_bytes()[:-10], options={"format": "parquet"}, says=("Parquet",)),
    "cut in half": Case(content=parquet_bytes()[:200], options={"format": "parquet"}, says=("Parquet",)),
    "header empty": Case(content=parquet(**{"A": [1], " ": [2]}), says=("no name",)),
    "header doubled": Case(content=parquet(**{"A": [1], "A ": [2]}), says=("'A' is used twice",)),
    "column missing": Case(content=parquet_bytes(), options={"columns": ("Z",)}, says=("no Z",)),
    "list": Case(content=parquet(A=[[1, 2]]), says=("column A", "List")),
    "negative": Case(content=parquet(A=[-5, 1]), kinds=("negative", None)),
    "fraction": Case(content=parquet(A=[1.5, 2.0]), kinds=("not-integer", "not-integer")),
    "NaN": Case(content=parquet(A=[float("nan"), 1.0]), kinds=("not-a-number", "not-integer")),
    "1e3": Case(content=parquet(A=["1e3", "1"]), kinds=("not-integer", None)),
    "10^30": Case(content=parquet(A=["1" + "0" * 30, "1"]), kinds=("too-large", None)),
    "too large for 64 bits": Case(content=parquet(A=pl.Series([2**63], dtype=pl.UInt64)), kinds=("too-large",)),
    "thousands separators": Case(content=parquet(A=["1,234", "1"]), kinds=("thousands-separator", None)),
    "300 columns": Case(content=parquet(**{f"c{index}": [1] for index in range(300)})),
}


def line(cell: str) -> bytes:
    return jsonl_text().replace("120", cell).encode()


JSONL = {
    "wrong encoding": Case(
        content=jsonl_text().encode("latin-1"), options={"encoding": "utf-8"}, says=("row 1", "byte 32")
    ),
    "truncated": Case(content=jsonl_text().encode()[:-5], says=("row 3", "no JSON", "cut off")),
    "key doubled": Case(content=line('1,"A":2'), says=("row 1", "twice", "A")),
    "nested key doubled": Case(content=line('1,"x":{"y":1},"x.y":2'), says=("row 1", "x.y")),
    "list": Case(content=line("[1]"), says=("row 1", "column A", "list")),
    "no object": Case(content=b'{"A":1}\n[1]\n', says=("row 2", "no object")),
    "NaN": Case(content=line("NaN"), says=("row 1", "NaN")),
    "column missing": Case(content=jsonl_text().encode(), options={"columns": ("Z",)}, says=("no Z",)),
    "NUL": Case(content=line("1\x00"), says=("row 1", "NUL")),
    "no keys": Case(content=b"{}\n{}\n", says=("no keys",)),
    "thousands separators": Case(content=line('"1,234"'), kinds=("thousands-separator", None, None)),
    "negative": Case(content=line("-5"), kinds=("negative", None, None)),
    "1e3": Case(content=line("1e3"), kinds=("not-integer", None, None)),
    "12.0": Case(content=line("12.0"), kinds=("not-integer", None, None)),
    "10^30": Case(content=line("1" + "0" * 30), kinds=("too-large", None, None)),
    "true": Case(content=line("true"), kinds=("not-a-number", None, None)),
    "mixed line ends": Case(content=jsonl_text().replace("\n", "\r\n", 1).encode(), kinds=(None, None, None)),
    "300 columns": Case(content=("{" + ",".join(f'"c{index}":1' for index in range(300)) + "}\n").encode()),
}


def stated(old: str, new: str) -> bytes:
    text = canonical(statement(), statement("01/0002")).decode()
    first, _, rest = text.partition("\n")
    assert old in rest
    return f"{first}\n{rest.replace(old, new)}".encode()


ACTASUM = {
    "wrong encoding": Case(content=stated('"01/0002"', '"ñ"').decode().encode("latin-1"), says=("row 2", "UTF-8")),
    "truncated": Case(content=sample("actasum")[:-20], says=("row 3", "JSON")),
    "key doubled": Case(content=stated('"01":10', '"01":10,"01":11'), says=("row 2", "column 01", "once")),
    "thousands separators": Case(content=stated(":10", ':"1,234"'), says=("row 2", "counts.candidatures.01", "1,234")),
    "negative": Case(content=stated(":10", ":-5"), says=("row 2", "counts.candidatures.01", "-5")),
    "1e3": Case(content=stated(":10", ":1e3"), says=("row 2", "counts.candidatures.01", "1000.0")),
    "NaN": Case(content=stated(":10", ":NaN"), says=("row 2", "NaN")),
    "true": Case(content=stated(":10", ":true"), says=("row 2", "counts.candidatures.01", "True")),
    "10^30": Case(content=stated(":10", ":1" + "0" * 30), says=("row 2", "counts.candidatures.01")),
    "null figure": Case(content=stated('"blank":3', '"blank":null'), says=("row 2", "counts.blank")),
    "no figure": Case(content=stated('"blank":3,', ""), says=("row 2", "counts.blank")),
    "other version": Case(content=stated("v0.1", "v0.2"), says=("row 2", "spec", "actasum/statement/v0.1")),
    "name empty": Case(content=stated('"01/0002"', '""'), says=("row 2", "station")),
    "unit unknown": Case(content=stated('"station":', '"unit":"x","station":'), says=("row 2", "unit", "aggregate")),
    "stage unknown": Case(content=stated('"station":', '"stage":"x","station":'), says=("row 2", "stage", "rerun")),
    "no id": Case(content=stated('"station":', '"supersedes":"sha256:1","station":'), says=("row 2", "supersedes")),
    "reason unknown": Case(
        content=stated('"blank":3', '"unread":{"blank":"torn"}'), says=("row 2", "counts.unread.blank", "illegible")
    ),
    "item unknown": Case(
        content=stated('"blank":3', '"unread":{"spoilt":"empty"},"blank":3'), says=("row 2", "counts.unread.spoilt")
    ),
    "unread with a value": Case(
        content=stated('"blank":3', '"blank":3,"unread":{"blank":"empty"}'), says=("row 2", "counts.unread.blank")
    ),
    "unread and not on the sheet": Case(
        content=stated('"blank":3', '"not_on_sheet":{"blank":"no-field"},"unread":{"blank":"empty"}'),
        says=("row 2", "blank", "both"),
    ),
    "no object": Case(content=stated('"candidatures":{"01":10,"02":5}', '"candidatures":[]'), says=("row 2", "object")),
    "mixed line ends": Case(content=sample("actasum").replace(b"\n", b"\r\n", 1)),
    "300 columns": Case(content=canonical(statement(counts={"candidatures": {str(code): 1 for code in range(300)}}))),
    "blank": Case(content=b"\n\n", options={"format": "actasum"}, says=("blank",)),
}

TABLE = {
    **{("csv", name): case for name, case in delimited(",").items()},
    **{("tsv", name): case for name, case in delimited("\t").items()},
    **{("xlsx", name): case for name, case in XLSX.items()},
    **{("parquet", name): case for name, case in PARQUET.items()},
    **{("jsonl", name): case for name, case in JSONL.items()},
    **{("actasum", name): case for name, case in ACTASUM.items()},
}


@pytest.mark.parametrize("wrap", [bytes, gzipped, zipped], ids=["plain", "gz", "zip"])
@pytest.mark.parametrize(("name", "broken"), TABLE)
def test_broken_file_names_the_spot(tmp_path, name, broken, wrap):
    case = TABLE[name, broken]
    path = written(tmp_path, wrap(case.content), "table.bin")
    asked = TableOptions(**{"format": name, **case.options})
    if case.says:
        with pytest.raises(InputError) as caught:
            read_table(path, asked, named="table.bin")
        message = str(caught.value)
        assert "where: table.bin" in message
        assert [words for words in case.says if words not in message] == [], message
    else:
        frame = read_table(path, asked, named="table.bin").frame
        assert broken != "300 columns" or frame.width > 300
        if case.kinds:
            assert kinds_in(frame) == case.kinds


def kinds_in(frame: pl.DataFrame) -> tuple[str | None, ...]:
    return tuple(frame.select(parse_counts(pl.col("A"))[1].alias("kind"))["kind"])


def test_nothing_is_written_by_reading(tmp_path):
    path: Path = written(tmp_path, sample("csv"))
    read_table(path)
    assert list(tmp_path.iterdir()) == [path]


HEADER_ONLY = {
    "csv": csv_text(",").split("\n")[0].encode() + b"\n",
    "tsv": csv_text("\t").split("\n")[0].encode(),
    "xlsx": xlsx_bytes([COLUMNS]),
    "parquet": parquet(**{name: pl.Series([], dtype=pl.Int64) for name in COLUMNS}),
    "jsonl": b"\n",
}


@pytest.mark.parametrize("name", HEADER_ONLY)
def test_a_header_without_rows_is_a_table_without_rows_yet(tmp_path, name):
    path = written(tmp_path, HEADER_ONLY[name], "table.bin")
    table = read_table(path, TableOptions(format=name, columns=("place", "A")))
    assert table.frame.columns == ["row", "place", "A"]
    assert table.frame.is_empty()
    assert "F113" in [note.code for note in table.notes]


@pytest.mark.parametrize("name", [name for name in HEADER_ONLY if name != "jsonl"])
def test_a_column_that_a_header_without_rows_lacks_is_still_refused(tmp_path, name):
    path = written(tmp_path, HEADER_ONLY[name], "table.bin")
    with pytest.raises(InputError, match="no Z"):
        read_table(path, TableOptions(format=name, columns=("A", "Z")))
