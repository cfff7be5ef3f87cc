import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from escruta.apps.board import (
    BulletinRefused,
    draft_bulletin,
    entries_of_acceptance,
    entries_of_bulletin,
    read_entry,
    read_record,
    require_in_log,
)
from escruta.apps.board.acceptances import read_acceptance
from escruta.apps.board.definitions import canonical_definition
from escruta.apps.board.note_files import join_notes, read_signable, replace_file, sign_also
from escruta.base.errors import FileUnreadable
from escruta.record.bulletins import BulletinMalformed, Dissent, acceptance_of
from escruta.tlog.checkpoints import Checkpoint
from escruta.tlog.errors import LogInputError, NoteMalformed, SignatureRefused
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.notes import Note
from escruta.tlog.signing import sign_note
from escruta.tlog.trees import TreeHead

TIME = datetime(2025, 5, 4, 23, 0, 0, 999_999, tzinfo=UTC)


@pytest.fixture
def copy(record, tmp_path):
    """A copy of the record that a test may change."""
    return shutil.copytree(record, tmp_path / "record")


def signed(bulletin, members, *numbers):
    return sign_note(bulletin.text, [members[f"rector-{n}"] for n in numbers], time_s=0)


def test_a_draft_says_what_the_summary_says(record):
    read = read_record(record)
    bulletin = draft_bulletin(read, None, number=4, time=TIME)
    contest = json.loads((record / "summary.json").read_bytes())["contests"][0]
    assert dict(bulletin.votes) == {name: row["votes"] for name, row in contest["totals"]["options"].items()}
    assert bulletin.stations == tuple(
        contest["coverage"]["stations"][name] for name in ("counted", "received", "expected")
    )
    assert bulletin.figures == tuple(contest["totals"][name] for name in ("valid", "null", "blank", "ballots"))
    assert (bulletin.time.microsecond, bulletin.number, bulletin.election) == (0, 4, "small")
    assert bulletin.checkpoint.text in (record / "log" / "checkpoint").read_text(encoding="utf-8")
    assert read.is_sealed


