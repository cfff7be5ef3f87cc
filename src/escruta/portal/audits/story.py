"""What the report of an audit is written from: plain values, as the audit's folder says them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenStep:
    """A step that was taken, and what commits to it."""

    step: str
    at: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnBox:
    """A box that was drawn, and what its paper said."""

    box: str
    area: str
    draws: tuple[int, ...]
    """The numbers of the draws that fell on it; several where draws are with replacement."""
    state: str | None
    """`counted`, `missing`, or None while it is not entered."""
    published: tuple[int, ...]
    paper: tuple[int, ...] | None
    missing_slips: int
    taint: float
    """Its error as a part of the most that it could be; negative where too little was published for the winner."""

    @property
    def differs(self) -> bool:
        """Whether the paper says something else, or is not there."""
        return self.state == "missing" or (self.paper is not None and self.paper != self.published)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnSlip:
    """A single slip that was drawn, and what it shows."""

    box: str
    area: str
    slip: str
    """Its place in the pile, or its id."""
    shows: str | None
    """An option's id, `blank`, `null` or `not-found`; None while it is not entered."""
    recorded: str | None
    """What the machine recorded, where there are records."""

    @property
    def differs(self) -> bool:
        """Whether it shows something else than was recorded for it."""
        return self.recorded is not None and self.shows is not None and self.shows != self.recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What was found after a round."""

    number: int
    draws: int
    risk: float
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """An audit, from its plan to where it stands."""

    plan: Mapping[str, Any]
    seed: Mapping[str, Any] | None
    steps: Sequence[TakenStep]
    boxes: Sequence[DrawnBox]
    """In the order of their first draw."""
    rounds: Sequence[Round]
    verdict: Mapping[str, Any] | None
    """The last judgement; None before the first."""
    risks: Sequence[float]
    """The risk after each draw, where the method may be looked at so."""
    names: Mapping[str, str]
    """Of areas, by their paths."""
    slips: Sequence[DrawnSlip] = ()
    """Single slips, each once, in the order of their first draw."""
