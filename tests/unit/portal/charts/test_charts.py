import hashlib
import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escruta.portal.charts import (
    Axis,
    Band,
    Bar,
    Caption,
    Mark,
    Point,
    Region,
    Series,
    StackedBar,
    bar_chart,
    histogram,
    line_chart,
    region_chart,
    stacked_chart,
)
from escruta.portal.charts.frames import STYLES, chart_style
from escruta.portal.charts.lines import thinned
from escruta.portal.charts.ticks import nice_step, ticks_of
from escruta.portal.words import load_words

EN = load_words("en")
ATTRIBUTE = re.compile(r"""([a-zA-Z:-]+)=("[^"]*"|[^\s">]+)""")


def drawings(chart):
    """The SVG elements of a chart, parsed: attributes without quotes are HTML, so quote them first."""
    found = re.findall(r"<svg.*?</svg>", str(chart), re.DOTALL)
    quoted = [re.sub(r"(\s[a-zA-Z-]+=)([^\s\"'>/]+)", r'\1"\2"', each).replace(" aria-hidden ", " ") for each in found]
    return [ET.fromstring(each) for each in quoted]  # noqa: S314 - we wrote it a moment ago


def every_chart(words=EN):
    caption = {"title": "A & B <i>", "summary": "Says <what> it shows."}
    axis = Axis(label="votes & <more>")
    night = Series(name="one <b>", points=[(0, 1), (1, 5), (2, None), (3, 2)])
    region = Region(name="possible <b>", outlines=[[(0, 0), (5, 0), (0, 5)]])
    return {
        "line": line_chart(
            words,
            Caption(name="line", **caption),
            [night],
            x=axis,
            y=axis,
            bands=[Band(name="range <b>", points=[(0, 0, 2), (1, 4, 6)])],
            marks=[Mark(text="here <b>", x=1), Mark(text="there", y=2), Mark(text="both", x=1, y=3)],
        ),
        "bars": bar_chart(
            words, Caption(name="bars", **caption), [Bar(name="a <b>", value=3, low=2, high=5)], axis=axis
        ),
        "stack": stacked_chart(
            words, Caption(name="stack", **caption), ["p <b>", "q"], [StackedBar(name="a <b>", parts=[1, 2])], axis=axis
        ),
        "region": region_chart(
            words, Caption(name="region", **caption), [region], [Point(name="said <b>", x=1, y=1)], x=axis, y=axis
        ),
        "histogram": histogram(words, Caption(name="hist", **caption), [0, 1, 2], [3, 4], x=axis, y=axis),
    }


@pytest.mark.parametrize("kind", ["line", "bars", "stack", "region", "histogram"])
def test_chart_can_be_read_aloud_and_is_drawn_for_two_widths(kind):
    chart = every_chart()[kind]
    pictures = [each for each in drawings(chart) if each.get("role") == "img"]
    assert [each.get("class") for each in pictures] == ["c wide", "c narrow"]
    for picture in pictures:
        named = picture.get("aria-labelledby").split()
        by_id = {each.get("id"): each for each in picture.iter() if each.get("id")}
        assert [by_id[name].text for name in named] == ["A & B <i>", "Says <what> it shows."]


@pytest.mark.parametrize("kind", ["line", "bars", "stack", "region", "histogram"])
def test_chart_escapes_every_text(kind):
    text = str(every_chart()[kind])
    assert "<i>" not in text
    assert not re.search(r"<b>(?!A &amp;)", text)
    assert "<more>" not in text


def test_ids_on_a_page_of_charts_are_all_different():
    ids = re.findall(r'id="?([\w-]+)', "".join(map(str, every_chart().values())))
    assert len(ids) == len(set(ids))


def test_every_filling_that_is_used_is_defined():
    parts = [str(number) for number in range(STYLES)]
    chart = str(stacked_chart(EN, Caption(name="s", title="t"), parts, [StackedBar(name="a", parts=[1] * STYLES)]))
    assert set(re.findall(r"url\(#([\w-]+)\)", chart)) == set(re.findall(r'<pattern id="([\w-]+)"', chart))
    assert len(set(re.findall(r"url\(#[\w-]+-narrow-([\w-]+)\)", chart))) == STYLES - 1  # the first one has no strokes


def test_chart_is_the_same_bytes_every_time():
    digests = {hashlib.sha256("".join(map(str, every_chart().values())).encode()).hexdigest() for _ in range(3)}
    assert len(digests) == 1


def test_same_chart_is_written_in_each_language():
    assert "2.5" in str(
        line_chart(EN, Caption(name="a", title=""), [Series(name="", points=[(0, 0), (1, 2.5)])], x=Axis(), y=Axis())
    )
    spanish = load_words("es")
    assert "2,5" in str(
        line_chart(
            spanish, Caption(name="a", title=""), [Series(name="", points=[(0, 0), (1, 2.5)])], x=Axis(), y=Axis()
        )
    )


