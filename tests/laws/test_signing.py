"""Whatever stands in a card, a URI of a token or a board file: it is read, or refused with a reason."""

from hypothesis import example, given
from hypothesis import strategies as st

from escruta.apps.board import parse_board
from escruta.apps.signing.cards import KeyCard, parse_card
from escruta.apps.signing.passphrases import passphrase_from
from escruta.apps.signing.token_uris import parse_token_uri
from escruta.base.errors import InputError
from escruta.tlog.keys import KeyKind, SeedSigner

KEY = SeedSigner("example.com/log", KeyKind.ED25519, bytes(32)).key
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=40).filter(str.strip)


@given(st.none() | WORDS, st.none() | WORDS, st.none() | WORDS)
def test_a_card_is_read_as_it_was_written(owner, valid_for, signer):
    card = KeyCard(key=KEY, owner=owner, valid_for=valid_for, signer=signer)
    assert parse_card(str(card).encode()) == card


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: f"{KEY}\n{text}".encode()))
@example(b"")
@example(b"x" * 20_000)
def test_whatever_is_no_card_is_refused_with_a_reason(raw):
    try:
        card = parse_card(raw)
    except InputError as error:
        assert error.what  # noqa: PT017 - most draws are refused, some are not
    else:
        assert parse_card(str(card).encode()) == card


PIECES = "token=a object=b id=%01 slot-id=3 ? & ; module-path=/l.so pin-source=/p % = é".split()


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=10).map("".join))
def test_whatever_is_no_uri_of_a_key_is_refused_with_a_reason(text):
    try:
        found = parse_token_uri("pkcs11:" + text)
    except InputError as error:
        assert error.what  # noqa: PT017
    else:
        assert found.token or found.slot_id is not None
        assert found.label or found.object_id is not None


@given(st.lists(st.sampled_from([f"witness a {KEY}", "group g 1 a", "quorum g", "quorum none", "# x", ""]), max_size=6))
def test_whatever_is_no_board_is_refused_with_a_reason(lines):
    try:
        board = parse_board("".join(f"{line}\n" for line in lines).encode())
    except InputError as error:
        assert error.what  # noqa: PT017
    else:
        assert board.members
        assert not board.is_met_by([])


@given(st.text(max_size=20).filter(lambda text: not text.startswith(("env:", "file:", "credential:", "prompt"))))
def test_what_is_no_source_of_a_passphrase_is_refused_and_not_shown(text):
    try:
        passphrase_from(text)
    except InputError as error:
        assert error.found is None  # noqa: PT017
    else:
        raise AssertionError(text)
