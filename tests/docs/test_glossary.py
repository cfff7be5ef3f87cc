"""The glossary explains every word that stands in the files; five languages say it as pages, codes and sheets do."""

import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

import escruta
from escruta.base.words import code_words
from escruta.collation.verdicts import Verdict
from escruta.election.definition import Act, Method, Severity, SourceKind
from escruta.portal.words import load_words
from escruta.sheets.checks import COULD_NOT_CHECK, FAILED, PASSED
from escruta.sheets.figures import Mark
from escruta.tally.totals import STEPS

DOCS = Path(__file__).resolve().parents[2] / "docs"
LANGUAGES = {"es": 1, "nl": 2, "fr": 3, "pt": 4}  # each language's column on the page of the words


def rows_of(page):
    """Return the table rows of a page, as tuples of cells."""
    lines = (DOCS / page).read_text(encoding="utf-8").splitlines()
    return [
        tuple(cell.strip() for cell in line.strip("|").split("|"))
        for line in lines
        if re.match(r"\| (?!English)[^-]", line)
    ]


def headings_of(page):
    """Return the headings of a page below its title."""
    return re.findall(r"^## .+$", (DOCS / page).read_text(encoding="utf-8"), flags=re.MULTILINE)


MEANINGS = rows_of("glossary.md")
ROWS = rows_of("reference/words.md")
TERMS = {row[0].strip("`") for row in MEANINGS}
SAID = {
    language: {(row[0].strip("`"), row[column].casefold()) for row in ROWS} for language, column in LANGUAGES.items()
}


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


def test_every_term_is_explained_and_said_in_five_languages():
    assert len(MEANINGS) > 150
    assert {len(row) for row in MEANINGS} == {2}
    assert {len(row) for row in ROWS} == {1 + len(LANGUAGES)}
    for row in (*MEANINGS, *ROWS):
        assert all(row), row


def test_both_pages_have_the_same_words_in_the_same_order():
    assert [row[0] for row in ROWS] == [row[0] for row in MEANINGS]
    assert headings_of("reference/words.md") == headings_of("glossary.md")


@pytest.mark.parametrize(
    ("group", "names"),
    [("verdict", Verdict), ("act", Act), ("method", Method), ("kind", SourceKind), ("step", STEPS)],
    ids=["verdict", "act", "method", "kind", "step"],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_and_the_glossary_use_the_same_words(group, names, language):
    words = load_words(language)
    for name in names:
        if words.has(f"{group}.{name}"):
            assert (str(name), str(words(f"{group}.{name}")).casefold()) in SAID[language]


def test_the_glossary_and_the_codes_say_the_same_in_every_language():
    said = {(row[0], *row[1:]) for row in ROWS}
    names = [("verdict", each.value) for each in Verdict] + [("step", step) for step in STEPS]
    for group, name in names:
        titles = [code_words(f"{group}.{name}", language).title for language in LANGUAGES]
        assert (f"`{name}`", *titles) in said


PAGE_WORDS = {
    "figure.registered_voters": "registered voters",
    "figure.valid": "valid votes",
    "figure.null": "null votes",
    "figure.blank": "blank votes",
    "station.station": "polling station",
    "station.figure": "figure",
    "compared.contest": "contest",
    "projection.area": "area",
    "term.source": "source",
    "term.copy": "copy",
    "term.origin": "origin",
    "term.reading": "reading",
    "term.announcement": "announcement",
    "term.outcome": "outcome",
    "term.policy": "policy",
    "checks.check": "check",
    "verdict.column": "verdict",
    "finding.limit": "limit",
    "proof.member.act": "act",
    "result.share": "share",
    "overturn.margin": "margin",
    "projection.interval": "interval",
    "projection.margin": "margin",
    "quickcount.kicker": "quick count",
    "quickcount.stratum": "stratum",
    "quickcount.fact_effect": "design effect",
    "polls.chart": "margin error",
    "log.root": "root",
    "proof.text.entry": "entry",
    "audit.fact.risk": "risk",
    "audit.boxes.box": "box, batch",
    "audit.slips.slip": "slip",
    "audit.form.seed": "seed",
    "audit.slips.form_draw": "draw",
    "audit.risk.round": "round",
    "audit.claim.what": "assertion",
}
SHEET_WORDS = {
    "station": "polling station",
    "registered_voters": "registered voters",
    "valid": "valid votes",
    "null": "null votes",
    "blank": "blank votes",
    "act": "act",
    "closing": "closing sheet",
    "illegible": "unread",
}


def alternatives(term, language):
    """Return what the page of the words has for a term: a cell may hold several words."""
    return {word for name, cell in SAID[language] if name == term for word in cell.split(", ")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_headings_of_the_pages_are_words_of_the_glossary(language):
    words = load_words(language)
    other = {
        key: str(words(key))
        for key, term in PAGE_WORDS.items()
        if str(words(key)).casefold() not in alternatives(term, language)
    }
    assert not other


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_of_printed_sheets_are_words_of_the_glossary(language):
    path = files(escruta) / "sheets" / "printing" / "words" / f"{language}.toml"
    words = tomllib.loads(path.read_text(encoding="utf-8"))
    other = {
        key: words[key]
        for key, term in SHEET_WORDS.items()
        if words[key].casefold() not in alternatives(term, language)
    }
    assert not other
