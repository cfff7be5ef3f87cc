"""The frame of every chart: its figure with title and key, its two sizes, its axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from importlib.resources import files

from markupsafe import Markup, escape

from escruta.portal.charts.ticks import Kind, Ticks, Value, ticks_of
from escruta.portal.words import Words

CHART_STYLE = "charts.css"
"""The name of the style sheet among the portal's assets."""
STYLES = 6
"""How many series a chart can tell apart; a seventh looks like the first."""
_DASHES = ("", "7 4", "2 3", "10 3 2 3", "14 4", "4 2 1 2")
_LETTER = 0.56
"""The width of a letter, in parts of its height: a guess that is seldom too small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """What a chart is called, and what it says to somebody who cannot see it."""

    name: str
    """Unlike that of any other chart on the page: small letters and hyphens."""
    title: str
    summary: str = ""
    """A sentence with what the chart shows; it is read aloud, and stands under the title."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """An axis: what it measures, and from where to where; without ends it shows all that there is."""

    label: str = ""
    kind: Kind = "number"
    low: Value | None = None
    high: Value | None = None
    zone: tzinfo = UTC
    """The zone in which times are written."""
    whole: bool = False
    """Whether only whole numbers make sense."""
    from_zero: bool = True
    """Whether zero is shown, whatever the values are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """One of the two sizes, in units of the drawing; a letter is about `letter` high."""

    name: str
    width: int
    height: int
    letter: int


