import base64
import io
import os
import shutil
import stat
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from escruta.apps.signing import KIND_NAMES, KeyUnusable, card_of, new_key, open_signer, passphrase_from
from escruta.apps.signing.encrypting import ROUNDS, encrypted_pem
from escruta.base.errors import OutputRefused
from escruta.tlog.errors import KeyMalformed
from escruta.tlog.keys import KeyKind

WORDS = b"five words drawn by dice"


def plain(folder, kind=KeyKind.ED25519, name="example.com/log"):
    path = folder / f"{kind.name}.key"
    return path, new_key(path, name, kind, None)


@pytest.mark.parametrize("kind", KIND_NAMES.values())
def test_a_new_key_signs_in_its_name_and_nobody_else_can_read_it(tmp_path, kind):
    key = new_key(tmp_path / "a.key", "example.com/log", kind, WORDS, owner="The Board", valid_for="the log")
    signer = open_signer(str(tmp_path / "a.key"), passphrase=lambda _what: WORDS)
    assert signer.key == key
    assert key.is_signed(b"text", signer.sign(b"text"))
    assert stat.S_IMODE((tmp_path / "a.key").stat().st_mode) == 0o600
    card = card_of(str(tmp_path / "a.key"))
    assert (card.key, card.owner, card.valid_for) == (key, "The Board", "the log")
    assert (tmp_path / "a.key.vkey").read_text(encoding="utf-8").splitlines()[0] == str(key)


def test_the_passphrase_stands_nowhere_and_another_one_does_not_open_the_key(tmp_path):
    new_key(tmp_path / "a.key", "a", KeyKind.ED25519, WORDS)
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in (tmp_path / "a.key").read_bytes()
    with pytest.raises(KeyUnusable, match="the passphrase does not open this key"):
        open_signer(str(tmp_path / "a.key"), passphrase=lambda _what: b"other words drawn by dice")
    with pytest.raises(KeyUnusable, match="no passphrase was given") as caught:
        open_signer(str(tmp_path / "a.key"))
    assert "--passphrase" in str(caught.value)


def test_trying_a_passphrase_costs_as_many_rounds_as_we_say():
    assert ROUNDS >= 600_000
    private = Ed25519PrivateKey.from_private_bytes(bytes(32))
    assert (600_000).to_bytes(3, "big") in pem_bytes(encrypted_pem(private, WORDS))
    for rounds in (1, 127, 128, 255, 32_768):  # the length and the sign of a DER integer
        again = load_pem_private_key(encrypted_pem(private, WORDS, rounds=rounds), WORDS)
        assert isinstance(again, Ed25519PrivateKey)
        assert again.private_bytes_raw() == bytes(32)


def pem_bytes(pem):
    return base64.b64decode(b"".join(pem.splitlines()[1:-1]))


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl on this machine")
def test_openssl_opens_the_same_file(tmp_path):
    key = new_key(tmp_path / "a.key", "a", KeyKind.ED25519, WORDS)
    arguments = ["openssl", "pkey", "-in", tmp_path / "a.key", "-passin", "stdin", "-pubout", "-outform", "DER"]
    done = subprocess.run(arguments, input=WORDS + b"\n", capture_output=True, check=True)  # noqa: S603
    assert done.stdout.endswith(key.public_key)


@pytest.mark.parametrize("taken", ["a.key", "a.key.vkey"])
def test_nothing_is_ever_written_over(tmp_path, taken):
    (tmp_path / taken).write_bytes(b"mine")
    with pytest.raises(OutputRefused):
        new_key(tmp_path / "a.key", "a", KeyKind.ED25519, None)
    assert (tmp_path / taken).read_bytes() == b"mine"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("words", [b"", b"short", b"            ", b"elf letters"])
def test_a_short_passphrase_is_refused(tmp_path, words):
    with pytest.raises(KeyUnusable, match="too short"):
        new_key(tmp_path / "a.key", "a", KeyKind.ED25519, words)
    assert not list(tmp_path.iterdir())


def test_a_name_that_no_key_can_have_is_refused(tmp_path):
    with pytest.raises(KeyMalformed):
        new_key(tmp_path / "a.key", "a b", KeyKind.ED25519, None)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
def test_a_key_that_others_can_read_is_refused_and_told_how_to_mend(tmp_path, mode):
    path, _ = plain(tmp_path)
    path.chmod(mode)
    with pytest.raises(KeyUnusable, match="others on this machine") as caught:
        open_signer(str(path))
    assert caught.value.found == f"mode {mode:04o}"
    assert f"chmod 600 {path}" in str(caught.value)
    path.chmod(0o400)
    assert open_signer(str(path)).sign(b"x")


