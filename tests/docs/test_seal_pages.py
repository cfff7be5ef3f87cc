"""The pages on sealed sheets: their commands are there, and their example, tables and numbers are those of the code."""

import json
import re
import shlex
from pathlib import Path

import click
import pytest
from tests.unit.sheets.seal.seal_vectors import VECTORS, key_list

from escruta.apps.cli import main
from escruta.sheets.seal import RevocationReason, SealReason, SealStatus, check_seal, read_seal

DOCS = Path(__file__).resolve().parents[2] / "docs"
SPEC = (DOCS / "reference" / "sealed-sheets.md").read_text(encoding="utf-8")
HOW_TO = (DOCS / "how-to" / "seal-a-sheet.md").read_text(encoding="utf-8")
COMMANDS = sorted({line[2:] for line in HOW_TO.splitlines() if line.startswith("$ escruta ")})


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_on_the_page_is_one_that_we_have(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in ("home", "my-election", "sealing-keys"):
        Path(folder).mkdir()
    files = ("list-1.keys", "list-2.keys", "list-3.keys", "figures.json")
    for name in (*files, *(f"sealing-keys/{name}" for name in files)):
        Path(name).touch()
    command: click.Command = main
    words = shlex.split(line)[1:]
    while isinstance(command, click.Group):
        command = command.commands[words.pop(0)]
    command.make_context(line, words, resilient_parsing=False)


def test_the_example_is_the_vector():
    block = re.search(r"^```text\nmap(.*?)^```$", SPEC, re.MULTILINE | re.DOTALL)
    assert block is not None
    said = dict(re.findall(r"^(\w+) {2,}(\S(?:.|\n {2,})*)", f"map{block[1]}", re.MULTILINE))
    plain = VECTORS["good"]["plain"]
    names = {"map": "payload", "protected": "protected", "Sig_structure": "sig_structure", "signature": "signature"}
    for name, key in (*names.items(), ("text", "text")):
        assert re.sub(r"\n +", "", said[name]).strip() == plain[key], name
    assert check_seal(read_seal(plain["text"]), key_list()).status is SealStatus.VALID


def test_the_page_counts_the_vectors():
    assert f"{len(VECTORS['good'])} seals" in SPEC
    assert f"{len(VECTORS['bad'])} texts that MUST be refused" in SPEC
    assert json.dumps(sorted({bad["refused"] for bad in VECTORS["bad"]})) == '["cbor", "cose", "letters", "sheet"]'


@pytest.mark.parametrize("word", sorted({*SealStatus, *SealReason, *RevocationReason}))
def test_every_word_of_a_finding_is_explained(word):
    assert f"`{word}`" in SPEC


@pytest.mark.parametrize(
    "row", re.findall(r"^\| (\d+) \| [^|]+ \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", SPEC, re.MULTILINE)
)
def test_the_table_of_sizes_holds_together(row):
    _, sheet, whole, letters, version, side = map(int, row)
    assert whole == sheet + 85 + (sheet > 255)
    assert letters == len("ESC1:") + whole // 2 * 3 + whole % 2 * 2
    assert side == round((17 + 4 * version) * 5 * 25.4 / 203)
