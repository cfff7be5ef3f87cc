"""The few ways in which logs write bytes and numbers as text: one way each, and no other is read."""

from __future__ import annotations

import base64
import binascii
import re

from escruta.tlog.errors import LogInputError
from escruta.tlog.hashing import HASH_SIZE

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
LARGEST_NUMBER = (1 << 63) - 1
"""The largest size and the latest time that the specifications allow."""


def parse_decimal(text: str) -> int | None:
    """Read a number without sign or leading zeros below 2**63; None where the text is no such number.

    >>> parse_decimal("70000"), parse_decimal("007"), parse_decimal("-1")
    (70000, None, None)
    """
    number = int(text) if _DECIMAL.fullmatch(text) else None
    return None if number is None or number > LARGEST_NUMBER else number


def to_base64(raw: bytes) -> str:
    """Write bytes as standard Base64 (RFC 4648, section 4)."""
    return base64.b64encode(raw).decode("ascii")


def parse_base64(text: str) -> bytes | None:
    """Read standard Base64 with its padding; None where the text is not the one way of writing some bytes.

    >>> parse_base64("YQ=="), parse_base64("YR=="), parse_base64("YQ")
    (b'a', None, None)
    """
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None
    return raw if to_base64(raw) == text else None


def parse_hash(text: str) -> bytes | None:
    """Read a SHA-256 hash in Base64; None where the text is none."""
    raw = parse_base64(text)
    return raw if raw is not None and len(raw) == HASH_SIZE else None


def decode_text(raw: bytes, malformed: type[LogInputError], *, where: str | None = None) -> str:
    """Decode UTF-8, which must have no control character but the end of a line."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise malformed(
            "the text is not UTF-8", where=where, offset=error.start, found=raw[error.start : error.start + 1].hex()
        ) from error
    control = _CONTROL.search(text)
    if control is not None:
        raise malformed(
            "the text has a control character",
            where=where,
            offset=len(text[: control.start()].encode("utf-8")),
            found=control[0],
            expected="no control character but line feed",
        )
    return text


_CONTROL = re.compile("[\x00-\x09\x0b-\x1f]")
