"""Bytes as letters that a QR code packs tightly, and back, strictly. Source: RFC 9285 (base45).

Two bytes become three letters, a last single byte becomes two. Every sequence of bytes has one text, and no other text
is read as it. The last letter is never a space, so that nobody loses one at the end.
"""

from __future__ import annotations

from escruta.sheets.seal.errors import TextRefused

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
"""RFC 9285, table 1: the letters of alphanumeric mode in a QR code (ISO/IEC 18004)."""

_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
_BASE = len(ALPHABET)
_PAIR, _TRIPLE = 2, 3


def to_base45(raw: bytes) -> str:
    """Write bytes as base45.

    >>> to_base45(b"AB"), to_base45(b"base-45"), to_base45(b"ietf!")
    ('BB8', 'UJCLQE7W581', 'QED8WEX0')
    """
    letters: list[str] = []
    for at in range(0, len(raw) - 1, _PAIR):
        high, low = divmod(raw[at] << 8 | raw[at + 1], _BASE)
        rest, middle = divmod(high, _BASE)
        letters += (ALPHABET[low], ALPHABET[middle], ALPHABET[rest])
    if len(raw) % _PAIR:
        high, low = divmod(raw[-1], _BASE)
        letters += (ALPHABET[low], ALPHABET[high])
    return "".join(letters)


def from_base45(text: str) -> bytes:
    """Read base45; raises `TextRefused` where the text is not the base45 of any bytes.

    >>> from_base45("QED8WEX0")
    b'ietf!'
    """
    values = [_VALUES.get(letter, -1) for letter in text]
    if -1 in values:
        at = values.index(-1)
        raise TextRefused(
            "a letter that base45 does not have",
            where=f"letter {at + 1} of the base45 text",
            found=ascii(text[at]),
            expected="0–9, A–Z, space, $ % * + - . / :",
            advice=_advice(text[at]),
        )
    if len(values) % _TRIPLE == 1:
        raise TextRefused("the base45 text is cut off", found=f"{len(text)} letters", expected="groups of three or two")
    raw = bytearray()
    for at in range(0, len(values), _TRIPLE):
        group = values[at : at + _TRIPLE]
        number = sum(value * _BASE**place for place, value in enumerate(group))
        size = len(group) - 1
        if number >> (8 * size):
            raise TextRefused(
                "three letters of base45 say more than two bytes can hold",
                where=f"letter {at + 1} of the base45 text",
                found=text[at : at + _TRIPLE],
            )
        raw += number.to_bytes(size, "big")
    return bytes(raw)


def _advice(letter: str) -> str | None:
    if letter.isascii() and letter.islower():
        return "Capitals only: the text was changed after it was read from the code."
    return None if letter.isascii() else "It may look like another letter; give the text as the code holds it."
