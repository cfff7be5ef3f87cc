"""Chance that is the same on every machine: numbers drawn from a seed, as expressions over whole columns.

Each number is a function of the seed, of what it is drawn for, and of the row, so that leaving one thing out of the
night changes nothing else, and three million rows cost no loop.

Source: the mixing function of SplitMix64 (Steele, Lea and Flood, “Fast splittable pseudorandom number generators”,
OOPSLA 2014, figure 17).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import polars as pl

_GAMMA = 0x9E3779B97F4A7C15
_FIRST = 0xBF58476D1CE4E5B9
_SECOND = 0x94D049BB133111EB


@dataclass(frozen=True, slots=True)
class Chance:
    """Draws from one seed; `purpose` names a stream, and `of` the column whose values get a number each.

    >>> stations = pl.DataFrame({"index": [0, 1, 2]})
    >>> stations.select(Chance(2024).below("turnout", 100))["turnout"].to_list()
    [91, 57, 96]
    """

    seed: int

    def bits(self, purpose: str, of: str = "index") -> pl.Expr:
        """Draw 64 bits for each row."""
        state = pl.col(of).cast(pl.UInt64) * _unsigned(_GAMMA) + _unsigned(self._key(purpose))
        return _mixed(state).alias(purpose)

    def below(self, purpose: str, limit: int, of: str = "index") -> pl.Expr:
        """Draw a whole number from 0 up to, and without, `limit` for each row."""
        return ((self.bits(purpose, of) // _unsigned(1 << 11)) % _unsigned(limit)).cast(pl.Int64)

    def around(self, purpose: str, spread: int, of: str = "index") -> pl.Expr:
        """Draw a whole number from `-spread` to `spread` for each row."""
        return self.below(purpose, 2 * spread + 1, of) - spread

    def happens(self, purpose: str, per_thousand: int | pl.Expr, of: str = "index") -> pl.Expr:
        """Decide for each row whether something happens that happens to so many in a thousand."""
        return self.below(purpose, 1000, of) < per_thousand

    def number(self, purpose: str, limit: int) -> int:
        """Draw one number from 0 up to, and without, `limit`."""
        return self._key(purpose) % limit

    def _key(self, purpose: str) -> int:
        digest = hashlib.sha256(f"escruta demo/{self.seed}/{purpose}".encode()).digest()
        return int.from_bytes(digest[:8], "big")


def _mixed(state: pl.Expr) -> pl.Expr:
    """Mix the bits of a column; a division by a power of two is the shift to the right that Polars has no word for."""
    state = (state ^ (state // _unsigned(1 << 30))) * _unsigned(_FIRST)
    state = (state ^ (state // _unsigned(1 << 27))) * _unsigned(_SECOND)
    return state ^ (state // _unsigned(1 << 31))


def _unsigned(number: int) -> pl.Expr:
    return pl.lit(number, dtype=pl.UInt64)