def test_a_figure_that_is_not_known_is_never_a_zero(copy):
    summary = json.loads((copy / "summary.json").read_bytes())
    summary["contests"][0]["totals"]["null"] = None
    (copy / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    assert "\nnull unknown\n" in draft_bulletin(read_record(copy), "mayor", number=1, time=TIME).text


@pytest.mark.parametrize("gone", ["summary.json", "log/checkpoint", "log.policy"])
def test_a_record_that_lacks_what_a_bulletin_needs_is_told(copy, gone):
    (copy / gone).unlink()
    with pytest.raises(FileUnreadable):
        read_record(copy)


@pytest.mark.parametrize("text", ["{", "[]", '{"format":"other"}'])
def test_what_is_no_summary_is_told(copy, text):
    (copy / "summary.json").write_text(text, encoding="utf-8")
    with pytest.raises(BulletinRefused):
        read_record(copy)


def test_a_checkpoint_that_the_policy_does_not_vouch_for_is_refused(copy):
    path = copy / "log" / "checkpoint"
    path.write_text(path.read_text(encoding="utf-8").replace("small\n", "smell\n", 1), encoding="utf-8")
    with pytest.raises(LogInputError):
        read_record(copy)


def test_a_contest_must_be_named_where_there_are_several_and_must_be_there(record):
    read = read_record(record)
    with pytest.raises(BulletinMalformed, match="no such contest"):
        draft_bulletin(read, "governor", number=1, time=TIME)
    several = replace(read, summary={**read.summary, "contests": read.summary["contests"] * 2})
    with pytest.raises(BulletinRefused, match="several contests"):
        draft_bulletin(several, None, number=1, time=TIME)


def test_a_bulletin_that_no_entry_can_hold_is_refused_when_it_is_drafted(record):
    read = read_record(record)
    (contest,) = read.summary["contests"]
    options = {f"candidate-{n}": {"votes": 10**6} for n in range(200)}
    many = {**contest, "totals": {**contest["totals"], "options": options}}
    with pytest.raises(BulletinRefused, match="too long for an entry"):
        draft_bulletin(replace(read, summary={**read.summary, "contests": [many]}), None, number=1, time=TIME)


def test_what_enough_members_signed_goes_into_the_log_with_the_dissents(drafted, record, board, members):
    said = Dissent(election="small", contest="mayor", number=1, bulletin_sha256=drafted.sha256, words="No.\n")
    dissent = sign_note(said.text, [members["rector-4"]], time_s=0)
    entries, standing = entries_of_bulletin(
        drafted, signed(drafted, members, 1, 2, 3), [dissent], board=board, record=read_record(record)
    )
    assert [read_entry(raw).kind for raw in entries] == ["bulletin", "bulletin"]
    assert read_entry(entries[0]).note.text == drafted.text
    assert str(standing) == "3 of 5 members signed; 1 dissents: rector-4; 1 has not signed: rector-5"
    other = sign_note(replace(said, number=2).text, [members["rector-4"]], time_s=0)
    with pytest.raises(BulletinRefused, match="another bulletin than its digest"):
        entries_of_bulletin(
            drafted, signed(drafted, members, 1, 2, 3), [other], board=board, record=read_record(record)
        )


def test_too_few_signatures_are_refused_unless_the_log_says_so(drafted, record, board, members):
    note, read = signed(drafted, members, 1, 2), read_record(record)
    with pytest.raises(BulletinRefused, match="too few members") as caught:
        entries_of_bulletin(drafted, note, [], board=board, record=read)
    assert "2 of 5 members signed" in str(caught.value)
    (raw,), standing = entries_of_bulletin(drafted, note, [], board=board, record=read, without_quorum=True)
    assert b'"without_quorum":true' in raw
    assert not standing.is_met
    (full,), _ = entries_of_bulletin(
        drafted, signed(drafted, members, 1, 2, 3), [], board=board, record=read, without_quorum=True
    )
    assert b"without_quorum" not in full  # it is not without one
    nobody = Note(text=drafted.text, signatures=())
    with pytest.raises(BulletinRefused, match="nobody has signed"):
        entries_of_bulletin(drafted, nobody, [], board=board, record=read, without_quorum=True)


def test_a_bulletin_of_another_record_is_refused_with_the_line(drafted, record, board, members):
    wrong = replace(drafted, policy="confirmed")
    with pytest.raises(BulletinRefused, match="does not say what the bulletin says") as caught:
        entries_of_bulletin(wrong, signed(wrong, members, 1, 2, 3), [], board=board, record=read_record(record))
    assert (caught.value.found, caught.value.expected) == ("policy confirmed", f"policy {drafted.policy}")


def test_a_checkpoint_of_another_history_is_not_in_the_log(drafted, record):
    log = record / "log"
    require_in_log(drafted.checkpoint, log)
    head = drafted.checkpoint.head
    for changed in (
        Checkpoint(origin="other.example", head=head),
        Checkpoint(origin=drafted.checkpoint.origin, head=TreeHead(size=head.size + 1, root=head.root)),
        Checkpoint(origin=drafted.checkpoint.origin, head=TreeHead(size=head.size, root=b"x" * 32)),
        Checkpoint(origin=drafted.checkpoint.origin, head=TreeHead(size=head.size - 1, root=head.root)),
    ):
        with pytest.raises(BulletinRefused):
            require_in_log(changed, log)


def test_people_sign_copies_apart_and_the_signatures_are_joined(drafted, members, tmp_path):
    paths = []
    for number in (1, 2, 3):
        path = tmp_path / f"from-{number}.txt"
        path.write_text(drafted.text, encoding="utf-8")
        replace_file(path, bytes(sign_also(read_signable(path), members[f"rector-{number}"])))
        paths.append(path)
    joined = join_notes([*paths, paths[0]])
    assert [line.name for line in joined.signatures] == [f"rector-{n}.example" for n in (1, 2, 3)]
    paths[1].write_text(drafted.text.replace("number 1", "number 2"), encoding="utf-8")
    with pytest.raises(BulletinRefused, match="not hold the same text"):
        join_notes(paths)


def test_whoever_signs_twice_changes_nothing_and_a_log_witness_does_not_sign(drafted, members):
    note = signed(drafted, members, 1)
    assert sign_also(note, members["rector-1"]) == note
    for kind in (KeyKind.ED25519_COSIGNATURE, KeyKind.MLDSA44_COSIGNATURE):
        with pytest.raises(BulletinRefused, match="plain Ed25519"):
            sign_also(note, SeedSigner("w.example", kind, bytes(32)))


@pytest.mark.parametrize("raw", [b"", b"no end", b"tab\t\n", b"\xff\n", "text\n\n— false\n".encode()])
def test_a_file_that_nobody_can_sign_is_refused(tmp_path, raw):
    (tmp_path / "a").write_bytes(raw)
    with pytest.raises(NoteMalformed):
        read_signable(tmp_path / "a")


def test_a_replaced_file_keeps_its_mode_and_leaves_nothing_behind(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(0o640)
    replace_file(path, b"new")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o640)
    assert list(tmp_path.iterdir()) == [path]


def test_the_accepted_definition_is_the_one_in_the_record(record):
    election, raw = canonical_definition(record.parent)
    assert election == "small"
    assert raw == (record / "election.json").read_bytes()
    assert canonical_definition(record) == (election, raw)


@pytest.mark.parametrize("raw", [b"{}", b"{", b"\xff"])
def test_what_is_no_recorded_definition_is_told(tmp_path, raw):
    (tmp_path / "election.json").write_bytes(raw)
    with pytest.raises(BulletinRefused, match="no definition"):
        canonical_definition(tmp_path)


def test_a_definition_in_another_form_has_another_digest_and_is_refused(record, tmp_path):
    text = json.dumps(json.loads((record / "election.json").read_bytes()), indent=1)
    (tmp_path / "election.json").write_text(text, encoding="utf-8")
    with pytest.raises(BulletinRefused, match="canonical"):
        canonical_definition(tmp_path)


def test_more_candidates_sign_the_same_acceptance_and_a_changed_pact_is_noticed(record, members, tmp_path):
    pact, place = tmp_path / "pact.txt", tmp_path / "pact.txt.acceptance"
    pact.write_text("We accept.\n\n— all of us\n", encoding="utf-8")
    acceptance, note, _ = read_acceptance(pact, record.parent, place)
    assert (note.signatures, acceptance.pact) == ((), "We accept.\n\n— all of us\n")
    place.write_bytes(bytes(sign_also(note, members["rector-1"])))
    again, note, _ = read_acceptance(pact, record.parent, place)
    assert (again, len(note.signatures)) == (acceptance, 1)
    pact.write_text("We object.\n", encoding="utf-8")
    with pytest.raises(BulletinRefused, match="the pact is not the one"):
        read_acceptance(pact, record.parent, place)


def test_an_acceptance_goes_into_the_log_once_somebody_signed(members):
    acceptance = acceptance_of("small", "1" * 64, "We accept.\n")
    note = sign_note(acceptance.text, [members["rector-1"]], time_s=0)
    (raw,) = entries_of_acceptance(acceptance, note, [members["rector-1"].key])
    assert read_entry(raw).note == note
    with pytest.raises(SignatureRefused):
        entries_of_acceptance(acceptance, note, [members["rector-2"].key])
    with pytest.raises(BulletinRefused, match="nobody has signed"):
        entries_of_acceptance(acceptance, Note(text=acceptance.text, signatures=()), [])
