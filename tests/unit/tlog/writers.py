"""Writers of one log, to be killed: a program without threads that forks them, so that each starts at once.

It reads a line for each round; then it forks one publisher and three further writers in a process group of their own,
and answers with its number. Nobody writes longer than a minute, whether killed or not. Every index that a writer is
given it notes in a file, in one write that a kill cannot divide; so it does with what must never happen to it.
"""

import os
import random
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from escruta.tlog.errors import LogConflict, LogError
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.logs import Log
from escruta.tlog.sequencer import SqliteSequencer
from escruta.tlog.sequencing import Sequencer

ORIGIN = "example.com/log"
SEED = b"1" * 32
WRITERS = 4
LONGEST_S = 60
SQLITE = "sqlite"
"""In the place of PostgreSQL's address: a file beside the log."""

_Found = TypeVar("_Found")


def open_sequencer(folder: Path, database: str) -> Sequencer:
    """Open the database of the log."""
    if database == SQLITE:
        return SqliteSequencer(folder / "log.sqlite", ORIGIN)
    from escruta.tlog.postgres import PostgresSequencer  # noqa: PLC0415 - where there is a driver

    return PostgresSequencer(database, ORIGIN)


def publish_with(folder: Path, sequencer: Sequencer) -> Log:
    """Be the one that publishes."""
    signer = SeedSigner(ORIGIN, KeyKind.ED25519, SEED)
    return Log(folder / "log", sequencer, [signer], lambda: int(time.time()), threads=3)


def persist(work: Callable[[], _Found]) -> _Found:
    """Do something until the server is there, and whoever was killed is no publisher any more."""
    until = time.monotonic() + LONGEST_S
    while True:
        try:
            return work()
        except LogConflict:
            raise
        except LogError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


def write(folder: Path, database: str, number: int) -> None:
    """Append batches in which writers meet each other's entries; number 0 also publishes."""
    chance = random.Random(os.getpid())  # noqa: S311 - picks which entries come
    notes = os.open(folder / "given.txt", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    sequencer = persist(lambda: open_sequencer(folder, database))
    log = persist(lambda: publish_with(folder, sequencer)) if number == 0 else None
    until = time.monotonic() + LONGEST_S
    while time.monotonic() < until:
        first = persist(sequencer.size)
        batch = [b"entry %d" % max(0, first + chance.randint(-5, 5)) for _ in range(chance.choice([1, 3, 40]))]
        indexes = persist(lambda: sequencer.append(batch))  # noqa: B023 - called at once
        lines = [b"%s\t%d\n" % (entry, index) for entry, index in zip(batch, indexes, strict=True)]
        os.write(notes, b"".join(lines))
        if log is not None:
            persist(log.publish)
        else:
            time.sleep(chance.random() / 20)  # SQLite queues nobody: without a pause one writer may keep the others out


def fork_writers(folder: Path, database: str) -> int:
    """Start all writers in a process group; give its number, which is that of its first process."""
    leader = fork_writer(folder, database, 0, 0)
    for number in range(1, WRITERS):
        fork_writer(folder, database, number, leader)
    return leader


def fork_writer(folder: Path, database: str, number: int, group: int) -> int:
    """Start one writer in a group, 0 for its own; it is there when this returns."""
    child = os.fork()
    if child == 0:
        try:
            write(folder, database, number)
        except BaseException:  # noqa: BLE001 - whatever it is, the test is told
            faults = os.open(folder / "faults.txt", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            os.write(faults, traceback.format_exc().encode())
        finally:
            os._exit(1)
    os.setpgid(child, group or child)
    return child


def main(folder: Path, database: str) -> None:
    """Fork writers for each line that is read."""
    if database != SQLITE:
        import escruta.tlog.postgres  # noqa: F401, PLC0415 - once, and not in every writer
    for _ in sys.stdin:
        group = fork_writers(folder, database)
        sys.stdout.write(f"{group}\n")
        sys.stdout.flush()
        for _ in range(WRITERS):
            os.waitpid(-group, 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
