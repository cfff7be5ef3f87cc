"""What a poll said, who says so, and what a result says: values, nothing computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

Method = Literal["exit", "face-to-face", "telephone", "online", "mixed", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """One published poll, as it was published: shares are those of the source, undecided apart."""

    id: str
    pollster: str
    election: str
    """Of which election: results of others are no measure of it."""
    source: str
    """Where it was published; without one it is no record."""
    method: Method
    first_day: date
    last_day: date
    sample: int | None
    """Interviews; None where it was not published."""
    shares: Mapping[str, Fraction]
    """Of each candidate, from 0 to 1; those published as one sum have a name of their own."""
    undecided: Fraction = Fraction(0)
    """Undecided, refused and nobody, if they are inside the hundred percent."""
    design_effect: Fraction = Fraction(1)
    """How many times the variance of a simple random sample; 2 is usual for exit polls in clusters."""
    assumed_sample: int | None = None
    """Taken for `sample` where that was not published; every figure that rests on it says so."""
    note: str = ""

    @property
    def interviews(self) -> int | None:
        """The sample, or the one assumed for it."""
        return self.sample if self.sample is not None else self.assumed_sample


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultSet:
    """Votes that somebody says were cast: a count, a copy of one, or an announcement."""

    id: str
    election: str
    name: str
    votes: Mapping[str, int]
    """Of each candidate; some may be given as one sum, under the same name as in the polls."""

    @property
    def total(self) -> int:
        """All votes for candidates."""
        return sum(self.votes.values())

    def shares(self) -> dict[str, Fraction]:
        """Give the share of each candidate among the votes for candidates."""
        return {name: Fraction(votes, self.total) for name, votes in self.votes.items()}
