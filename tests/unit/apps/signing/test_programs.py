"""A program that signs: what it is given, what it must give back, and everything that it can do wrong."""

import shlex
import sys

import pytest

from escruta.apps.signing import KeyCard, KeyUnusable, SigningFailed, open_signer
from escruta.apps.signing.programs import ProgramSigner
from escruta.tlog.keys import KeyKind, SeedSigner

TEST_SEED = bytes(range(32))  # a key for tests
SIGNS = (
    "import sys; from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey as K; "
    "sys.stdout.buffer.write(K.from_private_bytes(bytes(range(32))).sign(sys.stdin.buffer.read()))"
)


@pytest.fixture
def key():
    return SeedSigner("example.com/log", KeyKind.ED25519, TEST_SEED).key


def command(script):
    return "command:" + shlex.join([sys.executable, "-c", script])


def test_a_program_signs(key):
    signer = open_signer(command(SIGNS), key=key)
    message = b"\0any bytes\n\xff" * 10_000
    assert key.is_signed(message, signer.sign(message))


def test_a_card_says_which_program(tmp_path, key):
    card = tmp_path / "log.vkey"
    card.write_text(str(KeyCard(key=key, signer=command(SIGNS))), encoding="utf-8")
    for reference in (str(card), str(tmp_path / "log")):
        assert key.is_signed(b"x", open_signer(reference).sign(b"x"))


def test_a_card_cannot_name_another_file(tmp_path, key):
    card = tmp_path / "log.vkey"
    card.write_text(str(KeyCard(key=key, signer="/etc/other.key")), encoding="utf-8")
    with pytest.raises(KeyUnusable, match="a signer that we do not know"):
        open_signer(str(card))


def test_a_program_without_a_card_is_refused():
    with pytest.raises(KeyUnusable, match="cannot tell which key"):
        open_signer("command:sign", name="example.com/log")


def test_a_signature_of_another_key_is_never_used():
    other = SeedSigner("example.com/log", KeyKind.ED25519, b"o" * 32).key
    with pytest.raises(SigningFailed, match="no signature of this key"):
        open_signer(command(SIGNS), key=other).sign(b"x")


@pytest.mark.parametrize(
    ("script", "what", "found"),
    [
        (
            "import sys; sys.exit('the token\\nis not there')",
            "ended with an error",
            "exit code 1; the token is not there",
        ),
        ("raise SystemExit(3)", "ended with an error", "exit code 3; nothing on standard error"),
        ("print('a signature')", "something else than a signature", "12 bytes"),
        ("", "something else than a signature", "0 bytes"),
        ("import sys; sys.stdout.buffer.write(bytes(64))", "no signature of this key", "64 bytes"),
    ],
)
def test_what_a_program_does_wrong_is_told(key, script, what, found):
    with pytest.raises(SigningFailed, match=what) as caught:
        open_signer(command(script), key=key).sign(b"x")
    assert caught.value.found == found


def test_a_program_that_does_not_end_is_ended(key):
    words = command("import time; time.sleep(60)").removeprefix("command:")
    with pytest.raises(SigningFailed, match="did not sign in time"):
        ProgramSigner(words, key, time_limit_s=0.2).sign(b"x")


def test_a_program_that_is_not_there_is_told(key):
    with pytest.raises(SigningFailed, match="cannot be started"):
        open_signer("command:no-such-program-anywhere", key=key).sign(b"x")


@pytest.mark.parametrize("words", ["command:", "command:sign 'half"])
def test_a_reference_that_names_no_program_is_refused(key, words):
    with pytest.raises(KeyUnusable):
        open_signer(words, key=key)


def test_no_shell_reads_the_words(tmp_path, key):
    with pytest.raises(SigningFailed):
        open_signer(f"command:{shlex.quote(sys.executable)} -c pass; touch {tmp_path / 'made'}", key=key).sign(b"x")
    assert not list(tmp_path.iterdir())
