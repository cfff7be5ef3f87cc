"""The count in the formats of election software, of the country and its widest areas alone.

`escruta export` writes the same down to each polling station. Where no vote is known there is nothing to report.

Source: NIST SP 1500-100, version 2; OASIS EML 5.0, message 510 (see `escruta.record.exports`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from escruta.portal.contents import AreaResult, Contest
from escruta.portal.moments import moment_of
from escruta.portal.reading import Record
from escruta.record.exports import STATIONS, Source, eml_count, nist_report

_FOLDER = "reports"
_NIST, _EML = "nist-1500-100.json", "eml-510.xml"


def reports_of(record: Record, contest: Contest, national: AreaResult, prefix: str) -> Iterator[tuple[str, bytes]]:
    """Write the reports of a contest: the address of each inside the site's folder, and its bytes.

    `national` is what the country's page says; `prefix` is the folder of the contest's pages inside a language's.
    """
    if not any(each.votes is not None and each.unread_stations < national.in_totals for each in national.votes):
        return
    whole = Source(
        election=record.election,
        summary=record.summary,
        contests=[each.contest for each in record.contests],
        table=record.table,
    )
    source = whole.summary_of(contest.contest)
    issuer, at = _issuer(record), _latest(record)
    report = nist_report(source, issuer=issuer, generated_at=at)
    raw = json.dumps(report, ensure_ascii=False, separators=(",", ":")) + "\n"
    yield f"{_FOLDER}/{prefix}{_NIST}", raw.encode()
    widest = next((str(level["id"]) for level in record.election.get("levels", ())), STATIONS)
    message = eml_count(source, issuer=issuer, generated_at=at, units=widest)
    yield f"{_FOLDER}/{prefix}{_EML}", "".join(message).encode()


def _issuer(record: Record) -> str:
    """Name who issues it: the log of an operator, or else the program alone, since nobody vouches for the record."""
    log = record.log
    return "escruta" if log is None or log.is_sealed else log.standing.checkpoint.origin


def _latest(record: Record) -> datetime:
    """Give the latest moment that the definition knows, since a record has no clock: an announcement's, or the day."""
    announced = [each.get("at") for each in record.election.get("announcements", ())]
    known = [str(each) for each in (*announced, record.election["date"]) if each]
    return max(moment_of(record.election, each).astimezone(UTC) for each in known)
