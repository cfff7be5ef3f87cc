import re
from importlib.resources import files
from pathlib import Path

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from escruta.base.words import languages
from escruta.portal.contents import STEPS, VERDICTS
from escruta.portal.words import Words, known_languages, load_words

# Keys that are made while a page is written, from what the record says.
MADE = {
    "verdict.": VERDICTS,
    "verdict.why.": VERDICTS,
    "verdict.why_as_published.": ("contradicted", "disputed", "quarantined"),
    "step.": STEPS,
    "step.why.": STEPS,
    "headline.": ("cannot", "could", "unsaid", "whole"),
    "figure.": ("registered_voters", "ballots", "valid", "null", "blank", "candidate_votes"),
    "mark.": ("illegible", "empty", "not-on-sheet", "not-a-count"),
    "method.": ("feed", "qr", "ocr", "typed"),
    "act.": ("canvass", "ruling", "rerun"),
    "kind.": ("authority", "party", "observer", "press", "citizen"),
    "severity.": ("error", "warning"),
    "checks.": ("passed", "failed", "could_not_check"),
    "finding.": ("found", "expected", "limit"),
    "source.": ("derived_from", "adverse_to", "one_origin", "several_origins"),
    "nav.": ("index", "find", "differing", "findings", "about"),
    "term.": ("source", "copy", "origin", "reading", "announcement", "outcome", "policy"),
    "term.why.": ("source", "copy", "origin", "reading", "announcement", "outcome", "policy"),
    "language.": ("name", "cldr"),
    "log.": ("met", "unmet", "not_asked"),
    "proof.sign.": ("good", "bad", "open"),
    "overturn.part.": ("missing", *VERDICTS[:6], "pending", "unread"),
    "overturn.is_false.": ("addition", "themselves", "swapped"),
    "proof.member.": ("election", "contest", "station", "source", "origin", "method", "act", "copy", "supersedes"),
}
SAID = re.compile(r"""(?<!\w)(?:words|say|html)\(\s*f?["']([a-z_.]+)["'{]""")
QUOTED = re.compile(r"""["']([a-z_.-]+)["']""")
BEGUN = re.compile(r"""["'`]([a-z_.]+\.)(?:\{|\$\{|["'] ?[+~])""")


@pytest.fixture(params=known_languages())
def words(request: pytest.FixtureRequest) -> Words:
    return load_words(request.param)


def sources(*kinds: str) -> list[str]:
    """Give the text of every module, template and script of the pages and of the review, or of some of these."""
    folders = [Path(str(files(name))) for name in ("escruta.portal", "escruta.apps.scan.review")]
    wanted = set(kinds or (".py", ".html", ".js"))
    everything = [each for folder in folders for each in folder.rglob("*")]
    found = [each for each in everything if each.suffix in wanted and "vendor" not in each.parts]
    return [each.read_text(encoding="utf-8") for each in found]


def keys_said() -> set[str]:
    """Give the keys that stand whole where they are said, and those that are made from the record."""
    said = {key for text in sources(".py", ".html") for key in SAID.findall(text) if not key.endswith(".")}
    tables = {key.partition(".")[0] for key in load_words("en").forms}
    whole = {key for key in said if "." in key and key.partition(".")[0] in tables}
    return whole | {prefix + name for prefix, names in MADE.items() for name in names}


def keys_used() -> set[str]:
    """Give the keys that somebody says: whole, by their last parts where a module says one table, or as begun."""
    texts = sources()
    quoted = {key for text in texts for key in QUOTED.findall(text)}
    begun = tuple({key for text in texts for key in BEGUN.findall(text)})
    known = load_words("en").forms
    return keys_said() | {key for key in known if any(end in quoted or end.startswith(begun) for end in ends_of(key))}


def ends_of(key: str) -> list[str]:
    """Give a key, and what is left of it when its first tables are left out.

    >>> ends_of("compared.is.added")
    ['compared.is.added', 'is.added', 'added']
    """
    parts = key.split(".")
    return [".".join(parts[start:]) for start in range(len(parts))]


def test_the_pages_have_the_languages_of_the_codes_and_no_other():
    folder = files("escruta.portal") / "locales"
    places = [folder, *(each for each in folder.iterdir() if each.is_dir())]
    named = {place.name: {each.name for each in place.iterdir() if each.name.endswith(".toml")} for place in places}
    spoken = {f"{language}.toml" for language in languages()}
    assert {place for place, found in named.items() if found != spoken} == set()


def test_every_language_has_words_for_the_same_keys(words):
    assert set(words.forms) == set(load_words("en").forms)


def test_every_key_that_is_said_has_words_in_every_language(words):
    assert keys_said() - set(words.forms) == set()


def test_no_words_are_kept_that_nobody_says(words):
    assert set(words.forms) - keys_used() == set()


def test_a_sentence_has_a_form_for_each_plural_of_its_language(words):
    wanted = set(words.locale.plural_form.tags) | {"other"}
    assert {key for key, form in words.forms.items() if isinstance(form, dict) and set(form) != wanted} == set()


def test_a_sentence_has_the_same_places_in_every_language(words):
    def places(form: str | dict[str, str]) -> set[str]:
        text = form if isinstance(form, str) else form["other"]
        return set(re.findall(r"\{([a-z_]*)\}", text))

    english = load_words("en").forms
    assert {key for key, form in words.forms.items() if places(form) != places(english[key])} == set()


@given(number=st.integers(min_value=0, max_value=10**12))
def test_counts_are_written_as_cldr_writes_them(number):
    for language in known_languages():
        words = load_words(language)
        assert words.numbers.count(number) == format_decimal(number, locale=words.locale)


@given(part=st.integers(0, 10**9), rest=st.integers(0, 10**9))
def test_a_share_is_shown_as_nothing_or_everything_only_when_it_is_exactly_that(part, rest):
    if part + rest == 0:
        return
    shown = load_words("en").numbers.share(part, part + rest)
    assert (shown == "0.00%") == (part == 0)
    assert (shown == "100.00%") == (rest == 0)


def test_what_a_record_says_is_escaped_in_a_sentence(words):
    said = words("announcement.over", n=2, candidate="<script>&")
    assert "<script>" not in said
    assert "&lt;script&gt;&amp;" in said


@pytest.mark.parametrize(
    ("language", "said"),
    [("es", "1.000.000 de mesas"), ("pt", "1\xa0000\xa0000 de mesas de voto")],
    ids=["es", "pt"],
)
def test_a_million_takes_its_own_form(language, said):
    assert load_words(language)("count.stations", n=1_000_000) == said
