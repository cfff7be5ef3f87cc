"""The record's log: what reached us and what we published, in the order in which it was taken.

A record carries its log in the folder `log`. Two sorts of book write one: the operator's own, which grows from run to
run under the operator's keys, and a sealed one, for whoever has no keys: it shows that a record is whole, and nobody
vouches for it. The steps are the same for both:

1. What reached us goes in, then the digests of the record's files, and the head is signed: the proofs on the pages lead
   to it.
2. The pages are rendered; their digests, and that of the first checkpoint, go in, and the head is signed again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from escruta.record import entries
from escruta.record.contents import Results
from escruta.record.digests import DIGESTS
from escruta.record.entries import History
from escruta.tlog.building import CHECKPOINT
from escruta.tlog.sealing import NOBODY, SealedLog, sealing_signer

LOG = "log"
"""The folder of the log inside a record."""
CHECKPOINTS = "checkpoints"
"""The folder, inside the log's, of the checkpoints that proofs on the pages lead to, each named by its size."""
POLICY = "log.policy"
"""Which keys sign the log, and which log witnesses cosign it."""


class LogBook(Protocol):
    """A log under way, which brings its published form into a record."""

    @property
    def policy(self) -> str:
        """The keys of the log and its log witnesses, as a record publishes them."""
        ...

    @property
    def arrived(self) -> str | None:
        """What time it is for things that arrive now, in UTC; None where nobody can say."""
        ...

    def history(self) -> Iterator[bytes]:
        """Give every entry that it has."""
        ...

    def append(self, entries: Iterable[bytes]) -> None:
        """Take entries; those that are there already stay where they are."""
        ...

    def publish(self, folder: Path, *, keep: bool) -> None:
        """Sign what was taken, and bring a record's copy of the log up to date, with the checkpoints that were kept.

        `keep` keeps the new checkpoint, where there is a new one, for ever: the proofs on the pages will lead to it.
        """
        ...


class SealedBook:
    """The log of one record, which nobody vouches for."""

    arrived = None

    def __init__(self, election: str) -> None:
        self._origin = f"{NOBODY}{election}"
        self._log: SealedLog | None = None
        self._waiting: list[bytes] = []

    @property
    def policy(self) -> str:
        """The key that anybody can derive."""
        return (
            "# Nobody vouches for this log: anybody can derive its key from its name.\n"
            "# It shows that the record is whole, and not who made it.\n"
            f"log {sealing_signer(self._origin).key}\n"
            "quorum none\n"
        )

    def history(self) -> Iterator[bytes]:
        """Give nothing: each record begins anew."""
        yield from ()

    def append(self, entries: Iterable[bytes]) -> None:
        """Take entries."""
        self._waiting.extend(entries)

    def publish(self, folder: Path, *, keep: bool) -> None:
        """Write and seal what was taken."""
        if self._log is None:
            self._log = SealedLog(folder, self._origin)
        self._log.append(self._waiting)
        self._waiting = []
        self._log.publish()
        if keep:
            keep_checkpoint(folder)


def keep_checkpoint(folder: Path) -> None:
    """Keep the checkpoint that stands in a log's folder under its size, before another takes its place."""
    raw = (folder / CHECKPOINT).read_bytes()
    size = raw.split(b"\n", 2)[1].decode("ascii")
    kept = folder / CHECKPOINTS / size
    kept.parent.mkdir(exist_ok=True)
    if not kept.exists():
        kept.write_bytes(raw)


class Publication:
    """A record on its way into the log: first what it holds, then its pages."""

    def __init__(self, folder: Path, book: LogBook) -> None:
        self._folder = folder
        self._book = book
        self._history = History.of(book.history())

    def log_record(self, results: Results) -> None:
        """Put into the log what reached us, and the digests of a record that is written; sign it."""
        self._book.append(entries.received(results, self._history, arrived=self._book.arrived))
        for raw in entries.record_list(self._folder / DIGESTS, self._history):
            self._history.add(raw)
            self._book.append([raw])
        self._book.publish(self._folder / LOG, keep=True)

    def log_pages(self, site: str) -> None:
        """Put the digests of the record's pages into the log, as the site lists them, and sign it again."""
        manifest = self._folder / site / DIGESTS
        self._book.append(entries.pages(manifest))
        self._book.append(entries.page_list(manifest, self._history))
        self._book.publish(self._folder / LOG, keep=False)
