import shutil

import pytest
from tests.unit.tlog.quick_disk import QuickDisk

from escruta.tlog.building import build_log
from escruta.tlog.checkpoints import checkpoint_of
from escruta.tlog.errors import NoteMalformed, ProofRefused, SignatureRefused, TileMalformed
from escruta.tlog.hashing import leaf_hash
from escruta.tlog.policies import Policy
from escruta.tlog.proof_files import parse_proof_file
from escruta.tlog.reading import LogFolder, TreeReader, prove, read_checkpoint
from escruta.tlog.trees import TreeHead, root_of

SIZE = 70_000
ENTRIES = [b"%d" % number for number in range(SIZE)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory, log_signers):
    """A log of 70,000 entries, which has three levels."""
    folder = tmp_path_factory.mktemp("logs") / "log"
    build_log(folder, ENTRIES, origin="example.com/log", signers=log_signers, time_s=1, files=QuickDisk())
    return folder


@pytest.fixture
def copy(folder, tmp_path):
    return shutil.copytree(folder, tmp_path / "log")


@pytest.fixture(scope="session")
def policy(log_signers):
    return Policy(logs=tuple(signer.key for signer in log_signers))


class Counting(LogFolder):
    """Counts the files that are read."""

    def __init__(self, folder):
        super().__init__(folder)
        self.count = 0

    def read(self, path):
        self.count += 1
        return super().read(path)


@pytest.mark.parametrize("index", [0, 255, 256, 65_535, 65_536, 69_887, 69_888, 69_999])
def test_any_entry_is_proved_from_a_few_files(folder, policy, index):
    resources = Counting(folder)
    entry, proof = prove(resources, index, policy)
    assert entry == ENTRIES[index]
    assert resources.count <= 8  # the checkpoint, the bundle once for the entry, and at most five tiles
    assert parse_proof_file(str(proof).encode()).verify(entry, policy).checkpoint.head.size == SIZE


@pytest.mark.parametrize("old", [0, 1, 255, 256, 257, 65_535, 65_536, 65_537, 69_888, SIZE])
def test_growth_is_proved(folder, old):
    head = checkpoint_of(read_checkpoint(LogFolder(folder))).head
    old_head = TreeHead(size=old, root=root_of([leaf_hash(entry) for entry in ENTRIES[:old]]))
    proof = TreeReader(LogFolder(folder), head).prove_consistency(old_head)
    assert len(proof) <= 20
    if old:
        with pytest.raises(ProofRefused):
            TreeReader(LogFolder(folder), head).prove_consistency(TreeHead(size=old, root=bytes(32)))


def test_a_partial_tile_that_was_removed_is_read_from_the_full_one(copy):
    head = TreeHead(size=300, root=root_of([leaf_hash(entry) for entry in ENTRIES[:300]]))
    tree = TreeReader(LogFolder(copy), head)  # no partial tiles of this size are in the folder
    (copy / "tile/1/000.p").mkdir()
    (copy / "tile/1/000.p/1").write_bytes((copy / "tile/1/000").read_bytes()[:32])
    assert tree.entry(299) == ENTRIES[299]


def test_a_forged_leaf_in_a_full_tile_below_a_partial_edge_is_refused(copy, policy):
    """CVE-2026-56865: entry and leaf agree, and only the tile above tells."""
    bundle = (copy / "tile/entries/000").read_bytes()
    (copy / "tile/entries/000").write_bytes(bundle[:2] + b"1" + bundle[3:])
    tile = (copy / "tile/0/000").read_bytes()
    (copy / "tile/0/000").write_bytes(leaf_hash(b"1") + tile[32:])
    with pytest.raises(ProofRefused, match="another root"):
        prove(LogFolder(copy), 0, policy)


def test_a_log_of_somebody_else_is_not_read(folder, witness_signers):
    with pytest.raises(SignatureRefused):
        prove(LogFolder(folder), 0, Policy(logs=(witness_signers[0].key,)))


@pytest.mark.parametrize(
    ("path", "index"), [("tile/0/000", 0), ("tile/1/000", 0), ("tile/entries/273.p/112", 69_999), ("tile/2/000.p/1", 1)]
)
def test_a_missing_file_is_named(copy, policy, path, index):
    (copy / path).unlink()
    if path == "tile/2/000.p/1":
        with pytest.raises(TileMalformed, match="missing"):
            prove(LogFolder(copy), 69_999, policy)
        return
    with pytest.raises(TileMalformed) as caught:
        prove(LogFolder(copy), index, policy)
    assert caught.value.where == path


def test_an_entry_that_is_not_there_is_refused(folder, policy):
    with pytest.raises(ProofRefused, match="no such entry"):
        prove(LogFolder(folder), SIZE, policy)


def test_a_folder_without_a_checkpoint_is_no_log(tmp_path, policy):
    with pytest.raises(NoteMalformed, match="no checkpoint"):
        prove(LogFolder(tmp_path), 0, policy)
