"""The boxes of an audit: the published result of each, and the most ballots that can be in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from escruta.audit.assertions import Assertion
from escruta.audit.errors import AuditImpossible

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batches:
    """The published table that the paper is held against, in the order in which it was published."""

    names: tuple[str, ...]
    """The key of each box."""
    options: tuple[str, ...]
    """What can be voted for: candidates, and blank votes where the law counts them as valid."""
    votes: Counts
    """Published votes, `(boxes, options)`."""
    bound: Counts
    """The most ballots that can be in each box, `(boxes,)`: registered voters, or ballots cast."""

    def __post_init__(self) -> None:
        if self.votes.shape != (len(self.names), len(self.options)) or self.bound.shape != (len(self.names),):
            raise ValueError("votes must be (boxes, options), and bound (boxes,)")
        wrong = np.flatnonzero((self.votes < 0).any(axis=1) | (self.votes.sum(axis=1) > self.bound))
        if wrong.size:
            at = int(wrong[0])
            raise AuditImpossible(
                "a box has more votes than the most ballots that can be in it",
                where=self.names[at],
                found=f"{int(self.votes[at].sum()):,} votes",
                expected=f"from 0 to {int(self.bound[at]):,}",
                advice="Correct the bound, or leave the box out and treat its voters as unauditable.",
            )

    def __len__(self) -> int:
        return len(self.names)

    @property
    def totals(self) -> tuple[int, ...]:
        """Published votes of each option, over all boxes."""
        return tuple(int(each) for each in self.votes.sum(axis=0))

    @property
    def ballots(self) -> int:
        """The most ballots that can be in all boxes together."""
        return int(self.bound.sum())


def weights_of(assertions: Sequence[Assertion]) -> Counts:
    """Give the assertions' weights, `(options, assertions)`."""
    return np.array([each.weights for each in assertions], dtype=np.int64).T
