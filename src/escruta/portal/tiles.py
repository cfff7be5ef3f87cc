"""A picture of where the stations are: one tile an area, one small square for so many stations.

A filled square is counted, a striped one has arrived and is not counted, an open one has not arrived. Where nobody
knows how many stations an area should have, the tile shows what has arrived and says so; the stations that are missing
without a place stand in a tile of their own, so that no picture ever looks complete when it is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import sqrt

from escruta.portal.contents import AreaResult
from escruta.portal.editions import Edition
from escruta.portal.folding import fold, folded, smaller
from escruta.portal.places import link

_COLUMNS = 8
_CELL = 10
_SQUARE = 8
_SMALLEST = 3
_MOST_SQUARES = 90
_STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 2500, 5000, 10_000)


@dataclass(frozen=True, slots=True)
class Parts:
    """The stations of a tile: counted, arrived but not counted, and not arrived (None: not known)."""

    counted: int
    waiting: int
    absent: int | None

    @property
    def whole(self) -> int:
        """All that is drawn."""
        return self.counted + self.waiting + (self.absent or 0)


def tiles(edition: Edition, here: str, results: Mapping[str, AreaResult], children: Sequence[str]) -> str:
    """Draw the first level of areas, and what is missing without a place."""
    words = edition.words
    parts = {child: parts_of(results[child]) for child in children if child in results}
    if not parts:
        return ""
    loose = _without_place(edition.national, parts)
    step = _step(max([each.whole for each in parts.values()] + [loose]))
    rest = parts if smaller(dict.fromkeys(parts, 0)) else {}  # the table of areas says the same in figures
    drawn = "".join(
        f"<li{folded(child in rest)}>{_tile(edition, link(here, edition.places.page(child)), child, each, step)}"
        for child, each in parts.items()
    )
    if loose:
        text = words("tiles.nowhere", n=loose)
        picture = _squares(Parts(0, 0, loose), step, text)
        drawn += f"<li><span>{words('tiles.nowhere_name')}</span>{picture}<small>{text}</small>"
    unknown = any(each.absent is None for each in parts.values())
    note = f"<p class=note>{words('tiles.unknown')}" if unknown else ""
    return (
        f"<p class=keys><span class='sq sq1'></span> {words('tiles.counted')} <span class='sq sq2'></span> "
        f"{words('tiles.waiting')} <span class='sq sq3'></span> {words('tiles.absent')} · "
        f"{words('tiles.square', n=step)}"
        f"{fold(words, 'tiles', len(parts), len(rest))}<ul class=tiles>{drawn}</ul>{note}"
    )


def parts_of(result: AreaResult) -> Parts:
    """Split the stations of an area into counted, waiting and absent."""
    expected, received, counted = result.stations[0], result.stations[1] or 0, result.counted
    absent = None if expected is None else max(expected - received, 0)
    return Parts(counted, max(received - counted, 0), absent)


def _without_place(national: AreaResult, parts: Mapping[str, Parts]) -> int:
    """Count the stations that the country expects and that no area accounts for."""
    if national.stations[0] is None:
        return 0
    return max(national.stations[0] - sum(each.whole for each in parts.values()), 0)


def _step(largest: int) -> int:
    return next((step for step in _STEPS if largest <= step * _MOST_SQUARES), _STEPS[-1])


def _tile(edition: Edition, href: str, area: str, parts: Parts, step: int) -> str:
    words, name = edition.words, edition.area_name(area)
    known = parts.counted + parts.waiting + parts.absent if parts.absent is not None else None
    text = (
        words("tiles.of", counted=parts.counted, n=known) if known is not None else words("tiles.only", n=parts.counted)
    )
    squares = _squares(parts, step, words.labelled(name, text))
    return f"<a href='{escape(href)}'>{name}</a>{squares}<small>{text}</small>"


def _squares(parts: Parts, step: int, text: str) -> str:
    """Draw the squares; what does not fill one is a smaller one, its surface its share."""
    runs = [(parts.counted, "w1"), (parts.waiting, "w2"), (parts.absent or 0, "w3")]
    shapes, place = [], 0
    for number, shade in runs:
        whole, rest = divmod(number, step)
        moves = [_move(each, _SQUARE) for each in range(place, place + whole)]
        if rest:
            moves.append(_move(place + whole, max(round(_SQUARE * sqrt(rest / step)), _SMALLEST)))
        if moves:
            path = "".join(moves)
            shapes.append(f'<path class={shade} d="{path}"/>')
            place += len(moves)
    rows = max(-(-place // _COLUMNS), 1)
    width, height = _COLUMNS * _CELL, rows * _CELL
    return (
        f'<svg class=waf role=img viewBox="0 0 {width} {height}" width={width} height={height}>'
        f"<title>{text}</title>{''.join(shapes)}</svg>"
    )


def _move(place: int, side: int) -> str:
    row, column = divmod(place, _COLUMNS)
    return f"M{column * _CELL + 1} {row * _CELL + 1}h{side}v{side}h-{side}z"
