"""A program in another language, written from the specifications alone, accepts our logs and refuses changed ones."""

import json
import subprocess
from dataclasses import replace

import pytest
from tests.unit.tlog.quick_disk import QuickDisk

from escruta.tlog.building import build_log
from escruta.tlog.checkpoints import Checkpoint, checkpoint_of
from escruta.tlog.hashing import leaf_hash
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.logs import Log
from escruta.tlog.notes import parse_note
from escruta.tlog.policies import parse_policy
from escruta.tlog.reading import LogFolder, prove, read_checkpoint
from escruta.tlog.sequencer import SqliteSequencer
from escruta.tlog.signing import sign_note, sign_text
from escruta.tlog.tiles import encode_bundle

ORIGIN = "example.com/log"
SIZES = [0, 1, 2, 3, 255, 256, 257, 512, 700]


@pytest.fixture(scope="session")
def check(node, repository):
    """Runs the checker; gives its exit code and what it said."""
    program = repository / "tests" / "independent" / "check_log.mjs"

    def run(*words):
        command = [node, program, *map(str, words)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)  # noqa: S603 - our own
        assert done.stderr == ""
        said = json.loads(done.stdout)
        assert said["sound"] is (done.returncode == 0)
        return done.returncode, said

    return run


@pytest.fixture
def kinds(check):
    """Runs the checker; gives only where which kind of fault is."""

    def run(*words):
        return [(fault["kind"], fault["where"]) for fault in check(*words)[1]["faults"]]

    return run


@pytest.fixture(scope="session")
def policy_file(tmp_path_factory, log_signers, witness_signers):
    """Both keys of the log, and a party with the press or an observer."""
    lines = [
        "# as printed",
        *(f"log {signer.key} https://example.com/log" for signer in log_signers),
        *(
            f"witness {name} {signer.key}"
            for name, signer in zip(("red", "press", "eye"), witness_signers, strict=True)
        ),
        "group others any press eye",
        "\tgroup both all red others",
        "quorum both",
    ]
    path = tmp_path_factory.mktemp("policy") / "log.policy"
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


@pytest.fixture(scope="session")
def seal(tmp_path_factory, log_signers):
    """A policy that asks for no log witness."""
    path = tmp_path_factory.mktemp("policy") / "log.policy"
    path.write_text("".join(f"log {signer.key}\n" for signer in log_signers) + "quorum none\n")
    return path


@pytest.fixture
def built(tmp_path, log_signers):
    """Makes a log; gives its folder."""

    def build(size, first="0"):
        entries = [first.encode(), *(b"%d" % number for number in range(1, size))][:size]
        folder = tmp_path / f"log-{size}-{first}"
        build_log(folder, entries, origin=ORIGIN, signers=log_signers, time_s=17, files=QuickDisk())
        return folder

    return build


def sign_again(folder, signers, time_s=17):
    note = parse_note((folder / "checkpoint").read_bytes())
    (folder / "checkpoint").write_bytes(bytes(sign_note(note.text, signers, time_s=time_s)))


def change(path, at, new):
    raw = path.read_bytes()
    path.write_bytes(raw[:at] + new + raw[at + len(new) :])


@pytest.mark.parametrize("size", SIZES)
def test_a_log_of_ours_is_sound(check, built, seal, size):
    folder = built(size)
    code, said = check(folder, seal)
    assert (code, said["faults"], said["unchecked"]) == (0, [], [])
    checkpoint = checkpoint_of(read_checkpoint(LogFolder(folder)))
    assert Checkpoint(origin=ORIGIN, head=checkpoint.head).text == f"{ORIGIN}\n{said['size']}\n{said['root']}\n"
    assert said["entries"] == said["size"] == size


def test_a_log_that_grew_is_sound_and_continues_each_older_checkpoint(check, kinds, tmp_path, log_signers, seal):
    folder, olds = tmp_path / "log", []
    sequencer = SqliteSequencer(tmp_path / "log.sqlite", ORIGIN)
    log = Log(folder, sequencer, log_signers, lambda: 17, files=QuickDisk())
    for size in [0, 1, 5, 255, 256, 257, 600]:
        log.append([b"%d" % number for number in range(size)])
        olds.append(tmp_path / f"{size}")
        olds[-1].write_bytes(bytes(log.publish()))
    sequencer.close()
    assert check(folder, seal, *olds)[0] == 0
    partial = folder / "tile/0/000.p/5"
    change(partial, 40, b"\0\0")
    (folder / "tile/entries/000.p/005").write_bytes(b"")
    (folder / "tile/entries/000.p/7").write_bytes(b"")
    assert sorted(kinds(folder, seal)) == [
        ("differs", "tile/0/000.p/5"),
        ("differs", "tile/entries/000.p/7"),
        ("not-of-the-log", "tile/entries/000.p/005"),
    ]


