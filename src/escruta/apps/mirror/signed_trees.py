"""A published tree, read from its signed root downwards.

No tile and no entry is used before it was held against what lies above it, so that a mirror never writes down anything
false under the name of a log, and says which file is false.
"""

from __future__ import annotations

from collections.abc import Callable

from escruta.apps.mirror.errors import SourceDamaged
from escruta.tlog.building import CHECKPOINT
from escruta.tlog.encodings import to_base64
from escruta.tlog.errors import TileMalformed
from escruta.tlog.hashing import fold, leaf_hash
from escruta.tlog.reading import Resources, read_tile
from escruta.tlog.tiles import Tile, parse_bundle, parse_tile, tile_at
from escruta.tlog.trees import TILE_HEIGHT, TILE_WIDTH, RightEdge, TreeHead


class SignedTree:
    """A tree of which the head is signed, wherever its tiles are."""

    def __init__(self, resources: Resources, head: TreeHead, locate: Callable[[str], str] = str) -> None:
        """Read the right edge, and see that it leads to the root; `locate` names a file in messages.

        Raises `SourceDamaged`, and `TileMalformed`.
        """
        self.head = head
        self._resources = resources
        self._locate = locate
        self._full: dict[int, tuple[int, tuple[bytes, ...]]] = {}
        """By level: the full tile that was read last, with its index."""
        self.edge = RightEdge(head.size, [self._edge_hashes(level) for level in range(_levels_of(head.size))])
        if self.edge.head() != head:
            raise SourceDamaged(
                "the tiles at the right edge lead to another root than was signed",
                where=self._locate(CHECKPOINT),
                found=to_base64(self.edge.head().root),
                expected=to_base64(head.root),
                advice="Try later, or another mirror.",
            )

    def edge_at(self, size: int) -> RightEdge:
        """Give the right edge that this tree had when it was smaller."""
        levels = []
        for level in range(_levels_of(size)):
            index, width = divmod(size >> (TILE_HEIGHT * level), TILE_WIDTH)
            levels.append(list(self.hashes(level, index)[:width]) if width else [])
        return RightEdge(size, levels)

    def hashes(self, level: int, index: int) -> tuple[bytes, ...]:
        """Give the hashes of a tile."""
        if tile_at(level, index, self.head.size).width < TILE_WIDTH:
            return tuple(self.edge.levels[level])
        read = self._full.get(level)
        if read is None or read[0] != index:
            tile = Tile(level=level, index=index)
            hashes = parse_tile(*self._read(tile), where=self._locate(tile.path))
            if fold(hashes) != self._hash_of(level, index):
                raise self._differs(tile)
            read = self._full[level] = (index, hashes)
        return read[1]

    def accept(self, tile: Tile, raw: bytes, width: int) -> list[bytes]:
        """Give the entries of a bundle, shown to be those that the root commits to."""
        entries = list(parse_bundle(raw, width, where=self._locate(tile.path))[: tile.width])
        leaves = [leaf_hash(entry) for entry in entries]
        is_signed = fold(leaves) == self._hash_of(0, tile.index) if tile.is_full else leaves == self.edge.levels[0]
        if not is_signed:
            raise self._differs(tile)
        return entries

    def entries(self, tile: Tile) -> list[bytes]:
        """Read the entries of a bundle, shown to be those that the root commits to."""
        return self.accept(tile, *self._read(tile))

    def _hash_of(self, level: int, index: int) -> bytes:
        """Give what the level above has of a full tile."""
        return self.hashes(level + 1, index // TILE_WIDTH)[index % TILE_WIDTH]

    def _edge_hashes(self, level: int) -> tuple[bytes, ...]:
        index, width = divmod(self.head.size >> (TILE_HEIGHT * level), TILE_WIDTH)
        if not width:
            return ()
        tile = Tile(level=level, index=index, width=width)
        return parse_tile(*self._read(tile), where=self._locate(tile.path))[:width]

    def _read(self, tile: Tile) -> tuple[bytes, int]:
        found = read_tile(self._resources, tile)
        if found is None:
            raise TileMalformed("the file is not there", where=self._locate(tile.path), found="no file")
        return found

    def _differs(self, tile: Tile) -> SourceDamaged:
        return SourceDamaged(
            "this file is not what the log signed",
            where=self._locate(tile.path),
            found="other bytes",
            expected=f"what the root of {self.head.size} entries commits to",
            advice="Try later, or another mirror.",
        )


def _levels_of(size: int) -> int:
    return (size.bit_length() + TILE_HEIGHT - 1) // TILE_HEIGHT
