"""A later act or snapshot replaces what it says it replaces, and nothing else; nobody speaks another's reading away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest
from tests.laws.examining import contest_of, verdicts, votes

from escruta.record.contents import ContestResults
from escruta.testing import Row, SmallElection, SmallOrigin, SmallSource


def sheet(ana: int | None, **more: object) -> Row:
    return {"station": "1", "ana": ana, "ben": 0, **more}


def source(name: str, *rows: Row, **more: Any) -> SmallSource:
    return SmallSource(id=name, rows=rows, **{"origin": name, **more})


def found(*sources: SmallSource) -> ContestResults:
    origins = tuple(SmallOrigin(id=each) for each in dict.fromkeys(each.origin for each in sources))
    return contest_of(SmallElection(sources=sources, origins=origins))


def standing(results: ContestResults) -> Mapping[str, bool]:
    of = results.readings.select(pl.col("source").cast(pl.String), "votes.ana", "standing").rows()
    return {f"{name} {ana}": stands for name, ana, stands in of}


def id_of(reading: Row, **more: Any) -> str:
    """Learn a reading's digest, as whoever publishes a correction would."""
    return found(source("feed", reading, **more)).readings["reading"].item()  # type: ignore[no-any-return]


def test_snapshot_replaces_the_earlier_one_where_it_has_a_reading() -> None:
    early = source("early", sheet(5), sheet(6, station="2"), origin="o")
    results = found(early, source("late", sheet(7), origin="o", supersedes=("early",)))
    assert standing(results) == {"early 5": False, "early 6": True, "late 7": True}
    assert verdicts(results) == {"1": "single", "2": "single"}
    assert votes(results)["ana"] == 13


def test_snapshot_replaces_what_the_earlier_one_replaced() -> None:
    """The second snapshot may lack a station that the first and the third have."""
    first = source("first", sheet(5), origin="o")
    second = source("second", sheet(6, station="2"), origin="o", supersedes=("first",))
    third = source("third", sheet(7), origin="o", supersedes=("second",))
    assert standing(found(first, second, third)) == {"first 5": False, "second 6": True, "third 7": True}


def test_snapshot_leaves_the_other_side_standing() -> None:
    early, late = source("early", sheet(5), origin="o"), source("late", sheet(7), origin="o", supersedes=("early",))
    results = found(early, late, source("other", sheet(5)))
    assert verdicts(results) == {"1": "contradicted"}


def test_canvass_that_supersedes_the_count_replaces_it_in_every_source() -> None:
    canvass = source("canvass", sheet(7), act="canvass", supersedes=("count",))
    results = found(source("count", sheet(5)), source("other", sheet(5)), canvass)
    assert standing(results) == {"count 5": False, "other 5": False, "canvass 7": True}
    assert verdicts(results) == {"1": "single"}
    assert results.stations["act"].to_list() == ["canvass"]


def test_canvass_that_supersedes_nothing_contradicts_the_count_and_says_why() -> None:
    results = found(source("count", sheet(5)), source("canvass", sheet(7), act="canvass"))
    assert verdicts(results) == {"1": "contradicted"}
    assert results.stations["reasons"].to_list() == ["C201;C301"]
    assert verdicts(found(source("count", sheet(7)), source("canvass", sheet(7), act="canvass"))) == {
        "1": "corroborated"
    }


def test_count_never_replaces_a_canvass_of_another_source() -> None:
    canvass = source("canvass", sheet(7), sheet(5, act="count"), sheet(7, act="canvass"))
    results = found(canvass, source("later", sheet(7, act="canvass"), sheet(5, act="count"), supersedes=("canvass",)))
    assert [stands for name, stands in standing(results).items() if name == "later 7"] == [True]
    assert votes(results)["ana"] == 7


def test_reading_replaces_the_reading_of_its_source_that_it_names() -> None:
    correction = sheet(7, supersedes=id_of(sheet(5, supersedes=None)))
    results = found(source("feed", sheet(5, supersedes=None), correction))
    assert standing(results) == {"feed 5": False, "feed 7": True}
    assert verdicts(results) == {"1": "single"}


@pytest.mark.parametrize("act", ["count", "canvass", "ruling"])
@pytest.mark.parametrize("kind", ["party", "press", "citizen", "observer"])
def test_nobody_speaks_another_sources_reading_away(act: str, kind: str) -> None:
    target = id_of(sheet(5), kind="authority")
    attack = source("attack", sheet(99, supersedes=target, act=act), kind=kind)
    results = found(source("feed", sheet(5), kind="authority"), attack)
    assert standing(results) == {"feed 5": True, "attack 99": True}
    assert verdicts(results) == {"1": "contradicted"}


def test_nobody_speaks_the_count_away_by_replacing_a_count_of_their_own() -> None:
    own = id_of(sheet(5, supersedes=None, act="count"))
    rows = (sheet(5, supersedes=None, act="count"), sheet(99, supersedes=own, act="ruling"))
    results = found(source("feed", *rows, kind="party"), source("other", sheet(5)))
    assert standing(results) == {"feed 5": False, "feed 99": True, "other 5": True}
    assert verdicts(results) == {"1": "contradicted"}


def test_canvass_of_the_authority_that_names_its_count_replaces_every_count() -> None:
    own = id_of(sheet(5, supersedes=None, act="count"))
    rows = (sheet(5, supersedes=None, act="count"), sheet(6, supersedes=own, act="canvass"))
    results = found(source("feed", *rows, kind="authority"), source("other", sheet(5)))
    assert standing(results) == {"feed 5": False, "feed 6": True, "other 5": False}
    assert verdicts(results) == {"1": "single"}


def test_reading_that_names_itself_or_nobody_replaces_nothing() -> None:
    results = found(source("feed", sheet(5, supersedes="0" * 64)))
    assert standing(results) == {"feed 5": True}


def test_superseded_readings_stay_in_the_record_and_in_the_agreement() -> None:
    early, late = source("early", sheet(5), origin="o"), source("late", sheet(7), origin="o", supersedes=("early",))
    results = found(early, late)
    assert results.readings.height == 2
    assert results.agreement.rows() == [("early", "late", 1, 1)]
