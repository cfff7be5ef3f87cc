"""From entries to tiles and bundles: what new entries add to a log's folder, and a whole log at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import islice
from pathlib import Path

from escruta.tlog.checkpoints import Checkpoint
from escruta.tlog.errors import LogConflict
from escruta.tlog.files import THREADS, Disk, DurableWriter, Files, open_writer
from escruta.tlog.hashing import LEAF
from escruta.tlog.keys import Signer
from escruta.tlog.notes import Note
from escruta.tlog.signing import sign_checkpoint
from escruta.tlog.tiles import Tile, edge_of, encode_bundle
from escruta.tlog.trees import TILE_WIDTH, RightEdge

CHECKPOINT = "checkpoint"
"""The one file of a log that changes."""


class Integrator:
    """Writes the tiles and bundles that new entries fill; keeps one bundle and the right edge in memory."""

    def __init__(self, writer: DurableWriter, edge: RightEdge | None = None, tail: Sequence[bytes] = ()) -> None:
        """Go on from a right edge, and from the entries of the bundle that is not yet full."""
        self.edge = RightEdge() if edge is None else edge
        self._writer = writer
        self._tail = list(tail)
        if len(self._tail) != self.edge.size % TILE_WIDTH:
            raise LogConflict(f"{len(self._tail)} entries cannot be the last of {self.edge.size}")

    def add(self, entries: Iterable[bytes]) -> None:
        """Add entries, and write each tile and bundle that becomes full."""
        each = iter(entries)
        while chunk := list(islice(each, TILE_WIDTH - len(self._tail))):
            self._tail += chunk
            index = self.edge.size // TILE_WIDTH
            if len(self._tail) == TILE_WIDTH:
                self._writer.put(Tile(level=None, index=index).path, encode_bundle(self._tail))
                self._tail = []
            for tile in self.edge.extend([sha256(LEAF + entry).digest() for entry in chunk]):
                self._writer.put(Tile(level=tile.level, index=tile.index).path, b"".join(tile.hashes))

    def write_edge(self) -> None:
        """Write the partial tiles and the partial bundle: whoever reads this size needs them."""
        for tile in edge_of(self.edge.size):
            raw = encode_bundle(self._tail) if tile.level is None else b"".join(self.edge.levels[tile.level])
            self._writer.put(tile.path, raw)


def build_log(
    folder: Path,
    entries: Iterable[bytes],
    *,
    origin: str,
    signers: Sequence[Signer],
    time_s: int,
    files: Files | None = None,
    threads: int = THREADS,
) -> Note:
    """Write a whole log that will not grow, entry by entry, in little memory; gives its checkpoint.

    `time_s` is the time that the signatures tell, in seconds since 1970 in UTC. Raises `LogConflict` where the folder
    holds a log already: a second checkpoint could contradict the first.
    """
    disk = files or Disk()
    if disk.read(folder / CHECKPOINT) is not None:
        raise LogConflict(f"{folder} holds a log already")
    with open_writer(folder, disk, threads=threads, has_many=True) as writer:
        integrator = Integrator(writer)
        integrator.add(entries)
        integrator.write_edge()
        writer.finish()
        note = sign_checkpoint(Checkpoint(origin=origin, head=integrator.edge.head()), signers, time_s=time_s)
        writer.replace(CHECKPOINT, bytes(note))
    return note
