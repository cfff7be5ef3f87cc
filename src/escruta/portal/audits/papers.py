"""What the papers of a drawn round share: what stands on each of them, and how they become one page to print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from escruta.portal.words import Words

_DIGEST_SHOWN = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What stands on every paper of a round."""

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


def options_named(heading: Heading, words: Words) -> list[str | Markup]:
    """Give the options as they stand on paper."""
    return [words.html("audit.blank") if option == "blank" else option for option in heading.options]


def print_papers(
    template: str, heading: Heading, words: Words, sheets: Sequence[tuple[object, ...]], **more: object
) -> bytes:
    """Write one page with all sheets: each a form, the slips on it, its number, and how many its box has."""
    page = _template(template).render(
        words=words,
        say=words.html,
        heading=heading,
        election=words.named(heading.election),
        contest=words.named(heading.contest),
        day=words.day(heading.date),
        digest=" ".join(heading.plan[at : at + 4] for at in range(0, _DIGEST_SHOWN, 4)),
        sheets=sheets,
        **more,
    )
    return page.encode()


@cache
def _template(name: str) -> Template:
    return Environment(
        loader=PackageLoader("escruta.portal.audits", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    ).get_template(name)
