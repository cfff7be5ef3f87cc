"""Put bulletins, dissents and acceptances into the log, once everything that they say was looked at again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from escruta.apps.board.boards import Board, BoardStanding, standing_of_board
from escruta.apps.board.drafting import RecordRead, require_same_figures
from escruta.apps.board.entries import ACCEPTANCE, BULLETIN, write_entries
from escruta.apps.board.errors import BulletinRefused
from escruta.record.bulletins import Acceptance, Bulletin, parse_dissent
from escruta.tlog.checkpoints import Checkpoint, checkpoint_of
from escruta.tlog.encodings import to_base64
from escruta.tlog.errors import ProofRefused
from escruta.tlog.keys import VerifierKey
from escruta.tlog.notes import Note
from escruta.tlog.reading import LogFolder, TreeReader, read_checkpoint
from escruta.tlog.signing import verify_note

Append = Callable[[Sequence[bytes]], tuple[int, ...]]
"""Takes entries for ever and gives their indexes: `escruta.tlog.Log.append`, or that of a sequencer."""


def entries_of_bulletin(
    bulletin: Bulletin,
    note: Note,
    dissents: Sequence[Note],
    *,
    board: Board,
    record: RecordRead,
    without_quorum: bool = False,
    where: str | None = None,
) -> tuple[list[bytes], BoardStanding]:
    """Give the entries of a bulletin and its dissents, and how the board stands to it.

    Raises `BulletinRefused` where the record says something else, or too few have signed and `without_quorum` does not
    say that it is known.
    """
    require_same_figures(bulletin, record, where=where)
    standing = standing_of_board(bulletin, note, dissents, board, where=where)
    if not standing.is_met and not without_quorum:
        raise BulletinRefused(
            "too few members have signed",
            where=where,
            found=str(standing),
            expected=f"the quorum {board.policy.quorum}",
            advice="Wait for more, or publish with --without-quorum, which the log then says for ever.",
        )
    if not note.signatures:
        raise BulletinRefused("nobody has signed", where=where, expected="at least one signature")
    for each in dissents:
        _require_about(bulletin, each)
    entries = list(write_entries(BULLETIN, note, is_without_quorum=not standing.is_met))
    return entries + [raw for each in dissents for raw in write_entries(BULLETIN, each)], standing


def _require_about(bulletin: Bulletin, note: Note) -> None:
    dissent = parse_dissent(note.text)
    about = (dissent.election, dissent.contest, dissent.number)
    if about != (bulletin.election, bulletin.contest, bulletin.number):
        raise BulletinRefused(
            "a dissent names another bulletin than its digest",
            found=", ".join(map(str, about)),
            expected=f"{bulletin.election}, {bulletin.contest}, {bulletin.number}",
        )


def entries_of_acceptance(acceptance: Acceptance, note: Note, keys: Sequence[VerifierKey]) -> list[bytes]:
    """Give the entries of an acceptance; raises `SignatureRefused` where no key signed, or a line is false."""
    if not note.signatures:
        raise BulletinRefused("nobody has signed", found=f"election {acceptance.election}", expected="a signature")
    if keys:
        verify_note(note, keys)
    return list(write_entries(ACCEPTANCE, note))


def require_in_log(checkpoint: Checkpoint, log: Path) -> None:
    """Raise `BulletinRefused` where a published log does not begin with what a checkpoint commits to."""
    resources = LogFolder(log)
    now = checkpoint_of(read_checkpoint(resources))
    if now.origin != checkpoint.origin or now.head.size < checkpoint.head.size:
        raise BulletinRefused(
            "the bulletin was computed from another log, or from more than this one has published",
            where=str(log),
            found=f"{checkpoint.origin}, size {checkpoint.head.size}",
            expected=f"{now.origin}, at most {now.head.size}",
        )
    try:
        TreeReader(resources, now.head).prove_consistency(checkpoint.head)
    except ProofRefused as error:
        raise BulletinRefused(
            "this log does not begin with what the bulletin was computed from",
            where=str(log),
            found=f"size {checkpoint.head.size}, root {to_base64(checkpoint.head.root)}",
            advice="Keep both checkpoints: where both are signed, they are evidence of two histories.",
        ) from error
