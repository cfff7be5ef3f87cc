"""Which languages the pages are written in: those that were asked for, or that the definition names.

A language of a country, such as `pt-BR`, is written with the words of the language: countries have none of their own.

Source: RFC 4647, section 3.4 (lookup): a tag is shortened from its end until there is something for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from escruta.base.errors import InputError
from escruta.portal.words import known_languages


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The languages of the pages, and what is to be said of those that were asked for."""

    languages: tuple[str, ...]
    """The first one is the front door; each of them has words."""
    instead: tuple[tuple[str, str], ...]
    """What was asked for, and what stands in for it."""
    without: tuple[str, ...]
    """Languages of the definition that the pages cannot be written in."""


def chosen_languages(asked: Sequence[str] | None, declared: Sequence[str] | None) -> Chosen:
    """Choose the languages: those asked for, or else those of the definition that have words, or else all.

    Raises:
        InputError: a language that was asked for has no words, or none of the definition's has.

    >>> chosen_languages(["pt-BR", "en"], None).languages
    ('pt', 'en')
    >>> chosen_languages(None, ["ca", "es-VE"]).without
    ('ca',)
    """
    wanted = next(each for each in (asked, declared, known_languages()) if each is not None)
    found = {str(each): spoken(str(each)) for each in wanted}
    without = tuple(each for each, language in found.items() if language is None)
    languages = tuple(dict.fromkeys(language for language in found.values() if language is not None))
    if not languages or (asked is not None and without):
        raise InputError(
            "the pages have no words in this language",
            found=", ".join(without) or "no language",
            expected=", ".join(known_languages()),
            advice="name a language that the pages know, or add its file of words",
        )
    instead = tuple((each, language) for each, language in found.items() if language is not None and language != each)
    return Chosen(languages=languages, instead=instead, without=without)


def spoken(language: str) -> str | None:
    """Find the language whose words are used for a language tag; None where there is none.

    >>> spoken("es-419"), spoken("fr_CA"), spoken("ca")
    ('es', 'fr', None)
    """
    known = known_languages()
    tag = language.replace("_", "-").lower()
    return next((each for each in (tag, tag.partition("-")[0]) if each in known), None)
