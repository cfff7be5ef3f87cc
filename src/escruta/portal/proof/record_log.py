"""The log inside a record, as the pages need it: where each reading stands, and the proof of each.

The record's checkpoint is the first one that commits to its own digests, so that whoever renders the record later, when
the log has grown, makes the same pages. The proof of a reading leads to the first checkpoint that was kept and commits
to the reading, so that it stays the same in every later record; `docs/reference/pages.md`, "Live", says how.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path

from escruta.base.errors import FileUnreadable
from escruta.portal.contents import InLog
from escruta.portal.proof.heights import TILE_HEIGHT, Heights, Top, tops_of
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
from escruta.tlog.trees import TILE_WIDTH, TreeHead

EVIDENCE = "evidence"
"""The folder, inside the log's, of checkpoints that the log signed and that do not belong to it."""
_LONG_READING, _RECORD = b'"kind":"reading"', b'"kind":"record"'
"""In the entry of a reading that is too long to be one itself, and of a record; in a text, quotes would be escaped."""


@dataclass(frozen=True, slots=True)
class Fork:
    """Two checkpoints that the log signed and that cannot both be right, as paths from the record's folder."""

    first: str
    second: str


@dataclass(slots=True)
class _Entries:
    """What was read of a log."""

    leaves: list[bytes] = field(default_factory=list)
    """The hash of each leaf."""
    places: dict[str, int] = field(default_factory=dict)
    """The index of each entry by its SHA-256, which is a reading's id; of a long reading, by the id that it names."""
    records: dict[str, int] = field(default_factory=dict)
    """The index of the entry of each record, by the digest of its list."""

    def copy(self) -> _Entries:
        return _Entries(self.leaves.copy(), self.places.copy(), self.records.copy())

    def take(self, raw: bytes) -> None:
        """Go on by one entry."""
        index = len(self.leaves)
        self.places[sha256(raw).hexdigest()] = index
        if _LONG_READING in raw:
            self.places.setdefault(_member(raw, "reading"), index)
        elif _RECORD in raw:
            self.records[_member(raw, "sha256sums")] = index
        self.leaves.append(leaf_hash(raw))


