"""CSV and TSV: what is detected, and what is said about it."""

import csv

import pytest
from tests.unit.sources.formats.samples import COLUMNS, ROWS, csv_text, written

from escruta.base.errors import LayoutMismatch
from escruta.sources.formats import ROW, TableOptions, read_table


def codes(table) -> list[str]:
    return [note.code for note in table.notes]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_detected_and_reported(tmp_path, delimiter):
    table = read_table(written(tmp_path, csv_text(delimiter).encode()))
    assert (table.delimiter, table.frame.columns) == (delimiter, [ROW, *COLUMNS])
    assert ("F103" in codes(table)) == (delimiter != ",")


def test_delimiter_that_is_no_single_character_is_refused(tmp_path):
    with pytest.raises(LayoutMismatch, match="delimiter"):
        read_table(written(tmp_path, csv_text().encode()), TableOptions(delimiter="::"))


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("latin-1", "latin-1"),
        ("cp1252", "latin-1"),
        ("utf-16", "utf-16-le"),
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
    ],
)
def test_encoding_is_detected_and_reported(tmp_path, encoding, name):
    table = read_table(written(tmp_path, csv_text().encode(encoding)))
    assert table.encoding == name
    assert table.frame["place"].to_list() == [row[1] for row in ROWS]
    assert [code for code in codes(table) if code < "F103"] == {
        "utf-8": [],
        "utf-8-sig": ["F102"],
        "utf-16": ["F102"],
    }.get(encoding, ["F101"])


def test_windows_1252_is_told_from_latin_1_by_its_punctuation(tmp_path):
    path = written(tmp_path, csv_text().replace("LA PAZ", "“LA PAZ”").encode("cp1252"))
    assert read_table(path).encoding == "windows-1252"


def test_windows_1252_is_told_from_latin_1_however_late_its_punctuation_comes(tmp_path):
    early = b"codigo;localidad;votos\n" + "1;Cañada;12\n".encode("cp1252") * 20_000
    table = read_table(written(tmp_path, early + "2;K’asa;7\n".encode("cp1252")))
    assert (table.encoding, table.frame["localidad"].item(-1)) == ("windows-1252", "K’asa")


def test_other_encodings_are_guessed_from_the_text(tmp_path):
    text = "станция,место,голоса\n" + "1,Средняя школа города Минска номер пять,12\n" * 20
    table = read_table(written(tmp_path, text.encode("cp1251")))
    assert table.frame.columns == [ROW, "станция", "место", "голоса"]
    assert codes(table)[1] == "F101"


def test_rows_count_lines_of_the_file(tmp_path):
    text = "title\n\nx,y\n1,2\n\n,,\n".replace(",,", ",") + '3,"two\nlines"\n4,5\n'
    table = read_table(written(tmp_path, text.encode()), TableOptions(header_row=3))
    assert table.frame.rows() == [(4, "1", "2"), (7, "3", "two\nlines"), (9, "4", "5")]
    (blank,) = [note for note in table.notes if note.code == "F106"]
    assert blank.details == {"count": 2, "first": 5}


def test_quoted_cells_are_read_alike_with_and_without_line_breaks(tmp_path):
    rows = [["a,b", 'say "x"', ""], ["1", "2", '""']]
    path = tmp_path / "t.csv"
    for extra in ([], [["two\nlines", "", "z"]]):
        with path.open("w", newline="", encoding="utf-8") as out:
            csv.writer(out).writerows([["x", "y", "z"], *rows, *extra])
        frame = read_table(path).frame.drop(ROW)
        assert frame.rows() == [tuple(cell or None for cell in row) for row in (*rows, *extra)]


def test_line_ends_are_reported(tmp_path):
    def ends(text: str) -> tuple[str | None, list[str]]:
        table = read_table(written(tmp_path, text.encode()))
        return table.line_ends, [code for code in codes(table) if code in {"F104", "F105"}]

    assert ends("a,b\n1,2\n") == ("LF", [])
    assert ends("a,b\r\n1,2\r\n") == ("CRLF", [])
    assert ends("a,b\r1,2\r") == ("CR", [])
    assert ends("a,b\r\n1,2\n") == ("mixed", ["F104"])
    assert ends("a,b\n1,2") == ("LF", ["F105"])


def test_column_names_are_tidied_and_a_column_called_row_is_kept(tmp_path):
    table = read_table(written(tmp_path, " A ,row,Cio\u0301n\n1,2,3\n".encode()))
    assert table.frame.columns == [ROW, "A", "file.row", "Ción"]
    assert [code for code in codes(table) if code in {"F107", "F108"}] == ["F107", "F108"]
    wanted = read_table(tmp_path / "table.csv", TableOptions(columns=("row", "Ción")))
    assert wanted.frame.rows() == [(2, "2", "3")]


def test_doubled_names_do_no_harm_where_nobody_asks_for_them(tmp_path):
    path = written(tmp_path, b"A,x,x,\n1,2,3,4\n")
    table = read_table(path, TableOptions(columns=("A",)))
    assert table.frame.rows() == [(2, "1")]
    assert "F109" in codes(table)
    with pytest.raises(LayoutMismatch, match="there twice"):
        read_table(path, TableOptions(columns=("x",)))


@pytest.mark.parametrize("name", ["*", "^a.*$"])
def test_column_name_that_is_a_pattern_is_refused(tmp_path, name):
    with pytest.raises(Exception, match="pattern"):
        read_table(written(tmp_path, f"{name},b\n1,2\n".encode()))


def test_text_encoded_twice_is_reported_and_repaired_when_asked(tmp_path):
    path = written(tmp_path, csv_text().encode().decode("cp1252", errors="ignore").encode())
    left = read_table(path)
    assert [note.code for note in left.notes if note.code > "F110"] == ["F111"]
    repaired = read_table(path, TableOptions(repair_encoding=True))
    assert repaired.frame["place"].to_list() == ["ASUNCIÓN", "LA PAZ", "ÑEMBY"]
    assert repaired.content_digest == left.content_digest


@pytest.mark.data
def test_campaign_file_has_24532_sheets(shared_data):
    table = read_table(shared_data / "ve-2024" / "campaign_v1.csv")
    assert table.frame.height == 24_532
    assert table.file.sha256 == "fd2712796bf8ec77dfe02e07cd864882c93f4079238c2d21b822b7b9a999f8ea"
    assert codes(table) == ["F110", "F102"]
    assert table.frame["EG"].cast(int).sum() == 7_156_462
