"""Bytes as letters that a QR code packs tightly, and back, strictly. Source: RFC 9285 (base45).

Two bytes become three letters, a last single byte becomes two. Every sequence of bytes has one text, and no other text
is read as it. The last letter is never a space, so that nobody loses one at the end.
"""

from __future__ import annotations

import struct

from escruta.sheets.seal.errors import TextRefused

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
"""RFC 9285, table 1: the letters of alphanumeric mode in a QR code (ISO/IEC 18004)."""

_NO_LETTER = 0xFF
_VALUES = bytes(ALPHABET.find(chr(byte)) & _NO_LETTER for byte in range(256))
_BASE = len(ALPHABET)
_SQUARE = _BASE * _BASE
_TWO_LETTERS = [low + high for high in ALPHABET for low in ALPHABET]
_TRIPLE = 3
_LARGEST_PAIR, _LARGEST_BYTE = 0xFFFF, 0xFF


def to_base45(raw: bytes) -> str:
    """Write bytes as base45.

    >>> to_base45(b"AB"), to_base45(b"base-45"), to_base45(b"ietf!")
    ('BB8', 'UJCLQE7W581', 'QED8WEX0')
    """
    pairs = struct.unpack(f">{len(raw) // 2}H", raw[: len(raw) // 2 * 2])
    text = "".join(_TWO_LETTERS[number % _SQUARE] + ALPHABET[number // _SQUARE] for number in pairs)
    return text + _TWO_LETTERS[raw[-1]] if len(raw) % 2 else text


def from_base45(text: str) -> bytes:
    """Read base45; raises `TextRefused` where the text is not the base45 of any bytes.

    >>> from_base45("QED8WEX0")
    b'ietf!'
    """
    values = text.encode("ascii", "replace").translate(_VALUES)  # what is not ASCII becomes "?", which is no letter
    if _NO_LETTER in values:
        at = values.index(_NO_LETTER)
        raise TextRefused(
            "a letter that base45 does not have",
            where=f"letter {at + 1} of the base45 text",
            found=ascii(text[at]),
            expected="0–9, A–Z, space, $ % * + - . / :",
            advice=_advice(text[at]),
        )
    rest = len(values) % _TRIPLE
    if rest == 1:
        raise TextRefused("the base45 text is cut off", found=f"{len(text)} letters", expected="groups of three or two")
    end = len(values) - rest
    places = (values[place:end:_TRIPLE] for place in range(_TRIPLE))
    numbers = [low + middle * _BASE + high * _SQUARE for low, middle, high in zip(*places, strict=True)]
    last = [values[end] + values[end + 1] * _BASE] if rest else []
    if max(numbers, default=0) > _LARGEST_PAIR or max(last, default=0) > _LARGEST_BYTE:
        at = next((at for at, number in enumerate(numbers) if number > _LARGEST_PAIR), len(numbers)) * _TRIPLE
        raise TextRefused(
            "letters of base45 say more than their bytes can hold",
            where=f"letter {at + 1} of the base45 text",
            found=text[at : at + _TRIPLE],
        )
    return struct.pack(f">{len(numbers)}H", *numbers) + bytes(last)


def _advice(letter: str) -> str | None:
    if letter.isascii() and letter.islower():
        return "Capitals only: the text was changed after it was read from the code."
    return None if letter.isascii() else "It may look like another letter; give the text as the code holds it."
