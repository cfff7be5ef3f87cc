"""A log of others, at several sizes, and a mirror of it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.tlog.quick_disk import QuickDisk

from escruta.apps.mirror import Mirror, Pulled
from escruta.apps.published import open_published
from escruta.tlog.building import build_log
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.notes import parse_note
from escruta.tlog.policies import Policy
from escruta.tlog.signing import sign_text
from escruta.tlog.witness_state import origin_hash

ORIGIN = "example.com/log"
HASHED = origin_hash(ORIGIN)
LOG_SIGNERS = (
    SeedSigner(ORIGIN, KeyKind.ED25519, b"1" * 32),
    SeedSigner(ORIGIN, KeyKind.MLDSA44_COSIGNATURE, b"2" * 32),
)
WITNESS = SeedSigner("party.example/w", KeyKind.ED25519_COSIGNATURE, b"3" * 32)
MIRROR = SeedSigner("press.example/mirror", KeyKind.ED25519_COSIGNATURE, b"4" * 32)
MIRROR_2 = SeedSigner("press.example/mirror", KeyKind.MLDSA44_COSIGNATURE, b"5" * 32)
POLICY_TEXT = "".join(
    [*(f"log {each.key}\n" for each in LOG_SIGNERS), f"witness party {WITNESS.key}\n", "quorum party\n"]
).encode()
POLICY = Policy(logs=tuple(each.key for each in LOG_SIGNERS), witnesses={"party": WITNESS.key, "mirror": MIRROR.key})
"""What a client of the mirror asks for."""


def entry(number: int) -> bytes:
    return b"entry %d" % number


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Callable[[int, int | None], Path]:
    """Build each log once."""
    whole: Path = tmp_path_factory.mktemp("built")

    def build(size: int, other_from: int | None) -> Path:
        folder = whole / f"{size}-{other_from}"
        if not folder.exists():
            entries = (entry(at) if other_from is None or at < other_from else b"other %d" % at for at in range(size))
            build_log(
                folder, entries, origin=ORIGIN, signers=LOG_SIGNERS, time_s=size + 1, files=QuickDisk(), threads=0
            )
        return folder

    return build


@pytest.fixture
def grow(tmp_path, built) -> Callable[..., Path]:
    """Publish a log of some size in place of the last; `other_from` makes its entries others from there on."""

    def make(size: int, *, name: str = "published", other_from: int | None = None, witnessed: bool = False) -> Path:
        folder: Path = tmp_path / name
        whole = built(size, other_from)
        shutil.copytree(whole, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("checkpoint"))
        note = parse_note((whole / "checkpoint").read_bytes())
        if witnessed:
            note = note.signed_also(sign_text(note.text, WITNESS, time_s=size + 2))
        # At once and last, as a log does it: somebody may be reading.
        (folder / "checkpoint.new").write_bytes(bytes(note))
        (folder / "checkpoint.new").replace(folder / "checkpoint")
        return folder

    return make


class Clock:
    def __init__(self) -> None:
        self.now_s = 1_000_000

    def __call__(self) -> int:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def mirror(tmp_path, clock) -> Mirror:
    """A mirror with both kinds of keys, on a disk that nobody waits for."""
    return Mirror(tmp_path / "mirror", [MIRROR, MIRROR_2], clock, policy=POLICY_TEXT, files=QuickDisk())


@pytest.fixture
def pull(mirror) -> Callable[..., Pulled]:
    def from_folder(folder: Path, puller: Mirror = mirror) -> Pulled:
        with open_published(str(folder)) as place:
            return puller.pull(place)

    return from_folder
