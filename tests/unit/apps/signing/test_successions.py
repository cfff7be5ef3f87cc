"""Rotation: what a checkpoint under two keys is worth to whom, and how one follows from an old key to a new one."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escruta.apps.signing.successions import Succession, follow, parse_succession, sign_succession
from escruta.tlog.checkpoints import Checkpoint
from escruta.tlog.errors import LogInputError, NoteMalformed, SignatureRefused
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.notes import parse_note
from escruta.tlog.policies import Policy, standing_of
from escruta.tlog.signing import sign_checkpoint, sign_note
from escruta.tlog.trees import TreeHead

ORIGIN = "example.com/log"
OLD, NEW, NEWEST = (SeedSigner(ORIGIN, KeyKind.ED25519, seed * 32) for seed in (b"o", b"n", b"x"))
OLD_PQ, NEW_PQ = (SeedSigner(ORIGIN, KeyKind.MLDSA44_COSIGNATURE, seed * 32) for seed in (b"p", b"q"))
SINCE = datetime(2026, 5, 1, tzinfo=UTC)
CHECKPOINT = Checkpoint(origin=ORIGIN, head=TreeHead(size=7, root=b"r" * 32))


def succession(old=OLD, new=NEW, by=None):
    return sign_succession(Succession(old=old.key, new=new.key, since=SINCE), by or old)


def policy(*signers):
    return Policy(logs=tuple(signer.key for signer in signers))


@pytest.mark.parametrize(
    ("known", "found"),
    [([OLD], [OLD]), ([NEW], [NEW]), ([OLD, NEW], [OLD, NEW]), ([OLD, OLD_PQ, NEW], [OLD, OLD_PQ, NEW])],
)
def test_a_checkpoint_under_old_and_new_keys_satisfies_old_policy_new_policy_and_both(known, found):
    note = sign_checkpoint(CHECKPOINT, [OLD, OLD_PQ, NEW, NEW_PQ], time_s=1)
    standing = standing_of(parse_note(bytes(note)), policy(*known))
    assert standing.is_met
    assert standing.log_keys == tuple(signer.key for signer in found)


def test_after_the_overlap_the_old_policy_is_no_longer_satisfied():
    note = sign_checkpoint(CHECKPOINT, [NEW, NEW_PQ], time_s=1)
    assert standing_of(note, policy(NEW)).is_met
    with pytest.raises(SignatureRefused, match="no known key"):
        standing_of(note, policy(OLD, OLD_PQ))


def test_a_false_line_of_the_old_key_spoils_the_checkpoint_for_whoever_knows_it():
    other = Checkpoint(origin=ORIGIN, head=TreeHead(size=8, root=b"s" * 32))
    false_line = sign_checkpoint(other, [OLD], time_s=1).signatures[0]
    note = sign_checkpoint(CHECKPOINT, [NEW], time_s=1).signed_also(false_line)
    assert standing_of(note, policy(NEW)).is_met
    with pytest.raises(SignatureRefused, match="false"):
        standing_of(note, policy(OLD, NEW))


def test_one_follows_from_the_printed_key_to_the_last_one():
    keys = follow([OLD.key], succession())
    assert keys == (NEW.key,)
    assert follow(keys, succession(NEW, NEWEST)) == (NEWEST.key,)


def test_a_key_that_signs_checkpoints_only_is_succeeded_by_the_one_beside_it():
    note = succession(OLD_PQ, NEW_PQ, by=OLD)
    assert follow([OLD.key, OLD_PQ.key], note) == (OLD.key, NEW_PQ.key)
    with pytest.raises(SignatureRefused, match="no known key signed"):
        follow([OLD_PQ.key], note)
    with pytest.raises(SignatureRefused, match="cannot sign for a successor"):
        succession(OLD_PQ, NEW_PQ)


def test_a_succeeded_key_has_no_second_successor():
    keys = follow([OLD.key], succession())
    with pytest.raises(SignatureRefused, match="succeeded already") as caught:
        follow(keys, succession(OLD, NEWEST))
    assert "evidence" in str(caught.value)


def test_nobody_makes_himself_the_successor():
    text = Succession(old=OLD.key, new=NEW.key, since=SINCE).text
    with pytest.raises(SignatureRefused):
        follow([OLD.key], sign_note(text, [NEW], time_s=0))
    with pytest.raises(SignatureRefused, match="cannot sign"):
        succession(by=NEW)
    stranger = SeedSigner("other.example", KeyKind.ED25519, b"o" * 32)
    with pytest.raises(SignatureRefused):
        follow([OLD.key, stranger.key], sign_note(text, [stranger], time_s=0))


def test_another_name_or_kind_and_the_same_key_are_no_succession():
    for new in (SeedSigner("other.example", KeyKind.ED25519, b"n" * 32), NEW_PQ, OLD):
        with pytest.raises(NoteMalformed):
            succession(OLD, new)


@given(st.text(alphabet="abcdefghijklmnop+/0189TZ:- \n", max_size=200), st.integers(0, 300))
def test_whatever_is_no_succession_is_refused_with_a_reason(junk, at):
    good = Succession(old=OLD.key, new=NEW.key, since=SINCE).text
    text = good[:at] + junk + good[at + len(junk) :]
    try:
        found = parse_succession(text)
    except LogInputError as error:
        assert error.what  # noqa: PT017 - most draws are no succession, some are
    else:
        assert found.text == text
