"""Another program, written from the same specifications, agrees with ours."""

import pytest
from tests.unit.tlog.quick_disk import QuickDisk

from escruta.tlog.building import build_log
from escruta.tlog.checkpoints import Checkpoint, checkpoint_of
from escruta.tlog.hashing import leaf_hash
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.policies import Policy
from escruta.tlog.proofs import make_consistency_proof, make_inclusion_proof, node_at_of
from escruta.tlog.reading import LogFolder
from escruta.tlog.signing import sign_checkpoint, sign_note
from escruta.tlog.tiles import encode_bundle, tiles_of
from escruta.tlog.trees import TreeHead, root_of
from escruta.tlog.verification import verify_log

LEAVES = [leaf_hash(b"%d" % number) for number in range(600)]


def test_keys_are_written_alike(aics):
    for text in (SeedSigner("example.com/a", kind, b"k" * 32).key for kind in list(KeyKind)[:2]):
        assert aics.format_vkey(aics.parse_vkey(str(text))) == str(text)


def test_a_checkpoint_of_ours_with_both_keys_and_a_cosignature_is_verified(aics, log_signers, witness_signers):
    checkpoint = Checkpoint(origin="example.com/log", head=TreeHead(size=600, root=root_of(LEAVES)))
    note = sign_note(checkpoint.text, (*log_signers, witness_signers[0]), time_s=1_790_000_000)
    result = aics.verify_checkpoint(
        aics.parse_note(bytes(note)),
        aics.parse_vkey(str(log_signers[0].key)),
        policy=aics.WitnessPolicy(quorum=1, witnesses=(aics.parse_vkey(str(witness_signers[0].key)),)),
    )
    assert result.ok, result


@pytest.mark.parametrize("size", [1, 2, 3, 255, 256, 257, 600])
def test_proofs_of_ours_are_verified(aics, size):
    node_at, root = node_at_of(LEAVES), root_of(LEAVES[:size])
    for index in {0, 1, size // 2, size - 1} & set(range(size)):
        assert aics.verify_inclusion(LEAVES[index], index, size, make_inclusion_proof(index, size, node_at), root)
        old = index + 1
        proof = make_consistency_proof(old, size, node_at)
        assert aics.verify_consistency(old, size, root_of(LEAVES[:old]), root, proof)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 70_000])
def test_tiles_have_the_same_paths(aics, size):
    assert {tile.path for tile in tiles_of(size)} == set(aics.tiles.materialise_tiles([b""] * size))


def test_bundles_have_the_same_bytes(aics):
    entries = [b"", b"a", b"x" * 65_535]
    assert aics.tiles.build_entry_bundle(entries) == encode_bundle(entries)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 65_537])
def test_a_whole_log_is_audited(aics, size, tmp_path, log_signers):
    entries, log = [b"%d" % number for number in range(size)], tmp_path / "log"
    note = build_log(log, entries, origin="example.com/log", signers=log_signers, time_s=1, files=QuickDisk())
    head = checkpoint_of(note).head
    report = aics.audit_tiles(aics.FileSystemTileReader(log), head.size, head.root)
    assert (report.size, report.tiles + report.bundles) == (size, len(list(tiles_of(size))))


def test_a_log_of_theirs_is_verified(aics, tmp_path, log_signers):
    entries = [b"%d" % number for number in range(600)]
    aics.tiles.write_tiles(entries, tmp_path)
    head = TreeHead(size=600, root=root_of(LEAVES))
    note = sign_checkpoint(Checkpoint(origin="example.com/log", head=head), log_signers, time_s=1)
    (tmp_path / "checkpoint").write_bytes(bytes(note))
    report = verify_log(LogFolder(tmp_path), Policy(logs=tuple(signer.key for signer in log_signers)))
    assert report.is_sound, report.faults
