"""Homes of logs, and log witnesses on loopback that they ask."""

import shutil
from contextlib import ExitStack

import pytest
from tests.unit.apps.witness.conftest import make_witness, run

from escruta.apps.operator.making import make_home
from escruta.apps.operator.settings import Settings, policy_of_witnesses
from escruta.apps.signing import new_key
from escruta.apps.witness.home import trust_logs
from escruta.tlog.keys import KeyKind

ORIGIN = "example.com/2026"
KINDS = {"ed25519.key": KeyKind.ED25519, "mldsa44.key": KeyKind.MLDSA44_COSIGNATURE}


@pytest.fixture
def witnesses(tmp_path):
    """Makes and runs as many log witnesses as are asked for; none knows a log yet."""
    with ExitStack() as stack:
        yield lambda count: [
            stack.enter_context(run(make_witness(tmp_path / f"w{at}", f"w{at}.example", trusted=())))
            for at in range(count)
        ]


def line_of(running, url=None):
    """The line of a log witness in a policy, without its first word."""
    return f"{running.keys[0].name.partition('.')[0]} {running.keys[0]} {url or running.url}"


@pytest.fixture
def make(tmp_path):
    """Makes the home of a log whose log witnesses know it; gives its folder."""

    def make_one(running=(), *, name="home", quorum=None, mirrors=(), lines=(), postgres=None):
        folder = tmp_path / name
        (folder / "keys").mkdir(parents=True)
        keys = [folder / "keys" / file for file in KINDS]
        for path, kind in zip(keys, KINDS.values(), strict=True):
            new_key(path, ORIGIN, kind, None)
        policy = policy_of_witnesses([*(line_of(each) for each in running), *lines], quorum)
        settings = Settings(origin=ORIGIN, keys=(), mirrors=tuple(mirrors), postgres=postgres)
        with make_home(folder, settings, policy, keys=[str(path) for path in keys]) as home:
            for each in running:
                trust_logs(each.home, home.keys)
        return folder

    return make_one


@pytest.fixture
def copy(tmp_path):
    """Copies a home as it is, as a backup or a second operator with the same keys has it."""

    def copy_one(folder, name):
        return shutil.copytree(folder, tmp_path / name)

    return copy_one
