"""What is said anew of some stations changes the stations and areas as it would if everything were said anew."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from escruta.base.splicing import keys_that_differ
from escruta.election.definition import Election
from escruta.sources.told import Told, with_codes_filled
from escruta.testing import SmallElection, SmallSource

COLUMNS = ("station", "code.state", "name.state", "code.town", "name.town")
SCHEMA = pl.Schema({**dict.fromkeys(COLUMNS, pl.String), "registered_voters": pl.Int64})
NAMES = st.sampled_from([None, "N", "M", "A"])
AREA = st.tuples(st.sampled_from(["A", "B", None]), NAMES, st.sampled_from(["x", "y", None]), NAMES)
SAID = st.dictionaries(st.sampled_from("123456"), st.tuples(AREA, st.sampled_from([None, 5])), max_size=5)
Said = dict[str, tuple[tuple[str | None, ...], int | None]]


def definition() -> Election:
    row = {"station": "1", "ana": 1, "ben": 1, "state": "A", "town": "x"}
    with TemporaryDirectory() as name:
        return SmallElection(sources=(SmallSource(id="one", rows=(row,)),), levels=("state", "town")).write(Path(name))


ELECTION = definition()


def told(*sources: Said) -> Told:
    frames = [
        pl.DataFrame([(each, *area, voters) for each, (area, voters) in sorted(said.items())], SCHEMA, orient="row")
        for said in sources
    ]
    filled = tuple(with_codes_filled(frame, ELECTION) for frame in frames)
    return Told(frames=filled, has_register=True, is_both=True)


def one(state: str, name: str | None = None) -> tuple[tuple[str | None, ...], int | None]:
    return (state, name, "x", None), None


@settings(max_examples=40)
@given(register=SAID, listed=st.just({}) | SAID, before=SAID, more=SAID, gone=st.sets(st.sampled_from("123456")))
@example(register={}, listed={}, before={"1": one("A", "N")}, more={"2": one("A", "M")}, gone=set())
@example(register={}, listed={}, before={"1": one("A", "M"), "2": one("A", "N")}, more={"1": one("A")}, gone=set())
@example(register={}, listed={}, before={"1": one("A"), "2": one("B")}, more={}, gone={"2"})
@example(register={"1": one("A", "N")}, listed={}, before={}, more={"1": one("A"), "2": one("B")}, gone=set())
@example(register={"2": one("A")}, listed={"1": one("A")}, before={"1": one("B")}, more={}, gone={"2"})
def test_what_is_said_anew_of_some_stations_is_drawn_as_if_all_were(
    register: Said, listed: Said, before: Said, more: Said, gone: set[str]
) -> None:
    """With `listed` in the register for a while, `more` in the source, and others `gone` from there."""
    was = told({**register, **listed}, before)
    register = {each: (said[0], 7) if each in gone else said for each, said in register.items()}
    now = told(register, {each: said for each, said in {**before, **more}.items() if each not in gone})
    touched = pl.concat([keys_that_differ(*each, "station") for each in zip(was.frames, now.frames, strict=True)])
    stations = was.stations(ELECTION)
    found = now.again(ELECTION, touched.unique(), was, stations, was.areas(ELECTION, stations))
    assert_frame_equal(found[0], now.stations(ELECTION))
    assert_frame_equal(found[1], now.areas(ELECTION, found[0]))


def test_who_says_nothing_new_leaves_the_stations_and_areas_as_they_were() -> None:
    register = {"1": one("A", "N"), "2": one("A", "N")}
    was, now = told(register, {"1": one("A")}), told(register, {"1": one("A"), "2": one("A", "N")})
    stations = was.stations(ELECTION)
    areas = was.areas(ELECTION, stations)
    found = now.again(ELECTION, pl.Series("station", ["2"]), was, stations, areas)
    assert found[0] is stations
    assert found[1] is areas
