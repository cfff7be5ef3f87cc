"""The funnel narrows from step to step, and a stricter policy counts fewer stations."""

from __future__ import annotations

import itertools

from hypothesis import given
from tests.laws.examining import ONE_RUN, SEVERAL_RUNS, contest_of

from escruta.testing import SmallElection
from escruta.testing.strategies import elections

NARROWING = ("received", "legible", "consistent", "corroborated")


@ONE_RUN
@given(night=elections())
def test_funnel_is_nested_and_in_order(night: SmallElection) -> None:
    for area in contest_of(night).areas.to_dicts():
        for unit in ("stations", "registered"):
            pairs = [*itertools.pairwise(NARROWING), ("received", "counted")]
            for wide, narrow in pairs:
                assert (area[f"{unit}.{wide}"] is None) == (area[f"{unit}.{narrow}"] is None)
                if area[f"{unit}.{wide}"] is not None:
                    assert area[f"{unit}.{wide}"] >= area[f"{unit}.{narrow}"], (wide, narrow, unit)


@SEVERAL_RUNS
@given(night=elections())
def test_stricter_policy_counts_a_part_of_what_the_wider_one_counts(night: SmallElection) -> None:
    single, corroborated, confirmed = (
        {*contest_of(night, policy=policy).stations.filter("counted")["station"]}
        for policy in ("single", "corroborated", "confirmed")
    )
    assert confirmed <= corroborated <= single
