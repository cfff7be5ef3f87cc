"""The words, numbers and dates of one language: everything on the pages that is not in the record.

The words stand in `locales/LANGUAGE.toml`, and those of one topic in `locales/TOPIC/LANGUAGE.toml`, one key a sentence,
no table in two files; a sentence that depends on a number has one form for each plural category that CLDR knows for the
language. Numbers and dates are written as CLDR writes them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from babel import Locale
from babel.dates import format_date
from markupsafe import Markup, escape

from escruta.base.errors import InputError
from escruta.base.words import languages

_SHARE_DIGITS = 2
_SIMPLE_GROUP = 1000


class Numbers:
    """Counts and shares in one language, quick enough for millions of cells.

    Only whole numbers go in: a share is two counts, rounded half up when it is shown, and shown as 0 or 100 % only when
    it is exactly that.

    >>> Numbers(Locale.parse("es")).count(1234567)
    '1.234.567'
    >>> Numbers(Locale.parse("en")).share(24553, 24560)
    '99.97%'
    >>> Numbers(Locale.parse("nl")).share(1, 1_000_000)
    '<0,01%'
    """

    def __init__(self, locale: Locale) -> None:
        symbols = locale.number_symbols.get("latn", locale.number_symbols)
        self._group: str = symbols["group"]
        self._decimal: str = symbols["decimal"]
        self._minus: str = "−"
        self._percent: str = locale.percent_formats[None].suffix[1]
        self._seen: dict[int, str] = {}

    def count(self, number: int) -> str:
        """Write a count with its thousands grouped."""
        text = self._seen.get(number)
        if text is None:
            text = self._seen[number] = self._grouped(number)
        return text

    def signed(self, number: int) -> str:
        """Write a difference with its sign; no difference has none."""
        return f"+{self.count(number)}" if number > 0 else self.count(number)

    def decimal(self, text: str) -> str:
        """Write a decimal number, given as plain digits with a point, in the language's way."""
        head, point, tail = text.partition(".")
        return f"{self.count(int(head))}{self._decimal if point else ''}{tail}"

    def share(self, part: int, whole: int, digits: int = _SHARE_DIGITS) -> str:
        """Write `part / whole` as a percentage; `whole` is positive."""
        scale = 10**digits
        units = (2 * part * 100 * scale + whole) // (2 * whole)
        if units == 0 and part > 0:
            return f"<{self._fixed(1, digits)}"
        if units == 100 * scale and part < whole:
            return f">{self._fixed(units - 1, digits)}"
        return self._fixed(units, digits)

    def points(self, part: int, whole: int, digits: int = _SHARE_DIGITS) -> str:
        """Write a difference of shares in percentage points, without a unit."""
        scale = 10**digits
        units = (2 * abs(part) * 100 * scale + whole) // (2 * whole)
        sign = "" if part == 0 else "+" if part > 0 else self._minus
        return sign + self._fixed(units, digits).removesuffix(self._percent)

    def _fixed(self, units: int, digits: int) -> str:
        head, tail = divmod(units, 10**digits)
        return f"{head}{self._decimal}{tail:0{digits}d}{self._percent}"

    def _grouped(self, number: int) -> str:
        text = f"{abs(number):,}" if abs(number) >= _SIMPLE_GROUP else str(abs(number))
        return (self._minus if number < 0 else "") + text.replace(",", self._group)


