"""What puts entries in order, whatever database does it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

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

    def become_publisher(self) -> None:
        """Be the only one that publishes until `close`; raises `LogBusy` where another one is."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...
