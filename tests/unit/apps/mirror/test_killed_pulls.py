"""A mirror that is killed at any moment goes on, shows nothing that is not whole, and fetches nothing twice."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.unit.apps.mirror.conftest import HASHED, MIRROR, POLICY, POLICY_TEXT
from tests.unit.tlog.quick_disk import QuickDisk

from escruta.apps.mirror import Mirror
from escruta.apps.published import open_published
from escruta.tlog.reading import LogFolder
from escruta.tlog.verification import verify_log

PULL = """
import sys, time
from pathlib import Path
from escruta.apps.mirror import Mirror
from escruta.apps.published import open_published
from escruta.tlog.keys import KeyKind, SeedSigner

signer = SeedSigner("press.example/mirror", KeyKind.ED25519_COSIGNATURE, b"4" * 32)
policy = Path(sys.argv[3]).read_bytes()
mirror = Mirror(Path(sys.argv[2]), [signer], lambda: int(time.time()), policy=policy)
told = 0

def tell(done, whole):
    global told
    told += 1
    print(done, flush=True)
    if told == int(sys.argv[4]):
        sys.stdin.read()  # until it is killed

with open_published(sys.argv[1]) as place:
    mirror.pull(place, tell)
"""


def pull_and_kill(source, folder, policy, bundles, then_s, *, is_held):
    """Pull in a process of its own and kill it some bundles and a moment later; tell whether it was done before.

    One that is held waits for its end after these bundles; others may be done, as the machine likes.
    """
    words = [str(source), str(folder), str(policy), str(bundles if is_held else 0)]
    with subprocess.Popen(  # noqa: S603 - this very Python
        [sys.executable, "-c", PULL, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        for _ in range(bundles):
            process.stdout.readline()
        time.sleep(then_s)
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        return process.wait() == 0


@pytest.mark.parametrize("kills", [4, pytest.param(100, marks=pytest.mark.torture)])
def test_kill_9_at_any_moment_leaves_a_mirror_that_goes_on(grow, tmp_path, clock, kills):
    policy = tmp_path / "policy"
    policy.write_bytes(POLICY_TEXT)
    folder = tmp_path / "mirror"
    chance = random.Random(3)  # noqa: S311 - moments, not secrets
    size, done = 0, 0
    for at in range(kills):
        size = size + chance.choice([5_000, 7_777]) if size < 60_000 else size + 1
        moment = chance.choice([0, 0.001, 0.03, 0.1]) if at else 0
        done += pull_and_kill(grow(size), folder, policy, chance.randrange(1, 20), moment, is_held=at == 0)
        if (folder / HASHED / "checkpoint").exists():
            assert verify_log(LogFolder(folder / HASHED), POLICY).is_sound
    assert done < kills, "no pull was killed under way"
    mirror = Mirror(folder, [MIRROR], clock, policy=POLICY_TEXT, files=QuickDisk())
    with open_published(str(grow(size))) as place:
        assert mirror.pull(place).head.size == size
    assert verify_log(LogFolder(folder / HASHED), POLICY).is_sound


class _StoppedError(Exception):
    pass


class StoppingDisk(QuickDisk):
    """Stops the process, as it were, before its n-th rename."""

    def __init__(self, renames: int) -> None:
        self._renames = renames

    def rename(self, old: Path, new: Path) -> None:
        if not self._renames:
            raise _StoppedError
        self._renames -= 1
        super().rename(old, new)


class Refetching:
    """A place of which no bundle may be read that is here already."""

    def __init__(self, place, here: Path) -> None:
        self._place = place
        self._here = here

    def __getattr__(self, name):
        return getattr(self._place, name)

    def read(self, path, **more):
        assert not ("entries" in path and (self._here / path).exists()), path
        return self._place.read(path, **more)


def test_stopped_before_any_rename_it_goes_on_and_fetches_no_bundle_twice(grow, tmp_path, clock):
    here = tmp_path / "mirror" / HASHED
    source = grow(1500)
    for renames in range(100):
        mirror = Mirror(tmp_path / "mirror", [MIRROR], clock, policy=POLICY_TEXT, files=StoppingDisk(renames // 3))
        with open_published(str(source)) as place:
            try:
                mirror.pull(Refetching(place, here))  # type: ignore[arg-type]
                break
            except _StoppedError:
                assert not (here / "checkpoint").exists()
    assert renames > 10, "it was stopped often"
    assert verify_log(LogFolder(here), POLICY).is_sound
