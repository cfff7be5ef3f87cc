"""Signed notes as entries of the log: `{"kind":"bulletin","note":"…"}`, in canonical JSON below 4 kB."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from escruta.apps.board.errors import BulletinRefused
from escruta.record.bulletins import BulletinMalformed
from escruta.record.entries import LONGEST, entry, kind_of
from escruta.tlog.notes import Note, parse_note

BULLETIN, ACCEPTANCE = "bulletin", "acceptance"
BOARD_KINDS = (BULLETIN, ACCEPTANCE)
"""A dissent is an entry of the kind `bulletin` too: the first line of its text says what it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteEntry:
    """An entry that holds a signed note."""

    kind: str
    note: Note
    is_without_quorum: bool
    """Whether it was published though too few had signed, which the entry says."""


def write_entries(kind: str, note: Note, *, is_without_quorum: bool = False) -> Iterator[bytes]:
    """Write a note as entries; one with more lines than an entry holds becomes several with the same text."""
    said: dict[str, Any] = {"without_quorum": True} if is_without_quorum else {}
    lines = list(note.signatures)
    while lines:
        count = next((size for size in range(len(lines), 0, -1) if _fits(kind, note, lines[:size], said)), 0)
        if count == 0:
            raise BulletinRefused(
                "the text is too long for an entry of the log",
                found=f"{len(note.text.encode('utf-8'))} bytes",
                expected=f"at most {LONGEST} bytes with one signature, written as JSON",
            )
        yield _entry(kind, note, lines[:count], said)
        lines = lines[count:]


def _fits(kind: str, note: Note, lines: list[Any], said: dict[str, Any]) -> bool:
    return len(_entry(kind, note, lines, said)) <= LONGEST


def _entry(kind: str, note: Note, lines: list[Any], said: dict[str, Any]) -> bytes:
    return entry(kind, note=str(replace(note, signatures=tuple(lines))), **said)


def read_entry(raw: bytes, *, where: str | None = None) -> NoteEntry | None:
    """Read an entry of ours; None for one of another kind. Raises `BulletinMalformed`, `NoteMalformed`."""
    kind, said = kind_of(raw)
    if kind not in BOARD_KINDS:
        return None
    note, is_without = said.get("note"), said.get("without_quorum", False)
    names = {"kind", "note"} | ({"without_quorum"} if is_without is True else set())
    if not isinstance(note, str) or said.keys() != names or raw != entry(**dict(said)):
        raise BulletinMalformed(
            "the entry has other members, or is not canonical JSON",
            where=where,
            found=", ".join(sorted(said)),
            expected="kind and note, and without_quorum where it is true (RFC 8785)",
        )
    return NoteEntry(
        kind=kind, note=parse_note(note.encode("utf-8"), where=where), is_without_quorum=is_without is True
    )
