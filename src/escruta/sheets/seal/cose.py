"""A sealed sheet: COSE_Sign1 with Ed25519, and its text for a QR code.

    18([ << {1: -8, 4: kid} >>, {}, << sheet >>, signature ])

Both headers are protected, so that every byte is either signed or can have only one value: no two texts are the same
seal. The text is `ESC1:` and base45.

Sources: RFC 9052, sections 4.2 and 4.4 (COSE_Sign1); RFC 9053, section 2.2 (EdDSA); RFC 8032 (Ed25519); RFC 9679 (the
key's thumbprint, of which the kid is the beginning); RFC 9285 (base45).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from escruta.sheets.seal.base45 import from_base45, to_base45
from escruta.sheets.seal.cbor import from_cbor, to_cbor
from escruta.sheets.seal.errors import CoseRefused, SealingFailed, TextRefused
from escruta.sheets.seal.sheets import SealedSheet, sheet_from_cbor, sheet_to_cbor

PREFIX = "ESC1:"
KID_SIZE, PUBLIC_KEY_SIZE, SIGNATURE_SIZE = 8, 32, 64
LARGEST_SEAL = 1_600
"""In bytes; a code of the largest version holds no more at level Q."""
LONGEST_TEXT = len(PREFIX) + LARGEST_SEAL // 2 * 3

_SIGN1_TAG = 0xD2  # tag 18 in one byte (RFC 9052, table 1)
_KID, _EDDSA = 4, -8
_HEADERS = bytes.fromhex("a201270448")  # {1: -8, 4: the eight bytes that follow}
_PARTS = 4
_COSE_KEY = bytes.fromhex("a301012006215820")  # {1: OKP, -1: Ed25519, -2: 32 bytes}


def kid_of(public_key: bytes) -> bytes:
    """Give the first eight bytes of a public key's thumbprint (RFC 9679); short, so never a proof.

    >>> kid_of(bytes(32)).hex()
    '7d793163339b417f'
    """
    return sha256(_COSE_KEY + public_key).digest()[:KID_SIZE]


@dataclass(frozen=True, slots=True, kw_only=True)
class SealSigner:
    """Whatever holds a station's private key: its public side, and what signs bytes with Ed25519."""

    public_key: bytes
    sign: Callable[[bytes], bytes]

    @property
    def kid(self) -> bytes:
        """Which key a seal names."""
        return kid_of(self.public_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A seal as it was read. Nothing of it may be believed before `check_seal`."""

    sheet: SealedSheet
    kid: bytes
    payload: bytes
    """The CBOR map that is signed."""
    signature: bytes

    @property
    def signed(self) -> bytes:
        """The bytes that the signature is of: Sig_structure of RFC 9052, section 4.4."""
        return _to_be_signed(self.kid, self.payload)

    @property
    def raw(self) -> bytes:
        """The whole COSE_Sign1."""
        return _joined(self.kid, self.payload, self.signature)

    @property
    def text(self) -> str:
        """The text of the code."""
        return text_of(self.raw)

    def is_signed_by(self, public_key: bytes) -> bool:
        """Tell whether this public key's owner made the signature."""
        return _is_signature(public_key, self.signature, self.signed)


def seal_sheet(sheet: SealedSheet, signer: SealSigner) -> bytes:
    """Seal a sheet: give the COSE_Sign1. Raises `SealingFailed` where what comes back is no signature of the key."""
    payload = sheet_to_cbor(sheet)
    message = _to_be_signed(signer.kid, payload)
    signature = signer.sign(message)
    if not _is_signature(signer.public_key, signature, message):
        raise SealingFailed(
            "what came back is no signature of the station's key",
            where=sheet.station,
            found=f"{len(signature)} bytes",
            expected=f"a signature of {signer.kid.hex()}",
            advice="Look whether the key that signs is the one that the list gives to the station.",
        )
    raw = _joined(signer.kid, payload, signature)
    if len(raw) > LARGEST_SEAL:
        raise SealingFailed("the sheet is too long for one code", found=len(raw), expected=f"{LARGEST_SEAL} bytes")
    return raw


def text_of(raw: bytes) -> str:
    """Write a seal's bytes as the text of a QR code."""
    return PREFIX + to_base45(raw)


def bytes_of(text: str) -> bytes:
    """Take the bytes out of the text of a code; raises `TextRefused`."""
    if len(text) > LONGEST_TEXT:
        raise TextRefused("the text is too long for a seal", found=len(text), expected=f"at most {LONGEST_TEXT}")
    if not text.startswith(PREFIX):
        raise TextRefused("this is no seal", found=text, expected=f"a text that begins with {PREFIX}")
    return from_base45(text[len(PREFIX) :])


def read_seal(text: str) -> Seal:
    """Read the text of a code as a seal; nothing is verified yet. Raises `SealMalformed` and no other error."""
    return seal_from(bytes_of(text))


def seal_from(raw: bytes) -> Seal:
    """Read a seal's bytes; nothing is verified yet. Raises `SealMalformed`."""
    if len(raw) > LARGEST_SEAL:
        raise CoseRefused("the bytes are too long for a seal", found=len(raw), expected=f"at most {LARGEST_SEAL}")
    if not raw or raw[0] != _SIGN1_TAG:
        raise CoseRefused("this is no COSE_Sign1", found=raw[:1].hex() or "nothing", expected="tag 18, the byte d2")
    parts = from_cbor(raw[1:])
    if not isinstance(parts, list) or len(parts) != _PARTS:
        raise CoseRefused("this is no COSE_Sign1", found=type(parts).__name__, expected="an array of four")
    protected, unprotected, payload, signature = parts
    if unprotected != {}:
        raise CoseRefused("headers stand outside the signature", found=unprotected, expected="none")
    if not (isinstance(protected, bytes) and isinstance(payload, bytes) and isinstance(signature, bytes)):
        raise CoseRefused("a part of the COSE_Sign1 is no bytes", expected="headers, payload and signature in bytes")
    if len(signature) != SIGNATURE_SIZE:
        raise CoseRefused("the signature has the wrong length", found=len(signature), expected=f"{SIGNATURE_SIZE}")
    kid = _kid_in(protected)
    return Seal(sheet=sheet_from_cbor(payload), kid=kid, payload=payload, signature=signature)


def _kid_in(protected: bytes) -> bytes:
    headers = from_cbor(protected)
    kid = headers.get(_KID) if isinstance(headers, dict) else None
    if not isinstance(kid, bytes) or len(kid) != KID_SIZE or protected != _protected(kid):
        raise CoseRefused(
            "the headers are not those of a seal",
            found=protected.hex(),
            expected=f"algorithm {_EDDSA} (EdDSA) and a kid of {KID_SIZE} bytes",
        )
    return kid


def _protected(kid: bytes) -> bytes:
    return _HEADERS + kid


def _to_be_signed(kid: bytes, payload: bytes) -> bytes:
    return to_cbor(["Signature1", _protected(kid), b"", payload])


def _joined(kid: bytes, payload: bytes, signature: bytes) -> bytes:
    return bytes([_SIGN1_TAG]) + to_cbor([_protected(kid), {}, payload, signature])


def _is_signature(public_key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):  # ValueError: bytes that are no point of the curve, or too few
        return False
    return True
