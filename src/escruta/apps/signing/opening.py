"""Open the private side of a key, wherever it is, behind the one interface `escruta.tlog.keys.Signer`."""

from __future__ import annotations

from pathlib import Path

from escruta.apps.signing.cards import KeyCard, card_path, read_card
from escruta.apps.signing.errors import KeyUnusable, SigningFailed
from escruta.apps.signing.key_files import FileSigner, read_private_key
from escruta.apps.signing.passphrases import Passphrase
from escruta.apps.signing.programs import ProgramSigner
from escruta.tlog.keys import KeyKind, Signer, VerifierKey, require_name

KIND_NAMES = {
    "ed25519": KeyKind.ED25519,
    "cosignature": KeyKind.ED25519_COSIGNATURE,
    "mldsa44": KeyKind.MLDSA44_COSIGNATURE,
}
"""What a person writes for each kind: a log signs with ed25519 and mldsa44, a log witness with one of the last two."""

_TOKEN, PROGRAM = "pkcs11:", "command:"


def kind_name(kind: KeyKind) -> str:
    """Give the name that a person writes for a kind.

    >>> kind_name(KeyKind.MLDSA44_COSIGNATURE)
    'mldsa44'
    """
    return next(name for name, known in KIND_NAMES.items() if known is kind)


class VerifiedSigner:
    """A signer whose every signature is verified before it is used."""

    __slots__ = ("_signer", "key")

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self.key = signer.key

    def sign(self, message: bytes) -> bytes:
        """Sign the message; raises `SigningFailed` where what came back is no signature of this key."""
        signature = self._signer.sign(message)
        if not self.key.is_signed(message, signature):
            raise SigningFailed(
                "what came back is no signature of this key",
                where=self.key.name,
                found=f"{len(signature)} bytes",
                advice="Look whether the key in the token or program is the one on the card.",
            )
        return signature

    def __repr__(self) -> str:
        """Name the key and never its secret."""
        return f"<{type(self).__name__} {self.key.name} {self.key.kind.name}>"


def open_signer(
    reference: str,
    *,
    name: str | None = None,
    kind: KeyKind | None = None,
    key: VerifierKey | None = None,
    passphrase: Passphrase | None = None,
) -> Signer:
    """Open a key by its reference: `PATH`, `file:PATH`, `pkcs11:…` (RFC 7512) or `command:PROGRAM ARGUMENT…`.

    Name and kind stand on the card beside a key file (`PATH.vkey`). A card alone is enough where it says where the
    signer is. For a token without a card, `name` is needed, and for a program `key`, since it can tell neither.
    `passphrase` is asked only where one is needed. Raises `KeyUnusable`.
    """
    card = None if key is None else KeyCard(key=key)
    if not reference.startswith((_TOKEN, PROGRAM)):
        path = Path(reference.removeprefix("file:"))
        card = card or _card_beside(path)
        if card is None or card.signer is None:
            return VerifiedSigner(_open_file(path, card, name, kind, passphrase))
        reference = card.signer
    if card is not None:
        _require_same(card.key, name, kind, reference)
    if reference.startswith(_TOKEN):
        from escruta.apps.signing.tokens import open_token  # noqa: PLC0415 - needs an extra

        return VerifiedSigner(
            open_token(reference, key=None if card is None else card.key, name=name, passphrase=passphrase, kind=kind)
        )
    if reference.startswith(PROGRAM):
        return VerifiedSigner(_open_program(reference, card))
    raise KeyUnusable("a card names a signer that we do not know", found=reference, expected="pkcs11:… or command:…")


def _card_beside(path: Path) -> KeyCard | None:
    card = card_path(path)
    return read_card(card) if card.exists() else None


def _open_file(
    path: Path, card: KeyCard | None, name: str | None, kind: KeyKind | None, passphrase: Passphrase | None
) -> FileSigner:
    """Read a key file, and hold it against its card."""
    if path == card_path(path):
        path = path.with_suffix("")
    if card is None and name is None and path.exists():
        raise KeyUnusable(
            "nobody says in whose name this key signs",
            where=str(path),
            expected=f"its card {card_path(path).name}, or --name NAME",
        )
    private = read_private_key(path, passphrase)
    public = private.public_key().public_bytes_raw()
    if card is None:
        plain = KeyKind.ED25519 if len(public) == _ED25519_SIZE else KeyKind.MLDSA44_COSIGNATURE
        require_name(name or "")
        key = VerifierKey(name=name or "", kind=kind or plain, public_key=public)
        if (key.kind is KeyKind.MLDSA44_COSIGNATURE) != (plain is KeyKind.MLDSA44_COSIGNATURE):
            raise KeyUnusable("the key in the file is of another kind", where=str(path), found=kind_name(plain))
        return FileSigner(private, key)
    if public != card.key.public_key:
        raise KeyUnusable(
            "the key in the file is not the one on its card",
            where=str(path),
            expected=str(card.key),
            advice="Find the card of this key, or the key of this card; do not sign with it.",
        )
    _require_same(card.key, name, kind, str(path))
    return FileSigner(private, card.key)


_ED25519_SIZE = 32


def _open_program(reference: str, card: KeyCard | None) -> ProgramSigner:
    if card is None:
        raise KeyUnusable(
            "a program cannot tell which key it signs with",
            found=reference,
            advice="Write a card, the verifier key and below it a line `signer command:…`, and name the card.",
        )
    return ProgramSigner(reference.removeprefix(PROGRAM), card.key)


def _require_same(key: VerifierKey, name: str | None, kind: KeyKind | None, where: str) -> None:
    """Refuse a card that says something else than was asked for."""
    if (name is not None and key.name != name) or (kind is not None and key.kind is not kind):
        raise KeyUnusable(
            "the card is of another key than was asked for",
            where=where,
            found=f"{key.name}, {kind_name(key.kind)}",
            expected=", ".join(part for part in (name, kind_name(kind) if kind else None) if part),
        )
