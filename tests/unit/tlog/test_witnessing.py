"""A log witness answers as C2SP tlog-witness says, check by check, and keeps what it cosigned."""

import dataclasses

import pytest
from tests.unit.tlog.quick_disk import QuickDisk

from escruta.tlog.checkpoints import Checkpoint, checkpoint_of
from escruta.tlog.errors import KeyMalformed, StateDamaged
from escruta.tlog.hashing import leaf_hash
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.notes import MOST_SIGNATURES, Note, SignatureLine, parse_note
from escruta.tlog.policies import Policy, standing_of
from escruta.tlog.proofs import make_consistency_proof, node_at_of
from escruta.tlog.signing import sign_checkpoint, sign_note, sign_text, verify_note
from escruta.tlog.submissions import MOST_HASHES, Submission
from escruta.tlog.trees import TreeHead, root_of
from escruta.tlog.witness_state import FORK_REFUSED, WitnessState, origin_hash
from escruta.tlog.witnessing import SIZE, LogWitness, Status

ORIGIN = "example.com/log"
LEAVES = [leaf_hash(b"%d" % number) for number in range(70)]
FORKED = [leaf_hash(b"another first entry"), *LEAVES[1:]]


def proof(old, size, leaves=LEAVES):
    return make_consistency_proof(old, size, node_at_of(leaves))


class Clock:
    now = 1_790_000_000

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def cosigners(witness_signers):
    """The two keys of one log witness."""
    return (witness_signers[0], SeedSigner("party.example/w", KeyKind.MLDSA44_COSIGNATURE, b"6" * 32))


@pytest.fixture
def open_witness(tmp_path, log_signers, cosigners, clock):
    trust = {ORIGIN: [signer.key for signer in log_signers]}

    def open_it(*, signers=cosigners, trust=trust):
        return LogWitness(WitnessState(tmp_path, QuickDisk()), signers, trust, clock)

    return open_it


@pytest.fixture
def witness(open_witness):
    return open_witness()


@pytest.fixture
def checkpoint(log_signers):
    def sign(size, leaves=LEAVES, *, root=None, signers=log_signers, origin=ORIGIN):
        head = TreeHead(size=size, root=root or root_of(leaves[:size]))
        text = Checkpoint(origin=origin, head=head).text
        return sign_note(text, signers, time_s=5)

    return sign


@pytest.fixture
def ask(witness, checkpoint):
    """Asks for a checkpoint of our tree, or of another one."""

    def add(old, size, leaves=LEAVES, *, hashes=None, **further):
        note = checkpoint(size, leaves, **further)
        given = proof(old, size, leaves) if hashes is None and old <= size else hashes or ()
        return witness.add_checkpoint(bytes(Submission(old_size=old, proof=tuple(given), note=note)))

    return add


def kept(tmp_path, name="checkpoint"):
    return (tmp_path / origin_hash(ORIGIN) / name).read_bytes()


# 200


@pytest.mark.parametrize("sizes", [[0], [1], [7], [0, 0, 1], [1, 2, 3, 4, 64, 65, 70], [5, 5]])
def test_a_tree_that_grows_is_cosigned_by_both_keys(witness, ask, tmp_path, cosigners, log_signers, sizes, clock):
    policy = Policy(
        logs=tuple(signer.key for signer in log_signers),
        witnesses={str(at): signer.key for at, signer in enumerate(cosigners)},
    )
    for old, size in zip([0, *sizes], sizes, strict=False):
        clock.now += 1
        answer = ask(old, size)
        assert answer.status == Status.COSIGNED
        assert answer.body.count("\n") == 2
        note = parse_note(kept(tmp_path))
        standing = standing_of(note, policy)
        assert standing.checkpoint.head == TreeHead(size=size, root=root_of(LEAVES[:size]))
        assert set(standing.log_keys) == set(policy.logs)
        assert standing.cosigned == {"0": clock.now, "1": clock.now}
        assert answer.body == "".join(str(line) for line in note.signatures[-2:])
        assert witness.monitored(origin_hash(ORIGIN)) == bytes(note)


