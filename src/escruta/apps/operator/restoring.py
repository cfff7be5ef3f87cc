"""Bring a database that was restored from an old copy, or lost, up to date from a copy of the published log.

Every entry is hashed again: what is taken leads to the root that the log's own key signed, or nothing is recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from escruta.apps.operator.errors import HomeUnusable
from escruta.apps.operator.homes import Home
from escruta.tlog.building import CHECKPOINT, Integrator
from escruta.tlog.checkpoints import checkpoint_of
from escruta.tlog.errors import LogConflict, TileMalformed
from escruta.tlog.files import open_writer
from escruta.tlog.hashing import leaf_hash
from escruta.tlog.notes import Note
from escruta.tlog.reading import Resources, read_checkpoint, read_tile
from escruta.tlog.sequencing import RecordedHead
from escruta.tlog.signing import verify_note
from escruta.tlog.tiles import encode_bundle, parse_bundle, tile_at
from escruta.tlog.trees import TILE_WIDTH, RightEdge, TreeHead
from escruta.tlog.witness_state import origin_hash


def restore_from(home: Home, copy: Resources) -> TreeHead:
    """Take the entries of a copy into the database, and record the checkpoint that it shows; gives what is there now.

    Raises `LogConflict` where the database has other entries than the copy, or the copy does not lead to what was
    signed. Entries that the database has beyond the copy stay. Ask the other mirrors and the log witnesses afterwards,
    as opening the log does.
    """
    copy = _log_within(copy, home.origin)
    note = read_checkpoint(copy)
    head = _require_own(home, note)
    home.sequencer.become_publisher()
    last = home.last_note()
    if last is not None and checkpoint_of(last).head.size >= head.size:
        size = checkpoint_of(last).head.size
        raise HomeUnusable(
            "this copy has no more than was recorded", where=CHECKPOINT, found=head.size, expected=f"more than {size}"
        )
    digests = _verify(copy, head)
    edge = _take_all(home, copy, head, digests)
    levels = tuple(b"".join(hashes) for hashes in edge.levels)
    own = tuple(line for line in note.signatures if line.name == home.origin)
    home.sequencer.record(RecordedHead(head=head, note=bytes(Note(text=note.text, signatures=own)), edge=levels))
    home.keep_last()
    return head


@dataclass(frozen=True, slots=True)
class _Within:
    """What stands below a folder of a place."""

    place: Resources
    folder: str

    def read(self, path: str) -> bytes | None:
        return self.place.read(f"{self.folder}{path}")

    def paths(self) -> Iterator[str] | None:
        return None


def _log_within(copy: Resources, origin: str) -> Resources:
    """Find the log: the place itself, the log of a record, or this log in the folder of a mirror."""
    folders = ("", "log/", f"{origin_hash(origin)}/")
    for folder in folders:
        if copy.read(f"{folder}{CHECKPOINT}") is not None:
            return _Within(copy, folder)
    raise HomeUnusable(
        "there is no copy of this log at this place",
        found="no checkpoint",
        expected=", or ".join(f"{folder}{CHECKPOINT}" for folder in folders),
        advice="Name the folder or address that has the checkpoint in it.",
    )


def _verify(copy: Resources, head: TreeHead) -> tuple[bytes, ...]:
    """Show that the copy's entries lead to the root before one is taken; gives the digest of each bundle."""
    edge, digests = RightEdge(), []
    for _, entries in _bundles(copy, head.size):
        for _ in edge.extend([leaf_hash(entry) for entry in entries]):
            pass
        digests.append(_digest(entries))
    if edge.head() != head:
        raise LogConflict("the entries of the copy do not lead to the root that the log signed: take another copy")
    return tuple(digests)


def _take_all(home: Home, copy: Resources, head: TreeHead, digests: tuple[bytes, ...]) -> RightEdge:
    """Take the entries, and write the tiles and bundles that are published; gives the right edge."""
    with open_writer(home.log_folder) as writer:
        integrator = Integrator(writer)
        for (start, entries), digest in zip(_bundles(copy, head.size), digests, strict=True):
            if _digest(entries) != digest:
                raise LogConflict("the copy changed while it was read: take another copy")
            _take(home, start, entries)
            integrator.add(entries)
        integrator.write_edge()
        writer.finish()
    return integrator.edge


def _digest(entries: tuple[bytes, ...]) -> bytes:
    return sha256(encode_bundle(entries)).digest()


def _require_own(home: Home, note: Note) -> TreeHead:
    checkpoint = checkpoint_of(note, where=CHECKPOINT)
    if checkpoint.origin != home.origin:
        raise HomeUnusable(
            "this is a copy of another log", where=CHECKPOINT, found=checkpoint.origin, expected=home.origin
        )
    verify_note(note, (*home.keys, *home.settings.retired), where=CHECKPOINT)
    return checkpoint.head


def _bundles(copy: Resources, size: int) -> Iterator[tuple[int, tuple[bytes, ...]]]:
    for index in range((size + TILE_WIDTH - 1) // TILE_WIDTH):
        tile = tile_at(None, index, size)
        read = read_tile(copy, tile)
        if read is None:
            raise TileMalformed("the bundle is missing", where=tile.path, found="no file")
        yield index * TILE_WIDTH, tuple(parse_bundle(*read, where=tile.path)[: tile.width])


def _take(home: Home, start: int, entries: tuple[bytes, ...]) -> None:
    """Take entries at their places; the database may have some of them already."""
    known = min(max(home.sequencer.size() - start, 0), len(entries))
    if tuple(home.sequencer.entries(start, start + known)) != entries[:known]:
        raise LogConflict(f"the database has other entries than the copy, from {start} on: two histories")
    given = home.sequencer.append(entries[known:])
    if given != tuple(range(start + known, start + len(entries))):
        raise LogConflict(f"the copy has an entry twice, from {start + known} on: it is no log of ours")
