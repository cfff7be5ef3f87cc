"""Announced totals beside the tally: the difference for each candidate, and what is missing to compare them.

An announcement has no polling stations behind it, so that a difference says only that the two cannot both be the sum of
the same stations; it does not say which of them is right.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from escruta.election.definition import Announcement, Contest
from escruta.tally.totals import Tally

ANNOUNCEMENTS_SCHEMA = pl.Schema(
    {
        "announcement": pl.String,
        "candidate": pl.String,
        "candidates": pl.String,
        "announced": pl.Int64,
        "counted": pl.Int64,
        "difference": pl.Int64,
    }
)

_Row = tuple[str, str, str | None, int | None, int | None, int | None]


def compare_announcements(announcements: Iterable[Announcement], contest: Contest, tally: Tally) -> pl.DataFrame:
    """Put each announced figure beside what the counted stations of its area add up to.

    A row has the announced figure's `candidate`, or `others` for candidates announced as one sum, whose ids then
    stand in `candidates` joined by `;`. A candidate whom the announcement does not name has a null in `announced`.
    Where votes of counted stations are unread, `counted` is a lower bound and the difference is not known. Where no
    station of the area is counted, neither is known: nothing was added up, and that is not zero votes.
    """
    any_counted = pl.col("stations.counted") + pl.col("stations_counted_off_register") > 0
    rows = []
    for each in announcements:
        of_area = pl.col("area") == (each.area or "")
        own = tally.totals.filter(of_area)
        is_counted = not tally.areas.filter(of_area, any_counted).is_empty()
        counted = dict(zip(own["candidate"], own["votes"], strict=True)) if is_counted else None
        unread = set(own.filter(pl.col("unread_stations") > 0)["candidate"])
        rows.extend(_rows(each, contest, counted, unread))
    return pl.DataFrame(rows, schema=ANNOUNCEMENTS_SCHEMA, orient="row")


def _rows(announcement: Announcement, contest: Contest, counted: dict[str, int] | None, unread: set[str]) -> list[_Row]:
    together = announcement.others.candidates if announcement.others is not None else ()
    rows: list[_Row] = []
    for candidate in contest.candidates:
        if candidate.id in together:
            continue
        announced = announcement.votes.get(candidate.id)
        total = None if counted is None else counted[candidate.id]
        difference = None if announced is None or total is None or candidate.id in unread else announced - total
        rows.append((announcement.id, candidate.id, None, announced, total, difference))
    if announcement.others is not None:
        total = None if counted is None else sum(counted[candidate] for candidate in together)
        votes = announcement.others.votes
        difference = None if total is None or unread.intersection(together) else votes - total
        rows.append((announcement.id, "others", ";".join(together), votes, total, difference))
    return rows


def missing_to_compare(announcement: Announcement, *, stations_counted: int) -> tuple[str, ...]:
    """Name what is missing to compare an announcement with the stations: words stand in the locale files."""
    missing = ["results_of_polling_stations"]
    if announcement.stations is None:
        missing.append("number_of_stations_announced")
    elif announcement.stations != stations_counted:
        missing.append("same_number_of_stations")
    if announcement.valid is None:
        missing.append("valid_votes_announced")
    if announcement.null is None:
        missing.append("null_votes_announced")
    return tuple(missing)
