"""Could an announcement be true? The question, drawn up from an election's definition, and its answer with its proof.

What is proved here is that *the counted sheets and the announcement cannot both be right*, under the assumptions that
the answer names. It is never proved which of the two is wrong. Where nothing is proved, nothing is said: the
announcement may be true or not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from math import floor

import numpy as np
import polars as pl

from escruta.assessment.alone import Alone, alone
from escruta.assessment.bounds import Certificate, Question, quick_proof
from escruta.assessment.groups import NOTHING_SUPPOSED, Group, Outside, announced_votes, groups_of
from escruta.assessment.known import KnownSheets, Universe
from escruta.election.definition import Announcement

_PERCENT = re.compile(r"([0-9]{1,3}(?:[.,][0-9]+)?)\s*%")


class Verdict(StrEnum):
    """What is known of an announcement beside the counted sheets."""

    NEVER = "impossible_at_any_coverage"
    NOT_AT_ITS_COVERAGE = "impossible_at_its_coverage"
    NOT_EXCLUDED = "not_excluded"
    UNKNOWN = "cannot_be_said"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much of the area an announcement says that it covers: polling stations, or registered voters."""

    by: str
    """`stations` or `voters`."""
    claimed: int | None
    """How many; None where it was not said, or cannot be worked out."""
    of: int | None
    """Of how many; None where nobody says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What follows for one announcement."""

    announcement: str
    area: str
    groups: tuple[Group, ...]
    stations: pl.Series
    """The known sheets' stations, in the question's order."""
    question: Question
    coverage: Coverage
    stations_outside: int | None
    voters_outside: int | None
    alone: tuple[Alone, ...]
    certificate: Certificate | None
    """The proof with the announced coverage; None where nothing is proved."""
    certificate_at_any_coverage: Certificate | None
    assumptions: tuple[str, ...]
    outside: Outside = NOTHING_SUPPOSED
    """What was supposed of the votes outside."""

    @property
    def verdict(self) -> Verdict:
        """Say what is known."""
        if self.certificate_at_any_coverage is not None:
            return Verdict.NEVER
        if self.certificate is not None:
            return Verdict.NOT_AT_ITS_COVERAGE
        nothing = self.question.capacity is None and not self.question.at_least[0]
        return Verdict.UNKNOWN if nothing or not len(self.question.votes) else Verdict.NOT_EXCLUDED

    @property
    def counted(self) -> tuple[int | None, ...]:
        """Votes of each group on the known sheets; without a sheet they are not known, and not zero."""
        votes = self.question.votes
        return tuple(int(total) if len(votes) else None for total in votes.sum(axis=0))

    def mixture(self, certificate: Certificate | None) -> tuple[int, ...] | None:
        """Say how the votes outside fall where a proof lets them score most; None where nothing limits them."""
        limits = self.question.limits
        return None if limits is None or certificate is None else limits.mixture(certificate.weights[0])

    def coverage_of(self, known: int) -> int | None:
        """Turn coverage by known sheets into the coverage of the whole announcement: with all that stands outside."""
        outside = self.stations_outside if self.coverage.by == "stations" else self.voters_outside
        return None if outside is None else known + outside


def claimed_coverage(announcement: Announcement, universe: Universe, *, by: str = "stations") -> Coverage:
    """Read how much an announcement says that it covers; a percentage is taken to the nearest whole number.

    A number of stations goes before a percentage; a percentage is one of stations or of voters, as `by` says.
    """
    of = universe.stations if by == "stations" else universe.registered_voters
    if by == "stations" and announcement.stations is not None:
        return Coverage(by=by, claimed=announcement.stations, of=of)
    share = share_said(announcement.coverage_text or "")
    if share is None or of is None:
        return Coverage(by=by, claimed=None, of=of)
    return Coverage(by=by, claimed=floor(share * of + Fraction(1, 2)), of=of)


def share_said(text: str) -> Fraction | None:
    """Find a percentage in somebody's words.

    >>> share_said("el 96,87 % de las actas")
    Fraction(9687, 10000)
    """
    found = _PERCENT.search(text)
    share = Fraction(found[1].replace(",", ".")) / 100 if found else None
    return share if share is not None and share <= 1 else None


def question_of(
    announcements: Sequence[Announcement],
    coverages: Sequence[Coverage],
    known: KnownSheets,
    universe: Universe,
    groups: Sequence[Group],
    *,
    outside: Outside = NOTHING_SUPPOSED,
) -> Question:
    """Draw the question up in numbers; `outside` limits the votes where no true sheet is known."""
    columns = [[known.candidates.index(name) for name in group.candidates] for group in groups]
    votes = np.stack([known.votes[:, places].sum(axis=1) for places in columns], axis=1)
    voters, turnout = universe.voters_outside(known), outside.turnout
    by_voters = bool(coverages) and coverages[0].by == "voters"
    sizes = np.maximum(known.registered_voters, 0) if by_voters else np.ones(known.count, dtype=np.int64)
    limits = [_limits(each, known, universe) for each in coverages]
    sheet_capacity = (known.capacity * turnout.numerator) // turnout.denominator
    return Question(
        groups=tuple(group.id for group in groups),
        votes=votes.astype(np.int64),
        announced=tuple(announced_votes(each, groups) for each in announcements),
        sizes=sizes.astype(np.int64),
        at_least=tuple(least for least, _ in limits),
        at_most=tuple(most for _, most in limits),
        capacity=None if voters is None else floor(voters * turnout),
        sheet_capacity=sheet_capacity if voters is not None else None,
        limits=outside.limits_of(groups, known.candidates),
    )


