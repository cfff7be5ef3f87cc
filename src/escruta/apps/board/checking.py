"""Check what a log holds of bulletins, dissents and acceptances: form, signatures, the checkpoint that each names."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from escruta.apps.board.boards import Board, BoardStanding, standing_of_board
from escruta.apps.board.entries import ACCEPTANCE, NoteEntry, read_entry
from escruta.apps.board.findings import BulletinFaultKind, BulletinsReport, LoggedAcceptance, LoggedBulletin
from escruta.base.errors import InputError
from escruta.record.bulletins import (
    DISSENT,
    Acceptance,
    Bulletin,
    Dissent,
    bulletin_of,
    differing_lines,
    parse_acceptance,
    parse_bulletin,
    parse_dissent,
)
from escruta.tlog.encodings import to_base64
from escruta.tlog.notes import Note

RootAt = Callable[[int], bytes | None]
"""Gives the root of the log's first entries, recomputed; None where it cannot be."""


def check_bulletins(
    entries: Iterable[tuple[int, bytes]],
    *,
    origin: str,
    root_at: RootAt,
    board: Board | None = None,
    candidates: Board | None = None,
    summaries: Mapping[str, bytes] | None = None,
    definition_sha256: str | None = None,
) -> BulletinsReport:
    """Check every bulletin, dissent and acceptance among the entries of a log, given with their indexes.

    Entries of other kinds are passed over. `summaries` are records' summary.json by their SHA-256: a bulletin of a
    record that is not among them is not compared, and the report says so.
    """
    return _Check(origin, root_at, board, candidates, summaries or {}, definition_sha256).run(entries)