class RecordLog:
    """A record's log up to the checkpoint that its pages lead to; nothing of it is believed before it is recomputed."""

    def __init__(self, record: Path, since: RecordLog | None = None) -> None:
        """Read every entry once, or those that came since, and hold the tree against the checkpoints.

        Raises `LogInputError` where the log is not what its checkpoint commits to, or no log of its policy signed it.
        """
        self._folder = record / LOG
        self._resources = LogFolder(self._folder)
        self._bundle = lru_cache(maxsize=64)(self._read_bundle)
        self.policy = _policy(record / POLICY)
        last = read_checkpoint(self._resources)
        self._size = checkpoint_of(last, where=CHECKPOINT).head.size
        self._all: _Entries = _Entries() if since is None else since._all.copy()  # noqa: SLF001 - one of us
        self._read()
        at = self._all.records.get(digest_of(record / DIGESTS))
        self.checkpoint = last if at is None else self._first_after(at, last)
        head = self.standing.checkpoint.head
        self.sizes = (*(size for size in self._kept() if size < head.size), head.size)
        self.tree = self._tree(since, head)
        self.tops = tops_of(self.sizes)
        self._starts = [top.start for top in self.tops]
        self._upper: dict[tuple[int, int], str] = {}

    def _tree(self, since: RecordLog | None, head: TreeHead) -> Heights:
        """Compute the tree, and hold it against the record's checkpoint."""
        before = None if since is None or since.tree.size > head.size else since.tree
        tree = Heights(self._all.leaves[0 if before is None else before.size : head.size], before)
        if tree.root != head.root:
            raise ProofRefused(
                "the entries of the log lead to another root than its checkpoint",
                where=str(self._folder / CHECKPOINT),
                found=to_base64(tree.root),
                expected=to_base64(head.root),
                advice="Fetch the record again, and verify it.",
            )
        return tree

    @classmethod
    def of(cls, record: Path, since: RecordLog | None = None) -> RecordLog | None:
        """Open the log of a record; None where it has none. `since` is this log as it was when it had grown less."""
        return cls(record, since) if (record / LOG / CHECKPOINT).is_file() else None

    def continues(self, other: RecordLog) -> bool:
        """Whether what this log says of every reading of an earlier one is what that one said, byte for byte."""
        return (
            self.policy == other.policy
            and self.sizes[: len(other.sizes)] == other.sizes
            and self.tree.root_at(other.tree.size) == other.tree.root
        )

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
        index = self._all.places.get(reading)
        if index is None or index >= self.tree.size:
            return None
        hashes = self.tree.path(index, end=self._top_over(index).height)
        return InLog(index, f"{index}.{_for_address(self.entry(index))}.{_for_address(b''.join(hashes))}")

    def _top_over(self, index: int) -> Top:
        return self.tops[bisect_right(self._starts, index) - 1]

    @property
    def frame(self) -> dict[str, object]:
        """What the page that checks any sheet knows of the tree: where it is cut, the tops, and the checkpoint."""
        tops = [to_base64(self.tree.node(top.height, top.index)) for top in self.tops]
        return {"sizes": self.sizes, "tops": tops, "checkpoint": str(self.checkpoint)}

    @property
    def kept_files(self) -> Iterator[str]:
        """Give the checkpoints to which proofs on the pages lead, as paths from the record's folder."""
        for size in self.sizes:
            if (self._folder / CHECKPOINTS / str(size)).is_file():
                yield f"{LOG}/{CHECKPOINTS}/{size}"

    def entry(self, index: int) -> bytes:
        """Give an entry."""
        return self._bundle(index // TILE_WIDTH)[index % TILE_WIDTH]

    def proof_text(self, index: int) -> bytes:
        """Write the proof of an entry, as a `.tlog-proof` file holds it."""
        size = self._first_size(index)
        upper = self._upper.get((size, index >> TILE_HEIGHT))
        if upper is None:
            lines = _lines(self.tree.path(index, size=size, start=TILE_HEIGHT))
            upper = self._upper[size, index >> TILE_HEIGHT] = f"{lines}\n{self._note_at(size)}"
        return f"{HEADER}\nindex {index}\n{_lines(self.tree.path(index, size=size, end=TILE_HEIGHT))}{upper}".encode()

    def proof(self, index: int) -> ProofFile:
        """Give the proof of an entry."""
        size = self._first_size(index)
        return ProofFile(index=index, hashes=self.tree.path(index, size=size), checkpoint=self._note_at(size))

    def _first_size(self, index: int) -> int:
        return self.sizes[bisect_right(self.sizes, index)]

    def _note_at(self, size: int) -> Note:
        """Give the checkpoint of a size, which must be one of this tree."""
        if size == self.tree.size:
            return self.checkpoint
        path = self._folder / CHECKPOINTS / str(size)
        note = parse_note(_bytes_of(path), where=str(path))
        root = checkpoint_of(note, where=str(path)).head.root
        if root != self.tree.root_at(size):
            raise ProofRefused(
                "a checkpoint that was kept is not one of this log",
                where=str(path),
                found=to_base64(root),
                expected=to_base64(self.tree.root_at(size)),
                advice="Fetch the record again, and verify it.",
            )
        return note

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
                other = f"{LOG}/{CHECKPOINT}", self.tree.root_at(head.size)
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

    def _read(self) -> None:
        """Take the entries that were not read yet."""
        found = self._all
        for number in range(len(found.leaves) // TILE_WIDTH, -(-self._size // TILE_WIDTH)):
            for raw in self._bundle(number)[max(len(found.leaves) - number * TILE_WIDTH, 0) :]:
                found.take(raw)

    def _kept(self) -> list[int]:
        names = (each.name for each in (self._folder / CHECKPOINTS).glob("[0-9]*"))
        return sorted(int(name) for name in names if name.isdecimal() and name != "0")

    def _first_after(self, index: int, last: Note) -> Note:
        """Give the smallest checkpoint that commits to an entry."""
        size = min((size for size in self._kept() if index < size <= self._size), default=None)
        if size is None:
            return last
        path = self._folder / CHECKPOINTS / str(size)
        return parse_note(_bytes_of(path), where=str(path))

    def _read_bundle(self, number: int) -> tuple[bytes, ...]:
        tile = tile_at(None, number, self._size)
        found = read_tile(self._resources, tile)
        if found is None:
            raise TileMalformed("the bundle is missing", where=str(self._folder / tile.path), found="no file")
        raw, width = found
        return parse_bundle(raw, width, where=str(self._folder / tile.path))[: tile.width]


def _member(raw: bytes, name: str) -> str:
    """Give a member of an entry; of one that is no JSON object, or has no such member, nothing that is sought."""
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError):
        return ""
    return str(said.get(name)) if isinstance(said, dict) else ""


def _policy(path: Path) -> Policy:
    if not path.is_file():
        raise FileUnreadable(
            "the record has a log and does not say whose signatures count",
            where=str(path),
            found="no such file",
            expected="a policy (C2SP tlog-policy)",
        )
    return parse_policy(_bytes_of(path), where=str(path))


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileUnreadable(
            "a file of the record's log cannot be read",
            where=str(path),
            found=error.strerror,
            expected="a file",
            advice="Fetch the record again, and verify it.",
        ) from error


def _for_address(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def _lines(hashes: tuple[bytes, ...]) -> str:
    return "".join([f"{to_base64(each)}\n" for each in hashes])
