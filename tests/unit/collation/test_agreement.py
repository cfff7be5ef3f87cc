"""How sources agree two by two, and what is told of each station where readings differ."""

from __future__ import annotations

from tests.laws.examining import contest_of

from escruta.testing import Row, SmallElection, SmallSource


def found(**sources: tuple[Row, ...]):
    return contest_of(SmallElection(sources=tuple(SmallSource(id=name, rows=rows) for name, rows in sources.items())))


def sheet(station: str, ana: int | None, ben: int | None = 3) -> Row:
    return {"station": station, "ana": ana, "ben": ben}


def test_stations_that_both_sources_read_are_shared_and_those_where_a_figure_differs_are_differing() -> None:
    results = found(a=(sheet("1", 5), sheet("2", 5), sheet("3", 5)), b=(sheet("2", 5), sheet("3", 6), sheet("4", 1)))
    assert results.agreement.rows() == [("a", "b", 2, 1)]


def test_unread_figure_differs_from_nothing() -> None:
    assert found(a=(sheet("1", None),), b=(sheet("1", 6),)).agreement.rows() == [("a", "b", 1, 0)]
    assert found(a=(sheet("1", None, 4),), b=(sheet("1", 6, 5),)).agreement.rows() == [("a", "b", 1, 1)]


def test_sources_without_a_common_station_share_none() -> None:
    assert found(a=(sheet("1", 5),), b=(sheet("2", 5),)).agreement.rows() == [("a", "b", 0, 0)]


def test_every_pair_of_sources_is_compared_once() -> None:
    same = (sheet("1", 5),)
    pairs = found(a=same, b=same, c=same, d=same).agreement.select("a", "b").rows()
    assert pairs == [("a", "b"), ("a", "c"), ("a", "d"), ("b", "c"), ("b", "d"), ("c", "d")]


def test_one_source_agrees_with_nobody() -> None:
    assert found(a=(sheet("1", 5),)).agreement.is_empty()


def test_difference_names_station_figure_and_what_each_source_read() -> None:
    results = found(a=(sheet("1", 210),), b=(sheet("1", 211),))
    (finding,) = results.findings.to_dicts()
    assert finding == {
        "code": "C101",
        "severity": "error",
        "contest": "president",
        "station": "1",
        "source": None,
        "reading": None,
        "file": None,
        "row": None,
        "figure": "votes.ana",
        "found": "a 210, b 211",
        "expected": None,
        "limit": None,
    }


def test_figures_that_agree_are_no_difference() -> None:
    results = found(a=(sheet("1", 5), sheet("2", 7)), b=(sheet("1", 6), sheet("2", 7)))
    assert results.findings.select("station", "figure").rows() == [("1", "votes.ana")]
