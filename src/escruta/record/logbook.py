"""The record's log: what reached us and what we published, in the order in which it was taken.

A record carries its log in the folder `log`. Two sorts of book write one: the operator's own, which grows from run to
run under the operator's keys, and a sealed one, for whoever has no keys: it shows that a record is whole, and nobody
vouches for it. The steps are the same for both:

1. What reached us goes in, then the digests of the record's files, and the head is signed: the proofs on the pages lead
   to it.
2. The pages are rendered; their digests, and that of the first checkpoint, go in, and the head is signed again.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol

from escruta.record import entries
from escruta.record.contents import Results
from escruta.record.digests import DIGESTS, digest_of, read_digests
from escruta.record.entries import History
from escruta.record.folders import copy_new, write_once
from escruta.tlog.building import CHECKPOINT
from escruta.tlog.checkpoints import checkpoint_of
from escruta.tlog.files import STAGING
from escruta.tlog.reading import LogFolder, read_checkpoint, read_entries
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
        return sealed_policy(self._origin)

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


class GrowingSealedBook:
    """A log that nobody vouches for and that grows from record to record, in a folder of its own.

    Its order is that in which things came, so it does not follow from the files alone; everything else of a sealed log
    holds.
    """

    def __init__(self, election: str, home: Path, earlier: Path | None, *, clock: Callable[[], str]) -> None:
        """Begin in an empty folder `home`; `earlier` is the log of the last record, which is continued.

        `clock` says what time it is, in UTC.
        """
        self._clock = clock
        self._origin = f"{NOBODY}{election}"
        self._home = home
        self._log = SealedLog(home, self._origin)
        self._earlier: list[bytes] = []
        if earlier is not None and (earlier / CHECKPOINT).is_file():
            resources = LogFolder(earlier)
            last = checkpoint_of(read_checkpoint(resources), where=CHECKPOINT)
            if last.origin == self._origin:
                self._earlier = list(read_entries(resources, last.head.size))
                self._seal_again(kept_sizes(earlier))
        self._log.append(self._earlier)

    def _seal_again(self, sizes: Iterable[int]) -> None:
        """Write what each checkpoint that was kept needs: the partial tiles of its size, and the same checkpoint."""
        taken = 0
        for size in sizes:
            if size <= len(self._earlier):
                self._log.append(self._earlier[taken:size])
                self._log.publish()
                keep_checkpoint(self._home)
                taken = size

    @property
    def policy(self) -> str:
        """The key that anybody can derive."""
        return sealed_policy(self._origin)

    @property
    def arrived(self) -> str:
        """Now, in UTC: what is withdrawn twice must be told twice."""
        return self._clock()

    def history(self) -> Iterator[bytes]:
        """Give every entry of the log that is continued."""
        yield from self._earlier

    def append(self, entries: Iterable[bytes]) -> None:
        """Take entries; those that are there already stay where they are."""
        self._log.append(entries)

    def publish(self, folder: Path, *, keep: bool) -> None:
        """Seal what was taken, and copy what a record's copy does not have yet; the checkpoint last."""
        self._log.publish()
        if keep:
            keep_checkpoint(self._home)
        copy_new(self._home, folder, leave=(CHECKPOINT, STAGING))
        shutil.copyfile(self._home / CHECKPOINT, folder / CHECKPOINT)


def sealed_policy(origin: str) -> str:
    """Write the policy of a log whose key anybody can derive."""
    return (
        "# Nobody vouches for this log: anybody can derive its key from its name.\n"
        "# It shows that the record is whole, and not who made it.\n"
        f"log {sealing_signer(origin).key}\n"
        "quorum none\n"
    )


def keep_checkpoint(folder: Path) -> None:
    """Keep the checkpoint that stands in a log's folder under its size, before another takes its place."""
    raw = (folder / CHECKPOINT).read_bytes()
    size = raw.split(b"\n", 2)[1].decode("ascii")
    write_once(folder / CHECKPOINTS / size, raw)


def kept_sizes(log: Path) -> list[int]:
    """Give the sizes of the checkpoints that were kept in a log's folder, the smallest first."""
    names = (each.name for each in (log / CHECKPOINTS).glob("*"))
    return sorted(int(name) for name in names if name.isascii() and name.isdecimal())


def log_names_pages(record: Path, site: Path) -> bool:
    """Whether the record's log names the pages that stand in `site` as those published last; nothing is verified.

    A record without a log names no pages, and contradicts none: True.
    """
    if not (record / LOG / CHECKPOINT).is_file():
        return True
    resources = LogFolder(record / LOG)
    size = checkpoint_of(read_checkpoint(resources), where=CHECKPOINT).head.size
    return History.of(read_entries(resources, size)).page_list == digest_of(site / DIGESTS)


class Publication:
    """A record on its way into the log: first what it holds, then its pages."""

    def __init__(self, folder: Path, book: LogBook, history: History | None = None) -> None:
        """Begin; `history` is what the log holds already, read from the log when absent, and is kept up to date."""
        self._folder = folder
        self._book = book
        self._history = History.of(book.history()) if history is None else history

    def log_received(self, results: Results) -> None:
        """Put into the log what reached us."""
        self._append(entries.received(results, self._history, arrived=self._book.arrived))

    def log_record(self) -> None:
        """Put into the log the digests of the record, which is written; sign it."""
        self._append(entries.record_list(self._folder / DIGESTS, self._history))
        self._book.publish(self._folder / LOG, keep=True)

    def log_pages(
        self, site: str, written: Iterable[tuple[str, str]] | None = None, *, list_digest: str | None = None
    ) -> None:
        """Put the digests of the record's pages into the log, as the site lists them, and sign it again.

        `written` are path and digest of the files that are new, where the others are in the log already; `list_digest`
        is the SHA-256 of the site's list, where it is known.
        """
        pages = self._folder / site
        files = read_digests((pages / DIGESTS).read_text(encoding="utf-8")) if written is None else sorted(written)
        self._append(entries.pages(files, self._history))
        self._append(entries.page_list(pages, self._history, list_digest))
        self._book.publish(self._folder / LOG, keep=False)

    def _append(self, given: Iterable[bytes]) -> None:
        """Append what was found to be new; the history goes on only when all of it is in the log."""
        taken = list(given)
        self._book.append(taken)
        for raw in taken:
            self._history.add(raw)
