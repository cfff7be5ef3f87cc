"""A log of our own: entries in, a folder of static files out.

The order of steps is the safety of it. An entry is acknowledged when the sequencer has it on the disk. Tiles and
bundles are on the disk before a head is signed; a signed head is recorded before it is shown. Whatever stops the
process, a restart goes on from what was recorded, writes the same bytes again, and never signs two roots for a size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from escruta.tlog.building import CHECKPOINT, Integrator
from escruta.tlog.checkpoints import Checkpoint, checkpoint_of
from escruta.tlog.errors import LogConflict, LogInputError, SignatureRefused
from escruta.tlog.files import THREADS, Disk, Files, open_writer
from escruta.tlog.hashing import HASH_SIZE
from escruta.tlog.keys import Signer, VerifierKey
from escruta.tlog.notes import Note, SignatureLine, parse_note
from escruta.tlog.sequencing import RecordedHead, Sequencer
from escruta.tlog.signing import sign_checkpoint, verify_line, verify_note
from escruta.tlog.tiles import parse_tile
from escruta.tlog.trees import TILE_WIDTH, RightEdge, TreeHead

_MANY = 64 * TILE_WIDTH
"""From so many new entries on, their files are forced with whatever else waits on the same file system."""

Clock = Callable[[], int]
"""Gives seconds since 1970 in UTC."""


class Log:
    """The one publisher of a log."""

    def __init__(
        self,
        folder: Path,
        sequencer: Sequencer,
        signers: Sequence[Signer],
        clock: Clock,
        *,
        files: Files | None = None,
        threads: int = THREADS,
    ) -> None:
        """Take up a log where it was left, and show again what was recorded last.

        Raises `LogBusy` where another process publishes it, and `LogConflict` where the folder shows what this
        database never recorded: then the database is an old copy, and going on would show two histories.
        """
        self._folder = folder
        self._sequencer = sequencer
        self._signers = tuple(signers)
        self._clock = clock
        self._files = files or Disk()
        self._threads = threads
        sequencer.become_publisher()
        self._last = sequencer.last_head()
        self._is_shown = False
        self._require_older()
        self._show()

    @property
    def head(self) -> TreeHead | None:
        """The last head that was shown; None before the first."""
        return None if self._last is None else self._last.head

    def append(self, entries: Sequence[bytes]) -> tuple[int, ...]:
        """Take entries for ever and give their indexes; they are published with the next head."""
        return self._sequencer.append(entries)

    def publish(self) -> Note:
        """Write what the new entries add, sign the head, record it, and show it; gives the checkpoint.

        Where there is nothing new, the last checkpoint stays.
        """
        size = self._sequencer.size()
        start = 0 if self._last is None else self._last.head.size
        if self._last is None or size > start:
            self._last = self._record(self._integrate(start, size))
            self._is_shown = False
        self._show()
        return parse_note(self._last.note)

    def add_cosignatures(self, lines: Sequence[SignatureLine], keys: Iterable[VerifierKey]) -> Note:
        """Put cosignatures of the last head below its checkpoint: record them, then show it; gives the checkpoint.

        Raises `SignatureRefused` for a line that none of these keys made over this very checkpoint, and `LogConflict`
        where there is none yet: a false line below it would make the whole checkpoint unusable to everybody.
        """
        if self._last is None:
            raise LogConflict("nothing was published yet, so nobody can have cosigned it")
        known = {(key.name, key.key_id): key for key in keys}
        text = parse_note(self._last.note).text
        for line in lines:
            key = known.get((line.name, line.key_id))
            if key is None:
                raise SignatureRefused("a cosignature of an unknown key", found=line.name)
            verify_line(text, line, key)
        note = self._sequencer.extend_note(self._last.head.size, lines)
        if note != self._last.note:
            self._last, self._is_shown = replace(self._last, note=note), False
        self._show()
        return parse_note(note)

    def _integrate(self, start: int, size: int) -> RightEdge:
        """Write the tiles and bundles of the new entries, and come back when they are on the disk."""
        has_many = size - start >= _MANY
        with open_writer(self._folder, self._files, threads=self._threads, has_many=has_many) as writer:
            tail = list(self._sequencer.entries(start - start % TILE_WIDTH, start))
            integrator = Integrator(writer, _edge_of(self._last), tail)
            integrator.add(self._sequencer.entries(start, size))
            integrator.write_edge()
            writer.finish()
        return integrator.edge

    def _record(self, edge: RightEdge) -> RecordedHead:
        """Sign a head, and record it before anyone sees the signature."""
        head = edge.head()
        checkpoint = Checkpoint(origin=self._sequencer.origin, head=head)
        note = sign_checkpoint(checkpoint, self._signers, time_s=self._clock())
        levels = tuple(b"".join(hashes) for hashes in edge.levels)
        first = self._sequencer.record(RecordedHead(head=head, note=bytes(note), edge=levels))
        return RecordedHead(head=head, note=first, edge=levels)

    def _show(self) -> None:
        """Show the last recorded head, unless this process has done so."""
        if self._last is None or self._is_shown:
            return
        with open_writer(self._folder, self._files, threads=0) as writer:
            writer.replace(CHECKPOINT, self._last.note)
        self._is_shown = True

    def _require_older(self) -> None:
        """Refuse to go on where the folder shows more than was recorded, or something else."""
        shown, recorded = self._files.read(self._folder / CHECKPOINT), self._last
        if shown is None:
            return
        if recorded is None:
            raise LogConflict(f"{self._folder} shows a checkpoint, and the database has recorded none")
        try:
            note = parse_note(shown)
            checkpoint = checkpoint_of(note)
            verify_note(note, [signer.key for signer in self._signers])
        except LogInputError as error:
            raise LogConflict(f"the checkpoint in {self._folder} is not one of this log: {error.what}") from error
        head = checkpoint.head
        same_size = head.size == recorded.head.size
        if checkpoint.origin != self._sequencer.origin or head.size > recorded.head.size:
            raise LogConflict(
                f"{self._folder} shows {head.size} entries of {checkpoint.origin}, and the database has recorded "
                f"{recorded.head.size} of {self._sequencer.origin}: is it an old copy? Rebuild it from a mirror."
            )
        if same_size and head.root != recorded.head.root:
            raise LogConflict(
                f"two roots were signed for {head.size} entries: keep both checkpoints, they are evidence"
            )


def _edge_of(recorded: RecordedHead | None) -> RightEdge:
    if recorded is None:
        return RightEdge()
    levels = [parse_tile(hashes, len(hashes) // HASH_SIZE) for hashes in recorded.edge]
    edge = RightEdge(recorded.head.size, levels)
    if edge.head() != recorded.head:
        raise LogConflict(f"the recorded right edge is not that of the head of {recorded.head.size}")
    return edge
