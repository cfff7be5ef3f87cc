"""The rule of a contest as whole-number sums: who has won whatever still comes, who still can.

Every condition of a rule is a sum of weights times votes that must be more than zero, or at least zero: *a leads b* has
the weights 1 and −1; *a has more than 45 %* has 55 for `a` and −45 for everybody else. What is still out can change
such a sum by at most the smallest, or largest, weight for each vote.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from escruta.election.definition import Contest, Rule, Win


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A condition: the weighted votes are more than zero if `strict`, or else at least zero."""

    weights: tuple[int, ...]
    strict: bool

    def value(self, votes: Sequence[int]) -> int:
        """Weigh the votes."""
        return sum(weight * each for weight, each in zip(self.weights, votes, strict=True))

    def holds(self, votes: Sequence[int]) -> bool:
        """Say whether the condition holds with these votes."""
        value = self.value(votes)
        return value > 0 if self.strict else value >= 0

    @property
    def worst(self) -> int:
        """What one more vote can take away at most, as a number from zero up."""
        return max(0, *(-weight for weight in self.weights))


Way = tuple[Form, ...]
"""Conditions that must all hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a rule says of the candidates now; ids in the contest's order."""

    kind: str
    """`plurality`, `run-off` or `bar`."""
    certain: tuple[str, ...]
    """Who has won, or is over the bar, whatever still comes."""
    possible: tuple[str, ...]
    """Who has, or still can."""
    second_round: tuple[str, ...] = ()
    """Who is among the first two, whatever still comes."""
    second_round_possible: tuple[str, ...] = ()
    """Who is, or still can be."""

    @property
    def is_decided(self) -> bool:
        """Whether nothing that still comes can change who has won, or is over the bar."""
        return self.certain == self.possible


def share_of_text(text: str) -> Fraction:
    """Read a percentage of a definition exactly.

    >>> share_of_text("2.5%")
    Fraction(1, 40)
    """
    return Fraction(text.removesuffix("%").strip()) / 100


def ways_to_win(contest: Contest, place: int, columns: int) -> tuple[Way, ...]:
    """List the ways in which a candidate wins under the contest's rule; ahead of everybody in any of them.

    `columns` counts the candidates, and blank votes behind them where they are valid.
    """
    rule, others = contest.rule, [each for each in range(len(contest.candidates)) if each != place]
    leads = tuple(_ahead(place, other, columns, None) for other in others)
    if not isinstance(rule, Rule):
        return (leads,)
    if rule.bar is not None:
        return ((_share(place, columns, rule.bar, strict=False),),)
    return tuple(_way(win, place, others, columns) + leads for win in rule.wins)


def _way(win: Win, place: int, others: Sequence[int], columns: int) -> Way:
    forms = []
    if win.more_than is not None:
        forms.append(_share(place, columns, win.more_than, strict=True))
    if win.at_least is not None:
        forms.append(_share(place, columns, win.at_least, strict=False))
    for text, strict in ((win.ahead_by_more_than, True), (win.ahead_by_at_least, False)):
        if text is not None:
            forms += [_ahead(place, other, columns, text, strict=strict) for other in others]
    return tuple(forms)


def _share(place: int, columns: int, text: str, *, strict: bool) -> Form:
    share = share_of_text(text)
    part, whole = share.numerator, share.denominator
    return Form(weights=tuple(whole * (each == place) - part for each in range(columns)), strict=strict)


def _ahead(place: int, other: int, columns: int, text: str | None, *, strict: bool = True) -> Form:
    share = share_of_text(text) if text is not None else Fraction(0)
    part, whole = share.numerator, share.denominator
    return Form(
        weights=tuple(whole * ((each == place) - (each == other)) - part for each in range(columns)), strict=strict
    )


def standing(contest: Contest, votes: Sequence[int], reach: int) -> Standing:
    """Say who has won and who still can, with `reach` votes that may still come for anybody, or for nobody.

    `votes` are the candidates' in their order, and behind them the blank votes where they are valid. A lead that could
    become a tie is no lead.
    """
    places = range(len(contest.candidates))
    certain = [place for place in places if _is_certain(contest, place, votes, reach)]
    possible = [place for place in places if _is_possible(contest, place, votes, reach)]
    kind = "plurality" if not isinstance(contest.rule, Rule) else "bar" if contest.rule.bar is not None else "run-off"
    ids = [candidate.id for candidate in contest.candidates]
    second, second_possible = _first_two(votes[: len(ids)], reach) if kind == "run-off" else ([], [])
    return Standing(
        kind=kind,
        certain=tuple(ids[place] for place in certain),
        possible=tuple(ids[place] for place in possible),
        second_round=tuple(ids[place] for place in second),
        second_round_possible=tuple(ids[place] for place in second_possible),
    )


def _is_certain(contest: Contest, place: int, votes: Sequence[int], reach: int) -> bool:
    """Whatever comes, some way holds: it is enough to look at worlds in which one other takes everything.

    Every condition is weakest when nobody votes for the candidate and everybody votes. Of the ways that then keep their
    share, the one with the smallest lead to keep is the last to fail; where it fails against somebody, all others do.
    """
    ways = ways_to_win(contest, place, len(votes))
    worlds = [_with(votes, other, reach) for other in range(len(votes)) if other != place] or [list(votes)]
    return all(any(all(form.holds(world) for form in way) for way in ways) for world in worlds)


def _is_possible(contest: Contest, place: int, votes: Sequence[int], reach: int) -> bool:
    """Nothing is better for a candidate than all votes that still come; a tie at the top is not yet lost."""
    world = _with(votes, place, reach)
    for way in ways_to_win(contest, place, len(votes)):
        if all(form.holds(world) or (_is_lead(form) and form.value(world) == 0) for form in way):
            return True
    return False


def _is_lead(form: Form) -> bool:
    return sum(form.weights) == 0 and form.strict


def _with(votes: Sequence[int], place: int, more: int) -> list[int]:
    return [each + more * (number == place) for number, each in enumerate(votes)]


def _first_two(votes: Sequence[int], reach: int) -> tuple[list[int], list[int]]:
    """Find who is among the first two whatever comes, and who can be; it takes two others to push somebody out."""
    certain, possible = [], []
    for place, own in enumerate(votes):
        others = [each for number, each in enumerate(votes) if number != place]
        lags = sorted(max(0, own - each) for each in others)
        if len(lags) < 2 or lags[0] + lags[1] > reach:  # noqa: PLR2004 - two others
            certain.append(place)
        if sum(each > own + reach for each in others) < 2:  # noqa: PLR2004 - likewise
            possible.append(place)
    return certain, possible
