"""Lines over numbers or times, as they are or in steps, with bands around them and marks beside them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from escruta.portal.charts.frames import (
    Axis,
    Caption,
    Frame,
    Room,
    Size,
    axes,
    dashes,
    figure,
    frame_of,
    place,
    sign,
    style_of,
    swatch,
    width_of,
)
from escruta.portal.charts.ticks import Value, number_of
from escruta.portal.words import Words

_MANY = 500
"""Points from which a line carries no signs."""
_SIGNS_AT_MOST = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A line from point to point; where a value is None, the line has a gap."""

    name: str
    points: Sequence[tuple[Value, Value | None]]
    step: bool = False
    """Whether a value holds until the next point."""
    style: int | None = None
    """Which shade, dashes and sign: from 0; the series' place when absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """What lies between a low and a high value."""

    name: str
    """What the key calls it; nothing where another band has named it."""
    points: Sequence[tuple[Value, Value, Value]]
    """Place, low and high."""
    step: bool = False
    style: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something to point at: a place, a value, or a point where both are given."""

    text: str
    x: Value | None = None
    y: Value | None = None


_Point = tuple[float, float]


def line_chart(
    words: Words,
    caption: Caption,
    series: Sequence[Series],
    *,
    x: Axis,
    y: Axis,
    bands: Sequence[Band] = (),
    marks: Sequence[Mark] = (),
) -> Markup:
    """Draw lines, and bands behind them."""
    lines: list[Sequence[tuple[Value | None, ...]]] = [
        *(each.points for each in series),
        *(each.points for each in bands),
    ]
    xs = [number_of(point[0]) for line in lines for point in line if point[0] is not None]
    ys = [number_of(value) for line in lines for point in line for value in point[1:] if value is not None]
    xs += [number_of(mark.x) for mark in marks if mark.x is not None and xs]
    ys += [number_of(mark.y) for mark in marks if mark.y is not None and ys]

    def draw(size: Size, name: str) -> tuple[int, str]:
        del name
        if not xs or not ys:
            return 40, f"<text class=axis x=0 y=24>{words('chart.empty')}</text>"
        frame = frame_of(words, size, x, y, xs, ys)
        drawn = [axes(words, frame, x, y)]
        drawn += [_band(frame, band) for band in bands]
        drawn += [_line(frame, each, _style(each, number)) for number, each in enumerate(series)]
        drawn.append(draw_marks(frame, marks))
        return size.height, "".join(drawn)

    return figure(caption, [*_key(series), *_band_key(bands)], draw)


def _style(series: Series, number: int) -> int:
    return number if series.style is None else series.style


def _key(series: Sequence[Series]) -> list[tuple[str, str]]:
    keys = []
    for number, each in enumerate(series):
        style = _style(each, number)
        sample = f'<path class="stroke {style_of(style)}"{dashes(style)} d="M1 7H27"/>'
        keys.append((swatch(sample + (sign(style, 14, 7, 3) if len(each.points) <= _MANY else "")), each.name))
    return keys


def _band_key(bands: Sequence[Band]) -> list[tuple[str, str]]:
    return [
        (swatch(f'<path class="band {style_of(band.style)}" d="M1 1H27V13H1Z"/>'), band.name)
        for band in bands
        if band.name
    ]


