"""How many of the counted sheets would have to be false for another outcome, in three readings of *false*.

- **in addition**: every voter outside votes as badly as possible for the leader, and a false sheet hides that every
  registered voter of its station did so too;
- **by themselves**: nothing is said of the stations outside; a false sheet is again invented as a whole;
- **swapped**: nothing is said of the stations outside, and a false sheet has the votes of the two candidates exchanged.

Each number is the smallest possible: the sheets that matter most are false. With fewer false sheets the outcome stands.
Where nobody gives the registered voters of a station, its ballots stand in: the voters beyond them are counted outside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from escruta.assessment.forms import Form, Way, ways_to_win
from escruta.assessment.known import Counts, KnownSheets
from escruta.election.definition import Contest

_Count = Callable[[Form], int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseSheets:
    """How many sheets at least; None where all of them would not be enough, or where it is `not_known`."""

    in_addition: int | None
    """0 where the stations outside could change it with every sheet true."""
    by_themselves: int | None
    swapped: int | None
    not_known: tuple[str, ...] = ()
    """The readings of which nothing is known: the registered voters that they need are missing."""


def least_false(contest: Contest, known: KnownSheets, winner: str, *, reach: int | None, blank: int = 0) -> FalseSheets:
    """Count the sheets that must be false for somebody not to have won under the contest's rule.

    `reach` is how many votes may still come. Where a rule has several conditions that must fail together, the number is
    that of the hardest one: at least so many. `blank` are the valid blank votes of all sheets; which sheet has them is
    not looked at, so that with them a sheet may be taken to hide a little more than it can.
    """
    place = known.candidates.index(winner)
    beside = [blank] if contest.blank_is_valid else []
    ways = ways_to_win(contest, place, len(known.candidates) + len(beside))
    totals = [*(int(each) for each in known.totals), *beside]
    capacity = known.capacity if known.has_all_voters or reach is not None else None
    return FalseSheets(
        in_addition=None
        if reach is None
        else _of_ways(ways, lambda form: _invented(form, known, capacity, totals, reach)),
        by_themselves=_of_ways(ways, lambda form: _invented(form, known, capacity, totals, 0)),
        swapped=_of_ways(ways, lambda form: _swapped(form, known, place, totals)),
        not_known=(("in_addition",) if reach is None else ()) + (("by_themselves",) if capacity is None else ()),
    )


def _of_ways(ways: Sequence[Way], count: _Count) -> int | None:
    """All ways must fail; a way fails when one of its conditions does."""
    needed = []
    for way in ways:
        counts = [each for each in (count(form) for form in way) if each is not None]
        if not counts:
            return None
        needed.append(min(counts))
    return max(needed, default=None)


def _invented(form: Form, known: KnownSheets, capacity: Counts | None, totals: Sequence[int], reach: int) -> int | None:
    if capacity is None and form.worst:
        return None
    votes = known.votes @ np.asarray(form.weights[: known.votes.shape[1]], dtype=np.int64)
    swings = votes + form.worst * (capacity if capacity is not None else 0)
    return _until(swings, form.value(totals) - form.worst * reach, form)


def _swapped(form: Form, known: KnownSheets, place: int, totals: Sequence[int]) -> int | None:
    """Exchange the winner's votes with those of whom the condition is about; of a share, with the second's."""
    others = [each for each in range(known.votes.shape[1]) if each != place]
    if not others:
        return None
    other = min(others, key=lambda each: (form.weights[each], -totals[each]))
    weight = form.weights[place] - form.weights[other]
    return _until(weight * (known.votes[:, place] - known.votes[:, other]), form.value(totals), form)


def _until(swings: Counts, lead: int, form: Form) -> int | None:
    """Count the largest swings that together take a lead away; level is enough where the condition is strict."""
    needed = lead if form.strict else lead + 1
    if needed <= 0:
        return 0
    sums = np.cumsum(np.sort(swings[swings > 0])[::-1])
    place = int(np.searchsorted(sums, needed, side="left"))
    return place + 1 if place < len(sums) else None
