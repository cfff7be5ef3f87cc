import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from escruta.apps.cli import main
from escruta.testing import SmallElection, SmallOrigin, SmallSource

AGREEING = SmallElection(
    sources=(
        SmallSource(id="feed", origin="authority", kind="authority", rows=({"station": "1", "ana": 30, "ben": 20},)),
        SmallSource(id="copies", origin="party", rows=({"station": "1", "ana": 30, "ben": 20},)),
    ),
    origins=(SmallOrigin(id="authority", owner="authority"), SmallOrigin(id="party", adverse_to=("authority",))),
)
DIFFERING = SmallElection(
    sources=(
        AGREEING.sources[0],
        SmallSource(id="copies", origin="party", rows=({"station": "1", "ana": 20, "ben": 30},)),
    ),
    origins=AGREEING.origins,
)

Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    return lambda *arguments: CliRunner().invoke(main, [str(each) for each in arguments])


@pytest.fixture
def agreeing(tmp_path: Path) -> Path:
    AGREEING.write(tmp_path / "agreeing")
    return tmp_path / "agreeing"


@pytest.fixture
def differing(tmp_path: Path) -> Path:
    DIFFERING.write(tmp_path / "differing")
    return tmp_path / "differing"


@pytest.mark.parametrize("command", ["check", "tally", "outcome"])
def test_command_on_agreeing_sources_ends_with_0(run: Run, agreeing: Path, command: str) -> None:
    assert run(command, agreeing).exit_code == 0


@pytest.mark.parametrize("command", ["check", "tally", "outcome"])
def test_command_on_differing_sources_ends_with_1(run: Run, differing: Path, command: str) -> None:
    assert run(command, differing).exit_code == 1


@pytest.mark.parametrize("command", ["check", "tally", "outcome"])
def test_command_on_no_definition_ends_with_2_and_says_why(run: Run, tmp_path: Path, command: str) -> None:
    result = run(command, tmp_path)
    assert result.exit_code == 2
    assert "election.toml" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize("command", ["check", "tally", "outcome"])
def test_json_is_one_object_on_standard_output(run: Run, differing: Path, command: str) -> None:
    assert isinstance(json.loads(run(command, differing, "--json").stdout), dict)


def test_check_names_station_figure_and_both_counts(run: Run, differing: Path) -> None:
    findings = json.loads(run("check", differing, "--json").stdout)["findings"]
    found = {row["figure"]: row["found"] for row in findings if row["code"] == "C201"}
    assert found == {"votes.ana": "copies 20, feed 30", "votes.ben": "copies 30, feed 20"}


def test_run_writes_the_record_and_the_pages(run: Run, agreeing: Path, tmp_path: Path) -> None:
    result = run("run", agreeing, "--out", tmp_path / "out", "--language", "en")
    assert result.exit_code == 0, result.output
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["contests"][0]["verdicts"]["confirmed"] == 1
    assert (tmp_path / "out" / "site" / "index.html").is_file()


def test_pages_from_a_record_are_those_of_run(run: Run, agreeing: Path, tmp_path: Path) -> None:
    run("run", agreeing, "--out", tmp_path / "out", "--language", "en")
    first = (tmp_path / "out" / "site" / "en" / "index.html").read_bytes()
    assert run("pages", tmp_path / "out", "--language", "en").exit_code == 0
    assert (tmp_path / "out" / "site" / "en" / "index.html").read_bytes() == first


