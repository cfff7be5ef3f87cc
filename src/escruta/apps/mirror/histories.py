"""Whether a log goes on from where this mirror saw it last. Where it does not, both notes are kept for ever."""

from __future__ import annotations

from escruta.apps.mirror.errors import HistoryRefused
from escruta.apps.mirror.holdings import Holding
from escruta.apps.mirror.signed_trees import SignedTree
from escruta.apps.published import Published
from escruta.tlog.checkpoints import checkpoint_of
from escruta.tlog.encodings import to_base64
from escruta.tlog.notes import Note
from escruta.tlog.reading import LogFolder
from escruta.tlog.trees import EMPTY_TREE, TreeHead


def accept_history(source: Published, holding: Holding, note: Note) -> SignedTree | None:
    """Give the tree of a found checkpoint, which continues the last one that this mirror saw; None where it is here.

    Raises `HistoryRefused` where it does not, `SourceDamaged` and `TileMalformed` where the tiles cannot be used.
    """
    head = checkpoint_of(note).head
    last = holding.last_seen()
    seen = EMPTY_TREE if last is None else checkpoint_of(last).head
    if last is not None and head.size < seen.size:
        raise refuse_history(holding, note, last, is_fork=_contradicts_what_is_held(holding, head))
    if last is not None and head.size == seen.size and head.root != seen.root:
        raise refuse_history(holding, note, last, is_fork=True)
    served = holding.note()
    if served is not None and checkpoint_of(served).head == head:
        return None
    tree = SignedTree(source, head, source.locate)
    if last is not None and tree.edge_at(seen.size).head() != seen:
        raise refuse_history(holding, note, last, is_fork=True)
    return tree


def _contradicts_what_is_held(holding: Holding, head: TreeHead) -> bool:
    """Tell whether a smaller head is not the beginning of what this mirror holds."""
    served = holding.note()
    held = None if served is None else checkpoint_of(served).head
    if held is None or held.size < head.size:
        return False  # what was fetched and not yet shown is no evidence
    return SignedTree(LogFolder(holding.folder), held).edge_at(head.size).head() != head


def refuse_history(holding: Holding, note: Note, last: Note, *, is_fork: bool) -> HistoryRefused:
    """Keep both notes, and make the error that says so."""
    folder = holding.keep_evidence(last, note)
    found, seen = checkpoint_of(note).head, checkpoint_of(last).head
    if is_fork:
        what = "the log has signed two histories that contradict each other"
        advice = f"Both checkpoints are in {folder}. Show them to everybody who relies on this log; they are evidence."
    else:
        what = "the log shows less than it has shown before"
        advice = f"Both checkpoints are in {folder}. A server may still show an old copy: try again, and ask others."
    return HistoryRefused(
        what,
        evidence_in=folder,
        is_fork=is_fork,
        where=holding.origin,
        found=f"{found.size} entries, root {to_base64(found.root)}",
        expected=f"what begins with {seen.size} entries, root {to_base64(seen.root)}",
        advice=advice,
    )
