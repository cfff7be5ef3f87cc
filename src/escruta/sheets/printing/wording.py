"""The words of a printed sheet in one language; a country adds its own with a file of the same keys."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from escruta.election.definition import Name
from escruta.sheets.printing.errors import WordsMissing
from escruta.sheets.printing.texts import printable_text

_FOLDER = "words"
_PLACE = re.compile(r"\{[a-z]+\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetWords:
    """The words of one language, by key."""

    language: str
    forms: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """Give the words of a key; `values` stand for `{name}` in them, and are never looked into themselves."""
        return _PLACE.sub(lambda place: str(values.get(place[0][1:-1], place[0])), self.forms[key])

    @property
    def is_rtl(self) -> bool:
        """Whether the language is written from right to left."""
        return self.forms["direction"] == "rtl"

    def named(self, name: Name) -> str:
        """Take the name that the definition gives in this language, or else in any."""
        if isinstance(name, str):
            return name
        return name.get(self.language) or name.get("en") or next(iter(name.values()))


def sheet_languages() -> tuple[str, ...]:
    """List the languages whose words come with the package.

    >>> sheet_languages()
    ('en', 'es', 'fr', 'nl', 'pt')
    """
    folder = files("escruta.sheets.printing") / _FOLDER
    return tuple(sorted(each.name.removesuffix(".toml") for each in folder.iterdir() if each.name.endswith(".toml")))


@cache
def sheet_words(language: str) -> SheetWords:
    """Load the words of a language; raises `WordsMissing`.

    >>> sheet_words("es")("copy_of", copy=2, copies=5)
    'Copia 2 de 5'
    """
    if language not in sheet_languages():
        raise WordsMissing(
            "there are no words for sheets in this language",
            found=language,
            expected=" or ".join(sheet_languages()),
            advice="Give a file with them: --words FILE.",
        )
    text = (files("escruta.sheets.printing") / _FOLDER / f"{language}.toml").read_text(encoding="utf-8")
    return SheetWords(language=language, forms=tomllib.loads(text))


def parse_words(text: str, language: str, *, where: str) -> SheetWords:
    """Read the words of a language from a file's text; raises `WordsMissing` where a key or a place is not there."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WordsMissing("the words cannot be read", where=where, found=str(error), expected="TOML") from error
    model = sheet_words("en").forms
    missing = [key for key in model if not isinstance(found.get(key), str)]
    if missing:
        raise WordsMissing("words are missing", where=where, found=f"no {', '.join(missing)}", expected="text for each")
    lost = [f"{place} in {key}" for key in model for place in _PLACE.findall(model[key]) if place not in found[key]]
    if lost:  # else a copy would be printed without its number
        raise WordsMissing("places for values are missing", where=where, found=f"no {', '.join(lost)}")
    if found["direction"] not in {"ltr", "rtl"}:
        raise WordsMissing("no direction of writing", where=where, found=found["direction"], expected="ltr or rtl")
    forms = {key: printable_text(found[key], f"{where}, {key}") if found[key] else "" for key in model}
    return SheetWords(language=language, forms=forms)
