"""NIST SP 1500-100: the classes and members that its version 2 knows, and the figures of the record.

`FORM` says in our words what the specification asks of each class that we use: which members must be there, and which
others may be. `TEXTS` are the members whose value is a text in languages. Where ESCRUTA_NIST_SCHEMA names the published
JSON Schema, a report is held against that too.
"""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import polars as pl
import pytest
from click.testing import CliRunner

from escruta.apps import api
from escruta.apps.cli import main
from escruta.apps.published import PublishedRecord, open_published
from escruta.record.exports import Source, nist_report
from escruta.testing.elections import Row, SmallElection, SmallSource

FORM = {
    "ElectionReport": (
        "Format GeneratedDate Issuer IssuerAbbreviation SequenceEnd SequenceStart Status VendorApplicationId",
        "Notes Election GpUnit Party",
    ),
    "Election": ("ElectionScopeId EndDate Name StartDate Type", "Candidate Contest BallotCounts"),
    "CandidateContest": (
        "VotesAllowed ElectionDistrictId Name @id",
        "NumberElected BallotTitle VoteVariation SubUnitsReported TotalSubUnits ContestSelection",
    ),
    "CandidateSelection": ("CandidateIds @id", "SequenceOrder VoteCounts"),
    "Candidate": ("BallotName @id", "PartyId"),
    "Party": ("Name @id", ""),
    "ReportingUnit": ("Type @id", "OtherType Name ComposingGpUnitIds ExternalIdentifier VotersRegistered"),
    "ExternalIdentifier": ("Type Value", ""),
    "VoteCounts": ("Count GpUnitId Type", "OtherType"),
    "BallotCounts": ("GpUnitId Type", "BallotsCast OtherType"),
    "InternationalizedText": ("Text", ""),
    "LanguageString": ("Content Language", ""),
}
TEXTS = {
    ("Election", "Name"), ("CandidateContest", "BallotTitle"), ("Candidate", "BallotName"), ("Party", "Name"),
    ("ReportingUnit", "Name"),
}  # fmt: skip
REFERENCES = ("ElectionScopeId", "ElectionDistrictId", "GpUnitId", "PartyId")
ROWS: tuple[Row, ...] = (
    {"station": "1", "region": "N", "ana": 30, "ben": 20, "registered_voters": 100, "ballots": 55},
    {"station": "2", "region": "N", "ana": 11, "ben": "", "registered_voters": 100, "ballots": 40},
    {"station": "3", "region": "S", "ana": 5, "ben": 50, "registered_voters": "", "ballots": ""},
)
AT = datetime(2031, 3, 3, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("nist")
    election = SmallElection(sources=(SmallSource(id="party", rows=ROWS),), levels=("region",), expected=4)
    election.write(folder / "election")
    api.run(folder / "election", folder / "record", with_pages=False)
    return folder / "record"


def report_of(record: Path, *, is_summary: bool) -> dict[str, Any]:
    with open_published(str(record)) as place:
        opened = PublishedRecord(place)
        source = Source(election=opened.election, summary=opened.summary, contests=opened.contests, table=opened.table)
        chosen = source.summary_of("president") if is_summary else source
        return nist_report(chosen, issuer="Observers of the count", generated_at=AT)


@pytest.fixture(scope="module")
def report(record: Path) -> dict[str, Any]:
    return report_of(record, is_summary=False)


@pytest.fixture(scope="module")
def summary(record: Path) -> dict[str, Any]:
    return report_of(record, is_summary=True)


@pytest.fixture(scope="module")
def report_of_two_contests(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("nist-two")
    sources = tuple(
        SmallSource(id=contest, contest=contest, rows=tuple({**row, "ballots": ballots} for row in ROWS))
        for contest, ballots in (("president", 60), ("senate", 59))
    )
    SmallElection(sources=sources, levels=("region",), contests=("president", "senate")).write(folder / "election")
    api.run(folder / "election", folder / "record", with_pages=False)
    return report_of(folder / "record", is_summary=False)


def objects(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return [value, *(inner for member in value.values() for inner in objects(member))]
    return [inner for each in value for inner in objects(each)] if isinstance(value, list) else []


@pytest.mark.parametrize("which", ["report", "summary", "report_of_two_contests"])
def test_every_object_has_the_members_of_its_class_and_no_others(which, request):
    found = set()
    for each in objects(request.getfixturevalue(which)):
        kind = each["@type"].removeprefix("ElectionResults.")
        needed, more = (set(names.split()) for names in FORM[kind])
        members = set(each) - {"@type"}
        assert needed <= members, kind
        assert members <= needed | more, kind
        for name in members - {"@id"}:
            is_text = isinstance(each[name], dict) and each[name]["@type"] == "ElectionResults.InternationalizedText"
            assert is_text == ((kind, name) in TEXTS), (kind, name)
        found.add(kind)
    assert found >= {"ReportingUnit", "VoteCounts", "CandidateSelection", "Candidate"}


@pytest.mark.parametrize("which", ["report", "summary", "report_of_two_contests"])
def test_every_reference_leads_to_an_object_of_the_report(which, request):
    report = request.getfixturevalue(which)
    ids = [each["@id"] for each in objects(report) if "@id" in each]
    assert len(ids) == len(set(ids))
    for each in objects(report):
        named = [each[name] for name in REFERENCES if name in each]
        named += [*each.get("ComposingGpUnitIds", []), *each.get("CandidateIds", [])]
        assert set(named) <= set(ids)


def test_counts_are_those_of_the_record_and_what_is_unread_is_no_zero(record, report):
    selections = report["Election"][0]["Contest"][0]["ContestSelection"]
    counts = {
        (each["CandidateIds"][0].rpartition("/")[2], count["GpUnitId"]): (count["Count"], count["Type"])
        for each in selections
        for count in each["VoteCounts"]
    }
    assert counts["ana", "station:1"] == (30, "total")
    assert counts["ana", "country"] == (46, "total")
    assert ("ben", "station:2") not in counts
    assert counts["ben", "country"] == (70, "other")
    totals = pl.read_parquet(record / "totals.parquet")
    assert {votes for (_, unit), (votes, _) in counts.items() if not unit.startswith("station:")} == set(
        totals["votes"]
    )


def test_a_summary_has_the_counts_of_the_areas_and_no_polling_station(report, summary):
    def counts(of: dict[str, Any]) -> set[tuple[str, str, int, str]]:
        selections = of["Election"][0]["Contest"][0]["ContestSelection"]
        return {
            (each["@id"], count["GpUnitId"], count["Count"], count["Type"])
            for each in selections
            for count in each["VoteCounts"]
        }

    assert counts(summary) == {each for each in counts(report) if not each[1].startswith("station:")}
    assert {each["@id"] for each in summary["GpUnit"]} == {"country", "area:N", "area:S"}
    assert (report["Format"], summary["Format"]) == ("precinct-level", "summary-contest")


def test_registered_voters_and_ballots_that_are_not_known_are_left_out(report):
    stations = {each["@id"]: each for each in report["GpUnit"]}
    assert stations["station:1"]["VotersRegistered"] == 100
    assert "VotersRegistered" not in stations["station:3"]
    ballots = {(each["GpUnitId"], each["Type"]): each["BallotsCast"] for each in report["Election"][0]["BallotCounts"]}
    assert ballots == {("station:1", "total"): 55, ("station:2", "total"): 40}


def test_ballots_of_several_contests_say_whose_they_are_and_are_no_total(report_of_two_contests):
    counts = report_of_two_contests["Election"][0]["BallotCounts"]
    assert {each["Type"] for each in counts} == {"other"}
    of_station = {each["OtherType"]: each["BallotsCast"] for each in counts if each["GpUnitId"] == "station:1"}
    assert of_station == {"contest:president": 60, "contest:senate": 59}
    contests = {each["@id"] for each in report_of_two_contests["Election"][0]["Contest"]}
    assert {each["OtherType"] for each in counts} == contests


def test_a_count_with_stations_outside_is_partial(report):
    assert report["Status"] == "unofficial-partial"
    assert report["Election"][0]["Contest"][0]["TotalSubUnits"] == 4


def test_every_unit_but_the_country_lies_in_exactly_one_other(report):
    inside = [unit for each in report["GpUnit"] for unit in each.get("ComposingGpUnitIds", [])]
    assert sorted(inside) == sorted(each["@id"] for each in report["GpUnit"] if each["@id"] != "country")


@pytest.mark.parametrize("which", ["report", "summary", "report_of_two_contests"])
def test_the_published_schema_accepts_the_report(which, request):
    report = request.getfixturevalue(which)
    named = os.environ.get("ESCRUTA_NIST_SCHEMA")
    if named is None:
        pytest.skip("ESCRUTA_NIST_SCHEMA does not name the JSON Schema that NIST publishes with the specification")
    jsonschema.Draft4Validator(json.loads(Path(named).read_text(encoding="utf-8"))).validate(report)


def test_the_command_writes_the_same_bytes_for_the_same_time(record, tmp_path):
    for name in ("a.json", "b.json"):
        arguments = ["export", str(record), "--at", "2031-03-03T12:00:00Z", "-o", str(tmp_path / name)]
        assert CliRunner().invoke(main, arguments).exit_code == 0
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert json.loads((tmp_path / "a.json").read_text())["GeneratedDate"] == "2031-03-03T12:00:00+00:00"


def test_a_place_without_a_record_is_an_error(tmp_path):
    result = CliRunner().invoke(main, ["export", str(tmp_path), "-o", str(tmp_path / "out.json")])
    assert result.exit_code == 2
    assert "no record" in result.output
    assert not (tmp_path / "out.json").exists()
