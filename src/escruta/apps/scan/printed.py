"""The print of a sheet beside its code: what the figures say, and whether both agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from escruta.apps.scan.saying import Said
from escruta.election.definition import KeyPart
from escruta.sheets.station_cells import STATION, expected_in_cells, group_lengths, station_in_cells
from escruta.sources.scans.codes import Code
from escruta.sources.scans.codes.values import Corners
from escruta.sources.scans.evidence import PictureFinding
from escruta.sources.scans.figures import (
    FigureRead,
    Match,
    NoFit,
    PrintCheck,
    Registration,
    ScanLayout,
    check_print,
    parse_layout,
    read_figures,
    reconcile,
    register,
)
from escruta.sources.scans.pictures import Picture

NOT_LEGIBLE = "not-legible"
"""Why a station, or a sheet, could not be compared with a code: its layout has cells, and they cannot be read."""

MISPLACED = "misplaced"
"""Why a sheet that was laid over its blank does not fit it: rows of print lie where others belong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A page laid over the blank of its sheet."""

    layout: ScanLayout
    registration: Registration


_KEPT: dict[tuple[str, int], ScanLayout] = {}
"""The layouts that a worker has read: those of the last orders, however many they are."""


def layout_at(path: str, changed: int) -> ScanLayout:
    """Read a layout once in each worker; `changed` is the file's time, so that a later one is read again."""
    kept = _KEPT.get((path, changed))
    if kept is None:
        _KEPT[path, changed] = kept = parse_layout(Path(path).read_text(encoding="utf-8"), where=path)
    return kept


def layouts_at(wanted: Sequence[tuple[str, int]]) -> list[ScanLayout]:
    """Read the layouts of some orders; those of other orders, and earlier ones, are forgotten."""
    found = [layout_at(*each) for each in wanted]
    for other in {*_KEPT}.difference(wanted):
        _KEPT.pop(other, None)  # another thread may have been here
    return found


def lay_over(picture: Picture, layouts: Iterable[ScanLayout], codes: Sequence[Code]) -> Printed | NoFit | None:
    """Find the layout that a page fits; the last reason where it fits none, None where there are no layouts.

    Where the layout has codes, it is tried with the places of so many of the page's as a sheet has, and of one more: a
    picture full of codes asks for no more work.
    """
    corners: list[Corners | None] = [code.corners for code in codes]
    refused: NoFit | None = None
    for layout in layouts:
        for each in corners[: len(layout.codes) + 1 if layout.codes else 0] or [None]:
            found = register(picture, layout, each)
            if isinstance(found, Registration):
                return Printed(layout=layout, registration=found)
            refused = found
    return refused


def print_facts(
    picture: Picture, laid: Printed | NoFit | None, told: Sequence[Said], key: Sequence[KeyPart]
) -> dict[str, Any] | None:
    """Say what the print shows beside what the codes say; None where no layout is known.

    The figures are read where no code was, or where code and print differ: otherwise the code's reading stands alone.
    """
    if laid is None:
        return None
    if isinstance(laid, NoFit):
        details = {"reason": laid.reason.value}
        found = [PictureFinding(code="P502", details=details), _not_compared(laid.reason.value)]
        return {"fits": False, "findings": [_plain(each) for each in found]}
    fits = PictureFinding(code="P501", details={"percent": round(100 * laid.registration.found)})
    if laid.registration.rows.any_misplaced:
        fits = PictureFinding(code="P502", details={"reason": MISPLACED})
    said: list[Said] = []  # a code that is printed twice speaks once
    said += (each for each in told if each.refusal is None and each not in said)
    found = [fits, *(finding for each in said for finding in _compared(picture, laid, each, key))]
    facts: dict[str, Any] = {"fits": True, "layout": laid.layout.name, "findings": [_plain(each) for each in found]}
    if not said or any(each.code in {"P202", "P204"} for each in found):
        facts |= _read(picture, laid)
    return facts


