"""A real token in software (SoftHSM), with a key that nobody can take out of it."""

import builtins
import subprocess
import sys
from typing import Any
from urllib.parse import quote

import pytest

from escruta.apps.signing import KeyCard, KeyUnusable, card_of, open_signer
from escruta.apps.signing.adopting import adopt_key
from escruta.apps.signing.opening import VerifiedSigner
from escruta.apps.signing.token_uris import parse_token_uri
from escruta.apps.signing.tokens import TokenSigner, make_token_key
from escruta.base.errors import OutputRefused
from escruta.tlog.keys import KeyKind, SeedSigner

PIN = b"1234567"  # of a token that lives as long as the tests


def pin(_what):
    return PIN


@pytest.fixture(scope="module")
def token(softhsm, tmp_path_factory):
    """The URI of a key in a new token, without the library's part."""
    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(configuration))
        make = ["softhsm2-util", "--init-token", "--free", "--label", "The Board", "--pin", PIN.decode()]
        subprocess.run([*make, "--so-pin", "7654321"], check=True, capture_output=True)  # noqa: S603
        uri = f"pkcs11:token=The%20Board;object=log?module-path={quote(softhsm)}"
        make_token_key(uri, pin)
        yield uri


def test_a_key_in_a_token_signs_and_the_token_keeps_it(token):
    signer = open_signer(token, name="example.com/log", passphrase=pin)
    assert signer.key.kind is KeyKind.ED25519
    for message in (b"", b"text", bytes(100_000)):
        assert signer.key.is_signed(message, signer.sign(message))
    from pkcs11 import Attribute  # noqa: PLC0415 - an extra

    assert isinstance(signer, VerifiedSigner)
    assert isinstance(signer._signer, TokenSigner)
    private: Any = signer._signer._private
    assert private[Attribute.EXTRACTABLE] is False
    assert private[Attribute.SENSITIVE] is True


def test_two_signers_of_one_token_do_not_stand_in_each_others_way(token):
    log = open_signer(token, name="example.com/log", passphrase=pin)
    witness = open_signer(token, name="a.example/w", kind=KeyKind.ED25519_COSIGNATURE, passphrase=pin)
    assert log.key.public_key == witness.key.public_key
    assert log.key.key_id != witness.key.key_id
    assert log.sign(b"x") == witness.sign(b"x")


def test_its_card_is_written_once_it_has_signed(token, tmp_path):
    path = tmp_path / "log"
    key = adopt_key(path, "example.com/log", KeyKind.ED25519, token, pin, owner="The Board")
    assert card_of(str(path)) == KeyCard(key=key, owner="The Board", signer=token)
    assert key.is_signed(b"x", open_signer(str(path), passphrase=pin).sign(b"x"))
    with pytest.raises(OutputRefused):
        adopt_key(path, "example.com/log", KeyKind.ED25519, token, pin)


def test_a_card_of_another_key_is_noticed(token):
    other = SeedSigner("example.com/log", KeyKind.ED25519, bytes(32)).key
    with pytest.raises(KeyUnusable, match="not the one on its card"):
        open_signer(token, key=other, passphrase=pin)


def test_a_key_is_never_made_twice(token):
    with pytest.raises(KeyUnusable, match="has a key of that name already"):
        make_token_key(token, pin)


def test_the_pin_may_stand_in_a_file_that_nobody_else_reads(token, tmp_path):
    secret = tmp_path / "pin"
    secret.write_bytes(PIN + b"\n")
    secret.chmod(0o600)
    assert open_signer(f"{token}&pin-source=file:{quote(str(secret))}", name="a").sign(b"x")
    secret.chmod(0o644)
    with pytest.raises(KeyUnusable, match="others on this machine"):
        open_signer(f"{token}&pin-source=file:{quote(str(secret))}", name="a")


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (("object=log", "object=other"), "no such private key"),
        (("The%20Board", "Another"), "no token is the one"),
        (("token=The%20Board", "token=The%20Board;serial=0"), "no token is the one"),
        (("libsofthsm2.so", "none.so"), "cannot be loaded"),
    ],
)
def test_what_is_not_there_is_told(token, change, what):
    with pytest.raises(KeyUnusable, match=what):
        open_signer(token.replace(*change), name="a", passphrase=pin)


def test_name_pin_and_kind_are_asked_for(token):
    with pytest.raises(KeyUnusable, match="in whose name"):
        open_signer(token, passphrase=pin)
    with pytest.raises(KeyUnusable, match="asks for a PIN"):
        open_signer(token, name="a")
    with pytest.raises(KeyUnusable, match="Ed25519 only"):
        open_signer(token, name="a", kind=KeyKind.MLDSA44_COSIGNATURE, passphrase=pin)


def test_a_wrong_pin_is_told(token):
    """In a process of its own: one that has logged in stays so."""
    script = (
        "import sys; from escruta.apps.signing import *\n"
        "try: open_signer(sys.argv[1], name='a', passphrase=lambda what: b'0000000')\n"
        "except KeyUnusable as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, token], capture_output=True, text=True, check=True)  # noqa: S603
    assert "the token refuses" in done.stdout
    assert "PinIncorrect" in done.stdout


def test_without_the_extra_it_is_named(monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name == "pkcs11":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(KeyUnusable, match="not installed") as caught:
        open_signer("pkcs11:token=a;object=b?module-path=/lib/c.so", name="a", passphrase=pin)
    assert "escruta[pkcs11]" in str(caught.value)


@pytest.mark.parametrize(
    ("uri", "what"),
    [
        ("pkcs11:token=a?module-path=/l.so", "which key"),
        ("pkcs11:object=a?module-path=/l.so", "which token"),
        ("pkcs11:token=a;object=b", "which library"),
        ("pkcs11:token=a;object=b?module-name=l", "cannot obey"),
        ("pkcs11:token=a;object=b;x-vendor=c?module-path=/l.so", "cannot obey"),
        ("pkcs11:token=a;token=b;object=c?module-path=/l.so", "cannot obey"),
        ("pkcs11:token=a;object=b;type=cert?module-path=/l.so", "no private key"),
        ("pkcs11:token=a;object=b;slot-id=one?module-path=/l.so", "slot-id"),
        ("pkcs11:token=%zz;object=b?module-path=/l.so", "percent"),
        ("pkcs11:token=%ff;object=b?module-path=/l.so", "no UTF-8"),
        ("pkcs11:token=;object=b?module-path=/l.so", "empty"),
        ("pkcs11:", "which key"),
    ],
)
def test_a_uri_that_we_cannot_obey_is_refused(uri, what):
    with pytest.raises(KeyUnusable, match=what):
        parse_token_uri(uri)


def test_a_pin_in_a_uri_is_refused_and_not_repeated():
    with pytest.raises(KeyUnusable) as caught:
        parse_token_uri("pkcs11:token=a;object=b?module-path=/l.so&pin-value=8642")
    assert "8642" not in str(caught.value)


def test_a_uri_is_read_as_its_specification_says():
    found = parse_token_uri("pkcs11:serial=12;type=private;slot-id=3;id=%41%00?module-path=/l.so&pin-source=file:///p")
    assert (found.token, found.slot_id, found.object_id, found.label) == ((("serial", "12"),), 3, b"A\0", None)
    assert str(found.pin_file) == "/p"