WIDE = Size(name="wide", width=680, height=360, letter=13)
NARROW = Size(name="narrow", width=340, height=300, letter=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The part of a drawing in which the values stand."""

    size: Size
    left: float
    right: float
    top: float
    bottom: float
    x: Ticks
    y: Ticks

    def across(self, value: float) -> float:
        """Give the place of a value of the horizontal axis."""
        return self.left + (value - self.x.low) * (self.right - self.left) / (self.x.high - self.x.low)

    def up(self, value: float) -> float:
        """Give the place of a value of the vertical axis."""
        return self.bottom - (value - self.y.low) * (self.bottom - self.top) / (self.y.high - self.y.low)

    def holds(self, x: float | None, y: float | None) -> bool:
        """Say whether a value lies inside the axes; None is inside."""
        across = x is None or self.x.low <= x <= self.x.high
        return across and (y is None or self.y.low <= y <= self.y.high)


@dataclass(slots=True)
class Room:
    """Where text stands already, so that no other is written over it."""

    boxes: list[tuple[float, float, float, float]] = field(default_factory=list)

    def place(self, x: float, y: float, width: float, height: float) -> float:
        """Find the height nearest to `y`, downward, at which the box is free."""
        while any(
            x < right and left < x + width and y < low and high < y + height for left, high, right, low in self.boxes
        ):
            y += 2
        self.boxes.append((x, y, x + width, y + height))
        return y


def place(value: float) -> str:
    """Write a coordinate, to a tenth.

    >>> place(12.04), place(3.25), place(-0.01)
    ('12', '3.2', '0')
    """
    text = f"{value:.1f}"
    return "0" if text in {"-0.0", "0.0"} else text.removesuffix(".0")


def width_of(text: str, letter: int) -> float:
    """Guess the width of a text."""
    return max((len(line) for line in text.split("\n")), default=0) * letter * _LETTER


def frame_of(words: Words, size: Size, x: Axis, y: Axis, xs: Sequence[float], ys: Sequence[float]) -> Frame:
    """Lay the axes around the values."""
    y_ticks = _ticks(words, y, ys, most=5)
    left = max(width_of(text, size.letter) for text in y_ticks.texts) + 10
    most = 6 if size is WIDE else 4
    x_ticks = _ticks(words, x, xs, most=most)
    last = width_of(x_ticks.texts[-1], size.letter) / 2 + 2
    top = size.letter * 2.2 if y.label or y_ticks.in_millions else size.letter
    below = size.letter * (
        1.6 + 1.2 * any("\n" in text for text in x_ticks.texts) + 1.4 * bool(_label(words, x, x_ticks))
    )
    return Frame(
        size=size,
        left=left,
        right=size.width - max(last, 8),
        top=top,
        bottom=size.height - below - 4,
        x=x_ticks,
        y=y_ticks,
    )


def _ticks(words: Words, axis: Axis, values: Sequence[float], *, most: int) -> Ticks:
    shown = list(values) or [0.0, 1.0]
    if axis.kind != "time" and axis.from_zero:
        shown.append(0.0)
    low = axis.low if axis.low is not None else min(shown)
    high = axis.high if axis.high is not None else max(shown)
    return ticks_of(words, axis.kind, low, high, most=most, zone=axis.zone, whole=axis.whole)


def _label(words: Words, axis: Axis, ticks: Ticks) -> str:
    unit = str(words.html("chart.millions")) if ticks.in_millions else ""
    return ", ".join(part for part in (str(escape(axis.label)), unit) if part)


def axes(words: Words, frame: Frame, x: Axis, y: Axis) -> str:
    """Draw the lines of both axes with their numbers."""
    size, letter = frame.size, frame.size.letter
    parts = []
    for value, text in zip(frame.y.places, frame.y.texts, strict=True):
        at = frame.up(value)
        base = " base" if value == 0 else ""
        parts.append(f'<path class="grid{base}" d="M{place(frame.left)} {place(at)}H{place(frame.right)}"/>')
        parts.append(
            f'<text class=num x="{place(frame.left - 6)}" y="{place(at + letter * 0.35)}" text-anchor=end>{text}</text>'
        )
    for value, text in zip(frame.x.places, frame.x.texts, strict=True):
        at = frame.across(value)
        parts.append(f'<path class=tick d="M{place(at)} {place(frame.bottom)}v4"/>')
        for number, line in enumerate(text.split("\n")):
            down = frame.bottom + letter * (1.35 + 1.2 * number)
            parts.append(f'<text class=num x="{place(at)}" y="{place(down)}" text-anchor=middle>{line}</text>')
    above, below = _label(words, y, frame.y), _label(words, x, frame.x)
    if above:
        parts.append(f'<text class=axis x="0" y="{letter}">{above}</text>')
    if below:
        parts.append(
            f'<text class=axis x="{place(frame.right)}" y="{place(size.height - 4)}" text-anchor=end>{below}</text>'
        )
    return "".join(parts)


def style_of(number: int) -> str:
    """Name the class of a series' shade, dashes and hatching."""
    return f"s{number % STYLES + 1}"


def dashes(number: int) -> str:
    """Write the dashes of a series' line."""
    pattern = _DASHES[number % STYLES]
    return f' stroke-dasharray="{pattern}"' if pattern else ""


def hatching(name: str, number: int) -> str:
    """Write the filling of a series: its shade, with strokes that no other series has."""
    kind = number % STYLES
    if kind == 0:
        return ""
    strokes = ("", "M0 8L8 0", "M0 0L8 8", "M0 4H8", "M4 0V8", "M0 4H8M4 0V8")[kind]
    return (
        f'<pattern id="{name}-h{kind}" width=8 height=8 patternUnits=userSpaceOnUse>'
        f'<path class="fill {style_of(kind)}" d="M0 0H8V8H0Z"/><path class=hatch d="{strokes}"/></pattern>'
    )


def filling(name: str, number: int) -> str:
    """Refer to a series' filling inside the drawing that is called `name`."""
    kind = number % STYLES
    return f' class="fill {style_of(kind)}"' if kind == 0 else f' fill="url(#{name}-h{kind})"'


def box(x: float, y: float, width: float, height: float) -> str:
    """Write the outline of an upright rectangle."""
    return f"M{place(x)} {place(y)}h{place(width)}v{place(height)}h{place(-width)}Z"


SIGNS = ("circle", "square", "diamond", "up", "down", "cross")


def sign(number: int, x: float, y: float, radius: float = 4) -> str:
    """Draw the sign of a series at a point: a shape that no other series has."""
    r, at = radius, f"M{place(x)} {place(y)}"
    shape = {
        "circle": f"{at}m{place(-r)} 0a{r} {r} 0 1 0 {2 * r} 0a{r} {r} 0 1 0 {-2 * r} 0Z",
        "square": f"{at}m{-r} {-r}h{2 * r}v{2 * r}h{-2 * r}Z",
        "diamond": f"{at}m0 {-1.3 * r:g}l{1.3 * r:g} {1.3 * r:g}l{-1.3 * r:g} {1.3 * r:g}l{-1.3 * r:g} {-1.3 * r:g}Z",
        "up": f"{at}m0 {-1.2 * r:g}l{1.2 * r:g} {2.2 * r:g}h{-2.4 * r:g}Z",
        "down": f"{at}m0 {1.2 * r:g}l{1.2 * r:g} {-2.2 * r:g}h{-2.4 * r:g}Z",
        "cross": f"{at}m{-r} {-r}l{2 * r} {2 * r}m0 {-2 * r}l{-2 * r} {2 * r}",
    }[SIGNS[number % STYLES]]
    stroke = " stroked" if SIGNS[number % STYLES] == "cross" else ""
    return f'<path class="sign {style_of(number)}{stroke}" d="{shape}"/>'


Drawing = Callable[[Size, str], tuple[int, str]]
"""Draws a chart in one size under a name that is its own: its height, and what stands inside the SVG."""


def figure(caption: Caption, key: Sequence[tuple[str, str]], draw: Drawing) -> Markup:
    """Put both sizes of a chart under its title, with the key of its series: small drawings and their names."""
    title, summary = escape(caption.title), escape(caption.summary)
    items = "".join(f"<li>{drawn}{escape(name)}" for drawn, name in key)
    listed = f"<ul class=ckey>{items}</ul>" if key else ""
    said = f"<p class=csum>{summary}" if caption.summary else ""
    drawings = "".join(_svg(caption, size, draw) for size in (WIDE, NARROW))
    return Markup(  # noqa: S704 - every text in it is escaped
        f"<figure class=chart id=chart-{escape(caption.name)}><figcaption><b>{title}</b>{said}</figcaption>"
        f"{listed}{drawings}</figure>"
    )


def _svg(caption: Caption, size: Size, draw: Drawing) -> str:
    name = f"{escape(caption.name)}-{size.name}"
    height, inside = draw(size, name)
    return (
        f'<svg class="c {size.name}" viewBox="0 0 {size.width} {height}" role=img '
        f'aria-labelledby="{name}-t {name}-d"><title id="{name}-t">{escape(caption.title)}</title>'
        f'<desc id="{name}-d">{escape(caption.summary)}</desc>{inside}</svg>'
    )


def swatch(inside: str) -> str:
    """Make the small drawing that stands before a name in the key."""
    return f'<svg class=swatch viewBox="0 0 28 14" aria-hidden=true>{inside}</svg>'


def chart_style() -> str:
    """Read the style sheet of the charts."""
    return (files("escruta.portal") / "assets" / CHART_STYLE).read_text(encoding="utf-8")
