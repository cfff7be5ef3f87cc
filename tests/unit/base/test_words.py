"""Every code of the house has its words, in every language, and no words are left over."""

import copy
import re
import string
import tomllib
from importlib.resources import files

import polars as pl
import pytest

import escruta
from escruta.assessment.announced import PROOF_ASSUMPTIONS
from escruta.assessment.announcements import missing_to_compare
from escruta.assessment.outcome import ASSUMPTIONS, outcome_of
from escruta.base.errors import EscrutaError
from escruta.base.words import CodeUnknown, code_words, codes, languages
from escruta.collation import verdicts
from escruta.collation.verdicts import Verdict
from escruta.election.definition import Announcement
from escruta.sheets.catalogue import CATALOGUE
from escruta.sources.formats.notes import WORDS, Note
from escruta.sources.scans.evidence import GRADES
from escruta.tally.totals import STEPS

LANGUAGES = languages()
NOT_SAID = ("fraud", "fraude", "suspicious", "sospechos", "verdacht", "manipul", "tamper")
EVERY_ASSUMPTION = outcome_of(
    pl.DataFrame(
        {
            "area": [""],
            "leader": ["ana"],
            "runner_up": ["ben"],
            "margin_votes": [1],
            "outside_stations": [1],
            "outside_registered_voters": [1],
            "unread_at_most": [1],
            "unread_open": [False],
            "voters_unknown": [1],
            "can_be_overturned": [True],
        }
    )
).assumptions


def announcement(stations: int | None = None) -> Announcement:
    return Announcement(id="bulletin", name="Bulletin", by="authority", votes={}, stations=stations)


def everything_that_has_a_code() -> set[str]:
    lacking = {
        *missing_to_compare(announcement(), stations_counted=1),
        *missing_to_compare(announcement(2), stations_counted=1),
    }
    collated = {value for value in vars(verdicts).values() if isinstance(value, str) and re.fullmatch(r"C\d{3}", value)}
    return {
        *WORDS,
        *CATALOGUE,
        *GRADES,
        *collated,
        *(f"verdict.{each.value}" for each in Verdict),
        *(f"step.{step}" for step in STEPS),
        *(f"assumption.{name}" for name in (*EVERY_ASSUMPTION, *PROOF_ASSUMPTIONS)),
        *(f"to_compare.{name}" for name in lacking),
    }


def placeholders(text: str | None) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text or "") if name is not None}


def table_of(language: str) -> dict:
    return tomllib.loads((files("escruta.base") / "codes" / f"{language}.toml").read_text(encoding="utf-8"))


def every_text(language: str) -> str:
    return (files("escruta.base") / "codes" / f"{language}.toml").read_text(encoding="utf-8")


def test_five_languages_are_spoken():
    assert LANGUAGES == ("en", "es", "fr", "nl", "pt")


def test_every_code_has_words_and_no_words_are_left_over():
    assert set(codes()) == everything_that_has_a_code()


def test_the_further_assumptions_are_among_those_looked_at():
    assert len(EVERY_ASSUMPTION) == len(ASSUMPTIONS) + 2


def test_codes_written_in_the_sources_are_known():
    root = files(escruta)
    found = set()
    waiting = [root]
    while waiting:
        place = waiting.pop()
        if place.is_dir():
            waiting += list(place.iterdir())
        elif place.name.endswith(".py"):
            found |= set(re.findall(r'"([FSCP]\d{3})"', place.read_text(encoding="utf-8")))
    assert found
    assert found <= set(codes())


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_the_same_codes_in_the_same_order(language):
    assert list(table_of(language)) == list(table_of("en"))
    for group, entries in table_of("en").items():
        if all(isinstance(value, dict) for value in entries.values()):
            assert list(table_of(language)[group]) == list(entries)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", codes())
def test_words_are_whole(code, language):
    words, english = code_words(code, language), code_words(code)
    assert words.language == language
    assert 0 < len(words.title) <= 60
    assert words.title == words.title.strip(" .")
    assert words.meaning.endswith(".")
    assert words.what_to_do.endswith((".", "?"))
    for name in ("says", "needs", "limit", "minimum"):
        assert (getattr(words, name) is None) == (getattr(english, name) is None), name
    for name in ("title", "says", "meaning", "what_to_do", "needs", "limit", "minimum"):
        assert placeholders(getattr(words, name)) == placeholders(getattr(english, name)), name


@pytest.mark.parametrize("code", CATALOGUE)
def test_a_check_says_what_it_needs_and_what_its_limits_count(code):
    words, check = code_words(code), CATALOGUE[code]
    assert words.needs is not None
    assert (words.limit is None) == (check.limit is None)
    assert (words.minimum is None) == (check.minimum is None)
    assert placeholders(words.says) <= {"found", "expected", "limit"}


def test_the_notes_of_the_formats_say_the_same_in_english():
    assert {code: code_words(code).says for code in WORDS} == dict(WORDS)


def test_a_note_can_be_said_in_every_language():
    note = Note(code="F106", details={"count": 2, "first": 7})
    said = {language: code_words(note.code, language).say(**note.details) for language in LANGUAGES}
    assert said["en"] == str(note).removeprefix("F106 ")
    assert said["es"] == "Se omitieron 2 filas vacías, la primera en la fila 7."
    assert len(set(said.values())) == len(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_takes_a_side(language):
    assert not [word for word in NOT_SAID if word in every_text(language).casefold()]


@pytest.mark.parametrize(
    ("asked", "given"),
    [("nl", "nl"), ("pt-AO", "pt"), ("de", "en"), ("", "en")],
    ids=["own", "region", "none", "empty"],
)
def test_a_language_that_we_do_not_speak_falls_back(asked, given):
    assert code_words("S201", asked).language == given


@pytest.mark.parametrize("code", ["S999", "verdict.certain", "verdict", "", "F000"])
def test_an_unknown_code_is_an_error_of_our_tree_and_a_key_error(code):
    with pytest.raises(CodeUnknown, match="there is no such code") as caught:
        code_words(code)
    assert isinstance(caught.value, EscrutaError)
    assert isinstance(caught.value, KeyError)
    assert str(copy.copy(caught.value)) == str(caught.value)


def test_a_code_without_a_sentence_says_its_title():
    assert code_words("verdict.single").say() == "single"


@pytest.mark.parametrize("name", [*EVERY_ASSUMPTION, "same_number_of_stations", "single", "received"])
def test_a_name_that_one_group_has_is_enough(name):
    assert code_words(name).code.endswith(f".{name}")


def test_a_name_that_two_groups_have_needs_its_group():
    with pytest.raises(CodeUnknown, match="two codes have this name") as caught:
        code_words("corroborated")
    assert caught.value.expected == "verdict.corroborated, step.corroborated"