def test_a_key_given_by_systemd_is_not_judged_by_its_mode(tmp_path, monkeypatch):
    path, _ = plain(tmp_path)
    path.chmod(0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert open_signer(str(path)).sign(b"x")


def test_a_card_of_another_key_is_noticed(tmp_path):
    path, _ = plain(tmp_path)
    _, other = plain(tmp_path, KeyKind.ED25519_COSIGNATURE)
    (tmp_path / f"{path.name}.vkey").write_text(f"{other}\n", encoding="utf-8")
    with pytest.raises(KeyUnusable, match="not the one on its card"):
        open_signer(str(path))


def test_another_name_or_kind_than_was_asked_for_is_refused(tmp_path):
    path, _ = plain(tmp_path)
    with pytest.raises(KeyUnusable, match="another key than was asked for"):
        open_signer(str(path), name="example.com/other")
    with pytest.raises(KeyUnusable, match="another key than was asked for"):
        open_signer(str(path), kind=KeyKind.ED25519_COSIGNATURE)


def test_a_key_without_its_card_signs_in_the_name_that_is_given(tmp_path):
    path, key = plain(tmp_path)
    path.with_name(f"{path.name}.vkey").unlink()
    with pytest.raises(KeyUnusable, match="in whose name"):
        open_signer(str(path))
    assert open_signer(f"file:{path}", name="example.com/log").key == key
    assert open_signer(str(path), name="a", kind=KeyKind.ED25519_COSIGNATURE).key.kind is KeyKind.ED25519_COSIGNATURE
    with pytest.raises(KeyUnusable, match="another kind"):
        open_signer(str(path), name="a", kind=KeyKind.MLDSA44_COSIGNATURE)


def test_the_card_names_the_key_file_too(tmp_path):
    path, key = plain(tmp_path)
    assert open_signer(f"{path}.vkey").key == key


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "no private key"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "no private key"),
        (b"x" * 70_000, "too long"),
        (None, "cannot be read"),
        ("ec", "cannot sign notes"),
    ],
)
def test_what_is_no_key_is_told(tmp_path, content, what):
    path = tmp_path / "a.key"
    if content == "ec":
        content = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    if content is not None:
        path.write_bytes(content)
        path.chmod(0o600)
    with pytest.raises(KeyUnusable, match=what):
        open_signer(str(path), name="a")


def test_a_folder_and_a_pipe_are_no_keys(tmp_path):
    with pytest.raises(KeyUnusable):
        open_signer(str(tmp_path), name="a")
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(KeyUnusable, match="no file"):
        open_signer(str(tmp_path / "pipe"), name="a")


def test_a_signer_never_shows_its_secret(tmp_path):
    path, _ = plain(tmp_path)
    assert repr(open_signer(str(path))) == "<VerifiedSigner example.com/log ED25519>"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("no key\n", "no verifier key"),
        ("{key}\nowner A\nowner B\n", "no such line"),
        ("{key}\nowner\n", "no such line"),
        ("{key}\nsecret A\n", "no such line"),
        ("{key}\n\n", "no such line"),
    ],
)
def test_a_card_that_is_none_is_refused(tmp_path, text, what):
    path, key = plain(tmp_path)
    card = path.with_name(f"{path.name}.vkey")
    card.write_text(text.format(key=key), encoding="utf-8")
    with pytest.raises(KeyMalformed, match=what):
        card_of(str(card))


@pytest.mark.parametrize("words", ["", " ", "two\nlines", "tab\t"])
def test_words_that_do_not_stay_on_their_line_are_refused(tmp_path, words):
    with pytest.raises(KeyUnusable, match="cannot stand on a card"):
        new_key(tmp_path / "a.key", "a", KeyKind.ED25519, None, owner=words)
    assert not list(tmp_path.iterdir())


def test_a_verifier_key_is_its_own_card_and_a_missing_card_is_told(tmp_path):
    _, key = plain(tmp_path)
    assert card_of(str(key)).key == key
    with pytest.raises(KeyUnusable, match="no card of this key"):
        card_of(str(tmp_path / "none.key"))


def test_passphrases_come_from_where_they_are_said_to_be(tmp_path, monkeypatch):
    secret = tmp_path / "secret"
    secret.write_bytes(WORDS + b"\r\nsecond line\n")
    secret.chmod(0o600)
    monkeypatch.setenv("A_PASSPHRASE", WORDS.decode())
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    for source in ("env:A_PASSPHRASE", f"file:{secret}", "credential:secret"):
        assert passphrase_from(source)("a") == WORDS


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("five words", "no such source"),
        ("env:", "no such source"),
        ("env:NOT_SET_ANYWHERE", "not set"),
        ("file:not-there", "cannot be read"),
        ("credential:a", "no credentials"),
        ("prompt", "no terminal"),
        ("env:EMPTY", "empty or too long"),
    ],
)
def test_a_passphrase_that_is_not_there_is_told(monkeypatch, source, what):
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.setenv("EMPTY", "")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(KeyUnusable, match=what):
        passphrase_from(source)("a.key")


def test_a_mistyped_source_does_not_show_what_may_be_the_passphrase_itself():
    for mistyped in ("my words", "my: words"):
        with pytest.raises(KeyUnusable) as caught:
            passphrase_from(mistyped)
        assert "my" not in str(caught.value)


def test_a_credential_cannot_name_a_file_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    with pytest.raises(KeyUnusable, match="no name of a credential"):
        passphrase_from("credential:../secret")("a")
