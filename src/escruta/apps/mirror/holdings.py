"""What a mirror holds of one log, and what it remembers beside it.

DIR/HASH/…                 the log as it is served: checkpoint, tile/…; HASH is the SHA-256 of the origin
DIR/.state/HASH/pending    the checkpoint that is being fetched; from then on no other history is accepted
DIR/.state/HASH/policy     whose signature the log must bear
DIR/evidence/HASH/…        notes of the log that contradict each other, for ever
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from escruta.apps.mirror.errors import MirrorUnusable, SourceDamaged
from escruta.apps.mirror.signed_trees import SignedTree
from escruta.base.errors import InputError
from escruta.tlog.building import CHECKPOINT
from escruta.tlog.checkpoints import checkpoint_of
from escruta.tlog.errors import LogInputError
from escruta.tlog.files import Disk, DurableWriter, Files
from escruta.tlog.locking import locked
from escruta.tlog.notes import Note, parse_note
from escruta.tlog.reading import LogFolder
from escruta.tlog.tiles import tile_at
from escruta.tlog.trees import TILE_WIDTH, RightEdge, TreeHead
from escruta.tlog.witness_state import origin_hash

STATE, EVIDENCE = ".state", "evidence"
PENDING, POLICY = "pending", "policy"
_LOCK = "lock"
_MOST_EVIDENCE = 100
"""Notes of one log: more of them prove nothing new, and nobody shall fill our disk."""


class Holding:
    """One log in a mirror's folder."""

    def __init__(self, mirror: Path, origin: str, files: Files | None = None) -> None:
        self.origin = origin
        self.hashed = origin_hash(origin)
        self.folder = mirror / self.hashed
        self.files = files or Disk()
        self._mirror = mirror
        self._state = mirror / STATE / self.hashed

    @contextmanager
    def exclusively(self) -> Iterator[None]:
        """Make the folders, and keep every other process from this log."""
        self._mirror.mkdir(parents=True, exist_ok=True)
        for folder in (self.folder, self._state.parent, self._state):
            folder.mkdir(exist_ok=True)
        with locked(self._state / _LOCK):
            yield

    def note(self) -> Note | None:
        """Give the checkpoint that is served; None before the first."""
        return self._note(self.folder / CHECKPOINT)

    def pending(self) -> Note | None:
        """Give the checkpoint that is being fetched, or was fetched last."""
        return self._note(self._state / PENDING)

    def last_seen(self) -> Note | None:
        """Give the largest checkpoint that was accepted, be its entries all here or not."""
        notes = [note for note in (self.note(), self.pending()) if note is not None]
        return max(notes, key=lambda note: checkpoint_of(note).head.size, default=None)

    def policy(self) -> bytes | None:
        """Give the policy that was kept."""
        return self.files.read(self._state / POLICY)

    def keep_pending(self, note: Note) -> None:
        """Remember which history is being fetched; it is on the disk when this returns."""
        self._replace(self._state / PENDING, bytes(note))

    def keep_policy(self, raw: bytes) -> None:
        """Remember whose signature the log must bear."""
        if raw != self.policy():
            self._replace(self._state / POLICY, raw)

    def keep_note(self, note: Note) -> None:
        """Serve a checkpoint; everything that it commits to is on the disk."""
        self._replace(self.folder / CHECKPOINT, bytes(note))

    def keep_evidence(self, *notes: Note) -> Path:
        """Keep notes for ever; gives the folder."""
        folder = self._mirror / EVIDENCE / self.hashed
        writer = DurableWriter(self._mirror, self.files)
        for note in notes:
            name = f"{checkpoint_of(note).head.size}-{sha256(bytes(note)).hexdigest()[:16]}"
            if not folder.exists() or len(list(folder.iterdir())) < _MOST_EVIDENCE:
                writer.put(f"{EVIDENCE}/{self.hashed}/{name}", bytes(note))
        writer.finish()
        return folder

    def edge_and_tail(self, head: TreeHead) -> tuple[RightEdge, list[bytes]]:
        """Give the right edge of what is held, and the entries of the bundle that is not full; verified."""
        try:
            tree = SignedTree(LogFolder(self.folder), head)
            rest = head.size % TILE_WIDTH
            tail = tree.entries(tile_at(None, head.size // TILE_WIDTH, head.size)) if rest else []
        except (LogInputError, SourceDamaged) as error:
            raise self._damaged(error) from error
        return tree.edge, tail

    def _note(self, path: Path) -> Note | None:
        raw = self.files.read(path)
        if raw is None:
            return None
        try:
            note = parse_note(raw, where=str(path))
            is_ours = checkpoint_of(note).origin == self.origin
        except LogInputError as error:
            raise self._damaged(error) from error
        if not is_ours:
            raise self._damaged(InputError("this is the checkpoint of another log", where=str(path)))
        return note

    def _damaged(self, error: InputError) -> MirrorUnusable:
        return MirrorUnusable(
            "this mirror's own folder is damaged",
            where=str(self.folder / error.where) if error.where else str(self.folder),
            found=error.what,
            expected="the files as this mirror wrote them",
            advice="Move the folder away, look at the disk, and mirror again into a new folder.",
        )

    def _replace(self, path: Path, raw: bytes) -> None:
        """Put a file in the place of another, and see that the names of its folders last as well."""
        writer = DurableWriter(self._mirror, self.files)
        writer.finish()
        self.files.sync_folder(self._state.parent)
        writer.replace(path.relative_to(self._mirror).as_posix(), raw)
