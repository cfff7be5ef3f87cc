"""Laws of bulletins, dissents and acceptances: what is written is read back, all else is refused with a reason."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from escruta.apps.board.entries import read_entry, write_entries
from escruta.base.errors import InputError
from escruta.record.bulletins import (
    LONGEST_TEXT,
    Bulletin,
    Dissent,
    acceptance_of,
    parse_acceptance,
    parse_bulletin,
    parse_dissent,
)
from escruta.record.entries import LONGEST
from escruta.tlog.checkpoints import Checkpoint
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.notes import Note, parse_note
from escruta.tlog.signing import sign_note
from escruta.tlog.trees import TreeHead

IDS = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,63}", fullmatch=True)
COUNTS = st.none() | st.integers(0, 2**63 - 1)
DIGESTS = st.binary(min_size=32, max_size=32).map(bytes.hex)
NUMBERS = st.integers(1, 999_999)
WORDS = (
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.just("\n"), max_size=300)
    .map(lambda text: text + "\n")
    .filter(lambda text: text.strip() and len(text.encode()) <= LONGEST_TEXT)
)
BULLETINS = st.builds(
    Bulletin,
    election=IDS,
    contest=IDS,
    number=NUMBERS,
    time=st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
        lambda moment: moment.replace(microsecond=0)
    ),
    policy=IDS | st.builds("{}:{}".format, IDS, IDS),
    stations=st.tuples(COUNTS, COUNTS, COUNTS),
    votes=st.dictionaries(IDS, COUNTS, min_size=1, max_size=5).map(lambda votes: tuple(votes.items())),
    figures=st.tuples(COUNTS, COUNTS, COUNTS, COUNTS),
    checkpoint=st.builds(
        Checkpoint,
        origin=st.from_regex(r"[a-z.]{1,20}/[a-z]{1,20}", fullmatch=True),
        head=st.builds(TreeHead, size=st.integers(1, 2**63 - 1), root=st.binary(min_size=32, max_size=32)),
    ),
    summary_sha256=DIGESTS,
)
DISSENTS = st.builds(Dissent, election=IDS, contest=IDS, number=NUMBERS, bulletin_sha256=DIGESTS, words=WORDS)
SIGNERS = [SeedSigner(f"member-{n}.example", KeyKind.ED25519, bytes([n]) * 32) for n in range(1, 31)]


@given(BULLETINS)
def test_what_is_written_of_a_bulletin_is_read_back(bulletin):
    assert parse_bulletin(bulletin.text) == bulletin


@given(DISSENTS)
def test_what_is_written_of_a_dissent_is_read_back_through_a_signed_note(dissent):
    assert parse_dissent(dissent.text) == dissent
    note = parse_note(bytes(sign_note(dissent.text, SIGNERS[:1], time_s=0)))
    assert parse_dissent(note.text) == dissent


@given(IDS, DIGESTS, WORDS)
def test_what_is_written_of_an_acceptance_is_read_back_through_a_signed_note(election, digest, pact):
    acceptance = acceptance_of(election, digest, pact)
    assert parse_acceptance(parse_note(bytes(sign_note(acceptance.text, SIGNERS[:1], time_s=0))).text) == acceptance


def _parsed(parse, text):
    try:
        return parse(text).text
    except InputError as error:
        assert error.what  # noqa: PT017 - most draws are refused, some are not
        return None


@given(BULLETINS, st.data())
def test_a_changed_bulletin_is_refused_or_says_something_else(bulletin, data):
    at = data.draw(st.integers(0, len(bulletin.text) - 1))
    put = data.draw(st.text(alphabet="abz019\n :-+/=Z é\u0661", max_size=3))
    text = bulletin.text[:at] + put + bulletin.text[at + data.draw(st.integers(0, 3)) :]
    assert _parsed(parse_bulletin, text) in (None, text)


@given(st.text(max_size=300) | st.from_regex(r"escruta/(bulletin|dissent|acceptance)/v1\n(.|\n)*"))
def test_whatever_is_none_of_ours_is_refused_with_a_reason(text):
    for parse in (parse_bulletin, parse_dissent, parse_acceptance):
        assert _parsed(parse, text) in (None, text)


@given(BULLETINS, st.integers(1, 30), st.booleans())
def test_entries_are_short_and_hold_every_line_once(bulletin, count, is_without):
    note = sign_note(bulletin.text, SIGNERS[:count], time_s=0)
    raws = list(write_entries("bulletin", note, is_without_quorum=is_without))
    found = [read_entry(raw) for raw in raws]
    assert all(len(raw) <= LONGEST for raw in raws)
    assert all(each.note.text == bulletin.text and each.is_without_quorum == is_without for each in found)
    assert tuple(line for each in found for line in each.note.signatures) == note.signatures


@given(st.binary(max_size=200) | st.from_regex(rb'\{"kind":"(bulletin|acceptance)","note":"[a-z\\n"{]*"\}'))
def test_whatever_is_no_entry_of_ours_is_passed_over_or_refused_with_a_reason(raw):
    try:
        found = read_entry(raw)
    except InputError as error:
        assert error.what  # noqa: PT017
    else:
        assert found is None or isinstance(found.note, Note)
