"""Draw up a bulletin from a record: its totals, and the checkpoint of its log."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from escruta.apps.board.entries import BULLETIN, write_entries
from escruta.apps.board.errors import BulletinRefused
from escruta.base.errors import FileUnreadable
from escruta.record.bulletins import Bulletin, bulletin_of, differing_lines
from escruta.record.logbook import LOG, POLICY
from escruta.record.summary import SUMMARY_FORMAT
from escruta.record.writing import SUMMARY
from escruta.tlog.building import CHECKPOINT
from escruta.tlog.checkpoints import Checkpoint
from escruta.tlog.notes import Note, SignatureLine, parse_note
from escruta.tlog.policies import Standing, parse_policy, standing_of
from escruta.tlog.sealing import NOBODY

_LARGEST_SUMMARY = 100_000_000
_ROOM = SignatureLine(name="a-member-with-a-name.example", key_id=bytes(4), signature=bytes(64))


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRead:
    """What a bulletin takes from a record."""

    summary: dict[str, Any]
    summary_sha256: str
    standing: Standing
    """The checkpoint of the record's log, under the policy that the record carries."""
    witnesses: int
    """How many log witnesses that policy names."""

    @property
    def is_sealed(self) -> bool:
        """Whether nobody vouches for the log: anybody can derive its key."""
        return self.checkpoint.origin.startswith(NOBODY)

    @property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint of the record's log."""
        return self.standing.checkpoint


def read_record(record: Path) -> RecordRead:
    """Read the summary and the checkpoint of a record.

    The checkpoint's signatures are verified under the record's own policy; that the figures follow from the entries is
    for `escruta verify`. Raises `FileUnreadable`, `BulletinRefused`, or an error of the log.
    """
    raw = _read(record / SUMMARY, "escruta run ELECTION --out RECORD writes one")
    try:
        summary = json.loads(raw)
    except ValueError as error:
        raise BulletinRefused("the summary is no JSON", where=str(record / SUMMARY), found=str(error)) from error
    if not isinstance(summary, dict) or summary.get("format") != SUMMARY_FORMAT:
        raise BulletinRefused("this is no summary of a record", where=str(record / SUMMARY), expected=SUMMARY_FORMAT)
    log = record / LOG / CHECKPOINT
    note = parse_note(_read(log, "the record must carry its log"), where=str(log))
    policy_file = record / POLICY
    policy = parse_policy(_read(policy_file, "the record must say whose log it is"), where=str(policy_file))
    return RecordRead(
        summary=summary,
        summary_sha256=sha256(raw).hexdigest(),
        standing=standing_of(note, policy, where=str(log)),
        witnesses=len(policy.witnesses),
    )


def _read(path: Path, advice: str) -> bytes:
    try:
        with path.open("rb") as opened:
            return opened.read(_LARGEST_SUMMARY)
    except OSError as error:
        raise FileUnreadable(
            "the record lacks a file that a bulletin needs", where=str(path), found=error.strerror, advice=advice
        ) from error


def draft_bulletin(record: RecordRead, contest: str | None, *, number: int, time: datetime) -> Bulletin:
    """Draw up a bulletin; the only contest is meant where none is named. Raises `BulletinMalformed`."""
    contests = [each["contest"] for each in record.summary["contests"]]
    if contest is None and len(contests) != 1:
        raise BulletinRefused(
            "the record has several contests, and a bulletin is of one", expected=f"--contest, one of {contests}"
        )
    if record.checkpoint.head.size == 0:
        raise BulletinRefused("the record's log is empty", found="size 0", expected="a record with its readings")
    bulletin = bulletin_of(
        record.summary,
        contest or contests[0],
        number=number,
        time=time.astimezone(UTC).replace(microsecond=0),
        checkpoint=record.checkpoint,
        summary_sha256=record.summary_sha256,
    )
    list(write_entries(BULLETIN, Note(text=bulletin.text, signatures=(_ROOM,))))  # refuses a text that never fits
    return bulletin


def require_same_figures(bulletin: Bulletin, record: RecordRead, *, where: str | None = None) -> None:
    """Raise `BulletinRefused` where a record says something else than a bulletin."""
    again = bulletin_of(
        record.summary,
        bulletin.contest,
        number=bulletin.number,
        time=bulletin.time,
        checkpoint=record.checkpoint,
        summary_sha256=record.summary_sha256,
    )
    for found, expected in differing_lines(bulletin, again):
        raise BulletinRefused(
            "the record does not say what the bulletin says",
            where=where,
            found=found,
            expected=expected,
            advice="Name the record that it was drawn up from; where that is the one, sign nothing.",
        )
