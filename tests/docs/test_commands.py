"""No command and no option is undocumented."""

import re

import click
import pytest
from docs import make_commands

PAGE = make_commands.PAGE.read_text(encoding="utf-8")
VERBS = {"demo", "init", "check", "compare", "tally", "outcome", "run", "pages"}


def test_writing_the_page_again_changes_nothing():
    assert make_commands.page() == PAGE


def test_every_verb_is_there():
    assert set(make_commands.commands()) >= VERBS


@pytest.mark.parametrize("name", make_commands.commands())
def test_a_command_says_what_it_does_shows_examples_and_explains_every_option(name):
    section = re.split(r"^## ", PAGE, flags=re.MULTILINE)
    text = next(part for part in section if part.startswith(f"`escruta {name}`"))
    assert f"$ escruta {name}" in text
    for option in make_commands.commands()[name].params:
        if isinstance(option, click.Option):
            assert option.help, option.opts
            assert re.search(rf"^\| `{option.opts[0]}[ ,`]", text, re.MULTILINE)


@pytest.mark.parametrize("name", make_commands.commands())
def test_every_command_can_print_json(name):
    assert any("--json" in option.opts for option in make_commands.commands()[name].params)
