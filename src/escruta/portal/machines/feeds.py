"""A feed of what was announced, in one language. Source: the Atom Syndication Format (RFC 4287).

Its times are those of the announcements, since the record has no clock: `published` where the time is known, and the
election's day as the `updated` that the format wants of every entry where it is not; all of them in UTC. Ids are made
from the election's id and the announcement's, and stay the same wherever the pages stand or move to (RFC 4287,
section 4.2.6; RFC 9562, section 5.5). Links are whole addresses where the definition says where the pages will stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from escruta.portal.editions import Edition
from escruta.portal.machines.addresses import site_address
from escruta.portal.moments import has_hour, moment_of
from escruta.record.exports.xml import token

FEED = "feed.atom"
"""The feed's address in the folder of a contest's pages."""

_ATOM = "http://www.w3.org/2005/Atom"


def feed(edition: Edition) -> bytes:
    """Write the feed of a contest's announcements, the latest first; without any, it has no entries."""
    contest, words = edition.contest.contest, edition.words
    own = [each for each in edition.election.get("announcements", ()) if each.get("contest") in {None, contest}]
    entries = sorted(own, key=lambda each: _instant(edition, each.get("at")), reverse=True)
    newest = max([_instant(edition, each.get("at")) for each in own], default=_instant(edition, None))
    election = str(edition.election["id"])
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<feed xmlns="{_ATOM}" xml:lang="{words.language}">',
        f"<id>{_id(election, contest, words.language)}</id>",
        f"<title>{token(words.named(edition.election['name']))}</title>",
        f"<updated>{newest}</updated>",
        "<author><name>escruta</name></author>",
        *_links_of_feed(edition),
        *(_entry(edition, election, each) for each in entries),
        "</feed>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _links_of_feed(edition: Edition) -> list[str]:
    """Write where the feed's page stands, and where the address is known, the feed itself (RFC 4287, section 4.1.1)."""
    links = [f'<link rel="alternate" type="text/html" href="{_href(edition, "index.html")}"/>']
    if site_address(edition.election) is not None:
        links.append(f'<link rel="self" type="application/atom+xml" href="{_href(edition, FEED)}"/>')
    return links


def _href(edition: Edition, name: str) -> str:
    """Give the address of something beside the feed."""
    site = site_address(edition.election)
    return name if site is None else f"{site}{edition.words.language}/{edition.places.prefix}{name}"


def _entry(edition: Edition, election: str, announcement: Mapping[str, Any]) -> str:
    name = edition.words.named(announcement.get("name")) or str(announcement["id"])
    at = _instant(edition, announcement.get("at"))
    published = f"<published>{at}</published>" if has_hour(str(announcement.get("at") or "")) else ""
    return (
        f"<entry><id>{_id(election, edition.contest.contest, str(announcement['id']))}</id>"
        f"<title>{token(name)}</title><updated>{at}</updated>{published}"
        f'<link rel="alternate" type="text/html" href="{_href(edition, "index.html#announced")}"/>'
        f'<content type="text">{token(_said(edition, announcement))}</content></entry>'
    )


def _said(edition: Edition, announcement: Mapping[str, Any]) -> str:
    """Say the announced votes in one line; what is not announced is not said."""
    count = edition.words.numbers.count
    names = {candidate.candidate: candidate.name for candidate in edition.contest.candidates}
    parts = [f"{names[each]} {count(votes)}" for each, votes in announcement.get("votes", {}).items() if each in names]
    others = announcement.get("others")
    if others:
        parts.append(f"{edition.words.forms['announcement.others']} {count(others['votes'])}")
    return " · ".join(parts)


def _instant(edition: Edition, at: object) -> str:
    """Write a moment in UTC, as Atom asks for it (RFC 3339); what has no moment gets the election's day."""
    moment = moment_of(edition.election, str(at or edition.election["date"])).astimezone(UTC)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _id(*parts: str) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE_URL, 'escruta:' + '/'.join(parts))}"
