"""The table that `escruta scan` writes is read without a word about its columns, and nothing in it is guessed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from escruta.apps import api
from escruta.base.errors import LayoutMismatch, TableBroken
from escruta.sources.formats import read_table
from escruta.sources.formats.tables import TableOptions
from escruta.testing.toml import to_toml

DIGEST = "ab" * 32
OTHER = "cd" * 32
ROW = {
    "station": {"table": "1"},
    "act": "count",
    "method": "qr",
    "copy": DIGEST,
    "picture": f"sha256:{DIGEST}",
    "statement": f"{DIGEST}/qr",
    "votes": {"ana": 12, "ben": 7},
    "figures": {"null": 1},
}


def write_rows(path: Path, *rows: dict) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def election_of(folder: Path, *rows: dict) -> Path:
    write_rows(folder / "readings.jsonl", *rows)
    document = {
        "format": "escruta/election/v1",
        "id": "small",
        "name": "Small",
        "date": "2031-03-02",
        "stations": {"key": [{"part": "table", "kind": "number"}]},
        "contests": [
            {
                "id": "mayor",
                "name": "Mayor",
                "figures": ["null", "valid"],
                "candidates": [{"id": "ana", "name": "Ana"}, {"id": "ben", "name": "Ben"}],
            }
        ],
        "origins": [{"id": "copies", "name": "Copies", "owner": "party"}],
        "sources": [
            {
                "id": "scans",
                "name": "Scans",
                "kind": "party",
                "origin": "copies",
                "files": [{"path": "readings.jsonl"}],
                "layout": {"format": "scans", "station": {"table": "station.table"}},
            }
        ],
    }
    (folder / "election.toml").write_text(to_toml(document), encoding="utf-8")
    return folder


def readings_of(folder: Path, *rows: dict):
    return api.examine(election_of(folder, *rows)).contests[0]


def test_a_scan_is_counted_and_says_its_copy_and_method(tmp_path):
    contest = readings_of(tmp_path, ROW)
    row = contest.readings.row(0, named=True)
    assert (row["votes.ana"], row["votes.ben"], row["null"], row["valid"]) == (12, 7, 1, None)
    assert (row["copy"], row["method"], row["picture"]) == (DIGEST, "qr", f"sha256:{DIGEST}")


def test_what_a_reading_does_not_speak_of_is_neither_zero_nor_illegible(tmp_path):
    contest = readings_of(tmp_path, ROW, {**ROW, "copy": OTHER, "figures": {"valid": 19}, "statement": f"{OTHER}/qr"})
    assert contest.marks.is_empty()
    assert sorted(contest.readings["valid"].to_list(), key=str) == [19, None]


def test_an_unread_figure_stays_unread(tmp_path):
    contest = readings_of(tmp_path, {**ROW, "votes": {"ana": 12}, "unread": {"votes": {"ben": "illegible"}}})
    assert contest.readings["votes.ben"].to_list() == [None]
    assert contest.marks.select("figure", "mark").rows() == [("votes.ben", "illegible")]


def test_two_readings_of_one_copy_that_differ_are_disputed(tmp_path):
    printed = {**ROW, "method": "ocr", "statement": f"{DIGEST}/ocr", "votes": {"ana": 21, "ben": 7}}
    contest = readings_of(tmp_path, ROW, printed)
    assert contest.stations["verdict"].to_list() == ["disputed"]
    assert "S301" not in contest.findings["code"].to_list()


def test_what_a_person_typed_stands_in_place_of_what_was_recognised(tmp_path):
    printed = {**ROW, "method": "ocr", "statement": f"{DIGEST}/ocr", "votes": {"ana": 21, "ben": 7}}
    typed = {**ROW, "method": "typed", "statement": f"{DIGEST}/typed", "supersedes": f"{DIGEST}/ocr"}
    contest = readings_of(tmp_path, printed, typed)
    assert contest.stations["verdict"].to_list() == ["single"]
    assert contest.stations["votes.ana"].to_list() == [12]


@pytest.mark.parametrize(
    "change",
    [{"method": "guess"}, {"method": None}, {"copy": None}, {"unread": {"votes": {"ana": "perhaps"}}}],
    ids=["method", "no-method", "no-copy", "reason"],
)
def test_what_scan_never_writes_is_refused(tmp_path, change):
    path = write_rows(tmp_path / "readings.jsonl", {**ROW, **change})
    with pytest.raises(TableBroken):
        read_table(path, TableOptions(format="scans"))


def test_votes_for_nobody_in_the_contest_are_refused(tmp_path):
    with pytest.raises(LayoutMismatch, match=r"votes\.zoe"):
        readings_of(tmp_path, {**ROW, "votes": {"zoe": 4}})
