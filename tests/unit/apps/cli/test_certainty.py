"""`escruta outcome` and `escruta announced`: from files and records, in words, as JSON, pages and tables."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from escruta.apps.cli import main
from escruta.base.words import languages
from escruta.portal.words import load_words
from escruta.testing import SmallElection, SmallSource

ROWS = tuple(
    {
        "station": str(number),
        "state": "1" if number < 5 else "2",
        "registered_voters": 100,
        "ana": 60,
        "ben": 20,
        "cleo": 5,
    }
    for number in range(1, 9)
)
FIRST = {"id": "first", "name": "First <b>", "by": "authority", "at": "2024-07-28", "coverage_text": "80 %"}
SECOND = {"id": "second", "name": "Second", "by": "authority", "at": "2024-07-29", "coverage_text": "100 %"}
NIGHT = SmallElection(
    sources=(SmallSource(id="copies", rows=ROWS),),
    candidates=("ana", "ben", "cleo"),
    levels=("state",),
    expected=10,
    expected_registered_voters=1000,
    announcements=(
        {**FIRST, "votes": {"ana": 300, "ben": 250, "cleo": 50}},
        {**SECOND, "votes": {"ana": 510, "ben": 260, "cleo": 45}},
    ),
)


def run(*arguments: object) -> str:
    result = CliRunner().invoke(main, [str(each) for each in arguments])
    assert result.exit_code in {0, 1, 2}, result.output
    return result.output


def code(*arguments: object) -> int:
    return CliRunner().invoke(main, [str(each) for each in arguments]).exit_code


@pytest.fixture(scope="module")
def election(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("night")
    NIGHT.write(folder)
    return folder


@pytest.fixture(scope="module")
def record(election: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("records") / "record"
    run("run", election, "--out", out, "--no-pages")
    return out


@pytest.mark.parametrize("command", ["outcome", "announced"])
def test_record_and_files_give_the_same_answer(election: Path, record: Path, command: str) -> None:
    assert json.loads(run(command, election, "--json")) == json.loads(run(command, record, "--json"))


def test_outcome_says_what_is_left_over_and_how_many_sheets_must_be_false(election: Path) -> None:
    answer = json.loads(run("outcome", election, "--json"))
    assert (answer["margin_votes"], answer["could_still_come"], answer["slack"]) == (320, 200, 120)
    assert answer["can_be_overturned"] is False
    # a false sheet turns 40 of margin and 100 voters: one is enough for 120; without those outside 3; exchanged 4
    assert answer["false_sheets_at_least"] == {"in_addition": 1, "by_themselves": 3, "swapped": 4}
    assert answer["night"] is None


def test_stations_set_aside_are_outside_and_annulled_ones_are_nowhere(election: Path, tmp_path: Path) -> None:
    aside = tmp_path / "aside.txt"
    aside.write_text("1\n2\n\n", encoding="utf-8")
    pending = json.loads(run("outcome", election, "--pending", aside, "--json"))
    annulled = json.loads(run("outcome", election, "--annulled", aside, "--json"))
    assert (pending["margin_votes"], pending["could_still_come"], pending["slack"]) == (240, 400, -160)
    assert pending["can_be_overturned"] is True
    assert (annulled["margin_votes"], annulled["could_still_come"]) == (240, 200)
    assert "set aside" in run("outcome", election, "--pending", aside)


def test_station_of_which_a_figure_is_unread_can_be_set_aside_too(tmp_path: Path) -> None:
    unread: dict[str, object] = {**ROWS[0], "cleo": None}
    rows: tuple[Mapping[str, object], ...] = (unread, *ROWS[1:])
    replace(NIGHT, sources=(SmallSource(id="copies", rows=rows),)).write(tmp_path)
    (tmp_path / "aside.txt").write_text("1\n", encoding="utf-8")
    plain = json.loads(run("outcome", tmp_path, "--json"))
    pending = json.loads(run("outcome", tmp_path, "--pending", tmp_path / "aside.txt", "--json"))
    assert (plain["margin_votes"], pending["margin_votes"], pending["pending"]) == (320, 280, 1)
    assert pending["could_still_come"] >= 300  # its hundred voters, and those of two stations


def test_station_that_is_pending_and_annulled_is_refused(election: Path, tmp_path: Path) -> None:
    (tmp_path / "aside.txt").write_text("1\n", encoding="utf-8")
    both = ("--pending", tmp_path / "aside.txt", "--annulled", tmp_path / "aside.txt")
    assert "pending and annulled" in run("outcome", election, *both)
    assert code("outcome", election, *both) == 2


def test_unknown_station_or_area_is_refused(election: Path, tmp_path: Path) -> None:
    aside = tmp_path / "aside.txt"
    aside.write_text("77\n", encoding="utf-8")
    assert code("outcome", election, "--pending", aside) == 2
    assert "there is no such station" in run("outcome", election, "--pending", aside)
    assert code("outcome", election, "--area", "9") == 2


def test_night_is_drawn_from_a_file_of_arrivals(election: Path, tmp_path: Path) -> None:
    arrivals = tmp_path / "arrivals.csv"
    lines = [f"{number},2024-07-28T2{number // 4}:{number % 4}0:00" for number in range(1, 9)]
    arrivals.write_text("station,arrived_at\n" + "\n".join(lines) + "\n", encoding="utf-8")
    page = tmp_path / "page.html"
    answer = json.loads(run("outcome", election, "--arrivals", arrivals, "--json", "--page", page))
    # after k sheets the lead is 40 k and 1000 − 100 k are out: more than that from the eighth on
    assert answer["night"] == {"moments": 8, "settled_at": "2024-07-28T22:00:00+00:00", "margin_votes": 320}
    definition = tmp_path / "zoned" / "election.toml"
    shutil.copytree(election, definition.parent)
    plain = definition.read_text(encoding="utf-8")
    definition.write_text('time_zone = "Asia/Kathmandu"\n' + plain, encoding="utf-8")
    told = run("outcome", definition.parent, "--arrivals", arrivals)
    assert "The night: settled from 28 July 2024, 22:00 Asia/Kathmandu (16:15 UTC) on." in told
    assert "chart-night" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("station,when\n1,2024-07-28\n", "a column is not in the file"),
        ("station,arrived_at\n1,eight\n", "not a moment"),
    ],
)
def test_file_of_arrivals_that_cannot_be_used_says_why(election: Path, tmp_path: Path, text: str, said: str) -> None:
    arrivals = tmp_path / "arrivals.csv"
    arrivals.write_text(text, encoding="utf-8")
    assert said in run("outcome", election, "--arrivals", arrivals)
    assert code("outcome", election, "--arrivals", arrivals) == 2


def test_rule_with_a_run_off_is_told(tmp_path: Path) -> None:
    NIGHT.write(tmp_path)
    definition = tmp_path / "election.toml"
    text = definition.read_text(encoding="utf-8")
    changed = text.replace('id = "president"', 'id = "president", rule = { wins = [{ more_than = "50%" }] }', 1)
    assert changed != text
    definition.write_text(changed, encoding="utf-8")
    answer = json.loads(run("outcome", tmp_path, "--json"))
    assert answer["rule"]["kind"] == "run-off"
    assert answer["rule"]["certain"] == ["ana"]  # 480 of at most 880
    assert "Has won in the first round whatever still comes: ana" in run("outcome", tmp_path)
    page = tmp_path / "page.html"
    run("outcome", tmp_path, "--page", page, "--language", "nl")
    assert "ana heeft volgens de regel" in page.read_text(encoding="utf-8")


def test_no_sheet_can_take_away_a_majority_that_nobody_has(tmp_path: Path) -> None:
    replace(NIGHT, expected=8, expected_registered_voters=800).write(tmp_path)
    definition = tmp_path / "election.toml"
    text = definition.read_text(encoding="utf-8")
    found = []
    for share in ("70%", "71%"):  # ana has 480 of 680 votes: 70.6 %
        rule = f'id = "president", rule = {{ wins = [{{ more_than = "{share}" }}] }}'
        definition.write_text(text.replace('id = "president"', rule, 1), encoding="utf-8")
        found.append(json.loads(run("outcome", tmp_path, "--json"))["false_sheets_at_least"])
    assert found[0]["in_addition"] == 1
    assert found[1] is None
    assert json.loads(run("outcome", tmp_path, "--json"))["no_false_sheets"] == "does_not_apply"
    assert "would have to be false: does not apply" in run("outcome", tmp_path)
    page = tmp_path / "page.html"
    run("outcome", tmp_path, "--page", page, "--language", "en")
    assert "This does not apply: nobody has won anything" in page.read_text(encoding="utf-8")


def test_false_sheets_that_are_not_known_are_told_from_those_that_do_not_apply(tmp_path: Path) -> None:
    unread: tuple[Mapping[str, object], ...] = ({**ROWS[0], "cleo": None}, *ROWS[1:])
    replace(NIGHT, sources=(SmallSource(id="copies", rows=unread),)).write(tmp_path / "unread")
    found = json.loads(run("outcome", tmp_path / "unread", "--json"))
    assert (found["false_sheets_at_least"], found["no_false_sheets"]) == (None, "not_known")
    replace(NIGHT, expected_registered_voters=None).write(tmp_path / "open")
    found = json.loads(run("outcome", tmp_path / "open", "--json"))
    assert found["could_still_come"] is None
    assert found["false_sheets_not_known"] == ["in_addition"]
    assert found["false_sheets_at_least"]["swapped"] == 4
    assert "not known" in run("outcome", tmp_path / "open")


def test_announcements_with_nobody_in_common_prove_nothing_together(tmp_path: Path) -> None:
    replace(
        NIGHT, announcements=({**FIRST, "votes": {"ana": 480}}, {**SECOND, "votes": {"ben": 160, "cleo": 40}})
    ).write(tmp_path)
    said = run("announced", tmp_path)
    assert "nothing more is proved" in said
    assert "Rounded percentages: not asked" in said  # one count is its own total


def test_announcements_that_only_together_cannot_be_right_end_with_findings(tmp_path: Path) -> None:
    later = {**SECOND, "votes": {"ana": 470, "ben": 160, "cleo": 40}}
    replace(NIGHT, announcements=({**FIRST, "votes": {"ana": 480, "ben": 160, "cleo": 40}}, later)).write(tmp_path)
    answer = json.loads(run("announced", tmp_path, "--coverage", "any", "--json"))
    assert [each["verdict"] for each in answer["announcements"]] == ["not_excluded"] * 2
    assert answer["together"]["certificate_at_any_coverage"]["gap"] > 0
    assert code("announced", tmp_path, "--coverage", "any") == 1


def test_later_announcement_is_the_later_moment_whatever_its_offset(tmp_path: Path) -> None:
    early, late = "2024-07-29T03:00:00+04:00", "2024-07-29T00:00:00+00:00"  # an hour apart
    small, large = {"ana": 300, "ben": 100, "cleo": 25}, {"ana": 360, "ben": 120, "cleo": 30}
    replace(
        NIGHT, announcements=({**FIRST, "at": early, "votes": small}, {**SECOND, "at": late, "votes": large})
    ).write(tmp_path)
    answer = json.loads(run("announced", tmp_path, "--coverage", "any", "--json"))
    assert answer["together"]["announcements"] == ["first", "second"]
    assert answer["together"]["fewer_votes_later"] == []


def test_announcement_that_is_too_small_is_impossible_at_its_coverage(election: Path) -> None:
    answer = json.loads(run("announced", election, "--json"))
    first, second = answer["announcements"]
    # 8 of 10 stations, 2 outside: at least 6 of the 8 sheets, with 60 votes each
    assert first["groups"][0]["smallest_possible"] == 360
    assert first["verdict"] == "impossible_at_its_coverage"
    assert first["certificate"]["gap"] == 60
    assert first["critical_coverage"] == 7
    assert first["false_sheets_at_least"] == 1
    assert second["verdict"] == "not_excluded"
    assert code("announced", election) == 1
    assert code("announced", election, "--announcement", "second") == 0


def test_later_announcement_with_fewer_votes_is_impossible_together(election: Path) -> None:
    together = json.loads(run("announced", election, "--json"))["together"]
    assert together["announcements"] == ["first", "second"]
    assert ["second", "cleo"] in together["fewer_votes_later"]
    assert together["certificate_at_any_coverage"]["gap"] > 0


def test_coverage_and_turnout_can_be_asked_otherwise(election: Path) -> None:
    first = ("announced", election, "--announcement", "first", "--json")
    assert json.loads(run(*first, "--coverage", "7"))["announcements"][0]["verdict"] == "not_excluded"
    assert json.loads(run(*first, "--coverage", "any"))["announcements"][0]["verdict"] == "not_excluded"
    assert json.loads(run(*first, "--coverage", "100%"))["announcements"][0]["groups"][0]["smallest_possible"] == 480
    limited = json.loads(run(*first, "--turnout", "10%"))["announcements"][0]
    assert limited["verdict"] == "impossible_at_any_coverage"
    assert "turnout_outside_is_limited" in limited["assumptions"]
    voters = json.loads(run(*first, "--by", "voters"))["announcements"][0]
    assert voters["coverage"] == {"by": "voters", "claimed": 800, "of": 1000}
    assert voters["groups"][0]["smallest_possible"] == 360


def test_share_outside_can_be_limited_and_is_named_among_the_assumptions(election: Path, tmp_path: Path) -> None:
    page, proof = tmp_path / "page.html", tmp_path / "proof.csv"
    first = ("announced", election, "--announcement", "first", "--coverage", "any", "--share", "ben=50%")
    answer = json.loads(run(*first, "--json", "--page", page, "--language", "en", "--certificate", proof))
    found = answer["announcements"][0]
    assert answer["supposed"] == {"turnout_outside_at_most": 1.0, "shares_outside_at_most": {"ben": 0.5}}
    assert found["verdict"] == "impossible_at_any_coverage"
    assert "shares_outside_are_limited" in found["assumptions"]
    assert found["best_mixture_outside"]["of"] == 2
    assert "ben is supposed to have at most 50.0% of the votes" in page.read_text(encoding="utf-8")
    assert "share outside at most: ben,50%" in proof.read_text(encoding="utf-8")
    assert "at most 50 % of the votes for candidates are for ben" in run(*first)
    assert "none" in run("announced", election, "--announcement", "first", "--share", "ben=50%")


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        (("nobody=50%",), "no announced votes of this candidate alone"),
        (("ben",), "this is not a percentage"),
        (("ben=50%", "ben=40%"), "two limits"),
        (("ana=30%", "ben=30%", "cleo=30%"), "nobody could have voted"),
        (("ben=33.33333%",), "this is not a percentage"),
    ],
)
def test_limit_that_cannot_be_used_is_refused(election: Path, shares: tuple[str, ...], said: str) -> None:
    options = [part for share in shares for part in ("--share", share)]
    assert said in run("announced", election, *options)
    assert code("announced", election, *options) == 2


def test_coverage_of_more_stations_than_there_are_is_refused(election: Path) -> None:
    assert "more stations than there are" in run("announced", election, "--coverage", "11")
    assert code("announced", election, "--coverage", "11") == 2


@pytest.mark.parametrize(
    ("early", "late"),
    [
        ("2024-07-29", "2024-07-29"),
        ("2024-07-29", "2024-07-29T10:00:00+00:00"),
        ("2024-07-29T04:00:00+04:00", "2024-07-29T00:00:00+00:00"),
    ],
)
def test_announcements_of_which_none_is_known_to_be_later_are_not_held_together(
    tmp_path: Path, early: str, late: str
) -> None:
    votes = {"ana": 480, "ben": 160, "cleo": 40}
    replace(
        NIGHT, announcements=({**FIRST, "at": early, "votes": votes}, {**SECOND, "at": late, "votes": votes})
    ).write(tmp_path)
    assert json.loads(run("announced", tmp_path, "--json"))["together"] is None


@pytest.mark.parametrize("option", ["--coverage", "--turnout"])
def test_share_that_is_none_is_refused(election: Path, option: str) -> None:
    assert code("announced", election, option, "many") == 2
    assert "this is not a percentage" in run("announced", election, option, "110%")


def check_by_hand(path: Path) -> int:
    """Do what a person would do in a spreadsheet, with nothing but the file; gives by how much it is too much."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    said = {row[0]: row[1:] for row in rows if row}
    weights = [int(each) for each in said["weights"]]
    announced = [int(each) for each in said["announced"]]
    groups = len(announced)
    start = next(number for number, row in enumerate(rows) if row[:2] == ["place", "station"])
    sheets = [[int(each) for each in row[2:]] for row in rows[start + 1 :]]
    scores = [sum(w * each for w, each in zip(weights, row, strict=False)) for row in sheets]
    assert scores == [row[-2] for row in sheets]
    assert scores == sorted(scores, reverse=True)
    score = sum(w * each for w, each in zip(weights[:groups], announced, strict=True))
    number = int(said["sheets whose scores are added up, the first below"][0])
    voters = int(said["voters outside at most"][0])
    outside = max(0, *weights[:groups]) * voters
    of = next((row[0].split()[1] for row in rows if row and row[0].startswith("so ")), None)
    if of is not None:
        mixture, most = (
            [int(each) for each in said[f"{key}"]]
            for key in (f"so {of} of them score most", f"of {of} votes outside at most")
        )
        assert sum(mixture) == int(of)
        assert all(part <= limit for part, limit in zip(mixture, most, strict=True))
        outside = max(0, sum(w * part for w, part in zip(weights, mixture, strict=True))) * voters // int(of)
    best = sum(scores[:number]) + outside - int(said["what the required coverage takes away"][0])
    assert str(best) == said["the best that any stations can score"][0]
    return score - best


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--by", "voters"),
        ("--turnout", "10%"),
        ("--each",),
        ("--coverage", "any", "--share", "ben=50%"),
        ("--by", "voters", "--share", "ben=33.3%", "--share", "cleo=10%"),
    ],
)
def test_certificate_can_be_checked_with_nothing_but_the_file(
    election: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    path = tmp_path / "proof.csv"
    answer = json.loads(
        run("announced", election, "--announcement", "first", "--json", "--certificate", path, *options)
    )
    found = answer["announcements"][0]
    proof = found["certificate_at_any_coverage"] or found["certificate"]
    assert check_by_hand(path) == proof["gap"] > 0


def test_certificate_of_nothing_is_refused(election: Path, tmp_path: Path) -> None:
    path = tmp_path / "proof.csv"
    assert "there is no proof to write" in run("announced", election, "--announcement", "second", "--certificate", path)
    assert not path.exists()


CANNOT_TELL = {
    "en": "cannot tell which",
    "es": "no pueden decir cuál",
    "fr": "ne permettent pas de dire",
    "nl": "kunnen niet zeggen welke",
    "pt": "não podem dizer qual",
}


@pytest.mark.parametrize("language", languages())
def test_page_of_announcements_says_that_it_is_not_known_which_is_wrong(
    election: Path, tmp_path: Path, language: str
) -> None:
    page = tmp_path / "page.html"
    run("announced", election, "--page", page, "--language", language)
    text = page.read_text(encoding="utf-8")
    assert CANNOT_TELL[language] in text
    assert "First &lt;b&gt;" in text
    assert "First <b>" not in text
    assert "fraud" not in text.lower()


def test_site_leads_from_the_announcement_to_its_proof(election: Path, tmp_path: Path) -> None:
    out = tmp_path / "record"
    run("run", election, "--out", out, "--language", "en")
    front = (out / "site" / "en" / "index.html").read_text(encoding="utf-8")
    assert "cannot both be right, if the announcement covers as much as it says" in front
    assert "href=announced.html" in front
    page = (out / "site" / "en" / "announced.html").read_text(encoding="utf-8")
    assert "That is 60 too much" in page
    assert "cannot tell which" in page


def test_election_without_announcements_has_no_such_page_and_is_told_so(tmp_path: Path) -> None:
    plain = SmallElection(
        sources=(SmallSource(id="copies", rows=ROWS),), candidates=("ana", "ben", "cleo"), levels=("state",)
    )
    plain.write(tmp_path / "plain")
    out = tmp_path / "record"
    run("run", tmp_path / "plain", "--out", out, "--language", "en")
    assert not (out / "site" / "en" / "announced.html").exists()
    assert "the definition has no announced votes" in run("announced", tmp_path / "plain")


def test_announcement_of_an_area_is_held_against_its_own_sheets(tmp_path: Path) -> None:
    register = tuple({"station": each["station"], "state": each["state"], "registered_voters": 100} for each in ROWS)
    of_state = {**FIRST, "area": "1", "coverage_text": "100 %", "votes": {"ana": 100, "ben": 80, "cleo": 20}}
    night = SmallElection(
        sources=(SmallSource(id="copies", rows=ROWS[1:]),),
        candidates=("ana", "ben", "cleo"),
        levels=("state",),
        register=register,
        announcements=(of_state,),
    )
    night.write(tmp_path)
    answer = json.loads(run("announced", tmp_path, "--json"))["announcements"][0]
    assert (answer["area"], answer["sheets"]) == ("1", 3)
    assert answer["groups"][0]["smallest_possible"] == 180
    assert answer["verdict"] == "impossible_at_any_coverage" or answer["certificate"]["gap"] == 80


def test_announcement_beside_no_sheet_at_all_is_held_against_the_voters_alone(tmp_path: Path) -> None:
    unread = tuple({**row, "ana": None, "ben": None, "cleo": None} for row in ROWS[:1])
    many = {**SECOND, "votes": {"ana": 800, "ben": 300, "cleo": 100}}
    night = replace(NIGHT, sources=(SmallSource(id="copies", rows=unread),))
    replace(night, announcements=({**FIRST, "votes": {"ana": 300, "ben": 250, "cleo": 50}}, many)).write(tmp_path)
    found = json.loads(run("announced", tmp_path, "--page", tmp_path / "page.html", "--json"))["announcements"]
    assert [each["verdict"] for each in found] == ["cannot_be_said", "impossible_at_any_coverage"]
    assert found[1]["certificate_at_any_coverage"]["gap"] > 0  # 1,200 votes of a thousand voters


@pytest.mark.parametrize("option", ["--pending", "--annulled", "--arrivals"])
def test_file_that_is_no_text_is_refused(election: Path, tmp_path: Path, option: str) -> None:
    (tmp_path / "file").write_bytes(b"\xff\xfe\x00")
    assert "not text in UTF-8" in run("outcome", election, option, tmp_path / "file")


@pytest.mark.parametrize(
    ("language", "one", "two"),
    [
        ("en", "1 decimal of", "2 decimals"),
        ("es", "1 decimal del", "2 decimales"),
        ("fr", "1 décimale du", "2 décimales"),
        ("nl", "1 decimaal van", "2 decimalen"),
        ("pt", "1 casa decimal do", "2 casas decimais"),
    ],
)
def test_decimals_have_their_plural(language: str, one: str, two: str) -> None:
    words = load_words(language)
    values = {"total": 10_000, "odds": 9, "corrected": 9}
    assert one in words("announced.rounded_hit", n=1, **values)
    assert two in words("announced.rounded_most", n=2, **values)
