"""What a check of a log finds of bulletins: each fault has its test, and what cannot be checked is said."""

from dataclasses import replace
from hashlib import sha256

import pytest

from escruta.apps.board import BulletinFaultKind, check_bulletins, write_entries
from escruta.record.bulletins import Dissent, acceptance_of
from escruta.record.entries import entry
from escruta.tlog.checkpoints import Checkpoint
from escruta.tlog.hashing import leaf_hash
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.signing import sign_note
from escruta.tlog.trees import TreeHead, root_of

ORIGIN = "example.com/log"
BEFORE = [f"entry {number}".encode() for number in range(7)]


def root_at(size):
    return root_of([leaf_hash(raw) for raw in BEFORE[:size]])


@pytest.fixture
def summary(record):
    return (record / "summary.json").read_bytes()


@pytest.fixture
def bulletin(drafted):
    return replace(drafted, checkpoint=Checkpoint(origin=ORIGIN, head=TreeHead(size=7, root=root_at(7))))


@pytest.fixture
def sign(members):
    def sign(bulletin, *numbers, without_quorum=False):
        note = sign_note(bulletin.text, [members[f"rector-{n}"] for n in numbers], time_s=0)
        return list(write_entries("bulletin", note, is_without_quorum=without_quorum))

    return sign


@pytest.fixture
def check(board, summary):
    def check(entries, **changed):
        known = {
            "origin": ORIGIN,
            "root_at": root_at,
            "board": board,
            "summaries": {sha256(summary).hexdigest(): summary},
        }
        return check_bulletins(enumerate([*BEFORE, *entries]), **{**known, **changed})

    return check


def kinds(report):
    return [(fault.kind, fault.index) for fault in report.faults]


def test_a_bulletin_that_is_as_it_should_be(check, sign, bulletin):
    report = check(sign(bulletin, 1, 2, 3))
    assert (report.faults, report.unchecked) == ([], [])
    (found,) = report.bulletins
    assert (found.index, found.bulletin, str(found.standing)) == (
        7,
        bulletin,
        "3 of 5 members signed; 2 have not signed: rector-4, rector-5",
    )


def test_signatures_that_come_later_are_added(check, sign, bulletin):
    late = [*sign(bulletin, 1, 2, without_quorum=True), b"other", *sign(bulletin, 3)]
    report = check(late)
    assert report.faults == []
    assert report.bulletins[0].standing.is_met


def test_too_few_signatures_are_a_fault_unless_the_entry_says_so(check, sign, bulletin):
    assert kinds(check(sign(bulletin, 1, 2))) == [(BulletinFaultKind.QUORUM_UNMET, 7)]
    said = check(sign(bulletin, 1, 2, without_quorum=True))
    assert said.faults == []
    assert "2 of 5 members signed" in said.unchecked[0].why


def test_each_entry_of_a_bulletin_without_quorum_must_say_so(check, sign, bulletin):
    report = check([*sign(bulletin, 1, without_quorum=True), *sign(bulletin, 2)])
    assert kinds(report) == [(BulletinFaultKind.QUORUM_UNMET, 7)]


def test_a_dissent_is_heard(check, sign, bulletin, members):
    text = Dissent(election="small", contest="mayor", number=1, bulletin_sha256=bulletin.sha256, words="No.\n").text
    note = sign_note(text, [members["rector-4"]], time_s=0)
    report = check([*sign(bulletin, 1, 2, 3), *write_entries("bulletin", note)])
    assert report.faults == []
    assert report.bulletins[0].standing.dissenting == {"rector-4": "No.\n"}
    alone = check(write_entries("bulletin", note))
    assert kinds(alone) == [(BulletinFaultKind.NO_BULLETIN, 7)]


def test_a_dissent_by_nobody_of_the_board_is_a_fault_and_does_not_spoil_the_bulletin(check, sign, bulletin):
    text = Dissent(election="small", contest="mayor", number=1, bulletin_sha256=bulletin.sha256, words="No.\n").text
    stranger = SeedSigner("x.example", KeyKind.ED25519, b"x" * 32)
    report = check([*sign(bulletin, 1, 2, 3), *write_entries("bulletin", sign_note(text, [stranger], time_s=0))])
    assert kinds(report) == [(BulletinFaultKind.SIGNATURE_REFUSED, 8)]
    assert report.bulletins[0].standing.is_met


def test_a_false_signature_is_a_fault(check, sign, bulletin):
    (raw,) = sign(bulletin, 1, 2, 3)
    report = check([raw.replace(b"votes ana ", b"votes ana 1")], summaries={})
    assert kinds(report) == [(BulletinFaultKind.SIGNATURE_REFUSED, 7)]
    assert report.bulletins[0].standing is None


def test_another_log_a_later_checkpoint_and_another_root_are_faults(check, sign, bulletin):
    def with_checkpoint(**changed):
        head = TreeHead(size=changed.get("size", 7), root=changed.get("root", root_at(7)))
        return replace(bulletin, checkpoint=Checkpoint(origin=changed.get("origin", ORIGIN), head=head))

    for changed, kind in (
        ({"origin": "other.example/log"}, BulletinFaultKind.OTHER_LOG),
        ({"size": 8}, BulletinFaultKind.LATER_CHECKPOINT),
        ({"root": b"x" * 32}, BulletinFaultKind.ROOT_DIFFERS),
        ({"size": 6}, BulletinFaultKind.ROOT_DIFFERS),
    ):
        assert kinds(check(sign(with_checkpoint(**changed), 1, 2, 3))) == [(kind, 7)]


