"""From the data codewords of a symbol to its text: numeric, alphanumeric and byte segments, and nothing else.

Source: ISO/IEC 18004:2015, sections 7.4.1 to 7.4.9. What this does not know (other alphabets, structured append, FNC1)
is no payload of a sheet, so it is not read.
"""

from __future__ import annotations

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_END, _NUMERIC, _ALPHANUMERIC, _BYTES = 0, 1, 2, 4
_COUNT_BITS = {_NUMERIC: (10, 12, 14), _ALPHANUMERIC: (9, 11, 13), _BYTES: (8, 16, 16)}
_LARGER, _LARGEST = 10, 27


def text_of(codewords: bytes, version: int) -> str | None:
    """Read the text; None where the codewords are no text in ASCII."""
    bits = _Bits(codewords)
    size = 0 if version < _LARGER else 1 if version < _LARGEST else 2
    text = []
    try:
        while bits.left >= 4 and (mode := bits.take(4)) != _END:  # noqa: PLR2004 - bits of a mode
            if mode not in _COUNT_BITS:
                return None
            text.append(_segment(bits, mode, bits.take(_COUNT_BITS[mode][size])))
    except (IndexError, UnicodeDecodeError):
        return None
    return "".join(text)


class _Bits:
    def __init__(self, codewords: bytes) -> None:
        self._value = int.from_bytes(codewords, "big")
        self.left = 8 * len(codewords)

    def take(self, count: int) -> int:
        """Take the next bits; raises `IndexError` where there are too few."""
        if count > self.left:
            raise IndexError
        self.left -= count
        return self._value >> self.left & ((1 << count) - 1)


def _segment(bits: _Bits, mode: int, count: int) -> str:
    if mode == _BYTES:
        return bytes(bits.take(8) for _ in range(count)).decode("ascii")
    if mode == _ALPHANUMERIC:
        pairs = [divmod(bits.take(11), 45) for _ in range(count // 2)]
        values = [value for pair in pairs for value in pair] + ([bits.take(6)] if count % 2 else [])
        return "".join(_ALPHABET[value] for value in values)
    groups = [3] * (count // 3) + ([count % 3] if count % 3 else [])
    digits = (f"{bits.take({1: 4, 2: 7, 3: 10}[size]):0{size}d}" for size in groups)
    return "".join(digits)
