"""A source of statements: what the format's rules mean for readings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from escruta.apps.api import examine
from escruta.base.errors import LayoutMismatch

DEFINITION = """
format = "escruta/election/v1"
id = "small"
name = "Small"
date = 2026-01-01
[stations]
key = [{ part = "station" }]
[[contests]]
id = "mayor"
name = "Mayor"
figures = ["null", "blank"]
candidates = [{ id = "ana", name = "Ana" }, { id = "ben", name = "Ben" }]
[[origins]]
id = "authority"
name = "Authority"
owner = "authority"
[[sources]]
id = "feed"
name = "Feed"
kind = "authority"
origin = "authority"
files = [{ path = "statements.jsonl" }]
[sources.layout]
format = "actasum"
station = { station = "station" }
"""


def statement(station: str, candidatures: dict[str, int], **counts: object) -> dict[str, object]:
    return {
        "spec": "actasum/statement/v0.1",
        "profile": "xx",
        "election": "small",
        "station": station,
        "constituency": "1",
        "counts": {"candidatures": candidatures, "blank": 0, "null": 0, **counts},
    }


def votes(folder: Path, *statements: dict[str, object]) -> dict[str, tuple[int | None, int | None]]:
    (folder / "election.toml").write_text(DEFINITION, encoding="utf-8")
    lines = "".join(json.dumps(each) + "\n" for each in statements)
    (folder / "statements.jsonl").write_text(lines, encoding="utf-8")
    stations = examine(folder).contests[0].stations
    return {row["station"]: (row["votes.ana"], row["votes.ben"]) for row in stations.to_dicts()}


def test_candidature_that_a_statement_does_not_list_has_no_votes_there(tmp_path: Path) -> None:
    assert votes(tmp_path, statement("1", {"ana": 3, "ben": 2}), statement("2", {"ana": 4})) == {
        "1": (3, 2),
        "2": (4, 0),
    }


def test_candidature_that_is_unread_is_no_zero(tmp_path: Path) -> None:
    unread = statement("2", {"ana": 4}, unread={"candidature:ben": "illegible"})
    assert votes(tmp_path, statement("1", {"ana": 3, "ben": 2}), unread)["2"] == (4, None)


def test_candidate_of_whom_no_statement_speaks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LayoutMismatch, match="no statement speaks of a candidate"):
        votes(tmp_path, statement("1", {"ana": 3}))


def test_candidature_that_the_definition_does_not_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LayoutMismatch, match="does not name"):
        votes(tmp_path, statement("1", {"ana": 3, "ben": 2, "cleo": 9}))


def test_later_act_that_names_an_earlier_statement_supersedes_it(tmp_path: Path) -> None:
    from actasum.statement import Statement  # noqa: PLC0415

    count = statement("1", {"ana": 3, "ben": 2})
    canvass = statement("1", {"ana": 3, "ben": 1}) | {
        "stage": "canvass",
        "supersedes": Statement.from_dict(count).statement_id(),
    }
    assert votes(tmp_path, count, canvass) == {"1": (3, 1)}
