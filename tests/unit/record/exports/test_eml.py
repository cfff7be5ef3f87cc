"""OASIS EML 5.0, message 510: the order and number of its elements, and the figures of the record.

`CONTENT` and `ATTRIBUTES` say in our words what the schemas `510-count-v5-0.xsd` and `emlcore-v5-0.xsd` ask of each
element that we use. Where ESCRUTA_EML_SCHEMA names the first of them, with the others beside it, and lxml is installed,
a message is held against that too.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import polars as pl
import pytest
from click.testing import CliRunner

from escruta.apps import api
from escruta.apps.cli import main
from escruta.apps.published import PublishedRecord, open_published
from escruta.base.errors import InputError
from escruta.record.exports import Source, eml_count
from escruta.record.exports.xml import nmtoken, token
from escruta.testing.elections import Row, SmallElection, SmallSource

# Each child with how often it may stand there, in the schema's order; no children: a text.
ONCE, MAYBE, SOME, ANY = (1, 1), (0, 1), (1, None), (0, None)
GROUP = {
    "Selection": SOME,
    "Cast": MAYBE,
    "Read": MAYBE,
    "TotalCounted": MAYBE,
    "Provisionals": MAYBE,
    "Abstentions": MAYBE,
    "RejectedVotes": ANY,
    "UncountedVotes": ANY,
}
CONTENT: dict[str, dict[str, tuple[int, int | None]]] = {
    "EML": {"TransactionId": ONCE, "ManagingAuthority": MAYBE, "IssueDate": MAYBE, "Count": ONCE},
    "ManagingAuthority": {"AuthorityIdentifier": ONCE, "AuthorityAddress": ONCE},
    "Count": {"EventIdentifier": ONCE, "Election": SOME, "AuditInformation": MAYBE},
    "EventIdentifier": {"EventName": MAYBE, "EventQualifier": MAYBE},
    "Election": {"ElectionIdentifier": ONCE, "Contests": ONCE},
    "ElectionIdentifier": {"ElectionName": MAYBE, "ElectionGroup": MAYBE, "ElectionCategory": MAYBE},
    "Contests": {"Contest": SOME},
    "Contest": {"ContestIdentifier": ONCE, "CountQualifier": MAYBE, "TotalVotes": ONCE, "ReportingUnitVotes": ANY},
    "ContestIdentifier": {"ContestName": MAYBE},
    "CountQualifier": {
        "Simulation": MAYBE, "Final": MAYBE, "Extrapolation": MAYBE, "Partial": MAYBE, "Previous": MAYBE,
    },
    "TotalVotes": {"CountMetric": ANY, **GROUP},
    "ReportingUnitVotes": {"ReportingUnitIdentifier": ONCE, "CountMetric": ANY, **GROUP},
    "Selection": {"Candidate": ONCE, "AffiliationIdentifier": MAYBE, "ValidVotes": ONCE, "CountMetric": ANY},
    "Candidate": {"CandidateIdentifier": ONCE},
    "CandidateIdentifier": {"CandidateName": MAYBE, "KnownAs": MAYBE},
    "AffiliationIdentifier": {"RegisteredName": ONCE},
    "AuditInformation": {"ProcessingUnits": MAYBE},
    "ProcessingUnits": {"CountingSystem": MAYBE},
    "CountingSystem": {"Name": MAYBE, "Id": ONCE},
}  # fmt: skip
ATTRIBUTES = {
    "EML": ({"Id", "SchemaVersion"}, set()),
    "ElectionIdentifier": ({"Id"}, set()),
    "ContestIdentifier": ({"Id"}, set()),
    "CandidateIdentifier": (set(), {"Id"}),
    "AuthorityIdentifier": (set(), {"Id"}),
    "ReportingUnitIdentifier": (set(), {"Id"}),
    "CountMetric": ({"Type"}, set()),
    "RejectedVotes": ({"ReasonCode"}, set()),
    "UncountedVotes": ({"ReasonCode"}, set()),
    "CountingSystem": ({"Role"}, set()),
}
COUNTS = {"ValidVotes", "Cast", "TotalCounted", "RejectedVotes", "CountMetric"}
NMTOKEN = re.compile(r"[A-Za-z0-9._:\-]+")
AT = datetime(2031, 3, 3, 12, tzinfo=UTC)
ROWS: tuple[Row, ...] = (
    {
        "station": "1",
        "region": "N",
        "ana": 30,
        "ben": 20,
        "registered_voters": 90,
        "ballots": 55,
        "null": 4,
        "blank": 1,
    },
    {
        "station": "2",
        "region": "N",
        "ana": 11,
        "ben": "",
        "registered_voters": 90,
        "ballots": 40,
        "null": 0,
        "blank": 0,
    },
    {"station": "3", "region": "S<b>&", "ana": 5, "ben": 50, "ballots": 58, "null": 2, "blank": 1},
    {"station": '4"/ <x>', "region": "S<b>&", "ana": 7, "ben": 8, "ballots": 16, "null": 1, "blank": 0},
    {"station": "5", "region": "E"},
)
SMALL = SmallElection(sources=(SmallSource(id="party", rows=ROWS),), levels=("region",), expected=6)


def text_of(record: Path, *, is_summary: bool = False, names: Mapping[str, str] | None = None, **options: str) -> str:
    """Give a message of a record; `names` are other names of candidates."""
    with open_published(str(record)) as place:
        opened = PublishedRecord(place)
        source = Source(election=opened.election, summary=opened.summary, contests=opened.contests, table=opened.table)
        source = source.summary_of("president") if is_summary else source
        source = replace(source, table=renamed(source.table, names or {}))
        return "".join(eml_count(source, generated_at=AT, **({"issuer": "A & <b>"} | options)))


def renamed(table: Callable[[str], pl.DataFrame], names: Mapping[str, str]) -> Callable[[str], pl.DataFrame]:
    def other(name: str) -> pl.DataFrame:
        frame = table(name)
        return frame.with_columns(pl.col("name").replace(names)) if name == "candidates" else frame

    return other


def record_of(election: SmallElection, folder: Path) -> Path:
    election.write(folder / "election")
    api.run(folder / "election", folder / "record", with_pages=False)
    return folder / "record"


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record_of(SMALL, tmp_path_factory.mktemp("eml"))


@pytest.fixture(scope="module")
def message(record: Path) -> ET.Element:
    return parsed(text_of(record))


@pytest.fixture(scope="module")
def by_region(record: Path) -> ET.Element:
    return parsed(text_of(record, units="region"))


@pytest.fixture(scope="module")
def of_the_country(record: Path) -> ET.Element:
    return parsed(text_of(record, is_summary=True))


def parsed(text: str) -> ET.Element:
    """Read a message, and take the namespace off its names."""
    root = ET.fromstring(text)  # noqa: S314 - our own message
    for each in root.iter():
        each.tag = each.tag.removeprefix("{urn:oasis:names:tc:evs:schema:eml}")
    return root


def units(message: ET.Element) -> dict[str, ET.Element]:
    found = message.findall(".//ReportingUnitVotes")
    return {each[0].get("Id", ""): each for each in found}


def votes(unit: ET.Element) -> dict[str, int]:
    found = unit.findall("Selection")
    return {each[0][0].get("Id", ""): int(each.findtext("ValidVotes", "")) for each in found}


@pytest.mark.parametrize("which", ["message", "by_region", "of_the_country"])
def test_every_element_has_the_children_of_the_schema_in_its_order(which, request):
    for each in request.getfixturevalue(which).iter():
        content = CONTENT.get(each.tag, {})
        names = [child.tag for child in each]
        order = list(content)
        assert [order.index(name) for name in names] == sorted(order.index(name) for name in names), each.tag
        for name, (least, most) in content.items():
            assert least <= names.count(name) <= (most or len(names)), (each.tag, name)


@pytest.mark.parametrize("which", ["message", "by_region", "of_the_country"])
def test_every_attribute_and_every_text_is_of_its_kind(which, request):
    for each in request.getfixturevalue(which).iter():
        needed, more = ATTRIBUTES.get(each.tag, (set(), set()))
        assert needed <= set(each.attrib) <= needed | more, each.tag
        assert all(NMTOKEN.fullmatch(value) for name, value in each.attrib.items() if name == "Id")
        text = each.text or ""
        if each.tag in COUNTS:
            assert text.isdecimal()
        elif each.tag not in CONTENT:
            assert text == " ".join(text.split())
        else:
            assert not text.strip()


def test_stations_add_up_to_the_total_and_so_do_the_areas(message, by_region):
    total = votes(message.find(".//TotalVotes"))
    assert total == {"ana": 53, "ben": 78}
    for each in (message, by_region):
        sums = {name: sum(votes(unit).get(name, 0) for unit in units(each).values()) for name in total}
        assert sums == total


def test_a_summary_has_the_widest_areas_or_the_country_alone(record, by_region, of_the_country):
    assert ET.tostring(parsed(text_of(record, is_summary=True, units="region"))) == ET.tostring(by_region)
    assert units(of_the_country) == {}
    assert votes(of_the_country.find(".//TotalVotes")) == votes(by_region.find(".//TotalVotes"))


def test_a_station_says_its_figures_and_where_it_lies(message):
    station = units(message)["N::1"]
    assert station.findtext("ReportingUnitIdentifier") == "1"
    assert [(each.get("Type"), each.text) for each in station.findall("CountMetric")] == [("registered-voters", "90")]
    assert (station.findtext("Cast"), station.findtext("TotalCounted")) == ("55", "50")
    assert [(each.get("ReasonCode"), each.text) for each in station.findall("RejectedVotes")] == [
        ("null", "4"),
        ("blank", "1"),
    ]


def test_what_is_not_read_is_left_out_and_a_sum_over_it_says_so(message, by_region):
    station = units(message)["N::2"]
    assert votes(station) == {"ana": 11}
    assert station.find("TotalCounted") is None
    assert units(message)["S_3C_b_3E__26_::3"].find("CountMetric") is None
    selections = units(by_region)["N"].findall("Selection")
    assert [each.findtext("ValidVotes") for each in selections] == ["41", "20"]
    bounds = [[(m.get("Type"), m.text) for m in each.findall("CountMetric")] for each in selections]
    assert bounds == [[], [("unread-stations", "1")]]
    assert units(by_region)["N"].find("TotalCounted") is None


def test_a_unit_without_any_known_vote_is_not_there(message, by_region):
    assert len(units(message)) == 4
    assert set(units(by_region)) == {"N", "S_3C_b_3E__26_"}


def test_no_text_is_taken_for_markup(record, message):
    assert message.findtext(".//AuthorityIdentifier") == "A & <b>"
    assert units(message)["S_3C_b_3E__26_::4_22__2F__20__3C_x_3E_"].findtext("ReportingUnitIdentifier") == '4"/ <x>'
    assert "<b>" not in text_of(record)
    assert "<x>" not in text_of(record)


def test_what_xml_cannot_hold_is_marked_and_codes_stay_apart():
    assert ET.fromstring(f"<a>{token(chr(0) + ' a' + chr(0xFFFE) + chr(9) + 'b ')}</a>").text == "� a� b"  # noqa: S314
    codes = ["a b", "a_20_b", "a.b", "a/b", "a::b", "ä", "Ä"]
    assert len({nmtoken(code) for code in codes}) == len(codes)
    assert all(NMTOKEN.fullmatch(nmtoken(code)) for code in codes)


def test_the_count_is_never_final_and_partial_while_stations_are_outside(message):
    qualifier = message.find(".//CountQualifier")
    assert [(each.tag, each.text) for each in qualifier] == [("Final", "no"), ("Partial", "yes")]
    metrics = {each.get("Type"): each.text for each in message.findall(".//TotalVotes/CountMetric")}
    assert metrics["stations-expected"] == "6"
    assert metrics["stations-outside"] == str(6 - int(metrics["stations-counted"]))


def test_valid_blank_votes_are_counted_and_not_rejected(tmp_path):
    rows = ({"station": "1", "ana": 30, "ben": 20, "ballots": 55, "valid": 51, "null": 4, "blank": 1},)
    election = replace(SMALL, sources=(SmallSource(id="party", rows=rows),), levels=(), blank_is_valid=True, expected=1)
    made = parsed(text_of(record_of(election, tmp_path)))
    for each in (units(made)["1"], made.find(".//TotalVotes")):
        assert each.findtext("TotalCounted") == "51"
        assert [found.get("ReasonCode") for found in each.findall("RejectedVotes")] == ["null"]
        assert "valid-blank-votes" in {found.get("Type") for found in each.findall("CountMetric")}
    assert made.findtext(".//Partial") == "no"


def test_a_count_without_any_vote_and_units_that_are_not_there_are_refused(record, tmp_path):
    with pytest.raises(InputError, match="no such units"):
        text_of(record, units="province")
    empty = replace(
        SMALL, sources=(SmallSource(id="party", rows=({"station": "1", "ana": "", "ben": ""},)),), levels=()
    )
    with pytest.raises(InputError, match="no polling station counts"):
        text_of(record_of(empty, tmp_path))


def test_the_command_writes_the_same_bytes_for_the_same_time_and_nothing_where_it_refuses(record, tmp_path):
    command = ["export", str(record), "--format", "eml", "--at", "2031-03-03T12:00:00Z"]
    for name in ("a.xml", "b.xml"):
        assert CliRunner().invoke(main, [*command, "-o", str(tmp_path / name)]).exit_code == 0
    assert (tmp_path / "a.xml").read_bytes() == (tmp_path / "b.xml").read_bytes()
    assert (tmp_path / "a.xml").read_text(encoding="utf-8") == text_of(record, issuer="escruta")
    refused = CliRunner().invoke(main, [*command, "--units", "province", "-o", str(tmp_path / "c.xml")])
    assert refused.exit_code == 2
    assert not (tmp_path / "c.xml").exists()


def test_every_station_that_counts_is_there_however_many(record, monkeypatch):
    monkeypatch.setattr("escruta.record.exports.eml._ROWS", 3)
    assert len(units(parsed(text_of(record)))) == 4
    verdicts = pl.read_parquet(record / "verdicts-president.parquet").filter("counted", pl.col("votes.ana") >= 0)
    assert verdicts.height == 4


LONG = {"ana": "A & " * 18 + "B", "ben": "B" * 70}
"""Names of 73 and of 70 characters: the schema's `PersonNameType` has 70 at most."""


def test_a_long_name_of_a_candidate_is_cut_and_stands_in_full_beside(record):
    total = parsed(text_of(record, names=LONG)).find(".//{*}TotalVotes")
    assert total is not None
    said = [(each.findtext("{*}CandidateName"), each.findtext("{*}KnownAs")) for each in total.iterfind(".//{*}*[@Id]")]
    assert said == [(LONG["ana"][:69] + "…", LONG["ana"]), (LONG["ben"], None)]


@pytest.mark.parametrize("names", [{}, LONG])
@pytest.mark.parametrize("is_summary", [False, True])
def test_the_published_schema_accepts_the_message(record, is_summary, names):
    named = os.environ.get("ESCRUTA_EML_SCHEMA")
    if named is None:
        pytest.skip("ESCRUTA_EML_SCHEMA does not name the schema 510-count-v5-0.xsd that OASIS publishes")
    etree = pytest.importorskip("lxml.etree")
    schema = etree.XMLSchema(etree.parse(named))
    schema.assertValid(etree.fromstring(text_of(record, is_summary=is_summary, names=names).encode()))
