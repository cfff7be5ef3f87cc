"""What the paper has to bear out under the rule of the election's definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from escruta.audit.assertions import (
    Assertion,
    assert_below,
    assert_close,
    assert_first,
    assert_lead,
    assert_share,
    ranked,
)

_SHARES = ("more_than", "at_least")
_LEADS = ("ahead_by_more_than", "ahead_by_at_least")


def assertions_as_defined(
    options: Sequence[str], totals: Sequence[int], people: Sequence[int], rule: Mapping[str, Any]
) -> tuple[Assertion, ...]:
    """Say what makes the published outcome right under `wins` or `bar`; `people` are the places of the candidates.

    What the law asks for with *at least* is asked with *more than* here: an audit that bears out the one bears out the
    other. With `wins`, either one candidate wins in some way that is defined; or nobody does, and the first two go on.
    """
    if rule.get("bar") is not None:
        bar = _share(rule["bar"])
        return tuple(_over_or_under(options, totals, place, bar) for place in people)
    order = [place for place in ranked(totals) if place in people]
    first, rivals = order[0], order[1:]
    for win in rule["wins"]:
        asked = _asked(options, first, rivals, win)
        if asked and all(each.sum_of(totals) > 0 for each in asked):
            return (*asked, *assert_first(options, totals, among=people))
    refused = [_refused(options, totals, place, order, win) for place in order for win in rule["wins"]]
    return (*assert_first(options, totals, winners=2, among=people), *dict.fromkeys(refused))


def _over_or_under(options: Sequence[str], totals: Sequence[int], place: int, bar: Fraction) -> Assertion:
    over = assert_share(options, options[place], bar)
    return over if over.sum_of(totals) > 0 else assert_below(options, options[place], bar)


def _asked(options: Sequence[str], first: int, rivals: Sequence[int], win: Mapping[str, Any]) -> list[Assertion]:
    """Give the conditions of a way to win, for the first."""
    found = [assert_share(options, options[first], share) for share in _of(win, _SHARES)]
    return found + [
        assert_lead(options, options[first], options[rival], share) for share in _of(win, _LEADS) for rival in rivals
    ]


def _refused(
    options: Sequence[str], totals: Sequence[int], place: int, order: Sequence[int], win: Mapping[str, Any]
) -> Assertion:
    """Give the condition of a way to win that a candidate misses by most."""
    rival = next(each for each in order if each != place)
    missed = [assert_below(options, options[place], share) for share in _of(win, _SHARES)]
    missed += [assert_close(options, options[place], options[rival], share) for share in _of(win, _LEADS)]
    return max(missed, key=lambda each: Fraction(each.sum_of(totals), each.scale))


def _of(win: Mapping[str, Any], names: Sequence[str]) -> list[Fraction]:
    return [_share(win[name]) for name in names if win.get(name) is not None]


def _share(said: object) -> Fraction:
    """Read a share as the record's definition writes it.

    >>> _share("50%"), _share("12.5%"), _share("0.4")
    (Fraction(1, 2), Fraction(1, 8), Fraction(2, 5))
    """
    text = str(said)
    return Fraction(text.rstrip("% ")) / (100 if text.endswith("%") else 1)
