"""Pictures of a result for links: what a message or a post shows where somebody hands a page's address on.

One for each language and contest: of the country, and of each of its widest areas. They are drawn from the same figures
as the page, by a typesetter that needs no browser, and the same figures are the same bytes under the same version of
it. Only an election whose definition asks for them has any (`[site] pictures`), so that whoever makes the pages again
makes them too or is told what is missing. Where a name has a letter that no font of the package has, there are none.

Source: the Open Graph protocol (og:image).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from html import unescape
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from escruta.base.errors import InputError
from escruta.portal import outcome
from escruta.portal.contents import AreaResult
from escruta.portal.editions import Edition
from escruta.sheets.printing.errors import GlyphsMissing, PrintingUnavailable
from escruta.sheets.printing.fonts import FontShelf, typesetter

WIDTH, HEIGHT = 1200, 630
"""Pixels of a picture, as those who show links ask for it."""

_PICTURED_LEVEL = 1
_MOST_BARS = 4
_THOUSANDTHS = 1000
_COLOUR = re.compile(r"--(k[0-5]):(#[0-9a-f]{6})")


def picture_address(page: str) -> str:
    """Give the address of a page's picture, beside the page.

    >>> picture_address("areas/01.html")
    'areas/01.png'
    """
    return f"{page.removesuffix('.html')}.png"


def pictured_pages(edition: Edition) -> frozenset[str]:
    """List the pages that have a picture in this edition.

    Raises:
        InputError: the definition asks for pictures, and the typesetter is not installed.
    """
    site = edition.election.get("site") or {}
    if not site.get("pictures", False) or not _families(edition):
        return frozenset()
    return frozenset(edition.places.page(area) for area in _pictured_areas(edition))


def draw_picture(edition: Edition, area: str, result: AreaResult) -> bytes:
    """Draw the result of an area whose page has a picture, as PNG."""
    given = {"lang": edition.words.language, "fonts": _families(edition), **_said(edition, area, result)}
    return bytes(_compiler().compile(format="png", ppi=72.0, sys_inputs={"given": json.dumps(given)}))


def _pictured_areas(edition: Edition) -> Sequence[str]:
    return ["", *edition.places.children("")]


def _said(edition: Edition, area: str, result: AreaResult) -> dict[str, Any]:
    """Say everything that stands in a picture, as plain texts and lengths in thousandths."""
    words = edition.words
    name = unescape(edition.area_name(area))
    contest = words.named(edition.contest.name) if len(edition.contests) > 1 else ""
    return {
        "kicker": " · ".join(text for text in (words.named(edition.election["name"]), contest) if text),
        "title": name if area else unescape(outcome.headline(edition, result)),
        "is-area": bool(area),
        "level": unescape(edition.level_names[_PICTURED_LEVEL]) if area and edition.has_name(area) else "",
        "lead": unescape(outcome.lead(edition, result) if area else _counted(edition, result)),
        "bars": _bars(edition, result),
        "heading": unescape(words("result.title")),
        "address": _shown_address(edition.election),
    }


def _counted(edition: Edition, result: AreaResult) -> str:
    words, expected = edition.words, result.stations[0]
    if not expected:
        return words("standfirst.counted", n=result.counted)
    share = words.numbers.share(result.counted, expected, 1)
    return words("standfirst.counted_of", n=result.counted, expected=expected, share=share)


def _bars(edition: Edition, result: AreaResult) -> list[dict[str, Any]]:
    """Give the candidates with the most votes; votes that are not known have no bar, and are never a zero."""
    if result.is_none_counted:
        return []
    words, whole = edition.words, result.candidate_votes
    longest = max([each.votes or 0 for each in result.votes] + [1])
    order = sorted(range(len(result.votes)), key=lambda place: (-(result.votes[place].votes or 0), place))
    bars = []
    for place in order[:_MOST_BARS]:
        votes = result.votes[place]
        is_known = votes.votes is not None
        is_any_read = votes.votes is not None and (votes.votes or not votes.unread_stations)
        count = words.numbers.count(votes.votes) if votes.votes is not None else unescape(words("unknown"))
        bars.append(
            {
                "name": edition.contest.candidates[place].name,
                "votes": f"≥ {count}" if is_known and votes.unread_stations else count,
                "share": words.numbers.share(votes.votes or 0, whole) if is_any_read and whole else "",
                "is-known": is_known,
                "length": (votes.votes or 0) * _THOUSANDTHS // longest,
                "colour": _colour(edition, place),
            }
        )
    return bars


def _colour(edition: Edition, place: int) -> str:
    own = edition.contest.candidates[place].colour
    shade = edition.shades[place]
    return own if own and shade not in _palette() else _palette()[shade]


@cache
def _palette() -> Mapping[str, str]:
    """Read the colours of candidates from the style sheet of the pages, as they are on a light page."""
    sheet = (files("escruta.portal") / "assets" / "site.css").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for name, colour in _COLOUR.findall(sheet):
        found.setdefault(name, colour)
    return found


def _shown_address(election: Mapping[str, Any]) -> str:
    parts = urlsplit(str((election.get("site") or {}).get("address", "")))
    return f"{parts.netloc}{parts.path}".rstrip("/")


def _families(edition: Edition) -> tuple[str, ...]:
    """Choose the fonts that have every letter of the names; none where some letter has no font."""
    names = [
        edition.words.named(edition.election["name"]),
        edition.words.named(edition.contest.name),
        *(candidate.name for candidate in edition.contest.candidates),
        *(unescape(edition.area_name(area)) for area in _pictured_areas(edition)),
        *(unescape(name) for name in edition.level_names),
    ]
    return _families_for(tuple(names))


@cache
def _families_for(names: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return _shelf().families_for(names)
    except GlyphsMissing:
        return ()
    except PrintingUnavailable as error:
        raise InputError(
            "the pictures of the pages are drawn by a program that is not installed",
            where="`pictures` in the definition's `[site]`",
            advice='pip install "escruta[print]"',
        ) from error


@cache
def _shelf() -> FontShelf:
    return FontShelf()


@cache
def _compiler() -> Any:  # noqa: ANN401 - the typesetter's own, which is an extra
    template = str(files("escruta.portal") / "machines" / "picture.typ")
    root = str(files("escruta.portal") / "machines")
    return typesetter().Compiler(template, root=root, font_paths=_shelf().typst_fonts)
