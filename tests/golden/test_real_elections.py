"""The real elections of `examples/`, to the last figure that was worked out by hand and by other programs."""

from __future__ import annotations

import contextlib
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from escruta.apps.examine import examine_election
from escruta.election.reading import read_election
from escruta.record.contents import Results
from escruta.record.summary import summary_of
from escruta.record.writing import write_record

pytestmark = pytest.mark.data


@cache
def found(folder: Path, data: Path, sources: tuple[str, ...] | None, policy: str | None) -> Results:
    return examine_election(read_election(folder), [data], sources=sources, policy=policy)


@pytest.fixture
def venezuela(repository: Path, shared_data: Path) -> Any:
    def run(sources: tuple[str, ...] | None = None, policy: str | None = None) -> Results:
        return found(repository / "examples" / "venezuela-2024", shared_data, sources, policy)

    return run


@pytest.fixture
def paraguay(repository: Path, shared_data: Path) -> Results:
    return found(repository / "examples" / "paraguay-2023", shared_data, None, None)


def contest(results: Results) -> dict[str, Any]:
    (only,) = summary_of(results)["contests"]
    return only  # type: ignore[no-any-return]


def test_venezuela_both_sources(venezuela: Any) -> None:
    of = contest(venezuela())
    assert of["coverage"]["stations"] == {
        "expected": 30_026,
        "received": 24_560,
        "legible": 24_560,
        "consistent": 24_553,
        "corroborated": 0,
        "counted": 24_553,
    }
    assert of["coverage"]["registered_voters"]["expected"] == 21_392_464
    votes = {candidate: option["votes"] for candidate, option in of["totals"]["options"].items()}
    assert (votes["gonzalez"], votes["maduro"]) == (7_162_343, 3_244_177)
    assert of["totals"]["valid"] == sum(votes.values()) == 10_667_879
    assert of["agreement"] == [{"a": "campaign", "b": "qr-readings", "shared": 21_924, "differing": 7}]


def test_venezuela_one_origin_is_single_and_never_more(venezuela: Any) -> None:
    assert contest(venezuela())["verdicts"] == {
        "missing": 30_026 - 24_560,
        "single": 24_553,
        "corroborated": 0,
        "confirmed": 0,
        "contradicted": 0,
        "disputed": 7,
        "quarantined": 0,
    }


def test_venezuela_cannot_be_overturned_on_these_copies(venezuela: Any) -> None:
    outcome = contest(venezuela())["outcome"]
    assert (outcome["leader"], outcome["runner_up"], outcome["margin_votes"]) == ("gonzalez", "maduro", 3_918_166)
    assert outcome["outside"] == {"stations": 5_473, "registered_voters": 3_640_731, "unread_votes_at_most": 0}
    assert outcome["can_be_overturned"] is False


@pytest.mark.parametrize(("sources", "policy"), [(("campaign",), None), (None, "source:campaign")])
def test_venezuela_the_campaigns_file_alone(
    venezuela: Any, sources: tuple[str, ...] | None, policy: str | None
) -> None:
    of = contest(venezuela(sources, policy))
    assert of["coverage"]["stations"]["counted"] == 24_532
    options = of["totals"]["options"]
    assert (options["gonzalez"]["votes"], options["maduro"]["votes"]) == (7_156_462, 3_241_461)
    assert [round(100 * options[each]["share"], 2) for each in ("gonzalez", "maduro")] == [67.14, 30.41]
    assert of["outcome"]["margin_votes"] == 3_915_001
    assert of["outcome"]["outside"]["registered_voters"] == 3_647_225
    assert of["outcome"]["can_be_overturned"] is False


def test_venezuela_stricter_policies_count_nothing_and_say_nothing(venezuela: Any) -> None:
    for policy in ("corroborated", "confirmed"):
        of = contest(venezuela(policy=policy))
        assert of["coverage"]["stations"]["counted"] == 0
        assert (of["outcome"]["leader"], of["outcome"]["can_be_overturned"]) == (None, None)
        assert of["outcome"]["outside"] == {
            "stations": 30_026,
            "registered_voters": 21_392_464,
            "unread_votes_at_most": 0,
        }


def test_venezuela_announcements_are_told_beside_the_copies(venezuela: Any) -> None:
    first, second = contest(venezuela())["announcements"]
    figures = {row["candidate"]: row for row in second["figures"]}
    assert figures["maduro"]["difference"] == 6_408_844 - 3_244_177
    assert figures["gonzalez"]["difference"] == 5_326_104 - 7_162_343
    assert "results_of_polling_stations" in first["missing_to_compare"]
    others = next(row for row in first["figures"] if row["candidate"] == "others")
    assert (others["announced"], len(others["candidates"].split(";"))) == (462_704, 8)


def test_venezuela_areas_add_to_the_country_at_every_level(venezuela: Any) -> None:
    (results,) = venezuela().contests
    totals = results.tally.totals.filter(pl.col("candidate") == "gonzalez")
    levels = totals.with_columns(level=pl.when(pl.col("area") != "").then(pl.col("area").str.count_matches("/") + 1))
    sums = levels.group_by("level").agg(pl.col("votes").sum())
    assert sums["votes"].to_list() == [7_162_343] * 5


def test_venezuela_differing_stations_are_named_with_both_figures(venezuela: Any) -> None:
    (results,) = venezuela().contests
    told = results.findings.filter(pl.col("code") == "C101")
    assert told["station"].n_unique() == 7
    assert told["found"].str.contains("^campaign [0-9]+, qr-readings [0-9]+$").all()


def test_venezuela_is_recomputed_by_another_engine(venezuela: Any, tmp_path: Path) -> None:
    with contextlib.chdir(tmp_path), duckdb.connect() as engine:
        write_record(venezuela(), tmp_path)
        engine.execute(Path("recompute.sql").read_text(encoding="utf-8"))
        rows = engine.execute("SELECT candidate, votes, agrees FROM recomputed").fetchall()
        stations = dict(engine.execute("SELECT verdict, count(*) FROM verdicts GROUP BY ALL").fetchall())
    assert all(agrees for *_, agrees in rows)
    assert {candidate: votes for candidate, votes, _ in rows}["gonzalez"] == 7_162_343
    assert stations == {"single": 24_553, "disputed": 7}


def test_paraguay_by_definition_alone(paraguay: Results) -> None:
    of = contest(paraguay)
    assert of["coverage"]["stations"]["received"] == 12_252
    options = of["totals"]["options"]
    assert (options["anr-1"]["votes"], options["cn2023-3"]["votes"]) == (1_292_079, 830_842)
    assert (of["totals"]["blank"], of["totals"]["null"]) == (68_242, 13_240)
    assert of["outcome"]["leader"] == "anr-1"
    assert of["outcome"]["can_be_overturned"] is False


def test_paraguay_sheets_that_are_all_zero_are_told(paraguay: Results) -> None:
    (results,) = paraguay.contests
    zero = results.findings.filter(pl.col("code") == "S401")["station"]
    assert zero.len() == 6
    of = results.stations.filter(pl.col("station").is_in(zero.implode()))
    assert of["registered_voters"].to_list() == [0] * 6


def test_paraguay_place_names_are_repaired_and_the_repair_is_told(paraguay: Results) -> None:
    names = paraguay.geography.areas["name"].drop_nulls()
    assert names.str.contains("Ã").sum() == 0
    assert names.str.contains("ASUNCIÓN|Ñ").any()
    notes = [note.code for _, file in paraguay.files for note in file.table.notes]
    assert "F112" in notes
