"""The search page itself: a form, the places of the widest level for those without scripts, and three scripts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from html import unescape
from importlib.resources import files
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from escruta.portal.editions import Edition
from escruta.portal.finding.index import index_name
from escruta.portal.places import link
from escruta.portal.shell import Shell

FIND = "find.html"
"""The page's address in the folder of a contest's pages."""

_SCRIPTS = {"assets/minisearch.js": ("vendor", "minisearch.js"), "assets/find.js": ("find.js",)}
_SAID = ("none", "some", "shown", "station", "stations")


def scripts() -> Iterator[tuple[str, bytes]]:
    """Give the address and bytes of each script that all languages share."""
    for address, parts in _SCRIPTS.items():
        yield address, _script(parts)


@cache
def _script(parts: tuple[str, ...]) -> bytes:
    return files("escruta.portal.finding").joinpath(*parts).read_bytes()


def find_page(edition: Edition, shell: Shell, environment: Environment) -> tuple[str, bytes]:
    """Write the page in one language; gives its address and bytes."""
    here = f"{edition.places.prefix}{FIND}"
    number = edition.contests.index(edition.contest)
    body = environment.get_template("find.html").render(
        say=edition.words.html,
        up="../" * (here.count("/") + 1),
        scripts=[index_name(number), *_SCRIPTS],
        widest=_widest(edition, here),
        words=Markup(_words(edition)),  # noqa: S704 - JSON without a "<"
    )
    title = edition.words("find.title")
    return here, shell.page(here, body, title=title, lead=edition.words("find.lead"), tab="find")


def _widest(edition: Edition, here: str) -> list[tuple[str, Markup]]:
    places = edition.places
    return [
        (link(here, places.page(area)), Markup(edition.area_name(area)))  # noqa: S704 - escaped where it was made
        for area in places.children("")
    ]


def _words(edition: Edition) -> str:
    words = edition.words
    said: dict[str, Any] = {key: words.forms[f"find.say.{key}"] for key in _SAID}
    said |= {"levels": [unescape(name) for name in edition.level_names]}
    said |= {"locale": words.tag, "country": words.forms["place.country"]}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
