"""Log witnesses on loopback, in a thread of their own; and logs, honest and forked, that ask them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.unit.apps.serving import running
from tests.unit.apps.witness.trees import COSIGNERS, LOG_KEYS

from escruta.apps.signing import new_key
from escruta.apps.witness.home import WitnessHome, make_home, trust_logs
from escruta.apps.witness.running import listen, server_of, url_of
from escruta.tlog.keys import KeyKind, VerifierKey


@dataclass
class Running:
    """A log witness that answers."""

    home: WitnessHome
    url: str
    told: list[str] = field(default_factory=list)

    @property
    def keys(self) -> tuple[VerifierKey, ...]:
        return self.home.keys


def make_witness(folder: Path, name: str, *, kinds=tuple(COSIGNERS), trusted=LOG_KEYS) -> WitnessHome:
    folder.mkdir(parents=True)
    for kind in kinds:
        new_key(folder / f"{kind.name}.key", name, kind, None)
    home = make_home(folder, [f"{kind.name}.key" for kind in kinds], about="a test")
    trust_logs(home, trusted)
    return home


@contextmanager
def run(home: WitnessHome) -> Iterator[Running]:
    told: list[str] = []
    with listen("127.0.0.1", 0) as listening, running(server_of(home, None, told.append), listening):
        yield Running(home=home, url=url_of(listening), told=told)


@pytest.fixture
def run_witness(tmp_path):
    """Makes and runs a log witness of a name; all are stopped at the end."""
    with ExitStack() as stack:

        def run_one(name="party.example/w", **further) -> Running:
            home = make_witness(tmp_path / name.replace("/", "-"), name, **further)
            return stack.enter_context(run(home))

        yield run_one


@pytest.fixture
def witness(run_witness):
    return run_witness(kinds=(KeyKind.ED25519_COSIGNATURE, KeyKind.MLDSA44_COSIGNATURE))
