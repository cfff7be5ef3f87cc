"""A board's evening, by commands: draft, sign apart, dissent, publish, and the candidates' acceptance before it."""

import json
import shlex
import shutil

import pytest
from click.testing import CliRunner
from tests.docs.small_election import write_small_election

from escruta.apps import api
from escruta.apps.board import check_bulletins, read_board
from escruta.apps.cli import main
from escruta.apps.operator import open_home
from escruta.tlog.checkpoints import checkpoint_of
from escruta.tlog.reading import LogFolder, TreeReader, read_checkpoint, read_entries

NAMES = ("rector-1", "rector-2", "rector-3", "rector-4", "rector-5")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A folder with a home of a log, a record that carries this log, five keys, and the board."""
    folder = tmp_path_factory.mktemp("evening")
    (folder / "small").mkdir()
    record = api.run(write_small_election(folder / "small"), folder / "record", with_pages=False).out
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        commands = ["log init home --origin example.org/2026 --no-passphrase"]
        commands += [f"key new {name}.key --name {name}.example --no-passphrase" for name in NAMES]
        for command in commands:
            done = CliRunner().invoke(main, shlex.split(command))
            assert done.exit_code == 0, done.output
    cards = {name: (folder / f"{name}.key.vkey").read_text(encoding="utf-8").split("\n")[0] for name in NAMES}
    lines = [f"witness {name} {card}" for name, card in cards.items()]
    board = "\n".join([*lines, f"group board 3 {' '.join(NAMES)}", "quorum board", ""])
    (folder / "board.policy").write_text(board, encoding="utf-8")
    size = checkpoint_of(read_checkpoint(LogFolder(record / "log"))).head.size
    with open_home(folder / "home") as home:
        log = home.open_log()
        log.append(list(read_entries(LogFolder(record / "log"), size)))
        home.publish(log)
        shutil.rmtree(record / "log")
        shutil.copytree(home.log_folder, record / "log")
        shutil.copy(folder / "home" / "log.policy", record / "log.policy")
    return folder


@pytest.fixture
def run(prepared, tmp_path, monkeypatch):
    shutil.copytree(prepared, tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    return lambda command, **more: CliRunner().invoke(main, shlex.split(command), **more)


@pytest.fixture
def here(tmp_path):
    return tmp_path / "here"


def sign(run, name, file="b.txt", more=""):
    done = run(f"bulletin sign {file} --key {name}.key --record record --yes {more}")
    assert done.exit_code == 0, done.output
    return done


def test_a_board_signs_dissents_and_publishes(run, here):
    drafted = run("bulletin draft record --number 1 --time 2025-05-04T23:00:00Z --out b.txt")
    assert drafted.exit_code == 0, drafted.output
    assert "votes ana" in drafted.stdout
    for name in NAMES[:2]:
        assert "This is what you sign" in sign(run, name).stdout
    shutil.copy(here / "b.txt", here / "apart.txt")
    sign(run, NAMES[2], "apart.txt")
    (here / "why.txt").write_text("The figures of the North.\n\x9b2JI do not sign.\n", encoding="utf-8")
    dissent = sign(run, NAMES[3], more="--dissent why.txt")
    assert "\x9b" not in dissent.stdout  # a terminal would obey it
    shown = run("bulletin show b.txt apart.txt --board board.policy --record record")
    assert shown.exit_code == 0
    assert "3 of 5 members signed; 1 dissents: rector-4; 1 has not signed: rector-5" in shown.stdout
    assert run("bulletin show b.txt --board board.policy").exit_code == 1
    published = run("bulletin publish b.txt apart.txt --board board.policy --record record --log home --json")
    assert published.exit_code == 0, published.output
    folder = LogFolder(here / "home" / "log")
    head = checkpoint_of(read_checkpoint(folder)).head
    assert json.loads(published.stdout)["indexes"] == [head.size - 2, head.size - 1]
    report = check_bulletins(
        enumerate(read_entries(folder, head.size)),
        origin="example.org/2026",
        root_at=TreeReader(folder, head).root_at,
        board=read_board(here / "board.policy"),
    )
    assert report.faults == []
    assert str(report.bulletins[0].standing) == (
        "3 of 5 members signed; 1 dissents: rector-4; 1 has not signed: rector-5"
    )


def test_too_few_signatures_are_not_published_unless_it_is_said(run, here):
    run("bulletin draft record --out b.txt")
    sign(run, NAMES[0])
    before = (here / "home" / "log" / "checkpoint").read_bytes()
    refused = run("bulletin publish b.txt --board board.policy --record record --log home")
    assert refused.exit_code == 2
    assert "too few members have signed" in refused.stderr
    assert (here / "home" / "log" / "checkpoint").read_bytes() == before
    said = run("bulletin publish b.txt --board board.policy --record record --log home --without-quorum")
    assert said.exit_code == 1
    assert "NOT met" in said.stdout
    again = run("bulletin publish b.txt --board board.policy --record record --log home --without-quorum --json")
    assert json.loads(again.stdout)["indexes"] == [json.loads(again.stdout)["size"]]  # the same entry, the same index


def test_a_bulletin_with_another_figure_is_neither_signed_nor_published(run, here):
    run("bulletin draft record --out b.txt")
    text = (here / "b.txt").read_text(encoding="utf-8").replace("votes ana ", "votes ana 1")
    (here / "b.txt").write_text(text, encoding="utf-8")
    refused = run("bulletin sign b.txt --key rector-1.key --record record --yes")
    assert refused.exit_code == 2
    assert "found: votes ana 1" in refused.stderr
    assert (here / "b.txt").read_text(encoding="utf-8") == text
    for name in NAMES[:3]:
        assert run(f"bulletin sign b.txt --key {name}.key --yes").exit_code == 0  # they did not compare
    assert run("bulletin publish b.txt --board board.policy --record record --log home").exit_code == 2


def test_nobody_signs_without_being_asked(run, here, monkeypatch):
    run("bulletin draft record --out b.txt")
    before = (here / "b.txt").read_bytes()
    assert "say --yes" in run("bulletin sign b.txt --key rector-1.key").stderr
    monkeypatch.setattr("escruta.apps.cli.bulletins.has_terminal", lambda: True)
    refused = run("bulletin sign b.txt --key rector-1.key", input="n\n")
    assert refused.exit_code == 2
    assert "not signed" in refused.stderr
    assert (here / "b.txt").read_bytes() == before
    assert run("bulletin sign b.txt --key rector-1.key", input="y\n").exit_code == 0
    twice = sign(run, NAMES[0])
    assert "had signed already" in twice.stdout


def test_a_sealed_record_gives_a_bulletin_that_belongs_to_no_log(run, here):
    shutil.rmtree(here / "record")
    api.run(here / "small", here / "record", with_pages=False)
    drafted = run("bulletin draft record --out b.txt")
    assert "anybody can derive its key" in drafted.stdout
    for name in NAMES[:3]:
        sign(run, name)
    refused = run("bulletin publish b.txt --board board.policy --record record --log home")
    assert refused.exit_code == 2
    assert "another log" in refused.stderr


@pytest.mark.parametrize(
    ("command", "what"),
    [
        ("bulletin draft small --out b.txt", "lacks a file"),
        ("bulletin draft record --contest governor --out b.txt", "no such contest"),
        ("bulletin draft record --out board.policy", "a file of that name already"),
        ("bulletin sign board.policy --key rector-1.key --yes", "this is no bulletin"),
        ("bulletin show small/election.toml", "this is no bulletin"),
        ("bulletin publish board.policy --board board.policy --record record --log home", "this is no bulletin"),
        ("accept board.policy --election record/summary.json", "no definition of an election"),
    ],
)
def test_what_cannot_be_done_is_told(run, command, what):
    done = run(command)
    assert done.exit_code == 2, done.output
    assert what in done.stderr
    assert "Traceback" not in done.output


def test_candidates_accept_the_pact_and_the_definition(run, here):
    (here / "pact.txt").write_text("We accept what the log shows.\n", encoding="utf-8")
    first = run("accept pact.txt --election small --key rector-1.key --yes --definition def.json")
    assert first.exit_code == 0, first.output
    assert (here / "def.json").read_bytes() == (here / "record" / "election.json").read_bytes()
    again = run("accept pact.txt --election small --key rector-1.key --yes --definition def.json")
    assert again.exit_code == 0, again.output
    unsaid = run("accept pact.txt --election small --key rector-2.key --definition other.json")
    assert unsaid.exit_code == 2
    assert not (here / "other.json").exists()
    shown = run("accept pact.txt --election small --candidates board.policy")
    assert shown.exit_code == 1
    assert "1 of 5 verified; not yet: rector-2, rector-3, rector-4, rector-5" in shown.stdout
    for name in NAMES[1:]:
        assert run(f"accept pact.txt --election record --key {name}.key --yes").exit_code == 0
    published = run("accept pact.txt --election small --candidates board.policy --publish home --json")
    assert published.exit_code == 0, published.output
    assert len(json.loads(published.stdout)["indexes"]) == 1
    (here / "pact.txt").write_text("We accept nothing.\n", encoding="utf-8")
    changed = run("accept pact.txt --election small --key rector-1.key --yes")
    assert changed.exit_code == 2
    assert "the pact is not the one that was signed" in changed.stderr
