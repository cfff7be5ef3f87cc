"""A growing Merkle tree, of which only the right edge is kept: at most 255 hashes for each level of tiles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from escruta.tlog.errors import LogConflict
from escruta.tlog.hashing import EMPTY_ROOT, fold, node_hash

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
"""How many hashes a full tile holds. Source: C2SP tlog-tiles, "Merkle Tree"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeHead:
    """How many entries a tree holds, and the root that commits to each of them and their order."""

    size: int
    root: bytes


EMPTY_TREE = TreeHead(size=0, root=EMPTY_ROOT)


@dataclass(frozen=True, slots=True, kw_only=True)
class FullTile:
    """256 hashes of one level that will not change any more."""

    level: int
    index: int
    hashes: tuple[bytes, ...]


class RightEdge:
    """The hashes that are not yet part of a full tile, by level of tiles; enough to go on and to tell the root.

    >>> edge = RightEdge()
    >>> list(edge.extend([b"a" * 32, b"b" * 32])), edge.size
    ([], 2)
    >>> edge.head().root == node_hash(b"a" * 32, b"b" * 32)
    True
    """

    __slots__ = ("_first", "levels")

    def __init__(self, size: int = 0, levels: Iterable[Sequence[bytes]] = ()) -> None:
        """Take up a tree of `size` leaves with the hashes of its right edge, lowest level first."""
        self.levels = [list(level) for level in levels]
        self._first = size - len(self.levels[0]) if self.levels else size
        widths = [size >> (TILE_HEIGHT * level) & (TILE_WIDTH - 1) for level in range(len(self.levels))]
        rest = size >> (TILE_HEIGHT * len(self.levels))
        if [len(level) for level in self.levels] != widths or rest:
            raise LogConflict(f"a right edge of {[len(level) for level in self.levels]} hashes is not one of {size}")

    @property
    def size(self) -> int:
        """How many leaves the tree has."""
        return self._first + (len(self.levels[0]) if self.levels else 0)

    def copy(self) -> RightEdge:
        """Give an edge that grows on its own."""
        return RightEdge(self.size, self.levels)

    def room(self) -> int:
        """How many leaves the tile at the lowest level still takes."""
        return TILE_WIDTH - (len(self.levels[0]) if self.levels else 0)

    def extend(self, leaves: Sequence[bytes]) -> Iterator[FullTile]:
        """Add hashes of leaves; gives each tile as it becomes full, lowest first. Use the iterator up."""
        at = 0
        while at < len(leaves):
            taken = leaves[at : at + self.room()]
            if not self.levels:
                self.levels.append([])
            self.levels[0].extend(taken)
            at += len(taken)
            if len(self.levels[0]) == TILE_WIDTH:
                yield from self._carry()

    def _carry(self) -> Iterator[FullTile]:
        level = 0
        self._first += TILE_WIDTH
        while level < len(self.levels) and len(self.levels[level]) == TILE_WIDTH:
            full = self.levels[level]
            self.levels[level] = []
            index = (self._first >> (TILE_HEIGHT * (level + 1))) - 1
            yield FullTile(level=level, index=index, hashes=tuple(full))
            level += 1
            if level == len(self.levels):
                self.levels.append([])
            self.levels[level].append(fold(full))

    def head(self) -> TreeHead:
        """Give the size and root as they are now."""
        root = None
        for hashes in self.levels:
            root = join_peaks(hashes, root)
        return EMPTY_TREE if root is None else TreeHead(size=self.size, root=root)


def join_peaks(hashes: Sequence[bytes], right: bytes | None) -> bytes | None:
    """Put what stands to the right under the perfect subtrees of one level, from right to left."""
    end = len(hashes)
    root = right
    while end:
        width = end & -end
        peak = fold(hashes[end - width : end])
        root = peak if root is None else node_hash(peak, root)
        end -= width
    return root


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Give the root over the hashes of some leaves.

    >>> root_of([]) == EMPTY_ROOT
    True
    """
    edge = RightEdge()
    for _ in edge.extend(leaves):
        pass
    return edge.head().root
