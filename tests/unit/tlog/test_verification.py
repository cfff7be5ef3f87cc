import shutil
from dataclasses import replace

import pytest
from tests.unit.tlog.quick_disk import QuickDisk

from escruta.tlog.building import build_log
from escruta.tlog.checkpoints import Checkpoint
from escruta.tlog.findings import FaultKind
from escruta.tlog.hashing import leaf_hash
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.notes import Note
from escruta.tlog.policies import Policy
from escruta.tlog.reading import LogFolder, read_checkpoint
from escruta.tlog.signing import sign_checkpoint, sign_text
from escruta.tlog.tiles import encode_bundle
from escruta.tlog.trees import TreeHead, root_of
from escruta.tlog.verification import MOST_FAULTS, verify_log

ENTRIES = [b"%d" % number for number in range(70_000)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
SIZES = (0, 1, 2, 255, 256, 257, 65_535, 65_536, 65_537, 70_000)


@pytest.fixture(scope="module")
def logs(tmp_path_factory, log_signers):
    """A folder for each size."""
    folders = {size: tmp_path_factory.mktemp("logs") / "log" for size in (*SIZES, 600)}
    for size, folder in folders.items():
        build_log(folder, ENTRIES[:size], origin="example.com/log", signers=log_signers, time_s=1, files=QuickDisk())
    return folders


@pytest.fixture
def small(logs, tmp_path):
    """A copy of the log of 600 entries, to be spoiled."""
    return shutil.copytree(logs[600], tmp_path / "log")


@pytest.fixture
def large(logs, tmp_path):
    """A copy of the log of 70,000 entries, to be spoiled."""
    return shutil.copytree(logs[70_000], tmp_path / "log")


@pytest.fixture(scope="session")
def policy(log_signers):
    return Policy(logs=tuple(signer.key for signer in log_signers))


@pytest.fixture
def verify(policy):
    return lambda folder, older=(): verify_log(LogFolder(folder), policy, older=older)


def told(report):
    return [(fault.kind.name, fault.file, fault.offset) for fault in report.faults]


def change(path, at, new):
    raw = path.read_bytes()
    path.write_bytes(raw[:at] + new + raw[at + len(new) :])


@pytest.mark.parametrize("size", SIZES)
def test_a_sound_log_is_sound_and_what_is_open_is_said(logs, verify, size):
    report = verify(logs[size])
    assert report.is_sound
    assert report.entries == size
    assert report.root_of_entries == report.standing.checkpoint.head.root
    assert [each.subject for each in report.unchecked] == ["split views"]


def test_every_older_checkpoint_is_held_against_the_log(logs, verify):
    older = [(f"of {size}", (logs[size] / "checkpoint").read_bytes()) for size in SIZES]
    assert verify(logs[70_000], reversed(older)).is_sound
    report = verify(logs[256], older)
    assert told(report) == [("ROLLED_BACK", "checkpoint", None)] * 5
    assert report.faults[0].what == "of 257 saw more"


def test_another_history_is_found(logs, verify, tmp_path, log_signers):
    for size in (1, 256, 300, 600):
        forked = [*ENTRIES[: size - 1], b"forged"]
        note = build_log(
            tmp_path / str(size), forked, origin="example.com/log", signers=log_signers, time_s=1, files=QuickDisk()
        )
        report = verify(logs[600], [("their checkpoint", bytes(note))])
        assert told(report) == [("HISTORY_CHANGED", "their checkpoint", None)]


def test_a_checkpoint_of_another_log_is_said_to_be_unchecked(logs, policy):
    other = SeedSigner("example.com/other", KeyKind.ED25519, b"o" * 32)
    note = sign_checkpoint(
        Checkpoint(origin="example.com/other", head=TreeHead(size=1, root=LEAVES[0])), [other], time_s=1
    )
    both = Policy(logs=(*policy.logs, other.key))
    report = verify_log(LogFolder(logs[600]), both, older=[("other", bytes(note))])
    assert report.is_sound
    assert ("other", "it is a checkpoint of another log, example.com/other") in {
        (each.subject, each.why) for each in report.unchecked
    }


def test_a_changed_entry_is_found_in_its_bundle(small, verify):
    change(small / "tile/entries/001", 2, b"9")  # entry 256
    report = verify(small)
    assert told(report) == [("DIFFERS", "tile/0/001", 0), ("ROOT_DIFFERS", "checkpoint", None)]
    assert report.faults[0].what == "the hash is not that of entry 256"


def test_a_changed_hash_is_found_at_its_byte(small, verify):
    change(small / "tile/0/001", 32 * 7 + 3, b"\0\0\0")
    assert (
        told(verify(small))
        == [
            ("DIFFERS", "tile/0/001", 224),
            ("DIFFERS", "tile/1/000.p/2", 32),
            ("ROOT_DIFFERS", "checkpoint", None),
        ][:2]
    )


def test_a_forged_leaf_below_a_partial_edge_is_found(large, verify):
    """CVE-2026-56865: entry and leaf agree, and only the tile above tells."""
    change(large / "tile/entries/000", 2, b"1")
    change(large / "tile/0/000", 0, leaf_hash(b"1"))
    report = verify(large)
    assert told(report) == [("DIFFERS", "tile/1/000", 0), ("ROOT_DIFFERS", "checkpoint", None)]
    assert report.faults[0].what == "the hash is not that of tile/0/000"


def test_a_forgery_up_to_the_top_is_found_at_the_signature(small, verify):
    forged = [b"forged", *ENTRIES[1:600]]
    leaves = [leaf_hash(entry) for entry in forged]
    (small / "tile/entries/000").write_bytes(encode_bundle(forged[:256]))
    (small / "tile/0/000").write_bytes(b"".join(leaves[:256]))
    (small / "tile/1/000.p/2").write_bytes(root_of(leaves[:256]) + root_of(leaves[256:512]))
    assert told(verify(small)) == [("ROOT_DIFFERS", "checkpoint", None)] * 2


def test_all_faults_are_told_not_the_first(small, verify):
    (small / "tile/entries/000").unlink()
    (small / "tile/entries/001").write_bytes(b"\0\xffx")
    (small / "tile/0/001").write_bytes(bytes(31))
    (small / "tile/0/002.p/88").write_bytes(bytes(88 * 32))
    (small / "tile/0/x.txt").write_bytes(b"")
    (small / "tile/1/000.p/2").unlink()
    report = verify(small)
    assert told(report) == [
        ("NOT_OF_THE_LOG", "tile/0/x.txt", None),
        ("MISSING", "tile/entries/000", None),
        ("MALFORMED", "tile/entries/001", 0),
        ("MALFORMED", "tile/0/001", 31),
        ("DIFFERS", "tile/0/002.p/88", 0),
        ("MISSING", "tile/1/000.p/2", None),
    ]
    assert {each.subject for each in report.unchecked} >= {"the root of the entries", "the root of the tiles"}
    assert report.root_of_entries is None


def test_partial_tiles_of_earlier_sizes_are_held_against_the_full_ones(small, verify):
    for path, raw in (
        ("tile/entries/000.p/3", encode_bundle(ENTRIES[:3])),
        ("tile/0/000.p/3", b"".join(LEAVES[:3])),
    ):
        (small / path).parent.mkdir()
        (small / path).write_bytes(raw)
    assert verify(small).is_sound
    change(small / "tile/entries/000.p/3", 5, b"x")
    change(small / "tile/0/000.p/3", 64, b"x")
    assert told(verify(small)) == [("DIFFERS", "tile/entries/000.p/3", 5), ("DIFFERS", "tile/0/000.p/3", 64)]
    (small / "tile/entries/000.p/3").write_bytes(encode_bundle(ENTRIES[:2]))
    (small / "tile/0/000.p/3").write_bytes(b"".join(LEAVES[:4]))
    assert told(verify(small)) == [("DIFFERS", "tile/entries/000.p/3", 6), ("DIFFERS", "tile/0/000.p/3", 96)]


def test_what_lies_beyond_the_checkpoint_is_said_to_be_unchecked(logs, small, verify):
    shutil.copy(logs[600] / "tile/0/001", small / "tile/0/002")  # a full tile in the place of a partial one
    shutil.copy(logs[600] / "tile/entries/001", small / "tile/entries/003")
    report = verify(small)
    assert told(report) == [("DIFFERS", "tile/0/002", 0)]
    assert {each.subject for each in report.unchecked} == {
        "split views",
        "1 tiles and bundles",
        "tile/0/002 after byte 2816",
    }


def test_a_removed_partial_tile_is_read_from_the_full_one(small, verify):
    full = [leaf_hash(b"%d" % number) for number in range(512, 768)]
    (small / "tile/0/002.p/88").unlink()
    (small / "tile/0/002").write_bytes(b"".join(full))
    assert verify(small).is_sound


def test_without_a_checkpoint_nothing_is_believed(small, verify):
    (small / "checkpoint").unlink()
    report = verify(small)
    assert told(report) == [("CHECKPOINT_UNUSABLE", "checkpoint", None)]
    assert report.unchecked[0].subject == "tiles and entries"


def test_a_checkpoint_with_a_changed_root_is_refused(small, verify):
    change(small / "checkpoint", 25, b"A")
    assert verify(small).faults[0].kind is FaultKind.SIGNATURE_REFUSED


def test_a_quorum_that_is_not_met_is_a_fault_and_the_rest_is_verified(small, policy, witness_signers):
    strict = Policy(logs=policy.logs, witnesses={"w": witness_signers[0].key, "v": witness_signers[1].key}, quorum="w")
    report = verify_log(LogFolder(small), strict)
    assert [str(fault) for fault in report.faults] == [
        "checkpoint: 0 of 2 log witnesses cosigned, which is not the quorum (found none; expected the quorum w)"
    ]
    assert report.root_of_entries is not None
    note = read_checkpoint(LogFolder(small))
    line = sign_text(note.text, witness_signers[0], time_s=5)
    (small / "checkpoint").write_bytes(bytes(note.signed_also(line)))
    report = verify_log(LogFolder(small), strict)
    assert report.is_sound
    assert report.standing.cosigned == {"w": 5}
    assert report.unchecked == ()


def test_a_key_of_the_log_that_did_not_sign_is_said(small, verify, log_signers):
    note = read_checkpoint(LogFolder(small))
    (small / "checkpoint").write_bytes(bytes(replace(note, signatures=note.signatures[:1])))
    report = verify(small)
    assert report.is_sound
    assert report.unchecked[0].subject == f"the log's key {log_signers[1].key.key_id.hex()}"


class Unlisted(LogFolder):
    """A log on a server that lists nothing."""

    def paths(self):
        return None


def test_where_files_cannot_be_listed_it_is_said(small, policy):
    report = verify_log(Unlisted(small), policy)
    assert report.is_sound
    assert "files beyond the checkpoint" in {each.subject for each in report.unchecked}


def test_a_checkpoint_that_names_more_entries_than_anybody_can_read_ends(tmp_path, verify, log_signers):
    """Whoever holds a log's key can sign any size; who verifies must not walk on for ever where nothing is."""
    text = Checkpoint(origin=log_signers[0].key.name, head=TreeHead(size=2**60, root=bytes(32))).text
    lines = tuple(sign_text(text, signer, time_s=1) for signer in log_signers)
    (tmp_path / "checkpoint").write_bytes(bytes(Note(text=text, signatures=lines)))
    report = verify(tmp_path)
    assert not report.is_sound
    assert len(report.faults) <= MOST_FAULTS + 3
    assert "the root of the entries" in {each.subject for each in report.unchecked}
