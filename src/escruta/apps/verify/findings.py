"""What comes of verifying a record: what was checked, faults with their place, and what could not be checked."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from escruta.apps.board import Board
from escruta.tlog.findings import Fault, Unchecked
from escruta.tlog.policies import Policy, Standing


class RecordFaultKind(StrEnum):
    """What is wrong with a record, beside what can be wrong with its log (`escruta.tlog.findings`)."""

    MISSING = "missing"
    """A file that the record lists is not there."""
    DIFFERS = "differs"
    """A file has other bytes than its digest says, or a list of digests is not the one in the log."""
    MALFORMED = "malformed"
    """A file is not in the form that it must have."""
    REFUSED = "refused"
    """A file cannot be taken: too large, cut off, outside the record."""
    NOT_OF_THE_RECORD = "not-of-the-record"
    """A file stands in the record that nothing in it lists."""
    NOT_LOGGED = "not-logged"
    """The record or its pages hold what the log does not."""
    NOT_PUBLISHED = "not-published"
    """The log holds a reading that the record does not, and nobody withdrew it."""
    NOT_RECOMPUTED = "not-recomputed"
    """Something else follows from the readings than what was published."""
    SIGNATURE_MISSING = "signature-missing"
    """The log has keys of a kind of which none signed its checkpoint."""
    CONTRADICTED = "contradicted"
    """The record carries evidence that its log's key signed two histories, or that somebody says so."""
    STALE = "stale"
    """No log witness has seen the log lately enough."""


class Pages(StrEnum):
    """How far the pages of a record are verified."""

    LEFT_OUT = "left-out"
    DIGESTS = "digests"
    """That they are those that the log names."""
    RENDERED = "rendered"
    """That they follow from the record, too: they are made again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What was printed before election day, and does not come from the record: whose signatures count."""

    policy: bytes | None = None
    """The keys of the log and its log witnesses; None = take the record's own, and say so."""
    board: Board | None = None
    """The members who sign bulletins."""
    candidates: Board | None = None
    """Those who sign acceptances."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordReport:
    """What came of verifying a record."""

    place: str
    policy: Policy
    standing: Standing | None
    """The log's checkpoint with who signed it; None where it could not be believed."""
    checked: tuple[str, ...]
    faults: tuple[Fault, ...]
    unchecked: tuple[Unchecked, ...]

    @property
    def is_sound(self) -> bool:
        """Whether there is no fault. What could not be checked stands beside it."""
        return not self.faults


@dataclass(slots=True)
class Findings:
    """A verification under way."""

    checked: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    unchecked: list[Unchecked] = field(default_factory=list)

    def fault(
        self,
        kind: RecordFaultKind,
        file: str,
        what: str,
        *,
        offset: int | None = None,
        found: str | None = None,
        expected: str | None = None,
    ) -> None:
        """Note a fault."""
        self.faults.append(Fault(kind=kind, file=file, what=what, offset=offset, found=found, expected=expected))

    def of_log(self, fault: Fault, folder: str) -> None:
        """Note a fault of the log, which lies in a folder of the record."""
        self.faults.append(replace(fault, file=f"{folder}/{fault.file}"))

    def leave(self, subject: str, why: str) -> None:
        """Note what could not be checked."""
        self.unchecked.append(Unchecked(subject=subject, why=why))
