"""Announcements of one area, one after another: a later one contains the stations of the earlier."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from escruta.assessment.announced import Coverage, claimed_coverage, question_of
from escruta.assessment.bounds import Certificate
from escruta.assessment.groups import NOTHING_SUPPOSED, Group, Outside, groups_of
from escruta.assessment.known import KnownSheets, Universe
from escruta.election.definition import Announcement


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulletins:
    """What follows for announcements of which each contains the one before it."""

    announcements: tuple[str, ...]
    groups: tuple[Group, ...]
    shrinking: tuple[tuple[str, str], ...]
    """Later announcements with a candidate or group who has fewer votes than before."""
    certificate: Certificate | None
    certificate_at_any_coverage: Certificate | None


def in_order(announcements: Sequence[Announcement], zone: ZoneInfo) -> tuple[Announcement, ...] | None:
    """Put announcements in the order of their moments; None for fewer than two, or where it is not known who is later.

    A moment without an offset is one of `zone`. A day has no place among the hours of the same day.
    """
    moments = [_moment(each, zone) for each in announcements]
    if len(moments) < 2 or None in moments:  # noqa: PLR2004 - one has no order
        return None
    ranked = sorted(zip([each for each in moments if each is not None], announcements, strict=True), key=_first)
    for (sooner, _), (later, _) in itertools.pairwise(ranked):
        if sooner == later or (sooner[0] == later[0] and not sooner[1]):
            return None
    return tuple(each for _, each in ranked)


def _first(pair: tuple[tuple[str, str], Announcement]) -> tuple[str, str]:
    return pair[0]


def _moment(announcement: Announcement, zone: ZoneInfo) -> tuple[str, str] | None:
    """Write the day in the zone, and the instant: empty where only the day is known."""
    at = announcement.at
    if at is None:
        return None
    if not isinstance(at, datetime):
        return at.isoformat(), ""
    here = (at if at.tzinfo is not None else at.replace(tzinfo=zone)).astimezone(zone)
    return here.date().isoformat(), here.astimezone(UTC).isoformat()


def sequence_answer(
    announcements: Sequence[Announcement],
    known: KnownSheets,
    universe: Universe,
    *,
    coverages: Sequence[Coverage] | None = None,
    outside: Outside = NOTHING_SUPPOSED,
) -> Bulletins:
    """Hold announcements of one area against the sheets together: a later one contains the stations of the earlier.

    Nothing is proved where no candidate, and no sum of candidates, stands in all of them.
    """
    from escruta.assessment.programmes import sharpest_certificate  # noqa: PLC0415 - slow to import

    claimed = list(coverages or [claimed_coverage(each, universe) for each in announcements])
    groups = groups_of(announcements, known, limited=outside.shares)
    if not groups:
        return Bulletins(
            announcements=tuple(each.id for each in announcements),
            groups=(),
            shrinking=_shrinking(announcements),
            certificate=None,
            certificate_at_any_coverage=None,
        )
    question = question_of(announcements, claimed, known, universe, groups, outside=outside)
    return Bulletins(
        announcements=tuple(each.id for each in announcements),
        groups=groups,
        shrinking=_shrinking(announcements),
        certificate=sharpest_certificate(question),
        certificate_at_any_coverage=sharpest_certificate(question.at_any_coverage()),
    )


def _shrinking(announcements: Sequence[Announcement]) -> tuple[tuple[str, str], ...]:
    pairs = itertools.pairwise(announcements)
    return tuple(
        (later.id, name)
        for sooner, later in pairs
        for name in later.votes
        if name in sooner.votes and later.votes[name] < sooner.votes[name]
    )
