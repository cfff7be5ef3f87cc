"""One election night from the first key to the last check, through the commands that people type.

Candidates accept the rules; sources arrive in two runs; log witnesses cosign; a board signs a bulletin, with a dissent;
a mirror audits; and somebody with nothing but the printed keys verifies the record.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.unit.apps.operator.conftest import line_of
from tests.unit.apps.witness.conftest import make_witness, run

from escruta.apps.cli import main
from escruta.testing import Row, SmallElection, SmallSource

ORIGIN = "night.example/2026"
FIRST: Row = {"station": "1", "ana": 30, "ben": 20}
SECOND: Row = {"station": "2", "ana": 5, "ben": 7}


def typed(*words: object, ends_with: int = 0) -> Result:
    """Type a command, and see that it ends as it should."""
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == ends_with, f"{words}\n{result.output}"
    return result


def write_election(folder: Path, rows: Sequence[Row]) -> Path:
    SmallElection(sources=(SmallSource(id="feed", rows=tuple(rows)),)).write(folder / "election")
    return folder / "election"


def new_key(folder: Path, name: str) -> str:
    """Make a key, and give its verifier key."""
    typed("key", "new", folder / f"{name}.key", "--name", f"{name}.example", "--no-passphrase")
    return (folder / f"{name}.key.vkey").read_text(encoding="utf-8").splitlines()[0]


def write_board(path: Path, members: dict[str, str], quorum: int) -> Path:
    lines = [f"witness {name} {key}" for name, key in members.items()]
    lines += [f"group majority {quorum} {' '.join(members)}", "quorum majority"]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture
def witnesses(tmp_path: Path) -> Iterator[list[Any]]:
    """Three log witnesses that run; none knows a log yet."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(run(make_witness(tmp_path / f"w{at}", f"w{at}.example", trusted=()))) for at in range(3)
        ]


@pytest.fixture
def home(tmp_path: Path, witnesses: list[Any]) -> Path:
    """The home of a log that three log witnesses know."""
    named = [word for each in witnesses for word in ("--witness", line_of(each))]
    typed("log", "init", tmp_path / "home", "--origin", ORIGIN, "--no-passphrase", *named)
    for each in witnesses:
        typed("witness", "trust", each.home.folder, tmp_path / "home" / "log.policy")
    return tmp_path / "home"


def test_an_election_night(home: Path, tmp_path: Path) -> None:
    printed = tmp_path / "printed"
    printed.mkdir()
    (printed / "log.policy").write_bytes((home / "log.policy").read_bytes())

    # before election day: the candidates accept the rules
    people = {name: new_key(tmp_path, name) for name in ("ana", "ben")}
    candidates = write_board(printed / "candidates", people, 2)
    election = write_election(tmp_path, [FIRST])
    (tmp_path / "pact.txt").write_text("We accept what these rules lead to.\n", encoding="utf-8")
    for name in people:
        typed("accept", tmp_path / "pact.txt", "--election", election, "--key", tmp_path / f"{name}.key", "--yes")
    pact = ("accept", tmp_path / "pact.txt", "--election", election)
    typed(*pact, "--candidates", candidates, "--publish", home)

    # the night: sheets arrive, the board signs
    record = tmp_path / "record"
    said = typed("run", election, "--out", record, "--log", home, "--language", "en").stdout
    assert "3 of 3 log witnesses cosigned" in said
    members = {f"rector-{at}": new_key(tmp_path, f"rector-{at}") for at in range(3)}
    board = write_board(printed / "board", members, 2)
    bulletin = tmp_path / "bulletin-1.txt"
    typed("bulletin", "draft", record, "--number", 1, "--out", bulletin)
    for at in range(2):
        typed("bulletin", "sign", bulletin, "--key", tmp_path / f"rector-{at}.key", "--record", record, "--yes")
    (tmp_path / "why-not.txt").write_text("I was not shown the sheets.\n", encoding="utf-8")
    dissent = ("--dissent", tmp_path / "why-not.txt")
    typed("bulletin", "sign", bulletin, "--key", tmp_path / "rector-2.key", *dissent, "--yes")
    said = typed("bulletin", "publish", bulletin, "--board", board, "--record", record, "--log", home).stdout
    assert "2 of 3 members signed; 1 dissents: rector-2" in said
    write_election(tmp_path, [FIRST, SECOND])
    typed("run", election, "--out", record, "--log", home, "--language", "en")

    # afterwards: somebody mirrors and verifies, with the printed keys
    mirror = ("mirror", record / "log", tmp_path / "mirror", "--policy", printed / "log.policy")
    typed(*mirror)
    keys = ("--policy", printed / "log.policy", "--board", board, "--candidates", candidates)
    report = json.loads(typed("verify", record, *keys, "--fresh", 600, "--json").stdout)
    assert report["is_sound"]
    assert report["log"]["quorum_met"]
    assert len(report["log"]["cosigned"]) == 3
    assert "bulletin 1 of president: 2 of 3 members signed; 1 dissents: rector-2" in report["checked"]
    assert any(line.startswith("acceptance of") and "ana, ben" in line for line in report["checked"])
    assert not {"split views", "whose keys these are", "who made this record"} & {
        each["subject"] for each in report["not_checked"]
    }
    typed("prove", record, "1", "--html", tmp_path / "proof.html", "--proof", tmp_path / "sheet.tlog-proof")
