"""A station's verdict depends on its own readings and the register, and on no other station."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from tests.laws.examining import SEVERAL_RUNS, contest_of, verdicts

from escruta.testing import SmallElection
from escruta.testing.strategies import elections


@SEVERAL_RUNS
@given(night=elections(), at=st.integers(0, 7))
def test_verdict_of_a_station_depends_on_its_own_readings_only(night: SmallElection, at: int) -> None:
    night = replace(night, register=None if isinstance(night.register, str) else night.register)
    stations = sorted({str(row["station"]) for source in night.sources for row in source.rows})
    station = stations[at % len(stations)]
    own = [replace(each, rows=tuple(row for row in each.rows if row["station"] == station)) for each in night.sources]
    left = {each.id for each in own if each.rows}
    sources = tuple(
        replace(each, supersedes=tuple(other for other in each.supersedes if other in left))
        for each in own
        if each.rows
    )
    alone = replace(night, sources=sources)
    assert verdicts(contest_of(alone))[station] == verdicts(contest_of(night))[station]
