from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escruta.apps.demo import DemoElection, describe, expected_of, write_demo
from escruta.apps.demo.kinds import FAULTED, HELD_UP, KINDS
from escruta.apps.examine import examine_election
from escruta.election.reading import read_election
from escruta.record.summary import summary_of

Night = tuple[DemoElection, pl.DataFrame, dict[str, Any], pl.DataFrame]


def held_against_the_truth(folder: Path, stations: int, seed: int) -> Night:
    demo = write_demo(folder, stations=stations, seed=seed)
    results = examine_election(read_election(demo.definition), [folder])
    contest = results.contests[0]
    verdicts = contest.stations.with_columns(pl.col("verdict").cast(pl.String).fill_null("missing"))
    return demo, verdicts, summary_of(results), contest.findings


@pytest.fixture(scope="module", params=[2024, 3, 6])
def night(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Night:
    return held_against_the_truth(tmp_path_factory.mktemp("night"), 2000, request.param)


def origins_of(verdicts: pl.DataFrame) -> dict[str, tuple[str, int]]:
    origins = pl.col("origins").str.split(";").list.len().fill_null(0)
    found = verdicts.select("station", "verdict", origins)
    return {station: (verdict, count) for station, verdict, count in found.iter_rows()}


def assert_found_as_planted(demo: DemoElection, verdicts: pl.DataFrame) -> None:
    found = origins_of(verdicts)
    wrong = [
        (kind.id, station, found[station])
        for kind in KINDS
        for station in demo.truth.at(kind.id)
        if found[station][0] not in expected_of(kind.id, origins=found[station][1])
    ]
    assert not wrong
    mistaken = {station for kind in KINDS for station in demo.truth.at(kind.id)}
    alarms = [station for station, (verdict, _) in found.items() if verdict in FAULTED and station not in mistaken]
    assert not alarms


@pytest.mark.parametrize("kind", [kind.id for kind in KINDS])
def test_every_kind_is_planted_and_found_as_it_should_be(night: Night, kind: str) -> None:
    demo, verdicts, _, _ = night
    found = origins_of(verdicts)
    verdicts_here = {(found[station][1], found[station][0]) for station in demo.truth.at(kind)}
    assert verdicts_here
    assert all(verdict in expected_of(kind, origins=origins) for origins, verdict in verdicts_here)


def test_no_station_without_a_mistake_is_kept_out(night: Night) -> None:
    demo, verdicts, _, _ = night
    assert_found_as_planted(demo, verdicts)


def test_findings_point_at_what_was_planted(night: Night) -> None:
    demo, _, _, findings = night
    expected = {
        "S103": {"valid-off-by-ten"},
        "S203": {"not-on-register"},
        "S303": {"shared-picture"},
        "S401": {"all-zero"},
        "S301": {"typed-twice", "sent-twice"},
    }
    for code, kinds in expected.items():
        stations = set(findings.filter(pl.col("code") == code)["station"])
        assert stations == {station for kind in kinds for station in demo.truth.at(kind)}, code


def test_sources_say_together_what_the_voters_did_within_their_bounds(night: Night) -> None:
    demo, _, summary, _ = night
    contest = summary["contests"][0]
    assert contest["coverage"]["stations"]["expected"] == demo.truth.stations
    assert contest["coverage"]["registered_voters"]["expected"] == demo.truth.registered_voters
    for candidate, totals in contest["totals"]["options"].items():
        assert totals["votes"] <= totals["votes_high"]
        assert totals["votes"] < demo.truth.votes[candidate]
    assert contest["outcome"]["leader"] == max(demo.truth.votes, key=lambda who: demo.truth.votes[who])


def test_description_tells_of_every_kind_and_of_no_false_alarm(night: Night) -> None:
    demo, verdicts, summary, _ = night
    lines = describe(demo.truth, summary, verdicts.with_columns(pl.col("verdict").replace({"missing": None})))
    told = "\n".join(lines)
    assert all(kind.says in told for kind in KINDS)
    assert all(says in told for says in HELD_UP.values())
    assert "(0 false alarms)" in told
    assert f"{len(demo.truth.at('nobody-has')):,} missing" in told
    assert max(len(line) for line in lines) <= 120


def test_bulletins_agree_with_the_feed_and_not_with_the_count(night: Night) -> None:
    _, _, summary, _ = night
    announcements = summary["contests"][0]["announcements"]
    assert [one["announcement"] for one in announcements] == ["bulletin-1", "bulletin-2"]
    assert all(figure["difference"] for one in announcements for figure in one["figures"])


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**63), stations=st.integers(1, 300))
def test_a_night_of_any_seed_and_size_is_found_as_planted(seed: int, stations: int) -> None:
    with TemporaryDirectory() as folder:
        demo, verdicts, _, _ = held_against_the_truth(Path(folder), stations, seed)
        assert_found_as_planted(demo, verdicts)


def test_parquet_and_csv_lead_to_one_result(tmp_path: Path) -> None:
    totals = []
    for form in ("csv", "parquet"):
        folder = tmp_path / form
        write_demo(folder, stations=500, seed=3, form=form)
        results = examine_election(read_election(folder), [folder])
        totals.append(results.contests[0].tally.totals)
    assert totals[0].equals(totals[1])
