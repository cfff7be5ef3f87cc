"""Relabelling candidates and options relabels totals, and the order of candidates on the ballot changes no total."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from tests.laws.examining import SEVERAL_RUNS, contest_of, country, verdicts, votes

from escruta.testing import Row, SmallElection
from escruta.testing.strategies import elections

OTHERS = {"ana": "zoe", "ben": "yan", "cleo": "xu", "dov": "wim", "ana-1": "q1", "ana-2": "q2"}


def relabelled(night: SmallElection) -> SmallElection:
    sources = tuple(replace(each, rows=tuple(_row(row) for row in each.rows)) for each in night.sources)
    options = {OTHERS[option]: OTHERS[candidate] for option, candidate in night.options.items()}
    return replace(night, sources=sources, options=options, candidates=tuple(OTHERS[each] for each in night.candidates))


def _row(row: Row) -> Row:
    return {OTHERS.get(name, name): value for name, value in row.items()}


@SEVERAL_RUNS
@given(night=elections())
def test_relabelling_relabels_totals(night: SmallElection) -> None:
    before, after = contest_of(night), contest_of(relabelled(night))
    assert {OTHERS[candidate]: count for candidate, count in votes(before).items()} == votes(after)
    assert verdicts(before) == verdicts(after)
    first, second = country(before), country(after)
    assert second["leader"] == OTHERS.get(str(first["leader"]), first["leader"])
    assert second["runner_up"] == OTHERS.get(str(first["runner_up"]), first["runner_up"])


@SEVERAL_RUNS
@given(night=elections(with_options=False))
def test_order_on_the_ballot_changes_no_total(night: SmallElection) -> None:
    before, after = contest_of(night), contest_of(replace(night, candidates=night.candidates[::-1]))
    assert votes(before) == votes(after)
    assert verdicts(before) == verdicts(after)
    for name in ("leader", "margin_votes", "can_be_overturned", "outside_registered_voters"):
        assert country(before)[name] == country(after)[name]
