"""After the pictures were read: the table of readings, the findings, and what to say of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from escruta.apps.scan.beside import read_beside
from escruta.apps.scan.decisions import typed_sheets
from escruta.apps.scan.errors import ScanHomeUnusable
from escruta.apps.scan.homes import ScanHome
from escruta.apps.scan.judging import CHECKED, judge, judge_seals, row_of
from escruta.apps.scan.tables import SheetRead, latest_of, sheets_of, write_lines
from escruta.sheets.seal import KeyList
from escruta.sources.cells import key_columns, station_expression
from escruta.sources.scans.evidence import GRADES, Grade, worst_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanState:
    """What stands in an election's place for scans."""

    files: int
    """Files that were ever read into it."""
    copies: int
    """Pages on which a sheet was read."""
    stations: int
    readings: int
    """Lines of the table."""
    withheld: int
    """Copies whose seal is not good: their readings are not in the table."""
    without_reading: Mapping[str, int]
    """Reason -> files that gave no reading."""
    findings: Mapping[str, int]
    """Code -> how often."""
    doubtful: int
    """Copies with a finding that questions or contradicts."""
    not_compared: tuple[str, ...]
    """Sources that could not be read, and why."""

    @property
    def has_contradictions(self) -> bool:
        """Whether some picture contradicts itself, or another."""
        return any(GRADES[code] is Grade.CONTRADICTS for code in self.findings)


def finish(home: ScanHome, keys: KeyList | None = None) -> ScanState:
    """Write the readings and findings anew from the journal and what was typed; `keys` is a list that was verified.

    The same journal gives the same files, whatever the order in which the pictures came.
    """
    require_same_keys(home, keys)
    entries = latest_of(home.journal)
    sheets = [*sheets_of(entries.values())]
    sheets += typed_sheets(home, entries)
    stations = stations_of(home, sheets)
    sheets = [sheet for sheet in sheets if stations.get(sheet.copy)]
    judged = judge_seals(sheets, keys)
    readings = [sheet for sheet in sheets if sheet.copy not in judged.withheld]
    write_lines(home.table, [sheet.row for sheet in readings])
    beside = read_beside(home) if readings else None
    judged = judge(home, sheets, stations, beside, judged)
    rows = [row_of(copy, stations.get(copy), each) for copy, found in judged.findings.items() for each in found]
    write_lines(home.findings, rows)
    doubtful = [found for found in judged.findings.values() if worst_of(found) in {Grade.QUESTIONS, Grade.CONTRADICTS}]
    return ScanState(
        files=len(entries),
        copies=len({sheet.copy for sheet in sheets}),
        stations=len({stations[sheet.copy] for sheet in sheets}),
        readings=len(readings),
        withheld=len(judged.withheld),
        without_reading=dict(Counter(said["failure"] for said in entries.values() if said["failure"]).most_common()),
        findings=dict(sorted(Counter(row["code"] for row in rows).items())),
        doubtful=len(doubtful),
        not_compared=() if beside is None else beside.missing,
    )


def require_same_keys(home: ScanHome, keys: KeyList | None) -> None:
    """Refuse to write the tables without a list of keys where they were written with one.

    Readings whose seal is not good would otherwise be counted from then on, for want of an option.
    """
    if keys is not None or not home.findings.exists():
        return
    with home.findings.open(encoding="utf-8") as file:
        checked = any(f'"code":"{code}"' in line for line in file for code in CHECKED)
    if checked:
        raise ScanHomeUnusable(
            "the seals were checked before, and no list of sealing keys is named now",
            where=str(home.findings),
            expected="the list, or a later one",
            advice="Name it again: --keys LIST --trust KEY. To do without it, move findings.jsonl away.",
        )


def stations_of(home: ScanHome, sheets: Sequence[SheetRead]) -> dict[str, str]:
    """Give the station of each copy as the definition writes it; a page with sheets of several has the first."""
    key = home.election.stations
    names = [part.part for part in key.key]
    told = pl.DataFrame(
        {"copy": [sheet.copy for sheet in sheets]}
        | {name: [sheet.sheet["station"].get(name) for sheet in sheets] for name in names},
        schema={"copy": pl.String} | dict.fromkeys(names, pl.String),
    )
    cells = {name: name for name in names}
    written = told.with_columns(key_columns(key.key, cells)).select("copy", station=station_expression(key))
    found = written.filter(pl.col("station").is_not_null()).sort("copy", "station").unique("copy", keep="first")
    return dict(found.iter_rows())
