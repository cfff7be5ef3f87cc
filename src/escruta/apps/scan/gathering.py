"""One walk through the journal: readings for their table, what each page shows by itself, and columns for the rest."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import polars as pl

from escruta.apps.scan.decisions import Decision, typed_sheets
from escruta.apps.scan.homes import ScanHome
from escruta.apps.scan.judging import NotCounted, counted, findings_of_page, findings_of_seal, row_of
from escruta.apps.scan.standing import Standing
from escruta.apps.scan.tables import SheetRead, SortedLines, sheets_of
from escruta.sheets.seal import KeyList
from escruta.sources.cells import key_columns, station_expression
from escruta.sources.scans.evidence import PictureFinding

BATCH = 2_048
"""Readings whose stations are found together."""
_CODE_BYTES = 16

PAGES_SCHEMA = pl.Schema({"copy": pl.String, "station": pl.String, "look": pl.Binary})
"""A page on which a sheet was read: what the copy is known by, its station as the definition writes it, its look."""
CODES_SCHEMA = pl.Schema({"code": pl.Binary, "copy": pl.String})
"""A code of a sheet that was read on a page, by the first bytes of its digest."""


@dataclass(slots=True, kw_only=True)
class Gathered:
    """What one walk through the journal leaves in memory: a few dozen bytes a page."""

    pages: pl.DataFrame
    """`PAGES_SCHEMA`, in the order of the copies."""
    codes: pl.DataFrame
    """`CODES_SCHEMA`, in the order of code and copy."""
    readings: int
    stations: int
    """Stations with a reading that is counted."""
    withheld: Counter[str]
    """Why -> pages whose readings are not counted."""
    failures: Counter[str]
    """Reason -> files that gave no reading."""
    other_layouts: int
    """Files that were opened, and read with other layouts than there are now."""


@dataclass(slots=True, kw_only=True)
class _Columns:
    pages: list[pl.DataFrame] = field(default_factory=list)
    codes: list[pl.DataFrame] = field(default_factory=list)


def gather(
    home: ScanHome,
    standing: Standing,
    typed: Mapping[tuple[str, int], Decision],
    keys: KeyList | None,
    readings: SortedLines,
    findings: SortedLines,
) -> Gathered:
    """Write every reading and what its page shows by itself; give what is needed to lay them beside each other."""
    failures: Counter[str] = Counter()
    columns = _Columns()
    withheld: Counter[str] = Counter()
    counted_stations: set[str] = set()
    read = 0
    older = _Older(home.layouts_known_by)
    for sheets in _batches(older.among(standing), typed, failures):
        stations = stations_of(home, sheets)
        known = [sheet for sheet in sheets if sheet.copy in stations]
        for copy, group in groupby(known, key=lambda sheet: sheet.copy):
            own = [*group]
            seals = [findings_of_seal(sheet, keys) for sheet in own]
            left, why = counted(own, seals, home.election.stations.key, seals_required=home.seals_required)
            shown = [*(found for found in seals if found is not None), *findings_of_page(home, own)]
            if why is NotCounted.UNSEALED:
                shown.append(PictureFinding(code="P108"))
            for found in shown:
                findings.add(row_of(copy, stations[copy], found))
            if why is not None:
                withheld[why.value] += 1
            else:
                counted_stations.add(stations[copy])
            read += len(left)
            for sheet in left:
                readings.add(sheet.row)
        _add(columns, known, stations)
    return Gathered(
        pages=pl.concat([PAGES_SCHEMA.to_frame(), *columns.pages]).sort("copy"),
        codes=pl.concat([CODES_SCHEMA.to_frame(), *columns.codes]).sort("code", "copy"),
        readings=read,
        stations=len(counted_stations),
        withheld=withheld,
        failures=failures,
        other_layouts=older.found,
    )


@dataclass(slots=True)
class _Older:
    """Counts files that were read with other layouts than those of now; a journal of long ago does not say."""

    now: str
    found: int = 0

    def among(self, standing: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        for said in standing:
            self.found += bool(said["pages"]) and said.get("layouts", self.now) != self.now
            yield said


def _batches(
    standing: Iterable[Mapping[str, Any]], typed: Mapping[tuple[str, int], Decision], failures: Counter[str]
) -> Iterator[list[SheetRead]]:
    """Give the readings of some files at a time, all of a page together."""
    batch: list[SheetRead] = []
    for said in standing:
        if said["failure"]:
            failures[said["failure"]] += 1
        batch += sorted([*sheets_of(said), *typed_sheets(said, typed)], key=lambda sheet: sheet.page)
        if len(batch) >= BATCH:
            yield batch
            batch = []
    yield batch


def _add(columns: _Columns, sheets: Sequence[SheetRead], stations: Mapping[str, str]) -> None:
    pages = {sheet.copy: bytes.fromhex(sheet.on_page["look"]) for sheet in sheets}
    own = {"copy": pages.keys(), "station": (stations[copy] for copy in pages), "look": pages.values()}
    columns.pages.append(pl.DataFrame({name: [*values] for name, values in own.items()}, schema=PAGES_SCHEMA))
    codes = {(code_key(sheet.sheet), sheet.copy) for sheet in sheets if sheet.sheet["method"] == "qr"}
    columns.codes.append(pl.DataFrame([*codes], schema=CODES_SCHEMA, orient="row"))


def code_key(coded: Mapping[str, Any]) -> bytes:
    """Give what a code, or the sheet that was read from it, is known by in memory."""
    return hashlib.sha256(str(coded["text"]).encode()).digest()[:_CODE_BYTES]


def stations_of(home: ScanHome, sheets: Sequence[SheetRead]) -> dict[str, str]:
    """Give the station of each copy as the definition writes it; a page with sheets of several has the first.

    A copy whose station cannot be one of this election's is not among them.
    """
    key = home.election.stations
    names = [part.part for part in key.key]
    told = pl.DataFrame(
        {"copy": [sheet.copy for sheet in sheets]}
        | {name: [sheet.sheet["station"].get(name) for sheet in sheets] for name in names},
        schema={"copy": pl.String} | dict.fromkeys(names, pl.String),
    )
    cells = {name: name for name in names}
    written = told.with_columns(key_columns(key.key, cells)).select("copy", station=station_expression(key))
    found = written.filter(pl.col("station").is_not_null() & (pl.col("station") != ""))
    return dict(found.sort("copy", "station").unique("copy", keep="first").iter_rows())
