"""The pages about the record name every file, column and key of a real one, and no others."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from escruta.collation.verdicts import Verdict
from escruta.sheets.catalogue import CATALOGUE
from escruta.tally.totals import STEPS

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"
FAMILIES = {
    "other.": "other.ID",
    "votes.": "votes.CANDIDATE",
    "option.": "option.OPTION",
    "low.": "low.CANDIDATE",
    "high.": "high.CANDIDATE",
    "stations.": "stations.STEP",
    "registered.": "registered.STEP",
    "verdict.": "verdict.NAME",
}
TABLES = (
    "stations areas candidates options origins readings-CONTEST shapes pictures marks "
    "checks-CONTEST checks findings verdicts-CONTEST totals areas-CONTEST agreement announcements"
).split()
LEAVES = ("name", "assumptions", "missing_to_compare")


def documented_columns() -> dict[str, list[str]]:
    tables: dict[str, list[str]] = {}
    for part in re.split(r"^### ", (REFERENCE / "record.md").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        tables[part.split("`")[1]] = re.findall(r"^\| `([^`]+)` \|", part, re.MULTILINE)
    return tables


def family(column: str) -> str:
    if column in CATALOGUE:
        return "CODE"
    return next((name for prefix, name in FAMILIES.items() if column.startswith(prefix)), column)


def test_the_small_election_has_every_verdict(small_record):
    found = set(pl.read_parquet(small_record / "verdicts-mayor.parquet")["verdict"])
    assert found == {each.value for each in Verdict} - {Verdict.CORROBORATED.value}


@pytest.mark.parametrize("table", TABLES)
def test_the_columns_of_a_table_are_those_that_the_page_lists(table, small_record):
    columns = list(pl.read_parquet_schema(small_record / f"{table.replace('CONTEST', 'mayor')}.parquet"))
    assert list(dict.fromkeys(family(column) for column in columns)) == documented_columns()[table]


def test_the_page_lists_every_table_and_file(small_record):
    page = (REFERENCE / "record.md").read_text(encoding="utf-8")
    written = {path.name for path in small_record.iterdir()}
    tables = {f"{table.replace('CONTEST', 'mayor')}{suffix}" for table in TABLES for suffix in (".parquet", ".csv")}
    assert list(documented_columns()) == TABLES
    assert tables <= written
    for name in written - tables:
        folder = "/" if (small_record / name).is_dir() else ""
        assert f"| `{name}{folder}` |" in page


def test_the_page_lists_every_key_of_a_file(small_record):
    page = (REFERENCE / "record.md").read_text(encoding="utf-8")
    row = re.search(r"^\| `files.json` \|(.*)\|$", page, re.MULTILINE)
    assert row
    for file in json.loads((small_record / "files.json").read_text(encoding="utf-8")):
        assert re.findall(r"`([a-z0-9_]+)`", row.group(1)) == list(file)


def keys_of(value: object, at: str = "") -> Iterator[str]:
    """List the keys of a summary, with the ids of this election replaced by what they stand for."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        for each in value:
            yield from keys_of(each, f"{at}[]")
    elif isinstance(value, dict) and at.rpartition(".")[2] not in LEAVES:
        for key, below in value.items():
            yield from keys_of(below, f"{at}.{stands_for(key, at)}".lstrip("."))
    else:
        yield at


def stands_for(key: str, at: str) -> str:
    last = at.rpartition(".")[2]
    if last == "options":
        return "CANDIDATE"
    if last == "other_figures":
        return "FIGURE"
    if last == "verdicts":
        return "VERDICT"
    return "STEP" if at.endswith(("coverage.stations", "coverage.registered_voters")) else key


def documented_keys() -> list[str]:
    return re.findall(r"^\| `([^`]+)` \|", (REFERENCE / "summary-json.md").read_text(encoding="utf-8"), re.MULTILINE)


def test_a_summary_has_exactly_the_documented_keys(small_record):
    summary = json.loads((small_record / "summary.json").read_text(encoding="utf-8"))
    assert sorted({*keys_of(summary), "contests"}) == sorted(documented_keys())


def test_every_key_says_what_it_is_its_unit_and_when_it_is_null():
    for line in (REFERENCE / "summary-json.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("| `"):
            assert len([cell for cell in line.strip("|").split("|") if cell.strip()]) == 4, line


def test_steps_and_verdicts_of_a_summary_are_all_there(small_record):
    contest = json.loads((small_record / "summary.json").read_text(encoding="utf-8"))["contests"][0]
    assert tuple(contest["coverage"]["stations"]) == STEPS
    assert tuple(contest["coverage"]["registered_voters"]) == STEPS
    assert list(contest["verdicts"]) == [each.value for each in Verdict]
