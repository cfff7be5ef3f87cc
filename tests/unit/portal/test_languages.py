"""Which languages the pages are written in, and what stands in for one that has no words of its own."""

import pytest

from escruta.base.errors import InputError
from escruta.portal.languages import chosen_languages, spoken
from escruta.portal.words import known_languages, load_words


@pytest.mark.parametrize(
    ("tag", "language"),
    [("pt-BR", "pt"), ("pt_BR", "pt"), ("es-419", "es"), ("ES", "es"), ("zh-Hant-TW", None), ("esp", None), ("", None)],
)
def test_a_language_of_a_country_is_written_with_the_words_of_its_language(tag: str, language: str | None) -> None:
    assert spoken(tag) == language


def test_what_stands_in_is_said_and_stands_there_once() -> None:
    chosen = chosen_languages(["es-VE", "pt-BR", "es"], ["en"])
    assert (chosen.languages, chosen.without) == (("es", "pt"), ())
    assert chosen.instead == (("es-VE", "es"), ("pt-BR", "pt"))


def test_the_definition_may_name_languages_that_pages_do_not_have_and_who_asks_may_not() -> None:
    chosen = chosen_languages(None, ["ca", "es-VE", "en"])
    assert (chosen.languages, chosen.without) == (("es", "en"), ("ca",))
    assert chosen_languages(None, None).languages == known_languages()
    for asked, declared in ((["ca", "es"], ["es"]), (None, ["ca"]), ([], ["en"])):
        with pytest.raises(InputError, match="no words in this language"):
            chosen_languages(asked, declared)


def test_names_of_the_definition_in_a_language_of_a_country_are_used() -> None:
    names = {"en": "Board", "pt-BR": "Mesa", "pta": "no"}
    assert [load_words(each).named(names) for each in ("pt", "es")] == ["Mesa", "Board"]
