"""The table of a page as CSV, for a spreadsheet: the areas inside it, or else the readings of its polling stations.

One file for all languages, beside the page's JSON. A figure that is not known, or was not read, is an empty cell, and
never 0; marks are in the JSON.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO

from escruta.portal.contents import AreaResult, Contest, Station
from escruta.portal.machines import data_address
from escruta.portal.places import Places

_AREA = ("area", "code", "name", "expected", "counted")
_OUTCOME = ("candidate_votes", "leader", "margin_votes")
_READING = (
    "station", "verdict", "counted", "registered_voters", "reading", "source", "origin", "copy", "method", "act",
    "standing", "log_index",
)  # fmt: skip

Row = Sequence[object]


def table_address(page: str) -> str:
    """Give the address, inside the site's folder, of the table of a page of any language.

    >>> table_address("areas/01/0101.html")
    'data/areas/01/0101.csv'
    """
    return data_address(page).removesuffix("json") + "csv"


def page_table(
    contest: Contest, places: Places, area: str, results: Mapping[str, AreaResult], inside: Sequence[Station]
) -> bytes:
    """Write the table of an area's page; for a page of areas their order is the page's."""
    children = [child for child in places.children(area) if child in results]
    rows = _areas(contest, places, children, results) if children else _readings(contest, inside)
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _areas(
    contest: Contest, places: Places, children: Sequence[str], results: Mapping[str, AreaResult]
) -> Iterator[Row]:
    yield [*_AREA, *(f"votes.{candidate.candidate}" for candidate in contest.candidates), *_OUTCOME]
    for child in children:
        found, result = places.areas[child], results[child]
        votes = [each.votes for each in result.votes]
        yield [
            child, found.code, found.name, result.stations[0], result.counted, *votes,
            result.candidate_votes, result.leader, result.margin_votes,
        ]  # fmt: skip


def _readings(contest: Contest, inside: Sequence[Station]) -> Iterator[Row]:
    yield [*_READING, *contest.figures]
    for station in inside:
        head = (station.station, station.verdict, _truth(station.counted), station.registered_voters)
        if not station.readings:
            yield head
        for each in station.readings:
            place = None if each.in_log is None else each.in_log.index
            own = (each.reading, each.source, each.origin, each.copy, each.method, each.act, _truth(each.standing))
            yield [*head, *own, place, *each.figures]


def _truth(is_true: bool) -> str:  # noqa: FBT001 - the only thing it asks
    return "true" if is_true else "false"
