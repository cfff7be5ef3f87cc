"""The print of a sheet beside its code: what the figures say, and whether both agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from escruta.apps.scan.saying import Said
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

STATION = "station."
"""The cells of a layout that hold parts of the station key are called `station.PART`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A page laid over the blank of its sheet."""

    layout: ScanLayout
    registration: Registration


@lru_cache(maxsize=16)
def layout_at(path: str, changed: int) -> ScanLayout:
    """Read a layout once in each worker; `changed` is the file's time, so that a later one is read again."""
    del changed
    return parse_layout(Path(path).read_text(encoding="utf-8"), where=path)


def lay_over(picture: Picture, layouts: Iterable[ScanLayout], codes: Sequence[Code]) -> Printed | NoFit | None:
    """Find the layout that a page fits; the last reason where it fits none, None where there are no layouts."""
    corners: list[Corners | None] = [code.corners for code in codes]
    refused: NoFit | None = None
    for layout in layouts:
        for each in corners or [None]:
            found = register(picture, layout, each)
            if isinstance(found, Registration):
                return Printed(layout=layout, registration=found)
            refused = found
    return refused


def print_facts(picture: Picture, laid: Printed | NoFit | None, told: Sequence[Said]) -> dict[str, Any] | None:
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
    said: list[Said] = []  # a code that is printed twice speaks once
    said += (each for each in told if each.refusal is None and each not in said)
    found = [fits, *(finding for each in said for finding in _compared(picture, laid, each))]
    facts: dict[str, Any] = {"fits": True, "layout": laid.layout.name, "findings": [_plain(each) for each in found]}
    if not said or any(each.code in {"P202", "P204"} for each in found):
        facts |= _read(picture, laid)
    return facts


def _compared(picture: Picture, laid: Printed, said: Said) -> list[PictureFinding]:
    """Score what a code says on the print: its station, where each part of it has a cell, and its figures."""
    counts = {name: value for name, value in said.figures.items() if isinstance(value, int)}
    parts = {STATION + part: int(text) for part, text in said.station.items() if text.isdigit()}
    checks = check_print(picture, laid.registration, laid.layout, {**counts, **parts})
    of_station = [check for check in checks if check.figure in parts and check.match is Match.DIFFERS]
    if of_station:
        return [PictureFinding(code="P204", details={"figures": _differences(of_station)})]
    agreed = {check.figure for check in checks if check.figure in parts and check.match is Match.AGREES}
    station = [] if agreed >= {STATION + part for part in said.station} else [PictureFinding(code="P206")]
    of_figures = [check for check in checks if check.figure in counts]
    differing = [check for check in of_figures if check.match is Match.DIFFERS]
    agreeing = sum(check.match is Match.AGREES for check in of_figures)
    if differing:
        return [PictureFinding(code="P202", details={"figures": _differences(differing)}), *station]
    if not agreeing:
        return [_not_compared("not-legible")]
    return [PictureFinding(code="P201", details={"agreeing": agreeing, "figures": len(of_figures)}), *station]


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
    facts: Mapping[str, Any] | None, parts: Sequence[str], told: Sequence[Said]
) -> tuple[dict[str, str], dict[str, Any]] | None:
    """Take station and figures from what was read; None where nothing was, or nothing names the station.

    A figure that is not certain is None: unread. Where the print has no station in cells, and differs from the one code
    on the page, it is a second reading of that code's station: the two are then disputed.
    """
    if facts is None or "read" not in facts:
        return None
    values = {name: each["value"] for name, each in facts["read"].items()}
    station = {part: values.get(STATION + part) for part in parts}
    figures = {name: value for name, value in values.items() if not name.startswith(STATION)}
    if all(value is None for value in figures.values()):
        return None
    if all(value is not None for value in station.values()):
        return {part: str(value) for part, value in station.items()}, figures
    coded = [each for at, each in enumerate(told) if each.refusal is None and each not in told[:at]]
    return (dict(coded[0].station), figures) if len(coded) == 1 else None


def _not_compared(why: str) -> PictureFinding:
    return PictureFinding(code="P203", details={"why": why})


def _plain(found: PictureFinding) -> dict[str, Any]:
    return {"code": found.code, "details": dict(found.details)}
