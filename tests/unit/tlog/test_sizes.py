"""A log that grows through every awkward size is accepted by two programs that are not ours, at each checkpoint.

One is aics-tlog, in Python; the other is `tests/independent/check_log.mjs`, in JavaScript, written from the
specifications alone.
"""

import json
import random
import subprocess
from itertools import pairwise

import pytest
from tests.unit.tlog.quick_disk import QuickDisk

from escruta.tlog import logs
from escruta.tlog.checkpoints import checkpoint_of
from escruta.tlog.files import Disk
from escruta.tlog.logs import Log
from escruta.tlog.notes import parse_note
from escruta.tlog.reading import LogFolder, TreeReader
from escruta.tlog.sequencer import SqliteSequencer

ORIGIN = "example.com/log"
SMALL = [0, 1, 2, 255, 256, 257]
LARGE = [65_535, 65_536, 65_537]
LARGEST = 500_000


def numbered(start, stop):
    return [b"%d" % number for number in range(start, stop)]


class Grown:
    """A log, published at some sizes, and the checkpoints of all of them."""

    def __init__(self, folder, signers, files=None):
        self.folder = folder / "log"
        self.checkpoints = []
        self._signers, self._files = signers, files
        self._database = folder / "log.sqlite"
        self._kept = folder / "checkpoints"
        self._kept.mkdir()

    def grow(self, size):
        """Append until it has this size, publish, and keep the checkpoint."""
        sequencer = SqliteSequencer(self._database, ORIGIN)
        try:
            log = Log(self.folder, sequencer, self._signers, lambda: 17, files=self._files)
            log.append(numbered(sequencer.size(), size))
            note = log.publish()
        finally:
            sequencer.close()
        assert checkpoint_of(note).head.size == size
        self.checkpoints.append(self._kept / str(size))
        self.checkpoints[-1].write_bytes(bytes(note))

    def heads(self):
        return [checkpoint_of(parse_note(path.read_bytes())).head for path in self.checkpoints]


@pytest.fixture
def grown(tmp_path, log_signers):
    """Begins an empty log."""
    return lambda files=None: Grown(tmp_path, log_signers, files)


@pytest.fixture
def require_aics(aics, log_signers):
    """Has aics-tlog audit every tile and bundle at a size, the signature, and the way from each size to the next."""

    def audit(log, size):
        (path,) = [path for path in log.checkpoints if path.name == str(size)]
        note = aics.parse_note(path.read_bytes())
        result = aics.verify_checkpoint(note, aics.parse_vkey(str(log_signers[0].key)), expected_origin=ORIGIN)
        assert result.log_ok, result
        checkpoint = aics.parse_checkpoint(note.text)
        report = aics.audit_tiles(aics.FileSystemTileReader(log.folder), checkpoint.size, checkpoint.root)
        assert report.size == size

    def require(log, sizes):
        for size in sizes:
            audit(log, size)
        heads = log.heads()
        for old, new in pairwise(heads[-len(sizes) - 1 :]):
            proof = TreeReader(LogFolder(log.folder), new).prove_consistency(old)
            assert aics.verify_consistency(old.size, new.size, old.root, new.root, list(proof))

    return require


@pytest.fixture
def require_node(node, repository, tmp_path, log_signers):
    """Has the checker in JavaScript read everything, and hold it against all checkpoints so far."""
    policy = tmp_path / "log.policy"
    policy.write_text("".join(f"log {signer.key}\n" for signer in log_signers) + "quorum none\n")
    program = repository / "tests" / "independent" / "check_log.mjs"

    def require(log):
        command = [node, program, log.folder, policy, *log.checkpoints]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)  # noqa: S603 - our own
        said = json.loads(done.stdout)
        assert (done.returncode, said["faults"], said["unchecked"], done.stderr) == (0, [], [], "")
        assert said["entries"] == log.heads()[-1].size

    return require


@pytest.mark.parametrize("size", [*SMALL, 3, 512, 600])
def test_a_small_log_that_grew_one_by_one_or_at_once_is_accepted(grown, require_aics, require_node, size):
    log = grown(QuickDisk())
    sizes = sorted({0, max(0, size - 2), max(0, size - 1), size})
    for each in sizes:
        log.grow(each)
        require_aics(log, [each])
    require_node(log)


def test_a_log_that_grows_is_accepted_at_every_checkpoint(grown, require_aics, require_node):
    log = grown(QuickDisk())
    for size in [*SMALL, *LARGE]:
        log.grow(size)
        require_aics(log, [size])
    require_aics(log, SMALL)  # what was published once stays
    require_node(log)


@pytest.mark.torture
@pytest.mark.parametrize("many", [1, logs._MANY])
def test_half_a_million_entries_are_accepted_at_every_checkpoint(grown, require_aics, require_node, monkeypatch, many):
    monkeypatch.setattr(logs, "_MANY", many)
    chance = random.Random(many)  # noqa: S311 - picks sizes
    steps = sorted({*SMALL, *LARGE, LARGEST, *(chance.randrange(LARGEST) for _ in range(12))})
    log = grown(Disk())
    for size in steps:
        log.grow(size)
        require_aics(log, [size])
        require_node(log)
    require_aics(log, steps)


@pytest.mark.torture
def test_every_size_up_to_two_bundles_is_accepted(grown, require_aics, require_node):
    log = grown(QuickDisk())
    for size in range(515):
        log.grow(size)
        require_aics(log, [size])
        if size % 16 == 0:
            require_node(log)
    require_aics(log, range(515))
    require_node(log)
