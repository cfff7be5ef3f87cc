"""The pages on audits: their commands are ours, and they name every file, column and key that we write."""

import json
import re
import shlex
from pathlib import Path

import click
import pytest
from tests.unit.apps.audits.conftest import SEED, Steps, write_record

from escruta.apps.cli import main

DOCS = Path(__file__).resolve().parents[2] / "docs"
HOW_TO, WHY, REFERENCE = (DOCS / name for name in ("how-to/audit-the-paper.md", "why/audits.md", "reference/audit.md"))
COMMANDS = {
    line.removeprefix("$ escruta ")
    for line in HOW_TO.read_text(encoding="utf-8").splitlines()
    if line.startswith("$ escruta ")
}


@pytest.fixture(scope="module")
def audit(tmp_path_factory):
    folder = tmp_path_factory.mktemp("audit")
    steps = Steps(folder / "audit", write_record(folder / "record"))
    steps.plan()
    steps.seed(SEED)
    steps.draw()
    steps.enter()
    steps.judge()
    return steps.folder


@pytest.mark.parametrize("line", sorted(COMMANDS))
def test_a_command_on_the_page_is_one_that_we_have(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in ("my-audit", "republic/result"):
        Path(folder).mkdir(parents=True)
    for file in ("typed-1.csv", "typed-2.csv"):
        Path(file).touch()
    command: click.Command = main
    words = shlex.split(line)
    while isinstance(command, click.Group):
        command = command.commands[words.pop(0)]
    command.make_context(line, words)


@pytest.mark.parametrize("name", ["plan.json", "risk-1.json"])
def test_every_key_is_on_the_page(audit, name):
    text = REFERENCE.read_text(encoding="utf-8")
    for key in json.loads((audit / name).read_text(encoding="utf-8")).keys() - {"error_bound_unit"}:
        assert f"`{key}`" in text, key


def test_every_column_of_the_table_is_on_the_page(audit):
    head = (audit / "boxes.csv").read_text(encoding="utf-8").partition("\n")[0]
    text = REFERENCE.read_text(encoding="utf-8")
    for column in head.split(","):
        assert f"| `{re.sub('votes.*', 'votes.OPTION', column)}` |" in text, column


def test_every_file_is_on_the_page(audit):
    text = REFERENCE.read_text(encoding="utf-8")
    for path in audit.iterdir():
        assert f"`{re.sub('-1', '-N', path.name)}`" in text, path.name


def test_where_other_programs_differ_is_what_the_vectors_say():
    folder = DOCS.parent / "tests" / "vectors" / "audit"
    vectors = {each["id"]: each for each in json.loads((folder / "by_hand.json").read_text())["vectors"]}
    text = WHY.read_text(encoding="utf-8")
    assert vectors["wald_once"]["expected"] in text
    assert vectors["understatement"]["expected"] in text
    assert vectors["understatement"]["peer"] in text
