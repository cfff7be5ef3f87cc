"""Private keys as PKCS#8 in PEM, encrypted so that trying passphrases is slow.

The library encrypts PKCS#8 with 2,048 rounds of PBKDF2, which is what it was in 1999. The form lets the number be
chosen, and every reader of the form (the library, OpenSSL) obeys it; so here it is 600,000.

Sources: RFC 5958 (PKCS#8), RFC 8018 (PBES2, PBKDF2), RFC 3565 (AES-CBC); X.690 (DER).
"""

from __future__ import annotations

import base64
import os
import textwrap
from hashlib import pbkdf2_hmac

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

ROUNDS = 600_000
"""About a quarter of a second for one passphrase on the machine of a reader, and as much for every guess."""

_PBES2 = bytes.fromhex("06092a864886f70d01050d")  # 1.2.840.113549.1.5.13
_PBKDF2 = bytes.fromhex("06092a864886f70d01050c")  # 1.2.840.113549.1.5.12
_HMAC_SHA256 = bytes.fromhex("06082a864886f70d0209")  # 1.2.840.113549.2.9
_AES256_CBC = bytes.fromhex("060960864801650304012a")  # 2.16.840.1.101.3.4.1.42
_NULL = bytes.fromhex("0500")
_SEQUENCE, _OCTETS, _INTEGER = 0x30, 0x04, 0x02
_SALT_SIZE, _BLOCK, _KEY_SIZE = 16, 16, 32


def plain_pem(private: Ed25519PrivateKey | MLDSA44PrivateKey) -> bytes:
    """Write a private key unencrypted."""
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def encrypted_pem(private: Ed25519PrivateKey | MLDSA44PrivateKey, passphrase: bytes, *, rounds: int = ROUNDS) -> bytes:
    """Write a private key encrypted under a passphrase: PBES2 with PBKDF2-HMAC-SHA-256 and AES-256-CBC."""
    salt, start = os.urandom(_SALT_SIZE), os.urandom(_BLOCK)
    plain = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    padder = PKCS7(_BLOCK * 8).padder()
    cipher = Cipher(AES256(pbkdf2_hmac("sha256", passphrase, salt, rounds, _KEY_SIZE)), CBC(start)).encryptor()
    secret = cipher.update(padder.update(plain) + padder.finalize()) + cipher.finalize()
    derivation = _der(_OCTETS, salt) + _integer(rounds) + _der(_SEQUENCE, _HMAC_SHA256 + _NULL)
    scheme = _der(_SEQUENCE, _PBKDF2 + _der(_SEQUENCE, derivation))
    scheme += _der(_SEQUENCE, _AES256_CBC + _der(_OCTETS, start))
    algorithm = _der(_SEQUENCE, _PBES2 + _der(_SEQUENCE, scheme))
    return _pem(_der(_SEQUENCE, algorithm + _der(_OCTETS, secret)))


def _der(tag: int, content: bytes) -> bytes:
    """Write one value: tag, length in its shortest form, content (X.690, 8.1.3)."""
    size = len(content)
    if size < 1 << 7:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def _integer(number: int) -> bytes:
    return _der(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _pem(der: bytes) -> bytes:
    lines = textwrap.wrap(base64.b64encode(der).decode("ascii"), 64)
    return "\n".join(
        ["-----BEGIN ENCRYPTED PRIVATE KEY-----", *lines, "-----END ENCRYPTED PRIVATE KEY-----", ""]
    ).encode()
