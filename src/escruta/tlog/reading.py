"""Read a published log: its entries, and proofs made from at most a few tiles, each verified before it is given.

A tile is believed for what it leads to, never for what it says: whatever is made here is verified up to the root of the
tree head, so a forged tile makes an error and not a proof.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Protocol

from escruta.tlog.building import CHECKPOINT
from escruta.tlog.errors import NoteMalformed, ProofRefused, TileMalformed
from escruta.tlog.files import STAGING
from escruta.tlog.hashing import EMPTY_ROOT, HASH_SIZE, fold_joined, leaf_hash, node_hash
from escruta.tlog.notes import Note, parse_note
from escruta.tlog.policies import Policy, standing_of
from escruta.tlog.proof_files import ProofFile
from escruta.tlog.proofs import make_consistency_proof, make_inclusion_proof, verify_consistency, verify_inclusion
from escruta.tlog.tiles import Tile, parse_bundle, require_tile, tile_at
from escruta.tlog.trees import TILE_HEIGHT, TILE_WIDTH, TreeHead


class Resources(Protocol):
    """A published log, wherever it is: a folder, an archive, a server."""

    def read(self, path: str) -> bytes | None:
        """Give the bytes of a file; None where there is none."""
        ...

    def paths(self) -> Iterator[str] | None:
        """Give the path of every file; None where they cannot be listed."""
        ...


class LogFolder:
    """A published log in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, path: str) -> bytes | None:
        """Give the bytes of a file; None where there is none."""
        try:
            return (self._folder / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    def paths(self) -> Iterator[str]:
        """Give the path of every file, in order; what waits for its name is not published."""
        for path in sorted(self._folder.rglob("*")):
            relative = PurePosixPath(path.relative_to(self._folder).as_posix())
            if relative.parts[0] != STAGING and not path.is_dir():
                yield str(relative)


def read_checkpoint(resources: Resources) -> Note:
    """Read the checkpoint; nothing is verified yet."""
    raw = resources.read(CHECKPOINT)
    if raw is None:
        raise NoteMalformed("there is no checkpoint", where=CHECKPOINT, expected="a signed note")
    return parse_note(raw, where=CHECKPOINT)


def read_tile(resources: Resources, tile: Tile) -> tuple[bytes, int] | None:
    """Read a tile or bundle, and tell how many places its bytes fill; None where it is not there.

    A log may remove a partial one when the full one is there, which then stands in its place.
    Source: C2SP tlog-tiles, "Partial Tiles".
    """
    raw = resources.read(tile.path)
    if raw is not None:
        return raw, tile.width
    raw = None if tile.is_full else resources.read(tile.full.path)
    return None if raw is None else (raw, TILE_WIDTH)


def read_entries(resources: Resources, size: int) -> Iterator[bytes]:
    """Give every entry of a log of this size, in order; nothing is verified.

    Raises `TileMalformed` at the first bundle that is missing or not whole.
    """
    for index in range((size + TILE_WIDTH - 1) // TILE_WIDTH):
        tile = tile_at(None, index, size)
        found = read_tile(resources, tile)
        if found is None:
            raise TileMalformed("the bundle is missing", where=tile.path, found="no file")
        raw, width = found
        yield from parse_bundle(raw, width, where=tile.path)[: tile.width]


class TreeReader:
    """A published tree of which one head is known. What it gives is verified against that head."""

    def __init__(self, resources: Resources, head: TreeHead) -> None:
        self.head = head
        self._resources = resources
        self._tiles: dict[tuple[int, int], bytes] = {}

    def entry(self, index: int) -> bytes:
        """Give an entry, shown to be included."""
        entry = self._entry(index)
        self.prove_inclusion(index, leaf_hash(entry))
        return entry

    def prove_inclusion(self, index: int, leaf: bytes | None = None) -> tuple[bytes, ...]:
        """Give the proof that a leaf is included, by default the leaf that stands in the entries."""
        leaf = leaf_hash(self._entry(index)) if leaf is None else leaf
        proof = make_inclusion_proof(index, self.head.size, self.node_at)
        verify_inclusion(leaf, index, proof, self.head)
        return proof

    def prove_consistency(self, old: TreeHead) -> tuple[bytes, ...]:
        """Give the proof that this tree begins with all of an earlier one."""
        proof = make_consistency_proof(old.size, self.head.size, self.node_at)
        verify_consistency(old, self.head, proof)
        return proof

    def root_at(self, size: int) -> bytes:
        """Give the root of the first entries, from the roots of the perfect subtrees that they make; not verified."""
        root = None
        for height in (height for height in range(size.bit_length()) if size >> height & 1):
            peak = self.node_at(height, (size >> height) - 1)
            root = peak if root is None else node_hash(peak, root)
        return EMPTY_ROOT if root is None else root

    def node_at(self, height: int, index: int) -> bytes:
        """Give the root of a perfect subtree, as the tiles have it; not verified."""
        level, rest = divmod(height, TILE_HEIGHT)
        start = index << rest
        hashes = self._hashes(level, start // TILE_WIDTH)
        first = start % TILE_WIDTH * HASH_SIZE
        return fold_joined(hashes[first : first + (HASH_SIZE << rest)])

    def _hashes(self, level: int, index: int) -> bytes:
        """Give the hashes of a tile, one after another."""
        if (level, index) not in self._tiles:
            tile = tile_at(level, index, self.head.size)
            raw, width = self._read(tile)
            require_tile(raw, width, where=tile.path)
            self._tiles[level, index] = raw
        return self._tiles[level, index]

    def _entry(self, index: int) -> bytes:
        if not 0 <= index < self.head.size:
            raise ProofRefused("the tree has no such entry", found=index, expected=f"an index below {self.head.size}")
        tile = tile_at(None, index // TILE_WIDTH, self.head.size)
        raw, width = self._read(tile)
        return parse_bundle(raw, width, where=tile.path)[index % TILE_WIDTH]

    def _read(self, tile: Tile) -> tuple[bytes, int]:
        found = read_tile(self._resources, tile)
        if found is None:
            raise TileMalformed("the tile is missing", where=tile.path, found="no file")
        return found


def prove(resources: Resources, index: int, policy: Policy) -> tuple[bytes, ProofFile]:
    """Give an entry of a published log, and the proof file that shows it to anyone.

    The checkpoint must be signed by a log of the policy; whether the quorum cosigned is for the reader of the proof.
    """
    note = read_checkpoint(resources)
    standing = standing_of(note, policy, where=CHECKPOINT)
    tree = TreeReader(resources, standing.checkpoint.head)
    entry = tree.entry(index)
    return entry, ProofFile(index=index, hashes=tree.prove_inclusion(index, leaf_hash(entry)), checkpoint=note)
