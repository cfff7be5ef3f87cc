"""Sealing keys and seals, as a person meets them at the command line."""

import csv
import json
import re
import shlex
import shutil
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from escruta.apps.cli import main
from escruta.apps.seals import log_entry_of
from escruta.record.entries import is_in_form, kind_of
from escruta.testing.elections import SmallElection, SmallSource

ELECTION = "small"
STATIONS = ("N.1", "N.2", "S.1")
ROWS = tuple({"station": station, "ana": 1, "ben": 2, "null": 0} for station in STATIONS)
FIGURES = "--figure ana=12 --figure ben=illegible --figure null=0 --printed 2024-07-28T22:00:00Z"


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    SmallElection(sources=(SmallSource(id="feed", rows=ROWS),), figures=("null",)).write(tmp_path / "election")
    Path("stations.txt").write_text("".join(f"{station}\n" for station in STATIONS), encoding="utf-8")
    runner = CliRunner()

    def run(command, *, code=0, **more):
        done = runner.invoke(main, shlex.split(command), **more)
        assert done.exit_code == code, done.output
        return done

    run("key new board.key --name board.example/keys --no-passphrase")
    return run


@pytest.fixture
def issued(run):
    run("keys issue election --into st --stations stations.txt --signer board.key --no-passphrase --from 2024-07-01")
    return run


def made(run, station="N.1", more=""):
    key = next(Path("st").rglob(f"{station}.key"))
    done = run(f"seal make election --station {station} --key {key} {FIGURES} {more}")
    return done.stdout.strip()


CHECK = "--keys st/list-1.keys --trust board.key.vkey"


def test_from_keys_to_a_seal_that_is_good(issued):
    Path("seals.txt").write_text(f"{made(issued)}\r\n\n{made(issued, 'S.1')}\n", encoding="utf-8")
    done = issued(f"seal check seals.txt {CHECK}")
    assert "2 of 2 valid" in done.stdout
    told = json.loads(issued(f"seal check seals.txt {CHECK} --json").stdout)
    first = told["seals"][0]
    assert (first["status"], first["station"], first["key_station"]) == ("valid", "N.1", "N.1")
    assert first["figures"] == {"null": 0, "votes.ana": 12, "votes.ben": "illegible"}
    assert told["keys"]["signed_by"][0].startswith("board.example/keys+")


def test_a_seal_is_shown_without_being_verified(issued):
    done = issued("seal show - --election election", input=made(issued, more="--zero --copy 3 --for witness:ben"))
    assert "zero sheet" in done.stdout
    assert "ana" in done.stdout
    assert "votes.ana" not in done.stdout
    assert "copy 3 for the witness of candidate 2" in done.stdout
    assert "nothing of this was verified" in done.stdout


def test_a_line_that_is_no_seal_is_named_and_does_not_hide_the_others(issued):
    Path("seals.txt").write_text(f"hello\n{made(issued)}\n", encoding="utf-8")
    done = issued("seal show seals.txt", code=1)
    assert "seals.txt, line 1: no seal" in done.stdout
    assert "Station N.1" in done.stdout
    told = json.loads(issued("seal show seals.txt --json", code=1).stdout)
    assert [each["where"] for each in told["no_seals"]] == ["seals.txt, line 1"]
    assert len(told["seals"]) == 1


def test_more_than_can_be_read_is_refused_and_not_cut_off(issued, monkeypatch):
    text = made(issued)
    monkeypatch.setattr("escruta.apps.seals.texts._LARGEST_FILE", len(text) + 1)
    Path("seals.txt").write_text(f"{text}\nhello\n", encoding="utf-8")
    assert "too long" in issued(f"seal check seals.txt {CHECK}", code=2).stderr


def test_figures_in_a_file_stand_there_once(issued):
    make = "seal make election --station N.1 --key st/N/N.1.key --figures figures.json"
    for twice in ('"ana": 1, "ana": 5', '"ana": 1, "votes.ana": 5', '"ana": -1', '"ana": 1.0', '"ana": [1]'):
        Path("figures.json").write_text(f'{{{twice}, "ben": 3, "null": 0}}', encoding="utf-8")
        done = issued(make, code=2)
        assert "said twice" in done.stderr or "no count and no mark" in done.stderr
    Path("figures.json").write_text('{"ana": 1, "ben": "empty", "null": 0}', encoding="utf-8")
    issued(make)
    assert "said twice" in issued(f"{make} --figure ana=1", code=2).stderr


