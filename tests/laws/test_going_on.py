"""An examination that goes on from another one finds what an examination from nothing finds.

Sheets come, go, change and move; areas are called otherwise; a source falls silent. Each night is examined on top of
the ones before it, and every file of its record is held against the one that is made from nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from tests.laws.examining import SEVERAL_RUNS

from escruta.apps.examine import Examination, examine
from escruta.base.errors import InputError
from escruta.collation import judging
from escruta.record.writing import Written, write_record
from escruta.testing import SmallElection, SmallSource, bytes_of
from escruta.testing.elections import Row
from escruta.testing.strategies import elections

CONTESTS = ("president", "senate")
NAMED = {level: {"code": level, "name": f"{level}_name"} for level in ("state", "town", "place")}


def changed(draw: st.DrawFn, rows: Sequence[Row]) -> tuple[Row, ...]:
    """Let one sheet go, come a second time, say another number, or move to another area; or move all rows by one."""
    own, at = [dict(row) for row in rows], draw(st.integers(0, max(0, len(rows) - 1)))
    kind = draw(st.sampled_from(["goes", "twice", "votes", "votes", "moves", "named", "turned", "comes", "same"]))
    if kind == "comes" or not own:
        given = dict(own[at]) if own else {"station": "1"}
        return (*own, given | {"station": draw(st.sampled_from(["1", "2", "8", "9"]))})
    figures = [name for name, value in own[at].items() if isinstance(value, int)]
    if kind == "goes" and len(own) > 1:
        del own[at]
    elif kind in {"twice", "votes"} and figures:
        more = {**own[at], draw(st.sampled_from(figures)): draw(st.sampled_from([0, 7, "?", "x", ""]))}
        own = [*own[: at + (kind == "twice")], more, *own[at + 1 :]]
    elif kind in {"moves", "named"}:
        ends = "" if kind == "moves" else "_name"
        own[at] |= {f"{level}{ends}": draw(st.sampled_from("XYZ")) for level in NAMED if level in own[at]}
    elif kind == "turned":
        own.reverse()
    return tuple(own)


@st.composite
def nights(draw: st.DrawFn) -> list[SmallElection]:
    """Draw an election, and the same after one change and another in the files of its sources or its register."""
    first = draw(elections())
    layout = {level: NAMED[level] for level in first.levels}

    def placed(row: Row) -> Row:
        return {**row, **{f"{level}_name": f"N{row[level]}" if row[level] else None for level in first.levels}}

    def named(source: SmallSource) -> SmallSource:
        if not layout or not all(level in row for row in source.rows for level in layout):
            return source
        return replace(source, rows=tuple(map(placed, source.rows)), layout={**source.layout, "areas": layout})

    sources = tuple(map(named, first.sources))
    if len(sources) > 1 and draw(st.booleans()):
        sources = tuple(
            replace(each, contest=CONTESTS[at % len(CONTESTS)], supersedes=()) for at, each in enumerate(sources)
        )
        first = replace(first, contests=CONTESTS)
    policy = draw(st.sampled_from([first.policy, first.policy, f"source:{sources[-1].id}"]))
    found = [replace(first, sources=sources, policy=policy)]
    for _ in range(draw(st.integers(1, 3))):
        last = draw(st.sampled_from([found[-1], found[-1], found[-1], found[0]]))
        which = draw(st.sampled_from(last.sources))
        night = last.with_rows(which.id, changed(draw, which.rows))
        found.append(replace(night, register=relisted(draw, night.register)))
    return found


def relisted(draw: st.DrawFn, register: tuple[Row, ...] | str | None) -> tuple[Row, ...] | str | None:
    """Let the first station leave the register, have other voters or none known, or lie in another area; or nothing."""
    kind = draw(st.sampled_from(["same", "same", "goes", "voters", "moves"]))
    if not isinstance(register, tuple) or kind == "same":
        return register
    first, *others = register
    if kind == "goes":
        return tuple(others) or register
    names = ["registered_voters"] if kind == "voters" else [name for name in NAMED if name in first]
    return ({**first, **{name: draw(st.sampled_from([None, 9])) for name in names}}, *others)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """An examination, and the record that was written of it."""

    examination: Examination
    written: Written


def hold(folder: Path, night: SmallElection, since: Version | None, number: int) -> Version | None:
    """Record a night from nothing, and on top of the one before; what cannot be used is refused both times."""
    election = night.write(folder)
    before = None if since is None else since.examination
    try:
        fresh = examine(election, [folder])
    except InputError as refused:
        with pytest.raises(type(refused), match=re.escape(str(refused))):
            examine(election, [folder], since=before)
        return since
    found = examine(election, [folder], since=before)
    places = [folder / f"{name}-{number}" for name in ("fresh", "found")]
    for place in places:
        place.mkdir()
    write_record(fresh.results, places[0])
    written = write_record(found.results, places[1], since=None if since is None else since.written)
    assert bytes_of(places[1]) == bytes_of(places[0])
    for one, anew in zip(found.contests, fresh.contests, strict=True):
        assert_frame_equal(one.outcomes.sums, anew.outcomes.sums)  # from which the next one goes on
    for name, table in written.files.tables.items():
        assert_frame_equal(table, pl.read_parquet(places[0] / f"{name}.parquet"))
    return Version(examination=found, written=written)


def in_turn(nights: Sequence[SmallElection]) -> None:
    since = None
    with TemporaryDirectory() as name, patch.object(judging, "FEW", 0):  # however many stations are touched
        for number, night in enumerate(nights):
            since = hold(Path(name), night, since, number)


@settings(max_examples=max(3, SEVERAL_RUNS.max_examples // 3))
@given(nights=nights())
def test_an_examination_that_goes_on_finds_what_one_from_nothing_finds(nights: list[SmallElection]) -> None:
    in_turn(nights)