def test_missing_value_leaves_a_gap_and_is_no_zero():
    chart = line_chart(
        EN,
        Caption(name="a", title=""),
        [Series(name="", points=[(0, 5), (1, None), (2, 5), (3, 5)])],
        x=Axis(),
        y=Axis(),
    )
    path = re.findall(r'class="stroke s1" d="(M[^"]+)"/>', str(chart))
    assert [each.count("M") for each in path] == [1, 2, 2]  # the key, wide, narrow


def test_unknown_bar_says_so():
    chart = str(bar_chart(EN, Caption(name="a", title=""), [Bar(name="x", value=None), Bar(name="y", value=0)]))
    assert chart.count("not known") == 2  # once in each size
    assert ">0</text>" in chart


def test_nothing_to_draw_is_said():
    assert "Nothing to draw yet" in str(line_chart(EN, Caption(name="a", title=""), [], x=Axis(), y=Axis()))


def test_time_without_a_zone_is_refused():
    points = [(datetime(2024, 7, 28, 20), 1)]  # noqa: DTZ001 - that is the fault
    with pytest.raises(ValueError, match="zone"):
        line_chart(EN, Caption(name="a", title=""), [Series(name="", points=points)], x=Axis(kind="time"), y=Axis())


def test_times_are_written_in_their_zone_with_the_day_where_it_changes():
    caracas = timezone(timedelta(hours=-4))
    ticks = ticks_of(
        EN,
        "time",
        datetime(2024, 7, 28, 23, 0, tzinfo=UTC),
        datetime(2024, 7, 29, 8, 30, tzinfo=UTC),
        most=6,
        zone=caracas,
    )
    assert ticks.texts == ("18:00\n28 Jul", "20:00", "22:00", "00:00\n29 Jul", "02:00", "04:00", "06:00")


def test_shares_are_percentages_in_the_language():
    assert ticks_of(EN, "share", 0, Fraction(7, 10), most=5).texts == ("0%", "20%", "40%", "60%", "80%")
    assert ticks_of(load_words("es"), "share", 0, 0.012, most=5).texts[1] == "0,5\u00a0%"


def test_large_numbers_are_told_in_millions():
    ticks = ticks_of(EN, "number", 0, 3_915_001, most=5)
    assert ticks.in_millions
    assert ticks.texts == ("0", "1", "2", "3", "4")
    assert not ticks_of(EN, "number", 0, 391_500, most=5).in_millions


@given(st.fractions(min_value=Fraction(1, 10**9), max_value=10**12), st.integers(2, 12))
def test_nice_step_is_the_smallest_round_one(span, most):
    step = nice_step(span, most)
    assert step * most >= span
    mantissa = step
    while mantissa >= 10:
        mantissa /= 10
    while mantissa < 1:
        mantissa *= 10
    assert mantissa in {1, 2, 5}
    smaller = step / 2 if mantissa != 5 else step * 2 / 5
    assert smaller * most < span


@given(st.integers(-(10**9), 10**9), st.integers(0, 10**9))
def test_ticks_hold_everything_at_even_distances(low, more):
    ticks = ticks_of(EN, "number", low, low + more, most=5)
    assert ticks.low <= low
    assert low + more <= ticks.high
    gaps = [later - sooner for sooner, later in pairwise(ticks.places)]
    assert max(gaps) - min(gaps) <= 1e-9 * max(gaps)
    assert len(set(ticks.texts)) == len(ticks.texts) <= 7


@given(st.lists(st.tuples(st.floats(0, 30), st.floats(0, 100)), min_size=1, max_size=80))
def test_thinning_keeps_the_ends_and_the_extremes(points):
    points.sort(key=lambda point: point[0])
    kept = thinned(points)
    assert (kept[0], kept[-1]) == (points[0], points[-1])
    assert {min(p[1] for p in kept), max(p[1] for p in kept)} == {min(p[1] for p in points), max(p[1] for p in points)}
    assert len(kept) <= 4 * 31


def test_histogram_wants_an_edge_more_than_counts():
    with pytest.raises(ValueError, match="edges"):
        histogram(EN, Caption(name="a", title=""), [0, 1], [1, 2], x=Axis(), y=Axis())


def test_every_class_that_is_drawn_has_a_style():
    used = {
        name
        for chart in every_chart().values()
        for each in re.findall(r'<path class="?((?:(?<=")[\w ]+)|\w+)', str(chart))
        for name in each.split()
    }
    styled = set(re.findall(r"\.([a-z][\w-]*)", chart_style()))
    assert used - styled - {"c"} == set()
