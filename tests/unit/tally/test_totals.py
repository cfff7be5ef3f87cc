"""Totals and coverage: what is counted, what is left out, and what nobody knows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from tests.laws.examining import contest_of, country, votes

from escruta.record.contents import ContestResults
from escruta.testing import Row, SmallElection, SmallOrigin, SmallSource


def sheet(station: str, ana: object, ben: object, **more: object) -> Row:
    return {"station": station, "ana": ana, "ben": ben, **more}


def night(*rows: Row, **more: object) -> SmallElection:
    return SmallElection(sources=(SmallSource(id="feed", rows=rows),), **more)  # type: ignore[arg-type]


def total(results: ContestResults, candidate: str, area: str = "") -> dict[str, Any]:
    chosen = (pl.col("area") == area) & (pl.col("candidate") == candidate)
    return results.tally.totals.row(by_predicate=chosen, named=True)


def area_of(results: ContestResults, area: str) -> dict[str, Any]:
    return results.areas.row(by_predicate=pl.col("area") == area, named=True)


def test_unread_figure_makes_a_lower_bound_and_an_upper_one_by_the_registered_voters() -> None:
    of = night(sheet("1", None, 3, registered_voters=20), sheet("2", 4, 5, registered_voters=20))
    ana = total(contest_of(of), "ana")
    assert (ana["votes"], ana["votes_low"], ana["votes_high"], ana["unread_stations"]) == (4, 4, 4 + 17, 1)
    ben = total(contest_of(of), "ben")
    assert (ben["votes"], ben["votes_low"], ben["votes_high"], ben["unread_stations"]) == (8, 8, 8, 0)


def test_unread_figure_of_a_station_whose_voters_nobody_knows_has_no_upper_bound() -> None:
    results = contest_of(night(sheet("1", None, 3), sheet("2", 4, 5)))
    assert (total(results, "ana")["votes_high"], total(results, "ben")["votes_high"]) == (None, 8)


def test_valid_votes_are_not_known_where_a_vote_is_unread() -> None:
    whole = country(contest_of(night(sheet("1", None, 3), sheet("2", 4, 5))))
    assert (whole["valid"], whole["valid_low"], whole["candidate_votes"]) == (None, 12, 12)


@pytest.mark.parametrize(("blanks", "valid", "valid_low"), [((1, 2), 17, 17), ((1, None), None, 15)])
def test_blank_votes_are_valid_where_the_law_says_so(blanks: Any, valid: int | None, valid_low: int) -> None:
    rows = (sheet("1", 2, 3, blank=blanks[0]), sheet("2", 4, 5, blank=blanks[1]))
    whole = country(contest_of(night(*rows, blank_is_valid=True)))
    assert (whole["valid"], whole["valid_low"]) == (valid, valid_low)
    assert country(contest_of(night(*rows)))["valid"] == 14


def test_null_votes_that_one_counted_station_does_not_give_are_not_known() -> None:
    whole = country(contest_of(night(sheet("1", 2, 3, null=4), sheet("2", 2, 3, null=None))))
    assert (whole["null"], whole["null_low"]) == (None, 4)


def test_figure_that_the_sheet_does_not_have_is_not_zero() -> None:
    whole = country(contest_of(night(sheet("1", 2, 3), figures=("null",))))
    assert (whole["blank"], whole["blank_low"]) == (None, None)


def test_further_figures_are_added_up_beside_the_votes() -> None:
    whole = country(
        contest_of(night(sheet("1", 2, 3, spoilt=4), sheet("2", 2, 3, spoilt=1), further_figures=("spoilt",)))
    )
    assert whole["other.spoilt"] == 5


def test_disputed_station_is_outside_and_spans_its_readings() -> None:
    results = contest_of(night(sheet("1", 5, 3), sheet("1", 9, 3), sheet("2", 1, 1)))
    ana = total(results, "ana")
    assert (ana["votes"], ana["votes_low"], ana["votes_high"]) == (1, 6, 10)
    assert total(results, "ben")["votes_low"] == total(results, "ben")["votes_high"] == 4


@pytest.mark.parametrize(("voters", "high"), [(20, 1 + 17), (None, None)])
def test_figure_that_no_reading_of_a_disputed_station_has_is_no_zero(voters: int | None, high: int | None) -> None:
    rows = [sheet("1", None, ben, registered_voters=voters) for ben in (3, 4)]
    ana = total(contest_of(night(*rows, sheet("2", 1, 1, registered_voters=9))), "ana")
    assert (ana["votes"], ana["votes_low"], ana["votes_high"]) == (1, 1, high)


def test_quarantined_station_is_in_no_total_and_in_no_interval() -> None:
    results = contest_of(night(sheet("1", 5, 3, ballots=9), sheet("2", 1, 1, ballots=2), figures=("ballots",)))
    assert results.areas["verdict.quarantined"].to_list() == [1]
    assert (total(results, "ana")["votes"], total(results, "ana")["votes_high"]) == (1, 1)


REGISTER = ({"station": "1", "registered_voters": 10}, {"station": "2", "registered_voters": 10})


def test_complete_register_says_what_is_expected() -> None:
    whole = country(contest_of(night(sheet("1", 5, 3), register=REGISTER)))
    assert (whole["stations.expected"], whole["registered.expected"], whole["verdict.missing"]) == (2, 20, 1)
    assert (whole["outside_stations"], whole["outside_registered_voters"]) == (1, 10)


def test_definition_says_more_than_the_register() -> None:
    of = night(sheet("1", 5, 3), register=REGISTER, expected=7, expected_registered_voters=70)
    whole = country(contest_of(of))
    assert (whole["stations.expected"], whole["registered.expected"]) == (7, 70)
    assert (whole["outside_stations"], whole["outside_registered_voters"]) == (6, 60)


def test_incomplete_register_says_nothing_of_what_is_expected() -> None:
    whole = country(contest_of(night(sheet("1", 5, 3), register=REGISTER, register_is_complete=False)))
    unknown = [
        "stations.expected",
        "registered.expected",
        "verdict.missing",
        "outside_stations",
        "outside_registered_voters",
    ]
    assert [whole[name] for name in unknown] == [None] * 5


def test_more_stations_than_expected_leave_nothing_known_of_what_is_outside() -> None:
    of = night(sheet("1", 5, 3), sheet("2", 5, 3), expected=1, expected_registered_voters=10)
    whole = country(contest_of(of))
    assert (whole["outside_stations"], whole["verdict.missing"]) == (None, None)


def test_more_registered_voters_than_expected_leave_the_outcome_open() -> None:
    rows = [sheet(station, 5, 3, registered_voters=10) for station in "12"]
    whole = country(contest_of(night(*rows, expected=2, expected_registered_voters=19)))
    assert (whole["outside_registered_voters"], whole["can_be_overturned"]) == (None, None)


def test_station_off_the_register_takes_nothing_from_what_is_outside() -> None:
    of = night(sheet("1", 5, 3), sheet("9", 50, 3), register=REGISTER, checks={"S203": {"severity": "warning"}})
    whole = country(contest_of(of))
    assert (whole["stations.counted"], whole["stations_counted_off_register"], whole["outside_stations"]) == (1, 1, 1)
    assert (whole["registered.counted"], whole["outside_registered_voters"]) == (10, 10)
    assert votes(contest_of(of)) == {"ana": 55, "ben": 6}


def test_counted_station_of_unknown_voters_takes_its_ballots() -> None:
    of = night(
        sheet("1", 5, 3, null=2), sheet("2", 1, 1, registered_voters=30), expected=9, expected_registered_voters=100
    )
    whole = country(contest_of(of))
    assert (whole["voters_unknown"], whole["outside_registered_voters"]) == (1, 100 - 10 - 30)


def test_where_no_voters_are_known_the_ballots_still_take_from_the_national_number() -> None:
    whole = country(contest_of(night(sheet("1", 50, 3), expected=2, expected_registered_voters=90)))
    assert (whole["registered.counted"], whole["outside_registered_voters"]) == (None, 37)
    assert whole["can_be_overturned"] is False


def test_counted_station_with_more_ballots_than_voters_takes_its_ballots() -> None:
    of = night(sheet("1", 5, 9, registered_voters=10), expected=2, expected_registered_voters=100)
    whole = country(contest_of(replace(of, checks={"S201": {"severity": "warning"}})))
    assert (whole["registered.counted"], whole["outside_registered_voters"]) == (10, 86)


def test_area_is_known_as_far_as_the_register_is() -> None:
    register = (
        {"station": "1", "state": "A", "registered_voters": 10},
        {"station": "2", "state": "B", "registered_voters": 10},
        {"station": "3", "state": "B", "registered_voters": None},
    )
    results = contest_of(night(sheet("1", 5, 3), sheet("2", 5, 3), levels=("state",), register=register))
    a, b = area_of(results, "A"), area_of(results, "B")
    assert (a["stations.expected"], a["registered.expected"], a["can_be_overturned"]) == (1, 10, False)
    assert (b["stations.expected"], b["registered.expected"], b["can_be_overturned"]) == (2, None, None)
    assert country(results)["registered.expected"] is None


def test_area_is_not_known_where_a_listed_station_may_lie_in_it() -> None:
    register = ({"station": "1", "state": "A"}, {"station": "2", "state": None})
    results = contest_of(night(sheet("1", 5, 3), levels=("state",), register=register))
    assert area_of(results, "A")["stations.expected"] is None
    assert country(results)["stations.expected"] == 2


def test_legible_needs_one_reading_with_every_vote() -> None:
    half = (sheet("1", None, 3, copy="1"), sheet("1", 5, None, copy="2"))
    results = contest_of(night(*half))
    assert votes(results) == {"ana": 5, "ben": 3}
    assert (country(results)["stations.legible"], country(results)["stations.counted"]) == (0, 1)


def test_contradicted_station_whose_readings_are_disputed_too_is_not_consistent() -> None:
    origins = (SmallOrigin(id="red"), SmallOrigin(id="blue"))
    red = SmallSource(id="r", origin="red", rows=(sheet("1", 5, 3, copy="1"), sheet("1", 6, 3, copy="1")))
    blue = SmallSource(id="b", origin="blue", rows=(sheet("1", 9, 3, copy="1"),))
    whole = country(contest_of(SmallElection(sources=(red, blue), origins=origins)))
    assert (whole["verdict.contradicted"], whole["stations.consistent"]) == (1, 0)


def test_source_as_published_counts_its_own_figures_whatever_the_verdict() -> None:
    origins = (SmallOrigin(id="red"), SmallOrigin(id="blue"))
    red = SmallSource(id="r", origin="red", rows=(sheet("1", 5, 3), sheet("2", 7, 1)))
    blue = SmallSource(id="b", origin="blue", rows=(sheet("1", 9, 3), sheet("3", 1, 1)))
    of = SmallElection(sources=(red, blue), origins=origins)
    assert votes(contest_of(of)) == {"ana": 8, "ben": 2}
    assert votes(contest_of(of, policy="source:r")) == {"ana": 12, "ben": 4}
    assert votes(contest_of(of, policy="source:b")) == {"ana": 10, "ben": 4}


def test_source_as_published_counts_what_another_source_has_replaced() -> None:
    early = SmallSource(id="early", rows=(sheet("1", 5, 3), sheet("2", 7, 1)))
    late = SmallSource(id="late", rows=(sheet("1", 9, 3),), supersedes=("early",))
    of = SmallElection(sources=(early, late))
    assert votes(contest_of(of)) == {"ana": 16, "ben": 4}
    assert votes(contest_of(of, policy="source:early")) == {"ana": 12, "ben": 4}


WARNED = {"S201": {"severity": "warning"}}


def test_ballots_beyond_one_station_s_voters_are_taken_from_the_whole_and_not_twice() -> None:
    """Voters of the second station may have voted at the first; the third station's hundred are all outside."""
    of = night(
        sheet("1", 150, 40, registered_voters=100),
        sheet("2", 5, 5, registered_voters=100),
        expected=3,
        expected_registered_voters=300,
        checks=WARNED,
    )
    assert country(contest_of(of))["outside_registered_voters"] == 100


