"""Fewer sources are a smaller election: what is left out leaves no trace, and nothing breaks."""

from __future__ import annotations

import pytest
from tests.laws.examining import contest_of, examined, verdicts, votes

from escruta.base.errors import InputError
from escruta.record.summary import summary_of
from escruta.testing import Row, SmallElection, SmallSource

ROW: Row = {"station": "1", "ana": 5, "ben": 3, "registered_voters": 20}


def two_contests() -> SmallElection:
    feeds = tuple(SmallSource(id=name[0], rows=(ROW,), contest=name) for name in ("president", "senate"))
    return SmallElection(sources=feeds, contests=("president", "senate"))


def test_contest_without_a_chosen_source_is_not_examined() -> None:
    results = examined(two_contests(), sources=["s"])
    assert [each.contest for each in results.contests] == ["senate"]
    assert [each["contest"] for each in summary_of(results)["contests"]] == ["senate"]


def test_source_as_published_leaves_another_contest_to_the_policy_single() -> None:
    results = examined(two_contests(), policy="source:p")
    assert [each.policy for each in results.contests] == ["source:p", "single"]
    assert [votes(each) for each in results.contests] == [{"ana": 5, "ben": 3}, {"ana": 5, "ben": 3}]


def test_register_of_a_source_that_was_not_chosen_lists_nothing() -> None:
    sources = (SmallSource(id="a", rows=(ROW,)), SmallSource(id="b", rows=({**ROW, "station": "2"},)))
    night = SmallElection(sources=sources, register="a", expected=9, expected_registered_voters=90)
    results = examined(night, sources=["b"])
    assert results.geography.stations.select("station", "on_register").rows() == [("2", False)]
    assert verdicts(results.contests[0]) == {"2": "single"}


def test_source_that_supersedes_one_that_was_not_chosen_stands() -> None:
    sources = (SmallSource(id="a", rows=(ROW,)), SmallSource(id="b", rows=({**ROW, "ana": 6},), supersedes=("a",)))
    assert votes(contest_of(SmallElection(sources=sources), sources=["b"]))["ana"] == 6
    assert votes(contest_of(SmallElection(sources=sources), sources=["a"]))["ana"] == 5


@pytest.mark.parametrize("sources", [[], ["x"], ["p", "x"]])
def test_choice_of_no_source_or_of_one_that_is_not_there_is_refused(sources: list[str]) -> None:
    with pytest.raises(InputError):
        examined(two_contests(), sources=sources)


def test_policy_of_a_source_that_was_not_chosen_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        examined(two_contests(), sources=["s"], policy="source:p")
    assert caught.value.found == "p"
