r"""How many splits of a total are all worked out from rounded percentages: counted exactly, for any number of parts.

With `S` steps of the percentage, a part is a hit where it is the whole number nearest to `T p / S` for some step `p`.
Hits add up to the total only where their steps add up to `S`: each is off by at most a half, which together is less
than one step. So the number wanted is a coefficient of a power of

.. math:: F(x, y) = \sum_{p=0}^{S} x^p y^{f(p)}, \qquad f(p) = \text{round}(R p / S), \quad R = T \bmod S,

that of `x^S y^R`. Where the steps add up to `S`, the exponent of `y` is within half the number of parts of `R`, so that
`y` may go round in a circle of one more than the parts. The power is worked out modulo many small primes, each of which
leaves a Fourier transform in floating point far from the nearest wrong whole number, and put together by the Chinese
remainder theorem.

Source: D. E. Knuth, The Art of Computer Programming 2 (3rd ed.), 4.3.2 and 4.3.3; the error of a transform: N. J.
Higham, Accuracy and Stability of Numerical Algorithms (2nd ed.), theorem 24.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import comb, prod

import numpy as np
import numpy.typing as npt

_LARGEST_PRIME = 2048
_MOST_WORK = 10_000_000
"""A few seconds."""
Table = npt.NDArray[np.int64]
"""Coefficients modulo a prime: steps down, exponents of `y` across."""


def splits_that_hit(total: int, steps: int, parts: int) -> int | None:
    """Count the splits of a total into so many parts that are all hits; None where that would take long.

    Raises:
        ValueError: the total is too small: hits need not add up to all steps.

    >>> splits_that_hit(1234, 100, 3), splits_that_hit(8_234_567, 1000, 6)
    (3918, 4655736325014)
    """
    if 2 * total <= parts * steps:
        raise ValueError("the total is too small for its parts and steps")
    primes = list(_primes(comb(steps + parts - 1, parts - 1)))
    if (steps + 1) * (parts + 1) * len(primes) * parts.bit_length() > _MOST_WORK:
        return None
    rest = total % steps
    exponents = (2 * rest * np.arange(steps + 1) + steps) // (2 * steps) % (parts + 1)
    one = np.zeros((steps + 1, parts + 1), dtype=np.int64)
    one[np.arange(steps + 1), exponents] = 1
    remainders = [int(_power(one, parts, prime)[steps, rest % (parts + 1)]) for prime in primes]
    return _whole(remainders, primes)


def _primes(limit: int) -> Iterator[int]:
    """Give primes, the largest first, whose product is more than a limit."""
    product, candidate = 1, _LARGEST_PRIME
    while product <= limit:
        candidate -= 1
        if all(candidate % each for each in range(2, int(candidate**0.5) + 1)):
            product *= candidate
            yield candidate


def _power(one: Table, exponent: int, prime: int) -> Table:
    found: Table | None = None
    square = one
    while exponent:
        if exponent % 2:
            found = square if found is None else _times(found, square, prime)
        exponent //= 2
        if exponent:
            square = _times(square, square, prime)
    return one if found is None else found


def _times(left: Table, right: Table, prime: int) -> Table:
    """Multiply up to the last step; `y` goes round in its circle."""
    rows, columns = left.shape
    shape = (columns, max(2 * rows, 21 * (rows - 1) // 10))  # room for the product; small factors where rows are many
    axes = (1, 0)
    centred = [np.where(each > prime // 2, each - prime, each).astype(np.float64) for each in (left, right)]
    waves = [np.fft.rfft2(each, s=shape, axes=axes) for each in centred]
    product = np.fft.irfft2(waves[0] * waves[1], s=shape, axes=axes)[:rows]
    return np.rint(product).astype(np.int64) % prime


def _whole(remainders: list[int], primes: list[int]) -> int:
    """Put remainders together. Source: the Chinese remainder theorem (Knuth 4.3.2, theorem C)."""
    modulus = prod(primes)
    return (
        sum(
            remainder * (modulus // prime) * pow(modulus // prime, -1, prime)
            for remainder, prime in zip(remainders, primes, strict=True)
        )
        % modulus
    )
