"""What comes of checking the bulletins, dissents and acceptances of a log."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from escruta.apps.board.boards import BoardStanding
from escruta.base.errors import InputError
from escruta.record.bulletins import Acceptance, Bulletin
from escruta.tlog.findings import Unchecked
from escruta.tlog.notes import Note


class BulletinFaultKind(StrEnum):
    """What is wrong with an entry of a board or a candidate."""

    MALFORMED = "malformed"
    """The entry, its note or the note's text is not in its form."""
    SIGNATURE_REFUSED = "signature-refused"
    """Nobody known signed, or a line in the name of somebody known is false."""
    OTHER_LOG = "other-log"
    """The bulletin was computed from another log."""
    LATER_CHECKPOINT = "later-checkpoint"
    """The bulletin names a checkpoint that the log had not reached when the bulletin went in."""
    ROOT_DIFFERS = "root-differs"
    """The log's first entries have another root than the bulletin says."""
    QUORUM_UNMET = "quorum-unmet"
    """Fewer members signed than the board's rule asks for, and the entry does not say so."""
    NUMBER_TWICE = "number-twice"
    """Two bulletins of a contest have one number and not the same text."""
    NUMBER_SKIPPED = "number-skipped"
    """A bulletin's number is not the next one of its contest."""
    TOTALS_DIFFER = "totals-differ"
    """The record that the bulletin names says something else."""
    NO_BULLETIN = "no-bulletin"
    """The dissent is on a bulletin that the log does not hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulletinFault:
    """One thing that does not fit."""

    kind: BulletinFaultKind
    index: int
    """Of the entry in the log."""
    what: str
    found: str | None = None
    expected: str | None = None

    def __str__(self) -> str:
        """Tell the fault in one line."""
        evidence = [f"{word} {text}" for word, text in (("found", self.found), ("expected", self.expected)) if text]
        return f"entry {self.index}: {self.what}" + (f" ({'; '.join(evidence)})" if evidence else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedBulletin:
    """A bulletin of the log, with all lines that were published for its text."""

    index: int
    """Of its first entry."""
    bulletin: Bulletin
    note: Note
    standing: BoardStanding | None
    """Who signed and who dissents; None where no board was given, or a signature is refused."""
    is_without_quorum: bool
    """Whether its entries say that too few had signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedAcceptance:
    """An acceptance of the log."""

    index: int
    acceptance: Acceptance
    note: Note
    signed: tuple[str, ...] | None
    """Who signed, of those whose keys are known; None where no keys were given, or a signature is refused."""


@dataclass(slots=True)
class BulletinsReport:
    """What came of checking."""

    bulletins: list[LoggedBulletin] = field(default_factory=list)
    acceptances: list[LoggedAcceptance] = field(default_factory=list)
    faults: list[BulletinFault] = field(default_factory=list)
    unchecked: list[Unchecked] = field(default_factory=list)

    def fault(self, kind: BulletinFaultKind, index: int, what: str, **evidence: str | None) -> None:
        """Note a fault."""
        self.faults.append(BulletinFault(kind=kind, index=index, what=what, **evidence))

    def refuse(self, kind: BulletinFaultKind, index: int, error: InputError) -> None:
        """Note an error as a fault."""
        self.fault(kind, index, error.what, found=error.found, expected=error.expected)

    def leave(self, subject: str, why: str) -> None:
        """Note what could not be checked."""
        self.unchecked.append(Unchecked(subject=subject, why=why))
