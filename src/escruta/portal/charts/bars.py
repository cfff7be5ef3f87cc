"""Lying bars under their names: with what they span, or with their parts one after another."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup, escape

from escruta.portal.charts.frames import (
    Axis,
    Caption,
    Frame,
    Size,
    box,
    figure,
    filling,
    frame_of,
    hatching,
    place,
    style_of,
    swatch,
    width_of,
)
from escruta.portal.charts.lines import Mark, draw_marks
from escruta.portal.charts.ticks import Value, decimal, number_of, percent_sign
from escruta.portal.words import Words

_THICK = 14
_EMPTY_AXIS = Axis()
_REST = ' class="fill rest"'
"""How the filling of what is left of a bar is called: a grey that takes part in nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bar from zero to a value; None is not known, and is said so."""

    name: str
    value: Value | None
    low: Value | None = None
    high: Value | None = None
    """From where to where it may be: drawn as a whisker."""
    text: str = ""
    """What stands beside the name; the value when absent."""
    style: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StackedBar:
    """A bar of parts, in the order of the chart's part names."""

    name: str
    parts: Sequence[Value]
    text: str = ""


def bar_chart(
    words: Words, caption: Caption, bars: Sequence[Bar], *, axis: Axis = _EMPTY_AXIS, marks: Sequence[Mark] = ()
) -> Markup:
    """Draw a bar for each name, with a whisker where it spans something; marks have an `x`."""
    values = [number_of(value) for bar in bars for value in (bar.value, bar.low, bar.high) if value is not None]
    values += [number_of(mark.x) for mark in marks if mark.x is not None]

    def draw(size: Size, name: str) -> tuple[int, str]:
        rows = [(bar.name, bar.text or _said(words, axis, bar.value)) for bar in bars]
        frame, height, heads = _rows(words, size, axis, rows, values)
        defs = "".join(hatching(name, style) for style in sorted({bar.style for bar in bars}))
        drawn = [f"<defs>{defs}</defs>", heads]
        drawn += [_bar(frame, bar, name, number) for number, bar in enumerate(bars)]
        drawn.append(draw_marks(frame, marks))
        return height, "".join(drawn)

    return figure(caption, [], draw)


def stacked_chart(
    words: Words,
    caption: Caption,
    parts: Sequence[str],
    bars: Sequence[StackedBar],
    *,
    axis: Axis = _EMPTY_AXIS,
    has_rest: bool = False,
) -> Markup:
    """Draw a bar for each name, cut into its parts; with `has_rest` the last is what is left of it, in calm grey."""
    styles = range(len(parts) - has_rest)
    values = [sum(number_of(part) for part in bar.parts) for bar in bars]

    def draw(size: Size, name: str) -> tuple[int, str]:
        frame, height, heads = _rows(words, size, axis, [(bar.name, bar.text) for bar in bars], values)
        defs = "".join(hatching(name, style) for style in styles)
        drawn = [f"<defs>{defs}</defs>", heads]
        for number, bar in enumerate(bars):
            drawn.append(_stack(frame, bar, name, number, styles))
        return height, "".join(drawn)

    keys = []
    for style, part in enumerate(parts):
        name = f"{caption.name}-key{style}"
        fill, defs = (filling(name, style), hatching(name, style)) if style in styles else (_REST, "")
        keys.append((swatch(f'<defs>{defs}</defs><path{fill} d="M1 1H27V13H1Z"/>'), part))
    return figure(caption, keys, draw)


def _said(words: Words, axis: Axis, value: Value | None) -> str:
    if value is None:
        return str(words.html("unknown"))
    if axis.kind == "share":
        return decimal(words, Fraction(number_of(value)) * 100, Fraction(1, 10)) + percent_sign(words)
    return (
        words.numbers.count(value)
        if isinstance(value, int)
        else decimal(words, Fraction(number_of(value)), Fraction(1, 10))
    )


def _pitch(size: Size) -> float:
    return size.letter * 1.5 + _THICK + 8


def _rows(
    words: Words, size: Size, axis: Axis, rows: Sequence[tuple[str, str]], values: Sequence[float]
) -> tuple[Frame, int, str]:
    """Lay out the rows: names and figures above each bar, the axis below the last one."""
    letter, pitch = size.letter, _pitch(size)
    flat = frame_of(words, size, axis, Axis(), values, [0.0, 1.0])
    below = size.height - flat.bottom
    bottom = pitch * len(rows) + 4
    half = width_of(flat.x.texts[0], letter) / 2
    frame = Frame(size=size, left=max(half, 2), right=flat.right, top=0, bottom=bottom, x=flat.x, y=flat.y)
    drawn = []
    for value, text in zip(frame.x.places, frame.x.texts, strict=True):
        at, base = frame.across(value), " base" if value == 0 else ""
        drawn.append(f'<path class="grid{base}" d="M{place(at)} 0V{place(bottom)}"/>')
        drawn.append(
            f'<text class=num x="{place(at)}" y="{place(bottom + letter * 1.3)}" text-anchor=middle>{text}</text>'
        )
    unit = str(words.html("chart.millions")) if frame.x.in_millions else ""
    said = ", ".join(part for part in (str(escape(axis.label)), unit) if part)
    if said:
        drawn.append(
            f'<text class=axis x="{place(frame.right)}" y="{place(bottom + below - 4)}" text-anchor=end>{said}</text>'
        )
    for number, (name, text) in enumerate(rows):
        y = place(pitch * number + letter * 1.2)
        drawn.append(f'<text class="lab name" x="{place(frame.left + 4)}" y="{y}">{escape(name)}</text>')
        if text:
            drawn.append(f'<text class="lab num" x="{size.width - 2}" y="{y}" text-anchor=end>{escape(text)}</text>')
    return frame, int(bottom + below), "".join(drawn)


def _bar(frame: Frame, bar: Bar, name: str, number: int) -> str:
    top = _pitch(frame.size) * number + frame.size.letter * 1.5
    drawn = ""
    if bar.value is not None:
        zero, end = frame.across(max(min(0.0, frame.x.high), frame.x.low)), frame.across(number_of(bar.value))
        drawn = f'<path{filling(name, bar.style)} d="{box(min(zero, end), top, abs(end - zero), _THICK)}"/>'
    if bar.low is None or bar.high is None:
        return drawn
    low, high, middle = frame.across(number_of(bar.low)), frame.across(number_of(bar.high)), top + _THICK / 2
    ends = "".join(f"M{place(at)} {place(middle - 5)}v10" for at in (low, high))
    whisker = f"M{place(low)} {place(middle)}H{place(high)}{ends}"
    return f'{drawn}<path class="whisker under" d="{whisker}"/><path class=whisker d="{whisker}"/>'


def _stack(frame: Frame, bar: StackedBar, name: str, number: int, styles: Collection[int]) -> str:
    top = _pitch(frame.size) * number + frame.size.letter * 1.5
    drawn, start = [], 0.0
    for style, part in enumerate(bar.parts):
        end = start + number_of(part)
        left, right = frame.across(start), frame.across(end)
        if right > left:
            fill = filling(name, style) if style in styles else _REST
            drawn.append(f'<path{fill} d="{box(left, top, right - left, _THICK)}"/>')
            drawn.append(f'<path class="edge {style_of(style)}" d="M{place(right)} {place(top)}v{_THICK}"/>')
        start = end
    return "".join(drawn)
