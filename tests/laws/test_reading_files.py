"""Laws of reading: any bytes give a table or an error that we can explain; packing and encoding change nothing."""

import csv
import io
import tempfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.sources.formats.samples import COLUMNS, FORMATS, ROWS, csv_text, gzipped, sample, xlsx_bytes, zipped

from escruta.base.errors import InputError
from escruta.sources.files import ExpansionLimits, open_source
from escruta.sources.formats import ROW, RawTable, TableOptions, read_table, reader

SMALL = ExpansionLimits(expanded_bytes=1 << 22, ratio_from_bytes=1 << 20)
SHARDS = [b'"', b"\n", b"\r", b",", b"\x00", b"\xff", b"{}", b"1e3", b"-"]


def read_bytes(content: bytes, name: str | None = None, **options: Any) -> RawTable:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "table.bin")
        path.write_bytes(content)
        if name is None:
            return read_table(path, TableOptions(**options))
        return reader(name)(open_source(path, limits=SMALL), TableOptions(format=name, **options))


def read_or_explain(content: bytes, name: str) -> None:
    try:
        table = read_bytes(content, name)
    except InputError:
        pass
    else:
        assert table.frame.columns[0] == ROW
        assert set(table.frame.dtypes[1:]) <= {pl.String(), pl.Int64()}
        assert all(str(note) for note in table.notes)


@st.composite
def damaged(draw, whole: bytes) -> bytes:
    """A file with some bytes cut out, doubled, or overwritten."""
    content = bytearray(whole)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        length = draw(st.integers(0, 12))
        content[start : start + length] = draw(st.binary(max_size=12) | st.sampled_from(SHARDS))
    return bytes(content)


@pytest.mark.parametrize("name", FORMATS)
@given(content=st.binary(max_size=400))
@example(content=b"")
@example(content=b"\n")
@example(content=b"\x00")
@example(content=b"\xff\xfe")
@example(content=b"\xef\xbb\xbf")
@example(content=b"PK\x03\x04")
@example(content=b"PAR1PAR1")
@example(content=b"\x1f\x8b")
@example(content=b"[" * 100_000)
@example(content=b'{"a":' * 100_000)
@example(content=b'{"a":' + b"9" * 5_000 + b"}")
@example(content=b'{"a":"\\ud800"}')
def test_reading_any_bytes_gives_a_table_or_an_input_error(name, content):
    read_or_explain(content, name)


@pytest.mark.parametrize("name", FORMATS)
@given(draw=st.data())
def test_reading_a_damaged_file_gives_a_table_or_an_input_error(name, draw):
    read_or_explain(draw.draw(damaged(sample(name))), name)
    read_or_explain(draw.draw(damaged(gzipped(sample(name)))), name)
    read_or_explain(draw.draw(damaged(zipped(sample(name)))), name)


def wrappings(content: bytes) -> list[bytes]:
    return [content, gzipped(content), zipped(content)]


@pytest.mark.parametrize("name", FORMATS)
def test_content_digest_is_the_same_however_the_file_is_packed(name):
    tables = [read_bytes(content, name) for content in wrappings(sample(name))]
    assert len({table.content_digest for table in tables}) == 1
    assert len({table.file.sha256 for table in tables}) == 3
    assert all(table.frame.equals(tables[0].frame) for table in tables)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "windows-1252", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("tail", ["", "\n", "\n\n\n"])
def test_content_digest_is_the_same_for_any_line_end_encoding_and_mark(line_end, encoding, tail):
    usual = read_bytes(csv_text().encode(), "csv")
    text = csv_text().removesuffix("\n") + tail
    for content in wrappings(text.replace("\n", line_end).encode(encoding)):
        for declared in (None, encoding):
            table = read_bytes(content, "csv", encoding=declared)
            assert table.content_digest == usual.content_digest
            assert table.frame.equals(usual.frame)


def test_content_digest_of_a_plain_file_is_its_sha256():
    table = read_bytes(csv_text().encode(), "csv")
    assert table.content_digest == table.file.sha256


@pytest.mark.parametrize(
    "changed", [csv_text().replace("120", "121"), csv_text() + "004,X,1,1\n", csv_text().replace("A,B", "B,A")]
)
def test_content_digest_differs_when_a_cell_a_row_or_a_name_does(changed):
    usual = read_bytes(csv_text().encode(), "csv")
    assert read_bytes(changed.encode(), "csv").content_digest != usual.content_digest


def test_content_digest_of_a_workbook_is_that_of_its_csv():
    rows = [("station", "name"), ("007", 'a "b", c'), ("008", "two\nlines"), ("", "x"), (12, 2.5)]
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\n").writerows(rows)
    table = read_bytes(xlsx_bytes(rows), "xlsx")
    assert table.content_digest == read_bytes(lines.getvalue().encode(), "csv").content_digest


def test_every_format_gives_the_same_rows():
    expected = [tuple(map(str, row)) for row in ROWS]
    for name in ("csv", "tsv", "xlsx", "parquet", "jsonl"):
        frame = read_bytes(sample(name), name).frame
        assert frame.columns == [ROW, *COLUMNS]
        assert frame.drop(ROW).select(pl.all().cast(pl.String)).rows() == expected


CELLS = st.text(alphabet=st.sampled_from('ab",;\n \tñ12'), max_size=6)


@given(rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=8), quoting=st.sampled_from([0, 1]))
def test_csv_written_by_python_is_read_as_written(rows, quoting):
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n", quoting=quoting)
    writer.writerows([("x", "y", "z"), *rows])
    filled = [tuple(cell or None for cell in row) for row in rows if any(cell.strip(" ") for cell in row)]
    try:
        found = read_bytes(lines.getvalue().encode(), "csv", delimiter=",").frame.drop(ROW).rows()
    except InputError as error:
        assert not filled, error  # noqa: PT017 - a file without rows is refused, and nothing else is
    else:
        assert found == filled


@given(columns=st.sets(st.sampled_from(COLUMNS), min_size=1))
def test_wanted_columns_are_those_of_the_whole_table(columns):
    for name in ("csv", "tsv", "xlsx", "parquet", "jsonl"):
        whole = read_bytes(sample(name), name)
        some = read_bytes(sample(name), name, columns=tuple(columns))
        assert some.frame.equals(whole.frame.select(ROW, *(name for name in COLUMNS if name in columns)))
        assert some.content_digest == whole.content_digest