def test_another_history_is_found(kinds, built, seal):
    folder = built(600)
    for size in (1, 300, 600):
        forged = built(size, "forged") / "checkpoint"
        assert kinds(folder, seal, forged) == [("history-changed", str(forged))]
    later = built(700) / "checkpoint"
    assert kinds(folder, seal, later) == [("rolled-back", str(later))]


@pytest.mark.parametrize("size", [300, 70_000])
def test_a_forged_leaf_below_a_partial_edge_is_found(kinds, built, seal, size):
    """CVE-2026-56865: entry and leaf agree, and only the tile above tells."""
    folder = built(size)
    assert kinds(folder, seal) == []
    change(folder / "tile/entries/000", 2, b"1")
    change(folder / "tile/0/000", 0, leaf_hash(b"1"))
    above = [path for path in ("tile/1/000", "tile/1/000.p/1") if (folder / path).exists()]
    assert ("differs", above[0]) in kinds(folder, seal)
    assert ("root-differs", "checkpoint") in kinds(folder, seal)


def test_a_forgery_up_to_the_top_is_found_at_the_signature(kinds, built, seal):
    folder, other = built(600), built(600, "forged")
    (folder / "checkpoint").rename(folder.parent / "kept")
    for path in ("tile/entries/000", "tile/0/000", "tile/1/000.p/2"):
        (folder / path).write_bytes((other / path).read_bytes())
    (folder.parent / "kept").rename(folder / "checkpoint")
    assert kinds(folder, seal) == [("root-differs", "checkpoint")]


