"""What others have seen of a log of ours, held against what we have recorded.

Nothing inside a database shows that it was restored from an old copy. Log witnesses and mirrors know: whoever signs
without asking them may sign a second history. A checkpoint that our key signed is believed, whoever shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from escruta.tlog.checkpoints import checkpoint_of
from escruta.tlog.errors import LogConflict, LogInputError
from escruta.tlog.keys import VerifierKey
from escruta.tlog.notes import Note
from escruta.tlog.signing import verify_note
from escruta.tlog.trees import EMPTY_TREE, TreeHead

RootAt = Callable[[int], bytes]
"""Gives the root that our tree had when it had so many entries."""


class Relation(StrEnum):
    """How what was seen elsewhere stands to what we have."""

    EARLIER = "earlier"
    """Our tree begins with it, or is it."""
    AHEAD = "ahead"
    """It is larger than ours: ours may be an old copy."""
    FORKED = "forked"
    """It is no beginning of ours, though it is not larger: two histories bear our signature."""
    FOREIGN = "foreign"
    """It is no checkpoint of this log, so it proves nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A checkpoint that a log witness or mirror shows."""

    place: str
    note: Note
    relation: Relation
    head: TreeHead | None
    """None where it is foreign."""
    words: str
    """What this means, for people."""

    @property
    def forbids_signing(self) -> bool:
        """Whether going on could show two histories."""
        return self.relation in {Relation.AHEAD, Relation.FORKED}


def judge_sighting(
    place: str, note: Note, *, origin: str, keys: Collection[VerifierKey], head: TreeHead | None, root_at: RootAt
) -> Sighting:
    """Hold a checkpoint that somebody shows against our last head; `keys` are all that the log ever signed with."""
    try:
        checkpoint = checkpoint_of(note, where=place)
        if checkpoint.origin != origin:
            return _foreign(place, note, f"it is a checkpoint of {checkpoint.origin}")
        verify_note(note, keys, where=place)
    except LogInputError as error:
        return _foreign(place, note, error.what)
    seen, ours = checkpoint.head, head or EMPTY_TREE
    if seen.size > ours.size:
        relation, words = Relation.AHEAD, f"{place} has seen {seen.size} entries, and we have recorded {ours.size}"
    elif seen.root == (ours.root if seen.size == ours.size else root_at(seen.size)):
        relation, words = Relation.EARLIER, f"{place} has seen {seen.size} entries, as we had them"
    else:
        relation, words = Relation.FORKED, f"{place} has seen another tree of {seen.size} entries than ours"
    return Sighting(place=place, note=note, relation=relation, head=seen, words=words)


def _foreign(place: str, note: Note, words: str) -> Sighting:
    return Sighting(place=place, note=note, relation=Relation.FOREIGN, head=None, words=f"{place}: {words}")


def require_nothing_more(sightings: Iterable[Sighting], *, kept_in: str | None = None) -> None:
    """Raise `LogConflict` where somebody has seen more than we have recorded, or something else."""
    against = [each for each in sightings if each.forbids_signing]
    if not against:
        return
    said = "; ".join(each.words for each in against)
    if any(each.relation is Relation.FORKED for each in against):
        advice = "Two histories bear this log's signature. Publish both checkpoints and close the log."
    else:
        advice = "Is the database an old copy? Bring it up to date from a mirror before anything is signed."
    kept = f" The checkpoints are kept in {kept_in}." if kept_in else ""
    raise LogConflict(f"{said}. {advice}{kept}")
