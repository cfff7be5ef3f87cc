"""Four writers are killed at random moments, again and again: none lost, none doubled, no gap, one history."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.unit.tlog import writers

from escruta.tlog.checkpoints import checkpoint_of
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.logs import Log
from escruta.tlog.notes import parse_note
from escruta.tlog.policies import Policy
from escruta.tlog.reading import LogFolder
from escruta.tlog.sequencer import SqliteSequencer
from escruta.tlog.verification import verify_log

SIGNER = SeedSigner(writers.ORIGIN, KeyKind.ED25519, writers.SEED)
POLICY = Policy(logs=(SIGNER.key,))


def watch(checkpoint: Path, seen: dict[bytes, None], *, seconds: float, or_new: bool = False) -> None:
    """Download the checkpoint as often as can be; one that is torn would be no note."""
    until, before = time.monotonic() + seconds, len(seen)
    while time.monotonic() < until and not (or_new and len(seen) > before):
        if checkpoint.exists():
            raw = checkpoint.read_bytes()
            if raw not in seen:
                parse_note(raw)
                seen[raw] = None
        time.sleep(0.002)


def kill_writers(folder: Path, rounds: int, seen: dict[bytes, None]) -> None:
    chance = random.Random(rounds)  # noqa: S311 - picks the moments
    forking = [sys.executable, "-m", "tests.unit.tlog.writers", str(folder)]
    root = Path(writers.__file__).parents[3]
    with subprocess.Popen(forking, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) as parent:  # noqa: S603 - our own
        try:
            for number in range(rounds):
                parent.stdin.write("fork\n")
                parent.stdin.flush()
                group = int(parent.stdout.readline())
                try:
                    if number % 2:  # so that there is something to lose, however slow this machine is
                        watch(folder / "log/checkpoint", seen, seconds=writers.LONGEST_S / 2, or_new=True)
                    watch(folder / "log/checkpoint", seen, seconds=chance.choice([0.01, 0.05, 0.2]) * chance.random())
                finally:
                    os.killpg(group, signal.SIGKILL)
        finally:
            parent.stdin.close()


def require_one_history(folder: Path, seen: dict[bytes, None]) -> int:
    """Hold what stands there against everything that was ever said; give how many checkpoints were seen."""
    given: dict[str, set[int]] = {}
    for line in (folder / "given.txt").read_text().splitlines():
        entry, index = line.split("\t")
        given.setdefault(entry, set()).add(int(index))
    sequencer = SqliteSequencer(folder / "log.sqlite", writers.ORIGIN)
    Log(folder / "log", sequencer, [SIGNER], lambda: 1).publish()
    entries = list(sequencer.entries(0, sequencer.size()))
    sequencer.close()
    assert len(set(entries)) == len(entries)
    assert {entry: {entries.index(entry.encode())} for entry in given} == given
    older = [(str(at), raw) for at, raw in enumerate(seen)]
    report = verify_log(LogFolder(folder / "log"), POLICY, older=older)
    assert report.is_sound, report.faults
    assert report.entries == len(entries)
    heads = {checkpoint_of(parse_note(raw)).head for raw in seen}
    assert len({head.size for head in heads}) == len(heads) == len(seen)
    return len(seen)


def kill_and_judge(folder: Path, kills: int) -> None:
    if not hasattr(os, "fork"):
        pytest.skip("this system has no fork and no kill -9")
    SqliteSequencer(folder / "log.sqlite", writers.ORIGIN).close()
    seen: dict[bytes, None] = {}
    for _ in range(kills // 10):
        kill_writers(folder, 10, seen)
        assert require_one_history(folder, seen) > 1


def test_writers_killed_at_random_leave_one_history(tmp_path):
    kill_and_judge(tmp_path, 20)


@pytest.mark.torture
def test_writers_killed_very_often_leave_one_history(tmp_path):
    kill_and_judge(tmp_path, 200)