@dataclass(slots=True)
class _Check:
    """A check under way."""

    origin: str
    root_at: RootAt
    board: Board | None
    candidates: Board | None
    summaries: Mapping[str, bytes]
    definition_sha256: str | None
    report: BulletinsReport = field(default_factory=BulletinsReport)
    texts: dict[str, tuple[int, Bulletin, list[NoteEntry]]] = field(default_factory=dict)
    """Of each text of a bulletin: the index of its first entry, and all its entries."""
    dissents: list[tuple[int, Dissent, Note]] = field(default_factory=list)

    def run(self, entries: Iterable[tuple[int, bytes]]) -> BulletinsReport:
        """Read the entries, then judge what they say together."""
        for index, raw in entries:
            try:
                found = read_entry(raw, where=f"entry {index}")
                if found is not None:
                    self._take(index, found)
            except InputError as error:
                self.report.refuse(BulletinFaultKind.MALFORMED, index, error)
        for index, dissent, _ in self.dissents:
            if dissent.bulletin_sha256 not in self.texts:
                what = "the dissent is on a bulletin that the log does not hold"
                self.report.fault(BulletinFaultKind.NO_BULLETIN, index, what, found=dissent.bulletin_sha256)
        for digest, (index, bulletin, parts) in self.texts.items():
            self._judge_bulletin(digest, index, bulletin, parts)
        self._judge_numbers()
        return self.report

    def _take(self, index: int, found: NoteEntry) -> None:
        if found.kind == ACCEPTANCE:
            self._judge_acceptance(index, parse_acceptance(found.note.text), found.note)
        elif found.note.text.startswith(f"{DISSENT}\n"):
            self.dissents.append((index, parse_dissent(found.note.text), found.note))
        else:
            bulletin = parse_bulletin(found.note.text)
            self.texts.setdefault(bulletin.sha256, (index, bulletin, []))[2].append(found)

    def _judge_bulletin(self, digest: str, index: int, bulletin: Bulletin, parts: list[NoteEntry]) -> None:
        note = parts[0].note.signed_also(*(line for part in parts[1:] for line in part.note.signatures))
        is_without = all(part.is_without_quorum for part in parts)
        self._judge_checkpoint(index, bulletin)
        self._judge_totals(index, bulletin)
        standing = self._standing(digest, index, bulletin, note)
        if standing is not None and not standing.is_met:
            if is_without:
                self.report.leave(f"bulletin {bulletin.number} of {bulletin.contest}", f"not signed off: {standing}")
            else:
                self.report.fault(BulletinFaultKind.QUORUM_UNMET, index, "too few members signed", found=str(standing))
        self.report.bulletins.append(
            LoggedBulletin(index=index, bulletin=bulletin, note=note, standing=standing, is_without_quorum=is_without)
        )

    def _standing(self, digest: str, index: int, bulletin: Bulletin, note: Note) -> BoardStanding | None:
        if self.board is None:
            self.report.leave(f"entry {index}: who signed the bulletin", "no board was given: name the printed one")
            return None
        own = []
        for at, dissent, each in self.dissents:
            if dissent.bulletin_sha256 == digest:
                try:
                    self.board.signers_of(each)
                    own.append(each)
                except InputError as error:
                    self.report.refuse(BulletinFaultKind.SIGNATURE_REFUSED, at, error)
        try:
            return standing_of_board(bulletin, note, own, self.board)
        except InputError as error:
            self.report.refuse(BulletinFaultKind.SIGNATURE_REFUSED, index, error)
            return None

    def _judge_checkpoint(self, index: int, bulletin: Bulletin) -> None:
        claimed, head = bulletin.checkpoint.origin, bulletin.checkpoint.head
        if claimed != self.origin:
            what = "the bulletin was computed from another log"
            self.report.fault(BulletinFaultKind.OTHER_LOG, index, what, found=claimed, expected=self.origin)
        elif head.size > index:
            what = "the bulletin names a checkpoint that the log had not reached"
            self.report.fault(
                BulletinFaultKind.LATER_CHECKPOINT, index, what, found=f"size {head.size}", expected=f"at most {index}"
            )
        else:
            root = self.root_at(head.size)
            if root is None:
                self.report.leave(f"entry {index}: the bulletin's checkpoint", "its root could not be recomputed")
            elif root != head.root:
                what = f"the log's first {head.size} entries have another root"
                found, expected = to_base64(head.root), to_base64(root)
                self.report.fault(BulletinFaultKind.ROOT_DIFFERS, index, what, found=found, expected=expected)

    def _judge_totals(self, index: int, bulletin: Bulletin) -> None:
        raw = self.summaries.get(bulletin.summary_sha256)
        if raw is None:
            self.report.leave(
                f"entry {index}: the totals of bulletin {bulletin.number} of {bulletin.contest}",
                f"its record is not here: the one whose summary.json has SHA-256 {bulletin.summary_sha256}",
            )
            return
        try:
            again = bulletin_of(
                json.loads(raw),
                bulletin.contest,
                number=bulletin.number,
                time=bulletin.time,
                checkpoint=bulletin.checkpoint,
                summary_sha256=bulletin.summary_sha256,
            )
        except (InputError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            self.report.leave(f"entry {index}: the totals", f"the record's summary cannot be read: {error!r}")
            return
        for found, expected in differing_lines(bulletin, again):
            what = "the record says something else than the bulletin"
            self.report.fault(BulletinFaultKind.TOTALS_DIFFER, index, what, found=found, expected=expected)

    def _judge_numbers(self) -> None:
        last: dict[tuple[str, str], int] = {}
        for each in sorted(self.report.bulletins, key=lambda each: each.index):
            contest, number = each.bulletin.contest, each.bulletin.number
            about = (each.bulletin.election, contest)  # one log may hold two elections, such as two rounds
            expected = last.get(about, 0) + 1
            if number < expected:
                what = f"bulletin {number} of {contest} stands there already, with another text"
                self.report.fault(BulletinFaultKind.NUMBER_TWICE, each.index, what)
            elif number > expected:
                what = f"bulletins of {contest} are missing before this one"
                self.report.fault(
                    BulletinFaultKind.NUMBER_SKIPPED, each.index, what, found=str(number), expected=str(expected)
                )
            last[about] = max(number, last.get(about, 0))

    def _judge_acceptance(self, index: int, acceptance: Acceptance, note: Note) -> None:
        signed = None
        if self.candidates is None:
            self.report.leave(f"entry {index}: who signed the acceptance", "no keys of candidates were given")
        else:
            try:
                signed = self.candidates.signers_of(note)
            except InputError as error:
                self.report.refuse(BulletinFaultKind.SIGNATURE_REFUSED, index, error)
        if self.definition_sha256 is not None and acceptance.definition_sha256 != self.definition_sha256:
            self.report.leave(
                f"entry {index}: whether the accepted definition is this record's",
                f"another one was accepted, with SHA-256 {acceptance.definition_sha256}: compare the two files",
            )
        self.report.acceptances.append(LoggedAcceptance(index=index, acceptance=acceptance, note=note, signed=signed))
