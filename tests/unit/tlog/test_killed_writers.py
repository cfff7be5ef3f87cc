"""Four writers, or their database, are killed at random moments: none lost, none doubled, no gap, one history."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from tests.unit.tlog import writers

from escruta.tlog.checkpoints import checkpoint_of
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.notes import parse_note
from escruta.tlog.policies import Policy
from escruta.tlog.reading import LogFolder, prove
from escruta.tlog.verification import verify_log

SIGNER = SeedSigner(writers.ORIGIN, KeyKind.ED25519, writers.SEED)
POLICY = Policy(logs=(SIGNER.key,))


class Reader:
    """Downloads the checkpoint as often as can be, and the proof of the last entry with each new one."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "log"
        self._faults = folder / "faults.txt"
        self.seen: dict[bytes, None] = {}

    def watch(self, seconds: float, *, or_new: bool = False) -> bool:
        """Tell whether anything new was seen; a checkpoint that is torn, or shown too early, raises."""
        until, before = time.monotonic() + seconds, len(self.seen)
        while time.monotonic() < until and not (or_new and len(self.seen) > before):
            self.require_no_faults()
            if (self._log / "checkpoint").exists():
                raw = (self._log / "checkpoint").read_bytes()
                if raw not in self.seen:
                    self._require_proof(checkpoint_of(parse_note(raw)).head.size)
                    self.seen[raw] = None
            time.sleep(0.002)
        return len(self.seen) > before

    def require_no_faults(self) -> None:
        """Fail with what a writer said that must never happen to it."""
        assert not self._faults.exists(), self._faults.read_text()

    def _require_proof(self, size: int) -> None:
        if size:
            entry, proof = prove(LogFolder(self._log), size - 1, POLICY)
            proof.verify(entry, POLICY)


@contextmanager
def forking(folder: Path, database: str) -> Iterator[subprocess.Popen[str]]:
    """Run the program that forks writers."""
    command = [sys.executable, "-m", "tests.unit.tlog.writers", str(folder), database]
    root = Path(writers.__file__).parents[3]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) as parent:  # noqa: S603 - our own
        try:
            yield parent
        finally:
            parent.stdin.close()


@contextmanager
def four_writers(parent: subprocess.Popen[str]) -> Iterator[None]:
    """Have four writers at work, and kill all of them at the end."""
    parent.stdin.write("fork\n")
    parent.stdin.flush()
    group = int(parent.stdout.readline())
    try:
        yield
    finally:
        os.killpg(group, signal.SIGKILL)


def kill_writers(folder: Path, database: str, rounds: int, reader: Reader) -> None:
    chance = random.Random(rounds)  # noqa: S311 - picks the moments
    with forking(folder, database) as parent:
        for number in range(rounds):
            with four_writers(parent):
                if number % 2:  # so that there is something to lose, however slow this machine is
                    assert reader.watch(writers.LONGEST_S / 2, or_new=True)
                reader.watch(chance.choice([0.01, 0.05, 0.2]) * chance.random())


def require_one_history(folder: Path, database: str, reader: Reader) -> None:
    """Hold what stands there against everything that was ever said."""
    reader.require_no_faults()
    given: dict[str, set[int]] = {}
    for line in (folder / "given.txt").read_text().splitlines():
        entry, index = line.split("\t")
        given.setdefault(entry, set()).add(int(index))
    with closing(writers.persist(lambda: writers.open_sequencer(folder, database))) as sequencer:
        writers.persist(lambda: writers.publish_with(folder, sequencer)).publish()
        entries = list(sequencer.entries(0, sequencer.size()))
    assert len(set(entries)) == len(entries)
    index_of = {entry.decode(): {index} for index, entry in enumerate(entries)}
    assert {entry: index_of.get(entry) for entry in given} == given
    older = [(str(at), raw) for at, raw in enumerate(reader.seen)]
    report = verify_log(LogFolder(folder / "log"), POLICY, older=older)
    assert report.is_sound, report.faults
    assert report.entries == len(entries)
    heads = {checkpoint_of(parse_note(raw)).head for raw in reader.seen}
    assert len({head.size for head in heads}) == len(heads) == len(reader.seen) > 1


def kill_and_judge(folder: Path, database: str, kills: int) -> None:
    reader = Reader(folder)
    writers.open_sequencer(folder, database).close()
    for _ in range(kills // 10):
        kill_writers(folder, database, 10, reader)
        require_one_history(folder, database, reader)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request):
    """The address of an empty database."""
    if not hasattr(os, "fork"):
        pytest.skip("this system has no fork and no kill -9")
    if request.param == "sqlite":
        return writers.SQLITE
    pytest.importorskip("psycopg")
    return request.getfixturevalue("postgres_server").new_database()


def test_writers_killed_at_random_leave_one_history(tmp_path, database):
    kill_and_judge(tmp_path, database, 20)


@pytest.mark.torture
def test_writers_killed_very_often_leave_one_history(tmp_path, database):
    kill_and_judge(tmp_path, database, 400)


def stop_the_server(folder: Path, server, stops: int) -> None:
    """Let the server's processes die while four writers append, which then go on."""
    database = server.new_database()
    reader, chance = Reader(folder), random.Random(stops)  # noqa: S311 - picks the moments
    writers.open_sequencer(folder, database).close()
    with forking(folder, database) as parent:
        for _ in range(stops):
            with four_writers(parent):
                assert reader.watch(writers.LONGEST_S / 2, or_new=True)
                reader.watch(0.2 * chance.random())
                server.stop("immediate")
                reader.watch(0.05)
                server.start()
                assert reader.watch(writers.LONGEST_S / 2, or_new=True)
            require_one_history(folder, database, reader)


def test_a_server_that_dies_under_four_writers_loses_nothing(tmp_path, postgres_server):
    stop_the_server(tmp_path, postgres_server, 2)


@pytest.mark.torture
def test_a_server_that_dies_very_often_under_four_writers_loses_nothing(tmp_path, postgres_server):
    stop_the_server(tmp_path, postgres_server, 60)
