"""The log inside a record, as the pages need it: where each reading stands, and the proof of each.

The pages lead to the first checkpoint that commits to the record's own digests, so that whoever renders the record
later, when the log has grown, makes the same pages.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path

from escruta.base.errors import FileUnreadable
from escruta.portal.contents import InLog
from escruta.portal.proof.heights import Heights
from escruta.record.digests import DIGESTS, digest_of
from escruta.record.logbook import CHECKPOINTS, LOG, POLICY
from escruta.tlog.building import CHECKPOINT
from escruta.tlog.checkpoints import checkpoint_of
from escruta.tlog.encodings import to_base64
from escruta.tlog.errors import LogInputError, ProofRefused, TileMalformed
from escruta.tlog.hashing import leaf_hash
from escruta.tlog.notes import Note, parse_note
from escruta.tlog.policies import Policy, Standing, parse_policy, standing_of
from escruta.tlog.proof_files import HEADER, ProofFile
from escruta.tlog.reading import LogFolder, read_checkpoint, read_tile
from escruta.tlog.sealing import is_sealed
from escruta.tlog.tiles import parse_bundle, tile_at
from escruta.tlog.trees import TILE_WIDTH, root_of

EVIDENCE = "evidence"
"""The folder, inside the log's, of checkpoints that the log signed and that do not belong to it."""
_LONG_READING, _RECORD = b'"kind":"reading"', b'"kind":"record"'
"""In the entry of a reading that is too long to be one itself, and of a record; in a text, quotes would be escaped."""


@dataclass(frozen=True, slots=True)
class Fork:
    """Two checkpoints that the log signed and that cannot both be right, as paths from the record's folder."""

    first: str
    second: str


