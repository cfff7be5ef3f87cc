"""Four writers, or their database, are killed at random moments: none lost, none doubled, no gap, one history."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.unit.tlog import writers
from tests.unit.tlog.histories import Reader, require_one_history


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


def kill_and_judge(folder: Path, database: str, kills: int) -> None:
    reader = Reader(folder)
    writers.open_sequencer(folder, database).close()
    for _ in range(kills // 10):
        kill_writers(folder, database, 10, reader)
        require_one_history(folder, database, reader)
    assert len(reader.seen) > kills // 10


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
