"""Pairs of alike pictures, gathered as they are found and never more of them than can be told or looked at."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Pairs = npt.NDArray[np.int64]
"""`(pairs, 2)`: rows of pages, the lower first."""


class Near:
    """Nearly the same pictures: each page is in some of its pairs, and no page in more than are asked for by name."""

    def __init__(self, pages: int, most: int) -> None:
        """Take the number of pages, and of how many pairs a page is to be named in before further ones are passed."""
        self._most = most
        self._named = np.zeros(pages, dtype=np.int64)
        self._kept: list[Pairs] = []

    def add(self, pairs: Pairs) -> None:
        """Add pairs in which at least one page is not named often enough yet."""
        first, second = pairs[:, 0], pairs[:, 1]
        wanting = (_place_in_run(first) + self._named[first] < self._most) | (
            _place_in_run(second) + self._named[second] < self._most
        )
        kept = pairs[wanting]
        np.add.at(self._named, kept.ravel(), 1)
        if len(kept):
            self._kept.append(kept)

    def pairs(self) -> Pairs:
        """Give what was kept."""
        return np.concatenate([np.empty((0, 2), dtype=np.int64), *self._kept])


def _place_in_run(values: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Say of each value how many equal ones stand before it.

    >>> _place_in_run(np.array([5, 7, 5, 5]))
    array([0, 0, 1, 2])
    """
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    at = np.arange(len(values))
    is_new = np.concatenate([np.ones(min(1, len(values)), dtype=np.bool_), ordered[1:] != ordered[:-1]])
    places = np.empty(len(values), dtype=np.int64)
    places[order] = at - np.maximum.accumulate(np.where(is_new, at, 0))
    return places


class Regions:
    """The most alike pairs, and which pages are in a pair that was left out for them."""

    def __init__(self, pages: int, most: int) -> None:
        """Take the number of pages, and how many pairs are wanted."""
        self._most = most
        self._pairs: Pairs = np.empty((0, 2), dtype=np.int64)
        self._bits = np.empty(0, dtype=np.int64)
        self.left_out = np.zeros(pages, dtype=np.bool_)

    def add(self, pairs: Pairs, bits: npt.NDArray[np.int64]) -> None:
        """Add pairs and in how many bits each differs; of equal ones, those that come first are kept."""
        if len(self._bits) == self._most:
            better = bits < self._bits[-1]
            self.left_out[pairs[~better]] = True
            pairs, bits = pairs[better], bits[better]
        pairs, bits = np.concatenate([self._pairs, pairs]), np.concatenate([self._bits, bits])
        order = np.argsort(bits, kind="stable")
        self._pairs, self._bits = pairs[order[: self._most]], bits[order[: self._most]]
        self.left_out[pairs[order[self._most :]]] = True

    def pairs(self) -> Pairs:
        """Give the pairs, the most alike first."""
        return self._pairs
