import re
from importlib.resources import files

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

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
    "nav.": ("index", "differing", "findings", "about"),
    "term.": ("source", "copy", "origin", "reading", "announcement", "outcome", "policy"),
    "term.why.": ("source", "copy", "origin", "reading", "announcement", "outcome", "policy"),
    "language.": ("name", "cldr"),
    "log.": ("met", "unmet", "not_asked"),
    "proof.sign.": ("good", "bad", "open"),
    "proof.member.": ("election", "contest", "station", "source", "origin", "method", "act", "copy", "supersedes"),
}
SAID = re.compile(r"""(?<!\w)(?:words|say|html)\(\s*f?["']([a-z_.]+)["'{]""")
ONCE = re.compile(r"""["']([a-z_]+\.[a-z_]+)["']""")


@pytest.fixture(params=known_languages())
def words(request: pytest.FixtureRequest) -> Words:
    return load_words(request.param)


def keys_used() -> set[str]:
    folder = files("escruta.portal")
    sources = [each for each in folder.iterdir() if each.name.endswith(".py")]
    sources += list((folder / "templates").iterdir())
    sources += [each for each in (folder / "charts").iterdir() if each.name.endswith(".py")]
    sources += [each for each in (folder / "proof").iterdir() if each.name.endswith((".py", ".html"))]
    texts = [each.read_text(encoding="utf-8") for each in sources]
    found = {key for text in texts for key in SAID.findall(text) if not key.endswith(".")}
    known = set(load_words("en").forms)
    found |= {key for text in texts for key in ONCE.findall(text) if key in known}
    stations = (files("escruta.portal") / "stations.py").read_text(encoding="utf-8")
    names = re.search(r"names = \((.*?)\)", stations, re.DOTALL)
    assert names is not None
    found |= {f"station.{name}" for name in re.findall(r'"([a-z_]+)"', names[1])}
    script = (folder / "proof" / "check.js").read_text(encoding="utf-8")
    found |= {f"proof.{key}" for key in SAID.findall(script) if not key.endswith(".")}
    found |= {f"proof.{key}" for key in re.findall(r'"([a-z_.]+)"', script) if f"proof.{key}" in known}
    return found | {prefix + name for prefix, names in MADE.items() for name in names}


def test_every_key_that_is_said_has_words_in_every_language(words):
    assert keys_used() - set(words.forms) == set()


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


def test_a_million_takes_its_own_form_in_spanish():
    assert load_words("es")("count.stations", n=1_000_000) == "1.000.000 de mesas"
