"""The table of verdicts, case by case, as the evidence model says it."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.laws.examining import contest_of, country

from escruta.collation.verdicts import Relations, Verdict, relations_of
from escruta.election.definition import Origin, SourceKind
from escruta.testing import Row, SmallElection, SmallOrigin, SmallSource

ORIGINS = (
    SmallOrigin(id="authority", owner="authority"),
    SmallOrigin(id="red", adverse_to=("blue",)),
    SmallOrigin(id="blue"),
    SmallOrigin(id="observers", owner="observer"),
    SmallOrigin(id="red-scans", derived_from=("red",)),
    SmallOrigin(id="red-site", derived_from=("red-scans",)),
    SmallOrigin(id="green", adverse_to=("authority",)),
)
SAME = (5, 3)
OTHER = (6, 3)
HALF = (5, None)
REST = (None, 3)
BLANK = (None, None)

# What the sources read at one station: origin, copy, votes. Then the verdict, its reasons, and ana's standing votes.
CASES: dict[str, tuple[list[tuple[str, str, tuple[int | None, int | None]]], str, str, int | None]] = {
    "one origin, one reading": ([("red", "1", SAME)], "single", "", 5),
    "one origin, two readings of one copy": ([("red", "1", SAME), ("red", "1", SAME)], "single", "", 5),
    "one origin, two copies": ([("red", "1", SAME), ("red", "2", SAME)], "single", "", 5),
    "two independent origins": ([("red", "1", SAME), ("observers", "1", SAME)], "corroborated", "", 5),
    "three independent origins": (
        [("red", "1", SAME), ("observers", "1", SAME), ("authority", "1", SAME)],
        "corroborated",
        "",
        5,
    ),
    "adverse origins": ([("red", "1", SAME), ("blue", "1", SAME)], "confirmed", "", 5),
    "adverse origins, said by the other one": ([("blue", "1", SAME), ("red", "1", SAME)], "confirmed", "", 5),
    "the authority and an origin adverse to it": ([("authority", "1", SAME), ("green", "1", SAME)], "confirmed", "", 5),
    "the authority and an origin that is not adverse to it": (
        [("authority", "1", SAME), ("observers", "1", SAME)],
        "corroborated",
        "",
        5,
    ),
    "an origin and one made from it": ([("red", "1", SAME), ("red-scans", "1", SAME)], "single", "", 5),
    "an origin and one made from what was made from it": (
        [("red", "1", SAME), ("red-site", "1", SAME)],
        "single",
        "",
        5,
    ),
    "a derived origin and an independent one": (
        [("red-site", "1", SAME), ("observers", "1", SAME)],
        "corroborated",
        "",
        5,
    ),
    "a derived origin does not inherit who is adverse": (
        [("red-site", "1", SAME), ("blue", "1", SAME)],
        "corroborated",
        "",
        5,
    ),
    "readings of one copy differ": ([("red", "1", SAME), ("red", "1", OTHER)], "disputed", "C101", None),
    "copies of one origin differ": ([("red", "1", SAME), ("red", "2", OTHER)], "disputed", "C102", None),
    "independent origins differ": ([("red", "1", SAME), ("observers", "1", OTHER)], "contradicted", "C201", None),
    "adverse origins differ": ([("red", "1", SAME), ("blue", "1", OTHER)], "contradicted", "C201", None),
    "an origin and one made from it differ": (
        [("red", "1", SAME), ("red-scans", "1", OTHER)],
        "contradicted",
        "C201",
        None,
    ),
    "two agree and a third differs": (
        [("red", "1", SAME), ("blue", "1", SAME), ("observers", "1", OTHER)],
        "contradicted",
        "C201",
        None,
    ),
    "origins differ, and readings of one copy too": (
        [("red", "1", SAME), ("red", "1", OTHER), ("blue", "1", (9, 3))],
        "contradicted",
        "C101;C201",
        None,
    ),
    "a disputed origin beside one that agrees with a reading of it": (
        [("red", "1", SAME), ("red", "1", OTHER), ("blue", "1", SAME)],
        "disputed",
        "C101",
        None,
    ),
    "one reading, in part": ([("red", "1", HALF)], "single", "", 5),
    "one reading of nothing": ([("red", "1", BLANK)], "single", "", None),
    "two halves of one copy": ([("red", "1", HALF), ("red", "1", REST)], "single", "", 5),
    "an independent origin that could read only a part": (
        [("red", "1", SAME), ("observers", "1", HALF)],
        "single",
        "",
        5,
    ),
    "two halves of adverse origins": ([("red", "1", HALF), ("blue", "1", REST)], "single", "", 5),
    "an unread figure contradicts nothing": ([("red", "1", SAME), ("blue", "1", BLANK)], "single", "", 5),
    "a part that differs contradicts": ([("red", "1", SAME), ("blue", "1", (6, None))], "contradicted", "C201", None),
    "a zero is a count": ([("red", "1", (0, 3)), ("blue", "1", (None, 3))], "single", "", 0),
    "a zero contradicts": ([("red", "1", (0, 3)), ("blue", "1", SAME)], "contradicted", "C201", None),
}


def night_of(readings: list[tuple[str, str, tuple[int | None, int | None]]]) -> SmallElection:
    sources = tuple(
        SmallSource(id=f"s{at}", origin=origin, rows=({"station": "1", "copy": copy, "ana": ana, "ben": ben},))
        for at, (origin, copy, (ana, ben)) in enumerate(readings)
    )
    return SmallElection(sources=sources, origins=ORIGINS)


@pytest.mark.parametrize("name", CASES)
def test_verdict_is_that_of_the_evidence_model(name: str) -> None:
    readings, verdict, reasons, ana = CASES[name]
    for arrival in itertools.islice(itertools.permutations(readings), 6):
        station = contest_of(night_of(list(arrival))).stations.row(0, named=True)
        assert (station["verdict"], station["reasons"], station["votes.ana"]) == (verdict, reasons, ana)
        assert station["counted"] == (verdict in {"single", "corroborated", "confirmed"})
        assert station["readings"] == len(readings)


def test_station_without_a_reading_is_missing() -> None:
    feed = SmallSource(id="feed", rows=({"station": "1", "ana": 1, "ben": 2},))
    register = ({"station": "1"}, {"station": "2"})
    results = contest_of(SmallElection(sources=(feed,), register=register))
    assert results.stations["verdict"].to_list() == ["single", None]
    assert country(results)["verdict.missing"] == 1


def test_failed_check_of_error_severity_quarantines_before_all_else() -> None:
    rows: tuple[Row, ...] = ({"station": "1", "ana": 5, "ben": 3, "ballots": 9}, {"station": "1", "ana": 6, "ben": 3})
    night = SmallElection(sources=(SmallSource(id="feed", rows=rows),), figures=("ballots",))
    station = contest_of(night).stations.row(0, named=True)
    assert (station["verdict"], station["reasons"], station["counted"]) == ("quarantined", "C101;C401", False)


def test_failed_check_of_one_origin_quarantines_what_another_agrees_with() -> None:
    good = {"station": "1", "ana": 5, "ben": 3}
    sources = (
        SmallSource(id="r", origin="red", rows=({**good, "ballots": 99},)),
        SmallSource(id="b", origin="blue", rows=(good,)),
    )
    night = SmallElection(sources=sources, origins=ORIGINS, figures=("ballots",))
    assert contest_of(night).stations["verdict"].to_list() == ["quarantined"]


def test_failed_check_of_warning_severity_changes_no_verdict() -> None:
    feed = SmallSource(id="feed", rows=({"station": "1", "ana": 5, "ben": 3, "ballots": 9},))
    night = SmallElection(sources=(feed,), figures=("ballots",), checks={"S104": {"severity": "warning"}})
    assert contest_of(night).stations["verdict"].to_list() == ["single"]


def test_other_figures_that_differ_contradict_too_and_registered_voters_do_not() -> None:
    def verdict(**other: int) -> object:
        row = {"station": "1", "ana": 5, "ben": 3, "null": 1, "registered_voters": 100}
        sources = (
            SmallSource(id="r", origin="red", rows=(row,)),
            SmallSource(id="b", origin="blue", rows=({**row, **other},)),
        )
        return contest_of(SmallElection(sources=sources, origins=ORIGINS)).stations["verdict"].item()

    assert verdict() == "confirmed"
    assert verdict(null=2) == "contradicted"
    assert verdict(registered_voters=101) == "confirmed"


def test_every_policy_counts_its_own_verdicts() -> None:
    cases = ["one origin, one reading", "two independent origins", "adverse origins", "adverse origins differ"]
    counted = {
        policy: [contest_of(night_of(CASES[name][0]), policy=policy).stations["counted"].item() for name in cases]
        for policy in ("single", "corroborated", "confirmed")
    }
    assert counted == {
        "single": [True, True, True, False],
        "corroborated": [False, True, True, False],
        "confirmed": [False, False, True, False],
    }


def test_fifteen_origins_are_told_apart() -> None:
    origins = tuple(SmallOrigin(id=f"o{at}", adverse_to=("o0",) if at == 14 else ()) for at in range(15))
    row = {"station": "1", "ana": 5, "ben": 3}
    sources = tuple(SmallSource(id=f"s{at}", origin=f"o{at}", rows=(row,)) for at in range(15))
    night = SmallElection(sources=sources, origins=origins)
    station = contest_of(night).stations.row(0, named=True)
    assert (station["verdict"], station["copies"]) == ("confirmed", 15)
    assert station["origins"] == ";".join(each.id for each in origins)
    without_last = SmallElection(sources=sources[:-1], origins=origins)
    assert contest_of(without_last).stations["verdict"].to_list() == ["corroborated"]


def origin(name: str, *, derived: tuple[str, ...] = (), adverse: tuple[str, ...] = ()) -> Origin:
    return Origin(id=name, name=name, owner=SourceKind.PARTY, derived_from=derived, adverse_to=adverse)


def test_origins_with_a_common_ancestor_are_not_independent() -> None:
    relations = relations_of([origin("a"), origin("b", derived=("a",)), origin("c", derived=("a",)), origin("d")])
    assert relations.independent == {frozenset("ad"), frozenset("bd"), frozenset("cd")}
    assert relations.strength(["b", "c"]) is Verdict.SINGLE


def test_adversity_is_mutual_and_counts_only_between_independent_origins() -> None:
    relations = Relations(origins=("a", "b"), independent=frozenset(), adverse=frozenset({frozenset("ab")}))
    assert relations.strength(["a", "b"]) is Verdict.SINGLE
    relations = relations_of([origin("a", adverse=("b",)), origin("b")])
    assert relations.strength(["b", "a"]) is relations.strength(["a", "b"]) is Verdict.CONFIRMED


@given(st.lists(st.sampled_from("abcd"), unique=True), st.sampled_from("abcd"))
def test_one_more_agreeing_origin_never_makes_a_verdict_weaker(agreeing: list[str], more: str) -> None:
    order = [Verdict.SINGLE, Verdict.CORROBORATED, Verdict.CONFIRMED]
    relations = relations_of(
        [origin("a"), origin("b", derived=("a",)), origin("c", adverse=("b",)), origin("d", derived=("b",))]
    )
    before, after = relations.strength(agreeing), relations.strength({*agreeing, more})
    assert order.index(before) <= order.index(after)
