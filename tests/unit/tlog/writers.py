"""Writers of one log, to be killed: a program without threads that forks them, so that each starts at once.

It reads a line for each round; then it forks one publisher and three further writers in a process group of their own,
and answers with its number. Nobody writes longer than a minute, whether killed or not. Every index that a writer is
given it notes in a file, in one write that a kill cannot divide.
"""

import os
import random
import sys
import time
from pathlib import Path

from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.logs import Log
from escruta.tlog.sequencer import SqliteSequencer

ORIGIN = "example.com/log"
SEED = b"1" * 32
WRITERS = 4
LONGEST_S = 60


def write(folder: Path, number: int) -> None:
    """Append batches in which writers meet each other's entries; number 0 also publishes."""
    chance = random.Random(os.getpid())  # noqa: S311 - picks which entries come
    notes = os.open(folder / "given.txt", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    sequencer = SqliteSequencer(folder / "log.sqlite", ORIGIN)
    log = None
    if number == 0:
        signer = SeedSigner(ORIGIN, KeyKind.ED25519, SEED)
        log = Log(folder / "log", sequencer, [signer], lambda: int(time.time()), threads=3)
    until = time.monotonic() + LONGEST_S
    while time.monotonic() < until:
        first = sequencer.size()
        batch = [b"entry %d" % max(0, first + chance.randint(-5, 5)) for _ in range(chance.choice([1, 3, 40]))]
        indexes = sequencer.append(batch)
        lines = [b"%s\t%d\n" % (entry, index) for entry, index in zip(batch, indexes, strict=True)]
        os.write(notes, b"".join(lines))
        if log is not None:
            log.publish()
        else:
            time.sleep(chance.random() / 20)  # SQLite queues nobody: without a pause one writer may keep the others out


def fork_writers(folder: Path) -> int:
    """Start all writers in a process group; give its number, which is that of its first process."""
    leader = fork_writer(folder, 0, 0)
    for number in range(1, WRITERS):
        fork_writer(folder, number, leader)
    return leader


def fork_writer(folder: Path, number: int, group: int) -> int:
    """Start one writer in a group, 0 for its own; it is there when this returns."""
    child = os.fork()
    if child == 0:
        try:
            write(folder, number)
        finally:
            os._exit(1)
    os.setpgid(child, group or child)
    return child


def main(folder: Path) -> None:
    """Fork writers for each line that is read."""
    for _ in sys.stdin:
        group = fork_writers(folder)
        sys.stdout.write(f"{group}\n")
        sys.stdout.flush()
        for _ in range(WRITERS):
            os.waitpid(-group, 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
