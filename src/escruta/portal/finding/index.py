"""All places of an election in one small script: what the search page looks through, without a server.

A script and not JSON, because a page that was opened from a folder may load the one and not the other. A row a place,
each directly before the places inside it: its depth, its code, its name and the last part of its address where they are
not the code, the keys of the polling stations that lie directly in it, and how many of these one page holds where it is
fewer than elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter

from escruta.portal.places import STATIONS_A_PAGE, Places

NAME = "places"
_NUMBER_FROM = 2


def index_name(contest: int) -> str:
    """Give the address of a contest's index inside the site; contests are numbered from 0."""
    return f"assets/{NAME}.js" if contest == 0 else f"assets/{NAME}-{contest + 1}.js"


def index_of(places: Places, seats: Iterable[tuple[str, str]]) -> bytes:
    """Write the index; `seats` are all polling stations as (area, station), in the order of the pages."""
    stations = {area: [station for _, station in group] for area, group in groupby(seats, key=itemgetter(0))}
    rows = [_row(places, area, stations) for area in places.areas]
    text = json.dumps({"page": STATIONS_A_PAGE, "rows": rows}, ensure_ascii=False, separators=(",", ":"))
    return f"var places={_safe(text)};\n".encode()


def _row(places: Places, area: str, stations: Mapping[str, Sequence[str]]) -> list[object]:
    """Write a place, without the empty cells at the end of its row."""
    found = places.areas[area]
    slug = places.slug(area)
    prefix, rest = _keys(tuple(stations.get(area, ())))
    row: list[object] = [
        len(places.path(area)),
        found.code,
        found.name if found.name != found.code else 0,
        slug if slug != found.code else 0,
        prefix,
        rest,
        0 if (size := places.stations_a_page(area)) == STATIONS_A_PAGE else size,
    ]
    while row and not row[-1]:
        row.pop()
    return row or [0]


@lru_cache(maxsize=1 << 16)
def _keys(stations: tuple[str, ...]) -> tuple[str, str]:
    """Write station keys as what they all begin with, and the rest of each; runs of numbers as `1-4`.

    >>> _keys(("01.1", "01.2", "01.3", "01.7"))
    ('01.', '1-3,7')
    >>> _keys(("7",))
    ('', '7')
    """
    if not stations:
        return "", ""
    prefix = _common(min(stations), max(stations))
    prefix = prefix[: _key_start(prefix)] if len(stations) == 1 else prefix[: _key_start(f"{prefix}0")]
    rests = [station[len(prefix) :] for station in stations]
    if any("," in rest or "-" in rest or not rest for rest in rests):
        return "\n", "\n".join(stations)  # keys that cannot be written shorter; a line each
    return prefix, ",".join(_runs(rests))


def _common(first: str, last: str) -> str:
    """Give the beginning that two texts share, and with them every text between them."""
    shared = next((at for at, signs in enumerate(zip(first, last, strict=False)) if signs[0] != signs[1]), None)
    return first[: min(len(first), len(last)) if shared is None else shared]


def _key_start(key: str) -> int:
    """Tell where the last run of digits of a key begins."""
    return len(key.rstrip("0123456789"))


def _runs(rests: Sequence[str]) -> Iterable[str]:
    run: list[str] = []
    for rest in rests:
        if run and rest.isdecimal() and rest == str(int(run[-1]) + 1):
            run.append(rest)
            continue
        yield from _run(run)
        run = [rest]
        if not (rest.isascii() and rest.isdecimal() and str(int(rest)) == rest):
            yield rest
            run = []
    yield from _run(run)


def _run(run: Sequence[str]) -> Iterable[str]:
    if len(run) > _NUMBER_FROM:
        yield f"{run[0]}-{run[-1]}"
    else:
        yield from run


def _safe(text: str) -> str:
    """Keep what ends a script or a line of one out of it."""
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
