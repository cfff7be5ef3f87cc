"""A record's results in the common data format for election results reporting.

Source: NIST SP 1500-100, Election Results Common Data Format Specification, version 2 (2019), the JSON serialisation.

What the record does not know has no count there: the format knows no "unknown", and 0 would be a claim. A sum over
unread figures is a lower bound; it stands as a count of type `other`, and its `OtherType` says so.

Ballots in the box stand at the election (`BallotCounts`): a contest has no place for them. In a report of several
contests they are of type `other`, and `OtherType` says of which contest, since each may have ballots of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

import polars as pl

from escruta.record.exports.source import Source

_COUNTRY = "country"
_CLASS = "ElectionResults."
_LOWER_BOUND = "lower bound: unread figures are left out"
_NOTE = (
    "Made from a published record by escruta. Counts are those of the polling stations that count under the record's "
    "policy; a polling station without a count is not counted there, or its figure is not known."
)
_LEVELS = {
    "state": "state", "county": "county", "municipality": "municipality", "city": "city", "town": "town",
    "ward": "ward", "borough": "borough", "township": "township", "village": "village",
}  # fmt: skip
"""Levels whose id is a word of the format."""


def nist_report(source: Source, *, issuer: str, generated_at: datetime) -> dict[str, Any]:
    """Write the report; `issuer` says who issues it, and `generated_at`, an aware time, when."""
    election = source.election
    return _typed(
        "ElectionReport",
        Format="summary-contest" if source.is_summary else "precinct-level",
        GeneratedDate=generated_at.isoformat(timespec="seconds"),
        Issuer=issuer,
        IssuerAbbreviation=issuer[:16],
        SequenceStart=1,
        SequenceEnd=1,
        Status=_status(source),
        VendorApplicationId="escruta",
        Notes=f"{_NOTE} Policy: {election.get('policy', 'single')}.",
        Election=[
            _typed(
                "Election",
                Name=_text(election["name"]),
                ElectionScopeId=_COUNTRY,
                StartDate=str(election["date"])[:10],
                EndDate=str(election["date"])[:10],
                Type="general",
                Candidate=list(_candidates(source)),
                Contest=[_contest(source, contest) for contest in source.contests],
                BallotCounts=[count for contest in source.contests for count in _ballots(source, contest)],
            )
        ],
        GpUnit=list(_units(source)),
        Party=list(_parties(source)),
    )


def _typed(kind: str, **members: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON of every kind
    return {"@type": f"{_CLASS}{kind}", **{name.replace("id_", "@id"): value for name, value in members.items()}}


def _status(source: Source) -> str:
    """Nothing of ours is ever certified; it is complete when every expected station of every contest counts."""
    complete = all(source.is_complete(contest) for contest in source.contests)
    return "unofficial-complete" if complete else "unofficial-partial"


def _text(name: Any) -> dict[str, Any]:  # noqa: ANN401 - a text, or a text for each language
    said = name if isinstance(name, Mapping) else {"und": name}  # BCP 47: undetermined
    strings = [_typed("LanguageString", Content=str(text), Language=language) for language, text in said.items()]
    return _typed("InternationalizedText", Text=strings)


def _parties(source: Source) -> Iterator[dict[str, Any]]:
    frame = source.table("candidates").filter(pl.col("party").is_not_null()).sort("contest", "position")
    for party in dict.fromkeys(frame["party"]):
        yield _typed("Party", id_=_party(party), Name=_text(party))


def _party(name: str) -> str:
    return f"party:{name}"


def _candidates(source: Source) -> Iterator[dict[str, Any]]:
    for row in source.table("candidates").sort("contest", "position").iter_rows(named=True):
        party = {"PartyId": _party(row["party"])} if row["party"] else {}
        yield _typed(
            "Candidate", id_=_candidate(row["contest"], row["candidate"]), BallotName=_text(row["name"]), **party
        )


def _candidate(contest: str, candidate: str) -> str:
    return f"candidate:{contest}/{candidate}"


def _area(area: str) -> str:
    return f"area:{area}" if area else _COUNTRY


def _station(station: str) -> str:
    return f"station:{station}"


def _units(source: Source) -> Iterator[dict[str, Any]]:
    """Give the country, every area and every station, each with what lies directly inside it."""
    stations = source.table("stations").select("station", pl.col("area").fill_null(""), "registered_voters")
    areas = source.table("areas").with_columns(pl.col("area").fill_null(""), pl.col("parent").fill_null(""))
    inside: dict[str, list[str]] = {}
    for area, parent in areas.filter(pl.col("area") != "").select("area", "parent").iter_rows():
        inside.setdefault(parent, []).append(_area(area))
    for station, area in stations.select("station", "area").iter_rows():
        inside.setdefault(area, []).append(_station(station))
    for row in areas.iter_rows(named=True):
        kind = _kind_of_unit(row["area"], row["level_id"])
        parts = {"ComposingGpUnitIds": inside[row["area"]]} if inside.get(row["area"]) else {}
        name = {"Name": _text(row["name"])} if row["name"] else {}
        yield _typed("ReportingUnit", id_=_area(row["area"]), **kind, **name, **parts, **_code(row["code"]))
    for station, _, voters in stations.iter_rows():
        known = {} if voters is None else {"VotersRegistered": voters}
        yield _typed("ReportingUnit", id_=_station(station), Type="precinct", Name=_text(station), **known)


def _kind_of_unit(area: str, level: str | None) -> dict[str, str]:
    if not area:
        return {"Type": "country"}
    return {"Type": _LEVELS[level]} if level in _LEVELS else {"Type": "other", "OtherType": str(level)}


def _code(code: str | None) -> dict[str, Any]:
    return {"ExternalIdentifier": [_typed("ExternalIdentifier", Type="national-level", Value=code)]} if code else {}


def _contest(source: Source, contest: str) -> dict[str, Any]:
    declared = next(each for each in source.election["contests"] if each["id"] == contest)
    verdicts = source.counted(contest)
    country = source.areas(contest).filter(pl.col("area") == "").row(0, named=True)
    totals = source.totals(contest)
    counts = {name: list(rows) for name, rows in groupby(totals.sort("candidate").iter_rows(named=True), _BY_CANDIDATE)}
    expected = country["stations.expected"]
    whole = {} if expected is None else {"TotalSubUnits": expected}
    candidates = source.table("candidates").filter(pl.col("contest") == contest).sort("position")["candidate"]
    return _typed(
        "CandidateContest",
        id_=f"contest:{contest}",
        Name=_plain(declared.get("name", contest)),
        BallotTitle=_text(declared.get("name", contest)),
        ElectionDistrictId=_COUNTRY,
        VotesAllowed=1,
        NumberElected=1,
        VoteVariation="plurality",
        SubUnitsReported=country["stations.counted"],
        **whole,
        ContestSelection=[
            _selection(contest, place, candidate, counts.get(candidate, []), verdicts)
            for place, candidate in enumerate(candidates, start=1)
        ],
    )


_BY_CANDIDATE = itemgetter("candidate")


def _plain(name: Any) -> str:  # noqa: ANN401 - a text, or a text for each language
    return str(name.get("en") or next(iter(name.values()))) if isinstance(name, Mapping) else str(name)


def _ballots(source: Source, contest: str) -> Iterator[dict[str, Any]]:
    """Give the ballots in the box of each station that counts, where they are known."""
    verdicts = source.counted(contest)
    kind = {"Type": "total"} if len(source.contests) == 1 else {"Type": "other", "OtherType": f"contest:{contest}"}
    if "ballots" in verdicts.columns and not verdicts.is_empty():
        known = verdicts.filter(pl.col("ballots").is_not_null())
        for station, ballots in known.select("station", "ballots").iter_rows():
            yield _typed("BallotCounts", GpUnitId=_station(station), BallotsCast=ballots, **kind)


def _selection(
    contest: str, place: int, candidate: str, totals: Sequence[Mapping[str, Any]], verdicts: pl.DataFrame
) -> dict[str, Any]:
    column = f"votes.{candidate}"
    counts = [
        _count(_area(row["area"]), row["votes"], row["unread_stations"]) for row in totals if row["votes"] is not None
    ]
    if column in verdicts.columns and not verdicts.is_empty():
        known = verdicts.filter(pl.col(column).is_not_null()).select("station", column)
        counts += [_count(_station(station), votes, 0) for station, votes in known.iter_rows()]
    return _typed(
        "CandidateSelection",
        id_=f"selection:{contest}/{candidate}",
        SequenceOrder=place,
        CandidateIds=[_candidate(contest, candidate)],
        VoteCounts=counts,
    )


def _count(unit: str, votes: int, unread: int | None) -> dict[str, Any]:
    kind = {"Type": "other", "OtherType": _LOWER_BOUND} if unread else {"Type": "total"}
    return _typed("VoteCounts", GpUnitId=unit, Count=votes, **kind)
