"""What has to be true for the reported outcome to be right, as assertions about the paper.

Each assertion is one line of whole-number weights, an amount for each option: the reported outcome is right when every
assertion's weighted sum over the votes on the paper is above zero. As an assorter (Stark 2020, *Sets of half-average
nulls generate risk-limiting audits*), a ballot for option o has the value `(1 + weights[o] / scale) / 2`, a ballot that
is null, blank or missing has 1/2, and the assertion says that the mean over all ballots is above 1/2.

    assert_first(options, totals)                    # whoever has the most votes
    assert_first(options, totals, winners=3)         # as many seats as there are winners
    assert_share(options, "a", Fraction(1, 2))       # more than half of the valid votes
    assert_run_off(options, totals, Fraction(1, 2))  # nobody has half: the first two go on
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from escruta.audit.errors import AuditImpossible


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """One comparison that the paper has to bear out."""

    kind: str
    """`ahead`, `share`, `below`, `lead` or `close`: its words stand in the locale files."""
    winner: str
    """Who is said to be ahead, above the share, or (kinds `below` and `close`) not so far."""
    loser: str | None = None
    """Behind whom, where it is one option; None where it is a share of all valid votes."""
    share: Fraction | None = None
    """The share of the valid votes that is asked for; None in a plain comparison."""
    weights: tuple[int, ...]
    """For each option, what one vote adds to the sum that has to be above zero."""

    @property
    def scale(self) -> int:
        """The most that one ballot can take from the sum; positive."""
        return -min(self.weights)

    @property
    def upper(self) -> Fraction:
        """The most that one ballot is worth as an assorter: `u` of the papers."""
        return (1 + Fraction(max(self.weights), self.scale)) / 2

    def sum_of(self, votes: Sequence[int]) -> int:
        """Add up the weighted votes: the margin, in units of `1 / scale` ballots for a ballot at its worst."""
        return sum(weight * number for weight, number in zip(self.weights, votes, strict=True))

    def value(self, option: int | None) -> Fraction:
        """Give the assorter's value of a ballot for an option; None = null, blank or for several.

        >>> one = assert_share(("alice", "bob"), "alice", Fraction(2, 3))
        >>> [str(one.value(option)) for option in (0, 1, None)]
        ['3/4', '0', '1/2']
        """
        weight = 0 if option is None else self.weights[option]
        return (1 + Fraction(weight, self.scale)) / 2


def assert_first(
    options: Sequence[str], totals: Sequence[int], *, winners: int = 1, among: Sequence[int] | None = None
) -> tuple[Assertion, ...]:
    """Say that each of the reported winners has more votes than each of the others.

    `among` are the places of those who can win: all but blank votes, say; everybody by default.

    Raises:
        AuditImpossible: the last winner and the first loser are level, so that nobody can say who won.
    """
    order = [place for place in ranked(totals) if among is None or place in among]
    ahead, behind = order[:winners], order[winners:]
    if behind and totals[ahead[-1]] == totals[behind[0]]:
        raise AuditImpossible(
            "the reported result has no winner",
            found=f"{options[ahead[-1]]} and {options[behind[0]]} are level with {totals[behind[0]]:,} votes",
            expected="a difference that paper can bear out",
            advice="Count all the paper by hand.",
        )
    return tuple(_ahead(options, winner, loser) for winner in ahead for loser in behind)


def _ahead(options: Sequence[str], winner: int, loser: int) -> Assertion:
    weights = tuple(1 if place == winner else -1 if place == loser else 0 for place in range(len(options)))
    return Assertion(kind="ahead", winner=options[winner], loser=options[loser], weights=weights)


def assert_share(options: Sequence[str], winner: str, share: Fraction) -> Assertion:
    """Say that an option has more than a share of the valid votes (the options are all that is valid).

    Source: the supermajority assorter of Stark 2020, section 2.3.
    """
    of, whole = share.numerator, share.denominator
    weights = tuple(whole - of if option == winner else -of for option in options)
    return Assertion(kind="share", winner=winner, share=share, weights=weights)


def assert_below(options: Sequence[str], option: str, share: Fraction) -> Assertion:
    """Say that an option has less than a share of the valid votes: the others together have more than the rest."""
    of, whole = share.numerator, share.denominator
    weights = tuple(of - whole if each == option else of for each in options)
    return Assertion(kind="below", winner=option, share=share, weights=weights)


def assert_lead(options: Sequence[str], winner: str, loser: str, share: Fraction) -> Assertion:
    """Say that one option leads another by more than a share of the valid votes (as in Argentina, Constitution 98)."""
    of, whole = share.numerator, share.denominator
    own = {winner: whole - of, loser: -whole - of}
    return Assertion(
        kind="lead", winner=winner, loser=loser, share=share, weights=tuple(own.get(each, -of) for each in options)
    )


def assert_close(options: Sequence[str], option: str, rival: str, share: Fraction) -> Assertion:
    """Say that one option does not lead another by a share of the valid votes, or is behind it."""
    of, whole = share.numerator, share.denominator
    own = {option: of - whole, rival: of + whole}
    return Assertion(
        kind="close", winner=option, loser=rival, share=share, weights=tuple(own.get(each, of) for each in options)
    )


def assert_majority(
    options: Sequence[str], totals: Sequence[int], share: Fraction, *, among: Sequence[int] | None = None
) -> tuple[Assertion, ...]:
    """Say that the first has won outright: it has more than a share of the valid votes, and more than anybody else."""
    first = assert_first(options, totals, among=among)
    above = assert_share(options, first[0].winner, share)
    return (above,) if 2 * share >= 1 else (above, *first)


def assert_run_off(
    options: Sequence[str],
    totals: Sequence[int],
    share: Fraction,
    *,
    winners: int = 2,
    among: Sequence[int] | None = None,
) -> tuple[Assertion, ...]:
    """Say that nobody has the share that would end it, and that the first ones go on to the run-off."""
    places = range(len(options)) if among is None else among
    below = tuple(assert_below(options, options[each], share) for each in places)
    return (*assert_first(options, totals, winners=winners, among=among), *below)


def ranked(totals: Sequence[int]) -> list[int]:
    """Give the places of the options, the one with the most votes first; level ones in their order.

    >>> ranked((3, 9, 9))
    [1, 2, 0]
    """
    return sorted(range(len(totals)), key=lambda place: (-totals[place], place))
