"""Whatever a log witness is sent, it answers with one of its status codes and a reason, and forgets nothing."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.laws.test_tlog_parsers import LOG, NOTE, WITNESS, damaged, is_explained, refusal_or
from tests.unit.tlog.quick_disk import QuickDisk

from escruta.tlog.submissions import MOST_HASHES, Submission, parse_submission
from escruta.tlog.witness_state import WitnessState, origin_hash
from escruta.tlog.witnessing import LogWitness, Status

WHOLE = Submission(old_size=1, proof=(bytes(32), b"h" * 32), note=NOTE)
FIRST = Submission(old_size=0, proof=(), note=NOTE)


@given(raw=damaged(bytes(WHOLE)) | st.binary(max_size=200))
def test_a_request_is_read_or_refused(raw):
    read = refusal_or(lambda: parse_submission(raw))
    assert is_explained(read) or bytes(read) == raw


@given(
    old=st.integers(0, 2**63 - 1), proof=st.lists(st.binary(min_size=32, max_size=32), max_size=MOST_HASHES).map(tuple)
)
def test_a_request_is_read_as_it_was_written(old, proof):
    written = Submission(old_size=old, proof=proof, note=NOTE)
    assert parse_submission(bytes(written)) == written


@pytest.fixture(scope="module")
def witness():
    with tempfile.TemporaryDirectory() as folder:
        state = WitnessState(Path(folder), QuickDisk())
        yield LogWitness(state, [WITNESS], {LOG.key.name: [LOG.key]}, lambda: 7)


@given(raw=damaged(bytes(WHOLE)) | damaged(bytes(FIRST)) | st.binary(max_size=200))
def test_a_witness_answers_whatever_it_is_sent(witness, raw):
    answer = witness.add_checkpoint(raw)
    assert answer.status in Status
    assert answer.body.endswith("\n")
    assert len(answer.body) < 1000
    if answer.status == Status.COSIGNED:  # damage may have hit a line of a key that it does not know
        assert parse_submission(raw).note.text == NOTE.text
        assert witness.monitored(origin_hash(LOG.key.name)) is not None
