"""Two engines agree: a stock DuckDB, with the record's own recompute.sql, comes to the totals that we came to."""

from __future__ import annotations

import contextlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from tests.laws.examining import SEVERAL_RUNS, examined

from escruta.record.contents import Results
from escruta.record.writing import write_record
from escruta.testing import SmallElection, SmallSource
from escruta.testing.strategies import elections


def recomputed(results: Results) -> tuple[list[Any], dict[str, str]]:
    """Run recompute.sql over a written record: its rows, and the verdicts that it gives."""
    with TemporaryDirectory() as folder, contextlib.chdir(folder), duckdb.connect() as engine:
        write_record(results, Path(folder))
        engine.execute("SET threads = 1")
        engine.execute(Path("recompute.sql").read_text(encoding="utf-8"))
        rows = engine.execute("SELECT candidate, votes, in_the_record, agrees FROM recomputed").fetchall()
        verdicts = dict(engine.execute("SELECT station, verdict FROM verdicts").fetchall())
    return rows, verdicts


@SEVERAL_RUNS
@given(night=elections(), policy=st.sampled_from(["single", "corroborated", "confirmed", "source:s0"]))
def test_two_engines_agree(night: SmallElection, policy: str) -> None:
    results = examined(night, policy=policy)
    contest = results.contests[0]
    rows, verdicts = recomputed(results)
    totals = contest.tally.totals.filter(pl.col("area") == "")
    assert {(candidate, votes) for candidate, votes, _, _ in rows} == set(totals.select("candidate", "votes").rows())
    assert all(agrees for *_, agrees in rows)
    if not policy.startswith("source:"):
        ours = contest.stations.filter(pl.col("verdict").is_not_null())
        assert verdicts == dict(ours.select("station", pl.col("verdict").cast(pl.String)).rows())


def test_second_engine_notices_a_total_that_was_changed() -> None:
    night = SmallElection(sources=(SmallSource(id="feed", rows=({"station": "1", "ana": 3, "ben": 2},)),))
    results = examined(night)
    contest = results.contests[0]
    contest.tally.totals[0, "votes"] = 4
    rows, _ = recomputed(results)
    assert sorted(agrees for *_, agrees in rows) == [False, True]
