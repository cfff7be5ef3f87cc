"""What an announcement needs for one candidate alone: no other figure of it, and no voter outside, plays a part.

Some of the known sheets must be among those announced: all stations less those outside. Whatever they are, together
they hold at least the votes of the sheets where the candidate has least. That is the simplest certificate, and it uses
the fewest assumptions.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from escruta.assessment.bounds import Question
from escruta.assessment.known import Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """The smallest possible total of one group of candidates, and what follows if less was announced."""

    group: str
    announced: int
    smallest: int
    """No set of stations with the announced coverage holds fewer votes for the group."""
    known_coverage: int
    """How much coverage by known sheets the announced votes leave room for, in the question's unit."""
    false_sheets: int | None
    """At least so many known sheets must be false; None where even all of them would not do, or with voters."""

    @property
    def shortfall(self) -> int:
        """How many votes are missing from the announcement; 0 where none are."""
        return max(0, self.smallest - self.announced)


def alone(question: Question, group: int) -> Alone:
    """Ask about one group of the first announcement."""
    by_stations = bool((question.sizes == 1).all())
    smallest, held = (_by_count if by_stations else _by_size)(question, group)
    return Alone(
        group=question.groups[group],
        announced=question.announced[0][group],
        smallest=smallest,
        known_coverage=held,
        false_sheets=max(0, question.at_least[0] - held) if by_stations else None,
    )


def _by_count(question: Question, group: int) -> tuple[int, int]:
    """Give the smallest total with the required number of sheets, and how many sheets the announced votes allow."""
    sums = np.cumsum(np.sort(question.votes[:, group]))
    needed = question.at_least[0]
    smallest = int(sums[needed - 1]) if needed > 0 else 0
    return smallest, int(np.searchsorted(sums, question.announced[0][group], side="right"))


def _by_size(question: Question, group: int) -> tuple[int, int]:
    """Give the same in registered voters, of which a part of a sheet counts as a part of its votes."""
    votes, sizes, announced = question.votes[:, group], question.sizes, question.announced[0][group]
    order = _by_ratio(votes, sizes)
    sums, reach = np.cumsum(votes[order]), np.cumsum(sizes[order])
    room = int(np.searchsorted(sums, announced, side="right"))
    held = int(reach[room - 1]) if room else 0
    if room < len(order):
        before = int(sums[room - 1]) if room else 0
        part = Fraction(announced - before, int(votes[order[room]])) * int(sizes[order[room]])
        held += part.numerator // part.denominator
    return _smallest(votes, sizes, question.at_least[0], order, reach), held


def _by_ratio(votes: Counts, sizes: Counts) -> Counts:
    """Order sheets by their votes for each unit of coverage, the fewest first; those that cover nothing are last."""
    order: Counts = np.argsort(np.where(sizes > 0, votes / np.maximum(sizes, 1), np.inf), kind="stable")
    return order


def _smallest(votes: Counts, sizes: Counts, needed: int, order: Counts, reach: Counts) -> int:
    """Give the fewest votes with which sheets reach a coverage; a part of a sheet counts as a part of its votes.

    The order comes from a division in floating point, so that the figure is worked out anew as a bound that holds with
    any price of a unit of coverage: the votes of the last sheet over its size.
    """
    if needed <= 0:
        return 0
    last = int(np.searchsorted(reach, needed, side="left"))
    if last >= len(order):
        return int(votes.sum())
    price, unit = int(votes[order[last]]), max(1, int(sizes[order[last]]))
    spared = np.minimum(votes * unit - price * sizes, 0)
    return -(-(int(spared.sum()) + price * needed) // unit)
