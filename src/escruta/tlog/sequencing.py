"""What puts entries in order, whatever database does it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from escruta.tlog.errors import LogConflict
from escruta.tlog.notes import MOST_SIGNATURES, SignatureLine, parse_note
from escruta.tlog.trees import TreeHead


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedHead:
    """A signed head as it is recorded, before anyone sees it."""

    head: TreeHead
    note: bytes
    """The checkpoint with its signatures."""
    edge: tuple[bytes, ...]
    """The right edge by level of tiles, the hashes of a level joined: what the next entries go on from."""


class Sequencer(Protocol):
    """Gives every entry one index for ever, and keeps every signature that was made.

    What it has taken or recorded is on the disk when it answers. Several processes may append at the same time; one at
    a time publishes.
    """

    @property
    def origin(self) -> str:
        """The log's name."""
        ...

    def append(self, entries: Sequence[bytes]) -> tuple[int, ...]:
        """Take entries and give their indexes; an entry that is known keeps the index that it has."""
        ...

    def size(self) -> int:
        """How many entries were taken."""
        ...

    def entries(self, start: int, stop: int) -> Iterator[bytes]:
        """Give the entries from one index up to another; raises `LogConflict` where one is missing."""
        ...

    def last_head(self) -> RecordedHead | None:
        """Give the largest head that was recorded."""
        ...

    def record(self, recorded: RecordedHead) -> bytes:
        """Record a signed head, and give the note to show: the first one that was recorded for this size.

        Raises `LogConflict` for another root at a size that was signed already, and for a size below the last.
        """
        ...

    def extend_note(self, size: int, lines: Sequence[SignatureLine]) -> bytes:
        """Add cosignatures to the note that was recorded for a size, and give the note to show.

        On the disk when it answers; the same lines twice change nothing. What may change is said by `extend_recorded`.
        Raises `LogConflict` where no head of this size was recorded.
        """
        ...

    def become_publisher(self) -> None:
        """Be the only one that publishes until `close`; raises `LogBusy` where another one is."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...


def extend_recorded(note: bytes, lines: Sequence[SignatureLine]) -> bytes:
    """Give a recorded note with further lines, verified by the caller: what every sequencer records.

    A line of the log's own, once recorded, never changes. A log witness that cosigned again has its later line in the
    place of the earlier one: a cosignature begins with its time, so the larger bytes are the later ones.

    Raises `LogConflict` where the note would have more lines than a note may have.
    """
    recorded = parse_note(note)
    origin = recorded.text.partition("\n")[0]
    by_key = {(line.name, line.key_id): line for line in recorded.signatures}
    for line in lines:
        known = by_key.get((line.name, line.key_id))
        if known is None or (line.name != origin and line.signature[:_TIME_SIZE] > known.signature[:_TIME_SIZE]):
            by_key[line.name, line.key_id] = line
    if len(by_key) > MOST_SIGNATURES:
        raise LogConflict(f"{len(by_key)} lines below a checkpoint are more than the {MOST_SIGNATURES} of a note")
    return bytes(replace(recorded, signatures=tuple(by_key.values())))


_TIME_SIZE = 8
