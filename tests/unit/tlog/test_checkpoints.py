import pytest

from escruta.tlog.checkpoints import Checkpoint, checkpoint_of, parse_checkpoint
from escruta.tlog.errors import CheckpointMalformed, SignatureRefused
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.notes import Note, SignatureLine, parse_note
from escruta.tlog.signing import message_to_sign, sign_note, sign_text, verify_note
from escruta.tlog.trees import TreeHead

HEAD = TreeHead(size=20_852_163, root=bytes(range(32)))
CHECKPOINT = Checkpoint(origin="example.com/log", head=HEAD)
TIME = 1_679_315_147


def test_a_checkpoint_is_read_back():
    assert parse_checkpoint(CHECKPOINT.text) == CHECKPOINT


def test_both_keys_of_a_log_and_every_witness_sign_what_is_read_back(log_signers, witness_signers):
    signers = (*log_signers, *witness_signers)
    note = parse_note(bytes(sign_note(CHECKPOINT.text, signers, time_s=TIME)))
    signed = verify_note(note, [signer.key for signer in signers])
    assert [each.time_s for each in signed] == [None, TIME, TIME, TIME, TIME]
    assert checkpoint_of(note) == CHECKPOINT


def test_what_an_ed25519_witness_signs_is_as_the_specification_says(witness_signers):
    message = message_to_sign(witness_signers[0].key, CHECKPOINT.text, TIME)
    assert message == b"cosignature/v1\ntime 1679315147\n" + CHECKPOINT.text.encode()


def test_what_ml_dsa_signs_is_as_the_specification_says(witness_signers):
    message = message_to_sign(witness_signers[2].key, CHECKPOINT.text, TIME)
    assert message == (
        b"subtree/v1\n\0" + b"\x12observer.example/w" + TIME.to_bytes(8, "big")
        + b"\x0fexample.com/log" + bytes(8) + (20_852_163).to_bytes(8, "big") + bytes(range(32))
    )  # fmt: skip


@pytest.mark.parametrize("kind", [KeyKind.ED25519_COSIGNATURE, KeyKind.MLDSA44_COSIGNATURE])
def test_a_time_that_was_changed_is_refused(kind):
    signer = SeedSigner("w.example", kind, bytes(32))
    line = sign_text(CHECKPOINT.text, signer, time_s=TIME)
    later = SignatureLine(
        name=line.name, key_id=line.key_id, signature=(TIME + 1).to_bytes(8, "big") + line.signature[8:]
    )
    with pytest.raises(SignatureRefused, match="false"):
        verify_note(Note(text=CHECKPOINT.text, signatures=(later,)), [signer.key])


def test_an_impossible_time_is_refused(witness_signers):
    key = witness_signers[0].key
    line = SignatureLine(name=key.name, key_id=key.key_id, signature=b"\x80" + bytes(71))
    with pytest.raises(SignatureRefused, match="impossible time"):
        verify_note(Note(text=CHECKPOINT.text, signatures=(line,)), [key])
    with pytest.raises(SignatureRefused, match="no time"):
        sign_text(CHECKPOINT.text, witness_signers[0], time_s=1 << 63)


def test_a_signature_cut_short_is_refused(log_signers):
    key = log_signers[0].key
    line = SignatureLine(name=key.name, key_id=key.key_id, signature=bytes(63))
    with pytest.raises(SignatureRefused, match="wrong length"):
        verify_note(Note(text=CHECKPOINT.text, signatures=(line,)), [key])


def test_ml_dsa_signs_no_other_text_than_checkpoints(log_signers):
    key = log_signers[1].key
    line = SignatureLine(name=key.name, key_id=key.key_id, signature=bytes(2428))
    with pytest.raises(SignatureRefused, match="can only sign checkpoints"):
        verify_note(Note(text="a bulletin\n", signatures=(line,)), [key])


@pytest.mark.parametrize(
    ("text", "what", "row"),
    [
        ("", "three lines", None),
        ("a\n1\n", "three lines", None),
        ("\n1\nAAAA\n", "origin is empty", 1),
        ("x" * 256 + "\n1\nAAAA\n", "too long", 1),
        ("a\n01\nAAAA\n", "size is no number", 2),
        ("a\n-1\nAAAA\n", "size is no number", 2),
        ("a\n\u0663\nAAAA\n", "size is no number", 2),
        ("a\n9223372036854775808\nAAAA\n", "size is no number", 2),
        ("a\n" + "9" * 5000 + "\nAAAA\n", "size is no number", 2),
        ("a\n1\nAAAA\n", "root is no hash", 3),
        ("a\n0\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", "not that of an empty tree", 3),
        ("a\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nmore\n", "extension lines", 4),
    ],
)
def test_what_is_no_checkpoint_is_refused_with_its_line(text, what, row):
    with pytest.raises(CheckpointMalformed, match=what) as caught:
        parse_checkpoint(text)
    assert caught.value.row == row
