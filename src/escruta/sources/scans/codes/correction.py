"""Reed–Solomon decoding with erasures, many words at once, and how much a decoded word proves.

QR codes use the field of 256 elements with the polynomial x⁸ + x⁴ + x³ + x² + 1 and generators whose roots are the
powers 0 to `parity - 1` of its primitive element (ISO/IEC 18004:2015, annex A). The decoder is Berlekamp and Massey's,
begun with the erasures (R. E. Blahut, *Algebraic Codes for Data Transmission*, 2003, section 7.5), then Forney's
formula.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, log2

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint8]
"""Codewords, one word a row."""

_POLYNOMIAL, _ORDER = 0x11D, 255


def _tables() -> tuple[Words, Words, Words]:
    powers = np.zeros(2 * _ORDER, np.uint8)
    value = 1
    for exponent in range(_ORDER):
        powers[exponent] = powers[exponent + _ORDER] = value
        value = value << 1 ^ (_POLYNOMIAL if value & 0x80 else 0)
    logs = np.zeros(256, np.int64)
    logs[powers[:_ORDER]] = np.arange(_ORDER)
    products = powers[(logs[:, None] + logs[None, :]) % _ORDER]
    products[0, :] = products[:, 0] = 0
    inverses = powers[(_ORDER - logs) % _ORDER]
    inverses[0] = 0
    return powers, products.astype(np.uint8), inverses.astype(np.uint8)


_POWERS, _PRODUCTS, _INVERSES = _tables()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Decoded:
    """What became of each word; a row is only meaningful where `is_word`."""

    words: Words
    is_word: npt.NDArray[np.bool_]
    errors: npt.NDArray[np.int64]
    """Codewords that were wrong though they were not erased."""


def decode(words: Words, erased: npt.NDArray[np.bool_], parity: int) -> Decoded:
    """Correct every row where `erasures + 2 × errors <= parity`; `words` and `erased` are `(rows, length)`."""
    length = words.shape[1]
    locators = _POWERS[np.arange(length - 1, -1, -1)]  # of each place, X
    syndromes = _syndromes(words, parity)
    counts = erased.sum(1)
    locator = _erasure_locator(erased, locators, parity)
    degree, locator = _berlekamp_massey(syndromes, locator, counts, parity)
    roots = _evaluate(locator, _INVERSES[locators]) == 0
    is_word = (degree <= parity) & (roots.sum(1) == degree) & (2 * degree - counts <= parity)
    evaluator = np.zeros_like(locator)
    for power in range(parity):
        evaluator[:, power] = np.bitwise_xor.reduce(_PRODUCTS[syndromes[:, : power + 1], locator[:, power::-1]], axis=1)
    derivative = locator.copy()[:, 1:]
    derivative[:, 1::2] = 0
    at = _INVERSES[locators]
    sizes = _PRODUCTS[_PRODUCTS[_evaluate(evaluator, at), locators], _INVERSES[_evaluate(derivative, at)]]
    corrected = words ^ np.where(roots & is_word[:, None], sizes, 0).astype(np.uint8)
    is_word &= ~_syndromes(corrected, parity).any(1)
    errors = (roots & ~erased).sum(1)
    return Decoded(words=corrected, is_word=is_word, errors=np.where(is_word, errors, 0).astype(np.int64))


def evidence_bits(length: int, parity: int, erasures: int, errors: int, agreement: float) -> float:
    """Say how many bits of chance a decoded block has withstood: a random word passes with at most 2 to minus this.

    Erasing `e` places leaves `parity - e` checks of eight bits, and looking for `t` errors costs their choice and
    their values. `agreement` is the sum of log2(2 p) over the bits of erased and corrected places, where `p` is the
    probability that we had given to the bit that came out: over random bits the mean of its power of two is one
    (Markov's inequality), however good or bad our probabilities are.
    """
    choices = log2(comb(length - erasures, errors)) if errors else 0.0
    return 8.0 * (parity - erasures - errors) - choices + agreement


def _syndromes(words: Words, parity: int) -> Words:
    length = words.shape[1]
    exponents = np.outer(np.arange(parity), np.arange(length - 1, -1, -1)) % _ORDER
    return np.asarray(np.bitwise_xor.reduce(_PRODUCTS[words[:, None, :], _POWERS[exponents][None]], axis=2), np.uint8)


def _erasure_locator(erased: npt.NDArray[np.bool_], locators: Words, parity: int) -> Words:
    """Multiply (1 - X x) over the erased places."""
    polynomial = np.zeros((len(erased), parity + 1), np.uint8)
    polynomial[:, 0] = 1
    for place in np.flatnonzero(erased.any(0)):
        factor = np.where(erased[:, place], locators[place], 0).astype(np.uint8)
        polynomial[:, 1:] ^= _PRODUCTS[factor[:, None], polynomial[:, :-1]]
    return polynomial


def _berlekamp_massey(
    syndromes: Words, locator: Words, erasures: npt.NDArray[np.int64], parity: int
) -> tuple[npt.NDArray[np.int64], Words]:
    """Lengthen the erasure locator to the locator of errors and erasures."""
    degree = erasures.astype(np.int64)
    locator, auxiliary = locator.copy(), locator.copy()
    for step in range(1, parity + 1):
        active = erasures < step
        shifted = np.zeros_like(auxiliary)
        shifted[:, 1:] = auxiliary[:, :-1]
        auxiliary = np.where(active[:, None], shifted, auxiliary)
        discrepancy = np.bitwise_xor.reduce(_PRODUCTS[locator[:, :step], syndromes[:, step - 1 :: -1]], axis=1)
        longer = active & (discrepancy != 0) & (2 * degree <= step - 1 + erasures)
        correction = _PRODUCTS[np.where(active, discrepancy, 0).astype(np.uint8)[:, None], auxiliary]
        updated = locator ^ correction
        scaled = _PRODUCTS[_INVERSES[discrepancy][:, None], locator]
        auxiliary = np.where(longer[:, None], scaled, auxiliary)
        degree = np.where(longer, step - degree + erasures, degree)
        locator = updated
    return degree, locator


def _evaluate(polynomials: Words, points: Words) -> Words:
    """Evaluate every polynomial, lowest power first, at every point: `(rows, points)`."""
    value = np.zeros((len(polynomials), len(points)), np.uint8)
    for power in range(polynomials.shape[1] - 1, -1, -1):
        value = _PRODUCTS[value, points[None, :]] ^ polynomials[:, power][:, None]
    return value
