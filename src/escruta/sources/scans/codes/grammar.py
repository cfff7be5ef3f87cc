"""What is known of a payload before it is read: the grammar as a hidden Markov model over the bytes of a symbol.

The text of 2024 is one segment in byte mode: a station's code, 38 counts, two more counts, then the padding that the
standard prescribes. Which byte stands where is not known, but the order of digits, commas and marks is; so each byte's
probability follows from all others by the forward–backward algorithm (L. R. Rabiner, *Proceedings of the IEEE* 77(2),
1989). The model says how likely a byte is, never that it is so: what is accepted is decided by the parity alone.

Source of the segment's form and the padding: ISO/IEC 18004:2015, sections 7.4.5 and 7.4.10.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from escruta.sources.scans.payloads import SLOTS_2024

Chances = npt.NDArray[np.float64]

_STATION = "ddddddddd.dd.1.0001!"
_USUAL_DIGIT = 0.95
_COUNTS = SLOTS_2024 + 2
_ZERO = 0.5
_LONGER = (0.5, 0.5, 0.03)
"""How likely a count of one, two or three digits has one more."""
_TERMINATOR, _PAD_ODD, _PAD_EVEN = 0x0E, 0xC1, 0x1E
"""Terminator 0000 and pad bytes 0xEC and 0x11, as they fall on the bytes of a segment that begins with 12 bits."""
_LONG_TERMINATOR = 0x00
"""Some writers put one more byte of zeros before the padding."""
_BYTE_MODE = 0b0100
_TINY, _TINY_SINGLE = 1e-100, 1e-30


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Model:
    """States, how they follow each other, and which bytes they write."""

    first: npt.NDArray[np.float32]
    follows: npt.NDArray[np.float32]
    """`(states, states)`: from row to column."""
    writes: Chances
    """What each kind of state writes, `(kinds, 256)`."""
    kinds: npt.NDArray[np.intp]
    """The kind of each state, `(states,)`."""
    ends: slice
    """The two states in which a terminator begins: what comes before them is the text."""


@cache
def text_2024() -> Model:
    """Build the model of the text of 2024."""
    bytes_of, edges = _states()
    count = len(bytes_of)
    follows, writes = np.zeros((count, count)), np.zeros((count, 256))
    for origin, target, chance in edges:
        follows[origin, target] += chance
    for state, chances in enumerate(bytes_of):
        for byte, chance in chances.items():
            writes[state, byte] = chance
    first = np.zeros(count, np.float32)
    first[0] = 1
    kinds, kind = np.unique(writes, axis=0, return_inverse=True)
    return Model(
        first=first,
        follows=follows.astype(np.float32),
        writes=kinds,
        kinds=kind.reshape(-1),
        ends=slice(count - 5, count - 3),
    )


def _states() -> tuple[list[dict[int, float]], list[tuple[int, int, float]]]:
    digits = {ord("0") + digit: 0.1 for digit in range(10)}
    nonzero = {ord("0") + digit: 1 / 9 for digit in range(1, 10)}
    states: list[dict[int, float]] = [_of(each, digits) for each in _STATION]
    edges = [(at, at + 1, 1.0) for at in range(len(_STATION) - 1)]
    before = [(len(_STATION) - 1, 1.0)]
    for count in range(_COUNTS):
        zero, head = len(states), len(states) + 1
        states += [{ord("0"): 1.0}, nonzero, digits, digits, digits]
        edges += [(origin, zero, chance * _ZERO) for origin, chance in before]
        edges += [(origin, head, chance * (1 - _ZERO)) for origin, chance in before]
        edges += [(head + place, head + place + 1, chance) for place, chance in enumerate(_LONGER)]
        after = len(states)
        leave = [(zero, 1.0), *((head + place, 1 - chance) for place, chance in enumerate(_LONGER)), (head + 3, 1.0)]
        if count < _COUNTS - 1:
            edges += [(origin, after, chance) for origin, chance in leave]
            states.append({ord("," if count < SLOTS_2024 - 1 else "!"): 1.0})
            before = [(after, 1.0)]
        else:
            edges += [(origin, after + way, chance / 2) for origin, chance in leave for way in (0, 1)]
    end = len(states)
    states += [{_LONG_TERMINATOR: 1.0}, {_TERMINATOR: 1.0}, {_TERMINATOR: 1.0}, {_PAD_ODD: 1.0}, {_PAD_EVEN: 1.0}]
    edges += [(end, end + 2, 1.0), (end + 1, end + 3, 1.0), (end + 2, end + 3, 1.0)]
    edges += [(end + 3, end + 4, 1.0), (end + 4, end + 3, 1.0)]
    return states, edges


def _of(each: str, digits: dict[int, float]) -> dict[int, float]:
    if each == "d":
        return digits
    if each.isdigit():
        return {digit: _USUAL_DIGIT if digit == ord(each) else (1 - _USUAL_DIGIT) / 9 for digit in digits}
    return {ord(each): 1.0}


def nibble_chances(likely: Chances) -> Chances:
    """Turn the chances that bits are 1, `(4 n,)`, into those of nibbles, `(n, 16)`."""
    bits = likely.reshape(-1, 4, 1)
    ones = (np.arange(16)[None, None, :] >> np.array([3, 2, 1, 0])[None, :, None]) & 1
    return np.asarray(np.where(ones == 1, bits, 1 - bits).prod(1), np.float64)


def codeword_chances(likely: Chances) -> Chances:
    """Give the chances of each byte as its own bits say, `(codewords, 256)`."""
    nibbles = nibble_chances(likely).reshape(-1, 2, 16)
    return (nibbles[:, 0, :, None] * nibbles[:, 1, None, :]).reshape(-1, 256)


def text_chances(likely: Chances, version: int) -> Chances:
    """Give the chances of each data codeword when the symbol holds the text of 2024, `(codewords, 256)`.

    `likely` are the chances that the bits of the data codewords are 1. A count of up to 255 characters has 8 bits, so
    this is for versions 1 to 9.
    """
    del version
    model = text_2024()
    nibbles = nibble_chances(np.clip(likely, 1e-4, 1 - 1e-4))
    low_next = np.vstack([nibbles[4::2], np.full(16, 1 / 16)])
    seen = (nibbles[3::2, :, None] * low_next[: len(nibbles[3::2]), None, :]).reshape(-1, 256)
    lengths = (nibbles[1][:, None] * nibbles[2][None, :]).reshape(256)
    lengths = np.pad(lengths, (0, max(0, len(seen) - 256)))[: len(seen)]
    written = (seen @ model.writes.T)[:, model.kinds]
    written[:, model.ends] *= lengths[:, None]
    states = _forward_backward(model, written)
    ended = states[:, model.ends].sum(1)
    written[:, model.ends] /= np.maximum(lengths, _TINY)[:, None]
    weights = states / np.maximum(written, _TINY)
    by_kind = np.stack([weights[:, model.kinds == kind].sum(1) for kind in range(len(model.writes))], axis=1)
    bytes_at = (by_kind @ model.writes) * seen
    bytes_at /= np.maximum(bytes_at.sum(1, keepdims=True), _TINY)
    length = np.zeros(256)
    length[: min(256, len(ended))] = ended[:256]
    length /= max(length.sum(), _TINY)
    high, low = bytes_at.reshape(-1, 16, 16).sum(2), bytes_at.reshape(-1, 16, 16).sum(1)
    header = np.zeros((3, 16))
    header[0, _BYTE_MODE] = 1
    header[1], header[2] = length.reshape(16, 16).sum(1), length.reshape(16, 16).sum(0)
    chain = np.empty((len(nibbles), 16))
    chain[:3] = header
    chain[3::2], chain[4::2] = high, low[: len(chain[4::2])]
    pairs = chain.reshape(-1, 2, 16)
    return (pairs[:, 0, :, None] * pairs[:, 1, None, :]).reshape(-1, 256)


def _forward_backward(model: Model, written: Chances) -> Chances:
    """Give the chance of each state at each byte, `(bytes, states)`."""
    scale = np.maximum(written.max(1, keepdims=True), _TINY)
    evidence = (written / scale).astype(np.float32)
    forward, backward = np.empty_like(evidence), np.ones_like(evidence)
    steps = len(written)
    now = model.first * evidence[0]
    for step in range(steps):
        if step:
            now = (now @ model.follows) * evidence[step]
        now = now / max(float(now.sum()), _TINY_SINGLE)
        forward[step] = now
    for step in range(steps - 2, -1, -1):
        later = model.follows @ (evidence[step + 1] * backward[step + 1])
        backward[step] = later / max(float(later.max()), _TINY_SINGLE)
    both = forward.astype(np.float64) * backward
    return np.asarray(both / np.maximum(both.sum(1, keepdims=True), _TINY), np.float64)


def seal_chances(likely: Chances, version: int) -> Chances:
    """Give the chances of each data codeword when the symbol holds our own seal, `(codewords, 256)`.

    Its first bits are always the same: alphanumeric mode, and `ESC1:`. The rest is a signature and its like: nothing is
    known of it.
    """
    known = likely.copy()
    for at, bit in _seal_bits(version):
        known[at] = 1.0 if bit else 0.0
    return codeword_chances(known)


@cache
def _seal_bits(version: int) -> tuple[tuple[int, int], ...]:
    count = 9 if version < 10 else 11  # noqa: PLR2004 - ISO/IEC 18004, table 3
    pairs = ((14 * 45 + 28, 11, 11), (12 * 45 + 1, 11, 11), (44 * 45, 11, 4))
    bits = list(enumerate((0, 0, 1, 0)))
    at = 4 + count
    for value, width, known in pairs:
        bits += [(at + place, value >> (width - 1 - place) & 1) for place in range(known)]
        at += width
    return tuple(bits)