class Words:
    """One language: `words("count.stations", n=3)` gives the sentence, escaped for HTML, with its numbers written out.

    Raises:
        KeyError: the language's file lacks the key; a test keeps the files complete.

    >>> print(load_words("en")("count.stations", n=1200))
    1,200 polling stations
    """

    def __init__(self, language: str, table: Mapping[str, Any]) -> None:
        self.language = language
        self.locale = Locale.parse(table["language"]["cldr"], sep="_")
        self.tag = str(self.locale).replace("_", "-")
        """The locale as browsers name it (BCP 47), so that scripts write numbers and dates as the pages do."""
        self.name: str = table["language"]["name"]
        self.numbers = Numbers(self.locale)
        self.forms: dict[str, str | dict[str, str]] = dict(_flatten(table))
        self._categories: dict[int, str] = {}
        self._escaped: dict[str, str | dict[str, str]] = {}

    def __call__(self, key: str, **values: object) -> str:
        """Say the sentence of a key, as HTML; whole numbers among the values are written with their thousands grouped.

        A value is escaped unless it is `Markup`.
        """
        form = self._escaped.get(key)
        if form is None:
            form = self._escaped[key] = _escape_form(self.forms[key])
        if not isinstance(form, str):
            form = form[self._category(_amount(values))]
        if not values:
            return form
        count = self.numbers.count
        shown = {name: count(value) if type(value) is int else escape(value) for name, value in values.items()}
        return form.format(**shown)

    def _category(self, number: int) -> str:
        category = self._categories.get(number)
        if category is None:
            category = self._categories[number] = self.locale.plural_form(number)
        return category

    def html(self, key: str, **values: object) -> Markup:
        """Say the sentence of a key, for a template or as a part of another sentence."""
        return Markup(self(key, **values))  # noqa: S704 - the sentence and every value are escaped

    def labelled(self, label: str, text: str) -> str:
        """Put a label before a text, both HTML already, with the colon of the language: French has a space before it.

        >>> load_words("en").labelled("Origin", "<b>feed</b>")
        'Origin: <b>feed</b>'
        """
        return str(self.forms["labelled"]).format(label=label, text=text)

    def has(self, key: str) -> bool:
        """Whether the language has a sentence for a key that was made from the record."""
        return key in self.forms

    def named(self, name: object) -> str:
        """Take the name that the definition gives in this language, or else in one of its countries, or in any."""
        if isinstance(name, Mapping):
            near = (text for language, text in name.items() if language.startswith(f"{self.language}-"))
            return str(name.get(self.language) or next(near, None) or name.get("en") or next(iter(name.values()), ""))
        return "" if name is None else str(name)

    def day(self, text: str) -> str:
        """Write an ISO date in full; a moment's day depends on the zone: `moments.py` shows that.

        Raises:
            InputError: a file that nobody validated has something else there.
        """
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise InputError("a day that no calendar has", found=text, expected="a date, such as 2024-07-28") from None
        return format_date(day, "long", locale=self.locale)

    def either(self, items: list[str]) -> Markup:
        """Join names as a list of alternatives or parts, in the language's own way; the items are HTML already."""
        if len(items) < 2:  # noqa: PLR2004 - one name needs no joining
            return Markup("".join(items))  # noqa: S704
        pattern = self.locale.list_patterns["standard"]["2" if len(items) == 2 else "end"]  # noqa: PLR2004
        return Markup(pattern.format(", ".join(items[:-1]), items[-1]))  # noqa: S704


def _escape_form(form: str | dict[str, str]) -> str | dict[str, str]:
    if isinstance(form, str):
        return str(escape(form))
    return {category: str(escape(text)) for category, text in form.items()}


def _amount(values: Mapping[str, object]) -> int:
    number = values["n"]
    if not isinstance(number, int):
        raise TypeError(f"a sentence with plural forms needs a whole number n, not {number!r}")
    return number


def _flatten(table: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str | dict[str, str]]]:
    rows: list[tuple[str, str | dict[str, str]]] = []
    for name, value in table.items():
        if isinstance(value, Mapping) and "other" not in value:
            rows.extend(_flatten(value, f"{prefix}{name}."))
        else:
            rows.append((prefix + name, value if isinstance(value, str) else dict(value)))
    return rows


def known_languages() -> tuple[str, ...]:
    """List the languages that the pages can be written in.

    >>> known_languages()
    ('en', 'es', 'fr', 'nl', 'pt')
    """
    return languages()


@cache
def load_words(language: str) -> Words:
    """Read a language's files; the same object each time."""
    folder = files("escruta.portal") / "locales"
    topics = sorted((entry for entry in folder.iterdir() if entry.is_dir()), key=lambda entry: entry.name)
    table: dict[str, Any] = {}
    for place in (folder, *(topic for topic in topics if (topic / f"{language}.toml").is_file())):
        more = tomllib.loads((place / f"{language}.toml").read_text(encoding="utf-8"))
        if table.keys() & more.keys():
            message = (
                f"{place.name}/{language}.toml says again what stands elsewhere: {sorted(table.keys() & more.keys())}"
            )
            raise KeyError(message)
        table |= more
    return Words(language, table)
