"""A feed of what was announced, in one language. Source: the Atom Syndication Format (RFC 4287).

Its times are those of the announcements, since the record has no clock: `published` where the time is known, and the
election's day as the `updated` that the format wants of every entry where it is not. Ids are made from the election's
id and the announcement's, so that they stay the same wherever the pages stand (RFC 9562, section 5.5).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape, quoteattr

from escruta.portal.editions import Edition

FEED = "feed.atom"
"""The feed's address in the folder of a contest's pages."""

_DAY = len("2024-07-28")


def feed(edition: Edition) -> bytes:
    """Write the feed of a contest's announcements, the latest first; without any, it has no entries."""
    contest = edition.contest.contest
    own = [each for each in edition.election.get("announcements", ()) if each.get("contest") in {None, contest}]
    entries = sorted(own, key=lambda each: str(each.get("at") or ""), reverse=True)
    day = str(edition.election["date"])
    newest = _instant(str((entries and entries[0].get("at")) or day))
    election = str(edition.election["id"])
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f"<feed xmlns={quoteattr('http://www.w3.org/2005/Atom')} xml:lang={quoteattr(edition.words.language)}>",
        f"<id>{_id(election, contest, edition.words.language)}</id>",
        f"<title>{escape(edition.words.named(edition.election['name']))}</title>",
        f"<updated>{newest}</updated>",
        "<author><name>escruta</name></author>",
        f'<link rel="alternate" type="text/html" href={quoteattr("index.html")}/>',
        *(_entry(edition, election, each) for each in entries),
        "</feed>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _entry(edition: Edition, election: str, announcement: Mapping[str, Any]) -> str:
    name = edition.words.named(announcement.get("name")) or str(announcement["id"])
    known = announcement.get("at")
    at = _instant(str(known or edition.election["date"]))
    published = f"<published>{at}</published>" if known else ""
    return (
        f"<entry><id>{_id(election, edition.contest.contest, str(announcement['id']))}</id>"
        f"<title>{escape(name)}</title><updated>{at}</updated>{published}"
        f'<link rel="alternate" type="text/html" href={quoteattr("index.html#announced")}/>'
        f'<content type="text">{escape(_said(edition, announcement))}</content></entry>'
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


def _instant(at: str) -> str:
    """Write a day or an instant as Atom asks for it; a day begins at midnight, UTC."""
    return f"{at}T00:00:00Z" if len(at) == _DAY else at


def _id(*parts: str) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE_URL, 'escruta:' + '/'.join(parts))}"
