"""One page in one file: what a command says, in the style of the site, to be sent, printed or put on a server.

Nothing is loaded from anywhere: the style sheets stand in the page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from markupsafe import Markup, escape

from escruta.portal.charts.frames import CHART_STYLE
from escruta.portal.shell import templates
from escruta.portal.words import Words

_STYLES = ("site.css", CHART_STYLE)
_DENSE = 4
"""From so many columns on a table is set smaller on a phone."""
_REGION = re.compile(r"role=region aria-label='([^']*)'")
_FIRST, _SPARED = 20, 10
"""Rows of a long table that are seen at once, and how many more make it a long one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a page: its title, and its body as HTML that is safe already."""

    title: str
    body: Markup
    note: str = ""
    """A line under the title."""
    wide: bool = False
    """Whether the body takes the whole width; else the title stands beside it where there is room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A figure to take home: what it is, the figure as text, and a line under it."""

    name: str
    figure: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """What must be true for the page's sentences to hold."""

    title: str
    meaning: str = ""


def single_page(  # noqa: PLR0913 - the parts of a page
    words: Words,
    *,
    title: str,
    sections: Sequence[Section],
    kicker: str = "",
    standfirst: str = "",
    facts: Sequence[Fact] = (),
    assumptions: Sequence[Assumption] = (),
    foot: str = "",
) -> bytes:
    """Write a whole page; plain texts are escaped, `Markup` is taken as it is.

    `kicker` stands above the title: the election, the contest, the day. `foot` says how the page was made.
    """
    styles = "".join((files("escruta.portal") / "assets" / name).read_text(encoding="utf-8") for name in _STYLES)
    page = (
        templates()
        .get_template("single.html")
        .render(
            words=words,
            say=words.html,
            style=Markup(styles),  # noqa: S704 - our own files
            title=title,
            kicker=kicker,
            standfirst=standfirst,
            facts=facts,
            sections=sections,
            assumptions=assumptions,
            foot=foot,
        )
    )
    return _REGION.sub(_Numbering(), page).encode()


class _Numbering:
    """Numbers regions of one name from the second on, so that a reader who cannot see them knows which one it is."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def __call__(self, found: re.Match[str]) -> str:
        number = self._seen[found[1]] = self._seen.get(found[1], 0) + 1
        return found[0] if number == 1 else f"role=region aria-label='{found[1]} ({number})'"


def paragraphs(*texts: str) -> Markup:
    """Set texts as paragraphs."""
    return Markup("").join(Markup("<p>") + escape(text) + Markup("</p>\n") for text in texts if text)


def table(
    name: str,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    figures: Sequence[int] | None = None,
    dense: bool = False,
) -> Markup:
    """Set a table; the first column heads its rows, and `figures` are the columns of numbers: all others when absent.

    `name` is what the table is called for those who cannot see it; a `dense` one, or one with many columns, is set
    smaller on a phone.
    """
    right = set(range(1, len(head)) if figures is None else figures)
    cells = [Markup("<th scope=col{}>{}").format(_right(place in right), text) for place, text in enumerate(head)]
    body = [
        Markup("<tr>")
        + Markup("").join(
            Markup("<th scope=row>{}").format(text)
            if place == 0
            else Markup("<td{}>{}").format(_right(place in right), text)
            for place, text in enumerate(row)
        )
        for row in rows
    ]
    return Markup("<div class=w tabindex=0 role=region aria-label='{}'><table{}>{}<tbody>{}</table></div>").format(
        name,
        Markup(" class=few") if dense or len(head) >= _DENSE else "",
        Markup("<thead><tr>{}").format(Markup("").join(cells)) if any(head) else "",
        Markup("\n").join(body),
    )


def long_table(
    words: Words,
    name: str,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    figures: Sequence[int] | None = None,
    dense: bool = False,
) -> Markup:
    """Set a table of which the first rows are seen, and the others at a tap or on paper."""
    if len(rows) <= _FIRST + _SPARED:
        return table(name, head, rows, figures=figures, dense=dense)
    rest = words.html("folded.rows", n=len(rows) - _FIRST)
    return table(name, head, rows[:_FIRST], figures=figures, dense=dense) + Markup(
        "<details><summary>{}</summary>{}</details>"
    ).format(rest, table(str(rest), head, rows[_FIRST:], figures=figures, dense=dense))


def _right(is_figure: bool) -> Markup:  # noqa: FBT001 - the only thing it asks
    return Markup(" class=n") if is_figure else Markup("")