def _limits(coverage: Coverage, known: KnownSheets, universe: Universe) -> tuple[int, int | None]:
    """Say how much known sheets must make up of a coverage, at least and at most."""
    if coverage.claimed is None:
        return 0, None
    if coverage.by == "voters":
        if universe.voters_outside(known) is None:
            return 0, None
        whole = int(np.maximum(known.registered_voters, 0).sum())
        return min(whole, max(0, coverage.claimed - (universe.registered_voters or 0) + whole)), None
    outside = universe.stations_outside(known)
    if outside is None:
        return 0, None
    return min(known.count, max(0, coverage.claimed - outside)), min(known.count, coverage.claimed)


def quick_answer(
    announcement: Announcement,
    known: KnownSheets,
    universe: Universe,
    *,
    coverage: Coverage | None = None,
    each: bool = False,
    outside: Outside = NOTHING_SUPPOSED,
) -> Answer:
    """Answer with what a few passes over the sheets can prove: milliseconds for a country."""
    claimed = coverage or claimed_coverage(announcement, universe)
    groups = groups_of([announcement], known, each=each, limited=outside.shares)
    question = question_of([announcement], [claimed], known, universe, groups, outside=outside)
    by_voters = claimed.by == "voters"
    here = None if by_voters or not question.at_least[0] else quick_proof(question)
    anywhere = quick_proof(question.at_any_coverage())
    singles = tuple(alone(question, place) for place in range(len(groups)))
    return Answer(
        announcement=announcement.id,
        area=announcement.area or "",
        groups=groups,
        stations=known.stations,
        question=question,
        coverage=claimed,
        stations_outside=universe.stations_outside(known),
        voters_outside=universe.voters_outside(known),
        alone=singles,
        certificate=here,
        certificate_at_any_coverage=anywhere,
        assumptions=_assumptions(question, claimed, here, anywhere, outside),
        outside=outside,
    )


PROOF_ASSUMPTIONS = (
    "counted_figures_are_right",
    "announced_stations_are_whole",
    "number_of_stations_is_right",
    "announced_coverage_is_right",
    "registered_voters_total_is_right",
    "registered_voters_of_counted_stations_are_right",
    "nobody_votes_twice",
    "turnout_outside_is_limited",
    "shares_outside_are_limited",
)
"""Names of all that a proof about an announcement may stand on; their words stand in the locale files."""


def _assumptions(
    question: Question,
    coverage: Coverage,
    here: Certificate | None,
    anywhere: Certificate | None,
    outside: Outside,
) -> tuple[str, ...]:
    """Name what the proofs stand on, and nothing that they do not need."""
    named = ["counted_figures_are_right", "announced_stations_are_whole"]
    if question.at_least[0]:
        named += ["number_of_stations_is_right"] if coverage.by == "stations" else []
        named.append("announced_coverage_is_right")
    uses_voters = any(each is not None and question.best_outside(*each.weights) > 0 for each in (here, anywhere))
    if uses_voters or coverage.by == "voters" or anywhere is not None:
        named += ["registered_voters_total_is_right", "registered_voters_of_counted_stations_are_right"]
        named.append("nobody_votes_twice")
    if outside.turnout < 1:
        named.append("turnout_outside_is_limited")
    if question.limits is not None:
        named.append("shares_outside_are_limited")
    return tuple(named)


@dataclass(frozen=True, slots=True, kw_only=True)
class FullAnswer:
    """What the programmes add to an answer."""

    answer: Answer
    largest_known_coverage: int | None
    """At most so much of the coverage can be made up of known sheets; −1 where none is possible; None: not known."""
    false_sheets: int | None
    """At least so many known sheets must be false, with the announced coverage; None where it is not known."""
    false_sheets_at_any_coverage: int | None

    @property
    def critical_coverage(self) -> int | None:
        """The largest coverage that is not excluded; −1 where none is."""
        known = self.largest_known_coverage
        return known if known is None or known < 0 else self.answer.coverage_of(known)


def full_answer(
    announcement: Announcement,
    known: KnownSheets,
    universe: Universe,
    *,
    coverage: Coverage | None = None,
    each: bool = False,
    outside: Outside = NOTHING_SUPPOSED,
) -> FullAnswer:
    """Answer with the sharpest weights, the critical coverage and the number of false sheets: about a second."""
    from escruta.assessment.programmes import (  # noqa: PLC0415 - the programmes are slow to import
        largest_known_coverage,
        least_false_sheets,
        sharpest_certificate,
    )

    answer = quick_answer(announcement, known, universe, coverage=coverage, each=each, outside=outside)
    question, anywhere = answer.question, answer.question.at_any_coverage()
    here = sharpest_certificate(question) if question.at_least[0] else None
    never = sharpest_certificate(anywhere)
    sharp = replace(
        answer,
        certificate=here or answer.certificate,
        certificate_at_any_coverage=never or answer.certificate_at_any_coverage,
    )
    sharp = replace(
        sharp,
        assumptions=_assumptions(
            question, answer.coverage, sharp.certificate, sharp.certificate_at_any_coverage, outside
        ),
    )
    false_here = least_false_sheets(question) if question.at_least[0] else None
    false_anywhere = least_false_sheets(anywhere)
    return FullAnswer(
        answer=sharp,
        largest_known_coverage=largest_known_coverage(question),
        false_sheets=None if false_here is None else false_here.at_least,
        false_sheets_at_any_coverage=None if false_anywhere is None else false_anywhere.at_least,
    )
