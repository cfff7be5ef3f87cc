"""The errors of a poll against one result, each by its definition; none of them is *the* error.

Undecided are given to the candidates in proportion to their shares, and every score says so.

Sources: F. Mosteller and others, The Pre-Election Polls of 1948 (1949), measures 3 and 5; E. Martin, M. Traugott and
C. Kennedy, Public Opinion Quarterly 69 (2005) 342; K. Arzheimer and J. Evans, Political Analysis 22 (2014) 31.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from escruta.assessment.polls.records import Poll, ResultSet

OTHERS = "others"
"""The name of candidates that are given as one sum."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bias:
    """Martin, Traugott and Kennedy's A: 0 is no bias; above it, the poll favours the first of the pair."""

    value: float
    standard_error: float | None
    """None where the number of interviews is neither known nor assumed."""
    rests_on_an_assumed_sample: bool

    @property
    def z(self) -> float | None:
        """The bias in standard errors."""
        return None if self.standard_error is None else self.value / self.standard_error


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One poll against one result set, both named; shares are exact, logarithms are not."""

    poll: str
    pollster: str
    election: str
    result: str
    first: str
    """The two candidates of the margin; errors above 0 favour this one."""
    second: str
    margin_error: Fraction
    """The poll's margin minus the result's (signed), as a share of all."""
    average_error: Fraction
    """Mosteller 3 (AAE): the mean distance of the shares of the candidates compared."""
    pair_error: Fraction
    """The same of the two of the margin alone, as figures of two-candidate races are often given."""
    bias: Bias | None
    """None where one of the shares is zero."""
    b: float | None
    """Arzheimer and Evans: the mean distance of the log odds, over the candidates compared."""
    b_weighted: float | None
    """The same, weighted by the result's shares."""
    compared: tuple[str, ...]
    """The candidates (or sums) that both name."""
    reallocated: Fraction
    """The share of undecided that was given to the candidates in proportion."""

    @property
    def margin_error_size(self) -> Fraction:
        """Mosteller 5: the margin error without its sign."""
        return abs(self.margin_error)


def score(polls: Iterable[Poll], results: Iterable[ResultSet]) -> tuple[Score, ...]:
    """Score each poll against every result set of its election that has votes for two of its candidates.

    The two candidates of the margin, and which is first, are those of the election's first result set: so the signs of
    one election can be compared, whichever result they are against.
    """
    known = tuple(results)
    pairs: dict[str, tuple[str, str]] = {}
    for result in known:
        ranked = sorted((name for name in result.votes if name != OTHERS), key=lambda name: -result.votes[name])
        if len(ranked) > 1:
            pairs.setdefault(result.election, (ranked[0], ranked[1]))
    found = (
        score_one(poll, result, pair=pairs.get(poll.election))
        for poll in polls
        for result in known
        if result.election == poll.election
    )
    return tuple(each for each in found if each is not None)


def score_one(poll: Poll, result: ResultSet, *, pair: tuple[str, str] | None = None) -> Score | None:
    """Score a poll against one result; None where fewer than two candidates stand in both, or one of the pair in none.

    Where the poll gives `others` as a sum, the result's remaining candidates are added up to it.
    """
    said, real = reallocated(poll), _real(poll, result)
    compared = tuple(name for name in real if name in said)
    if pair is None:
        ranked = sorted((name for name in compared if name != OTHERS), key=lambda name: -real[name])
        pair = (ranked[0], ranked[1]) if len(ranked) > 1 else None
    if pair is None or not set(pair) <= set(compared):
        return None
    first, second = pair
    errors = {name: said[name] - real[name] for name in compared}
    return Score(
        poll=poll.id,
        pollster=poll.pollster,
        election=poll.election,
        result=result.id,
        first=first,
        second=second,
        margin_error=errors[first] - errors[second],
        average_error=sum((abs(error) for error in errors.values()), Fraction(0)) / len(errors),
        pair_error=(abs(errors[first]) + abs(errors[second])) / 2,
        bias=_bias(poll, said, real, first, second),
        b=_distance(said, real, dict.fromkeys(compared, Fraction(1))),
        b_weighted=_distance(said, real, {name: real[name] for name in compared}),
        compared=compared,
        reallocated=poll.undecided,
    )


def _real(poll: Poll, result: ResultSet) -> dict[str, Fraction]:
    real = result.shares()
    if OTHERS not in poll.shares:
        return real
    rest = [name for name in real if name not in poll.shares or name == OTHERS]
    together = sum((real[name] for name in rest), Fraction(0))
    return {**{name: share for name, share in real.items() if name not in rest}, OTHERS: together}


def reallocated(poll: Poll) -> dict[str, Fraction]:
    """Give the undecided to the candidates in proportion; shares that do not add up to all stay as published."""
    decided = 1 - poll.undecided
    return {name: share / decided for name, share in poll.shares.items()}


def _bias(
    poll: Poll, said: Mapping[str, Fraction], real: Mapping[str, Fraction], first: str, second: str
) -> Bias | None:
    shares = (said[first], said[second], real[first], real[second])
    if not all(shares):
        return None
    value = math.log(said[first] / said[second]) - math.log(real[first] / real[second])
    error = None
    if poll.interviews:
        error = math.sqrt(poll.design_effect * (1 / said[first] + 1 / said[second]) / poll.interviews)
    return Bias(value=value, standard_error=error, rests_on_an_assumed_sample=poll.sample is None)


def _distance(
    said: Mapping[str, Fraction], real: Mapping[str, Fraction], weights: Mapping[str, Fraction]
) -> float | None:
    total = sum(weights.values())
    if not total or any(not 0 < shares[name] < 1 for shares in (said, real) for name in weights):
        return None
    return sum(
        float(weight / total) * abs(_log_odds(said[name]) - _log_odds(real[name])) for name, weight in weights.items()
    )


def _log_odds(share: Fraction) -> float:
    return math.log(share / (1 - share))
