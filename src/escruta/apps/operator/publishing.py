"""A checkpoint as it was published, and what came of asking the log witnesses."""

from __future__ import annotations

from dataclasses import dataclass

from escruta.apps.witness.asking import Asked, Outcome
from escruta.apps.witness.looking import Looked
from escruta.tlog.notes import Note
from escruta.tlog.policies import NONE, Policy, Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A checkpoint that stands in the log's folder."""

    note: Note
    standing: Standing
    policy: Policy
    asked: tuple[Asked, ...]
    """What came of asking each log witness this time."""
    silent_mirrors: tuple[Looked, ...] = ()
    """Mirrors that were asked what they have seen before this was signed, and did not answer."""

    @property
    def is_witnessed(self) -> bool:
        """Whether as many log witnesses cosigned as the policy asks for, and it asks for any."""
        return self.standing.is_met and self.policy.quorum != NONE

    @property
    def doubted(self) -> tuple[Asked, ...]:
        """Log witnesses that say they have seen more, or something else, and show no checkpoint that we signed."""
        return tuple(each for each in self.asked if each.outcome in {Outcome.AHEAD, Outcome.SPLIT})

    def __str__(self) -> str:
        """Tell it in one sentence."""
        size = self.standing.checkpoint.head.size
        return f"{size:,} entries of {self.standing.checkpoint.origin} are published; {self.cosigned_words}"

    @property
    def cosigned_words(self) -> str:
        """Say how many log witnesses cosigned and how many had to; without the quorum it is not called witnessed."""
        return cosigned_words(self.standing, self.policy)


def cosigned_words(standing: Standing, policy: Policy) -> str:
    """Say how many log witnesses cosigned, and how many the quorum asks for."""
    if policy.quorum == NONE:
        return "the policy asks for no log witness, so nothing shows that everybody sees the same log"
    said = f"{len(standing.cosigned)} of {len(policy.witnesses)} log witnesses cosigned"
    verdict = "and is met" if standing.is_met else "and is not met: this is signed, and not witnessed"
    return f"{said}; the quorum asks for {quorum_words(policy)}, {verdict}"


def quorum_words(policy: Policy) -> str:
    """Say in words what a quorum asks for.

    >>> from escruta.tlog.policies import Group
    >>> groups = {"parties": Group(threshold=2, members=("red", "blue", "green")),
    ...           "others": Group(threshold=1, members=("press", "observers")),
    ...           "both": Group(threshold=2, members=("parties", "others"))}
    >>> quorum_words(Policy(groups=groups, quorum="both"))
    '(2 of red, blue and green) and (1 of press and observers)'
    """
    return _words(policy, policy.quorum)


def _words(policy: Policy, name: str) -> str:
    group = policy.groups.get(name)
    if group is None:
        return name
    members = [f"({_words(policy, each)})" if each in policy.groups else each for each in group.members]
    if group.threshold == len(members):
        return " and ".join(members)
    listed = f"{', '.join(members[:-1])} and {members[-1]}"
    return f"{group.threshold} of {listed}"
