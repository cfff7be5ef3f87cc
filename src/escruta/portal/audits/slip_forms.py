"""The lists with which drawn slips are looked for, and on which is marked what each shows: sheets of A4 for each box.

Neither the published result nor what a machine recorded stands on them: whoever looks should not know what is expected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from escruta.portal.words import load_words

_ROWS = 16
_WIDE = 9
"""Columns from which they are drawn narrower."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipForm:
    """One box, and the slips that are taken out of it."""

    box: str
    places: tuple[str, ...]
    """The names of its areas, from the widest."""
    slips: tuple[tuple[str, tuple[int, ...]], ...]
    """Each slip with the numbers of its draws, in the order in which they are found."""
    slips_said: int
    """How many the manifest says are in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipForms:
    """All lists of a round."""

    election: object
    contest: object
    date: str
    round: int
    seed: str
    plan: str
    options: tuple[str, ...]
    has_ids: bool
    """Whether slips are looked for by their ids, and not by counting down the pile."""
    forms: Sequence[SlipForm]


def slip_forms_page(forms: SlipForms, language: str) -> bytes:
    """Write the lists as one page."""
    words = load_words(language)
    named = [words.html("audit.blank") if option == "blank" else option for option in forms.options]
    columns = [*named, *([] if "blank" in forms.options else [words.html("audit.blank")])]
    page = _template().render(
        words=words,
        say=words.html,
        forms=forms,
        election=words.named(forms.election),
        contest=words.named(forms.contest),
        day=words.day(forms.date),
        columns=[*columns, words.html("audit.slips.null"), words.html("audit.slips.not_there")],
        sheets=[(form, *sheet) for form in forms.forms for sheet in _sheets(form)],
        wide=len(columns) > _WIDE,
        digest=" ".join(forms.plan[at : at + 4] for at in range(0, 32, 4)),
    )
    return page.encode()


def _sheets(form: SlipForm) -> list[tuple[tuple[tuple[str, tuple[int, ...]], ...], int, int]]:
    """Divide the slips of a box over sheets, each with its number and how many there are."""
    starts = range(0, len(form.slips), _ROWS)
    return [(form.slips[start : start + _ROWS], at, len(starts)) for at, start in enumerate(starts, start=1)]


@cache
def _template() -> Template:
    return Environment(
        loader=PackageLoader("escruta.portal.audits", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    ).get_template("slip_forms.html")
