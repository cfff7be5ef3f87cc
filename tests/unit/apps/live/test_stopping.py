"""A watch that is told to stop, as by a service manager, leaves the last version and nothing half-made beside it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from escruta.testing import SmallElection, SmallSource

COMMAND = "from escruta.apps.cli import main; main()"
WAIT_S = 60
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there a process cannot be asked to end")


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + WAIT_S
    while not path.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.002)


@pytest.mark.parametrize(
    ("number", "when"),
    [(signal.SIGTERM, ".out.pages"), (signal.SIGINT, ".out.spare")],
    ids=["told-while-pages-are-made", "by-hand-between-versions"],
)
def test_a_watch_that_is_told_to_stop_leaves_nothing_beside_its_last_version(
    tmp_path: Path, number: signal.Signals, when: str
) -> None:
    rows = tuple({"station": str(each), "ana": 2, "ben": 1} for each in range(40))
    SmallElection(sources=(SmallSource(id="feed", rows=rows),)).write(tmp_path / "intake")
    asked = ["watch", str(tmp_path / "intake"), "--out", str(tmp_path / "out"), "--language", "en"]
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-c", COMMAND, *asked], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        wait_for(tmp_path / when, process)
        process.send_signal(number)
        _, told = process.communicate(timeout=WAIT_S)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == (130 if number is signal.SIGINT else -number), told
    assert "stopped; nothing half-written was left behind" in told
    left = {each.name for each in tmp_path.iterdir()}
    assert left in ({"intake"}, {"intake", "out"})
    assert ("out" in left) == (tmp_path / "out" / "site" / "SHA256SUMS").exists(), "whole, or not at all"
    assert "out" in left or when == ".out.pages"
