"""A file that several sources read is read once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from escruta.apps.api import examine, tally
from escruta.base.errors import FileUnreadable
from escruta.sources.formats import read_table
from escruta.sources.shelf import Digests

DEFINITION = """
format = "escruta/election/v1"
id = "two-contests"
name = "Two contests in one file"
date = 2026-01-01
[stations]
key = [{ part = "station" }]
[[contests]]
id = "mayor"
name = "Mayor"
candidates = [{ id = "ana", name = "Ana" }, { id = "ben", name = "Ben" }]
[[contests]]
id = "council"
name = "Council"
candidates = [{ id = "cleo", name = "Cleo" }, { id = "dan", name = "Dan" }]
[[origins]]
id = "authority"
name = "Authority"
owner = "authority"
[[sources]]
id = "mayor-feed"
name = "Feed"
kind = "authority"
origin = "authority"
contest = "mayor"
files = [{ path = "both.csv" }]
layout = { station = { station = "mesa" }, where = { what = "mayor" }, votes = { ana = "A", ben = "B" } }
[[sources]]
id = "council-feed"
name = "Feed"
kind = "authority"
origin = "authority"
contest = "council"
files = [{ path = "both.csv" }]
layout = { station = { station = "mesa" }, where = { what = "council" }, votes = { cleo = "B", dan = "C" } }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "election.toml").write_text(DEFINITION, encoding="utf-8")
    (tmp_path / "both.csv").write_text(
        "mesa,what,A,B,C\n1,mayor,3,2,0\n1,council,9,4,5\n2,mayor,7,1,0\n", encoding="utf-8"
    )
    return tmp_path


def test_two_contests_of_one_file_have_their_own_totals(folder: Path) -> None:
    results = examine(folder)
    assert tally(results, contest="mayor")["votes"].to_list() == [10, 3]
    assert tally(results, contest="council")["votes"].to_list() == [4, 5]


def test_file_of_two_sources_is_read_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def counting(path: Path, *rest: Any, **more: Any) -> object:
        opened.append(path.name)
        return read_table(path, *rest, **more)

    monkeypatch.setattr("escruta.sources.shelf.read_table", counting)
    examine(folder)
    assert opened == ["both.csv"]


def test_both_sources_name_the_file_in_the_record(folder: Path) -> None:
    assert [(source, read.file.path) for source, read in examine(folder).files] == [
        ("mayor-feed", "both.csv"),
        ("council-feed", "both.csv"),
    ]


def test_file_that_can_no_longer_be_read_is_told_as_one_that_never_could(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [read.table.file for _, read in examine(folder).files]
    assert Digests((folder,)).are_those_of(files)

    def refused(path: Path, *_: Any, **__: Any) -> object:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(FileUnreadable, match=r"cannot be opened\n  where: both\.csv"):
        Digests((folder,)).are_those_of(files)
