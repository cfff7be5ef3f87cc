"""Keys that sign notes: how they are written, how they are told apart, what each kind of signature says.

Sources: C2SP signed-note, "Signature types"; C2SP tlog-cosignature; RFC 8032 (Ed25519); FIPS 204 (ML-DSA-44).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from escruta.tlog.encodings import parse_base64, to_base64
from escruta.tlog.errors import KeyMalformed

KEY_ID_SIZE = 4
SEED_SIZE = 32
_LONGEST_NAME = 255
"""In bytes: an ML-DSA-44 cosignature writes the length of a name in one byte."""


class KeyKind(IntEnum):
    """What a key signs: its number is the first byte of the public key in a verifier key."""

    ED25519 = 0x01
    """The text of the note, as it stands."""
    ED25519_COSIGNATURE = 0x04
    """The text of a checkpoint, and when it was the largest that the log witness had seen."""
    MLDSA44_COSIGNATURE = 0x06
    """Name, origin, size, root and time; holds against quantum computers."""

    @property
    def is_timed(self) -> bool:
        """Whether a signature of this kind begins with its time."""
        return self is not KeyKind.ED25519


_PUBLIC_SIZES = {KeyKind.ED25519: 32, KeyKind.ED25519_COSIGNATURE: 32, KeyKind.MLDSA44_COSIGNATURE: 1312}
SIGNATURE_SIZES = {KeyKind.ED25519: 64, KeyKind.ED25519_COSIGNATURE: 64, KeyKind.MLDSA44_COSIGNATURE: 2420}


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierKey:
    """The public side of a key, with the name in which it signs and what it signs."""

    name: str
    kind: KeyKind
    public_key: bytes

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell, with the name, which key signed; short, so never a proof."""
        return sha256(self.name.encode("utf-8") + b"\n" + bytes([self.kind]) + self.public_key).digest()[:KEY_ID_SIZE]

    def __str__(self) -> str:
        """Write the key as others configure it: `name+id+key`."""
        return f"{self.name}+{self.key_id.hex()}+{to_base64(bytes([self.kind]) + self.public_key)}"

    def is_signed(self, message: bytes, signature: bytes) -> bool:
        """Tell whether this key made the signature over the message."""
        try:
            if self.kind is KeyKind.MLDSA44_COSIGNATURE:
                MLDSA44PublicKey.from_public_bytes(self.public_key).verify(signature, message)
            else:
                Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, message)
        except (InvalidSignature, ValueError):  # ValueError: bytes that are no point of the curve
            return False
        return True


def parse_verifier_key(text: str, *, where: str | None = None) -> VerifierKey:
    """Read `name+id+key`.

    >>> key = parse_verifier_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    >>> key.name, key.kind.name
    ('PeterNeumann', 'ED25519')
    """
    parts = text.split("+", 2)  # Base64 has "+" too
    if len(parts) != _PARTS:
        raise KeyMalformed("this is no verifier key", where=where, found=text, expected="name+id+key")
    name, key_id, encoded = parts
    require_name(name, where=where)
    raw = parse_base64(encoded)
    if not raw:
        raise KeyMalformed("the key is not in Base64", where=where, found=encoded)
    kind = next((kind for kind in KeyKind if kind == raw[0]), None)
    if kind is None:
        known = ", ".join(f"{kind:#04x}" for kind in KeyKind)
        raise KeyMalformed("a kind of key that we do not know", where=where, found=f"{raw[0]:#04x}", expected=known)
    if len(raw) - 1 != _PUBLIC_SIZES[kind]:
        raise KeyMalformed(
            "the public key has the wrong length",
            where=where,
            found=f"{len(raw) - 1} bytes",
            expected=f"{_PUBLIC_SIZES[kind]} bytes",
        )
    key = VerifierKey(name=name, kind=kind, public_key=raw[1:])
    if key_id != key.key_id.hex():
        raise KeyMalformed("the id is not that of the key", where=where, found=key_id, expected=key.key_id.hex())
    return key


_PARTS = 3


def is_name(name: str) -> bool:
    """Tell whether a text may be the name of a key: no space of any script, no plus, nothing that does not print."""
    return (
        0 < len(name.encode("utf-8", "surrogatepass")) <= _LONGEST_NAME
        and "+" not in name
        and not any(letter.isspace() or letter < " " or "\ud800" <= letter <= "\udfff" for letter in name)
    )


def require_name(name: str, *, where: str | None = None) -> None:
    """Raise `KeyMalformed` where a text may not be the name of a key."""
    if not is_name(name):
        raise KeyMalformed(
            "this cannot be the name of a key",
            where=where,
            found=name,
            expected=f"1 to {_LONGEST_NAME} bytes without spaces and plus signs",
        )


class Signer(Protocol):
    """Whatever holds a private key: a file, a token, another process."""

    @property
    def key(self) -> VerifierKey:
        """The public side."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Sign the message as the kind of the key asks."""
        ...


class SeedSigner:
    """A private key in memory, made from its 32 secret bytes.

    >>> signer = SeedSigner("example.com/log", KeyKind.ED25519, bytes(32))
    >>> signer.key.is_signed(b"text", signer.sign(b"text"))
    True
    """

    __slots__ = ("_private", "key")

    def __init__(self, name: str, kind: KeyKind, seed: bytes) -> None:
        require_name(name)
        self._private: Ed25519PrivateKey | MLDSA44PrivateKey
        if kind is KeyKind.MLDSA44_COSIGNATURE:
            self._private = MLDSA44PrivateKey.from_seed_bytes(seed)
        else:
            self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.key = VerifierKey(name=name, kind=kind, public_key=self._private.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """Sign the message."""
        return self._private.sign(message)

    def __repr__(self) -> str:
        """Name the key and never its secret."""
        return f"<{type(self).__name__} {self.key.name} {self.key.kind.name}>"