def test_ballots_beyond_the_country_s_voters_leave_the_bound_unknown() -> None:
    whole = country(contest_of(night(sheet("1", 90, 30), expected=2, expected_registered_voters=100)))
    assert (whole["outside_registered_voters"], whole["can_be_overturned"]) == (None, None)


def test_station_outside_the_count_with_more_voters_than_the_country_has_left_makes_the_bound_unknown() -> None:
    disputed = [sheet("2", ana, 60 - ana, registered_voters=60) for ana in (10, 50)]
    of = night(sheet("1", 60, 0, registered_voters=60), *disputed, expected=2, expected_registered_voters=100)
    whole = country(contest_of(of))
    assert (whole["outside_stations"], whole["outside_registered_voters"]) == (1, None)
    assert whole["can_be_overturned"] is None


def test_register_that_lists_more_than_is_expected_makes_what_is_outside_unknown() -> None:
    of = night(sheet("1", 5, 3), register=REGISTER, expected=1, expected_registered_voters=10)
    whole = country(contest_of(of))
    assert (whole["outside_stations"], whole["verdict.missing"], whole["can_be_overturned"]) == (None, None, None)


@pytest.mark.parametrize(("votes_read", "ballots"), [(50, None), (30, 500)])
def test_registered_voters_below_the_ballots_bound_no_unread_figure(votes_read: int, ballots: int | None) -> None:
    row = sheet("1", votes_read, None, registered_voters=40, ballots=ballots)
    results = contest_of(night(row, expected=1, expected_registered_voters=9_000, checks=WARNED))
    assert total(results, "ben")["votes_high"] is None
    assert country(results)["can_be_overturned"] is None


def test_totals_of_no_counted_station_are_not_known() -> None:
    results = contest_of(night(sheet("1", 5, 3), sheet("1", 5, 4), blank_is_valid=True))
    whole = country(results)
    assert [whole[name] for name in ("valid", "null", "blank", "ballots")] == [None] * 4


def test_corroborated_station_off_the_register_is_in_no_step_of_the_funnel() -> None:
    origins = (SmallOrigin(id="a"), SmallOrigin(id="b"))
    both = tuple(SmallSource(id=f"of-{each.id}", origin=each.id, rows=(sheet("9", 5, 3),)) for each in origins)
    of = SmallElection(sources=both, origins=origins, register=REGISTER, checks={"S203": {"severity": "warning"}})
    whole = country(contest_of(of))
    assert (whole["stations.consistent"], whole["stations.corroborated"], whole["verdict.corroborated"]) == (0, 0, 1)
