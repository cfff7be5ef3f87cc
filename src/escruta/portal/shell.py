"""The frame around every page: head, masthead, way back, language switch, foot.

The template is rendered once for each language and depth of folder; a page is then a join of a few strings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from html import escape
from typing import Any, TypeAlias

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from escruta.portal.checking import CHECKING
from escruta.portal.checking.page_tables import table_address
from escruta.portal.editions import Edition
from escruta.portal.live import script_tag
from escruta.portal.machines import FEED, data_address, head_links, pictured_pages
from escruta.portal.places import link
from escruta.portal.sorting import sort_tag
from escruta.portal.words import load_words

_SLOTS = ("TITLE", "LEAD", "PAGE", "CRUMBS", "BODY", "LINKS", "FOOT", "SORT")
Kept: TypeAlias = Callable[[str, tuple[object, ...], Callable[[], list[str]]], list[str]]
"""Gives what was made under a name from the same values already, or makes it."""
_NAV = ("index", "find", "differing", "findings", "about")


@cache
def templates() -> Environment:
    """Open the templates; an unknown name in one is an error, and everything is escaped."""
    return Environment(
        loader=PackageLoader("escruta.portal", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )


@dataclass(frozen=True, slots=True)
class Table:
    """A table of polling stations as Parquet: the way to it from the site's folder, and what it is called, escaped."""

    address: str
    name: str


class Shell:
    """Frames for the pages of one edition."""

    def __init__(self, edition: Edition, environment: Environment, kept: Kept) -> None:
        """Make them; `kept` gives what was made from the same already, as `Record.kept` does."""
        self._edition = edition
        self._environment = environment
        self._kept = kept
        self._frames: dict[tuple[int, str], list[str]] = {}

    def page(
        self,
        address: str,
        body: str,
        *,
        title: str = "",
        lead: str = "",
        crumbs: str = "",
        tab: str = "",
        table: Table | None = None,
    ) -> bytes:
        """Put a body in its frame; title and lead are escaped already.

        `table` is given where the page's figures stand as JSON and CSV too.
        """
        key = (address.count("/"), tab)
        frame = self._frames.get(key)
        if frame is None:
            frame = self._frames[key] = self._frame(*key)
        name = self._edition.election_name
        whole = f"{title} – {name}" if title else name
        beside, below = ("", "") if table is None else self._data_links(address, table)
        links = head_links(self._edition, address, title, lead, has_picture=address in self._pictured)
        values = {
            "TITLE": whole,
            "LEAD": lead,
            "PAGE": address,
            "CRUMBS": crumbs,
            "BODY": body,
            "LINKS": beside + links,
            "FOOT": below,
            "SORT": sort_tag(body, "../" * (address.count("/") + 1)),
        }
        return "".join([values.get(part, part) if place % 2 else part for place, part in enumerate(frame)]).encode()

    @cached_property
    def _pictured(self) -> frozenset[str]:
        return pictured_pages(self._edition)

    def _data_links(self, address: str, stations: Table) -> tuple[str, str]:
        """Write the links to a page's figures, for programs in its head and for people at its foot."""
        words, up = self._edition.words, "../" * (address.count("/") + 1)
        href, table = escape(up + data_address(address)), escape(up + table_address(address))
        data = f"<a href='{href}'>{words('machines.data')}</a>, <a href='{table}'>{words('checking.csv')}</a>"
        whole = f"<a href='{escape(up + stations.address)}'>{stations.name}</a>"
        return (
            f"<link rel=alternate type=application/json href='{href}'>",
            f"<p>{data}, {whole} · {words('machines.embed')}",
        )

    def crumbs(self, area: str, here: str) -> str:
        """Write the way from the country down to an area."""
        edition = self._edition
        country = f"<li><a href='{link(here, edition.places.page(''))}'>{edition.words('place.country')}</a>"
        steps = "".join(
            f"<li><a href='{link(here, edition.places.page(step.area))}'>{edition.area_name(step.area)}</a>"
            for step in edition.places.path(area)
            if edition.places.page(step.area) != here
        )
        last = f"<li aria-current=page>{edition.area_name(area)}" if area and edition.places.page(area) == here else ""
        return f"<nav class=way aria-label='{edition.words('site.way')}'><ol>{country}{steps}{last}</ol></nav>"

    @cached_property
    def _contest_links(self) -> list[dict[str, Any]]:
        edition = self._edition
        names = [(contest, edition.words.named(contest.name)) for contest in edition.contests]
        return [
            {
                "name": name,
                "page": f"{contest_prefix(place, contest.contest)}index.html",
                "current": contest.contest == edition.contest.contest,
            }
            for place, (contest, name) in enumerate(names)
        ]

    def _frame(self, depth: int, tab: str) -> list[str]:
        edition = self._edition
        said = {
            "name": edition.election_name,
            "prefix": edition.places.prefix,
            "zone": edition.time_zone,
            "check": CHECKING if edition.has_log else "",
            "languages": tuple(edition.languages),
            "contests": self._contest_links if len(edition.contests) > 1 else [],
            "forks": edition.forks,
            "record": edition.record_href,
        }
        key = f"frame-{edition.words.language}-{edition.places.prefix}-{depth}-{tab}"
        return self._kept(key, (said,), lambda: self._drawn(depth, tab, said))

    def _drawn(self, depth: int, tab: str, said: Mapping[str, Any]) -> list[str]:
        """Draw a frame from what is said in it, and from nothing else of the edition but its language."""
        words, prefix = self._edition.words, said["prefix"]
        text = self._environment.get_template("shell.html").render(
            words=words,
            say=words.html,
            name=Markup(said["name"]),  # noqa: S704 - escaped where it was made
            up="../" * depth,
            about=f"{prefix}about.html",
            feed=f"{prefix}{FEED}",
            live=Markup(script_tag(words, "../" * (depth + 1), said["zone"])),  # noqa: S704 - escaped there
            check=said["check"],
            nav=[(tab_name, f"{prefix}{tab_name}.html", tab_name == tab) for tab_name in _NAV],
            languages=[(code, _language_name(code)) for code in said["languages"]],
            contests=said["contests"],
            slot={name.lower(): Markup(f"\0{name}\0") for name in _SLOTS},  # noqa: S704 - our own tokens
            forks=said["forks"],
            record=f"{'../' * (depth + 1)}{said['record']}",
        )
        return text.split("\0")


def contest_prefix(place: int, contest: str) -> str:
    """Give the folder of a contest's pages: the first one stands at the top."""
    return "" if place == 0 else f"contests/{escape(contest)}/"


def _language_name(code: str) -> str:
    return load_words(code).name
