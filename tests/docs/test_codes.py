"""The pages of the codes say what the words and the catalogue say."""

import tomllib

import pytest
from docs import make_codes

from escruta.base.words import codes, languages
from escruta.election.definition import CheckRule


def test_writing_the_pages_again_changes_nothing():
    made = make_codes.pages()
    assert {path: path.read_text(encoding="utf-8") for path in made} == made


def test_no_page_is_left_over():
    assert set(make_codes.FOLDER.iterdir()) == set(make_codes.pages())


def test_every_group_of_codes_has_a_page():
    assert {make_codes.group_of(code) for code in codes()} == set(make_codes.GROUPS)


@pytest.mark.parametrize("code", codes())
def test_every_code_has_its_spot_in_every_language(code):
    page = make_codes.pages()[make_codes.FOLDER / f"{make_codes.group_of(code)}.md"]
    spot = code.casefold().replace(".", "-").replace("_", "-")
    spots = [spot if language == "en" else f"{spot}-{language}" for language in languages()]
    assert {each for each in spots if page.count(f"({each})=\n") != 1} == set()


def test_what_the_pages_say_to_write_is_a_rule_of_a_definition():
    for text in make_codes.pages().values():
        for block in text.split("  ```toml\n")[1:]:
            rules = tomllib.loads(block.split("  ```\n")[0])["checks"]
            for rule in rules.values():
                CheckRule.model_validate(rule, strict=False)
