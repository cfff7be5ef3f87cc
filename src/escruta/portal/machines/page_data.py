"""What an area's page says, as JSON: one file for all languages, beside the pages.

A figure that is not known is null, and never 0. Addresses are those of the page's own folder of a language.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from escruta.portal.contents import STEPS, VERDICTS, AreaResult, Contest, Reading, Station
from escruta.portal.places import Places

FORMAT = "escruta/page/v1"
_FOLDER = "data"


def data_address(page: str) -> str:
    """Give the address, inside the site's folder, of the data of a page of any language.

    >>> data_address("areas/01/0101.html")
    'data/areas/01/0101.json'
    """
    return f"{_FOLDER}/{page.removesuffix('.html')}.json"


def area_data(
    election: str,
    contest: Contest,
    places: Places,
    area: str,
    results: Mapping[str, AreaResult],
    inside: Sequence[Station],
) -> bytes:
    """Write what is known of an area, of the areas directly inside it, and of the stations directly in it."""
    found, result = places.areas[area], results[area]
    document = {
        "format": FORMAT,
        "election": election,
        "contest": contest.contest,
        "area": found.area,
        "level": found.level_id or None,
        "code": found.code or None,
        "name": found.name or None,
        "parent": found.parent if area else None,
        "page": places.page(area),
        **_result(contest, result),
        "areas": [
            _inside(contest, places, child, results[child]) for child in places.children(area) if child in results
        ],
        "stations": [_station(contest, station) for station in inside],
    }
    return (json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def _result(contest: Contest, result: AreaResult) -> dict[str, Any]:
    steps = zip(STEPS, result.stations, result.registered, strict=True)
    return {
        "candidates": [
            {
                "candidate": candidate.candidate,
                "name": candidate.name,
                "votes": votes.votes,
                "votes_low": votes.low,
                "votes_high": votes.high,
                "unread_stations": votes.unread_stations,
            }
            for candidate, votes in zip(contest.candidates, result.votes, strict=True)
        ],
        "figures": {name: getattr(result, name) for name in ("candidate_votes", "valid", "null", "blank", "ballots")},
        "at_least": {name: getattr(result, f"{name}_low") or None for name in ("valid", "null", "blank", "ballots")},
        "coverage": [
            {"step": step, "stations": stations, "registered_voters": voters} for step, stations, voters in steps
        ],
        "verdicts": dict(zip(VERDICTS, result.verdicts, strict=True)),
        "outcome": {
            "leader": result.leader,
            "runner_up": result.runner_up,
            "margin_votes": result.margin_votes,
            "outside_stations": result.outside_stations,
            "outside_registered_voters": result.outside_registered_voters,
            "can_be_overturned": result.can_be_overturned,
        },
    }


def _inside(contest: Contest, places: Places, area: str, result: AreaResult) -> dict[str, Any]:
    found = places.areas[area]
    votes = zip(contest.candidates, result.votes, strict=True)
    return {
        "area": area,
        "code": found.code,
        "name": found.name or None,
        "data": data_address(places.page(area)),
        "counted": result.stations[-1],
        "votes": {candidate.candidate: each.votes for candidate, each in votes},
        "leader": result.leader,
        "margin_votes": result.margin_votes,
    }


def _station(contest: Contest, station: Station) -> dict[str, Any]:
    return {
        "station": station.station,
        "verdict": station.verdict,
        "reasons": station.reasons,
        "counted": station.counted,
        "registered_voters": station.registered_voters,
        "on_register": station.on_register,
        "readings": [_reading(contest, reading) for reading in station.readings],
    }


def _reading(contest: Contest, reading: Reading) -> dict[str, Any]:
    return {
        "reading": reading.reading,
        "source": reading.source,
        "origin": reading.origin,
        "copy": reading.copy,
        "method": reading.method,
        "act": reading.act,
        "standing": reading.standing,
        "log_index": None if reading.in_log is None else reading.in_log.index,
        "figures": dict(zip(contest.figures, reading.figures, strict=True)),
        "marks": {figure: mark for figure, (mark, _) in reading.marks.items()},
    }
