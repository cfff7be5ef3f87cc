"""The forms on which drawn boxes are counted by hand: a sheet of A4 for each, to be printed from any browser.

The published result does not stand on them: whoever counts should not know what is expected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from escruta.portal.words import load_words


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

    election: object
    """Its name, or its names by language."""
    contest: object
    date: str
    round: int
    seed: str
    plan: str
    """The digest of the step that committed to the plan."""
    options: tuple[str, ...]
    """The names of what can be voted for; `blank` for blank votes."""
    forms: Sequence[Form]


def forms_page(forms: Forms, language: str) -> bytes:
    """Write the forms as one page."""
    words = load_words(language)
    named = [words.html("audit.blank") if option == "blank" else option for option in forms.options]
    page = _template().render(
        words=words,
        say=words.html,
        forms=forms,
        election=words.named(forms.election),
        contest=words.named(forms.contest),
        day=words.day(forms.date),
        options=named,
        digest=" ".join(forms.plan[at : at + 4] for at in range(0, 32, 4)),
    )
    return page.encode()


@cache
def _template() -> Template:
    return Environment(
        loader=PackageLoader("escruta.portal.audits", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    ).get_template("forms.html")
