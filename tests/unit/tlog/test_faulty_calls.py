"""System calls that fail, one after another, under a log and its database: it stops, tells nothing false, and goes on.

strace makes the n-th call fail in each process and thread; the disk itself stays whole. `test_faulty_disk.py` does the
same within Python, and knows there which half of a write was done.
"""

import random
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.tlog import faulty_writer, writers
from tests.unit.tlog.histories import Reader, require_one_history

from escruta.tlog.forcing import is_forced_as_a_whole

RENAMES = "?rename,?renameat,?renameat2"
EACH = ["write", "pwrite64", "fsync", "fdatasync", RENAMES]
CALLS = [*((call, "each") for call in EACH), *((call, faulty_writer.MANY) for call in ("write", "syncfs", RENAMES))]
ERRORS = ["EIO", "ENOSPC"]
FEWEST = 2
"""The fewest calls of a kind in a child, so that the n-th of them is there to fail."""
PASSED_OVER = {"fdatasync", "pwrite64"}
"""SQLite goes on where it cannot force the name of its write-ahead log, which was forced by us before, and where it
cannot empty it while it is closed."""


def fail(strace: str, folder: Path, call: str, how: str, error: str, numbers: str, rounds: int) -> set[int]:
    """Run rounds in which a call fails, start again plainly after each, and judge; give the exit codes, or none."""
    trace = folder / "strace.out"
    command: list[str | Path] = [strace, "-f", "--seccomp-bpf", "-qq", "-o", trace, "-e", f"trace={call}"]
    command += ["-e", f"inject={call}:error={error}:when={numbers}", "--"]
    command += [sys.executable, "-B", "-m", "tests.unit.tlog.faulty_writer", folder, how]
    reader = Reader(folder)
    writers.open_sequencer(folder, writers.SQLITE).close()
    ended = set()
    root = Path(writers.__file__).parents[3]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) as program:  # noqa: S603 - our own
        for number in range(rounds):
            program.stdin.write(f"{number * 300}\n")
            program.stdin.flush()
            ended.add(int(program.stdout.readline()))
            reader.look()
            require_one_history(folder, writers.SQLITE, reader)
            reader.look()
        program.stdin.close()
    was_injected = "(INJECTED)" in trace.read_text()
    assert ended <= ({0, faulty_writer.STOPPED} if was_injected else {0})
    return ended if was_injected else set()


def require_calls(folder: Path, how: str) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux has strace")
    if how == faulty_writer.MANY and not is_forced_as_a_whole(folder):
        pytest.skip("this file system is not forced as a whole")


@pytest.mark.parametrize(("call", "how"), CALLS)
def test_a_system_call_that_fails_leaves_one_history(strace, tmp_path, call, how):
    require_calls(tmp_path, how)
    chance = random.Random()  # noqa: S311 - picks which one
    number = chance.randint(1, FEWEST)
    ended = fail(strace, tmp_path, call, how, chance.choice(ERRORS), str(number), 2)
    assert ended == {faulty_writer.STOPPED} or (ended and call in PASSED_OVER)


@pytest.mark.torture
@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize(("call", "how"), CALLS)
def test_every_system_call_in_turn_that_fails_leaves_one_history(strace, tmp_path, call, how, error):
    require_calls(tmp_path, how)
    for number in range(1, 100):
        folder = tmp_path / str(number)
        folder.mkdir()
        ended = fail(strace, folder, call, how, error, str(number), 4)
        if not ended:
            break
        assert faulty_writer.STOPPED in ended or call in PASSED_OVER
    assert number > FEWEST
