"""Which pictures of one code are laid upon each other: a code that was pasted brings its own pixels along."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from escruta.apps.scan.gathering import Gathered
from escruta.sources.scans.evidence import NEAR_BITS, each_near
from escruta.sources.scans.evidence.hashes import Hashes

Rows: TypeAlias = npt.NDArray[np.int64]

MOST_CODES = 400
"""How many pairs of one code are compared pixel by pixel."""


class CodePairs:
    """Pairs of pages that bear one code and do not look alike; each code has its turn before any has a second one."""

    def __init__(self, gathered: Gathered, looks: Hashes, most: int | None = None) -> None:
        """Take the pages, their hashes in the same order, and how many pairs are wanted."""
        rows = gathered.pages.select("copy").with_row_index("row")
        found = gathered.codes.join(rows, on="copy").sort("code", "row")
        several = found.group_by("code", maintain_order=True).agg(pl.col("row").cast(pl.Int64))
        self._groups = several.filter(pl.col("row").list.len() > 1)
        self._looks = looks
        self._most = MOST_CODES if most is None else most
        self.left_out = np.zeros(len(looks), dtype=np.bool_)

    def pairs(self) -> Iterator[tuple[bytes, Rows]]:
        """Give a code and two pages, as often as is wanted; when all are given, the pages of others are `left_out`."""
        given = [np.zeros(len(rows), dtype=np.int64) for rows in self._groups["row"]]
        turns = deque((at, self._pairs_of(at)) for at in range(len(given)))
        left = self._most
        while turns and left > 0:
            at, waiting = turns.popleft()
            pair = next(waiting, None)
            if pair is not None:
                left -= 1
                given[at][pair] += 1
                turns.append((at, waiting))
                yield self._groups["code"][at], self._rows(at)[pair]
        for at, _ in turns:
            self._leave_out(at, given[at])

    def _rows(self, at: int) -> Rows:
        return np.asarray(self._groups["row"][at].to_numpy(), dtype=np.int64)

    def _pairs_of(self, at: int) -> Iterator[Rows]:
        """Give the pairs of one code that do not look alike, as places in its rows."""
        looks = self._looks[self._rows(at)]
        for second in range(1, len(looks)):
            differing = np.bitwise_count(looks[:second] ^ looks[second]).sum(axis=1, dtype=np.int64)
            for first in np.flatnonzero(differing > NEAR_BITS):
                yield np.array([first, second], dtype=np.int64)

    def _leave_out(self, at: int, given: Rows) -> None:
        """Mark the pages of a code that were not compared with every other one that does not look like them."""
        rows = self._rows(at)
        settled = given
        for near in each_near(self._looks[rows]):
            np.add.at(settled, near.pairs.ravel(), 1)
        self.left_out[rows[settled < len(rows) - 1]] = True
