"""Two records side by side: what differs is told, and nothing else."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from escruta.apps import api
from escruta.apps.cli import main
from escruta.apps.diff import Difference, LogRelation, compare_published
from escruta.apps.published import open_published
from escruta.base.words import languages
from escruta.testing.elections import Row, SmallElection, SmallSource

ROWS: tuple[Row, ...] = (
    {"station": "1", "region": "N", "ana": 30, "ben": 20, "registered_voters": 100},
    {"station": "2", "region": "N", "ana": 11, "ben": 12, "registered_voters": 100},
    {"station": "3", "region": "S", "ana": 5, "ben": 50, "registered_voters": 100},
)
ELECTION = SmallElection(sources=(SmallSource(id="party", rows=ROWS),), levels=("region",), expected=4)


def record_of(folder: Path, rows: tuple[Row, ...], election: SmallElection = ELECTION) -> Path:
    election.with_rows("party", rows).write(folder / "election")
    api.run(folder / "election", folder / "record", with_pages=False)
    return folder / "record"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record_of(tmp_path_factory.mktemp("first"), ROWS)


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Path:
    changed = ({**ROWS[0], "ana": 33}, ROWS[1], {"station": "4", "region": "S", "ana": 1, "ben": 2})
    return record_of(tmp_path_factory.mktemp("second"), changed)


def compared(first: Path, second: Path) -> Difference:
    with open_published(str(first)) as one, open_published(str(second)) as other:
        return compare_published(one, other)


def test_a_record_does_not_differ_from_itself(first: Path) -> None:
    found = compared(first, first)
    assert not found.comparison.differs
    assert found.log is LogRelation.SAME


def test_stations_are_added_dropped_and_changed(first: Path, second: Path) -> None:
    stations = compared(first, second).comparison.stations
    assert dict(stations.select("station", "what").iter_rows()) == {"1": "changed", "3": "dropped", "4": "added"}


def test_a_figure_that_differs_is_told_with_both_of_its_values(first: Path, second: Path) -> None:
    figures = compared(first, second).comparison.figures
    votes = figures.filter(pl.col("figure") == "votes.ana").select("station", "first", "second").rows()
    assert votes == [("1", 30, 33)]


def test_votes_are_compared_in_the_country_and_in_each_area(first: Path, second: Path) -> None:
    totals = compared(first, second).comparison.totals
    changes = {
        (area, candidate): change for area, candidate, change in totals.select("area", "candidate", "change").rows()
    }
    assert changes[("", "ana")] == 34 + 11 - 46
    assert changes[("N", "ana")] == 3
    assert changes[("S", "ben")] == 2 - 50
    assert ("N", "ben") not in changes


def test_what_one_side_does_not_know_is_not_taken_for_zero(tmp_path: Path) -> None:
    with_ballots = tuple({**row, "null": 0} for row in ROWS)
    known = record_of(tmp_path / "known", with_ballots)
    unknown = record_of(tmp_path / "unknown", tuple({**row, "null": ""} for row in ROWS))
    figures = compared(known, unknown).comparison.figures
    assert figures.filter(pl.col("figure") == "null").select("first", "second").unique().rows() == [(0, None)]


def test_exchanging_the_two_exchanges_added_and_dropped(first: Path, second: Path) -> None:
    there, back = compared(first, second).comparison, compared(second, first).comparison
    swapped = pl.col("what").replace({"added": "dropped", "dropped": "added"})
    assert there.readings.with_columns(what=swapped).sort("reading").equals(back.readings.sort("reading"))
    assert there.stations.with_columns(what=swapped)["what"].to_list() == back.stations["what"].to_list()
    assert there.totals["change"].to_list() == [-change for change in back.totals["change"].to_list()]


def test_another_policy_and_another_definition_are_told(first: Path, tmp_path: Path) -> None:
    other = record_of(tmp_path, ROWS, replace(ELECTION, policy="corroborated"))
    comparison = compared(first, other).comparison
    assert comparison.policies == ("single", "corroborated")
    assert not comparison.is_same_definition
    assert comparison.differs


def test_votes_where_nothing_is_counted_are_not_known(first: Path, tmp_path: Path) -> None:
    strict = record_of(tmp_path, ROWS, replace(ELECTION, policy="confirmed"))
    totals = compared(first, strict).comparison.totals
    assert set(totals["second"]) == set(totals["change"]) == {None}
    assert totals.filter(pl.col("area") == "").select("candidate", "first").rows() == [("ana", 46), ("ben", 82)]
    told = CliRunner().invoke(main, ["diff", str(first), str(strict)])
    assert [line.split()[-2:] for line in told.output.splitlines() if line.split()[1:2] == ["ana"]] == [
        ["not", "known"]
    ]


def test_records_of_two_elections_are_not_compared(first: Path, tmp_path: Path) -> None:
    other = tmp_path / "record"
    shutil.copytree(first, other)
    definition = json.loads((other / "election.json").read_text())
    (other / "election.json").write_text(json.dumps(definition | {"id": "another"}))
    result = CliRunner().invoke(main, ["diff", str(first), str(other)])
    assert result.exit_code == 2
    assert "different elections" in result.output
    assert "small and another" in result.output


@pytest.mark.parametrize("name", ["election.json", "summary.json", "files.json", "totals.parquet", "areas.parquet"])
@pytest.mark.parametrize("damage", ["gone", "cut", "foreign"])
def test_a_damaged_record_is_an_error_that_names_the_file(first: Path, tmp_path: Path, name: str, damage: str) -> None:
    other = tmp_path / "record"
    shutil.copytree(first, other)
    raw = (other / name).read_bytes()
    if damage == "gone":
        (other / name).unlink()
    elif damage == "cut":
        (other / name).write_bytes(raw[: len(raw) // 2])
    elif name.endswith(".json"):
        (other / name).write_text('"a text"')
    else:
        pl.DataFrame({"what": [1]}).write_parquet(other / name)
    result = CliRunner().invoke(main, ["diff", str(first), str(other)])
    assert result.exit_code == 2
    assert "record" in result.output
    assert not isinstance(result.exception, (KeyError, ValueError, pl.exceptions.PolarsError))


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [("election.json", "sources", "x"), ("election.json", "contests", [7]), ("summary.json", "contests", [[]])],
)
def test_a_document_of_another_shape_is_told_with_its_record_and_key(
    first: Path, tmp_path: Path, name: str, key: str, value: object
) -> None:
    other = shutil.copytree(first, tmp_path / "record")
    document = json.loads((other / name).read_text(encoding="utf-8"))
    (other / name).write_text(json.dumps(document | {key: value}), encoding="utf-8")
    result = CliRunner().invoke(main, ["diff", str(first), str(other), "--page", str(tmp_path / "page.html")])
    assert result.exit_code == 2, result.output
    assert f"where: {other}, {name}, {key}" in result.output


def test_the_command_writes_csv_files_a_page_and_json(first: Path, second: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    arguments = ["diff", str(first), str(second), "--csv", str(tmp_path / "csv"), "--page", str(page), "--json"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["differs"] is True
    assert len(told["stations"]) == pl.read_csv(tmp_path / "csv" / "stations.csv").height == 3
    text = page.read_text()
    assert "differ at 3 polling stations" in text
    assert "30" in text
    assert str(tmp_path) not in text


def test_equal_records_end_with_0_and_say_so(first: Path) -> None:
    result = CliRunner().invoke(main, ["diff", str(first), str(first)])
    assert result.exit_code == 0
    assert "say the same" in result.output


@pytest.mark.parametrize("language", languages())
def test_the_page_is_written_in_each_language(first: Path, second: Path, tmp_path: Path, language: str) -> None:
    page = tmp_path / "page.html"
    result = CliRunner().invoke(main, ["diff", str(first), str(second), "--page", str(page), "--language", language])
    assert result.exit_code == 1
    assert f"lang={language}" in page.read_text()
