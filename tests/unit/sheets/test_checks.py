"""Every check: a sheet that passes, one that fails with its evidence, and one on which it could not be made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from tests.laws.examining import contest_of

from escruta.record.contents import ContestResults
from escruta.sheets.catalogue import CATALOGUE
from escruta.sheets.checks import check_readings
from escruta.sheets.evidence import Evidence
from escruta.sheets.figures import ContestFigures, figures_of
from escruta.sheets.readings import Readings
from escruta.sources.readings import read_source
from escruta.testing import Row, SmallElection, SmallSource

FIGURES = ("registered_voters", "ballots", "valid", "null", "blank", "candidate_votes")


def sheets(*rows: Row, layout: Mapping[str, object] | None = None, **more: Any) -> ContestResults:
    """Examine one source with a station for each row."""
    numbered = tuple({"station": str(at), **row} for at, row in enumerate(rows, 1))
    source = SmallSource(id="feed", rows=numbered, layout=layout or {})
    return contest_of(SmallElection(sources=(source,), **{"figures": FIGURES, **more}))


def outcomes(code: str, *rows: Row, **more: Any) -> list[str]:
    found = sheets(*rows, **more).outcomes.sort("station")
    return [str(outcome) for outcome in found[code].to_list()]


def finding(code: str, *rows: Row, **more: Any) -> dict[str, Any]:
    """Give the one finding of a check, without what is the same in all of these tests."""
    found = sheets(*rows, **more)
    (only,) = found.findings.filter(pl.col("code") == code).to_dicts()
    assert only["contest"] == "president"
    assert only["source"] == "feed"
    assert only["file"] == "feed.csv"
    assert only["reading"] in found.readings["reading"]
    assert only["severity"] == found.checks[code].severity.value
    return {name: only[name] for name in ("station", "row", "figure", "found", "expected", "limit")}


def votes(ana: object, ben: object, **more: object) -> Row:
    return {"ana": ana, "ben": ben, **more}


P, F, C = "passed", "failed", "could-not-check"
OPTIONS = {"red": "ana", "rose": "ana", "ben": "ben"}
LONG = {
    "long": {
        "item": "item",
        "votes": "n",
        "items": {"Ana": "ana", "Red": "red", "Rose": "rose", "Ben": "ben"},
    }
}


def long_rows(*counts: tuple[object, object, object]) -> tuple[Row, ...]:
    """Write what each station states for ana, and for her two options, in a row each."""
    return tuple(
        {"station": str(at), "item": item, "n": n}
        for at, (ana, red, rose) in enumerate(counts, 1)
        for item, n in (("Ana", ana), ("Red", red), ("Rose", rose), ("Ben", 1))
    )


def stated(*counts: tuple[object, object, object]) -> ContestResults:
    source = SmallSource(id="feed", rows=long_rows(*counts), layout=LONG)
    return contest_of(SmallElection(sources=(source,), options=OPTIONS))


def test_s101_options_against_the_candidates_stated_votes() -> None:
    found = stated((7, 3, 4), (8, 3, 4), (7, 3, None), (None, 3, 4), (7, 9, None))
    told = dict(found.outcomes.select("station", "S101").rows())
    assert told == {"1": P, "2": F, "3": C, "4": C, "5": F}
    evidence = (
        found.findings.filter(pl.col("code") == "S101").sort("station").select("station", "found", "expected").rows()
    )
    assert evidence == [("2", "ana 7", "ana 8"), ("5", "ana 9", "ana 7")]


def test_s101_is_made_for_a_candidate_beside_one_whose_option_has_the_same_id() -> None:
    """`ben` is both a candidate and his only option: the source states one number for the two."""
    assert stated((7, 3, 4)).outcomes["S101"].to_list() == [P]


def test_s101_could_not_be_checked_where_no_candidate_is_stated_beside_options() -> None:
    assert outcomes("S101", votes(1, 2)) == [C]
    rows: tuple[Row, ...] = ({"red": 1, "rose": 2, "ben": 3},)
    assert outcomes("S101", *rows, options=OPTIONS) == [C]


def test_s102_votes_against_the_stated_total() -> None:
    rows = [
        votes(3, 2, candidate_votes=5),
        votes(3, 2, candidate_votes=6),
        votes(3, None, candidate_votes=5),
        votes(3, None, candidate_votes=2),
        votes(3, 2, candidate_votes=None),
    ]
    assert outcomes("S102", *rows) == [P, F, C, F, C]
    assert finding("S102", rows[1]) == {
        "station": "1",
        "row": 2,
        "figure": "candidate_votes",
        "found": "5",
        "expected": "6",
        "limit": None,
    }


def test_s103_votes_against_the_stated_valid_votes() -> None:
    rows = [votes(3, 2, valid=5), votes(3, 2, valid=4), votes(None, 2, valid=5), votes(3, 2, valid=None)]
    assert outcomes("S103", *rows) == [P, F, C, C]
    assert finding("S103", *rows)["expected"] == "4"


def test_s103_counts_blank_votes_where_they_are_valid() -> None:
    rows = [votes(3, 2, blank=1, valid=6), votes(3, 2, blank=1, valid=5), votes(3, 2, blank=None, valid=6)]
    assert outcomes("S103", *rows, blank_is_valid=True) == [P, F, C]
    assert outcomes("S103", *rows) == [F, P, F]


def test_s104_parts_against_the_stated_ballots() -> None:
    rows = [
        votes(3, 2, null=1, blank=1, ballots=7),
        votes(3, 2, null=1, blank=1, ballots=8),
        votes(3, 2, null=None, blank=1, ballots=7),
        votes(3, 2, null=None, blank=1, ballots=5),
        votes(3, 2, null=1, blank=1, ballots=None),
    ]
    assert outcomes("S104", *rows) == [P, F, C, F, C]
    assert finding("S104", *rows[:2]) == {
        "station": "2",
        "row": 3,
        "figure": "ballots",
        "found": "7",
        "expected": "8",
        "limit": None,
    }


def test_s104_adds_the_further_figures_that_are_a_part_of_the_ballots() -> None:
    rows = [votes(3, 2, spoilt=2, ballots=7), votes(3, 2, spoilt=None, ballots=5)]
    assert outcomes("S104", *rows, figures=("ballots",), further_figures=("spoilt",)) == [P, C]


def test_s104_leaves_out_a_figure_that_the_sheet_does_not_have() -> None:
    assert outcomes("S104", votes(3, 2, ballots=5), figures=("ballots",)) == [P]
    assert outcomes("S104", votes(3, 2, ballots=5), figures=("ballots", "null")) == [C]


def test_s201_ballots_against_registered_voters() -> None:
    rows = [
        votes(3, 2, null=0, blank=0, registered_voters=5),
        votes(3, 2, null=0, blank=0, registered_voters=4),
        votes(3, 2, null=None, blank=0, registered_voters=9),
        votes(3, 2, null=None, blank=0, registered_voters=4),
        votes(3, 2, null=0, blank=0, registered_voters=None),
        votes(3, 2, null=None, blank=None, registered_voters=4, ballots=4),
    ]
    assert outcomes("S201", *rows) == [P, F, C, F, C, F]
    assert finding("S201", *rows[:2]) == {
        "station": "2",
        "row": 3,
        "figure": "ballots",
        "found": "5",
        "expected": "4",
        "limit": None,
    }


def test_s201_takes_the_registers_voters_before_those_that_a_sheet_claims_for_itself() -> None:
    register = ({"station": "1", "registered_voters": 4}, {"station": "2", "registered_voters": None})
    rows = [votes(3, 2, null=0, blank=0, registered_voters=9)] * 2
    assert outcomes("S201", *rows, register=register) == [F, P]


def test_s202_turnout_above_the_limit() -> None:
    def cast(ballots: int, voters: int | None, **more: Any) -> list[str]:
        return outcomes("S202", votes(3, 2, ballots=ballots, registered_voters=voters), **more)

    assert cast(99, 100) == [P]
    assert cast(100, 100) == [F]
    assert cast(49, 49) == [C], "fewer ballots than the minimum"
    assert cast(100, None) == [C]
    assert cast(100, 0) == [C]
    assert outcomes("S202", votes(60, None, registered_voters=60)) == [C]
    assert cast(80, 100, checks={"S202": {"limit": 0.5}}) == [F]
    assert cast(10, 10, checks={"S202": {"minimum": 5}}) == [F]
    assert finding("S202", votes(3, 2, ballots=100, registered_voters=100)) == {
        "station": "1",
        "row": 2,
        "figure": "ballots",
        "found": "100 / 100",
        "expected": None,
        "limit": "0.99",
    }


def test_s203_station_not_on_the_register() -> None:
    register = ({"station": "1"}, {"station": "2"})
    rows = [votes(1, 1)] * 3
    assert outcomes("S203", *rows, register=register) == [P, P, F]
    assert outcomes("S203", *rows, register=register, register_is_complete=False) == [P, P, C]
    assert outcomes("S203", *rows) == [C, C, C]
    assert finding("S203", *rows, register=register)["found"] == "3"


def test_s204_registered_voters_against_the_register() -> None:
    register = ({"station": "1", "registered_voters": 9}, {"station": "2", "registered_voters": None})
    of = {"register": register, "register_is_complete": False}
    assert outcomes("S204", votes(1, 1, registered_voters=9), votes(1, 1, registered_voters=9), **of) == [P, C]
    assert outcomes("S204", votes(1, 1, registered_voters=8), **of) == [F]
    assert outcomes("S204", votes(1, 1, registered_voters=None), **of) == [C]
    told = finding("S204", votes(1, 1, registered_voters=8), **of)
    assert (told["found"], told["expected"], told["figure"]) == ("8", "9", "registered_voters")


def test_s204_could_not_be_checked_where_the_register_is_the_source_itself() -> None:
    assert outcomes("S204", votes(1, 1, registered_voters=9), register="feed") == [C]


def test_s301_station_more_than_once_in_a_source() -> None:
    once, twice = {"station": "1", **votes(1, 1)}, {"station": "2", **votes(1, 1)}
    found = sheets(once, twice, twice)
    assert found.outcomes.sort("station")["S301"].to_list() == [P, F]
    (only,) = found.findings.filter(pl.col("code") == "S301").to_dicts()
    assert (only["station"], only["row"], only["found"], only["expected"]) == ("2", 3, "2", "1")


def test_s301_tells_copies_and_acts_apart() -> None:
    rows = [{"station": "1", "copy": copy, **votes(1, 1)} for copy in "12"]
    assert outcomes("S301", *rows) == [P, P]
    rows = [{"station": "1", "act": act, **votes(1, 1)} for act in ("count", "canvass")]
    assert outcomes("S301", *rows) == [P, P]
    rows = [{"station": "1", "copy": "1", **votes(at, 1)} for at in (1, 2)]
    assert outcomes("S301", *rows) == [F, F]


def test_s302_same_figures_at_two_stations() -> None:
    rows = [votes(40, 20, null=1), votes(40, 20, null=1), votes(40, 20, null=2), votes(40, None, null=1)]
    assert outcomes("S302", *rows) == [F, F, P, C]
    assert outcomes("S302", *[votes(20, 20)] * 2) == [C, C], "fewer votes than the minimum"
    assert outcomes("S302", *[votes(20, 20)] * 2, checks={"S302": {"minimum": 30}}) == [F, F]
    found = sheets(*rows[:2])
    told = found.findings.filter(pl.col("code") == "S302").sort("station").select("station", "row", "found", "expected")
    assert told.rows() == [("1", 2, "2", "1"), ("2", 3, "2", "1")]


def test_s302_same_station_twice_is_no_other_station() -> None:
    rows = [{"station": "1", "copy": copy, **votes(40, 20)} for copy in "12"]
    assert outcomes("S302", *rows) == [P, P]


def test_s303_same_picture_for_two_stations() -> None:
    rows = [votes(1, 1, picture="a"), votes(2, 1, picture="a"), votes(1, 1, picture="b"), votes(1, 1, picture=None)]
    assert outcomes("S303", *rows) == [F, F, P, C]
    told = sheets(*rows).findings.filter(pl.col("code") == "S303").sort("station").select("station", "row", "found")
    assert told.rows() == [("1", 2, "a"), ("2", 3, "a")]


def test_s303_same_picture_twice_for_one_station_is_no_other_station() -> None:
    rows = [{"station": "1", "copy": copy, **votes(40, 20, picture="a")} for copy in "12"]
    assert outcomes("S303", *rows) == [P, P]


def test_s401_every_figure_zero() -> None:
    rows = [votes(0, 1), votes(0, 0), votes(0, None), votes(0, 0, null=0, blank=0), votes(0, 0, ballots=3)]
    assert outcomes("S401", *rows) == [P, F, C, F, P]
    assert finding("S401", *rows[:2])["found"] == "0"


def test_s402_share_of_null_votes_above_the_limit() -> None:
    def spoilt(null: int | None, ballots: int | None, **more: Any) -> list[str]:
        return outcomes("S402", votes(3, 2, null=null, ballots=ballots), **more)

    assert spoilt(20, 100) == [P]
    assert spoilt(21, 100) == [F]
    assert spoilt(None, 100) == [C]
    assert spoilt(49, 49) == [C], "fewer ballots than the minimum"
    assert spoilt(10, 100, checks={"S402": {"limit": 0.05}}) == [F]
    assert spoilt(0, 0, checks={"S402": {"minimum": 0}}) == [C], "a share of nothing"
    told = finding("S402", votes(3, 2, null=21, ballots=100))
    assert (told["found"], told["limit"], told["figure"]) == ("21 / 100", "0.2", "null")


def test_s501_cell_that_is_no_count() -> None:
    rows = [votes(1, 2), votes("1e3", 2), votes(None, 2), votes("x", "-1")]
    assert outcomes("S501", *rows) == [P, F, P, F]
    assert finding("S501", *rows[:2]) == {
        "station": "2",
        "row": 3,
        "figure": None,
        "found": "votes.ana = 1e3",
        "expected": None,
        "limit": None,
    }
    assert finding("S501", rows[3])["found"] == "votes.ana = x; votes.ben = -1"


def test_s501_text_that_is_declared_to_mean_illegible_is_no_bad_cell() -> None:
    assert outcomes("S501", votes("??", 2), layout={"illegible": ["??"]}) == [P]


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_check_that_is_off_is_not_made(code: str) -> None:
    found = sheets(votes("x", 0), checks={code: {"severity": "off"}})
    assert code not in found.outcomes.columns
    assert code not in found.check_counts["code"].to_list()


def test_all_checks_may_be_off() -> None:
    found = sheets(votes("x", 0), checks={code: {"severity": "off"} for code in CATALOGUE})
    assert found.findings.is_empty()
    assert found.check_counts.is_empty()
    assert found.stations["verdict"].to_list() == ["single"]


@pytest.mark.parametrize(("severity", "verdict"), [("error", "quarantined"), ("warning", "single")])
def test_severity_is_the_elections_own(severity: str, verdict: str) -> None:
    found = sheets(votes(0, 0), checks={"S401": {"severity": severity}})
    assert found.findings["severity"].to_list() == [severity]
    assert found.stations["verdict"].to_list() == [verdict]


def test_limit_is_written_as_it_was_set() -> None:
    found = sheets(votes(1, 1), checks={"S402": {"limit": 1234567}})
    assert found.check_counts.filter(pl.col("code") == "S402")["limit"].to_list() == ["1234567"]


def test_every_reading_has_one_outcome_for_every_check_and_the_counts_are_theirs() -> None:
    rows = [votes(1, 2), votes("x", 2), votes(None, 2), votes(40, 20), votes(40, 20)]
    found = sheets(*rows)
    assert set(CATALOGUE) <= set(found.outcomes.columns)
    for row in found.check_counts.to_dicts():
        column = found.outcomes[row["code"]].to_list()
        assert (row["passed"], row["failed"], row["could_not_check"]) == tuple(column.count(each) for each in (P, F, C))
        assert len(column) == len(rows)


def test_findings_are_the_failures() -> None:
    found = sheets(votes(1, 2), votes("x", 2), votes(0, 0), votes(40, 20), votes(40, 20))
    failed = {
        (code, station)
        for code in CATALOGUE
        for station, outcome in found.outcomes.select("station", code).rows()
        if outcome == F
    }
    assert set(found.findings.select("code", "station").rows()) == failed


def test_catalogue_names_every_code_once_and_every_rule_has_a_check() -> None:
    night = SmallElection(sources=(SmallSource(id="feed", rows=({"station": "1", "ana": 1, "ben": 1},)),))
    assert contest_of(replace(night, checks={"S201": {"severity": "off"}})).outcomes.width == len(CATALOGUE) + 3


CELLS = st.fixed_dictionaries(
    {
        "ana": st.sampled_from([0, 3, 60, "?", "x", None]),
        "ben": st.sampled_from([0, 2, 60]),
        "registered_voters": st.sampled_from([None, 5, 100]),
        "picture": st.sampled_from([None, "p", "q"]),
    }
)
SHEETS = st.lists(st.tuples(st.sampled_from("123456"), CELLS), min_size=1, max_size=6)
REGISTER = st.lists(st.sampled_from([None, 5, 100]), min_size=6, max_size=6)


def read(rows: list[tuple[str, Row]]) -> tuple[ContestFigures, Readings]:
    own = tuple({"station": station, **row} for station, row in rows)
    source = SmallSource(id="feed", rows=own, layout={"picture": "picture", "illegible": ["?"]})
    with TemporaryDirectory() as name:
        election = SmallElection(sources=(source,), figures=FIGURES).write(Path(name))
        figures = figures_of(election.contests[0], election.sources)
        return figures, read_source(election, election.sources[0], figures, (Path(name),)).readings


UNREAD: list[tuple[str, Row]] = [
    ("1", {"ana": ana, "ben": 60, "registered_voters": 5, "picture": None}) for ana in ("?", None)
]
"""A sheet with more votes than voters, of which one figure is illegible or was not filled in."""


@settings(max_examples=12)
@example(sheets=UNREAD[:1], others=UNREAD[1:], kept=0, registers=([None] * 6, [None] * 6))
@given(sheets=SHEETS, others=SHEETS, kept=st.integers(0, 6), registers=st.tuples(REGISTER, REGISTER))
def test_checking_again_finds_what_checking_finds(
    sheets: list[tuple[str, Row]], others: list[tuple[str, Row]], kept: int, registers: tuple[list[int | None], ...]
) -> None:
    (figures, before), (_, now) = read(sheets), read([*sheets[:kept], *others])
    listed = [
        pl.DataFrame({"station": list("123456"), "registered_voters": voters, "on_register": [True] * 6})
        for voters in registers
    ]
    evidence = Evidence(
        figures=figures, register_complete=True, register_is_this_source=False, candidates_stated=frozenset()
    )
    checks = {code: replace(check, minimum=0) for code, check in CATALOGUE.items()}
    since = check_readings(before, listed[0], evidence=evidence, checks=checks)
    for stations in listed:
        found = check_readings(now, stations, evidence=evidence, checks=checks, since=since)
        whole = check_readings(now, stations, evidence=evidence, checks=checks)
        assert_frame_equal(found.outcomes, whole.outcomes)
        assert_frame_equal(found.findings, whole.findings)