def test_a_root_that_nobody_can_recompute_is_said(check, sign, bulletin):
    report = check(sign(bulletin, 1, 2, 3), root_at=lambda _size: None)
    assert report.faults == []
    assert "root could not be recomputed" in report.unchecked[0].why


def test_totals_are_compared_with_the_record_that_the_bulletin_names(check, sign, bulletin):
    (name, votes), *others = bulletin.votes
    wrong = replace(bulletin, votes=((name, votes + 1), *others))
    report = check(sign(wrong, 1, 2, 3))
    assert kinds(report) == [(BulletinFaultKind.TOTALS_DIFFER, 7)]
    assert report.faults[0].found == f"votes {name} {votes + 1}"
    gone = check(sign(wrong, 1, 2, 3), summaries={})
    assert gone.faults == []
    assert "its record is not here" in gone.unchecked[0].why


@pytest.mark.parametrize("raw", [b"not json", b"{}", b'{"contests":[{}],"election":"small"}', b"[]"])
def test_a_summary_that_cannot_be_read_is_said(check, sign, bulletin, raw):
    named = replace(bulletin, summary_sha256=sha256(raw).hexdigest())
    report = check(sign(named, 1, 2, 3), summaries={sha256(raw).hexdigest(): raw})
    assert report.faults == []
    assert len(report.unchecked) == 1


def test_without_a_board_nobody_is_said_to_have_signed(check, sign, bulletin):
    report = check(sign(bulletin, 1), board=None)
    assert report.faults == []
    assert report.bulletins[0].standing is None
    assert "no board was given" in report.unchecked[0].why


def test_numbers_are_given_once_and_in_order(check, sign, bulletin):
    other = replace(bulletin, policy="confirmed")
    third = replace(bulletin, number=3)
    report = check([*sign(bulletin, 1, 2, 3), *sign(other, 1, 2, 3), *sign(third, 1, 2, 3)], summaries={})
    assert kinds(report) == [(BulletinFaultKind.NUMBER_TWICE, 8), (BulletinFaultKind.NUMBER_SKIPPED, 9)]
    second = replace(bulletin, number=2)
    assert not check([*sign(bulletin, 1, 2, 3), *sign(second, 1, 2, 3)], summaries={}).faults


@pytest.mark.parametrize(
    "raw",
    [
        entry("bulletin", note="no note"),
        entry("bulletin", text="x"),
        entry("bulletin", note="x\n\n— a AAAAAAA=\n"),
        entry("bulletin", note="x\n\n— a AAAAAAA=\n", without_quorum=False),
        entry("bulletin", note="x\n\n— a AAAAAAA=\n", more=1),
        entry("bulletin", note="escruta/dissent/v1\nx\n\n— a AAAAAAA=\n"),
        entry("acceptance", note="x\n\n— a AAAAAAA=\n"),
        b'{"kind": "bulletin"}',
        b'{"note":"x","kind":"bulletin"}',
    ],
)
def test_what_is_not_in_its_form_is_a_fault(check, raw):
    assert kinds(check([raw])) == [(BulletinFaultKind.MALFORMED, 7)]


def test_entries_of_other_kinds_are_passed_over(check):
    report = check([entry("page", path="x", sha256="0"), b"\xff", b'{"figures":{}}'])
    assert (report.faults, report.unchecked, report.bulletins) == ([], [], [])


def test_an_acceptance_is_verified_where_keys_are_known(check, members, board):
    acceptance = acceptance_of("small", "1" * 64, "We accept.\n")
    note = sign_note(acceptance.text, [members["rector-1"]], time_s=0)
    entries = list(write_entries("acceptance", note))
    report = check(entries, candidates=board, definition_sha256="1" * 64)
    assert (report.faults, report.unchecked) == ([], [])
    assert report.acceptances[0].signed == ("rector-1",)
    assert "no keys of candidates" in check(entries).unchecked[0].why
    other = check(entries, candidates=board, definition_sha256="2" * 64)
    assert "another one was accepted" in other.unchecked[0].why
    stranger = sign_note(acceptance.text, [SeedSigner("x", KeyKind.ED25519, b"x" * 32)], time_s=0)
    refused = check(write_entries("acceptance", stranger), candidates=board)
    assert kinds(refused) == [(BulletinFaultKind.SIGNATURE_REFUSED, 7)]


def test_a_fault_is_told_in_one_line(check, sign, bulletin):
    (fault,) = check(sign(bulletin, 1)).faults
    assert str(fault).startswith("entry 7: too few members signed (found 1 of 5 members signed;")


def test_two_elections_in_one_log_count_their_bulletins_apart(check, sign, bulletin):
    """The second round's first bulletin is no second one of the first round."""
    again = replace(bulletin, election=f"{bulletin.election}-2")
    report = check([*sign(bulletin, 1, 2, 3), *sign(again, 1, 2, 3)], summaries={})
    assert not report.faults
