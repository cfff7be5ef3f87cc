"""The glossary has every word that stands in the files, and says the same as the words of the codes."""

import re
from pathlib import Path

import pytest

from escruta.base.words import code_words
from escruta.collation.verdicts import Verdict
from escruta.election.definition import Act, Method, Severity, SourceKind
from escruta.portal.words import load_words
from escruta.sheets.checks import COULD_NOT_CHECK, FAILED, PASSED
from escruta.sheets.figures import Mark
from escruta.tally.totals import STEPS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "glossary.md"
ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split("|"))
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if re.match(r"\| (?!English)[^-]", line)
]
TERMS = {row[0].strip("`") for row in ROWS}


@pytest.mark.parametrize("words", [Verdict, Mark, Act, Method, SourceKind, Severity], ids=lambda enum: enum.__name__)
def test_every_term_of_an_enum_is_explained(words):
    assert {each.value for each in words} <= TERMS


def test_every_step_and_outcome_is_explained():
    assert {*STEPS, PASSED, FAILED, COULD_NOT_CHECK} <= TERMS


EVIDENCE = """
contest, candidate, ballot option, area, centre, polling station, registered voters, tally sheet, source, copy, origin,
independent, adverse, reading, act, supersede, figure, unread, not on the sheet, lower bound, check, finding, verdict,
coverage, policy, announcement, bulletin, totalisation, outcome, record
"""


@pytest.mark.parametrize("term", [term.strip() for term in EVIDENCE.split(",")])
def test_every_term_of_the_evidence_is_explained(term):
    assert term in TERMS


def test_every_term_is_said_in_three_languages_and_explained():
    assert len(ROWS) > len(TERMS) / 2
    for row in ROWS:
        assert len(row) == 4, row
        assert all(row), row


@pytest.mark.parametrize(
    ("group", "names"),
    [("verdict", Verdict), ("act", Act), ("method", Method), ("kind", SourceKind), ("step", STEPS)],
    ids=["verdict", "act", "method", "kind", "step"],
)
@pytest.mark.parametrize(("language", "column"), [("es", 1), ("nl", 2)], ids=["es", "nl"])
def test_the_pages_and_the_glossary_use_the_same_words(group, names, language, column):
    words = load_words(language)
    said = {(row[0].strip("`"), row[column].casefold()) for row in ROWS}
    for name in names:
        if words.has(f"{group}.{name}"):
            assert (str(name), str(words(f"{group}.{name}")).casefold()) in said


def test_the_glossary_and_the_codes_say_the_same_in_spanish_and_dutch():
    said = {(row[0], row[1], row[2]) for row in ROWS}
    names = [("verdict", each.value) for each in Verdict] + [("step", step) for step in STEPS]
    for group, name in names:
        titles = [code_words(f"{group}.{name}", language).title for language in ("es", "nl")]
        assert (f"`{name}`", *titles) in said
