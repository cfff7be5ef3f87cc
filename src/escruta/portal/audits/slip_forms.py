"""The lists with which drawn slips are looked for, and on which is marked what each shows: sheets of A4 for each box.

Neither the published result nor what a machine recorded stands on them: whoever looks should not know what is expected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from escruta.portal.audits.papers import Heading, options_named, print_papers
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

    heading: Heading
    has_ids: bool
    """Whether slips are looked for by their ids, and not by counting down the pile."""
    forms: Sequence[SlipForm]


def slip_forms_page(forms: SlipForms, language: str) -> bytes:
    """Write the lists as one page."""
    words = load_words(language)
    named = options_named(forms.heading, words)
    columns = [*named, *([] if "blank" in forms.heading.options else [words.html("audit.blank")])]
    return print_papers(
        "slip_forms.html",
        forms.heading,
        words,
        [(form, *sheet) for form in forms.forms for sheet in _sheets(form)],
        title=words.html("audit.slips.form_title"),
        look=" tight" if len(columns) > _WIDE else "",
        columns=[*columns, words.html("audit.slips.null"), words.html("audit.slips.not_there")],
        has_ids=forms.has_ids,
    )


def _sheets(form: SlipForm) -> list[tuple[tuple[tuple[str, tuple[int, ...]], ...], int, int]]:
    """Divide the slips of a box over sheets, each with its number and how many there are."""
    starts = range(0, len(form.slips), _ROWS)
    return [(form.slips[start : start + _ROWS], at, len(starts)) for at, start in enumerate(starts, start=1)]
