"""How often each size occurs."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from escruta.portal.charts.frames import Axis, Caption, Size, axes, box, figure, frame_of
from escruta.portal.charts.lines import Mark, draw_marks
from escruta.portal.charts.ticks import Value, number_of
from escruta.portal.words import Words


def histogram(
    words: Words,
    caption: Caption,
    edges: Sequence[Value],
    counts: Sequence[int],
    *,
    x: Axis,
    y: Axis,
    marks: Sequence[Mark] = (),
) -> Markup:
    """Draw how many fall between each edge and the next one.

    Raises:
        ValueError: there is not one edge more than counts.
    """
    if len(edges) != len(counts) + 1:
        raise ValueError(f"{len(counts)} counts need {len(counts) + 1} edges, not {len(edges)}")
    places = [number_of(edge) for edge in edges]
    reach = [*places, *(number_of(mark.x) for mark in marks if mark.x is not None)]

    def draw(size: Size, name: str) -> tuple[int, str]:
        del name
        frame = frame_of(words, size, x, y, reach, [float(count) for count in counts])
        path = "".join(
            box(
                frame.across(low),
                frame.up(count),
                frame.across(high) - frame.across(low),
                frame.bottom - frame.up(count),
            )
            for low, high, count in zip(places, places[1:], counts, strict=False)
            if count
        )
        return size.height, axes(words, frame, x, y) + f'<path class="fill s1 cell" d="{path}"/>' + draw_marks(
            frame, marks
        )

    return figure(caption, [], draw)
