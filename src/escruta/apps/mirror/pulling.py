"""Pull a log, or what was added to it: everything is verified before it is written, and written before it is shown.

1. The checkpoint is fetched. The log must have signed it, and it must continue the last one that this mirror saw: the
   right edge that the larger tree had at the smaller size is read from its tiles, root first, and compared.
2. That checkpoint is remembered (`pending`). A mirror that is stopped goes on from here, and accepts no other history.
3. Each bundle is fetched, held against the root, and written. All tiles are computed from the entries.
4. What was computed must lead to the signed root. Only then is the checkpoint cosigned and shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from escruta.apps.mirror.cosigning import compose, require_mirror_keys
from escruta.apps.mirror.errors import SourceDamaged
from escruta.apps.mirror.histories import accept_history
from escruta.apps.mirror.holdings import Holding
from escruta.apps.mirror.signed_trees import SignedTree
from escruta.apps.mirror.trusting import Trust, find_trust
from escruta.apps.published import Published
from escruta.tlog.building import CHECKPOINT, Integrator
from escruta.tlog.checkpoints import checkpoint_of
from escruta.tlog.encodings import to_base64
from escruta.tlog.errors import NoteMalformed, TileMalformed
from escruta.tlog.files import Files, open_writer
from escruta.tlog.keys import Signer
from escruta.tlog.notes import Note, parse_note
from escruta.tlog.policies import Standing, standing_of
from escruta.tlog.tiles import Tile, tile_at
from escruta.tlog.trees import EMPTY_TREE, TILE_WIDTH, TreeHead

LOG_OF_RECORD = "log"
"""Where a published record has its log."""

Step = Callable[[int, int], None]
"""Is told how many entries are here, of how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What came of one pull."""

    origin: str
    head: TreeHead
    new_entries: int
    """How many entries were fetched and audited now."""
    standing: Standing
    """Who signed and cosigned the checkpoint that was found, under the policy."""
    note: Note
    """The checkpoint that is served now."""
    is_changed: bool
    """Whether that is another one than before."""
    folder: Path
    """Where the log is served from."""
    trust: Trust


class Mirror:
    """A folder that holds logs of others."""

    def __init__(
        self,
        folder: Path,
        signers: Sequence[Signer],
        clock: Callable[[], int],
        *,
        policy: bytes | None = None,
        files: Files | None = None,
    ) -> None:
        """Hold logs in `folder`, and cosign what is held with `signers`, which may be none.

        `clock` gives seconds since 1970 in UTC; `policy` says whose signature a log must bear.
        """
        self.folder = folder
        self._signers = tuple(signers)
        self._clock = clock
        self._policy = policy
        self._files = files

    def pull(self, place: Published, step: Step = lambda _done, _whole: None) -> Pulled:
        """Fetch what is new, audit it, and serve it.

        Raises `HistoryRefused` for a log that shows another history or less than before, `SourceDamaged` for files that
        are not what was signed, `MirrorUnusable` for a folder, key or policy of our own.
        """
        source, note = _find_log(place)
        found = checkpoint_of(note, where=source.locate(CHECKPOINT))
        holding = Holding(self.folder, found.origin, self._files)
        with holding.exclusively():
            trust = find_trust(self._policy, holding, place)
            require_mirror_keys(self._signers, trust.policy)
            standing = standing_of(note, trust.policy, where=source.locate(CHECKPOINT))
            served = holding.note()
            held = EMPTY_TREE if served is None else checkpoint_of(served).head
            tree = accept_history(source, holding, note)
            holding.keep_policy(trust.raw)
            if tree is not None:
                holding.keep_pending(note)
                _Growth(source, holding, tree, held).write(step, self._files)
            shown = compose(note, served, trust.policy, self._signers, time_s=self._clock())
            if shown != served:
                holding.keep_note(shown)
        return Pulled(
            origin=found.origin,
            head=found.head,
            new_entries=found.head.size - held.size,
            standing=standing,
            note=shown,
            is_changed=shown != served,
            folder=holding.folder,
            trust=trust,
        )


class _Growth:
    """What a log has more than this mirror."""

    def __init__(self, source: Published, holding: Holding, tree: SignedTree, held: TreeHead) -> None:
        self._source = source
        self._holding = holding
        self._tree = tree
        self._held = held
        first, end = held.size // TILE_WIDTH, -(-tree.head.size // TILE_WIDTH)
        self._indexes = range(first, end)  # never a list: a checkpoint may name any size

    def _bundles(self) -> Iterator[Tile]:
        return (tile_at(None, index, self._tree.head.size) for index in self._indexes)

    def write(self, step: Step, files: Files | None) -> None:
        """Bring every entry, and the tiles above it, onto the disk."""
        edge, tail = self._holding.edge_and_tail(self._held)
        with open_writer(self._holding.folder, files, has_many=len(self._indexes) > 1) as writer:
            integrator = Integrator(writer, edge, tail)
            known = len(tail)
            for entries in self._read():
                integrator.add(entries[known:])
                known = 0
                step(integrator.edge.size, self._tree.head.size)
            integrator.write_edge()
            writer.finish()
        if integrator.edge.head() != self._tree.head:
            raise SourceDamaged(
                "the entries lead to another root than was signed",
                where=self._source.locate(CHECKPOINT),
                found=to_base64(integrator.edge.head().root),
                expected=to_base64(self._tree.head.root),
            )

    def _read(self) -> Iterator[list[bytes]]:
        """Give the entries of each bundle; those that an earlier pull has left here need not be fetched."""
        folder = self._holding.folder
        self._source.prefetch(tile.path for tile in self._bundles() if not (folder / tile.path).exists())
        for tile in self._bundles():
            yield self._read_here(tile) or self._tree.entries(tile)

    def _read_here(self, tile: Tile) -> list[bytes] | None:
        raw = self._holding.files.read(self._holding.folder / tile.path)
        if raw is not None:
            with suppress(TileMalformed, SourceDamaged):
                return self._tree.accept(tile, raw, tile.width)
        return None


def _find_log(place: Published) -> tuple[Published, Note]:
    """Find the log at a place, which is a log or a record that has one."""
    for source in (place, place.under(LOG_OF_RECORD)):
        raw = source.read(CHECKPOINT)
        if raw is not None:
            return source, parse_note(raw, where=source.locate(CHECKPOINT))
    raise NoteMalformed(
        "there is no log at this place",
        where=place.place,
        expected=f"a file {CHECKPOINT}, or {LOG_OF_RECORD}/{CHECKPOINT}",
        advice="Name the folder that has the log's checkpoint in it.",
    )
