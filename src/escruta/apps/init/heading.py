"""What a definition says of the election as a whole; files of figures seldom say it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from escruta.apps.init.words import slug

UNKNOWN_DATE = dt.date(1900, 1, 1)
"""What stands where the day of the vote must stand and nothing says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """The first lines of a definition."""

    id: str
    name: str
    date: dt.date
    date_from: str
    """How the date was found, for the comment."""
    country: str | None


def heading_of(
    election_id: str, *, name: str | None, date: dt.date | None, country: str | None, stamps: Sequence[str]
) -> Heading:
    """Write down what the caller says, and for the date, where nobody says it, what a file's name says.

    >>> heading_of("Bolivia 2019", name=None, date=None, country=None, stamps=["2019-10-24"]).id
    'bolivia-2019'
    """
    days = sorted(stamp[:10] for stamp in stamps if stamp)
    found = _valid_day(days[0]) if days else None
    if date is not None:
        words = "the day of the vote"
    elif found is not None:
        words = "the day of the vote; this is the earliest date in a file's name"
    else:
        words = "no file says it; write the day of the vote"
    identity = slug(election_id, fallback="election")
    return Heading(
        id=identity, name=name or election_id, date=date or found or UNKNOWN_DATE, date_from=words, country=country
    )


def _valid_day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
