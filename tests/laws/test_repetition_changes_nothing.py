"""The same reading twice changes nothing but the check that notices it (S301)."""

from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from tests.laws.examining import SEVERAL_RUNS, comparable, examined

from escruta.record.contents import Results
from escruta.testing import SmallElection
from escruta.testing.strategies import elections


@SEVERAL_RUNS
@given(night=elections(), times=st.integers(2, 3), every=st.integers(1, 3))
def test_same_reading_twice_changes_nothing_but_s301(night: SmallElection, times: int, every: int) -> None:
    repeated = night
    for source in night.sources:
        rows = [row for at, row in enumerate(source.rows) for _ in range(times if at % every == 0 else 1)]
        repeated = repeated.with_rows(source.id, rows)
    once, again = examined(night), examined(repeated)
    before, after = comparable(once), comparable(again)
    assert {name for name in before if before[name] != after[name]} <= {
        "readings-president",  # `repeats`
        "checks-president",  # S301
        "checks",  # how many failed S301
        "findings",  # S301
        "summary",  # how many findings
    }
    assert _without_s301(before) == _without_s301(after)
    assert _findings(once) == _findings(again)


def _without_s301(tables: dict[str, list[Any]]) -> list[Any]:
    noticed = (".checks[", ".findings.")
    return [pair for pair in tables["summary"][0] if not any(word in pair[0] for word in noticed)]


def _findings(results: Results) -> list[Any]:
    found = results.contests[0].findings.filter(pl.col("code") != "S301").drop("row")
    return sorted(found.rows(), key=str)
