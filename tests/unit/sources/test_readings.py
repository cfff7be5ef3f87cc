"""From a source's files to its readings: every sheet once, nothing lost, nothing guessed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from tests.laws.examining import contest_of, examined

from escruta.base.errors import DigestDiffers, FileUnreadable, LayoutMismatch
from escruta.election.definition import Election
from escruta.sheets.figures import figures_of
from escruta.sources.readings import SourceReadings, read_source
from escruta.testing import Row, SmallElection, SmallSource

SHEET: Row = {"station": "1", "ana": 3, "ben": 2}


def one(*rows: Row, **more: object) -> SmallElection:
    return SmallElection(sources=(SmallSource(id="feed", rows=rows or (SHEET,)),), **more)  # type: ignore[arg-type]


def read(night: SmallElection, folder: Path, change: object = None) -> SourceReadings:
    election = night.write(folder)
    if callable(change):
        election = change(election)
    source = election.sources[0]
    return read_source(election, source, figures_of(election.contests[0], election.sources), (folder,))


def with_layout(night: SmallElection, **layout: object) -> SmallElection:
    return replace(night, sources=(replace(night.sources[0], layout=layout),))


def test_reading_says_where_it_stands(tmp_path: Path) -> None:
    row = read(one(SHEET, {**SHEET, "station": "2"}), tmp_path).readings.rows.row(1, named=True)
    assert (row["file"], row["row"], row["source"], row["station"], row["act"]) == ("feed.csv", 3, "feed", "2", "count")


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    election = one().write(tmp_path)
    (tmp_path / "feed.csv").unlink()
    with pytest.raises(FileUnreadable) as caught:
        read_source(election, election.sources[0], figures_of(election.contests[0], election.sources), (tmp_path,))
    assert caught.value.where == "feed.csv"


def test_other_bytes_than_those_that_were_named_are_refused(tmp_path: Path) -> None:
    def name_digest(election: Election) -> Election:
        source = election.sources[0]
        files = (source.files[0].model_copy(update={"sha256": "0" * 64}),)
        return election.model_copy(update={"sources": (source.model_copy(update={"files": files}),)})

    with pytest.raises(DigestDiffers) as caught:
        read(one(), tmp_path, name_digest)
    assert caught.value.expected == "0" * 64


def test_row_that_names_no_station_is_refused_with_its_number(tmp_path: Path) -> None:
    with pytest.raises(LayoutMismatch) as caught:
        read(one(SHEET, {"station": None, "ana": 30, "ben": 20}), tmp_path)
    assert caught.value.row == 3


@pytest.mark.parametrize("layout", [{"where": {"station": "nowhere"}}, {"skip_where": {"station": ["1"]}}])
def test_layout_that_leaves_no_row_is_refused(tmp_path: Path, layout: dict[str, object]) -> None:
    with pytest.raises(LayoutMismatch, match="leaves no row"):
        read(with_layout(one(), **layout), tmp_path)


def test_act_that_we_do_not_know_is_refused_with_its_row(tmp_path: Path) -> None:
    with pytest.raises(LayoutMismatch) as caught:
        read(one({**SHEET, "act": "count"}, {**SHEET, "station": "2", "act": "recount"}), tmp_path)
    assert (caught.value.row, caught.value.found) == (3, "recount")


def test_keys_in_which_two_stations_could_share_a_name_are_refused(tmp_path: Path) -> None:
    key = ({"part": "centre"}, {"part": "table"})
    rows: tuple[Row, ...] = ({"centre": "1.2", "table": "3", "ana": 1, "ben": 2},)
    with pytest.raises(LayoutMismatch, match="separator") as caught:
        read(one(*rows, {"centre": "1", "table": "2.3", "ana": 9, "ben": 9}, key=key), tmp_path)
    assert caught.value.row == 2
    assert read(one(*rows, key=key, separator="-"), tmp_path).readings.rows["station"].to_list() == ["1.2-3"]


def test_columns_of_a_file_may_be_called_as_ours() -> None:
    """The layout takes each column by its name, whatever we call things inside."""
    names = (
        "row",
        "reading",
        "source",
        "area",
        "kind",
        "failed",
        "standing",
        "votes.ana",
        "null",
        "cell.votes.ben",
        "key.station",
    )
    rows = tuple({"station": str(at), **dict.fromkeys(names, 100 + at), "ana": at, "ben": 2} for at in (1, 2))
    for name in names:
        swapped = tuple({**row, name: row["ana"], "ana": 77} for row in rows)
        night = with_layout(one(*swapped), votes={"ana": name, "ben": "ben"}, figures={})
        found = contest_of(night).readings
        assert found["votes.ana"].to_list() == [1, 2], name
        assert found["row"].to_list() == [2, 3]


def test_station_may_stand_in_a_column_called_row() -> None:
    night = with_layout(one({"row": "77", "station": "x", "ana": 1, "ben": 2}), station={"station": "row"})
    assert contest_of(night).readings["station"].to_list() == ["77"]


def test_header_of_split_accents_is_found_by_its_joined_name() -> None:
    split, joined = "Le\N{COMBINING ACUTE ACCENT}on", "L\N{LATIN SMALL LETTER E WITH ACUTE}on"
    for header, named in ((split, joined), (joined, split), (f" {joined}", joined)):
        night = with_layout(one({**SHEET, header: 9}), votes={"ana": named, "ben": "ben"})
        assert contest_of(night).readings["votes.ana"].to_list() == [9]


@pytest.mark.parametrize("station", ["a/b", 'say "x"', "a\nb", "a,b", "ñ", "'; DROP TABLE", "\N{GRINNING FACE}", "a;b"])
def test_station_of_any_name_keeps_it(station: str) -> None:
    night = one({**SHEET, "station": station, "state": station}, levels=("state",))
    results = examined(night)
    assert results.geography.stations["station"].to_list() == [station]
    assert results.contests[0].areas.height == 2
    assert results.geography.areas["name"].to_list() == [None, station]


def test_same_reading_in_two_rows_is_one_reading_that_remembers(tmp_path: Path) -> None:
    found = read(one(SHEET, SHEET, {**SHEET, "ana": 4}), tmp_path).readings.rows
    assert sorted(found["repeats"].to_list()) == [1, 2]


def test_same_reading_in_two_files_is_one_reading(tmp_path: Path) -> None:
    def twice(election: Election) -> Election:
        source = election.sources[0]
        return election.model_copy(update={"sources": (source.model_copy(update={"files": source.files * 2}),)})

    found = read(one(), tmp_path, twice)
    assert found.readings.rows["repeats"].to_list() == [2]
    assert [file.rows for file in found.files] == [1, 1]


def test_votes_of_options_are_added_up_where_the_candidate_has_no_column_of_its_own() -> None:
    options = {"red": "ana", "rose": "ana", "ben": "ben"}
    rows = ({"station": "1", "red": 3, "rose": 4, "ben": 2}, {"station": "2", "red": 3, "rose": None, "ben": 0})
    found = contest_of(one(*rows, options=options)).readings
    assert found.select("votes.ana", "votes.ben", "option.red", "option.rose").rows() == [
        (7, 2, 3, 4),
        (None, 0, 3, None),
    ]


def test_source_may_have_hundreds_of_columns(tmp_path: Path) -> None:
    row = {"station": "1", **{f"c{at}": at for at in range(300)}, "ana": 3, "ben": 2}
    night = with_layout(one(row), votes={"ana": "c299", "ben": "c0"})
    assert read(night, tmp_path).readings.rows.select("votes.ana", "votes.ben").rows() == [(299, 0)]


def test_payload_of_a_qr_code_gives_every_vote() -> None:
    row = {"station": "7.1!1,2,3!4!5"}
    night = one(row, options={"red": "ana", "rose": "ana", "blue": "ben"}, figures=("null",))
    night = with_layout(night, station={"station": {"column": "station", "pattern": r"^(\d+)\."}}, qr="station")
    found = contest_of(night).readings
    assert found.select("station", "votes.ana", "votes.ben", "null").rows() == [("7", 3, 3, 9)]


def test_figure_without_a_count_is_marked_and_null(tmp_path: Path) -> None:
    found = read(one({"station": "1", "ana": None, "ben": "x", "null": 1}), tmp_path).readings
    assert found.rows.select("votes.ana", "votes.ben", "null").rows() == [(None, None, 1)]
    assert sorted(found.marks.select("figure", "mark", "found").rows()) == [
        ("votes.ana", "empty", None),
        ("votes.ben", "not-a-count", "x"),
    ]
    assert found.marks["at"].to_list() == [0, 0]
    assert found.rows["blank"].to_list() == [None]
    assert not found.marks["figure"].is_in(["blank"]).any(), "a figure that the source does not give has no mark"


def test_digest_does_not_depend_on_what_other_sources_give(tmp_path: Path) -> None:
    options = {"red": "ana", "rose": "ana", "ben": "ben"}
    alone = one(options=options)
    by_option = SmallSource(id="slots", rows=({"station": "1", "red": 1, "rose": 2, "ben": 2},))
    both = replace(alone, sources=(*alone.sources, by_option))
    first = read(alone, tmp_path / "alone").readings.ids
    assert first.to_list() == read(both, tmp_path / "both").readings.ids.to_list()


def test_readings_have_the_same_columns_whatever_the_layout(tmp_path: Path) -> None:
    told = {**SHEET, "copy": "1", "picture": "p", "null": 0, "act": "canvass"}
    first = read(one(), tmp_path / "a").readings.rows
    second = read(one(told), tmp_path / "b").readings.rows
    assert first.schema == second.schema
    assert first.select(pl.col("copy", "picture")).row(0) == (None, None)


def without_rows(election: Election, folder: Path) -> Election:
    """Give the source a second file, which has its column names and nothing else yet."""
    source = election.sources[0]
    header = (folder / "feed.csv").read_text(encoding="utf-8").partition("\n")[0]
    (folder / "late.csv").write_text(header + "\n", encoding="utf-8")
    late = source.files[0].model_copy(update={"path": "late.csv"})
    return election.model_copy(update={"sources": (source.model_copy(update={"files": (late, *source.files)}),)})


@pytest.mark.parametrize("layout", [{}, {"where": {"station": "1"}}])
def test_a_file_without_rows_yet_adds_nothing_to_the_other_files_of_its_source(
    tmp_path: Path, layout: dict[str, object]
) -> None:
    night = with_layout(one({**SHEET, "state": "Norte"}, levels=("state",)), **layout)
    found = read(night, tmp_path, lambda election: without_rows(election, tmp_path))
    assert found.readings.rows.select("station", "file", "row", "votes.ana").rows() == [("1", "feed.csv", 2, 3)]
    assert found.stations.rows() == [("1", "Norte", "Norte", None)]
    assert [(each.file.path, each.rows) for each in found.files] == [("late.csv", 0), ("feed.csv", 1)]
