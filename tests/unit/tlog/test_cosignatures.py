"""Cosignatures come after the checkpoint: they are recorded, then shown, and nothing else of it changes."""

import pytest

from escruta.tlog.checkpoints import Checkpoint
from escruta.tlog.errors import LogConflict, SignatureRefused
from escruta.tlog.logs import Log
from escruta.tlog.notes import MOST_SIGNATURES, SignatureLine, parse_note
from escruta.tlog.sequencer import SqliteSequencer
from escruta.tlog.sequencing import extend_recorded
from escruta.tlog.signing import sign_checkpoint, sign_text
from escruta.tlog.trees import EMPTY_TREE

ORIGIN = "example.com/log"


@pytest.fixture
def open_log(tmp_path, log_signers):
    opened: list[SqliteSequencer] = []

    def open_again():
        for each in opened:
            each.close()
        opened[:] = [SqliteSequencer(tmp_path / "log.sqlite", ORIGIN)]
        return Log(tmp_path / "log", opened[0], log_signers, lambda: 7)

    yield open_again
    for each in opened:
        each.close()


def shown(tmp_path):
    return (tmp_path / "log" / "checkpoint").read_bytes()


def test_cosignatures_are_recorded_and_shown_and_survive_a_restart(open_log, tmp_path, witness_signers):
    log = open_log()
    log.append([b"a"])
    first = log.publish()
    keys = [signer.key for signer in witness_signers]
    lines = [sign_text(first.text, signer, time_s=8) for signer in witness_signers]
    note = log.add_cosignatures(lines[:1], keys)
    assert note.signatures == (*first.signatures, lines[0])
    assert log.add_cosignatures(lines, keys).signatures == (*first.signatures, *lines)
    whole = shown(tmp_path)
    assert parse_note(whole).signatures == (*first.signatures, *lines)
    assert log.add_cosignatures(lines, keys) == parse_note(whole)
    (tmp_path / "log" / "checkpoint").unlink()
    assert bytes(open_log().publish()) == whole == shown(tmp_path)


def test_a_witness_that_cosigns_again_has_its_later_line(open_log, witness_signers):
    log = open_log()
    text, signer = log.publish().text, witness_signers[0]
    early, late = (sign_text(text, signer, time_s=time_s) for time_s in (300, 70_000))
    log.add_cosignatures([early], [signer.key])
    assert log.add_cosignatures([late], [signer.key]).signatures[-1] == late
    note = log.add_cosignatures([early], [signer.key])
    assert note.signatures[-1] == late
    assert len(note.signatures) == 3


def test_a_line_of_the_log_never_changes(log_signers):
    note = sign_checkpoint(Checkpoint(origin=ORIGIN, head=EMPTY_TREE), log_signers, time_s=5)
    later = sign_text(note.text, log_signers[1], time_s=6)
    assert extend_recorded(bytes(note), [later]) == bytes(note)


@pytest.mark.parametrize("of", ["another text", "nobody we know"])
def test_a_line_that_is_not_of_this_checkpoint_is_refused(open_log, tmp_path, witness_signers, of):
    log = open_log()
    text = log.publish().text
    before = shown(tmp_path)
    other = Checkpoint(origin="example.com/other", head=EMPTY_TREE).text
    line = sign_text(other if of == "another text" else text, witness_signers[0], time_s=8)
    keys = [witness_signers[0 if of == "another text" else 1].key]
    with pytest.raises(SignatureRefused):
        log.add_cosignatures([line], keys)
    assert shown(tmp_path) == before


def test_nothing_can_be_cosigned_before_it_was_recorded(open_log, tmp_path):
    with pytest.raises(LogConflict, match="nothing was published"):
        open_log().add_cosignatures([], [])
    sequencer = SqliteSequencer(tmp_path / "log.sqlite", ORIGIN)
    with pytest.raises(LogConflict, match="no head of 3 was recorded"):
        sequencer.extend_note(3, [])
    sequencer.close()


def test_a_note_keeps_a_number_of_lines_that_it_may_have(log_signers):
    note = sign_checkpoint(Checkpoint(origin=ORIGIN, head=EMPTY_TREE), log_signers, time_s=5)
    lines = [SignatureLine(name=f"w{at}", key_id=b"1234", signature=bytes(72)) for at in range(MOST_SIGNATURES - 1)]
    assert len(parse_note(extend_recorded(bytes(note), lines[1:])).signatures) == MOST_SIGNATURES
    with pytest.raises(LogConflict, match="more than the 100"):
        extend_recorded(bytes(note), lines)
