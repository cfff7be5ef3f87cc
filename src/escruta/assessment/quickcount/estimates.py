"""What the centres that answered say of the country, and what those that did not could change."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from escruta.assessment.quickcount.frames import Floats, Frame, Whole
from escruta.assessment.quickcount.ratios import Ratio, ratio

ASSUMPTION = "those-without-an-answer-are-like-the-others-of-their-stratum"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """What came in from drawn centres; a centre is here once all its stations are, or with what it has."""

    centres: tuple[str, ...]
    candidates: tuple[str, ...]
    votes: Whole
    """Shape `(centres, candidates)`."""
    registered: Floats
    """Registered voters of the stations that reported, shape `(centres,)`: of a centre in part, or of all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One candidate's share of the votes for candidates, or the lead of the first over the second."""

    name: str
    share: Ratio
    low: float
    high: float
    worst_low: float
    """With every voter of the centres that did not answer against."""
    worst_high: float
    """With every one of them in favour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """How many of a stratum's drawn centres answered."""

    name: str
    centres: int
    drawn: int
    answered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickCount:
    """The estimate of the country, its response, and its assumption."""

    confidence: float
    shares: tuple[Estimate, ...]
    lead: Estimate | None
    """Of the candidate with the most over the next; None for a single one."""
    turnout: Ratio
    """Votes for candidates over registered voters."""
    design_effect: float
    """Of the leader's share: how many times the variance of as many voters drawn singly."""
    responses: tuple[Response, ...]
    reports_not_drawn: tuple[str, ...]
    """Centres that reported and were not drawn: left out."""
    assumption: str = ASSUMPTION


def estimate(frame: Frame, drawn: Collection[str], reports: Reports, *, confidence: float = 0.95) -> QuickCount:
    """Estimate the country from the drawn centres that answered; whoever was not drawn is left out, and named.

    **Assumes that a centre without an answer is like the others of its stratum**; beside each interval stands the one
    that needs no such assumption for the drawn centres that did not answer.

    Raises:
        ValueError: no drawn centre answered.
    """
    place = {centre: number for number, centre in enumerate(frame.centres)}
    wanted = set(drawn)
    there = [row for row, centre in enumerate(reports.centres) if centre in wanted and centre in place]
    at = np.array([place[reports.centres[row]] for row in there], dtype=np.int64)
    whole = frame.registered[at] / reports.registered[there]
    votes = reports.votes[there] * whole[:, None]
    stratum, sizes = frame.stratum[at], frame.sizes
    missing = np.array(sorted(place[centre] for centre in wanted & place.keys() - set(reports.centres)), dtype=np.int64)
    sample = _Sample(
        all_votes=votes.sum(axis=1),
        stratum=stratum,
        sizes=sizes,
        confidence=confidence,
        missing=frame.registered[missing],
        missing_stratum=frame.stratum[missing],
    )
    shares = tuple(sample.estimate(name, votes[:, column], least=0) for column, name in enumerate(reports.candidates))
    ranked = sorted(range(len(shares)), key=lambda column: -shares[column].share.value)
    lead = None
    if len(ranked) > 1:
        first, second = ranked[:2]
        name = f"{shares[first].name} - {shares[second].name}"
        lead = sample.estimate(name, votes[:, first] - votes[:, second], least=-1)
    return QuickCount(
        confidence=confidence,
        shares=shares,
        lead=lead,
        turnout=ratio(sample.all_votes, frame.registered[at], stratum, sizes),
        design_effect=_effect(shares[ranked[0]].share, float(sample.all_votes.sum())),
        responses=_responses(frame, wanted, at),
        reports_not_drawn=tuple(centre for centre in reports.centres if centre not in wanted or centre not in place),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sample:
    all_votes: Floats
    stratum: Whole
    sizes: Whole
    confidence: float
    missing: Floats
    """Registered voters of the drawn centres without an answer."""
    missing_stratum: Whole

    def estimate(self, name: str, above: Floats, *, least: int) -> Estimate:
        """Estimate a share, or a lead (then `least` is -1), with its interval, and with the missing at their worst."""
        found = ratio(above, self.all_votes, self.stratum, self.sizes)
        low, high = found.interval(self.confidence)
        return Estimate(
            name=name,
            share=found,
            low=max(low, least),
            high=min(high, 1.0),
            worst_low=max(min(low, self._worst(above, least).interval(self.confidence)[0]), least),
            worst_high=min(max(high, self._worst(above, 1).interval(self.confidence)[1]), 1.0),
        )

    def _worst(self, above: Floats, share: int) -> Ratio:
        """Estimate as if every voter of the missing centres had come, and voted one way."""
        return ratio(
            np.concatenate([above, share * self.missing]),
            np.concatenate([self.all_votes, self.missing]),
            np.concatenate([self.stratum, self.missing_stratum]),
            self.sizes,
        )


def _effect(share: Ratio, voters: float) -> float:
    simple = share.value * (1 - share.value) / max(voters, 1)
    return share.standard_error**2 / simple if simple > 0 else float("nan")


def _responses(frame: Frame, wanted: Collection[str], answered: Whole) -> tuple[Response, ...]:
    is_drawn = np.array([centre in wanted for centre in frame.centres])
    drawn = np.bincount(frame.stratum[is_drawn], minlength=len(frame.stratum_names))
    came = np.bincount(frame.stratum[answered], minlength=len(frame.stratum_names))
    return tuple(
        Response(name=name, centres=int(size), drawn=int(number), answered=int(back))
        for name, size, number, back in zip(frame.stratum_names, frame.sizes, drawn, came, strict=True)
    )
