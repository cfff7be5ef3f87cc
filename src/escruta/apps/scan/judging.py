"""What the pictures show, once all are read: each beside the keys, the register, the sources and the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from escruta.apps.scan.alike import findings_of_likeness
from escruta.apps.scan.beside import Beside, findings_beside
from escruta.apps.scan.homes import ScanHome
from escruta.apps.scan.tables import SheetRead
from escruta.sheets.seal import KeyList, SealStatus, check_seal, read_seal
from escruta.sources.scans.evidence import PictureFinding, findings_of_metadata

WITHHELD = {SealStatus.INVALID: "P102", SealStatus.REVOKED: "P104", SealStatus.UNKNOWN_KEY: "P103"}
"""Readings of a seal with one of these are not counted, where the election has a list of keys."""

_SEAL_CODES = {SealStatus.VALID: "P101", SealStatus.UNDECIDED: "P106", **WITHHELD}

CHECKED = tuple(sorted(_SEAL_CODES.values()))
"""Findings that only a check against a list of keys gives."""


@dataclass(slots=True, kw_only=True)
class Judged:
    """What was found of every copy, and which readings are not to be counted."""

    findings: dict[str, list[PictureFinding]] = field(default_factory=lambda: defaultdict(list))
    """Copy -> findings."""
    withheld: set[str] = field(default_factory=set)
    """Copies whose seal is not good."""

    def add(self, copy: str, *found: PictureFinding) -> None:
        """Add findings of a copy; the same one is there once."""
        known = self.findings[copy]
        for each in found:
            if each not in known:
                known.append(each)


def judge_seals(sheets: Sequence[SheetRead], keys: KeyList | None) -> Judged:
    """Check the seal of every sheet; without a list of keys none is checked, and that is said."""
    judged = Judged()
    for sheet in sheets:
        if sheet.sheet["method"] == "qr":
            _judge_seal(sheet, keys, judged)
    return judged


def judge(
    home: ScanHome,
    sheets: Sequence[SheetRead],
    stations: Mapping[str, str],
    beside: Beside | None,
    judged: Judged,
) -> Judged:
    """Look at everything but the seals; `stations` gives the station of each copy as the definition writes it."""
    for sheet in sheets:
        judged.add(sheet.copy, *_of_print(sheet), *_of_metadata(home, sheet))
    for copy, found in _several_codes(sheets):
        judged.add(copy, found)
    for copy, found in () if beside is None else findings_beside(beside, stations):
        judged.add(copy, found)
    for copy, found in findings_of_likeness(home, sheets, stations):
        judged.add(copy, found)
    return judged


def _judge_seal(sheet: SheetRead, keys: KeyList | None, judged: Judged) -> None:
    if sheet.sheet["kind"] != "seal":
        judged.add(sheet.copy, PictureFinding(code="P105"))
        return
    if keys is None:
        judged.add(sheet.copy, PictureFinding(code="P107"))
        return
    shown = check_seal(read_seal(sheet.sheet["text"]), keys)
    if shown.status in WITHHELD:
        judged.withheld.add(sheet.copy)
    reasons = ", ".join(reason.value for reason in shown.reasons) or "none"
    judged.add(sheet.copy, PictureFinding(code=_SEAL_CODES[shown.status], details={"reasons": reasons}))


def _of_print(sheet: SheetRead) -> Iterator[PictureFinding]:
    """Say how code and print agree, and the picture and its blank, as the worker found it."""
    printed = sheet.on_page.get("print")
    for said in (printed or {}).get("findings", ()):
        yield PictureFinding(code=said["code"], details=said["details"])
    if printed is None:
        yield PictureFinding(code="P203", details={"why": "no-layout"})
        yield PictureFinding(code="P503")


def _of_metadata(home: ScanHome, sheet: SheetRead) -> Iterator[PictureFinding]:
    facts = sheet.on_page["facts"]
    yield from findings_of_metadata(
        facts.get("taken"),
        facts.get("software"),
        has_any=any(facts.values()),
        election_day=home.election.date,
        time_zone=home.election.time_zone,
    )


def _several_codes(sheets: Iterable[SheetRead]) -> Iterator[tuple[str, PictureFinding]]:
    """Find pages whose codes say different things."""
    texts: dict[str, set[str]] = defaultdict(set)
    for sheet in sheets:
        if sheet.sheet["method"] == "qr":
            texts[sheet.copy].add(sheet.sheet["text"])
    for copy, found in texts.items():
        if len(found) > 1:
            yield copy, PictureFinding(code="P205", details={"count": len(found)})


def row_of(copy: str, station: str | None, found: PictureFinding) -> dict[str, Any]:
    """Give the line of a finding."""
    return {
        "copy": copy,
        "station": station,
        "code": found.code,
        "grade": found.grade.value,
        "details": dict(found.details),
    }