def _line(frame: Frame, series: Series, style: int) -> str:
    pieces = _pieces(frame, series.points)
    path = "".join(_path(_steps(piece) if series.step else piece) for piece in pieces)
    places = [point for piece in pieces for point in piece]
    signs = ""
    if len(places) <= _MANY and not series.step:
        every = max(1, -(-len(places) // _SIGNS_AT_MOST))
        signs = "".join(sign(style, *point, 3) for point in places[::every])
    return f'<path class="stroke {style_of(style)}"{dashes(style)} d="{path}"/>{signs}'


def _pieces(frame: Frame, points: Iterable[tuple[Value, Value | None]]) -> list[list[_Point]]:
    pieces: list[list[_Point]] = [[]]
    for across, value in points:
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append((frame.across(number_of(across)), frame.up(number_of(value))))
    return [thinned(piece) for piece in pieces if piece]


def thinned(points: Sequence[_Point]) -> list[_Point]:
    """Leave out what no eye could see: of the points of one unit's width, keep the ends, the highest and the lowest.

    >>> thinned([(0.0, 5.0), (0.1, 9.0), (0.2, 1.0), (0.3, 4.0), (0.4, 6.0), (1.0, 5.0)])
    [(0.0, 5.0), (0.1, 9.0), (0.2, 1.0), (0.4, 6.0), (1.0, 5.0)]
    """
    kept: list[_Point] = []
    start = 0
    while start < len(points):
        end = start
        while end < len(points) and int(points[end][0]) == int(points[start][0]):
            end += 1
        inside = range(start, end)
        best = {
            start,
            end - 1,
            min(inside, key=lambda each: points[each][1]),
            max(inside, key=lambda each: points[each][1]),
        }
        kept.extend(points[each] for each in sorted(best))
        start = end
    return kept


def _steps(points: Sequence[_Point]) -> list[_Point]:
    """Turn a line into steps: each value holds until the next point."""
    found = list(points[:1])
    for (_, before), (across, value) in itertools.pairwise(points):
        found += [(across, before), (across, value)]
    return found


def _path(points: Sequence[_Point]) -> str:
    return "M" + "L".join(f"{place(across)} {place(down)}" for across, down in points)


def _band(frame: Frame, band: Band) -> str:
    low = [(frame.across(number_of(x)), frame.up(number_of(value))) for x, value, _ in band.points]
    high = [(frame.across(number_of(x)), frame.up(number_of(value))) for x, _, value in band.points]
    if band.step:
        low, high = _steps(low), _steps(high)
    around = [*thinned(high), *reversed(thinned(low))]
    return f'<path class="band {style_of(band.style)}" d="{_path(around)}Z"/>' if around else ""


def draw_marks(frame: Frame, marks: Sequence[Mark]) -> str:
    """Draw what is pointed at, and write each text where none stands yet."""
    room, drawn = Room(), []
    for mark in marks:
        x = None if mark.x is None else number_of(mark.x)
        y = None if mark.y is None else number_of(mark.y)
        if frame.holds(x, y):
            drawn.append(_mark(frame, mark.text, x, y, room))
    return "".join(drawn)


def _mark(frame: Frame, text: str, x: float | None, y: float | None, room: Room) -> str:
    across = frame.right if x is None else frame.across(x)
    up = frame.top if y is None else frame.up(y)
    if x is not None and y is not None:
        line = f'<path class=dot d="M{place(across - 5)} {place(up)}a5 5 0 1 0 10 0a5 5 0 1 0 -10 0Z"/>'
    elif x is not None:
        line = f'<path class=mark d="M{place(across)} {place(frame.top)}V{place(frame.bottom)}"/>'
    else:
        line = f'<path class=mark d="M{place(frame.left)} {place(up)}H{place(frame.right)}"/>'
    return line + label(frame, text, across, up + (3 if y is None else -6), room)


def label(frame: Frame, text: str, across: float, up: float, room: Room) -> str:
    """Write a text beside a place, on the side that has more room, below whatever stands there."""
    letter = frame.size.letter
    width = width_of(text, letter)
    to_left = across - frame.left > frame.right - across
    start = max(across - 8 - width, 2) if to_left else min(across + 8, max(frame.size.width - width - 2, 2))
    top = room.place(start, max(up - letter, 0), width, letter * 1.25)
    end = " text-anchor=end" if to_left and start > 2 else ""  # noqa: PLR2004 - at the edge it begins there
    at = start + width if end else start
    return f'<text class=lab x="{place(at)}" y="{place(top + letter)}"{end}>{escape(text)}</text>'
