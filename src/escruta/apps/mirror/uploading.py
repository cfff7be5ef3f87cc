"""Copy a mirrored log into a bucket: what never changes first, the checkpoint last. Nothing is ever taken away.

Whoever is interrupted begins again: what is there is compared and left. Of two who upload at the same time neither
turns the other back.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from escruta.apps.mirror.buckets import BUNDLES, LogBucket
from escruta.apps.mirror.errors import BucketDiffers, MirrorUnusable
from escruta.apps.mirror.histories import refuse_history
from escruta.apps.mirror.holdings import Holding
from escruta.apps.mirror.signed_trees import SignedTree
from escruta.apps.published import PlaceUnusable
from escruta.tlog.building import CHECKPOINT
from escruta.tlog.checkpoints import checkpoint_of
from escruta.tlog.errors import LogInputError, TileMalformed
from escruta.tlog.notes import Note, parse_note
from escruta.tlog.policies import parse_policy, standing_of
from escruta.tlog.reading import LogFolder
from escruta.tlog.tiles import parse_tile_path
from escruta.tlog.trees import TILE_HEIGHT, TILE_WIDTH, TreeHead

_TRIES = 5
_AT_ONCE = 8
_BATCH = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """What came of an upload."""

    place: str
    new_files: int
    same_files: int
    """Files that were there already, with the same bytes."""
    is_ahead: bool
    """Whether the bucket shows a later checkpoint of the same history: somebody else was quicker."""


def upload(holding: Holding, bucket: LogBucket) -> Uploaded:
    """Bring what a mirror serves of a log into a bucket.

    Raises `HistoryRefused` where the bucket shows another history that the log signed, `BucketDiffers` where an object
    holds other bytes, `PlaceUnusable` where the store refuses.
    """
    note = holding.note()
    if note is None:
        raise MirrorUnusable("this mirror holds nothing of the log yet", where=str(holding.folder))
    new = same = 0
    for _ in range(_TRIES):
        shown = bucket.checkpoint()
        is_ahead = shown is not None and _is_ahead(shown[0], note, holding, bucket)
        if not is_ahead and not new and not same:
            new, same = _upload_files(holding, checkpoint_of(note).head, bucket)
        is_shown = is_ahead or (shown is not None and _has_all(shown[0], note))
        if is_shown or bucket.put_checkpoint(bytes(note), None if shown is None else shown[1]):
            return Uploaded(place=bucket.published.place, new_files=new, same_files=same, is_ahead=is_ahead)
    raise PlaceUnusable(
        "others write the checkpoint of this bucket as fast as we do",
        where=bucket.published.locate(CHECKPOINT),
        advice="Let one program upload, or try later.",
    )


def _is_ahead(raw: bytes, note: Note, holding: Holding, bucket: LogBucket) -> bool:
    """Tell whether the bucket shows more than we hold; raises where it shows anything but our history."""
    theirs = _signed(raw, holding, bucket)
    shown, head = checkpoint_of(theirs).head, checkpoint_of(note).head
    if shown.size > head.size:
        tree, smaller = SignedTree(bucket.published, shown, bucket.published.locate), head
    else:
        tree, smaller = SignedTree(LogFolder(holding.folder), head), shown
    if tree.edge_at(smaller.size).head() != smaller:
        raise refuse_history(holding, theirs, note, is_fork=True)
    return shown.size > head.size


def _signed(raw: bytes, holding: Holding, bucket: LogBucket) -> Note:
    """Read the bucket's checkpoint, which the log must have signed: anything else proves nothing against the log."""
    where = bucket.published.locate(CHECKPOINT)
    try:
        note = parse_note(raw, where=where)
        standing = standing_of(note, parse_policy(holding.policy() or b"quorum none\n"), where=where)
        is_ours = standing.checkpoint.origin == holding.origin
    except LogInputError as error:
        raise _not_ours(where, error.what) from error
    if not is_ours:
        raise _not_ours(where, standing.checkpoint.origin)
    return note


def _not_ours(where: str, found: str) -> BucketDiffers:
    return BucketDiffers(
        "the bucket shows something that is no checkpoint of this log",
        where=where,
        found=found,
        expected="a checkpoint that the log signed, or none",
        advice="Nothing was replaced. Ask who else can write there, or name an empty prefix.",
    )


def _has_all(raw: bytes, note: Note) -> bool:
    """Tell whether a checkpoint that is shown has every signature of ours."""
    shown = parse_note(raw)
    return shown.text == note.text and set(note.signatures) <= set(shown.signatures)


def _upload_files(holding: Holding, head: TreeHead, bucket: LogBucket) -> tuple[int, int]:
    """Bring every tile and bundle there; gives how many are new, and how many were there."""
    listed = _listed(bucket)

    def bring(path: str) -> bool:
        raw = (holding.folder / path).read_bytes()
        if path in listed:
            if not bucket.is_same(path, raw, listed[path]):
                bucket.require_same(path, raw)
            return False
        return bucket.put(path, raw)

    counts = [0, 0]
    paths = iter(sorted(_files_of(holding, head), key=lambda path: (not path.startswith(BUNDLES), path)))
    with ThreadPoolExecutor(_AT_ONCE) as executor:
        while batch := list(islice(paths, _BATCH)):
            for is_new in executor.map(bring, batch):
                counts[not is_new] += 1
    return counts[0], counts[1]


def _listed(bucket: LogBucket) -> dict[str, tuple[int, str]]:
    """List what is there; a store that does not let us list is asked file by file, by writing."""
    try:
        return bucket.listed()
    except PlaceUnusable:
        return {}


def _files_of(holding: Holding, head: TreeHead) -> Iterator[str]:
    """Give the tiles and bundles of the tree that is served, and those of the sizes that were served before."""
    for path in LogFolder(holding.folder).paths():
        try:
            tile = parse_tile_path(path)
        except TileMalformed:
            continue
        if tile.index * TILE_WIDTH + tile.width <= head.size >> (TILE_HEIGHT * (tile.level or 0)):
            yield path
