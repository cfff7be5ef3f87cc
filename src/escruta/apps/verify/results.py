"""The readings of a record against its log, and its results against its readings."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from io import BytesIO
from typing import Any

import polars as pl

from escruta.apps.verify.files import Files
from escruta.apps.verify.findings import Findings, RecordFaultKind
from escruta.apps.verify.logged import Logged
from escruta.apps.verify.places import Progress, Watched
from escruta.apps.verify.recomputing import Tables, differences, ids_again, recompute
from escruta.base.errors import EscrutaError
from escruta.election.definition import Election
from escruta.election.structure import parse_structure

DEFINITION, SUMMARY = "election.json", "summary.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a record holds, as far as it could be read."""

    election: Election
    summary: dict[str, Any]
    tables: Tables
    csv: Callable[[str], bytes | None]


class _Unreadable(EscrutaError):  # noqa: N818 - the name says what happened
    """A table or document of the record is not in its form, or not the published one."""


def verify_readings(
    place: Watched, files: Files, logged: Logged, findings: Findings, progress: Progress
) -> Contents | None:
    """Verify that each reading is the digest of its figures and in the log; give what was read."""
    progress("verify-readings", 0, 1)
    try:
        contents = _read_contents(place, files, logged)
        count = sum(
            _verify_contest(each["contest"], contents, logged, findings) for each in contents.summary["contests"]
        )
    except Exception as error:  # noqa: BLE001 - whatever a foreign file makes a library raise
        findings.fault(RecordFaultKind.MALFORMED, "the record", "its contents cannot be read", found=_told(error))
        return None
    findings.checked.append(f"readings: {count} digested again from their figures, and found in the log")
    _verify_none_left_out(contents, logged, findings)
    return contents


def _told(error: Exception) -> str:
    return str(error) if isinstance(error, EscrutaError) else f"{type(error).__name__}: {error}"[:300]


def _read_contents(place: Watched, files: Files, logged: Logged) -> Contents:
    def published(path: str) -> bytes:
        raw = place.read(path) if path in files.sound and files.is_logged else None
        if raw is None:
            raise _Unreadable(f"{path} is not the file that was published")
        return raw

    @cache
    def table(name: str) -> pl.DataFrame:
        return pl.read_parquet(BytesIO(published(f"{name}.parquet")))

    definition = published(DEFINITION)
    if sha256(definition).hexdigest() not in logged.rules:
        raise _Unreadable(f"{DEFINITION} holds rules that are not in the log")
    election, faults = parse_structure(json.loads(definition), DEFINITION)
    if election is None:
        raise _Unreadable(f"{DEFINITION}: {faults[0]}")
    summary = json.loads(published(SUMMARY))
    return Contents(election=election, summary=summary, tables=table, csv=lambda name: place.read(f"{name}.csv"))


def _verify_contest(contest: str, contents: Contents, logged: Logged, findings: Findings) -> int:
    name = f"readings-{contest}"
    readings = contents.tables(name)
    marks = contents.tables("marks").filter(pl.col("contest") == contest)
    again = ids_again(readings, marks, contents.election)
    _tell_some(
        findings,
        RecordFaultKind.DIFFERS,
        f"{name}.parquet",
        "readings have other figures than their ids say",
        readings["reading"].filter(again != readings["reading"]).to_list(),
    )
    known = logged.history.readings
    _tell_some(
        findings,
        RecordFaultKind.NOT_LOGGED,
        f"{name}.parquet",
        "readings are not in the log, or were withdrawn",
        [each for each in readings["reading"] if each not in known],
    )
    return readings.height


def _verify_none_left_out(contents: Contents, logged: Logged, findings: Findings) -> None:
    """Tell readings that the log has and the record has not, of the sources that the record speaks of."""
    held: set[str] = set()
    sources: set[str] = set()
    for each in contents.summary["contests"]:
        readings = contents.tables(f"readings-{each['contest']}")
        held.update(readings["reading"])
        sources.update(source["source"] for source in each["sources"])
    absent = [reading for reading, source in logged.history.readings.items() if reading not in held]
    of_these = [reading for reading in absent if logged.history.readings[reading] in sources]
    _tell_some(
        findings,
        RecordFaultKind.NOT_PUBLISHED,
        "the record",
        "readings of the log are neither in the record nor withdrawn",
        of_these,
    )
    if len(of_these) < len(absent):
        findings.leave(f"{len(absent) - len(of_these)} readings of the log", "this record leaves their sources out")


def _tell_some(findings: Findings, kind: RecordFaultKind, file: str, what: str, readings: list[str]) -> None:
    if readings:
        shown = ", ".join(readings[:_SHOWN]) + (", …" if readings[_SHOWN:] else "")
        findings.fault(kind, file, f"{len(readings)} {what}", found=shown)


_SHOWN = 3


def verify_results(contents: Contents, findings: Findings, progress: Progress) -> None:
    """Compute everything that follows from the readings again, and hold it against what was published."""
    progress("verify-results", 0, 1)
    told = len(findings.faults)
    try:
        results = recompute(contents.election, contents.summary, contents.tables)
        for each in differences(results, contents.summary, contents.tables):
            name = SUMMARY if each.table == "summary" else f"{each.table}.parquet"
            findings.fault(RecordFaultKind.NOT_RECOMPUTED, name, each.what, found=each.found, expected=each.expected)
        tables = _verify_csv(contents, findings)
    except Exception as error:  # noqa: BLE001 - whatever a foreign file makes a library raise
        findings.fault(RecordFaultKind.MALFORMED, "the record", "its results cannot be recomputed", found=_told(error))
        return
    progress("verify-results", 1, 1)
    if len(findings.faults) == told:
        findings.checked.append(
            f"results: {tables} tables and the summary recomputed from the readings: checks, verdicts, totals, outcome"
        )
    findings.leave(
        "figures, areas and the register as the sources give them",
        "only the sources' files can show them: run the election again on the files of files.json",
    )


def _verify_csv(contents: Contents, findings: Findings) -> int:
    """Verify that each table says the same as CSV."""
    names = _table_names(contents)
    for name in names:
        raw = contents.csv(name)
        if raw is not None and raw != contents.tables(name).write_csv().encode("utf-8"):
            findings.fault(RecordFaultKind.DIFFERS, f"{name}.csv", f"the rows are not those of {name}.parquet")
    return len(names)


def _table_names(contents: Contents) -> list[str]:
    contests = [each["contest"] for each in contents.summary["contests"]]
    whole = ["stations", "areas", "candidates", "options", "origins", "marks", "checks", "findings", "totals"]
    each = [f"{kind}-{contest}" for contest in contests for kind in ("readings", "checks", "verdicts", "areas")]
    return [*whole, "agreement", "announcements", *each]
