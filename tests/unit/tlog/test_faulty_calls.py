"""System calls that fail, one after another, under a log and its database: it stops, tells nothing false, and goes on.

strace makes the n-th call fail in each process and thread; the disk itself stays whole. `test_faulty_disk.py` does the
same within Python, and knows there which half of a write was done.
"""

import random
import subprocess
import sys
from collections import Counter
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


def fail(strace: str, folder: Path, call: str, how: str, error: str, numbers: str, rounds: int) -> Counter[int]:
    """Run some rounds in which one call fails, start again plainly after each, and judge; give the exit codes."""
    trace = folder / "strace.out"
    command: list[str | Path] = [strace, "-f", "--seccomp-bpf", "-qq", "-o", trace, "-e", f"trace={call}"]
    command += ["-e", f"inject={call}:error={error}:when={numbers}", "--"]
    command += [sys.executable, "-B", "-m", "tests.unit.tlog.faulty_writer", folder, how]
    reader = Reader(folder)
    writers.open_sequencer(folder, writers.SQLITE).close()
    ended: Counter[int] = Counter()
    root = Path(writers.__file__).parents[3]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) as program:  # noqa: S603 - our own
        for number in range(rounds):
            program.stdin.write(f"{number * 200}\n")
            program.stdin.flush()
            ended[int(program.stdout.readline())] += 1
            reader.look()
            require_one_history(folder, writers.SQLITE, reader)
            reader.look()
        program.stdin.close()
    assert (ended[faulty_writer.STOPPED] > 0) == ("(INJECTED)" in trace.read_text()), (ended, call, error, numbers)
    return ended


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
    assert set(ended) == {faulty_writer.STOPPED}


@pytest.mark.torture
@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize(("call", "how"), CALLS)
def test_every_system_call_in_turn_that_fails_leaves_one_history(strace, tmp_path, call, how, error):
    require_calls(tmp_path, how)
    for number in range(1, 100):
        folder = tmp_path / str(number)
        folder.mkdir()
        if faulty_writer.STOPPED not in fail(strace, folder, call, how, error, str(number), 4):
            break
    assert number > FEWEST