def test_the_same_checkpoint_is_cosigned_again_with_a_fresh_time(witness, ask, clock, log_signers, tmp_path):
    ask(0, 5)
    clock.now += 3600
    answer = ask(5, 5, signers=log_signers[:1])
    assert answer.status == Status.COSIGNED
    assert witness.cosigned()[0].time_s == clock.now
    both = [signer.key for signer in log_signers]
    assert len(verify_note(parse_note(kept(tmp_path)), both)) == 2  # a line that we had is not lost


def test_one_trusted_key_is_enough_and_unknown_keys_do_not_matter(ask, witness_signers, log_signers, tmp_path):
    assert ask(0, 5, signers=(witness_signers[1], log_signers[1])).status == Status.COSIGNED
    names = [line.name for line in parse_note(kept(tmp_path)).signatures]
    assert names == [ORIGIN, "party.example/w", "party.example/w"]


def test_a_second_line_of_one_key_is_not_kept(witness, checkpoint, log_signers, tmp_path):
    note = checkpoint(3)
    note = note.signed_also(sign_text(note.text, log_signers[1], time_s=6))
    assert witness.add_checkpoint(bytes(Submission(old_size=0, proof=(), note=note))).status == Status.COSIGNED
    assert len(parse_note(kept(tmp_path)).signatures) == 4


# 400


NOTE = b"example.com/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n\xe2\x80\x94 a YWJjZGVm\n"
HASH = b"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "no blank line"),
        (b"old 0", "no blank line"),
        (b"\n" + NOTE, "no size"),
        (b"old\n\n" + NOTE, "no size"),
        (b"0\n\n" + NOTE, "no size"),
        (b"old 00\n\n" + NOTE, "no size"),
        (b"old -1\n\n" + NOTE, "no size"),
        (b"old  1\n\n" + NOTE, "no size"),
        (b"old 1 \n\n" + NOTE, "no size"),
        (b"old \xd9\xa1\n\n" + NOTE, "no size"),
        (b"old 9223372036854775808\n\n" + NOTE, "no size"),
        (b"old 0\r\n\n" + NOTE, "control character"),
        (b"old 0\n\xff\n\n" + NOTE, "not UTF-8"),
        (b"old 0\nnohash\n\n" + NOTE, "no hash"),
        (b"old 0\n" + HASH[:-2] + b"\n\n" + NOTE, "no hash"),
        (b"old 0\n" + HASH * (MOST_HASHES + 1) + b"\n" + NOTE, "too long"),
        (b"old 0\n\n", "no blank line"),
        (b"old 0\n\n" + NOTE[:-1], "does not end"),
        (b"old 0\n\n" + NOTE.replace(b"\n0\n", b"\n00\n"), "no number"),
        (b"old 0\n\n" + NOTE.replace(b"=\n\n", b"=\nextension\n\n"), "extension lines"),
        (b"old 0\n\n" + NOTE + NOTE[-15:] * MOST_SIGNATURES, "too many signatures"),
        (b"old 0\n\n" + b"x" * 1_100_000, "too long"),
    ],
)
def test_what_is_no_request_is_malformed_and_the_answer_says_why(witness, raw, reason):
    answer = witness.add_checkpoint(raw)
    assert answer.status == Status.MALFORMED
    assert reason in answer.body
    assert answer.body.endswith("\n")
    assert len(answer.body) < 500


def test_an_old_size_above_the_checkpoints_is_malformed(ask):
    assert ask(6, 5).status == Status.MALFORMED


# 404, 403, and their order


def test_an_unknown_log_is_not_found_whoever_signed(ask, witness_signers):
    assert ask(0, 5, origin="example.com/other").status == Status.UNKNOWN_LOG
    assert ask(6, 5, origin="example.com/other", signers=witness_signers[:1]).status == Status.UNKNOWN_LOG


