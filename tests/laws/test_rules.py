"""Rules: who has won whatever comes, by trying everything that could come."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from escruta.assessment.forms import share_of_text, standing
from escruta.election.definition import Candidate, Contest, Rule, Win

SHARES = st.sampled_from(["10%", "33.3%", "40%", "45%", "50%", "60%"])
WINS = st.builds(
    Win,
    more_than=st.none(),
    at_least=SHARES,
    ahead_by_more_than=st.none() | SHARES,
) | st.builds(Win, more_than=SHARES, ahead_by_at_least=st.none() | SHARES)
RULES = (
    st.just("plurality")
    | st.builds(lambda wins: Rule(wins=tuple(wins)), st.lists(WINS, min_size=1, max_size=2))
    | st.builds(lambda bar: Rule(bar=bar), SHARES)
)


def contest(rule, names="abc") -> Contest:
    return Contest(id="c", name="C", rule=rule, candidates=tuple(Candidate(id=each, name=each) for each in names))


def winners(rule, votes) -> set[int]:
    """The law's words, once more and by other means: shares as fractions."""
    whole = sum(votes)
    if isinstance(rule, Rule) and rule.bar is not None:
        return {place for place, own in enumerate(votes) if own >= share_of_text(rule.bar) * whole}
    found = set()
    for place, own in enumerate(votes):
        rest = max(each for number, each in enumerate(votes) if number != place)
        if own <= rest:
            continue
        if rule == "plurality" or any(_wins(win, own, rest, whole) for win in rule.wins):
            found.add(place)
    return found


def _wins(win: Win, own: int, rest: int, whole: int) -> bool:
    def share(text: str) -> Fraction:
        return share_of_text(text) * whole

    return (
        (win.more_than is None or own > share(win.more_than))
        and (win.at_least is None or own >= share(win.at_least))
        and (win.ahead_by_more_than is None or own - rest > share(win.ahead_by_more_than))
        and (win.ahead_by_at_least is None or own - rest >= share(win.ahead_by_at_least))
    )


def worlds(votes, reach):
    for more in product(range(reach + 1), repeat=len(votes)):
        if sum(more) <= reach:
            yield [own + each for own, each in zip(votes, more, strict=True)]


VOTES = st.lists(st.integers(0, 12), min_size=3, max_size=3)


@given(rule=RULES, votes=VOTES, reach=st.integers(0, 6))
def test_certain_is_who_wins_in_every_world(rule, votes, reach):
    found = standing(contest(rule), votes, reach)
    every = set.intersection(*(winners(rule, world) for world in worlds(votes, reach)))
    assert set(found.certain) == {"abc"[place] for place in every}


@given(rule=RULES, votes=VOTES, reach=st.integers(0, 6))
def test_possible_is_whoever_wins_or_ties_in_some_world(rule, votes, reach):
    found = standing(contest(rule), votes, reach)
    some = set.union(*(winners(rule, world) for world in worlds(votes, reach)))
    assert {"abc"[place] for place in some} <= set(found.possible)


@given(rule=RULES, votes=VOTES, reach=st.integers(0, 6), more=st.integers(0, 3))
def test_more_votes_outside_never_make_anything_surer(rule, votes, reach, more):
    now, later = standing(contest(rule), votes, reach), standing(contest(rule), votes, reach + more)
    assert set(later.certain) <= set(now.certain)
    assert set(now.possible) <= set(later.possible)
    assert set(later.second_round) <= set(now.second_round)
    assert set(now.second_round_possible) <= set(later.second_round_possible)


@given(votes=VOTES, reach=st.integers(0, 6))
def test_first_two_are_those_of_every_world(votes, reach):
    rule = Rule(wins=(Win(more_than="50%"),))
    found = standing(contest(rule), votes, reach)
    for place, name in enumerate("abc"):
        sure = all(
            sum(each >= world[place] for number, each in enumerate(world) if number != place) < 2
            for world in worlds(votes, reach)
        )
        some = any(
            sum(each > world[place] for number, each in enumerate(world) if number != place) < 2
            for world in worlds(votes, reach)
        )
        assert (name in found.second_round) == sure
        assert (name in found.second_round_possible) == some
