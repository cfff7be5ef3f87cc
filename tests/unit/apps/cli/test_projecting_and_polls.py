"""`escruta project`, `quickcount` and `polls` as a person meets them, on the demo's republic."""

import csv
import json
import re

import polars as pl
import pytest
from click.testing import CliRunner

from escruta.apps import api
from escruta.apps.cli import main
from escruta.apps.cli.opened import open_results
from escruta.apps.cli.quickcount_files import reports_of_stations
from escruta.base.words import languages

POLLS = """
[[polls]]
id = "p"
pollster = "House"
election = "{election}"
source = "paper"
method = "telephone"
first_day = 2024-01-01
last_day = 2024-01-02
sample = 900
shares = {{ {first} = 51, {second} = 40 }}
"""


def run(*arguments):
    return CliRunner().invoke(main, [str(each) for each in arguments])


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    folder = tmp_path_factory.mktemp("republic")
    done = run("demo", "--stations", 1200, "--out", folder / "demo", "--no-pages", "--json")
    assert done.exit_code in (0, 1), done.output
    return next(path.parent for path in (folder / "demo").rglob("summary.json"))


@pytest.fixture(scope="module")
def drawn(record):
    file = record.parent / "drawn.csv"
    done = run("quickcount", "draw", record, "--half-width", 8, "--seed", "6 1 4", "--out", file)
    assert done.exit_code == 0, done.output
    return file


def test_project_says_its_assumption_and_the_missing_beside_the_figures(record, tmp_path):
    page = tmp_path / "page.html"
    done = run("project", record, "--page", page, "--language", "nl")
    assert done.exit_code in (0, 1), done.output
    assert "Nothing in the figures can prove that." in done.output
    assert "How the missing differ" in done.output
    assert "Hoe de ontbrekende verschillen" in page.read_text(encoding="utf-8")


def test_centres_are_written_between_what_is_counted_and_what_could_come(record, tmp_path):
    file = tmp_path / "centres.csv"
    done = run("project", record, "--centres", file)
    assert done.exit_code == 0, done.output
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    names = [key.removesuffix(".low") for key in rows[0] if key.endswith(".low")]
    for row in rows:
        out = int(row["registered_voters_out"])
        assert out > 0
        for name in names:
            counted, middle, low, high = (int(row[f"{name}.{key}"]) for key in ("counted", "projected", "low", "high"))
            assert counted <= low <= middle <= high <= counted + out


def test_project_as_json_has_an_assumption_with_every_chance(record):
    done = run("project", record, "--json")
    said = json.loads(done.output)
    assert said["assumption"]
    assert (said["country"] is None) == bool(said["refused"])
    for area in [said["country"], *said["areas"]] if said["country"] else []:
        assert area["leader_stays_ahead"]["assumption"] == said["assumption"]
    assert done.exit_code == (1 if said["refused"] else 0)


def test_project_refuses_a_level_and_a_baseline_that_are_not_there(record, tmp_path):
    done = run("project", record, "--level", "galaxy")
    assert done.exit_code == 2
    assert "there is no such level" in done.output
    bad = tmp_path / "bad.csv"
    bad.write_text("a,b\n1,2\n", encoding="utf-8")
    done = run("project", record, "--baseline", bad)
    assert done.exit_code == 2
    assert "lacks a column" in done.output


def test_a_plan_is_drawn_by_anybody_and_estimated_with_its_answers(record, drawn, tmp_path):
    page = tmp_path / "quick.html"
    done = run("quickcount", "estimate", record, "--drawn", drawn, "--page", page, "--language", "es")
    assert done.exit_code == 0, done.output
    assert "worst low" in done.output
    assert "Quién respondió" in page.read_text(encoding="utf-8")
    with drawn.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    again = run("quickcount", "draw", record, "--half-width", 8, "--seed", "6 1 4", "--json")
    assert [row["centre"] for row in rows] == [row[1] for row in json.loads(again.output)["drawn"]]


