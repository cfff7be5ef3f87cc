"""What must hold of every seal: one text for each sheet, and nothing that was changed or is foreign goes through."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import cbor2
import pytest
import segno
from hypothesis import assume, example, given
from hypothesis import strategies as st
from tests.unit.sheets.seal.seal_vectors import FORMS, PRINTED, VECTORS, key_list, plain_sheet, signer

from escruta.base.errors import InputError
from escruta.election.definition import Act
from escruta.sheets.figures import Mark
from escruta.sheets.seal import (
    KeyListMalformed,
    Revocation,
    RevocationReason,
    SealedSheet,
    SealMalformed,
    SealStatus,
    SheetKind,
    SheetRefused,
    check_seal,
    code_of,
    read_seal,
    seal_from,
    seal_sheet,
    text_of,
)
from escruta.sheets.seal.base45 import ALPHABET, from_base45, to_base45
from escruta.sheets.seal.cbor import from_cbor, to_cbor
from escruta.sheets.seal.key_list_text import content_of, head_of, parse_head, parse_list, split_list

LIST = key_list()
RAW = seal_sheet(plain_sheet(), signer())
TEXT = text_of(RAW)
FIGURES = st.one_of(st.integers(0, 30), st.integers(0, 10_000_000_000), st.sampled_from(Mark))
STATIONS = st.one_of(st.from_regex(r"[0-9][0-9.\-/:]{0,20}", fullmatch=True), st.text(min_size=1, max_size=12))
MOST_SECONDS = 2.0
"""Many times what the longest text takes here, so that only a wait that grows fails."""


@st.composite
def sheets(draw: st.DrawFn) -> SealedSheet:
    try:
        return SealedSheet(
            form_id=draw(st.binary(min_size=8, max_size=8)),
            station=draw(STATIONS),
            figures=tuple(draw(st.lists(FIGURES, min_size=1, max_size=60))),
            printed_at=datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=draw(st.integers(0, (1 << 32) - 1))),
            copy=draw(st.integers(1, 65_535)),
            recipient=draw(st.none() | st.integers(1, 65_535)),
            act=draw(st.sampled_from(Act)),
            kind=draw(st.sampled_from(SheetKind)),
        )
    except SheetRefused:
        assume(False)
        raise


@given(sheet=sheets())
def test_every_sheet_comes_back_from_its_one_text(sheet):
    text = text_of(seal_sheet(sheet, signer()))
    seal = read_seal(text)
    assert (seal.sheet, seal.text) == (sheet, text)
    assert seal.is_signed_by(signer().public_key)
    assert set(text) <= set(ALPHABET)


@pytest.mark.parametrize("at", range(len(RAW)))
def test_no_flipped_bit_goes_through(at):
    for bit in range(8):
        changed = bytearray(RAW)
        changed[at] ^= 1 << bit
        assert not is_good(text_of(bytes(changed))), (at, bit)


def is_good(text: str) -> bool:
    try:
        return check_seal(read_seal(text), LIST).status in (SealStatus.VALID, SealStatus.UNDECIDED)
    except SealMalformed:
        return False


@given(sheet=sheets(), bit=st.integers(0))
def test_no_flipped_bit_of_any_seal_is_signed(sheet, bit):
    raw = seal_sheet(sheet, signer())
    place = bit % (8 * len(raw))
    changed = bytearray(raw)
    changed[place // 8] ^= 1 << (place % 8)
    try:
        seal = seal_from(bytes(changed))
    except SealMalformed:
        return
    assert seal.kid != signer().kid or not seal.is_signed_by(signer().public_key)


@given(at=st.integers(0, len(TEXT) - 1), letter=st.sampled_from(ALPHABET) | st.characters())
def test_no_changed_letter_goes_through(at, letter):
    assume(letter != TEXT[at])
    assert not is_good(TEXT[:at] + letter + TEXT[at + 1 :])


@given(start=st.integers(0, len(TEXT)), size=st.integers(1, 40), put=st.text(alphabet=ALPHABET, max_size=40))
def test_no_text_with_a_part_exchanged_goes_through(start, size, put):
    changed = TEXT[:start] + put + TEXT[start + size :]
    assume(changed != TEXT)
    assert not is_good(changed)


@given(text=st.text() | st.text(alphabet=ALPHABET).map(lambda text: f"ESC1:{text}"))
@example(text="ESC1:" + "Z" * 1_000_000)
@example(text="\ud800")
def test_whatever_text_is_read_only_our_own_errors_come_and_soon(text):
    began = time.process_time()
    with pytest.raises(SealMalformed):
        read_seal(text)
    assert time.process_time() - began < MOST_SECONDS


@given(raw=st.binary(max_size=300) | st.binary(max_size=300).map(lambda raw: b"\xd2\x84" + raw))
@example(raw=b"\xd2" + b"\x81" * 1_599)
@example(raw=b"\xd2" + b"\xbb" + b"\xff" * 8)
@example(raw=b"\xd2\x84\x5b" + b"\x7f" * 8)
def test_whatever_bytes_are_read_only_our_own_errors_come_and_soon(raw):
    began = time.process_time()
    with pytest.raises(SealMalformed):
        seal_from(raw)
    assert time.process_time() - began < MOST_SECONDS


PLAIN = st.integers(-(1 << 64), (1 << 64) - 1) | st.binary(max_size=30) | st.text(max_size=30)
NESTED = PLAIN | st.lists(PLAIN, max_size=5) | st.dictionaries(st.integers(-24, 23), PLAIN, max_size=5)
VALUES = NESTED | st.lists(NESTED, max_size=5) | st.dictionaries(st.integers(0, 300), NESTED, max_size=5)


@given(payload=VALUES.map(lambda value: cbor2.dumps(value, canonical=True)) | st.binary(max_size=60))
def test_a_signed_payload_is_a_sheet_or_refused(payload):
    kid = signer().kid
    protected = cbor2.dumps({1: -8, 4: kid}, canonical=True)
    signature = signer().sign(cbor2.dumps(["Signature1", protected, b"", payload]))
    whole = cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, signature]))
    with pytest.raises(SealMalformed):
        seal_from(whole)


@given(document=st.dictionaries(st.integers(0, 10), VALUES, max_size=10))
def test_a_signed_map_like_a_sheet_is_one_or_refused(document):
    good = cbor2.loads(bytes.fromhex(VECTORS["good"]["plain"]["payload"]))
    payload = cbor2.dumps(good | document, canonical=True)
    protected = cbor2.dumps({1: -8, 4: signer().kid}, canonical=True)
    signature = signer().sign(cbor2.dumps(["Signature1", protected, b"", payload]))
    whole = cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, signature]))
    try:
        assert seal_from(whole).raw == whole
    except SealMalformed:
        return


@given(value=VALUES)
def test_our_cbor_is_that_of_the_library(value):
    raw = cbor2.dumps(value, canonical=True)
    assert to_cbor(value) == raw
    assert from_cbor(raw) == value


@given(raw=st.binary(max_size=40))
def test_what_our_reader_takes_is_what_the_library_would_write(raw):
    try:
        value = from_cbor(raw)
    except SealMalformed:
        return
    assert cbor2.loads(raw) == value


@given(raw=st.binary(max_size=200))
def test_base45_comes_back_and_is_no_other_text(raw):
    text = to_base45(raw)
    assert from_base45(text) == raw
    assert not text.endswith(" ")


@given(text=st.text(alphabet=ALPHABET, max_size=60))
def test_every_base45_text_is_the_one_of_its_bytes(text):
    try:
        raw = from_base45(text)
    except SealMalformed:
        return
    assert to_base45(raw) == text


# --- lists ------------------------------------------------------------------------------------------------------------


def test_a_list_comes_back_from_its_text():
    head, content = head_of(LIST), content_of(LIST).encode("utf-8")
    assert parse_list(parse_head(head.text), content) == LIST
    note = head.text.encode() + b"\n" + "— board 0123\n".encode()
    assert split_list(note + b"\n" + content) == (note, content)


CONTENT = content_of(LIST).encode("utf-8")


@given(start=st.integers(0, len(CONTENT)), size=st.integers(0, 80), put=st.binary(max_size=80))
def test_a_changed_list_is_refused_with_our_own_error_even_when_it_is_signed(start, size, put):
    changed = CONTENT[:start] + put + CONTENT[start + size :]
    assume(changed != CONTENT)
    with pytest.raises(KeyListMalformed, match="not the one that was signed"):
        parse_list(head_of(LIST), changed)
    head = replace(head_of(LIST), content_sha256=sha256(changed).hexdigest())
    try:
        again = parse_list(head, changed)
    except KeyListMalformed:
        return
    assert content_of(again).encode("utf-8") == changed


@given(raw=st.binary(max_size=200) | st.binary(max_size=100).map(lambda raw: raw + b"\n\n" + raw + b"\n\n" + raw))
def test_whatever_file_is_read_as_a_list_only_our_own_errors_come(raw):
    with pytest.raises(InputError):
        parse_head(split_list(raw)[0].decode("utf-8", "replace"))


@given(seconds=st.integers(-100_000, 100_000), reason=st.sampled_from(["lost", "stolen", "replaced", "closed"]))
def test_a_revoked_key_seals_nothing_from_its_time_on(seconds, reason):
    at = PRINTED + timedelta(seconds=seconds)
    revoked = Revocation(kid=signer().kid, at=at, reason=RevocationReason(reason))
    finding = check_seal(read_seal(TEXT), key_list(revocations=(revoked,)))
    if seconds <= 0:
        assert finding.status is SealStatus.REVOKED
    else:
        assert finding.status is (SealStatus.UNDECIDED if reason == "stolen" else SealStatus.VALID)
        seen = check_seal(read_seal(TEXT), key_list(revocations=(revoked,)), at - timedelta(seconds=1))
        assert seen.status is SealStatus.VALID


def test_a_code_is_the_one_that_segno_draws():
    drawn = segno.make_qr(TEXT, error="Q", boost_error=False)
    assert drawn.mode == "alphanumeric"
    assert code_of(TEXT) == tuple(tuple(bool(module) for module in row) for row in drawn.matrix)


def test_forms_tell_apart_what_stands_in_another_order():
    form = FORMS["options"]
    turned = type(form)(election=form.election, contest=form.contest, figures=form.figures[::-1])
    assert form.id != turned.id
