"""Parts add to the whole: the areas of a level, and the stations whose area nobody knows, are the country."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from tests.laws.examining import ONE_RUN, contest_of, country

from escruta.record.contents import ContestResults
from escruta.tally.totals import STEPS
from escruta.testing import SmallElection
from escruta.testing.strategies import elections


def areas_of_every_level_add_to_the_area_above(night: SmallElection, results: ContestResults) -> None:
    placed = results.stations.filter(pl.col("area").is_not_null())
    known = results.areas.filter(pl.col("area").is_in(["", *_paths(placed)]))
    assert known.height == results.areas.height, "an area without a station"
    sums = [f"stations.{step}" for step in STEPS[1:]] + ["candidate_votes", "voters_unknown"]
    sums += [name for name in results.areas.columns if name.startswith("verdict.") and name != "verdict.missing"]
    for depth in range(1, len(night.levels)):
        of_depth = results.areas.filter((pl.col("area") != "") & (pl.col("area").str.count_matches("/") == depth))
        above = results.areas.filter((pl.col("area") != "") & (pl.col("area").str.count_matches("/") == depth - 1))
        added = of_depth.group_by(pl.col("area").str.replace("/[^/]*$", "")).agg(pl.col(sums).sum()).sort("area")
        assert added.rows() == above.select("area", *sums).sort("area").rows()


def areas_and_stations_of_unknown_area_add_to_the_country(night: SmallElection, results: ContestResults) -> None:
    if not night.levels:
        assert results.areas["area"].to_list() == [""]
        return
    top = results.tally.totals.filter((pl.col("area") != "") & ~pl.col("area").str.contains("/", literal=True))
    nowhere = results.stations.filter(pl.col("area").is_null() & pl.col("counted"))
    totals = results.tally.totals.filter(pl.col("area") == "")
    for candidate, votes in totals.select("candidate", "votes").rows():
        of_areas = top.filter(pl.col("candidate") == candidate)["votes"].sum()
        assert of_areas == votes - nowhere[f"votes.{candidate}"].sum()
    if results.stations["area"].null_count() == 0:
        ends = ["votes_low", "unread_stations"]
        assert (
            top.group_by("candidate").agg(pl.col(ends).sum()).sort("candidate").rows()
            == totals.select("candidate", *ends).sort("candidate").rows()
        )
        for candidate, high in totals.select("candidate", "votes_high").rows():
            parts = top.filter(pl.col("candidate") == candidate)["votes_high"]
            assert high == (None if parts.null_count() else parts.sum())


def counted_and_outside_add_to_expected(_night: SmallElection, results: ContestResults) -> None:
    """Where more stations are known than are expected, the expected number is wrong, and nothing is said."""
    for area in results.areas.to_dicts():
        within = (
            pl.lit(value=True) if area["area"] == "" else (pl.col("area") + "/").str.starts_with(f"{area['area']}/")
        )
        known = results.stations.filter("listed", within).height
        parts = [("stations.counted", "outside_stations"), ("stations.received", "verdict.missing")]
        for reached, left in parts:
            if area["stations.expected"] is None or known > area["stations.expected"]:
                assert area[left] is None
            else:
                assert area[reached] + area[left] == area["stations.expected"]


def nothing_is_negative(_night: SmallElection, results: ContestResults) -> None:
    for frame in (results.areas, results.tally.totals):
        least = frame.select(pl.selectors.integer().min()).row(0, named=True)
        assert {name: value for name, value in least.items() if value is not None and value < 0} == {}


def what_is_not_known_is_null_and_never_zero(night: SmallElection, results: ContestResults) -> None:
    whole = country(results)
    if whole["registered.expected"] is None:
        assert whole["outside_registered_voters"] is None
        assert whole["can_be_overturned"] is None
    for name in ("null", "blank"):
        counted = results.stations.filter("counted")
        if counted[name].null_count():
            assert whole[name] is None
        assert whole[f"{name}_low"] == counted[name].sum() or name not in night.figures


def _paths(placed: pl.DataFrame) -> set[str]:
    paths = [path.split("/") for path in placed["area"].to_list()]
    return {"/".join(path[:depth]) for path in paths for depth in range(1, len(path) + 1)}


LAWS = (
    areas_of_every_level_add_to_the_area_above,
    areas_and_stations_of_unknown_area_add_to_the_country,
    counted_and_outside_add_to_expected,
    nothing_is_negative,
    what_is_not_known_is_null_and_never_zero,
)


@settings(max_examples=2 * ONE_RUN.max_examples)
@given(night=elections())
def test_every_law_of_parts_and_wholes_holds(night: SmallElection) -> None:
    """One run of the main job serves all of them, so that each is tried on more elections."""
    results = contest_of(night)
    for law in LAWS:
        law(night, results)
