"""The operator's log as the log of a record: grows from run to run, and is copied into each record."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from escruta.apps.operator.homes import EVIDENCE, KEPT_FOR_PAGES, Home, open_home
from escruta.apps.operator.publishing import Published
from escruta.apps.signing import Passphrase
from escruta.record.folders import copy_new, write_once
from escruta.record.logbook import CHECKPOINTS
from escruta.tlog import Log
from escruta.tlog.building import CHECKPOINT
from escruta.tlog.files import STAGING
from escruta.tlog.trees import TreeHead

_AT_ONCE = 4_096
"""Entries in one transaction."""


class HomeBook:
    """The log of a home, as `escruta.record.logbook.LogBook` asks for it."""

    def __init__(self, home: Home, log: Log) -> None:
        self._home = home
        self._log = log
        self.published: Published | None = None
        """What came of publishing last."""

    @property
    def policy(self) -> str:
        """The keys of the log and its log witnesses."""
        return self._home.policy_text

    @property
    def arrived(self) -> str:
        """Now, in UTC; what is withdrawn twice within a second must be told twice."""
        return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"

    def history(self) -> Iterator[bytes]:
        """Give every entry that the log has."""
        sequencer = self._home.sequencer
        yield from sequencer.entries(0, sequencer.size())

    def append(self, entries: Iterable[bytes]) -> None:
        """Take entries for ever; those that are there already keep their indexes."""
        waiting = iter(entries)
        while taken := list(islice(waiting, _AT_ONCE)):
            self._log.append(taken)

    def publish(self, folder: Path, *, keep: bool) -> None:
        """Publish the log, ask its log witnesses, and copy it into a record."""
        before = self._log.head
        self.published = self._home.publish(self._log)
        if keep and self._log.head is not None and self._log.head != before:
            self._keep(self._log.head)
        self._copy(folder)

    def _keep(self, head: TreeHead) -> None:
        """Keep the checkpoint for the proofs of the pages, with the cosignatures that it has now."""
        raw = (self._home.log_folder / CHECKPOINT).read_bytes()
        write_once(self._home.folder / KEPT_FOR_PAGES / str(head.size), raw)

    def _copy(self, folder: Path) -> None:
        """Copy what the record's copy does not have yet; the checkpoint last."""
        copy_new(self._home.log_folder, folder, leave=(STAGING, CHECKPOINT))
        self._copy_kept(folder)
        copy_new(self._home.folder / EVIDENCE, folder / EVIDENCE, leave=(STAGING,))
        shutil.copyfile(self._home.log_folder / CHECKPOINT, folder / CHECKPOINT)

    def _copy_kept(self, folder: Path) -> None:
        """Copy every checkpoint that was kept for pages: the proof of a reading leads to the first that has it."""
        copy_new(self._home.folder / KEPT_FOR_PAGES, folder / CHECKPOINTS)


@contextmanager
def open_book(home: Path, passphrase: Passphrase | None = None) -> Iterator[HomeBook]:
    """Open the home of a log for a run: its log witnesses and mirrors are asked first what they have seen."""
    with open_home(home) as opened:
        yield HomeBook(opened, opened.open_log(passphrase))
