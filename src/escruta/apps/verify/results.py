"""The readings of a record against its log, and its results against its readings."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import rfc8785

from escruta.apps.verify.files import Files
from escruta.apps.verify.findings import Findings, RecordFaultKind
from escruta.apps.verify.logged import Logged
from escruta.apps.verify.places import Progress, Watched
from escruta.apps.verify.recomputing import Tables, differences, ids_again, recompute
from escruta.base.errors import EscrutaError, InputError, printable
from escruta.election.definition import Election
from escruta.election.structure import parse_structure
from escruta.portal.forms.documents import summary_of
from escruta.record.contents import ContestResults, Results
from escruta.record.logbook import POLICY
from escruta.record.package import package_of
from escruta.record.statements import write_contest_statements
from escruta.record.writing import GIVEN, plain_tables_of, written_json

DEFINITION, SUMMARY = "election.json", "summary.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a record holds, as far as it could be read."""

    election: Election
    summary: dict[str, Any]
    tables: Tables
    raw: Callable[[str], bytes | None]
    """Gives a file that the record lists, whatever it is; None where it lists none, or it is not as listed."""
    listed: frozenset[str]
    """The files that the record lists."""


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
        _verify_none_left_out(contents, logged, findings)
    except (Exception, pl.exceptions.PanicException) as error:  # noqa: BLE001 - whatever a foreign file makes a library raise
        findings.fault(RecordFaultKind.MALFORMED, "the record", "its contents cannot be read", found=_told(error))
        return None
    findings.checked.append(f"readings: {count} digested again from their figures, and found in the log")
    return contents


def _told(error: BaseException) -> str:
    if isinstance(error, InputError):
        parts = (error.what, error.spot, f"found {error.found}, expected {error.expected}")
        return ": ".join(part for part in parts if part)[:300]
    return str(error) if isinstance(error, EscrutaError) else f"{type(error).__name__}: {error}"[:300]


def _read_contents(place: Watched, files: Files, logged: Logged) -> Contents:
    def published(path: str) -> bytes:
        raw = place.read(path) if path in files.sound and files.is_logged else None
        if raw is None:
            raise _Unreadable(f"{path} is not the file that was published")
        return raw

    @cache
    def table(name: str) -> pl.DataFrame:
        raw = published(f"{name}.parquet")
        try:
            return pl.read_parquet(BytesIO(raw))
        except pl.exceptions.PanicException as error:  # which is no Exception
            raise _Unreadable(f"{name}.parquet is damaged: {printable(error)}") from error

    definition = published(DEFINITION)
    if sha256(definition).hexdigest() not in logged.rules:
        raise _Unreadable(f"{DEFINITION} holds rules that are not in the log")
    document = read_json(definition, DEFINITION)
    if rfc8785.dumps(document) != definition:
        raise _Unreadable(f"{DEFINITION} is not canonical JSON (RFC 8785): others may read other rules in it")
    election, faults = parse_structure(document, DEFINITION)
    if election is None:
        raise _Unreadable(f"{DEFINITION}: {faults[0]}")
    return Contents(
        election=election,
        summary=summary_of(read_json(published(SUMMARY), SUMMARY)),
        tables=table,
        raw=lambda path: published(path) if path in files.sound else None,
        listed=frozenset(files.listed),
    )


