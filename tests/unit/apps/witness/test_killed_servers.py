"""A log witness is killed at random moments while logs ask it: it never forgets what it cosigned."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from tests.unit.apps.witness.conftest import make_witness
from tests.unit.apps.witness.trees import ORIGIN, TREES, head_of, request

from escruta.tlog.checkpoints import checkpoint_of
from escruta.tlog.notes import parse_note
from escruta.tlog.witness_state import origin_hash

ASKING = 4


def ask_on(url, number, until, cosigned):
    """Grow a tree by the answers, however often the server goes; note each size when its answer has come."""
    chance = random.Random(number)  # noqa: S311 - picks the sizes
    tree, old = number % 2, 0
    with httpx.Client(base_url=url, timeout=20) as client:
        while not until.is_set():
            size = min(old + chance.choice([0, 0, 0, 1]), len(TREES[0]))
            try:
                answer = client.post("/add-checkpoint", content=request(old, size, tree))
            except httpx.TransportError:
                continue
            if answer.status_code == 200:
                cosigned.append((tree, size))
                old = size
            elif answer.status_code == 409:
                old = int(answer.text)
            else:
                assert answer.status_code == 422, answer.text
                time.sleep(0.01)


def kill_and_judge(folder, kills):
    if not hasattr(os, "fork"):
        pytest.skip("this system has no fork and no kill -9")
    make_witness(folder, "w.example")
    checkpoint = folder / "state" / origin_hash(ORIGIN) / "checkpoint"
    cosigned: list[tuple[int, int]] = []
    until = threading.Event()
    starting = [sys.executable, "-m", "tests.unit.apps.witness.servers", str(folder)]
    root = Path(__file__).parents[4]
    with subprocess.Popen(starting, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) as parent:  # noqa: S603 - our own
        url = f"http://127.0.0.1:{int(parent.stdout.readline())}"
        with ThreadPoolExecutor(ASKING) as pool:
            asking = [pool.submit(ask_on, url, number, until, cosigned) for number in range(ASKING)]
            try:
                sizes = _kill(parent, kills, checkpoint, cosigned)
            finally:
                until.set()
                parent.stdin.close()
        for each in asking:
            each.result()
    assert sizes == sorted(sizes)
    assert len(cosigned) > kills
    trees = {tree for tree, size in cosigned if size}
    assert len(trees) == 1
    assert checkpoint_of(parse_note(checkpoint.read_bytes())).head == head_of(sizes[-1], trees.pop())


def _kill(parent, kills, checkpoint, cosigned):
    """Start and kill a server again and again; give the size that was kept after each kill."""
    chance = random.Random(kills)  # noqa: S311 - picks the moments
    sizes = [0]
    for _ in range(kills):
        parent.stdin.write("fork\n")
        parent.stdin.flush()
        child, before = int(parent.stdout.readline()), len(cosigned)
        patience = time.monotonic() + 60
        try:
            while len(cosigned) == before and time.monotonic() < patience:
                time.sleep(0.005)  # so that there is something to lose, however slow this machine is
            time.sleep(chance.random() / 10)
        finally:
            os.kill(child, signal.SIGKILL)
        seen = max((size for _, size in list(cosigned)), default=0)
        sizes.append(checkpoint_of(parse_note(checkpoint.read_bytes())).head.size)
        assert sizes[-1] >= seen
    return sizes


def test_a_server_killed_at_random_never_forgets(tmp_path):
    kill_and_judge(tmp_path / "w", 15)


@pytest.mark.torture
def test_a_server_killed_very_often_never_forgets(tmp_path):
    kill_and_judge(tmp_path / "w", 200)