def test_stations_that_no_sheet_could_name_get_no_keys(run):
    issue = "keys issue election --into st --signer board.key --no-passphrase --stations odd.txt"
    for odd in ("A\tB", "a" * 65, "N\u20281", "N.1\nN.1"):
        Path("odd.txt").write_text(f"N.2\n{odd}\n", encoding="utf-8")
        run(issue, code=2)
    Path("odd.txt").write_text("N.2\n", encoding="utf-8")
    run(f"{issue} --from 2024-07-02 --until 2024-07-01", code=2)
    assert not Path("st").exists()


def test_a_list_is_not_continued_for_another_election_or_other_sheets(issued):
    issue = "keys issue {} --into st --stations stations.txt --signer board.key --no-passphrase --after st/list-1.keys"
    SmallElection(sources=(SmallSource(id="feed", rows=ROWS),), figures=("null", "blank")).write(Path("changed"))
    text = Path("election/election.toml").read_text(encoding="utf-8")
    Path("other").mkdir()
    Path("other/election.toml").write_text(text.replace('id = "small"', 'id = "other"'), encoding="utf-8")
    for definition in ("changed", "other"):
        assert "other sheets" in issued(issue.format(definition), code=2).stderr
    assert not Path("st/list-2.keys").exists()


def test_the_second_key_of_a_station_never_lies_where_the_key_of_another_does(issued):
    issued("keys revoke st/list-1.keys --station N.1 --reason lost --signer board.key")
    Path("more.txt").write_text("N.1\nN.1.2\n", encoding="utf-8")
    Path("election/election.toml").write_text(
        Path("election/election.toml").read_text(encoding="utf-8").replace('separator = "."', 'separator = "/"'),
        encoding="utf-8",
    )
    issue = "keys issue election --into st --stations more.txt --signer board.key --no-passphrase"
    assert "would be one file" in issued(f"{issue} --after st/list-2.keys", code=2).stderr


def test_what_is_no_good_seal_ends_with_one(issued):
    text = made(issued)
    changed = text[:-1] + ("0" if text[-1] != "0" else "1")
    Path("seals.txt").write_text(f"{text}\n{changed}\nhello\n", encoding="utf-8")
    done = issued(f"seal check seals.txt esc1:x {CHECK}", code=1)
    assert "seals.txt, line 3: no seal" in done.stdout
    assert "1 of 4 valid" in done.stdout
    told = json.loads(issued(f"seal check seals.txt {CHECK} --json", code=1).stdout)
    assert [each["status"] for each in told["seals"]][1:] in (["invalid", "no-seal"], ["no-seal", "no-seal"])


REVOKE = "keys revoke st/list-1.keys --station N.1 --signer board.key --reason"


@pytest.mark.parametrize(
    ("command", "what"),
    [
        (f"seal check nothing.txt {CHECK}", "no such file"),
        (f"seal check stations.txt --keys stations.txt {CHECK.partition(' ')[2].partition(' ')[2]}", "no list"),
        ("seal check empty.txt " + CHECK, "there is no text"),
        ("seal check stations.txt --keys st/list-1.keys --trust other.key", "not signed|no known key"),
        (f"seal make election --station N.1 --key st/S/S.1.key {FIGURES}", "not the key of the station"),
        (f"seal make election --station N.1 --key st/N/N.1.key {FIGURES} --figure eva=1", "no such figure"),
        (f"seal make election --station N.1 --key st/N/N.1.key {FIGURES} --figure ana=-1", "no count and no mark"),
        (f"seal make election --station N.1 --key st/N/N.1.key {FIGURES} --figure ana=", "no count and no mark"),
        (f"seal make election --station N.1 --key st/N/N.1.key {FIGURES} --for nobody", "nobody of that name"),
        ("seal make election --station N.1 --key st/N/N.1.key --figure ana=1", "figures cannot be sealed"),
        ("keys issue election --into st --stations stations.txt --signer board.key --no-passphrase", "such a list"),
        ("keys issue election --into st2 --stations stations.txt --signer board.key --cards-only", "no card"),
        ("keys revoke st/list-1.keys --station X --reason lost --signer board.key", "no such key"),
        ("keys revoke st/list-1.keys --station N.1 --reason lost --signer other.key", "no known key"),
        ("keys list st/list-1.keys --station X", "no key of this station"),
        ("keys revoke st/list-2.keys --station S.1 --reason lost --signer board.key", "revoked already"),
        (f"{REVOKE} lost --at 2099-01-01T00:00:00Z", "too far ahead"),
        (f"{REVOKE} stolen --at 2099-01-01", "too far ahead"),
        (f"{REVOKE} replaced --at 2099-01-01", "too far ahead"),
        ("keys check st/list-1.keys --trust other.key", "no known key"),
    ],
)
def test_what_cannot_be_used_ends_with_two_and_a_reason(issued, command, what):
    issued("key new other.key --name other.example/keys --no-passphrase")
    Path("empty.txt").write_text("\n\n", encoding="utf-8")
    issued("keys revoke st/list-1.keys --station S.1 --reason lost --signer board.key")
    done = issued(command, code=2)
    assert any(each in done.stderr for each in what.split("|")), done.stderr
    assert "Traceback" not in done.output


