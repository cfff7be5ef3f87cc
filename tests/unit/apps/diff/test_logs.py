"""What the logs of two records say of each other."""

from collections.abc import Iterator, Mapping

import pytest

from escruta.apps.diff import LogRelation
from escruta.apps.diff.opening import relation_of
from escruta.tlog.building import build_log
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.reading import LogFolder

SEED = b"t" * 32  # of a key for tests


class Nowhere:
    """A place without files."""

    files: Mapping[str, bytes] = {}

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)

    def paths(self) -> Iterator[str]:
        return iter(self.files)


@pytest.fixture
def log_of(tmp_path_factory: pytest.TempPathFactory):
    def built(entries: list[bytes], origin: str = "example.org/count") -> LogFolder:
        folder = tmp_path_factory.mktemp("log") / "log"
        build_log(folder, entries, origin=origin, signers=[SeedSigner(origin, KeyKind.ED25519, SEED)], time_s=1)
        return LogFolder(folder)

    return built


ENTRIES = [b"%d" % number for number in range(300)]


def test_a_longer_log_continues_a_shorter_one(log_of) -> None:
    short, long = log_of(ENTRIES[:257]), log_of(ENTRIES)
    assert relation_of(short, long) is LogRelation.CONTINUES
    assert relation_of(long, short) is LogRelation.EARLIER
    assert relation_of(long, long) is LogRelation.SAME


def test_a_rewritten_log_forks(log_of) -> None:
    long = log_of(ENTRIES)
    assert relation_of(log_of([b"other", *ENTRIES[1:257]]), long) is LogRelation.FORKS
    assert relation_of(log_of([b"other", *ENTRIES[1:]]), long) is LogRelation.FORKS


def test_logs_of_other_names_say_nothing(log_of) -> None:
    assert relation_of(log_of(ENTRIES), log_of(ENTRIES, "example.org/other")) is LogRelation.OTHER_LOG


def test_a_place_without_a_log_is_told(log_of) -> None:
    assert relation_of(log_of(ENTRIES), Nowhere()) is LogRelation.NONE


def test_a_log_that_cannot_be_read_is_told(log_of) -> None:
    broken = Nowhere()
    broken.files = {"checkpoint": b"no note"}
    assert relation_of(log_of(ENTRIES), broken) is LogRelation.UNREADABLE
