"""Work for the tests of executors: functions that a process started anew can import."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path


def double(number: int) -> int:
    return 2 * number


def refuse_seven(number: int) -> int:
    if number == 7:
        raise ValueError("seven")
    return number


def die_at_seven(number: int) -> int:
    if number == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


def die_once(order: tuple[int, str]) -> int:
    """Kill the worker the first time that a number that ends in 3 is worked on; later it is doubled as any other."""
    number, folder = order
    seen = Path(folder) / f"seen-{number}"
    if number % 10 == 3 and not seen.exists():
        seen.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


def threads_of_numpy(size: int) -> tuple[int, str]:
    """Multiply large matrices; gives how many threads the process then has, and what it found in its environment."""
    import numpy as np  # noqa: PLC0415 - in a worker, as the first thing that it does

    before = threading.active_count()
    np.ones((size, size)) @ np.ones((size, size))
    return len([*Path("/proc/self/task").iterdir()]) - before, os.environ.get("OPENBLAS_NUM_THREADS", "")


def wait_for_ever(pids: str) -> int:
    (Path(pids) / str(os.getpid())).touch()
    signal.pause()
    return 0
