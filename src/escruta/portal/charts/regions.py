"""What is possible against what was said: areas of a plane, and points in and beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from escruta.portal.charts.frames import (
    Axis,
    Caption,
    Frame,
    Room,
    Size,
    axes,
    figure,
    filling,
    frame_of,
    hatching,
    place,
    sign,
    style_of,
    swatch,
)
from escruta.portal.charts.lines import Mark, draw_marks, label
from escruta.portal.charts.ticks import Value, number_of
from escruta.portal.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """Everything inside some outlines."""

    name: str
    outlines: Sequence[Sequence[tuple[Value, Value]]]
    style: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A point with its name."""

    name: str
    x: Value
    y: Value
    style: int | None = None


def region_chart(
    words: Words,
    caption: Caption,
    regions: Sequence[Region],
    points: Sequence[Point],
    *,
    x: Axis,
    y: Axis,
    marks: Sequence[Mark] = (),
) -> Markup:
    """Draw areas, each with a hatching of its own, and points with their names."""
    xs = [number_of(corner[0]) for region in regions for outline in region.outlines for corner in outline]
    ys = [number_of(corner[1]) for region in regions for outline in region.outlines for corner in outline]
    xs += [number_of(point.x) for point in points]
    ys += [number_of(point.y) for point in points]
    shades = [number if region.style is None else region.style for number, region in enumerate(regions)]

    def draw(size: Size, name: str) -> tuple[int, str]:
        if not xs:
            return 40, f"<text class=axis x=0 y=24>{words('chart.empty')}</text>"
        frame = frame_of(words, size, x, y, xs, ys)
        defs = "".join(hatching(name, style) for style in sorted(set(shades)))
        drawn = [f"<defs>{defs}</defs>", axes(words, frame, x, y)]
        drawn += [_region(frame, region, name, style) for region, style in zip(regions, shades, strict=True)]
        drawn += [draw_marks(frame, marks), _points(frame, points)]
        return size.height, "".join(drawn)

    return figure(caption, _key(caption, regions, shades, points), draw)


def _key(
    caption: Caption, regions: Sequence[Region], shades: Sequence[int], points: Sequence[Point]
) -> list[tuple[str, str]]:
    keys = []
    for region, style in zip(regions, shades, strict=True):
        name = f"{caption.name}-key{style}"
        keys.append(
            (swatch(f"<defs>{hatching(name, style)}</defs>{_filled(name, style, 'M1 1H27V13H1Z')}"), region.name)
        )
    for number, point in enumerate(points):
        keys.append((swatch(sign(number if point.style is None else point.style, 14, 7, 5)), point.name))
    return keys


def _region(frame: Frame, region: Region, name: str, style: int) -> str:
    path = "".join(
        "M" + "L".join(f"{place(frame.across(number_of(x)))} {place(frame.up(number_of(y)))}" for x, y in outline) + "Z"
        for outline in region.outlines
        if outline
    )
    return _filled(name, style, path)


def _filled(name: str, style: int, path: str) -> str:
    outline = f'<path class="outline {style_of(style)}" d="{path}"/>'
    return f'<g class=region><path{filling(name, style)} d="{path}"/>{outline}</g>'


def _points(frame: Frame, points: Sequence[Point]) -> str:
    room, drawn = Room(), []
    for number, point in enumerate(points):
        x, y = number_of(point.x), number_of(point.y)
        if frame.holds(x, y):
            across, up = frame.across(x), frame.up(y)
            drawn.append(sign(number if point.style is None else point.style, across, up, 6))
            drawn.append(label(frame, point.name, across, up + frame.size.letter * 0.4, room))
    return "".join(drawn)
