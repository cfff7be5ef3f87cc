import pickle

import pytest

from escruta.tlog.errors import KeyMalformed
from escruta.tlog.keys import KeyKind, SeedSigner, VerifierKey, parse_verifier_key

# The example of the Go checksum database's notes, which many implementations test themselves with.
NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"


def test_a_key_is_written_as_it_was_read():
    assert str(parse_verifier_key(NEUMANN)) == NEUMANN


@pytest.mark.parametrize("kind", KeyKind)
def test_every_kind_signs_and_is_read_back(kind):
    signer = SeedSigner("example.com/a-b", kind, b"s" * 32)
    key = parse_verifier_key(str(signer.key))
    assert key == signer.key
    assert key.is_signed(b"text", signer.sign(b"text"))
    assert not key.is_signed(b"texts", signer.sign(b"text"))


def test_one_secret_has_another_id_for_each_kind_and_name():
    ids = {SeedSigner(name, kind, b"s" * 32).key.key_id for name in ("a", "b") for kind in KeyKind}
    assert len(ids) == 6


def test_bytes_that_are_no_point_sign_nothing():
    key = VerifierKey(name="a", kind=KeyKind.ED25519, public_key=b"\xff" * 32)
    assert not key.is_signed(b"", bytes(64))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "no verifier key"),
        ("name+00000000", "no verifier key"),
        ("+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "name of a key"),
        ("Peter Neumann" + NEUMANN[12:], "name of a key"),
        ("Peter\u2003Neumann" + NEUMANN[12:], "name of a key"),
        ("x" * 256 + NEUMANN[12:], "name of a key"),
        ("PeterNeumann+c74f20a4" + NEUMANN[21:], "id is not that"),
        ("PeterNeumann+C74F20A3" + NEUMANN[21:], "id is not that"),
        (NEUMANN[:-1], "Base64"),
        (NEUMANN + "=", "Base64"),
        ("a+00000000+", "Base64"),
        ("a+00000000+AAAA", "do not know"),
        ("a+00000000+AQAA", "wrong length"),
    ],
)
def test_what_is_no_key_is_refused_and_says_why(text, what):
    with pytest.raises(KeyMalformed, match=what):
        parse_verifier_key(text)


def test_a_signer_never_shows_its_secret():
    assert repr(SeedSigner("example.com", KeyKind.ED25519, b"s" * 32)) == "<SeedSigner example.com ED25519>"


def test_an_error_crosses_a_process_whole():
    with pytest.raises(KeyMalformed) as caught:
        parse_verifier_key("x", where="keys.txt")
    copied = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own bytes
    assert (str(copied), copied.evidence()) == (str(caught.value), caught.value.evidence())
