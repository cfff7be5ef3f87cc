"""Take up a key that is in a token or behind a program: write its card, once it has shown that it signs."""

from __future__ import annotations

from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from escruta.apps.signing.cards import KeyCard, card_path, write_new
from escruta.apps.signing.errors import KeyUnusable
from escruta.apps.signing.opening import PROGRAM, kind_name, open_signer
from escruta.apps.signing.passphrases import Passphrase
from escruta.base.errors import FileUnreadable, OutputRefused
from escruta.tlog.keys import KeyKind, VerifierKey, require_name

_TRIAL = b"escruta: does this key sign?\n"
"""Signed once to see that it works; it is no text of any note of ours."""


def adopt_key(  # noqa: PLR0913 - what is written, and what is said of it
    path: Path,
    name: str,
    kind: KeyKind,
    signer: str,
    passphrase: Passphrase,
    *,
    public: VerifierKey | None = None,
    owner: str | None = None,
    valid_for: str | None = None,
) -> VerifierKey:
    """Write the card of a key whose private side is elsewhere; raises `KeyUnusable`, `SigningFailed`.

    `public` is the public side, where the signer cannot tell it (a program).
    """
    written = card_path(path)
    if path.exists() or written.exists():
        raise OutputRefused("there is a key of that name already", where=str(path), advice="Name another file.")
    if signer.startswith(PROGRAM) and public is None:
        raise KeyUnusable(
            "a program cannot tell which key it signs with", where=signer, expected="its public key: --public FILE.pem"
        )
    opened = open_signer(signer, name=name, kind=kind, key=public, passphrase=passphrase)
    opened.sign(_TRIAL)
    card = KeyCard(key=opened.key, owner=owner, valid_for=valid_for, signer=signer)
    write_new(written, str(card).encode("utf-8"), mode=0o644)
    return opened.key


def read_public_key(path: Path, name: str, kind: KeyKind) -> VerifierKey:
    """Read the public side of a key from PEM, as `openssl pkey -pubout` writes it; raises `KeyUnusable`."""
    require_name(name)
    try:
        public = load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise FileUnreadable("the public key cannot be read", where=str(path), found=error.strerror) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyUnusable("this is no public key", where=str(path), expected="SubjectPublicKeyInfo in PEM") from error
    wanted = MLDSA44PublicKey if kind is KeyKind.MLDSA44_COSIGNATURE else Ed25519PublicKey
    if not isinstance(public, wanted):
        raise KeyUnusable(
            "the public key is of another kind",
            where=str(path),
            found=type(public).__name__,
            expected=f"one for {kind_name(kind)}",
        )
    return VerifierKey(name=name, kind=kind, public_key=public.public_bytes_raw())
