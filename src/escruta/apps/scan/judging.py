"""What a page shows by itself: its seal beside the keys, its code beside its print, and what the file says.

And whether its readings are counted: not where the seal is bad, nor where print and code name different stations.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any

from escruta.apps.scan.homes import ScanHome
from escruta.apps.scan.printed import NOT_LEGIBLE
from escruta.apps.scan.tables import SheetRead
from escruta.election.definition import KeyPart
from escruta.sheets.seal import KeyList, SealStatus, check_seal, read_seal
from escruta.sheets.station_cells import station_as_written
from escruta.sources.scans.evidence import PictureFinding, findings_of_metadata

_WITHHELD = {SealStatus.INVALID: "P102", SealStatus.REVOKED: "P104", SealStatus.UNKNOWN_KEY: "P103"}
WITHHELD = frozenset(_WITHHELD.values())
"""A copy with one of these is not counted; they are found only where the election has a list of keys."""

GOOD = "P101"
_SEAL_CODES = {SealStatus.VALID: GOOD, SealStatus.UNDECIDED: "P106", **_WITHHELD}


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


class NotCounted(StrEnum):
    """Why the readings of a page are not in the table."""

    SEAL = "seal"
    """Its seal is not good."""
    STATION = "station"
    """Its code and its print are not of one station, or it is not known that they are, and they differ."""
    UNSEALED = "unsealed"
    """The definition wants seals, and there is no good one on it."""


def counted(
    sheets: Sequence[SheetRead],
    seals: Sequence[PictureFinding | None],
    key: Sequence[KeyPart],
    *,
    seals_required: bool,
) -> tuple[list[SheetRead], NotCounted | None]:
    """Say which of the readings of a page are counted, and why none is, where none is.

    `seals` has what was found of the seal of each reading; `key` says when two name one station. A page whose print
    names another station than its code is no reading of either, whether a program or two people read it so: its code
    may be cut out of anybody's picture, and would make the code's own station disputed. It counts again where two
    people read the code's station on it.
    """
    if any(found is not None and found.code in WITHHELD for found in seals):
        return [], NotCounted.SEAL
    left = [*sheets]
    typed = [_station_of(sheet, key) for sheet in sheets if sheet.sheet["method"] == "typed"]
    coded = [_station_of(sheet, key) for sheet in sheets if _is_code(sheet)]
    if _names_another_station(sheets) or (coded and any(station not in coded for station in typed)):
        codes = [sheet for sheet in sheets if _is_code(sheet) and _station_of(sheet, key) in typed]
        if not codes:
            return [], NotCounted.STATION
        left = [*codes, *(sheet for sheet in sheets if sheet.sheet["method"] == "typed")]
    if not seals_required:
        return left, None
    good = [sheet for sheet, found in zip(sheets, seals, strict=True) if found is not None and found.code == GOOD]
    stations = [_station_of(sheet, key) for sheet in good]
    left = [
        sheet
        for sheet in left
        if (any(sheet is each for each in good) if _is_code(sheet) else _station_of(sheet, key) in stations)
    ]
    return left, None if left else NotCounted.UNSEALED


def _names_another_station(sheets: Sequence[SheetRead]) -> bool:
    """Whether print names another station than a code, or differs from it where its own station is not legible."""
    found = {
        (each["code"], each["details"].get("why"))
        for sheet in sheets
        for each in (sheet.on_page.get("print") or {}).get("findings", ())
    }
    return ("P204", None) in found or {("P202", None), ("P206", NOT_LEGIBLE)} <= found


def _is_code(sheet: SheetRead) -> bool:
    return bool(sheet.sheet["method"] == "qr")


def _station_of(sheet: SheetRead, key: Sequence[KeyPart]) -> dict[str, str]:
    """Give the station's parts as the definition writes them."""
    return station_as_written(key, sheet.sheet["station"])


def row_of(copy: str, station: str | None, found: PictureFinding) -> dict[str, Any]:
    """Give the line of a finding."""
    return {
        "copy": copy,
        "station": station,
        "code": found.code,
        "grade": found.grade.value,
        "details": dict(found.details),
    }
