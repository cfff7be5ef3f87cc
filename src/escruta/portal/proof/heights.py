"""All inclusion proofs of a tree at once: every level is computed from the one below it, and kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from escruta.tlog.hashing import EMPTY_ROOT, HASH_SIZE, NODE

TILE_HEIGHT = 8
"""No subtree of a part is cut lower than this where the part has room for it: `2**8` leaves."""
MOST_TOPS = 256
"""About how many subtrees a part of a tree is cut into, however large it is."""


class Heights:
    """The hashes of a tree, level by level, in 64 bytes a leaf.

    A level holds the roots of neighbouring subtrees of `2**height` leaves; the last subtree may have fewer, and where
    it has no neighbour it stands unchanged in the level above. That is the tree of RFC 6962, section 2.1.

    >>> tree = Heights([bytes([number]) * 32 for number in range(3)])
    >>> tree.path(2) == (tree.node(1, 0),), len(tree.path(0)), tree.path(0, size=1)
    (True, 2, ())
    """

    def __init__(self, leaves: Iterable[bytes], since: Heights | None = None) -> None:
        """Compute all levels from the hashes of the leaves, or of those that came since the tree was smaller."""
        before: list[bytes] = [b""] if since is None else since._levels  # noqa: SLF001 - one of us
        whole = 0 if since is None else since.size
        self._levels: list[bytes] = [before[0] + b"".join(leaves)]
        while len(self._levels[-1]) > HASH_SIZE:
            height = len(self._levels)
            kept = (whole >> height) * HASH_SIZE  # what was whole stays as it is
            stays = before[height][:kept] if height < len(before) else b""
            self._levels.append(stays + _above(self._levels[-1][2 * len(stays) :]))
        self._edges: dict[int, dict[int, bytes]] = {}

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

    def root_at(self, size: int) -> bytes:
        """Give the root that the tree had when it was smaller."""
        if size <= 1:
            return self.node(0, 0) if size else EMPTY_ROOT
        return self._edge(size)[(size - 1).bit_length()]

    def path(self, index: int, *, size: int | None = None, start: int = 0, end: int | None = None) -> tuple[bytes, ...]:
        """Give the hashes that lead from a leaf to the root that the tree has, or had at a smaller size.

        With `start` and `end`, only those from one height to below another.
        """
        whole = self.size if size is None else size
        top = max(whole - 1, 0).bit_length() if end is None else min(end, max(whole - 1, 0).bit_length())
        found = []
        for height in range(start, top):
            beside = index >> height ^ 1
            if (beside + 1) << height <= whole:
                found.append(self.node(height, beside))
            elif beside << height < whole:
                found.append(self._edge(whole)[height])
        return tuple(found)

    def _edge(self, size: int) -> dict[int, bytes]:
        """Give the last subtree at each height of the tree as it was at a size."""
        found = self._edges.get(size)
        if found is None:
            found = self._edges[size] = dict(self._edge_nodes(size))
        return found

    def _edge_nodes(self, size: int) -> Iterator[tuple[int, bytes]]:
        last = self.node(0, size - 1)
        for height in range((size - 1).bit_length() + 1):
            number = (size - 1) >> height  # of the last subtree at this height
            if height and (size - 1) >> (height - 1) & 1:
                last = sha256(NODE + self.node(height - 1, number * 2) + last).digest()
            yield height, last


def _above(level: bytes) -> bytes:
    pairs = len(level) // (2 * HASH_SIZE) * 2 * HASH_SIZE
    hashes = [sha256(NODE + level[at : at + 2 * HASH_SIZE]).digest() for at in range(0, pairs, 2 * HASH_SIZE)]
    return b"".join(hashes) + level[pairs:]


@dataclass(frozen=True, slots=True)
class Top:
    """A whole subtree: `2**height` leaves, the `index`-th of that height."""

    height: int
    index: int

    @property
    def start(self) -> int:
        """Its first leaf."""
        return self.index << self.height


def tops_between(start: int, end: int) -> list[Top]:
    """Cut the leaves from one to below another into whole subtrees, none higher than the part's size asks for.

    A tree that grows never changes what this gives for a part of it.

    >>> [(top.height, top.start) for top in tops_between(3, 9)]
    [(0, 3), (2, 4), (0, 8)]
    """
    highest, found = highest_between(start, end), []
    while start < end:
        aligned = (start & -start).bit_length() - 1 if start else highest
        height = min(highest, aligned, (end - start).bit_length() - 1)
        found.append(Top(height, start >> height))
        start += 1 << height
    return found


def highest_between(start: int, end: int) -> int:
    """Give the greatest height of a subtree in a part of a tree.

    >>> highest_between(0, 50), highest_between(0, 65_537)
    (8, 9)
    """
    return max(TILE_HEIGHT, ((end - start - 1) // MOST_TOPS).bit_length())


def tops_of(sizes: Sequence[int]) -> list[Top]:
    """Cut a tree at each of its earlier sizes and at its last; these are in order, the last one is its own."""
    starts = (0, *sizes)
    return [top for start, end in zip(starts, sizes, strict=False) for top in tops_between(start, end)]
