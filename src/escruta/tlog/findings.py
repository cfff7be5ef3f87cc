"""What comes of verifying a log: faults with their place, and what could not be checked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from escruta.tlog.policies import Standing


class FaultKind(StrEnum):
    """What is wrong."""

    CHECKPOINT_UNUSABLE = "checkpoint-unusable"
    """The checkpoint is missing, or no checkpoint."""
    SIGNATURE_REFUSED = "signature-refused"
    """No log of the policy signed the checkpoint, or a known key's signature is false."""
    QUORUM_UNMET = "quorum-unmet"
    """Fewer log witnesses cosigned than the policy asks for."""
    MISSING = "missing"
    """A tile or bundle is not there."""
    MALFORMED = "malformed"
    """A tile or bundle has the wrong length, or ends within an entry."""
    DIFFERS = "differs"
    """A hash is not the one that the level below, or the entry, has."""
    ROOT_DIFFERS = "root-differs"
    """The entries, or the tiles, lead to another root than the one that was signed."""
    HISTORY_CHANGED = "history-changed"
    """The log does not begin with what an earlier checkpoint committed to."""
    ROLLED_BACK = "rolled-back"
    """The log holds less than an earlier checkpoint committed to."""
    NOT_OF_THE_LOG = "not-of-the-log"
    """A file that no log has stands among those of the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that does not fit."""

    kind: StrEnum
    """A `FaultKind`; whoever verifies more than a log has kinds of its own beside them."""
    file: str
    what: str
    offset: int | None = None
    """Byte from the beginning of the file; None where the fault has no one place."""
    found: str | None = None
    expected: str | None = None

    def __str__(self) -> str:
        """Tell the fault in one line."""
        place = self.file if self.offset is None else f"{self.file}, byte {self.offset}"
        evidence = [f"found {self.found}"] if self.found else []
        evidence += [f"expected {self.expected}"] if self.expected else []
        return f"{place}: {self.what}" + (f" ({'; '.join(evidence)})" if evidence else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchecked:
    """Something that could not be checked, and why."""

    subject: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogReport:
    """What came of verifying a log."""

    standing: Standing | None
    """The checkpoint with who signed it; None where it could not be believed."""
    faults: tuple[Fault, ...]
    unchecked: tuple[Unchecked, ...]
    entries: int
    """How many entries were read and hashed."""
    root_of_entries: bytes | None
    """The root recomputed from the entries alone; None where not all of them could be read."""

    @property
    def is_sound(self) -> bool:
        """Whether there is no fault. What could not be checked stands beside it."""
        return not self.faults
