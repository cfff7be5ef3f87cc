"""Of a file that grew only the new rows are read, and they are the ones that the whole file ends with, or none are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from escruta.base.errors import InputError, LayoutMismatch
from escruta.sheets.figures import figures_of
from escruta.sources.formats import RawTable, TableOptions, read_table
from escruta.sources.growth import rows_since
from escruta.sources.readings import SourceReadings, read_source
from escruta.testing import SmallElection, SmallSource

HEADERS = [b"a,b\n", b"a;b\n", b" a ,b\n", b"above\na,b\n", b'a,"b\nc"\n', b'"x\na,b\n', b"a,b\r\n"]
ODD = [b"1;2\n", b'"x",\n', b"\n", b"1,2", b"1,2\r\n", b"\xf3,2\n", "ó,ASUNCIÃ“N\n".encode(), b"1\n", b'c"\n']
LINES = [b"1,2\n"] * 20 + [*ODD, b'"1\n2",3\n', b'x"y,1\n', b"\x00,1\n", b" , \n"]
TEXTS = st.lists(st.sampled_from(LINES), max_size=5).map(b"".join)
ASKED = [TableOptions()] * 2 + [
    TableOptions(header_row=2),
    TableOptions(encoding="latin-1"),
    TableOptions(encoding="utf-8"),
    TableOptions(repair_encoding=True),
]


def grow(path: Path, before: bytes, more: bytes, options: TableOptions) -> tuple[RawTable, RawTable | None]:
    path.write_bytes(before)
    known = read_table(path, options, named="f.csv").without_rows()
    path.write_bytes(before + more)
    return known, rows_since(known, path, options)


@given(
    header=st.sampled_from([*HEADERS, b"\xef\xbb\xbfa,b\n"]), before=TEXTS, more=TEXTS, options=st.sampled_from(ASKED)
)
@example(header=b'a,"b\nc"\n', before=b"1,2\n", more=b'c"\n1,2\n', options=TableOptions())
@example(header=b"a,b\n", before=b"\n1,2\n", more=b"\n3,4\n", options=TableOptions())
@example(header=b"above\na,b\n", before=b"1,2\n", more=b"3,4\n", options=TableOptions(header_row=2))
@example(header=b"a,b\n", before=b"1,2\n", more="ó,ASUNCIÃ“N\n".encode(), options=TableOptions())
def test_rows_since_are_those_at_the_end_of_the_whole_file(
    header: bytes, before: bytes, more: bytes, options: TableOptions
) -> None:
    with TemporaryDirectory() as name:
        path = Path(name, "f.csv")
        try:
            known, found = grow(path, header + before, more, options)
        except InputError:
            return
        if found is None:
            return
        whole = read_table(path, options, named="f.csv")
        assert found.frame.equals(whole.frame.tail(found.frame.height))
        assert replace(found, frame=whole.frame, marks=whole.marks) == whole
        path.write_bytes(header + before)
        assert read_table(path, options).frame.equals(whole.frame.head(whole.frame.height - found.frame.height))
        assert known.frame.schema == whole.frame.schema


def test_rows_since_have_the_numbers_of_the_whole_file(tmp_path: Path) -> None:
    _, found = grow(tmp_path / "f.csv", b'a,b\n"1\n2",3\n4,5\n', b"6,7\n8,9\n", TableOptions(format="csv"))
    assert found is not None
    assert found.frame.rows() == [(5, "6", "7"), (6, "8", "9")]


@pytest.mark.parametrize("more", [b"1\n", b'"x,1\n', b"\xff,1\n", b"\n", b"1,2", b"1,2\r\n", b""])
def test_what_is_more_than_rows_is_left_to_who_reads_the_whole(tmp_path: Path, more: bytes) -> None:
    assert grow(tmp_path / "f.csv", b"a,b\n1,2\n", more, TableOptions(format="csv"))[1] is None


def test_a_file_that_was_rewritten_is_read_whole(tmp_path: Path) -> None:
    path, options = tmp_path / "f.csv", TableOptions(format="csv")
    known, _ = grow(path, b"a,b\n1,2\n", b"", options)
    path.write_bytes(b"a,b\n1,3\n4,5\n")
    assert rows_since(known, path, options) is None


ROWS = st.tuples(
    st.sampled_from("1234567"), st.sampled_from([1, 2, "?", None]), st.sampled_from([3, ""]), st.sampled_from("ab")
)
NIGHT = SmallElection(sources=(SmallSource(id="one", rows=({"station": "1", "ana": 1, "ben": 3, "race": "a"},)),))


@settings(max_examples=25)
@given(before=st.lists(ROWS, max_size=5), more=st.lists(ROWS, min_size=1, max_size=4))
@example(
    before=[("2", "?", 3, "a"), ("4", 1, "", "a")], more=[("3", "?", "", "a"), ("1", 1, 3, "a"), ("3", "?", 3, "a")]
)
@example(before=[("2", 1, 3, "a")], more=[("2", 1, 3, "b"), ("9", 1, 3, "b")])
@example(before=[("2", 1, 3, "a"), ("2", 2, 3, "a")], more=[("1", 1, 3, "a"), ("3", 1, 3, "a"), ("3", 1, 3, "a")])
def test_a_source_whose_file_grew_says_what_the_whole_file_says(
    before: list[tuple[object, ...]], more: list[tuple[object, ...]]
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        election = NIGHT.write(folder)
        source = election.sources[0]
        source = source.model_copy(update={"layout": source.layout.model_copy(update={"where": {"race": "a"}})})
        figures = figures_of(election.contests[0], [source])

        def read(rows: list[tuple[object, ...]], since: SourceReadings | None) -> SourceReadings:
            lines = [
                "station,ana,ben,race",
                *(",".join("" if cell is None else str(cell) for cell in row) for row in rows),
            ]
            (folder / "one.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
            return read_source(election, source, figures, (folder,), since=since)

        try:
            found, whole = read([*before, *more], read(before, None)), read([*before, *more], None)
        except LayoutMismatch:
            return
        assert_frame_equal(found.readings.rows, whole.readings.rows)
        assert_frame_equal(found.readings.marks, whole.readings.marks)
        assert_frame_equal(found.stations, whole.stations)
        assert found.files[0].rows == whole.files[0].rows
        assert found.files[0].table.notes == whole.files[0].table.notes


def test_rows_of_others_leave_what_a_source_says_as_it_was(tmp_path: Path) -> None:
    election = NIGHT.write(tmp_path)
    source = election.sources[0]
    figures = figures_of(election.contests[0], [source])
    source = source.model_copy(update={"layout": source.layout.model_copy(update={"where": {"race": "a"}})})
    path = tmp_path / "one.csv"
    first = read_source(election, source, figures, (tmp_path,))
    path.write_bytes(path.read_bytes() + b"2,1,3,b\n")
    second, whole = (read_source(election, source, figures, (tmp_path,), since=since) for since in (first, None))
    assert second.readings is first.readings
    assert [(each.rows, each.unclaimed) for each in second.files] == [(2, "")]
    assert [(each.rows, each.unclaimed) for each in whole.files] == [(2, "")]
