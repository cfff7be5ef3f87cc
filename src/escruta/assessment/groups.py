"""The groups of candidates in which announcements are held against the sheets, and what may be supposed of the rest."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from escruta.assessment.known import KnownSheets
from escruta.assessment.limits import Limits
from escruta.election.definition import Announcement

OTHERS = "others"
"""The group of all candidates who do not stand alone."""
_ALONE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Candidates whose votes are looked at as one sum."""

    id: str
    candidates: tuple[str, ...]


def groups_of(
    announcements: Sequence[Announcement], known: KnownSheets, *, each: bool = False, limited: Collection[str] = ()
) -> tuple[Group, ...]:
    """Choose the groups in which announcements are held against the sheets.

    Two candidates stand alone, those with most votes of the ones whom every announcement names alone, and everybody
    else who was announced is one sum: few groups make weights that a person can check. With `each`, all stand alone,
    and so does whoever is `limited`.
    """
    first = announcements[0]
    totals = dict(zip(known.candidates, (int(total) for total in known.totals), strict=True))
    named = [name for name in known.candidates if all(name in one.votes for one in announcements)]
    ranked = sorted(named, key=lambda name: (-max(first.votes[name], totals[name]), known.candidates.index(name)))
    front = [name for name in named if each or name in ranked[:_ALONE] or name in limited]
    rests = [_announced_ids(one) - set(front) for one in announcements]
    groups = [Group(id=name, candidates=(name,)) for name in front]
    if rests[0] and all(rest == rests[0] for rest in rests):
        groups.append(Group(id=OTHERS, candidates=tuple(name for name in known.candidates if name in rests[0])))
    return tuple(groups)


def _announced_ids(announcement: Announcement) -> set[str]:
    together = announcement.others.candidates if announcement.others is not None else ()
    return {*announcement.votes, *together}


def announced_votes(announcement: Announcement, groups: Sequence[Group]) -> tuple[int, ...]:
    """Add up what was announced for each group."""
    together = announcement.others
    return tuple(
        sum(announcement.votes.get(name, 0) for name in group.candidates)
        + (together.votes if together is not None and set(together.candidates) <= set(group.candidates) else 0)
        for group in groups
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What somebody supposes of the votes where no true sheet is known: nothing, unless it is said."""

    turnout: Fraction = Fraction(1)
    """At most so many of the registered voters voted."""
    shares: Mapping[str, Fraction] = field(default_factory=dict)
    """Candidate → at most this share of the votes for candidates, in what each announcement adds."""

    def limits_of(self, groups: Sequence[Group], candidates: Collection[str]) -> Limits | None:
        """Draw the limits on shares up for groups; None where no group has one."""
        shares = tuple(
            self.shares.get(each.candidates[0], Fraction(1)) if len(each.candidates) == 1 else Fraction(1)
            for each in groups
        )
        if all(share >= 1 for share in shares):
            return None
        inside = {name for each in groups for name in each.candidates}
        return Limits(shares=shares, beside=not inside.issuperset(candidates))


NOTHING_SUPPOSED = Outside()
"""Every registered voter outside may have voted, and in any way."""
