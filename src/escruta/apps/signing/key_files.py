"""Key files: the private side in encrypted PKCS#8 (RFC 5958), and a card with the public side beside it."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from escruta.apps.signing.cards import KeyCard, card_path, write_new
from escruta.apps.signing.encrypting import encrypted_pem, plain_pem
from escruta.apps.signing.errors import KeyUnusable
from escruta.apps.signing.passphrases import Passphrase, read_private, require_long
from escruta.base.errors import OutputRefused
from escruta.tlog.keys import KeyKind, VerifierKey, require_name

PrivateKey = Ed25519PrivateKey | MLDSA44PrivateKey
_ENCRYPTED = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"


def new_key(
    path: Path,
    name: str,
    kind: KeyKind,
    passphrase: bytes | None,
    *,
    owner: str | None = None,
    valid_for: str | None = None,
) -> VerifierKey:
    """Make a key: the private side in `path` (mode 0600), the card in `path` + `.vkey`; never writes over a file.

    Without a passphrase the private side stands there unencrypted.
    """
    require_name(name)
    private: PrivateKey = (
        MLDSA44PrivateKey.generate() if kind is KeyKind.MLDSA44_COSIGNATURE else Ed25519PrivateKey.generate()
    )
    key = VerifierKey(name=name, kind=kind, public_key=private.public_key().public_bytes_raw())
    written = KeyCard(key=key, owner=owner, valid_for=valid_for)
    pem = plain_pem(private) if passphrase is None else encrypted_pem(private, require_long(passphrase))
    card = card_path(path)
    if card == path or card.exists():
        raise OutputRefused(
            "the card of the key would be written over a file",
            where=str(card),
            advice="Name another file; a key file has a name of its own, such as log.key.",
        )
    write_new(path, pem, mode=0o600)
    write_new(card, str(written).encode("utf-8"), mode=0o644)
    return key


class FileSigner:
    """A private key that was read from a file."""

    __slots__ = ("_private", "key")

    def __init__(self, private: PrivateKey, key: VerifierKey) -> None:
        self._private = private
        self.key = key

    def sign(self, message: bytes) -> bytes:
        """Sign the message."""
        return self._private.sign(message)


def read_private_key(path: Path, passphrase: Passphrase | None) -> PrivateKey:
    """Read the private side; asks for the passphrase only where the file is encrypted."""
    raw = read_private(path)
    word = None
    if _ENCRYPTED in raw:
        if passphrase is None:
            raise KeyUnusable(
                "the key file is encrypted, and no passphrase was given",
                where=str(path),
                advice="Name where it is with --passphrase prompt, env:NAME, file:PATH or credential:NAME.",
            )
        word = passphrase(str(path))
    try:
        private = load_pem_private_key(raw, word)
    except (ValueError, TypeError) as error:  # of the library: wrong passphrase, or no key at all
        is_wrong = word is not None and "password" in str(error)
        raise KeyUnusable(
            "the passphrase does not open this key" if is_wrong else "this is no private key that we can read",
            where=str(path),
            expected=None if is_wrong else "PKCS#8 in PEM, Ed25519 or ML-DSA-44",
        ) from error
    if not isinstance(private, Ed25519PrivateKey | MLDSA44PrivateKey):
        raise KeyUnusable(
            "a key of this kind cannot sign notes",
            where=str(path),
            found=type(private).__name__,
            expected="Ed25519 or ML-DSA-44",
        )
    return private