def test_unread_votes_of_a_station_are_never_zero(record):
    """A station of which a figure is unread says nothing, and the rest of its centre speaks for it."""
    results = open_results(record)
    one = api.contest_of(results, None)
    name = one.figures.contest.candidates[0].id
    centre = one.stations.filter(pl.col("counted")).group_by("area").len().filter(pl.col("len") > 1)["area"].min()
    station = one.stations.filter(pl.col("counted") & (pl.col("area") == centre))["station"].min()
    hidden = one.stations.with_columns(
        pl.when(pl.col("station") != station).then(pl.col(f"votes.{name}")).alias(f"votes.{name}")
    )
    whole, less = (reports_of_stations(rows, [str(centre)], one.figures) for rows in (one.stations, hidden))
    assert less.registered[0] < whole.registered[0]
    gone = one.stations.filter(pl.col("station") == station)
    assert whole.votes[0, 1] - less.votes[0, 1] == gone[f"votes.{one.figures.contest.candidates[1].id}"][0]


def test_a_chance_that_no_arithmetic_settles_is_never_told_as_certainty(record):
    said = run("project", record).output
    assert "100.0%." not in said


def test_a_frame_and_answers_from_files(tmp_path):
    frame, answers = tmp_path / "frame.csv", tmp_path / "answers.csv"
    frame.write_text(
        "centre,stratum,registered_voters\n" + "".join(f"c{each},s{each % 2},{500 + each}\n" for each in range(60)),
        encoding="utf-8",
    )
    file = tmp_path / "drawn.csv"
    assert run("quickcount", "draw", frame, "--half-width", 9, "--seed", "x", "--out", file).exit_code == 0
    with file.open(encoding="utf-8") as stream:
        centres = [row["centre"] for row in csv.DictReader(stream)]
    answers.write_text(
        "centre,registered_voters,north,south\n"
        + "".join(
            f"{each},{500 + int(each[1:])},{200 + int(each[1:])},150\n"
            for each in [*centres[:-1], "other"]
            if each != "other"
        ),
        encoding="utf-8",
    )
    done = run("quickcount", "estimate", frame, "--drawn", file, "--reports", answers, "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.output)
    assert {each["name"] for each in said["shares"]} == {"north", "south"}
    assert sum(each["drawn"] - each["answered"] for each in said["responses"]) == 1
    nobody = answers.read_text(encoding="utf-8").replace(centres[0] + ",", centres[0] + ",0,1,1\nzero,", 1)
    (tmp_path / "nobody.csv").write_text(nobody, encoding="utf-8")
    done = run("quickcount", "estimate", frame, "--drawn", file, "--reports", tmp_path / "nobody.csv")
    assert done.exit_code == 2
    assert "no registered voter" in done.output
    silent = "".join(f"{each},500,0,0\n" for each in centres)
    (tmp_path / "silent.csv").write_text("centre,registered_voters,north,south\n" + silent, encoding="utf-8")
    done = run("quickcount", "estimate", frame, "--drawn", file, "--reports", tmp_path / "silent.csv")
    assert done.exit_code == 2
    assert "have no vote" in done.output
    broken = answers.read_text(encoding="utf-8").replace(",150\n", ",?\n", 1)
    answers.write_text(broken, encoding="utf-8")
    done = run("quickcount", "estimate", frame, "--drawn", file, "--reports", answers)
    assert done.exit_code == 2
    assert "a cell is no count" in done.output


def test_polls_are_scored_against_every_result_of_a_record(record, tmp_path):
    definition = json.loads((record / "election.json").read_text(encoding="utf-8"))
    candidates = [each["id"] for each in definition["contests"][0]["candidates"]]
    file, page = tmp_path / "polls.toml", tmp_path / "polls.html"
    file.write_text(
        POLLS.format(election=definition["id"], first=candidates[0], second=candidates[1]), encoding="utf-8"
    )
    done = run("polls", file, "--record", record, "--page", page, "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.output)
    assert "count" in {each["id"] for each in said["results"]}
    assert {each["result"] for each in said["scores"]} == {each["id"] for each in said["results"]}
    assert "No poll is part of any count" in page.read_text(encoding="utf-8")


def test_a_language_of_a_country_has_the_words_of_its_language(tmp_path):
    """The same rule as for the pages of a record: `pt-BR` is written in `pt`, and the command says so."""
    polls, page, frame = (tmp_path / name for name in ("polls.toml", "page.html", "frame.csv"))
    polls.write_text(POLLS.format(election="nowhere", first="a", second="b"), encoding="utf-8")
    frame.write_text("centre,stratum,registered_voters\n" + "".join(f"c{n},x,{400 + n}\n" for n in range(30)))
    for command in (("polls", polls), ("quickcount", "plan", frame, "--half-width", 9)):
        done = run(*command, "--page", page, "--language", "pt-BR")
        assert done.stderr.count("pt-BR: the pages are in pt") == 1, done.output
        assert '<html lang="pt' in page.read_text(encoding="utf-8").replace("lang=pt", 'lang="pt')
        page.unlink()
        refused = run(*command, "--page", page, "--language", "ca")
        assert (refused.exit_code, "no words in this language" in refused.stderr, page.exists()) == (2, True, False)


def test_a_poll_without_a_result_is_named(tmp_path):
    file = tmp_path / "polls.toml"
    file.write_text(POLLS.format(election="nowhere", first="a", second="b"), encoding="utf-8")
    done = run("polls", file)
    assert done.exit_code == 1
    assert "Without a result to be scored against: p." in done.output


@pytest.mark.parametrize("language", languages())
def test_plan_and_draw_have_pages_that_show_the_seed_and_every_centre(tmp_path, language):
    frame, page, out = (tmp_path / name for name in ("frame.csv", "page.html", "drawn.csv"))
    lines = [f"c{number},{'<north>' if number % 3 else 'south'},{400 + number}" for number in range(60)]
    frame.write_text("centre,stratum,registered_voters\n" + "\n".join(lines) + "\n", encoding="utf-8")
    planned = run("quickcount", "plan", frame, "--half-width", 9, "--page", page, "--language", language)
    assert planned.exit_code == 0, planned.output
    text = page.read_text(encoding="utf-8")
    assert "chart-strata" in text
    titles = re.findall(r"(?:<h2>|<figcaption><b>)(.*?)<", text)
    assert len(titles) == len(set(titles)), "a chart does not say its section's title again"
    assert 'class="fill rest"' in text
    assert "-h1)" not in text, "what is not drawn is grey, without strokes"
    assert "&lt;north&gt;" in text
    assert "<code>" not in text
    asked = ("--half-width", 9, "--seed", "6 <1> 4", "--out", out, "--page", page, "--language", language)
    assert run("quickcount", "draw", frame, *asked).exit_code == 0
    text = page.read_text(encoding="utf-8")
    assert "<code>6 &lt;1&gt; 4</code>" in text
    with out.open(encoding="utf-8", newline="") as stream:
        drawn = [row["centre"] for row in csv.DictReader(stream)]
    assert drawn
    assert all(f"<th scope=row>{centre}<" in text and f"%0A{centre}%2C" in text for centre in drawn)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"centre,stratum,registered_voters\n", "the list of centres is empty"),
        (b"\xff\xfe\x00", "not text in UTF-8"),
        (b"centre,stratum,registered_voters\na,x," + b"9" * 400 + b"\n", "a cell is no count"),
    ],
)
def test_list_of_centres_that_cannot_be_used_says_why(tmp_path, content, said):
    file = tmp_path / "frame.csv"
    file.write_bytes(content)
    for command in (("plan", file), ("draw", file, "--seed", "1"), ("estimate", file, "--drawn", file)):
        done = run("quickcount", *command)
        assert (done.exit_code, said in done.output) == (2, True)


def test_files_without_a_poll_or_that_are_no_text_are_refused(tmp_path):
    for content, said in ((b"", "there is no poll"), (b"\xff", "not text in UTF-8")):
        (tmp_path / "polls.toml").write_bytes(content)
        done = run("polls", tmp_path / "polls.toml")
        assert (done.exit_code, said in done.output) == (2, True)