def test_a_revoked_key_is_refused_and_a_new_one_has_its_own_file_and_passphrase(run):
    issue = "keys issue election --into st --stations stations.txt --signer board.key --letters letters.csv"
    run(f"{issue} --from 2024-07-01")
    letters = {row["key file"]: row["passphrase"] for row in rows()}
    assert stat.S_IMODE(Path("letters.csv").stat().st_mode) == 0o600
    assert stat.S_IMODE(Path("st/N/N.1.key").stat().st_mode) == 0o600
    assert b"ENCRYPTED" in Path("st/N/N.1.key").read_bytes()
    make = f"seal make election --station N.1 {FIGURES} --passphrase env:LETTER"
    text = run(f"{make} --key st/N/N.1.key", env={"LETTER": letters["N.1.key"]}).stdout.strip()
    run(f"seal check {shlex.quote(text)} {CHECK}")
    revoked = "keys revoke st/list-1.keys --station N.1 --reason stolen --signer board.key"
    run(f"{revoked} --at 2024-07-28T22:00:00Z")
    second = CHECK.replace("list-1", "list-2")
    assert "revoked (stolen)" in run(f"seal check {shlex.quote(text)} {second}", code=1).stdout
    run(f"{issue} --from 2024-07-01 --after st/list-2.keys")
    again = {row["key file"]: row["passphrase"] for row in rows()}
    assert set(again) - set(letters) == {"N.1.2.key"}
    assert again["N.1.2.key"] != letters["N.1.key"]
    third = CHECK.replace("list-1", "list-3")
    new = run(f"{make} --key st/N/N.1.2.key", env={"LETTER": again["N.1.2.key"]}).stdout.strip()
    run(f"seal check {shlex.quote(new)} {third}")
    run("keys check st/list-3.keys --trust board.key.vkey --after st/list-1.keys")
    back = run("keys check st/list-1.keys --trust board.key.vkey --after st/list-2.keys", code=1)
    assert "no later one" in back.stdout


def rows():
    with Path("letters.csv").open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def test_a_stolen_key_leaves_earlier_seals_undecided_until_something_else_shows_their_time(issued):
    text = shlex.quote(made(issued))
    issued("keys revoke st/list-1.keys --station N.1 --reason stolen --at 2024-07-29 --signer board.key")
    second = CHECK.replace("list-1", "list-2")
    assert "undecided" in issued(f"seal check {text} {second}", code=1).stdout
    issued(f"seal check {text} {second} --seen 2024-07-28T23:00:00Z")
    assert "undecided" in issued(f"seal check {text} {second} --seen 2024-07-29", code=1).stdout


