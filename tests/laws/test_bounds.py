"""Bounds: fewer sheets never make a result surer, and a figure that was not read is never a zero."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.laws.examining import ONE_RUN, SEVERAL_RUNS, contest_of, country

from escruta.record.contents import ContestResults
from escruta.testing import Row, SmallElection
from escruta.testing.strategies import elections

_STRICT = {"S201": {"severity": "error"}, "S203": {"severity": "error"}}
"""Where a station may have more ballots than voters, or lie off the register, no number of voters bounds it."""


def without_station(night: SmallElection, station: str) -> SmallElection:
    """Take away every reading of a station; the register still lists it."""
    for source in night.sources:
        night = night.with_rows(source.id, [row for row in source.rows if row["station"] != station])
    return night


@SEVERAL_RUNS
@given(night=elections(), at=st.integers(0, 7))
def test_removing_a_sheet_never_narrows_an_outcome_bound(night: SmallElection, at: int) -> None:
    night = replace(night, register=None if isinstance(night.register, str) else night.register)
    night = replace(night, checks=_STRICT)
    stations = sorted({str(row["station"]) for source in night.sources for row in source.rows})
    fewer = without_station(night, stations[at % len(stations)])
    assume(all(source.rows for source in fewer.sources))
    more_known, fewer_known = contest_of(night), contest_of(fewer)
    every, left = country(more_known), country(fewer_known)
    for name in ("outside_stations", "outside_registered_voters"):
        if every[name] is not None and left[name] is not None:
            assert left[name] >= every[name]
    if left["can_be_overturned"] is False:
        assert every["can_be_overturned"] is not True
        assert every["leader"] == left["leader"]


@SEVERAL_RUNS
@given(night=elections(with_acts=False), at=st.integers(0, 7))
def test_unread_figure_is_never_a_zero_and_lowers_no_bound_below_what_was_read(night: SmallElection, at: int) -> None:
    """One source, whose figures one by one become unread."""
    first = night.sources[0]
    rows = [dict(row) for row in {row["station"]: row for row in first.rows}.values()]
    row = rows[at % len(rows)]
    figure = "ana" if row.get("ana") is not None else "ana-1"
    assume(row.get(figure) is not None)
    whole = replace(night, sources=(replace(first, rows=tuple(rows)),))
    changed: list[Row] = [{**each, figure: None} if each is row else each for each in rows]
    before, after = contest_of(whole), contest_of(whole.with_rows(first.id, changed))
    assume(not before.outcomes["failed"].any())
    assume(not after.outcomes["failed"].any())
    known, less = _ana(before), _ana(after)
    own = before.readings.filter(pl.col("station") == row["station"])["votes.ana"].item()
    counted = after.stations.filter(pl.col("station") == row["station"])["counted"].item()
    assert less["votes"] == known["votes"] - (own if counted else 0)
    if less["votes_high"] is not None and known["votes_high"] is not None:
        assert less["votes_low"] <= known["votes_low"] <= less["votes_high"]
    reading = after.readings.filter(pl.col("station") == row["station"])
    assert reading["votes.ana"].to_list() == [None]
    marks = after.marks.filter(pl.col("reading") == reading["reading"][0])["figure"].to_list()
    assert marks.count("votes.ana" if figure == "ana" else "option.ana-1") == 1
    assert less["unread_stations"] == known["unread_stations"] + (1 if counted else 0)


def _ana(results: ContestResults) -> dict[str, Any]:
    totals = results.tally.totals
    return totals.row(by_predicate=(pl.col("area") == "") & (pl.col("candidate") == "ana"), named=True)


@ONE_RUN
@given(night=elections())
def test_bounds_hold_what_was_counted_and_every_reading_that_an_undecided_station_may_be_decided_for(
    night: SmallElection,
) -> None:
    results = contest_of(night)
    totals = results.tally.totals
    assert totals.filter(pl.col("votes_low") < pl.col("votes")).is_empty()
    assert totals.filter(pl.col("votes_high") < pl.col("votes_low")).is_empty()
    undecided = results.stations.filter(
        pl.col("verdict").cast(pl.String).is_in(["disputed", "contradicted"]) & ~pl.col("counted")
    )["station"]
    standing = results.readings.filter(pl.col("standing") & pl.col("station").is_in(undecided.implode()))
    for row in totals.filter(pl.col("area") == "").to_dicts():
        of_stations = standing.group_by("station").agg(
            low=pl.col(f"votes.{row['candidate']}").fill_null(0).min(), high=pl.col(f"votes.{row['candidate']}").max()
        )
        assert row["votes_low"] <= row["votes"] + of_stations["high"].sum()
        assert row["votes_high"] is None or row["votes_high"] >= row["votes"] + of_stations["high"].sum()
