"""The whole addresses of the pages, where the election's definition says where they will stand, and none without it.

Sources: canonical link (RFC 6596); alternates by language (RFC 5646 for the codes, `x-default` as search engines have
it); the Open Graph protocol; Sitemaps XML format 0.9; Robots Exclusion Protocol (RFC 9309).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import urlsplit

from escruta.portal.editions import Edition
from escruta.portal.machines.pictures import HEIGHT, WIDTH, picture_address
from escruta.portal.outcome import headline

SITEMAP = "sitemap.xml"
ROBOTS = "robots.txt"
MOST_ADDRESSES = 50_000
"""Addresses in one site map; more need an index over several (Sitemaps 0.9)."""

_SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"
_TOOLS = ("check.html", "verify.html")
"""Pages that say something only behind a `#`; a search engine has no use for them."""


def site_address(election: Mapping[str, Any]) -> str | None:
    """Give the address of the site's folder, with a slash at its end; None where the definition gives none."""
    site = election.get("site") or {}
    return site.get("address")


def head_links(edition: Edition, page: str, title: str, lead: str, *, has_picture: bool = False) -> str:
    """Write what a page's head says of its own address; empty without one. `title` and `lead` are escaped.

    A link to the country's page is called by its headline, and one to a page without a title by the election's name.
    """
    site = site_address(edition.election)
    if site is None:
        return ""
    own = f"{site}{edition.words.language}/{page}"
    alternates = [(language, f"{site}{language}/{page}") for language in edition.languages]
    alternates.append(("x-default", alternates[0][1]))
    is_country = page == edition.places.page("")
    called = headline(edition, edition.national) if is_country else title or edition.election_name
    picture = f"{site}{edition.words.language}/{picture_address(page)}" if has_picture else ""
    links = "".join(f'<link rel=alternate hreflang={language} href="{href}">' for language, href in alternates)
    return f'<link rel=canonical href="{own}">{links}{_open_graph(edition, own, called, lead, picture)}'


def _open_graph(edition: Edition, own: str, title: str, lead: str, picture: str) -> str:
    said = [
        ("og:type", "website"),
        ("og:site_name", edition.election_name),
        ("og:title", title),
        ("og:description", lead),
        ("og:url", own),
    ]
    if picture:
        said += [
            ("og:image", picture),
            ("og:image:type", "image/png"),
            ("og:image:width", str(WIDTH)),
            ("og:image:height", str(HEIGHT)),
            ("og:image:alt", lead or title),
        ]
    card = "summary_large_image" if picture else "summary"
    tags = "".join(f'<meta property="{name}" content="{text}">' for name, text in said if text)
    return f"{tags}<meta name=twitter:card content={card}>"


def site_maps(site: str, addresses: Iterable[str], *, most: int = MOST_ADDRESSES) -> Iterator[tuple[str, bytes]]:
    """Write the site map over the pages among these addresses, and where they are too many, several with an index.

    There is no `lastmod`, since a site knows no clock. Where the site is a whole host, `robots.txt` leads to the map;
    below a path that file has no meaning, and the host's own has to.
    """
    pages = [f"{site}{address}" for address in sorted(addresses) if _is_page(address)]
    if len(pages) <= most:
        yield SITEMAP, _map("urlset", "url", pages)
    else:
        parts = [pages[start : start + most] for start in range(0, len(pages), most)]
        named = [(f"sitemap-{number}.xml", part) for number, part in enumerate(parts, 1)]
        yield SITEMAP, _map("sitemapindex", "sitemap", [f"{site}{name}" for name, _ in named])
        yield from ((name, _map("urlset", "url", part)) for name, part in named)
    if urlsplit(site).path == "/":
        yield ROBOTS, f"User-agent: *\nAllow: /\nSitemap: {site}{SITEMAP}\n".encode()


def _is_page(address: str) -> bool:
    """Say whether an address is that of a page in a language, with figures of its own."""
    folder, _, name = address.rpartition("/")
    return bool(folder) and name.endswith(".html") and name not in _TOOLS


def _map(root: str, each: str, addresses: Sequence[str]) -> bytes:
    rows = "".join(f"<{each}><loc>{escape(address)}</loc></{each}>\n" for address in addresses)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{_SITEMAPS}">\n{rows}</{root}>\n'.encode()