class RecordLog:
    """A record's log up to the checkpoint that its pages lead to; nothing of it is believed before it is recomputed."""

    def __init__(self, record: Path) -> None:
        """Read every entry once, and hold the tree against the checkpoint.

        Raises `LogInputError` where the log is not what its checkpoint commits to, or no log of its policy signed it.
        """
        self._folder = record / LOG
        self._resources = LogFolder(self._folder)
        self._bundle = lru_cache(maxsize=64)(self._read_bundle)
        self.policy = _policy(record / POLICY)
        last = read_checkpoint(self._resources)
        self._size = checkpoint_of(last, where=CHECKPOINT).head.size
        leaves, self._places, at = self._read(digest_of(record / DIGESTS))
        self.checkpoint = last if at is None else self._first_after(at, last)
        head = self.standing.checkpoint.head
        self.tree = Heights(leaves[: head.size])
        if self.tree.root != head.root:
            raise ProofRefused(
                "the entries of the log lead to another root than its checkpoint",
                where=str(self._folder / CHECKPOINT),
                found=to_base64(self.tree.root),
                expected=to_base64(head.root),
                advice="Fetch the record again, and verify it.",
            )
        self._upper: dict[int, str] = {}

    @classmethod
    def of(cls, record: Path) -> RecordLog | None:
        """Open the log of a record; None where it has none."""
        return cls(record) if (record / LOG / CHECKPOINT).is_file() else None

    @cached_property
    def standing(self) -> Standing:
        """Who signed and cosigned the checkpoint."""
        return standing_of(self.checkpoint, self.policy, where=CHECKPOINT)

    @property
    def is_sealed(self) -> bool:
        """Whether nobody vouches for this log."""
        return is_sealed(self.standing.checkpoint.origin)

    def place_of(self, reading: str) -> InLog | None:
        """Say where a reading stands, by its id; None where the log up to the checkpoint does not have it."""
        index = self._places.get(reading)
        if index is None or index >= self.tree.size:
            return None
        hashes = self.tree.path(index, end=self.tree.top_height)
        return InLog(index, f"{index}.{_for_address(self.entry(index))}.{_for_address(b''.join(hashes))}")

    def entry(self, index: int) -> bytes:
        """Give an entry."""
        return self._bundle(index // TILE_WIDTH)[index % TILE_WIDTH]

    def proof_text(self, index: int) -> bytes:
        """Write the proof of an entry, as a `.tlog-proof` file holds it."""
        height = self.tree.top_height
        upper = self._upper.get(index >> height)
        if upper is None:
            upper = self._upper[index >> height] = f"{_lines(self.tree.path(index, start=height))}\n{self.checkpoint}"
        return f"{HEADER}\nindex {index}\n{_lines(self.tree.path(index, end=height))}{upper}".encode()

    def proof(self, index: int) -> ProofFile:
        """Give the proof of an entry."""
        return ProofFile(index=index, hashes=self.tree.path(index), checkpoint=self.checkpoint)

    @cached_property
    def forks(self) -> tuple[Fork, ...]:
        """Find checkpoints in the evidence that the log signed and that contradict it, or one another.

        A checkpoint that is larger than this log contradicts it only where another of its size does.
        """
        found: list[Fork] = []
        seen: dict[int, tuple[str, bytes]] = {}
        for path, note in self._evidence():
            head = checkpoint_of(note).head
            if head.size <= self.tree.size:
                other = f"{LOG}/{CHECKPOINT}", root_of([self.tree.node(0, leaf) for leaf in range(head.size)])
            else:
                other = seen.setdefault(head.size, (path, head.root))
            if other[1] != head.root:
                found.append(Fork(other[0], path))
        return tuple(found)

    def _evidence(self) -> Iterator[tuple[str, Note]]:
        """Give what the log signed, and leave out whatever anybody could have put there."""
        origin = self.standing.checkpoint.origin
        for path in sorted(each for each in (self._folder / EVIDENCE).rglob("*") if each.is_file()):
            try:
                note = parse_note(path.read_bytes())
                if standing_of(note, self.policy).checkpoint.origin == origin:
                    yield f"{LOG}/{path.relative_to(self._folder).as_posix()}", note
            except LogInputError:
                continue

    def _read(self, record: str) -> tuple[list[bytes], dict[str, int], int | None]:
        """Give the hashes of all leaves, the place of each reading, and that of the entry of a record."""
        leaves: list[bytes] = []
        places: dict[str, int] = {}
        at = None
        for number in range(-(-self._size // TILE_WIDTH)):
            for entry in self._bundle(number):
                places[sha256(entry).hexdigest()] = len(leaves)
                if _LONG_READING in entry:
                    places.setdefault(str(json.loads(entry).get("reading")), len(leaves))
                elif _RECORD in entry and json.loads(entry).get("sha256sums") == record:
                    at = len(leaves)
                leaves.append(leaf_hash(entry))
        return leaves, places, at

    def _first_after(self, index: int, last: Note) -> Note:
        """Give the smallest checkpoint that commits to an entry."""
        kept = [int(each.name) for each in (self._folder / CHECKPOINTS).glob("[0-9]*") if each.name.isdecimal()]
        size = min((size for size in kept if index < size <= self._size), default=None)
        if size is None:
            return last
        path = self._folder / CHECKPOINTS / str(size)
        return parse_note(path.read_bytes(), where=str(path))

    def _read_bundle(self, number: int) -> tuple[bytes, ...]:
        tile = tile_at(None, number, self._size)
        found = read_tile(self._resources, tile)
        if found is None:
            raise TileMalformed("the bundle is missing", where=str(self._folder / tile.path), found="no file")
        raw, width = found
        return parse_bundle(raw, width, where=str(self._folder / tile.path))[: tile.width]


def _policy(path: Path) -> Policy:
    try:
        return parse_policy(path.read_bytes(), where=str(path))
    except FileNotFoundError as error:
        raise FileUnreadable(
            "the record has a log and does not say whose signatures count",
            where=str(path),
            found="no such file",
            expected="a policy (C2SP tlog-policy)",
        ) from error


def _for_address(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def _lines(hashes: tuple[bytes, ...]) -> str:
    return "".join([f"{to_base64(each)}\n" for each in hashes])
