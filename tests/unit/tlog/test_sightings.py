"""What log witnesses and mirrors have seen decides whether a log of ours may sign."""

import pytest

from escruta.tlog.checkpoints import Checkpoint
from escruta.tlog.errors import LogConflict
from escruta.tlog.hashing import leaf_hash
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.notes import Note
from escruta.tlog.sightings import Relation, judge_sighting, require_nothing_more
from escruta.tlog.signing import sign_note
from escruta.tlog.trees import TreeHead, root_of

ORIGIN = "example.com/log"
LEAVES = [leaf_hash(b"%d" % number) for number in range(9)]
FORKED = [leaf_hash(b"other"), *LEAVES[1:]]


def judge(log_signers, size, leaves=LEAVES, *, ours=5, origin=ORIGIN, signers=None):
    text = Checkpoint(origin=origin, head=TreeHead(size=size, root=root_of(leaves[:size]))).text
    note = sign_note(text, log_signers[:1] if signers is None else signers, time_s=1)
    head = None if ours is None else TreeHead(size=ours, root=root_of(LEAVES[:ours]))
    keys = [signer.key for signer in log_signers]
    return judge_sighting("red", note, origin=ORIGIN, keys=keys, head=head, root_at=lambda at: root_of(LEAVES[:at]))


@pytest.mark.parametrize(
    ("size", "leaves", "ours", "relation"),
    [
        (5, LEAVES, 5, Relation.EARLIER),
        (3, LEAVES, 5, Relation.EARLIER),
        (0, LEAVES, 5, Relation.EARLIER),
        (0, LEAVES, None, Relation.EARLIER),
        (6, LEAVES, 5, Relation.AHEAD),
        (6, FORKED, 5, Relation.AHEAD),
        (1, LEAVES, None, Relation.AHEAD),
        (1, LEAVES, 0, Relation.AHEAD),
        (5, FORKED, 5, Relation.FORKED),
        (3, FORKED, 5, Relation.FORKED),
    ],
)
def test_what_was_seen_is_earlier_ahead_or_another_history(log_signers, size, leaves, ours, relation):
    sighting = judge(log_signers, size, leaves, ours=ours)
    assert sighting.relation is relation
    assert sighting.forbids_signing == (relation in {Relation.AHEAD, Relation.FORKED})
    assert "red" in sighting.words


def test_what_our_key_did_not_sign_proves_nothing(log_signers, witness_signers):
    stranger = SeedSigner(ORIGIN, KeyKind.ED25519, b"x" * 32)
    other = SeedSigner("example.com/other", KeyKind.ED25519, b"x" * 32)
    for further in (
        {"signers": [stranger]},
        {"signers": witness_signers[:1]},
        {"origin": "example.com/other", "signers": [other]},
        {"origin": "example.com/other"},
        {"signers": [SeedSigner("a", KeyKind.ED25519, b"x" * 32)], "origin": "a"},
    ):
        sighting = judge(log_signers, 9, **further)
        assert (sighting.relation, sighting.head) == (Relation.FOREIGN, None)
        require_nothing_more([sighting])


def test_no_checkpoint_at_all_proves_nothing(log_signers):
    keys = [signer.key for signer in log_signers]
    sighting = judge_sighting(
        "red", Note(text="x\n", signatures=()), origin=ORIGIN, keys=keys, head=None, root_at=lambda _: b""
    )
    assert sighting.relation is Relation.FOREIGN


def test_more_or_something_else_forbids_to_sign_and_says_what_to_do(log_signers):
    earlier, ahead, forked = (judge(log_signers, *each) for each in ((3,), (6,), (3, FORKED)))
    require_nothing_more([])
    require_nothing_more([earlier])
    with pytest.raises(LogConflict, match=r"seen 6 entries, and we have recorded 5.*old copy.*kept in home/evidence"):
        require_nothing_more([earlier, ahead], kept_in="home/evidence")
    with pytest.raises(LogConflict, match=r"another tree of 3 entries than ours.*close the log"):
        require_nothing_more([ahead, forked])
