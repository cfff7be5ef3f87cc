"""A payload is exactly what its grammar says, or it is refused with its reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escruta.sources.scans.payloads import HIGHEST_COUNT, SLOTS_2024, PayloadKind, Refusal, payload_of

STATION = "110601011.04.1.0001"
VOTES = ",".join(["0"] * 37 + ["12"])
BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

counts = st.integers(0, HIGHEST_COUNT)


def text(station=STATION, votes=VOTES, null="0", invalid="0"):
    return f"{station}!{votes}!{null}!{invalid}"


@given(st.lists(counts, min_size=SLOTS_2024, max_size=SLOTS_2024), counts, counts, st.integers(0, 999_999_999))
def test_what_is_written_in_the_grammar_is_read_as_it_was_written(votes, null, invalid, centre):
    station = f"{centre:09d}.01.1.0001"
    read = payload_of(text(station, ",".join(map(str, votes)), str(null), str(invalid)))
    assert read.kind is PayloadKind.TEXT_2024
    assert (read.station, read.votes, read.null, read.invalid) == (station, tuple(votes), null, invalid)


def test_a_payload_as_it_was_printed_in_2024_is_read():
    read = payload_of(
        "110601011.04.1.0001!122,1,0,0,4,2,0,0,2,1,0,1,2,1,0,0,0,5,0,2,0,0,0,0,0,0,0,0,1,0,0,0,0,8,22,406,0,1!0!0"
    )
    assert (sum(read.votes[:13]), read.votes[35], read.is_refused) == (135, 406, False)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("", Refusal.EMPTY),
        ("0" * 5000, Refusal.TOO_LONG),
        ("https://example.org/acta?x=1", Refusal.ADDRESS),
        ("HTTP://EXAMPLE.ORG", Refusal.ADDRESS),
        ("www.example.org", Refusal.ADDRESS),
        ("javascript:alert(1)", Refusal.ADDRESS),
        ("tel:+58123", Refusal.ADDRESS),
        ("hello", Refusal.UNKNOWN),
        (text(votes=VOTES + ",0"), Refusal.MALFORMED_TEXT),
        (text(votes=VOTES[2:]), Refusal.MALFORMED_TEXT),
        (text(votes="01" + VOTES[1:]), Refusal.MALFORMED_TEXT),
        (text(votes="10000" + VOTES[1:]), Refusal.MALFORMED_TEXT),
        (text(votes="-1" + VOTES[1:]), Refusal.MALFORMED_TEXT),
        (text(votes="+1" + VOTES[1:]), Refusal.MALFORMED_TEXT),
        (text(votes=" 1" + VOTES[1:]), Refusal.MALFORMED_TEXT),
        (text(null=""), Refusal.MALFORMED_TEXT),
        (text() + "!0", Refusal.MALFORMED_TEXT),
        (text() + "\n", Refusal.FOREIGN_CHARACTERS),
        (text() + "\0", Refusal.FOREIGN_CHARACTERS),
        ("\ufeff" + text(), Refusal.FOREIGN_CHARACTERS),
        (text(station=STATION[:-1]), Refusal.MALFORMED_TEXT),
        ("ESC1:", Refusal.MALFORMED_SEAL),
        ("ESC1:abc", Refusal.MALFORMED_SEAL),
        ("ESC1:ABCD", Refusal.MALFORMED_SEAL),
        ("ESC1::::", Refusal.MALFORMED_SEAL),
        ("esc1:ABC", Refusal.ADDRESS),
        ("ESC1:" + "000" * 500, Refusal.MALFORMED_SEAL),
    ],
)
def test_everything_else_is_refused_with_its_reason(given, reason):
    read = payload_of(given)
    assert (read.kind, read.refusal) == (PayloadKind.REFUSED, reason)
    assert (read.station, read.votes, read.null) == (None, (), None)
    assert read.found is not None
    assert len(read.found) <= 80
    assert read.found.isprintable()


@pytest.mark.parametrize("trick", ["\uff11", "\u0661", "\u200b", "\u202e", "\u00b2", "\u0660"])
def test_digits_of_other_scripts_and_marks_that_are_not_seen_are_refused(trick):
    for at in (0, 25, len(text()) - 1):
        read = payload_of(text()[:at] + trick + text()[at + 1 :])
        assert read.refusal is Refusal.FOREIGN_CHARACTERS


def test_the_shape_of_a_seal_is_base45():
    assert payload_of("ESC1:" + "BB8" * 40).kind is PayloadKind.SEAL
    assert payload_of("ESC1:QED8WEX0").kind is PayloadKind.SEAL


@given(st.text(max_size=200))
def test_no_text_is_a_payload_by_chance(given):
    assert payload_of(given).is_refused


@given(st.text(BASE45, min_size=1, max_size=60))
def test_a_text_in_the_seals_alphabet_is_a_seal_or_refused_as_one(body):
    read = payload_of("ESC1:" + body)
    assert read.kind is PayloadKind.SEAL or read.refusal is Refusal.MALFORMED_SEAL