def test_a_checkpoint_that_no_trusted_key_signed_is_forbidden(ask, witness_signers):
    assert ask(0, 5, signers=witness_signers[:1]).status == Status.UNTRUSTED
    assert ask(6, 5, signers=witness_signers[:1]).status == Status.UNTRUSTED


def test_a_false_signature_of_a_trusted_key_is_forbidden_whoever_else_signed(witness, checkpoint):
    note = checkpoint(5)
    ed25519, mldsa44 = note.signatures
    false = dataclasses.replace(mldsa44, signature=mldsa44.signature[:-1] + bytes([mldsa44.signature[-1] ^ 1]))
    mixed = Note(text=note.text, signatures=(ed25519, false))
    assert witness.add_checkpoint(bytes(Submission(old_size=0, proof=(), note=mixed))).status == Status.UNTRUSTED


def test_the_name_of_a_trusted_key_is_not_enough(ask):
    other = SeedSigner(ORIGIN, KeyKind.ED25519, b"x" * 32)
    assert ask(0, 5, signers=(other,)).status == Status.UNTRUSTED


# 409


@pytest.mark.parametrize("old", [0, 4, 6])
def test_another_old_size_conflicts_and_the_answer_tells_ours(ask, old):
    ask(0, 5)
    answer = ask(old, 7)
    assert (answer.status, answer.body, answer.media_type) == (Status.OTHER_SIZE, "5\n", SIZE)


def test_the_old_size_is_zero_before_the_first_time(ask):
    answer = ask(1, 5)
    assert (answer.status, answer.body, answer.media_type) == (Status.OTHER_SIZE, "0\n", SIZE)


def test_a_smaller_checkpoint_conflicts(ask):
    ask(0, 5)
    assert ask(3, 4).status == Status.OTHER_SIZE
    assert ask(0, 4).body == "5\n"


# 422


def test_a_first_checkpoint_with_a_proof_is_inconsistent(ask):
    assert ask(0, 5, hashes=(LEAVES[0],)).status == Status.INCONSISTENT


@pytest.mark.parametrize("old", [0, None])
def test_an_empty_tree_with_another_root_is_inconsistent(ask, old):
    if old is not None:
        ask(0, 0)
    assert ask(0, 0, root=bytes(32)).status == Status.INCONSISTENT


def test_the_same_size_with_another_root_is_inconsistent(ask):
    ask(0, 5)
    assert ask(5, 5, FORKED).status == Status.INCONSISTENT
    assert ask(5, 5, hashes=(LEAVES[0],)).status == Status.INCONSISTENT


@pytest.mark.parametrize(("old", "size"), [(5, 7), (4, 64), (64, 70), (1, 2)])
def test_a_fork_is_inconsistent_whatever_its_proof(ask, witness, old, size):
    ask(0, old)
    before = witness.monitored(origin_hash(ORIGIN))
    assert ask(old, size, FORKED).status == Status.INCONSISTENT
    assert ask(old, size, hashes=proof(old, size)[:-1] or (LEAVES[3],)).status == Status.INCONSISTENT
    assert ask(old, size, hashes=(*proof(old, size), LEAVES[3])).status == Status.INCONSISTENT
    assert witness.monitored(origin_hash(ORIGIN)) == before
    assert ask(old, size).status == Status.COSIGNED


def test_two_roots_of_one_size_are_kept_as_evidence_whatever_old_size_came_with_them(ask, witness, tmp_path):
    ask(0, 5)
    cosigned = kept(tmp_path)
    assert not witness.cosigned()[0].has_forked
    assert ask(0, 5, FORKED).status == Status.OTHER_SIZE
    assert witness.cosigned()[0].has_forked
    assert kept(tmp_path, "fork.cosigned") == cosigned
    refused = checkpoint_of(parse_note(kept(tmp_path, FORK_REFUSED)))
    assert refused.head == TreeHead(size=5, root=root_of(FORKED[:5]))
    ask(5, 7)
    before = kept(tmp_path, FORK_REFUSED)
    ask(7, 7, FORKED)
    assert kept(tmp_path, FORK_REFUSED) == before


