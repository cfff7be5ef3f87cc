import re

import pytest
from markupsafe import Markup

from escruta.portal.charts import Axis, Caption, Series, line_chart
from escruta.portal.single import Assumption, Fact, Section, long_table, paragraphs, single_page, table
from escruta.portal.words import known_languages, load_words


def page(language="en", **parts):
    words = load_words(language)
    chart = line_chart(
        words, Caption(name="a", title="A"), [Series(name="s", points=[(0, 0), (1, 1)])], x=Axis(), y=Axis()
    )
    defaults = {
        "title": "Title <x>",
        "kicker": "Election <x>",
        "standfirst": "First <x>",
        "facts": [Fact(name="Margin <x>", figure="12")],
        "sections": [Section(title="One <x>", body=paragraphs("Said <x>") + chart, note="note <x>")],
        "assumptions": [Assumption(title="Given <x>", meaning="since <x>")],
    }
    return single_page(words, **(defaults | parts)).decode()


def test_page_stands_alone():
    text = page()
    assert not re.search(r"(?:src|href)=[\"']?[^#\"']", text)
    assert "@import" not in text
    assert "url(" not in text.replace("url(#", "")
    assert "<script" not in text


def test_page_escapes_plain_texts():
    assert "<x>" not in page()
    assert page().count("&lt;x&gt;") >= 9


@pytest.mark.parametrize("language", known_languages())
def test_page_is_in_its_language(language):
    text = page(language)
    assert f"<html lang={language}>" in text
    assert load_words(language).html("single.assumptions") in text


def test_parts_without_content_are_not_there():
    text = page(kicker="", standfirst="", facts=(), assumptions=())
    for part in ("<header class=mast>", "class=stand", "<dl", "<details"):
        assert part not in text


def test_table_heads_its_rows_and_sets_figures_right():
    html = table("Sheets", ["what", "n"], [["a <b>", "1"], [Markup("<i>b</i>"), "2"]])
    assert "<tr><th scope=row>a &lt;b&gt;<td class=n>1" in html
    assert "<th scope=row><i>b</i>" in html
    assert "aria-label='Sheets'" in html


def test_a_long_table_shows_its_first_rows_and_folds_the_rest():
    rows = [[f"r{number}", str(number)] for number in range(40)]
    shown, _, rest = str(long_table(load_words("en"), "Rows", ["row", "n"], rows)).partition("<details>")
    assert (shown.count("<tr><th scope=row>"), rest.count("<tr><th scope=row>")) == (20, 20)
    assert "Show 20 more rows" in rest
    assert "<details>" not in long_table(load_words("en"), "Rows", ["row", "n"], rows[:30])


def test_regions_of_one_name_are_numbered_and_a_head_without_words_is_left_out():
    body = table("Limits", ["", ""], [["least", "1"]])
    assert "<thead>" not in body
    page = single_page(load_words("en"), title="T", sections=[Section(title="S", body=body + body)]).decode()
    assert [name in page for name in ("aria-label='Limits'", "aria-label='Limits (2)'", "(3)'")] == [True, True, False]
