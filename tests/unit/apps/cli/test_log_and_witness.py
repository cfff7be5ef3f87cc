"""`escruta log` and `escruta witness`, as a person types them: from nothing to a log that two parties cosign."""

import json
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
from click.testing import CliRunner
from tests.unit.apps.serving import get

from escruta.apps.cli import main
from escruta.apps.operator import open_home

ORIGIN = "example.org/2026"


@pytest.fixture
def escruta(tmp_path, monkeypatch):
    """Runs a command in an empty folder; gives what it said."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments, code=0):
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == code, result.output + result.stderr
        return json.loads(result.stdout) if "--json" in arguments else result.output

    return run


@contextmanager
def serving(folder):
    """Serve a log witness in a process of its own, as a person does; stop it by the signal that systemd sends."""
    command = [sys.executable, "-m", "escruta.apps.cli", "witness", "serve", str(folder), "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603 - ours
        try:
            said = ""
            while not said.endswith("}\n"):
                line = process.stdout.readline()
                assert line, process.stderr.read()
                said += line
            yield json.loads(said)
        finally:
            process.send_signal(signal.SIGTERM)
            _, told = process.communicate(timeout=60)
    assert process.returncode == 0
    assert told.endswith("stopped\n")


def make_witness(escruta, name):
    return escruta("witness", "init", name, "--name", f"{name}.example/w", "--no-passphrase", "--json")["keys"][0]


def test_from_nothing_to_a_log_that_two_parties_cosign(escruta, tmp_path):
    keys = {name: make_witness(escruta, name) for name in ("red", "blue")}
    with serving(tmp_path / "red") as red, serving(tmp_path / "blue") as blue:
        lines = [f"{name} {keys[name]} {each['url']}" for name, each in (("red", red), ("blue", blue))]
        given = [word for line in lines for word in ("--witness", line)]
        said = escruta("log", "init", "home", "--origin", ORIGIN, "--no-passphrase", *given)
        assert "Its policy asks for red and blue to cosign" in said
        assert "not witnessed" in escruta("log", "publish", "home", code=1)
        assert "2 new keys" in escruta("witness", "trust", "red", "home/log.policy")
        assert "1 of 2 log witnesses cosigned" in escruta("log", "publish", "home", code=1)
        escruta("witness", "trust", "blue", "home/log.policy", "--json")
        with open_home(tmp_path / "home") as home:
            home.open_log().append([b"a", b"b"])
        assert "2 further entries wait" in escruta("log", "status", "home")
        published = escruta("log", "publish", "home", "--json")
        assert (published["size"], published["witnessed"], len(published["cosigned"])) == (2, True, 2)
        assert ORIGIN in get(red["url"]).text
    status = escruta("witness", "status", "red", "--json")
    assert [(log["origin"], log["size"], log["has_forked"]) for log in status["logs"]] == [(ORIGIN, 2, False)]
    assert "2 entries" in escruta("witness", "status", "blue")
    status = escruta("log", "status", "home", "--json")
    assert (status["taken"], status["published"]["quorum_met"], status["evidence"]) == (2, True, [])
    said = escruta("log", "publish", "home")
    assert "red: unreachable" in said
    assert "and is met" in said  # the lines of before still stand below this checkpoint


def test_a_fork_is_named_by_status_and_ends_with_1(escruta, tmp_path):
    key = make_witness(escruta, "red")
    with serving(tmp_path / "red") as red:
        escruta("log", "init", "home", "--origin", ORIGIN, "--no-passphrase", "--witness", f"red {key} {red['url']}")
        escruta("witness", "trust", "red", "home/log.policy")
        shutil.copytree(tmp_path / "home", tmp_path / "other")
        for name in ("home", "other"):
            with open_home(tmp_path / name) as home:
                home.sequencer.append([name.encode()])
        escruta("log", "publish", "home")
        told = escruta("log", "publish", "other", code=2)
        assert "red has seen 1 entries, and we have recorded 0" in told
    said = escruta("log", "status", "other", code=1)
    assert "evidence, signed by this log: red has seen 1 entries" in said
    status = escruta("log", "status", "other", "--json", code=1)
    assert [each["is_signed"] for each in status["evidence"]] == [True]


def test_keys_rotate_and_a_lost_database_comes_back(escruta, tmp_path):
    escruta("log", "init", "home", "--origin", ORIGIN, "--no-passphrase", "--json")
    escruta("key", "new", "home/keys/next.key", "--name", ORIGIN, "--no-passphrase")
    with open_home(tmp_path / "home") as home:
        old = home.keys[0].key_id.hex()
    assert "signs now, beside the others" in escruta("log", "rotate", "home", "--key", "home/keys/next.key")
    assert escruta("log", "rotate", "home", "--retire", old, "--json")["said"] == "signs no more"
    with open_home(tmp_path / "home") as home:
        log = home.open_log()
        log.append([b"a"])
        home.publish(log)
    (tmp_path / "home/log").rename(tmp_path / "mirror")
    for path in (tmp_path / "home").glob("log.sqlite*"):
        path.unlink()
    assert "we have recorded 0" in escruta("log", "publish", "home", code=2)
    assert "1 entries are recorded" in escruta("log", "restore", "home", "--from", "mirror")
    assert "1 entries of" in escruta("log", "publish", "home")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["log", "init", "home", "--origin", "a b", "--no-passphrase"], "cannot be the name of a key"),
        (["log", "init", "home", "--origin", "a", "--no-passphrase", "--witness", "red"], "too few or too many words"),
        (["log", "init", "home", "--origin", "a", "--no-passphrase", "--witness", "red x y z"], "too few or too many"),
        (["log", "init", "home", "--origin", "a", "--no-passphrase", "--quorum", "2"], "Give --policy, or --witness"),
        (["log", "init", "home", "--origin", "a", "--key", "none.key"], "there is no card of this key"),
        (["log", "init", "home", "--origin", "a", "--policy", "log.policy", "--quorum", "2"], "does not exist"),
        (["log", "publish", "home"], "there is no log here"),
        (["log", "status", "home"], "there is no log here"),
        (["log", "rotate", "home"], "Give --key, or --retire"),
        (["log", "restore", "home", "--from", "nowhere"], "there is no log here"),
        (["witness", "init", "w"], "Give --name"),
        (["witness", "init", "w", "--name", "a b", "--no-passphrase"], "cannot be the name of a key"),
        (["witness", "trust", "w", "x"], "there is no log witness here"),
        (["witness", "serve", "w"], "there is no log witness here"),
        (["witness", "status", "w"], "there is no log witness here"),
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_nothing_behind(escruta, tmp_path, arguments, said):
    assert said in escruta(*arguments, code=2)
    assert not (tmp_path / "home").exists() or "none.key" in arguments
    assert not (tmp_path / "w").exists()


def test_a_log_witness_is_not_made_twice_and_never_without_its_state(escruta, tmp_path):
    make_witness(escruta, "red")
    assert "a log witness here already" in escruta("witness", "init", "red", "--name", "b", "--no-passphrase", code=2)
    (tmp_path / "red" / "state").rmdir()
    for command in ("serve", "status"):
        assert "a new log witness with a new name" in escruta("witness", command, "red", code=2)


def test_trusting_what_is_no_log_is_refused(escruta, tmp_path):
    key = make_witness(escruta, "red")
    other = make_witness(escruta, "blue")
    assert "signs no log" in escruta("witness", "trust", "red", other, code=2)
    assert "no file of this name is there" in escruta("witness", "trust", "red", "log.policy", code=2)
    (tmp_path / "empty.policy").write_text("quorum none\n")
    assert "names no log" in escruta("witness", "trust", "red", "empty.policy", code=2)
    name, key_id, rest = key.split("+", 2)
    false = f"{name}+{key_id[::-1]}+{rest}"
    assert "the id is not that of the key" in escruta("witness", "trust", "red", false, code=2)


def test_a_passphrase_is_asked_where_the_settings_say(escruta, monkeypatch):
    monkeypatch.setenv("WORD", "five words drawn by dice")
    escruta("log", "init", "home", "--origin", ORIGIN, "--passphrase", "env:WORD")
    escruta("log", "publish", "home")
    monkeypatch.setenv("WORD", "another five words drawn")
    assert "the passphrase does not open this key" in escruta("log", "publish", "home", code=2)
    monkeypatch.setenv("OTHER", "five words drawn by dice")
    escruta("log", "publish", "home", "--passphrase", "env:OTHER")