@pytest.mark.parametrize("path", ["tile/entries/001", "tile/0/001", "tile/1/000.p/2", "tile/0/002.p/88", "checkpoint"])
def test_a_flipped_bit_and_a_missing_file_are_found(kinds, built, seal, path):
    folder = built(600)
    raw = (folder / path).read_bytes()
    for at in (0, 9, len(raw) // 2, len(raw) - 1):
        (folder / path).write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
        assert kinds(folder, seal), at
    (folder / path).unlink()
    assert ("missing", path) in kinds(folder, seal)


def test_where_the_tiles_are_a_missing_bundle_hides_no_other_fault(kinds, built, seal):
    folder = built(600)
    (folder / "tile/entries/000").unlink()
    (folder / "tile/entries/001").write_bytes(encode_bundle([b"few"]))
    (folder / "tile/entries/002.p/88").write_bytes(b"\xff\xff")
    change(folder / "tile/1/000.p/2", 32, b"\0\0")
    assert kinds(folder, seal) == [
        ("missing", "tile/entries/000"),
        ("malformed", "tile/entries/001"),
        ("malformed", "tile/entries/002.p/88"),
        ("differs", "tile/1/000.p/2"),
    ]


def test_a_checkpoint_of_any_size_ends(check, built, log_signers, seal):
    folder = built(3)
    text = f"{ORIGIN}\n9007199254740991\n{(folder / 'checkpoint').read_text().splitlines()[2]}\n"
    (folder / "checkpoint").write_bytes(bytes(sign_note(text, log_signers, time_s=17)))
    assert check(folder, seal)[0] == 1


def test_a_full_tile_stands_for_the_partial_one_and_what_lies_beyond_is_said(check, built, seal):
    folder, later = built(600), built(768)
    assert check(folder, seal)[0] == 0
    for kind in ("entries", "0"):
        (folder / f"tile/{kind}/002").write_bytes((later / f"tile/{kind}/002").read_bytes())
    assert [each["where"] for each in check(folder, seal)[1]["unchecked"]] == ["tile/0/002", "tile/entries/002"]
    for kind in ("entries", "0"):
        (folder / f"tile/{kind}/002.p/88").unlink()
    assert check(folder, seal)[1]["faults"] == []


def test_the_quorum_is_that_of_the_policy(check, built, log_signers, witness_signers, policy_file):
    folder = built(2)
    party, press, observer = witness_signers
    for witnesses, met in [((), 0), ((party,), 0), ((press, observer), 0), ((party, press), 1), ((party, observer), 1)]:
        sign_again(folder, (*log_signers, *witnesses))
        code, said = check(folder, policy_file)
        assert (code, [fault["kind"] for fault in said["faults"]]) == ((0, []) if met else (1, ["quorum-unmet"]))
        assert (said["cosigned"], said["witnesses"]) == (len(witnesses), 3)


def test_signatures_that_do_not_count(kinds, built, log_signers, witness_signers, policy_file, seal):
    folder = built(2)
    stranger = SeedSigner(ORIGIN, KeyKind.ED25519, b"s" * 32)
    sign_again(folder, [stranger, *witness_signers])
    assert kinds(folder, policy_file) == [("not-signed", "checkpoint")]
    sign_again(folder, [stranger, log_signers[1]])
    assert kinds(folder, seal) == []
    sign_again(folder, [*log_signers, *witness_signers], time_s=0)  # a cosignature has a time
    assert kinds(folder, policy_file) == [("signature-false", "checkpoint")]
    note = parse_note((folder / "checkpoint").read_bytes())
    line = sign_text(note.text + "more\n", log_signers[0], time_s=17)
    (folder / "checkpoint").write_bytes(bytes(sign_note(note.text, log_signers, time_s=17).signed_also(line)))
    assert kinds(folder, seal) == [("signature-false", "checkpoint")]  # one false line of a known key spoils the note


def test_extension_lines_that_no_signature_covers_are_a_fault(kinds, built, log_signers, seal):
    folder = built(2)
    sign_again(folder, log_signers[1:])
    raw = (folder / "checkpoint").read_text()
    (folder / "checkpoint").write_text(raw.replace("\n\n", "\nextension\n\n"))
    assert kinds(folder, seal) == [("extensions-not-signed", "checkpoint")]


def test_a_proof_of_ours_is_accepted_and_a_changed_one_is_not(check, built, tmp_path, seal):
    policy, folder = parse_policy(seal.read_bytes()), built(600)
    proof_file, entry_file = tmp_path / "a.tlog-proof", tmp_path / "entry"
    entry, proof = prove(LogFolder(folder), 0, policy)
    for index in (0, 255, 256, 511, 512, 599):
        entry, proof = prove(LogFolder(folder), index, policy)
        entry_file.write_bytes(entry)
        proof_file.write_text(str(proof))
        code, said = check("--proof", proof_file, entry_file, seal)
        assert (code, said["index"], said["size"]) == (0, index, 600)
    other = replace(proof, index=598)
    short, long = replace(proof, hashes=proof.hashes[:-1]), replace(proof, hashes=(*proof.hashes, bytes(32)))
    for changed in (other, short, long, replace(proof, index=600), replace(proof, hashes=proof.hashes[::-1])):
        proof_file.write_text(str(changed))
        assert check("--proof", proof_file, entry_file, seal)[1]["faults"][0]["kind"] == "not-included"
    proof_file.write_text(str(replace(proof, extra=b"anything")))
    assert check("--proof", proof_file, entry_file, seal)[0] == 0
    entry_file.write_bytes(entry + b" ")
    assert check("--proof", proof_file, entry_file, seal)[0] == 1
    proof_file.write_text(str(proof).replace("index", "indes"))
    assert check("--proof", proof_file, entry_file, seal)[1]["faults"][0]["kind"] == "proof-malformed"


@pytest.mark.parametrize(
    "policy",
    [
        "",
        "quorum nobody\n",
        "quorum none\nquorum none\n",
        "log no-key\nquorum none\n",
        "log {log}\nlog {log}\nquorum none\n",
        "witness w {log}\nquorum w\n",
        "log {witness}\nquorum none\n",
        "witness w {witness}\ngroup g 2 w\nquorum g\n",
        "witness w {witness}\ngroup g any w\ngroup h all w g\nquorum h\n",
        "quorum\vnone\n",
    ],
)
def test_an_unusable_policy_is_no_judgement(check, built, tmp_path, log_signers, witness_signers, policy):
    path = tmp_path / "policy"
    path.write_text(policy.format(log=log_signers[0].key, witness=witness_signers[0].key))
    assert check(built(1), path)[0] == 2


def test_without_a_folder_or_arguments_nothing_is_judged(check, tmp_path, seal):
    assert [check(*words)[0] for words in ([], ["--proof"], [tmp_path / "no", seal], [tmp_path, tmp_path])] == [2] * 4
    assert check(tmp_path, seal)[1]["faults"] == [{"kind": "missing", "where": "checkpoint"}]
