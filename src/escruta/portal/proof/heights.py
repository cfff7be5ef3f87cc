"""All inclusion proofs of a tree at once: every level is computed from the one below it, and kept."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from hashlib import sha256

from escruta.tlog.hashing import EMPTY_ROOT, HASH_SIZE, NODE

MOST_TOPS = 256
"""How many roots of subtrees stand in the page that checks any sheet; what lies above them is not in the addresses."""


class Heights:
    """The hashes of a tree, level by level, in 64 bytes a leaf.

    A level holds the roots of neighbouring subtrees of `2**height` leaves; the last subtree may have fewer, and where
    it has no neighbour it stands unchanged in the level above. That is the tree of RFC 6962, section 2.1.

    >>> tree = Heights([bytes([number]) * 32 for number in range(3)])
    >>> tree.path(2) == (tree.node(1, 0),), len(tree.path(0))
    (True, 2)
    """

    def __init__(self, leaves: Iterable[bytes]) -> None:
        """Compute all levels from the hashes of the leaves."""
        self._levels = [b"".join(leaves)]
        while len(self._levels[-1]) > HASH_SIZE:
            self._levels.append(_above(self._levels[-1]))

    @property
    def size(self) -> int:
        """How many leaves the tree has."""
        return len(self._levels[0]) // HASH_SIZE

    @property
    def root(self) -> bytes:
        """The root over all leaves."""
        return self._levels[-1] or EMPTY_ROOT

    def node(self, height: int, index: int) -> bytes:
        """Give the root of a subtree of `2**height` leaves, or of fewer at the right edge."""
        return self._levels[height][index * HASH_SIZE : (index + 1) * HASH_SIZE]

    def path(self, index: int, start: int = 0, end: int | None = None) -> tuple[bytes, ...]:
        """Give the hashes that lead from a leaf to the root, or those of them from one height to below another."""
        top = len(self._levels) - 1 if end is None else end
        beside = (self.node(height, index >> height ^ 1) for height in range(start, top))
        return tuple(node for node in beside if node)

    @cached_property
    def top_height(self) -> int:
        """The lowest height with few enough subtrees for their roots to stand in a page."""
        return next(height for height, level in enumerate(self._levels) if len(level) <= MOST_TOPS * HASH_SIZE)

    @property
    def tops(self) -> tuple[bytes, ...]:
        """The roots of the subtrees of that height."""
        level = self._levels[self.top_height]
        return tuple(level[at : at + HASH_SIZE] for at in range(0, len(level), HASH_SIZE))


def _above(level: bytes) -> bytes:
    pairs = len(level) // (2 * HASH_SIZE) * 2 * HASH_SIZE
    hashes = [sha256(NODE + level[at : at + 2 * HASH_SIZE]).digest() for at in range(0, pairs, 2 * HASH_SIZE)]
    return b"".join(hashes) + level[pairs:]
