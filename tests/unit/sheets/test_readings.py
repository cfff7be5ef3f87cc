"""Readings by their position: what is worked out late, and after any change of order, is what it would have been."""

from __future__ import annotations

import random
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.laws.examining import examined

from escruta.record.summary import summary_of
from escruta.sheets import readings as sheets_readings
from escruta.sheets.canonical import MEMBERS, canonical_reading, reading_digest, reading_ids
from escruta.sheets.figures import MARKS_SCHEMA
from escruta.sheets.readings import PLACED_MARKS_SCHEMA, Readings, one_after_another, placed
from escruta.testing import SmallElection, SmallSource

FIGURES = ("null", "votes.ana")
NIGHT = SmallElection(
    sources=(SmallSource(id="feed", rows=tuple({"station": str(at), "ana": at, "ben": 2} for at in range(3))),)
)


def made(*stations: str, election: str = "e") -> Readings:
    """Make a reading of each station, every second one with a mark."""
    texts = [name for name in MEMBERS if name not in ("election", "station")]
    columns = {name: [name] * len(stations) for name in texts} | {"station": list(stations)}
    counts = {"null": [None] * len(stations), "votes.ana": list(range(len(stations)))}
    schema = dict.fromkeys(columns, pl.String) | dict.fromkeys(FIGURES, pl.Int64)
    marks = [(at, "null", "empty", None) for at in range(0, len(stations), 2)]
    return Readings(
        election=election,
        figures=FIGURES,
        rows=pl.DataFrame(columns | counts, schema=schema),
        marks=pl.DataFrame(marks, schema=PLACED_MARKS_SCHEMA, orient="row"),
    )


def plain_ids(readings: Readings) -> list[str]:
    """Digest each reading by itself."""
    marks = {(at, figure): mark for at, figure, mark, _ in readings.marks.iter_rows()}
    return [
        reading_digest(
            canonical_reading(
                {"election": readings.election} | {name: row[name] for name in MEMBERS if name != "election"},
                {name: marks.get((at, name), row[name]) for name in readings.figures},
            )
        )
        for at, row in enumerate(readings.rows.iter_rows(named=True))
    ]


STATIONS = st.lists(st.sampled_from(["1", "2", '"', "10", "é"]), max_size=7)


@given(STATIONS, st.randoms())
def test_ids_of_some_are_those_that_they_have_among_all(stations: list[str], chance: random.Random) -> None:
    expected = plain_ids(made(*stations))
    assert made(*stations).ids.to_list() == expected
    chosen = chance.sample(range(len(stations)), chance.randint(0, len(stations)))
    positions = pl.Series("at", chosen, dtype=pl.UInt32)
    asked_late, asked_before = made(*stations), made(*stations)
    assert asked_before.ids.len() == len(stations)
    for readings in (asked_late, asked_before):
        assert readings.ids_at(positions).to_list() == [expected[at] for at in chosen]


@given(STATIONS)
def test_sorted_readings_keep_their_ids_and_marks(stations: list[str]) -> None:
    readings = made(*stations)
    ordered = readings.in_order(readings.rows["station"].arg_sort())
    assert ordered.rows["station"].to_list() == sorted(stations)
    assert sorted(ordered.ids) == sorted(plain_ids(ordered)) == sorted(plain_ids(readings))


def test_reading_that_is_left_out_hands_its_marks_to_the_one_that_stays() -> None:
    readings = made("1", "2", "3", "4", "5")
    repeated = pl.DataFrame({"at": [0, 3], "first": [1, 2]}, schema=dict.fromkeys(("at", "first"), pl.UInt32))
    left = readings.without(repeated)
    assert left.rows["station"].to_list() == ["2", "3", "5"]
    assert sorted(left.marks["at"]) == [0, 1, 2]


@given(STATIONS, STATIONS)
def test_sources_one_after_another_have_the_ids_of_each(first: list[str], second: list[str]) -> None:
    parts = made(*first), made(*second)
    assert one_after_another(parts).ids.to_list() == [*plain_ids(parts[0]), *plain_ids(parts[1])]


def test_rows_that_say_more_have_the_ids_that_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    readings = made("1", "2")
    known = readings.ids.to_list()
    monkeypatch.delattr(sheets_readings, "reading_ids")
    assert readings.with_rows(readings.rows.with_columns(failed=pl.lit(value=False))).ids.to_list() == known


def test_marks_go_from_positions_to_ids_and_back() -> None:
    readings = made("1", "2", "3", "4", "5")
    by_id = readings.identify(readings.marks)
    assert by_id.schema == MARKS_SCHEMA
    assert by_id["reading"].to_list() == [plain_ids(readings)[at] for at in (0, 2, 4)]
    assert placed(by_id, readings.ids).equals(readings.marks)
    assert placed(by_id, made("1", "2").ids)["at"].to_list() == [0]


def test_totals_and_the_summary_work_out_no_id(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a million of them take longer than all the rest."""
    asked: list[int] = []

    def spy(rows: pl.DataFrame, *more: Any) -> pl.Series:
        asked.append(rows.height)
        return reading_ids(rows, *more)

    monkeypatch.setattr(sheets_readings, "reading_ids", spy)
    results = examined(NIGHT)
    assert summary_of(results)["contests"][0]["totals"]["options"]["ana"]["votes"] == 3
    assert sum(asked) == 0
    assert results.contests[0].readings["reading"].null_count() == 0
    assert sum(asked) == 3


def test_findings_name_the_reading_by_the_id_that_it_has_in_the_record() -> None:
    rows = tuple({"station": str(at), "ana": 0, "ben": at % 2} for at in range(8))
    (results,) = examined(SmallElection(sources=(SmallSource(id="feed", rows=rows),))).contests
    failed = results.readings.filter(pl.col("votes.ben") == 0).select("station", "reading")
    found = results.findings.filter(pl.col("code") == "S401").select("station", "reading")
    assert sorted(found.rows()) == sorted(failed.rows()) != []
