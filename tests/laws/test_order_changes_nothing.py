"""The order of arrival changes nothing: rows may come in any order, and so may sources."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from tests.laws.examining import SEVERAL_RUNS, comparable, examined

from escruta.testing import SmallElection, SmallSource
from escruta.testing.strategies import elections


@SEVERAL_RUNS
@given(night=elections(), seed=st.integers(0, 1000))
def test_order_of_rows_and_of_sources_changes_nothing(night: SmallElection, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a shuffle, not a secret
    shuffled = night
    for source in night.sources:
        shuffled = shuffled.with_rows(source.id, chance.sample(source.rows, len(source.rows)))
    if isinstance(night.register, tuple):
        shuffled = replace(shuffled, register=tuple(chance.sample(night.register, len(night.register))))
    turned = replace(night, sources=night.sources[::-1])
    usual = comparable(examined(night))
    assert comparable(examined(shuffled)) == usual
    assert comparable(examined(turned)) == usual


def test_order_of_rows_that_contradict_each_other_about_a_station_changes_nothing() -> None:
    rows = (
        {"station": "1", "state": "A", "registered_voters": 10, "picture": "p", "ana": 1, "ben": 2},
        {"station": "1", "state": "B", "registered_voters": 20, "picture": "q", "ana": 1, "ben": 2},
        {"station": "1", "state": "B", "registered_voters": 20, "picture": "r", "ana": 1, "ben": 2},
        {"station": "2", "state": "B", "registered_voters": 20, "picture": "s", "ana": "x", "ben": 2},
        {"station": "2", "state": "B", "registered_voters": 20, "picture": "s", "ana": "y", "ben": 2},
    )
    night = SmallElection(
        sources=(SmallSource(id="feed", rows=rows),), levels=("state",), register="feed", expected_registered_voters=90
    )
    turned = night.with_rows("feed", rows[::-1])
    assert comparable(examined(turned)) == comparable(examined(night))
