"""The forms on which drawn boxes are counted by hand: a sheet of A4 for each, to be printed from any browser.

The published result does not stand on them: whoever counts should not know what is expected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from escruta.portal.audits.papers import Heading, options_named, print_papers
from escruta.portal.words import load_words

_MANY = 11
"""Options above which the rows are lower."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One box to count."""

    box: str
    places: tuple[str, ...]
    """The names of its areas, from the widest."""
    draws: tuple[int, ...]
    ballots_at_most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Forms:
    """All forms of a round."""

    heading: Heading
    forms: Sequence[Form]


def forms_page(forms: Forms, language: str) -> bytes:
    """Write the forms as one page."""
    words = load_words(language)
    options = options_named(forms.heading, words)
    return print_papers(
        "forms.html",
        forms.heading,
        words,
        [(form, (), 1, 1) for form in forms.forms],
        title=words.html("audit.form.title"),
        look=" many" if len(options) > _MANY else "",
        options=options,
    )