def test_pages_that_the_log_of_the_record_does_not_name_are_told(run: Run, agreeing: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run("run", agreeing, "--out", out, "--language", "en")
    same = run("pages", out, "--language", "en", "--json")
    assert (same.stderr, json.loads(same.stdout)["note"]) == ("", None)
    elsewhere = run("pages", out, "--language", "es", "--out", tmp_path / "mirror")
    assert (elsewhere.exit_code, "log" in elsewhere.stderr) == (0, False)
    other = run("pages", out, "--language", "es", "--json")
    assert other.exit_code == 0
    assert "the record's log does not name these pages" in json.loads(other.stdout)["note"]
    assert json.loads(other.stdout)["note"] in other.stderr
    assert run("verify", out).exit_code == 1, "and the log is right about it"


def test_languages_are_told_before_any_work(run: Run, agreeing: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for asked in (("run", agreeing, "--out", out), ("watch", agreeing, "--out", out, "--once")):
        refused = run(*asked, "--language", "ca")
        assert (refused.exit_code, "no words in this language" in refused.stderr) == (2, True)
        assert "Reading" not in refused.stderr
        assert not out.exists()
    first = run("run", agreeing, "--out", out, "--language", "pt-BR")
    assert (first.exit_code, first.stderr.count("pt-BR: the pages are in pt")) == (0, 1)
    assert sorted(each.name for each in (out / "site").iterdir() if len(each.name) == 2) == ["pt"]
    (out / "areas.parquet").unlink()
    late = run("pages", out, "--language", "es-VE", "--language", "ca", "--out", tmp_path / "mirror")
    assert (late.exit_code, "no words" in late.stderr, "areas.parquet" in late.stderr) == (2, True, False)


def test_languages_that_the_definition_names_are_told(run: Run, agreeing: Path, tmp_path: Path) -> None:
    definition = agreeing / "election.toml"
    plain = definition.read_text(encoding="utf-8")
    definition.write_text('languages = ["ca", "es-VE"]\n' + plain, encoding="utf-8")
    first = run("run", agreeing, "--out", tmp_path / "out")
    assert first.exit_code == 0, first.stderr
    assert "es-VE: the pages are in es" in first.stderr
    assert "ca: the pages have no words in it" in first.stderr
    watched = run("watch", agreeing, "--out", tmp_path / "watched", "--once")
    assert watched.exit_code == 0, watched.stderr
    assert watched.stderr.count("es-VE: the pages are in es") == 1
    assert watched.stderr.count("ca: the pages have no words in it") == 1
    definition.write_text('languages = ["ca"]\n' + plain, encoding="utf-8")
    refused = run("run", agreeing, "--out", tmp_path / "other")
    assert (refused.exit_code, "Reading" in refused.stderr) == (2, False)
    assert run("run", agreeing, "--out", tmp_path / "other", "--no-pages").exit_code == 0, "it asks for no pages"


def test_run_refuses_a_folder_with_other_things(run: Run, agreeing: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine", encoding="utf-8")
    result = run("run", agreeing, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "thesis.txt" in result.stderr
    assert (tmp_path / "out" / "thesis.txt").read_text(encoding="utf-8") == "mine"


def test_run_with_a_broken_file_leaves_nothing_half_written(run: Run, agreeing: Path, tmp_path: Path) -> None:
    file = next((agreeing).glob("*.csv"))
    file.write_bytes(b"")
    result = run("run", agreeing, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert file.name in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--source", "nobody"), "nobody"),
        (("--policy", "best"), "best"),
        (("--policy", "source:nobody"), "nobody"),
    ],
)
def test_unknown_name_is_refused_with_what_there_is(
    run: Run, agreeing: Path, arguments: tuple[str, ...], said: str
) -> None:
    result = run("tally", agreeing, *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "expected" in result.stderr


def test_unknown_area_is_refused(run: Run, agreeing: Path) -> None:
    assert run("tally", agreeing, "--area", "99/1").exit_code == 2


def test_compare_same_table_with_other_line_ends_ends_with_0(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"station,ana\n1,3\n2,4\n")
    (tmp_path / "b.csv").write_bytes(b"station,ana\r\n1,3\r\n2,4\r\n")
    result = run("compare", tmp_path / "a.csv", tmp_path / "b.csv")
    assert result.exit_code == 0, result.output
    assert "same table" in result.output


def test_compare_tells_added_dropped_changed_and_lost(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"station,ana,ben\n1,3,1\n2,4,1\n3,5,1\n")
    (tmp_path / "b.csv").write_bytes(b"station,ana\n1,3\n3,6\n4,7\n")
    result = run("compare", tmp_path / "a.csv", tmp_path / "b.csv", "--key", "station", "--json")
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert [row["key"] for row in report["added"]] == ["4"]
    assert [row["key"] for row in report["dropped"]] == ["2"]
    assert report["changed"] == [{"key": "3", "column": "ana", "old": "5", "new": "6"}]
    assert report["columns_lost"] == ["ben"]


def test_compare_with_a_definition_looks_only_at_the_rows_of_its_source(run: Run, tmp_path: Path) -> None:
    head, deputies = (
        "mesa,Elección,Inscritos,PAZ,RUIZ,Votos Válidos\n",
        "".join(f"{at},Diputados,300,{at},9,{at + 9}\n" for at in range(1, 40)),
    )
    president = [f"{at},Presidente,300,{2 * at},{at},{3 * at}\n" for at in range(1, 40)]
    (tmp_path / "a.csv").write_text(head + "".join(president) + deputies, encoding="utf-8")
    (tmp_path / "b.csv").write_text(head + deputies + "".join(president[1:]), encoding="utf-8")
    (tmp_path / "c.csv").write_text("mesa,PAZ\n1,2\n", encoding="utf-8")
    assert run("init", tmp_path / "a.csv", "--out", tmp_path / "my").exit_code == 0
    chosen = ("--election", tmp_path / "my", "--source", "a-presidente", "--json")
    report = json.loads(run("compare", tmp_path / "a.csv", tmp_path / "b.csv", *chosen).stdout)
    assert (report["rows_old"], report["repeated_keys_old"], report["changed"]) == (39, 0, [])
    assert [row["key"] for row in report["dropped"]] == ["1"]
    lost = run("compare", tmp_path / "a.csv", tmp_path / "c.csv", *chosen)
    assert (lost.exit_code, "Elección" in lost.output) == (2, True)


def test_compare_with_a_definition_takes_another_format_and_refuses_a_file_without_its_key(
    run: Run, agreeing: Path, tmp_path: Path
) -> None:
    table = pl.read_csv(next(agreeing.glob("*.csv")), infer_schema=False)
    table.write_parquet(tmp_path / "again.parquet")
    table.drop(table.columns[0]).write_csv(tmp_path / "lost.csv")
    assert run("init", next(agreeing.glob("*.csv")), "--out", tmp_path / "my").exit_code == 0
    old, chosen = next(agreeing.glob("*.csv")), ("--election", tmp_path / "my", "--json")
    report = json.loads(run("compare", old, tmp_path / "again.parquet", *chosen).stdout)
    assert (report["changed"], report["added"], report["dropped"]) == ([], [], [])
    lost = run("compare", old, tmp_path / "lost.csv", *chosen)
    assert (lost.exit_code, table.columns[0] in lost.output) == (2, True)


def test_init_never_writes_over_a_definition(run: Run, agreeing: Path) -> None:
    before = (agreeing / "election.toml").read_bytes()
    result = run("init", next(agreeing.glob("*.csv")), "--out", agreeing)
    assert result.exit_code == 2
    assert (agreeing / "election.toml").read_bytes() == before


def test_a_fault_of_ours_shows_no_traceback(run: Run, agreeing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("deep inside")

    monkeypatch.setattr("escruta.apps.api.examine_election", broken)
    result = run("tally", agreeing)
    assert result.exit_code == 3
    assert "ESCRUTA_DEBUG" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize("command", sorted(main.commands))
def test_help_has_an_example(run: Run, command: str) -> None:
    assert f"escruta {command}" in run(command, "--help").output


@pytest.mark.parametrize("command", ["run", "pages"])
def test_folder_behind_a_link_is_written_and_the_link_stays(
    run: Run, agreeing: Path, tmp_path: Path, command: str
) -> None:
    run("run", agreeing, "--out", tmp_path / "record", "--no-pages")
    first = ("run", agreeing, "--no-pages") if command == "run" else ("pages", tmp_path / "record")
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    for _ in range(2):
        assert run(*first, "--out", tmp_path / "link").exit_code == 0
    assert (tmp_path / "link").is_symlink()
    assert list((tmp_path / "real").iterdir())
    assert not [each.name for each in tmp_path.iterdir() if each.name.startswith(".")]


def test_place_where_no_folder_can_be_made_is_told_and_is_no_fault_of_ours(run: Run, agreeing: Path) -> None:
    result = run("run", agreeing, "--out", agreeing / "election.toml" / "inside")
    assert result.exit_code == 2
    assert "election.toml" in result.stderr
    assert "fault of ours" not in result.stderr


def test_pages_of_a_folder_that_is_no_record_are_refused(run: Run, agreeing: Path) -> None:
    result = run("pages", agreeing)
    assert result.exit_code == 2
    assert "no summary.json" in result.stderr


def test_folder_of_files_that_is_not_there_is_refused(run: Run, agreeing: Path) -> None:
    assert run("check", agreeing, "--data", agreeing / "nowhere").exit_code == 2


def test_only_candidate_is_told_as_such(run: Run, tmp_path: Path) -> None:
    rows = ({"station": "1", "ana": 30},)
    SmallElection(sources=(SmallSource(id="feed", rows=rows),), candidates=("ana",)).write(tmp_path / "alone")
    assert run("outcome", tmp_path / "alone").output.splitlines()[-1].startswith("ana is the only candidate")


@pytest.mark.parametrize("registered", [({"station": "1", "registered_voters": 90},), ()], ids=["register", "none"])
def test_an_election_in_which_nothing_has_come_is_published(
    run: Run, tmp_path: Path, registered: tuple[dict[str, str | int | None], ...]
) -> None:
    announced = (
        {
            "id": "first",
            "name": "First",
            "by": "authority",
            "at": "2025-03-09T20:00:00Z",
            "votes": {"ana": 30, "ben": 20},
        },
    )
    night = replace(DIFFERING, register=registered or None, announcements=announced)
    night.write(tmp_path / "night")
    for source in night.sources:
        file = next((tmp_path / "night").glob(f"*{source.id}*"))
        file.write_text(file.read_text(encoding="utf-8").partition("\n")[0] + "\n", encoding="utf-8")
    out = tmp_path / "out"
    first = run("run", tmp_path / "night", "--out", out, "--language", "en")
    assert first.exit_code == 0, first.output
    (contest,) = json.loads((out / "summary.json").read_text(encoding="utf-8"))["contests"]
    assert contest["verdicts"]["missing"] == (len(registered) or None), "without a register nobody knows how many"
    assert [each["share"] for each in contest["totals"]["options"].values()] == [None, None]
    assert (contest["outcome"]["leader"], contest["outcome"]["margin_votes"]) == (None, None)
    assert [each["stations"] for each in contest["sources"]] == [0, 0], "both are heard, and say nothing"
    page = (out / "site" / "en" / "index.html").read_text(encoding="utf-8")
    assert "No polling station is counted" in page
    assert run("verify", out).exit_code == 0, "what follows from no readings is computed again"
    assert run("outcome", out).output.splitlines()[-1].startswith("No station counts")
    for command in ("run", "tally", "announced"):
        told = first.stdout if command == "run" else run(command, tmp_path / "night").stdout
        rows = [line.split() for line in told.splitlines() if line.split()[:1] in (["ana"], ["ben"])]
        assert [" ".join(row).count("not known") > 0 for row in rows] == [True, True], told
    assert run("export", out, "--out", tmp_path / "results.json").exit_code == 0
    night.write(tmp_path / "night")
    assert run("run", tmp_path / "night", "--out", out, "--language", "en").exit_code == 1, "the two differ"