def read_json(raw: bytes, where: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Read a document in which nothing stands twice: of two values programs take the one or the other."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
            raise _Unreadable(f"{where} says {printable(twice)} twice")
        return found

    def refuse(constant: str) -> None:
        raise _Unreadable(f"{where} has {constant}, which is not JSON")

    return json.loads(raw.decode("utf-8"), object_pairs_hook=once, parse_constant=refuse)


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
    _tell_some(
        findings,
        RecordFaultKind.NOT_LOGGED,
        f"{name}.parquet",
        "readings are of another source than the log says",
        [
            each
            for each, source in readings.select("reading", "source").iter_rows()
            if known.get(each, source) != source
        ],
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
_NAMED = 10


def verify_results(contents: Contents, logged: Logged, findings: Findings, progress: Progress) -> None:
    """Compute everything that follows from the readings again, and hold it against what was published."""
    progress("verify-results", 0, 1)
    told = len(findings.faults)
    try:
        results = recompute(contents.election, contents.summary, contents.tables)
        for each in differences(results, contents.summary, contents.tables):
            name = SUMMARY if each.table == "summary" else f"{each.table}.parquet"
            findings.fault(RecordFaultKind.NOT_RECOMPUTED, name, each.what, found=each.found, expected=each.expected)
        tables = _verify_csv(contents, findings)
        others = _verify_documents(contents, results, logged, findings)
    except (Exception, pl.exceptions.PanicException) as error:  # noqa: BLE001 - whatever a foreign file makes a library raise
        findings.fault(RecordFaultKind.MALFORMED, "the record", "its results cannot be recomputed", found=_told(error))
        return
    progress("verify-results", 1, 1)
    if len(findings.faults) == told:
        findings.checked.append(
            f"results: {tables} tables and the summary recomputed from the readings: checks, verdicts, totals, outcome"
        )
    if others:
        subject = f"what {', '.join(map(printable, others[:_NAMED]))}{', …' if others[_NAMED:] else ''} say"
        findings.leave(subject, "the log names these files, and nothing here computes them again")
    findings.leave(
        "figures, areas and the register as the sources give them",
        "only the sources' files can show them: run the election again on the files of files.json",
    )


def _verify_csv(contents: Contents, findings: Findings) -> int:
    """Verify that each table says the same as CSV."""
    names = _table_names(contents)
    for name in names:
        raw = contents.raw(f"{name}.csv")
        if raw is not None and raw != contents.tables(name).write_csv().encode("utf-8"):
            findings.fault(RecordFaultKind.DIFFERS, f"{name}.csv", f"the rows are not those of {name}.parquet")
    return len(names)


def _verify_documents(contents: Contents, results: Results, logged: Logged, findings: Findings) -> list[str]:
    """Verify the documents beside the tables; give the files that nothing computes again."""
    tables = _table_names(contents)
    known = {DEFINITION, SUMMARY, POLICY, *(f"{name}.{kind}" for name in tables for kind in ("csv", "parquet"))}
    _verify_arrived(contents, logged, findings)
    schemas = {name: frame.schema for name, frame in plain_tables_of(results)}
    schemas |= {name: contents.tables(name).schema for name in GIVEN if name in tables}
    expected: dict[str, Callable[[], bytes]] = {
        "datapackage.json": lambda: written_json(package_of(contents.election, schemas))
    }
    for each in results.contests:
        name = f"statements-{each.contest}.jsonl"
        expected[name] = partial(_statements, each, contents.election)
    for path, make in expected.items():
        raw = contents.raw(path)
        if raw is None:
            continue
        known.add(path)
        if raw != make():
            what = "the document is not what follows from the readings"
            findings.fault(RecordFaultKind.NOT_RECOMPUTED, path, what)
    return sorted(contents.listed - known)


def _statements(results: ContestResults, election: Election) -> bytes:
    with TemporaryDirectory(prefix="escruta-") as folder:
        path = Path(folder) / "statements.jsonl"
        write_contest_statements(results, election, path)
        return path.read_bytes()


def _verify_arrived(contents: Contents, logged: Logged, findings: Findings) -> None:
    """Verify that the log has each file from which the summary says that the readings came."""
    for each in contents.summary["contests"]:
        for source in each["sources"]:
            digests = {source["sha256"], *(file["sha256"] for file in source["files"])} - {None}
            for digest in sorted(digests):
                if (source["source"], digest) not in logged.history.files:
                    what = f"the log has no such file of {printable(source['source'])}"
                    findings.fault(RecordFaultKind.NOT_LOGGED, SUMMARY, what, found=printable(digest))


def _table_names(contents: Contents) -> list[str]:
    contests = [each["contest"] for each in contents.summary["contests"]]
    whole = ["stations", "areas", "candidates", "options", "origins", "marks", "checks", "findings", "totals"]
    each = [f"{kind}-{contest}" for contest in contests for kind in ("readings", "checks", "verdicts", "areas")]
    given = [name for name in GIVEN if f"{name}.parquet" in contents.listed]
    return [*whole, "agreement", "announcements", *each, *given]
