"""Run a command, and tell its wall time and its peak memory.

Only the standard library is imported here: a child's peak counts the memory of the process that started it, as it was
at that moment, so this one must stay small.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHILDREN = Path(__file__).resolve().parent / "children.py"
ESCRUTA = (sys.executable, "-c", "from escruta.apps.cli import main; main()")
"""The command line, without the script that an installation puts on the path."""


class BenchmarkFailed(Exception):  # noqa: N818 - it reads better where it is raised
    """A measured command ended with an exit code that it should not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one run of a command cost."""

    seconds: float
    """On the clock on the wall."""
    cpu_seconds: float
    """What all its threads and children computed; other work on the machine changes it least."""
    peak_bytes: int
    """The largest resident set of the command, or of the largest of its children."""
    out: str

    @property
    def peak(self) -> str:
        """The peak memory, for people."""
        return f"{self.peak_bytes / 1e6:,.0f} MB"


def measure(command: Sequence[str | Path], *, expect: Sequence[int] = (0,)) -> Measured:
    """Run a command to its end; raises `BenchmarkFailed` with what it printed when its exit code is not expected."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        before = time.perf_counter()
        child = subprocess.Popen([str(part) for part in command], stdout=out, stderr=errors, cwd=ROOT, env=_calm())
        _, status, used = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - before
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        printed = out.read().decode("utf-8")
        if child.returncode not in expect:
            complaint = errors.read().decode("utf-8", "replace")[-2000:]
            message = f"exit code {child.returncode} of {Path(str(command[0])).name}: {complaint}"
            raise BenchmarkFailed(message)
    return Measured(
        seconds=seconds,
        cpu_seconds=used.ru_utime + used.ru_stime,
        peak_bytes=used.ru_maxrss * _MAXRSS_UNIT,
        out=printed,
    )


_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


def best_of(repeats: int, command: Sequence[str | Path], *, expect: Sequence[int] = (0,)) -> Measured:
    """Run a command several times and keep the quickest run."""
    return min((measure(command, expect=expect) for _ in range(repeats)), key=lambda one: one.seconds)


def child(task: str, *arguments: str | Path) -> list[str]:
    """Give the command that does one task of `children.py` in a process of its own."""
    return [sys.executable, str(CHILDREN), task, *(str(argument) for argument in arguments)]


def machine() -> str:
    """Say what kind of machine this is, without naming it, and how busy it is with other work."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    kind = f"{cores} cores, {memory:.0f} GB, {platform.system()} {platform.machine()}"
    return f"{kind}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} when it began"


def _calm() -> Mapping[str, str]:
    return {**os.environ, "TERM": "dumb"}
