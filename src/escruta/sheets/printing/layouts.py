"""Where everything stands on a printed sheet: what a program needs to lay a photograph of the sheet onto the print.

The typesetter itself says where it put each thing, so the layout is exact: of every page, and of every figure's cell,
header, code and place to sign, in millimetres from the top left corner of its page.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from escruta.base.errors import InputError

FORMAT = "escruta/sheet-layout/v1"
_DIGITS = 4


class ZoneKind(StrEnum):
    """What stands in a zone."""

    HEADER = "header"
    """What the sheet is: kind, contest, station, copy, and on the first page the upper code."""
    FIGURES = "figures"
    """A band with rows of figures and their names."""
    FIGURE = "figure"
    """One figure's cell."""
    STATION = "station"
    """A cell with digits of the station's key."""
    CODE = "code"
    """A code's modules, without its quiet zone."""
    QUIET = "quiet"
    """A code with its quiet zone."""
    SIGNATURE = "signature"
    """A place to sign: personal data from the moment that somebody does."""
    CLOSING = "closing"
    """The lower code, its digest and how to check it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A rectangle on a page, in mm from the page's top left corner."""

    id: str
    """A figure's column (`votes.ana`), `station.table`, `code.top`, `code.bottom`, `signature.1`, …"""
    kind: ZoneKind
    page: int
    """From 1."""
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLayout:
    """Where everything stands on one copy of one sheet."""

    paper: str
    """The form of the paper: `strip`, `strip-58`, `a4`."""
    station: str
    form_id: str
    """The first eight bytes of the seal form's digest, in hexadecimal: which figures stand here."""
    copy: int
    first_page: int
    """The page of the file on which this sheet begins, from 1; the zones count from the sheet's own first page."""
    pages: tuple[tuple[float, float], ...]
    """Width and height of each page of this sheet, in mm."""
    code_modules: int | None
    """Modules a side of each code; None on a sheet without a seal."""
    module_mm: float | None
    zones: tuple[Zone, ...]

    def of_kind(self, kind: ZoneKind) -> tuple[Zone, ...]:
        """Give the zones of a kind, in the order in which they stand."""
        return tuple(zone for zone in self.zones if zone.kind is kind)

    def zone(self, name: str) -> Zone:
        """Give a zone by its id; raises `KeyError`."""
        for zone in self.zones:
            if zone.id == name:
                return zone
        raise KeyError(name)

    def as_json(self) -> dict[str, Any]:
        """Give the layout as plain values."""
        plain = {name: getattr(self, name) for name in type(self).__dataclass_fields__ if name != "zones"}
        return {"format": FORMAT, "unit": "mm", **plain, "zones": [_plain(zone) for zone in self.zones]}


def _plain(zone: Zone) -> dict[str, Any]:
    return {name: getattr(zone, name) for name in Zone.__dataclass_fields__}


def layouts_as_json(layouts: Iterable[SheetLayout]) -> str:
    """Write the layouts of a file's sheets, one a copy."""
    return json.dumps([layout.as_json() for layout in layouts], ensure_ascii=False, indent=1) + "\n"


def parse_layouts(text: str, *, where: str = "layout") -> tuple[SheetLayout, ...]:
    """Read what `layouts_as_json` wrote; raises `InputError`."""
    try:
        return tuple(_layout(each) for each in json.loads(text))
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            "this is no layout of a printed sheet",
            where=where,
            found=f"{type(error).__name__}: {error}",
            expected=f"a list of {FORMAT}",
        ) from error


def _layout(plain: Mapping[str, Any]) -> SheetLayout:
    if plain["format"] != FORMAT:
        raise ValueError(f"format {plain['format']}")
    known = {name: plain[name] for name in SheetLayout.__dataclass_fields__ if name not in {"zones", "pages"}}
    zones = tuple(Zone(**{**zone, "kind": ZoneKind(zone["kind"])}) for zone in plain["zones"])
    return SheetLayout(**known, pages=tuple((width, height) for width, height in plain["pages"]), zones=zones)


def zone_of(said: Mapping[str, Any], first_page: int) -> Zone:
    """Take a zone as the typesetter says it; its lengths are rounded to a tenth of a micrometre."""
    lengths = {name: round(said[name], _DIGITS) for name in ("x", "y", "width", "height")}
    return Zone(id=said["id"], kind=ZoneKind(said["kind"]), page=said["page"] - first_page + 1, **lengths)
