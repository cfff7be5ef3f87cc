"""What a page shows by itself: its seal beside the keys, its code beside its print, and what the file says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from escruta.apps.scan.homes import ScanHome
from escruta.apps.scan.tables import SheetRead
from escruta.sheets.seal import KeyList, SealStatus, check_seal, read_seal
from escruta.sources.scans.evidence import PictureFinding, findings_of_metadata

_WITHHELD = {SealStatus.INVALID: "P102", SealStatus.REVOKED: "P104", SealStatus.UNKNOWN_KEY: "P103"}
WITHHELD = frozenset(_WITHHELD.values())
"""A copy with one of these is not counted; they are found only where the election has a list of keys."""

_SEAL_CODES = {SealStatus.VALID: "P101", SealStatus.UNDECIDED: "P106", **_WITHHELD}


def findings_of_seal(sheet: SheetRead, keys: KeyList | None) -> PictureFinding | None:
    """Check the seal of a sheet that was read from a code; without a list of keys none is checked, and that is said."""
    if sheet.sheet["method"] != "qr":
        return None
    if sheet.sheet["kind"] != "seal":
        return PictureFinding(code="P105")
    if keys is None:
        return PictureFinding(code="P107")
    shown = check_seal(read_seal(sheet.sheet["text"]), keys)
    reasons = ", ".join(reason.value for reason in shown.reasons) or "none"
    return PictureFinding(code=_SEAL_CODES[shown.status], details={"reasons": reasons})


def findings_of_page(home: ScanHome, sheets: Sequence[SheetRead]) -> Iterator[PictureFinding]:
    """Say what the sheets that were read from one page show by themselves, beside their seals."""
    for sheet in sheets:
        yield from _of_print(sheet)
        yield from _of_metadata(home, sheet)
    texts = {sheet.sheet["text"] for sheet in sheets if sheet.sheet["method"] == "qr"}
    if len(texts) > 1:
        yield PictureFinding(code="P205", details={"count": len(texts)})


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


def row_of(copy: str, station: str | None, found: PictureFinding) -> dict[str, Any]:
    """Give the line of a finding."""
    return {
        "copy": copy,
        "station": station,
        "code": found.code,
        "grade": found.grade.value,
        "details": dict(found.details),
    }