def _compared(picture: Picture, laid: Printed, said: Said, key: Sequence[KeyPart]) -> list[PictureFinding]:
    """Score what a code says on the print: its station, where each part of it has a cell, and its figures."""
    counts = {name: value for name, value in said.figures.items() if isinstance(value, int)}
    parts = {part.part: expected_in_cells(part, said.station[part.part], laid.layout.figures) for part in key}
    of_station = {name: value for cells in parts.values() for name, value in cells.items()}
    checks = check_print(picture, laid.registration, laid.layout, {**counts, **of_station})
    found = {check.figure: check for check in checks}
    other = {
        part: [found[name] for name in cells]
        for part, cells in parts.items()
        if any(found[name].match is Match.DIFFERS for name in cells)
    }
    if other:
        differences = "; ".join(
            _stations(part, said.station[part.part], other[part.part]) for part in key if part.part in other
        )
        return [PictureFinding(code="P204", details={"figures": differences})]
    station = _of_station(parts, found, said)
    of_figures = [found[name] for name in counts]
    differing = [check for check in of_figures if check.match is Match.DIFFERS]
    agreeing = sum(check.match is Match.AGREES for check in of_figures)
    if differing:
        return [PictureFinding(code="P202", details={"figures": _differences(differing)}), *station]
    if not agreeing:
        return [_not_compared(NOT_LEGIBLE)]
    return [PictureFinding(code="P201", details={"agreeing": agreeing, "figures": len(of_figures)}), *station]


def _of_station(
    parts: Mapping[str, Mapping[str, int]], found: Mapping[str, PrintCheck], said: Said
) -> list[PictureFinding]:
    """Say why the station was not compared; nothing where each part of it is printed as the code says it."""
    if all(cells and all(found[name].match is Match.AGREES for name in cells) for cells in parts.values()):
        return []
    if all(parts.values()):
        why = NOT_LEGIBLE
    else:
        digits = all(text.isascii() and text.isdigit() for text in said.station.values())
        why = "no-cells" if digits else "not-digits"
    return [PictureFinding(code="P206", details={"why": why})]


def _stations(part: KeyPart, expected: str, cells: Sequence[PrintCheck]) -> str:
    """Write a part of the key as the code says it, and as it is printed."""
    printed = [check.expected if check.match is Match.AGREES else check.printed for check in cells]
    lengths = group_lengths(part) if len(cells) > 1 else (0,)
    shown = ("?" if value is None else str(value).zfill(room) for value, room in zip(printed, lengths, strict=True))
    return f"{part.part}: {expected} / {' '.join(shown)}"


def _differences(checks: Sequence[PrintCheck]) -> str:
    shown = (
        f"{check.figure}: {check.expected} / {'?' if check.printed is None else check.printed}" for check in checks
    )
    return "; ".join(shown)


def _read(picture: Picture, laid: Printed) -> dict[str, Any]:
    """Read the figures, and let the sums confirm them."""
    read = read_figures(picture, laid.registration, laid.layout)
    sheet = reconcile(read, laid.layout.sums)
    return {
        "sums_hold": sheet.is_accepted,
        "changed": list(sheet.changed),
        "read": {each.figure: _figure(each) for each in sheet.figures},
    }


def _figure(read: FigureRead) -> dict[str, Any]:
    return {"value": read.value, "likeliest": read.likeliest, "confidence": round(read.confidence, 4)}


def printed_sheet(
    facts: Mapping[str, Any] | None, key: Sequence[KeyPart], told: Sequence[Said]
) -> tuple[dict[str, str], dict[str, Any]] | None:
    """Take station and figures from what was read; None where nothing was, or nothing names the station.

    A figure that is not certain is None: unread. Print beside the code of another kind of sheet is none that counts;
    nor is print without a code in which every count is zero, since a zero sheet looks like that.

    Where the layout has no cells for the station, and print differs from the one code on the page, it is a second
    reading of that code's station: the two are then disputed. Where it has cells that are not legible, nothing says of
    which station the print is.
    """
    if facts is None or "read" not in facts:
        return None
    values = {name: each["value"] for name, each in facts["read"].items()}
    figures = {name: value for name, value in values.items() if not name.startswith(STATION)}
    coded = [each for at, each in enumerate(told) if each.refusal is None and each not in told[:at]]
    counts = {value for name, value in figures.items() if name != "registered_voters" and value is not None}
    if not counts or any(each.is_other_sheet for each in told) or (counts == {0} and not coded):
        return None
    station = station_in_cells(key, values)
    if station is not None:
        return station, figures
    has_cells = len(figures) < len(values)
    return (dict(coded[0].station), figures) if len(coded) == 1 and not has_cells else None


def _not_compared(why: str) -> PictureFinding:
    return PictureFinding(code="P203", details={"why": why})


def _plain(found: PictureFinding) -> dict[str, Any]:
    return {"code": found.code, "details": dict(found.details)}
