"""A short hash of how a picture looks, so that two files of one picture are found among thousands.

The picture is drawn very small, and the signs of its lowest frequencies are kept: 256 bits that change little when a
picture is scaled, made brighter or saved with more loss, and by about a half between pictures that are not alike.
Source: the cosine-transform hash of C. Zauner, *Implementation and Benchmarking of Perceptual Image Hash Functions*,
2010, section 3.2.1, with 16 × 16 frequencies in place of 8 × 8.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Hashes: TypeAlias = npt.NDArray[np.uint64]
"""`(pictures, WORDS)`."""

BITS = 256
WORDS = BITS // 64
NEAR_BITS = 24
"""At most so many bits differ between two files of one picture; between two photographs of one form far more do."""
MOST_PAIRS = 100_000
"""More pairs than these are not told: their pictures were then not compared with all others."""
_SMALL = 64
_KEPT = 16
_BLOCK = 1024


def look_hash(grey: npt.NDArray[np.uint8]) -> Hashes:
    """Hash a picture, `(height, width)` of grey levels, into `WORDS` words."""
    import cv2  # noqa: PLC0415 - an extra

    small = cv2.resize(grey, (_SMALL, _SMALL), interpolation=cv2.INTER_AREA).astype(np.float32)
    low = cv2.dct(small)[: _KEPT + 1, : _KEPT + 1]
    kept = np.delete(low.ravel(), 0)[:BITS]  # the first is the mean brightness
    bits: npt.NDArray[np.bool_] = kept > np.median(kept)
    return np.packbits(bits).view(np.uint64).copy()


def to_text(looks: Hashes) -> str:
    """Write a hash as 64 hexadecimal digits."""
    return looks.tobytes().hex()


def from_text(text: str) -> Hashes:
    """Read a hash that was written."""
    return np.frombuffer(bytes.fromhex(text), dtype=np.uint64)


def near_pairs(looks: Hashes, most_bits: int = NEAR_BITS, most_pairs: int = MOST_PAIRS) -> npt.NDArray[np.int64]:
    """Find all pairs of pictures whose hashes differ in at most `most_bits` bits: `(pairs, 2)`, the lower first.

    Every pair is looked at, a block of rows at a time, so the memory does not grow with the square of the number: ten
    thousand pictures take about a second. It stops when there are `most_pairs`: a flood of one picture is not listed
    pair by pair.
    """
    found = [np.empty((0, 2), dtype=np.int64)]
    columns = np.ascontiguousarray(looks.T)
    for start in range(0, len(looks), _BLOCK):
        end = min(start + _BLOCK, len(looks))
        differing = np.zeros((end - start, len(looks) - start), dtype=np.uint16)
        for column in columns:
            differing += np.bitwise_count(column[start:end, None] ^ column[None, start:])
        rows, others = np.nonzero(differing <= most_bits)
        pairs = np.stack([rows, others], axis=1) + start
        found.append(pairs[pairs[:, 0] < pairs[:, 1]])
        if sum(map(len, found)) >= most_pairs:
            break
    return np.concatenate(found)[:most_pairs]
