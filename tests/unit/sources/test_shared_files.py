"""One file with several contests on election night: rows of one come before those of the other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from escruta.apps.examine import examine_election
from escruta.base.errors import LayoutMismatch
from escruta.record.contents import Results
from escruta.testing import SmallElection, SmallSource

ROW = {"station": "1", "ana": 5, "ben": 4}


def examined(folder: Path, races: str, where: Mapping[str, object]) -> Results:
    """Examine an election whose two contests stand in one file; `races` has the race of each row."""
    sources = tuple(SmallSource(id=each, contest=each, rows=(ROW,)) for each in ("president", "senate"))
    election = SmallElection(sources=sources, contests=("president", "senate")).write(folder)
    lines = [f"{number},5,4,{race}" for number, race in enumerate(races, 1)]
    (folder / "president.csv").write_text("\n".join(["station,ana,ben,race", *lines, ""]), encoding="utf-8")
    shared = tuple(
        source.model_copy(
            update={
                "files": election.sources[0].files,
                "layout": source.layout.model_copy(update={"where": {"race": where[source.id]}}),
            }
        )
        for source in election.sources
    )
    return examine_election(election.model_copy(update={"sources": shared}), (folder,))


def test_a_source_whose_contest_has_no_row_yet_waits_for_it(tmp_path: Path) -> None:
    results = examined(tmp_path, "pp", {"president": "p", "senate": "s"})
    assert [each.readings.height for each in results.contests] == [2, 0]
    notes = {source: [(note.code, dict(note.details)) for note in file.table.notes] for source, file in results.files}
    assert notes == {"president": [], "senate": [("F114", {"rows": 2})]}
    later = examined(tmp_path, "pps", {"president": "p", "senate": "s"})
    assert [each.readings.height for each in later.contests] == [2, 1]
    assert [file.table.notes for _, file in later.files] == [(), ()]


@pytest.mark.parametrize(
    ("races", "where", "values"),
    [
        ("ppm", {"president": "p", "senate": "s"}, "race = p, m"),
        ("pps", {"president": "p", "senate": "S"}, "race = p, s"),
        (
            "abcdea",
            {"president": ["a", "b", "c", "d"], "senate": "s"},
            "race = a, b, c, d …",
        ),
    ],
    ids=["a-contest-that-nobody-reads", "mistyped", "many"],
)
def test_rows_that_no_source_takes_are_no_waiting_and_the_refusal_says_what_stands_there(
    tmp_path: Path, races: str, where: Mapping[str, object], values: str
) -> None:
    with pytest.raises(LayoutMismatch, match="leaves no row") as caught:
        examined(tmp_path, races, where)
    assert caught.value.found == values
    assert f"race': '{where['senate']}'" in str(caught.value.expected)
    assert "still to come" in str(caught.value.advice)
