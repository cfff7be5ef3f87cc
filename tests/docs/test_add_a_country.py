"""The walk of docs/how-to/add-a-country.md is walked: its commands run, and its corrections are valid."""

import contextlib
import json
import re
import shlex

import pytest
from click.testing import CliRunner
from tests.unit.apps.init.andes import STATIONS, write_files

from escruta.apps.cli import main
from escruta.election.reading import read_election

PAGE = "docs/how-to/add-a-country.md"
NAMES = ("count_2025-05-04_1940.csv", "count_2025-05-04_2300.xlsx", "count_2025-05-06.xlsx")


@pytest.fixture(scope="module")
def page(repository):
    return (repository / PAGE).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def walked(page, tmp_path_factory):
    """A folder in which every command of the page was run, in order, with the corrections made in between."""
    folder = tmp_path_factory.mktemp("walk")
    (folder / "files").mkdir()
    write_files(folder / "files", NAMES)
    for command in re.findall(r"^\$ escruta (.*)$", page, re.MULTILINE):
        done = run(command, folder)
        assert done.exit_code == 0, f"escruta {command}\n{done.output}"
        if command.startswith("init"):
            correct(folder / "my-country" / "election.toml", page)
    return folder


def run(command, folder):
    with contextlib.chdir(folder):
        return CliRunner().invoke(main, shlex.split(command))


def correct(file, page):
    """Write the page's corrections in place of the lines that are there."""
    block = re.search(r"```toml\n(.*?)```", page, re.DOTALL)
    assert block is not None
    head, _, origin = block[1].partition("\n[[origins]]\n")
    text = file.read_text(encoding="utf-8")
    for line in (*head.splitlines(), *origin.splitlines()):
        start = text.index("[[origins]]") if line in origin else 0
        old = re.compile(rf"^{line.partition(' =')[0]} = .*$", re.MULTILINE).search(text, start)
        assert old is not None, line
        text = text[: old.start()] + line + text[old.end() :]
    file.write_text(text, encoding="utf-8")


def test_page_names_the_files_of_the_walk(page):
    assert all(page.count(name) >= 2 for name in NAMES)


def test_corrected_definition_says_what_the_page_says(walked):
    election = read_election(walked / "my-country")
    assert election.time_zone == "America/La_Paz"
    assert election.languages == ("es", "en", "nl")
    assert election.origins[0].owner == "authority"


def test_walk_ends_with_a_result_of_every_station(walked):
    summary = json.loads((walked / "result" / "summary.json").read_text(encoding="utf-8"))
    assert [contest["coverage"]["stations"]["counted"] for contest in summary["contests"]] == [STATIONS, STATIONS]
    assert (walked / "result" / "site" / "index.html").is_file()


def test_init_never_writes_over_a_definition(walked):
    before = (walked / "my-country" / "election.toml").read_bytes()
    done = run(f"init files/{NAMES[0]} --out my-country", walked)
    assert done.exit_code == 2
    assert (walked / "my-country" / "election.toml").read_bytes() == before
