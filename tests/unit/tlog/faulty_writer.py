"""A writer and publisher whose system calls fail: a program that strace runs, and that forks a child for each round.

It reads a line for each round. The child opens the log, appends, publishes, and ends with 0; where the system refused
something it says so and ends with `STOPPED`, as a program does that an operator starts again. The system calls that are
made to fail are counted for each child. What the test must be told goes through `writev`, which never is.
"""

import os
import sys
import traceback
from contextlib import closing
from pathlib import Path

from tests.unit.tlog import writers

from escruta.tlog import logs
from escruta.tlog.errors import LogConflict, LogError

STOPPED = 3
BROKEN = 4
MANY = "many"
"""Has files forced together, as those of very many entries are."""


def write(folder: Path, first: int) -> None:
    """Take entries, of which some are known; note their indexes, and publish them."""
    with closing(writers.open_sequencer(folder, writers.SQLITE)) as sequencer:
        log = writers.publish_with(folder, sequencer)
        for start, stop in ((first - 3, first + 60), (first + 50, first + 300)):
            batch = [b"entry %d" % max(0, number) for number in range(start, stop)]
            indexes = log.append(batch)
            told = [b"%s\t%d\n" % (entry, index) for entry, index in zip(batch, indexes, strict=True)]
            _tell(folder / "given.txt", b"".join(told))
            log.publish()


def _tell(path: Path, raw: bytes) -> None:
    notes = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.writev(notes, [raw])
    os.close(notes)


def run_child(folder: Path, first: int) -> int:
    """Write in a process of its own; give its exit code."""
    child = os.fork()
    if child == 0:
        code = BROKEN
        try:
            write(folder, first)
            code = 0
        except LogConflict:
            _tell(folder / "faults.txt", traceback.format_exc().encode())
        except (OSError, LogError):
            code = STOPPED
        except BaseException:  # noqa: BLE001 - whatever it is, the test is told
            _tell(folder / "faults.txt", traceback.format_exc().encode())
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(folder: Path, how: str) -> None:
    """Run a child for each line, which says where its entries begin."""
    if how == MANY:
        logs._MANY = 1
    for line in sys.stdin:
        code = run_child(folder, int(line))
        os.writev(1, [b"%d\n" % code])


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
