"""The power may go at any moment: nothing that was acknowledged is lost, and nothing that was shown is unsaid."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.tlog.model_disk import ModelDisk, PowerLost

from escruta.tlog import logs
from escruta.tlog.errors import LogConflict
from escruta.tlog.files import STAGING, DurableWriter
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.logs import Log
from escruta.tlog.policies import Policy
from escruta.tlog.sequencer import SqliteSequencer
from escruta.tlog.verification import verify_log

SIGNER = SeedSigner("example.com/log", KeyKind.ED25519, b"1" * 32)
POLICY = Policy(logs=(SIGNER.key,))
FOLDER = Path("/log")


class Published:
    """What stands on the model disk, as whoever downloads it sees it."""

    def __init__(self, disk: ModelDisk) -> None:
        self._disk = disk

    def read(self, path: str) -> bytes | None:
        return self._disk.read(FOLDER / path)

    def paths(self) -> Iterator[str]:
        return (path for path in self._disk.paths(FOLDER) if not path.startswith(STAGING))


class Night:
    """One log, its disk, and what the world was told."""

    def __init__(self, database: Path) -> None:
        self.disk = ModelDisk()
        self.database = database
        self.acknowledged: list[bytes] = []

    @contextmanager
    def log(self) -> Iterator[Log]:
        sequencer = SqliteSequencer(self.database, "example.com/log")
        # The laws are about the files of the log; that SQLite keeps what it commits is SQLite's law.
        sequencer._connection.execute("PRAGMA synchronous=OFF")
        try:
            yield Log(FOLDER, sequencer, [SIGNER], lambda: 1, files=self.disk, threads=0)
        finally:
            sequencer.close()

    def append_and_publish(self, count: int) -> None:
        with self.log() as log:
            new = [b"%d" % number for number in range(len(self.acknowledged), len(self.acknowledged) + count)]
            assert log.append(new) == tuple(range(len(self.acknowledged), len(self.acknowledged) + count))
            self.acknowledged += new
            log.publish()

    def require_truth(self) -> None:
        """Whatever is visible now is whole, and holds all that was ever shown."""
        # The last checkpoint may be gone, and the one before it stand there again, until the restart.
        if self.disk.read(FOLDER / "checkpoint") is not None:
            older = [(f"shown {at}", raw) for at, raw in enumerate(self.disk.shown)]
            report = verify_log(Published(self.disk), POLICY, older=older)
            assert {fault.kind.value for fault in report.faults} <= {"rolled-back"}, report.faults
            assert report.root_of_entries is not None
        self.require_restart()

    def require_restart(self) -> None:
        """After a restart everything that was acknowledged is published, and begins with all that was shown."""
        with self.log() as log:
            log.publish()
        older = [(f"shown {at}", raw) for at, raw in enumerate(self.disk.shown)]
        report = verify_log(Published(self.disk), POLICY, older=older)
        assert report.is_sound, report.faults
        assert report.entries == len(self.acknowledged)


@contextmanager
def a_night() -> Iterator[Night]:
    with tempfile.TemporaryDirectory() as folder:
        yield Night(Path(folder) / "log.sqlite")


batches = st.sampled_from([1, logs._MANY])
steps = st.lists(
    st.tuples(st.sampled_from([1, 2, 3, 250, 256, 257, 300]), st.none() | st.integers(0, 60)), min_size=1, max_size=3
)


@given(steps=steps, many=batches, seed=st.integers(0, 2**32))
def test_the_power_may_go_at_any_moment(steps, many, seed):
    chance = random.Random(seed)  # noqa: S311 - picks what a disk loses
    with a_night() as night, pytest.MonkeyPatch.context() as patch:
        patch.setattr(logs, "_MANY", many)
        for count, power in steps:
            night.disk.power = power
            try:
                night.append_and_publish(count)
            except PowerLost:
                night.disk.lose_power(chance)
                night.require_truth()
            night.disk.power = None
        night.disk.lose_power(chance)
        night.require_truth()


def lose_power_at_every_operation(outcomes: int = 1, count: int = 260) -> None:
    """Publish twice, losing power after each number of operations in turn, with some outcomes for each."""
    power = 0
    while True:
        for outcome in range(outcomes):
            with a_night() as night:
                night.append_and_publish(3)
                night.disk.power = power
                try:
                    night.append_and_publish(count)
                except PowerLost:
                    pass
                else:
                    return
                night.disk.lose_power(random.Random(power * 1000 + outcome))  # noqa: S311
                night.require_truth()
        power += 1


@pytest.mark.parametrize("many", [logs._MANY, 1])
def test_power_lost_after_each_operation_in_turn(many, monkeypatch):
    monkeypatch.setattr(logs, "_MANY", many)
    lose_power_at_every_operation()


@pytest.mark.torture
@pytest.mark.parametrize("many", [logs._MANY, 1])
def test_power_lost_after_each_operation_in_turn_with_many_outcomes(many, monkeypatch):
    monkeypatch.setattr(logs, "_MANY", many)
    lose_power_at_every_operation(outcomes=50)


class CheckpointFirst(DurableWriter):
    """A mistake: the names of the tiles are never forced to the disk."""

    def finish(self) -> None:
        """Do nothing."""


class NamesForgotten(DurableWriter):
    """A mistake: new folders are not forced to the disk, only the ones with files."""

    def finish(self) -> None:
        for folder in sorted(self._made, reverse=True)[:1]:
            self._files.sync_folder(self._folder / folder)


class NamedTooEarly(DurableWriter):
    """A mistake: files have their names before their bytes are forced to the disk."""

    def _name_staged(self) -> None:
        for path in self._staged:
            self._files.rename(self._place(path), self._folder / path)
        self._staged.clear()
        self._batch.force()


@pytest.mark.parametrize("mistake", [CheckpointFirst, NamesForgotten, NamedTooEarly])
def test_these_laws_find_a_writer_that_forgets_to_force(mistake, monkeypatch):
    monkeypatch.setattr(logs, "_MANY", 1)

    @contextmanager
    def open_mistaken(folder, files, *, threads, has_many=False):
        assert not threads
        yield mistake(folder, files, has_many=has_many)

    monkeypatch.setattr(logs, "open_writer", open_mistaken)
    with pytest.raises((AssertionError, FileNotFoundError, LogConflict)):
        lose_power_at_every_operation(outcomes=5)


def test_these_laws_find_a_log_that_shows_before_it_writes(monkeypatch):
    def show_first(self):
        size = self._sequencer.size()
        start = 0 if self._last is None else self._last.head.size
        before, self._files, last = self._files, ModelDisk(), self._last
        new = self._record(self._integrate(start, size))
        self._files, self._last, self._is_shown = before, new, False
        self._show()
        self._last = last
        self._integrate(start, size)

    monkeypatch.setattr(Log, "publish", show_first)
    with pytest.raises((AssertionError, FileNotFoundError)):
        lose_power_at_every_operation(outcomes=5)