def test_issuing_goes_on_where_it_was_stopped(run):
    run("keys issue election --into st --stations stations.txt --signer board.key --no-passphrase")
    kept = Path("st/N/N.1.key").read_bytes()
    Path("st/list-1.keys").unlink()
    Path("st/N/N.2.key.vkey").unlink()  # it was stopped between the key and its card
    command = "keys issue election --into st --stations stations.txt --signer board.key --no-passphrase --json"
    told = json.loads(run(command).stdout)
    assert (told["keys"], told["made"]) == (3, 1)
    assert Path("st/N/N.1.key").read_bytes() == kept
    assert Path("st/N/N.2.key.without-card").exists()
    run("keys check st/list-1.keys --trust board.key.vkey")
    for station in STATIONS:
        made(run, station)  # raises where a key is not the one on its card


def test_a_key_that_was_made_at_the_station_is_listed_by_its_card(run):
    for station in STATIONS:
        Path("st", station[0]).mkdir(parents=True, exist_ok=True)
        run(f"key new {station}.key --name {ELECTION}/{station} --no-passphrase")
        shutil.copy(f"{station}.key.vkey", Path("st", station[0]))
    run("keys issue election --into st --stations stations.txt --signer board.key --cards-only --from 2024-07-01")
    text = run(f"seal make election --station N.1 --key N.1.key {FIGURES}").stdout.strip()
    run(f"seal check {shlex.quote(text)} {CHECK}")
    assert not list(Path("st").rglob("*.key"))


def test_a_card_of_another_station_is_refused(run):
    Path("st/N").mkdir(parents=True)
    run(f"key new st/N/N.1.key --name {ELECTION}/N.2 --no-passphrase")
    command = "keys issue election --into st --stations stations.txt --signer board.key --no-passphrase"
    assert "another key than this station" in run(command, code=2).stderr
    assert not Path("st/list-1.keys").exists()


def test_the_page_bears_the_title_of_the_election_beside_its_id(issued):
    definition = Path("election/election.toml")
    plain = definition.read_text(encoding="utf-8")
    named = re.sub(r"(?m)^name = .*$", 'name = { en = "Head of state", es = "Jefatura" }', plain, count=1)
    definition.write_text(named, encoding="utf-8")
    issued(f"seal page {CHECK} --out page.html --election election --language es")
    page = Path("page.html").read_text(encoding="utf-8")
    assert f'data-say="election.name">Jefatura</span> <code>{ELECTION}</code>' in page
    assert '"election.name":"Head of state"' in page
    definition.write_text(named.replace(f'id = "{ELECTION}"', 'id = "another"', 1), encoding="utf-8")
    refused = issued(f"seal page {CHECK} --out other.html --election election", code=2)
    assert "of another election" in refused.stderr
    assert not Path("other.html").exists()
    issued(f"seal page {CHECK} --out plain.html")
    assert f'<p class="kicker">{ELECTION}</p>' in Path("plain.html").read_text(encoding="utf-8")


def test_the_page_and_the_code_are_written_once(issued):
    made(issued, more="--qr code.svg")
    assert Path("code.svg").read_text(encoding="utf-8").startswith("<svg")
    issued(f"seal page {CHECK} --out page.html --language nl")
    assert '<html lang="nl">' in Path("page.html").read_text(encoding="utf-8")
    assert "there is a file of that name already" in issued(f"seal page {CHECK} --out page.html", code=2).stderr


def test_every_key_of_a_list_is_shown(issued):
    told = json.loads(issued("keys list st/list-1.keys --trust board.key.vkey --json").stdout)
    assert [row["station"] for row in told["stations"]] == ["N.1", "N.2", "S.1"]
    assert "Nobody's signature was verified" in issued("keys list st/list-1.keys").stdout


def test_a_list_goes_into_the_log_by_its_signed_head(issued):
    issued("log init home --origin example.org/2031 --no-passphrase")
    told = json.loads(issued("keys publish st/list-1.keys --trust board.key.vkey --log home --json").stdout)
    assert told == {"list": "st/list-1.keys", "index": 0, "is_met": True}
    raw = log_entry_of(Path("st/list-1.keys"), ())
    kind, said = kind_of(raw)
    assert (kind, is_in_form(raw, kind, said)) == ("sealing-keys", True)
    assert Path("st/list-1.keys").read_text(encoding="utf-8").startswith(said["note"])
    issued("key new other.key --name other.example/keys --no-passphrase")
    assert "no known key" in issued("keys publish st/list-1.keys --trust other.key --log home", code=2).stderr