# what it keeps, and its keys


def test_state_survives_a_restart(ask, open_witness, checkpoint):
    ask(0, 5)
    again = open_witness()
    assert again.cosigned()[0].head.size == 5
    raw = bytes(Submission(old_size=0, proof=(), note=checkpoint(4)))
    assert again.add_checkpoint(raw).body == "5\n"


def test_nothing_is_monitored_before_the_first_cosignature(witness):
    assert witness.monitored(origin_hash(ORIGIN)) is None
    assert witness.monitored("..") is None
    assert (witness.cosigned()[0].head, witness.cosigned()[0].time_s) == (None, None)


@pytest.mark.parametrize("change", ["root", "cut", "empty", "other log", "other keys"])
def test_a_damaged_state_stops_the_witness(ask, open_witness, witness, tmp_path, change, checkpoint, cosigners):
    ask(0, 5)
    path = tmp_path / origin_hash(ORIGIN) / "checkpoint"
    raw = path.read_bytes()
    other = sign_checkpoint(
        Checkpoint(origin="example.com/other", head=TreeHead(size=1, root=LEAVES[0])),
        [SeedSigner("example.com/other", KeyKind.ED25519, b"7" * 32)],
        time_s=1,
    )
    changed = {
        "root": raw.replace(raw.split(b"\n")[2], b"A" * 43 + b"=", 1),
        "cut": raw[: len(raw) // 2],
        "empty": b"",
        "other log": bytes(other.signed_also(*(sign_text(other.text, each, time_s=1) for each in cosigners))),
        "other keys": bytes(checkpoint(5)),
    }
    path.write_bytes(changed[change])
    with pytest.raises(StateDamaged, match="not the checkpoint of"):
        witness.add_checkpoint(bytes(Submission(old_size=5, proof=proof(5, 7), note=checkpoint(7))))
    with pytest.raises(StateDamaged, match="not the checkpoint of"):
        open_witness()
    assert path.read_bytes() == changed[change]


def test_only_keys_for_cosigning_cosign(open_witness, log_signers):
    with pytest.raises(KeyMalformed, match="cannot cosign"):
        open_witness(signers=(SeedSigner("party.example/w", KeyKind.ED25519, b"7" * 32),))
    with pytest.raises(KeyMalformed, match="log's key must not cosign"):
        open_witness(signers=log_signers[1:])
    with pytest.raises(KeyMalformed, match="needs a key"):
        open_witness(signers=())


def test_logs_do_not_get_into_each_others_way(open_witness, log_signers, checkpoint):
    signer = SeedSigner("example.com/b", KeyKind.ED25519, b"8" * 32)
    witness = open_witness(trust={ORIGIN: [log_signers[0].key], "example.com/b": [signer.key]})
    raw = bytes(Submission(old_size=0, proof=(), note=checkpoint(5)))
    assert witness.add_checkpoint(raw).status == Status.COSIGNED
    note = checkpoint(3, FORKED, origin="example.com/b", signers=(signer,))
    assert witness.add_checkpoint(bytes(Submission(old_size=0, proof=(), note=note))).status == Status.COSIGNED
    assert [each.head.size for each in witness.cosigned()] == [5, 3]


def test_a_signature_line_of_ours_in_the_request_is_not_taken_over(witness, checkpoint, cosigners, tmp_path):
    note = checkpoint(5)
    false = SignatureLine(name=cosigners[0].key.name, key_id=cosigners[0].key.key_id, signature=bytes(72))
    raw = bytes(Submission(old_size=0, proof=(), note=note.signed_also(false)))
    assert witness.add_checkpoint(raw).status == Status.COSIGNED
    assert false not in parse_note(kept(tmp_path)).signatures
