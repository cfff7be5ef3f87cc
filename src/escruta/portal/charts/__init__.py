"""Charts as SVG, drawn where the page is made: no script, the same bytes every time.

Every chart is drawn for a wide and for a narrow place, and the style sheet (`CHART_STYLE`) shows the one that fits. A
series is told apart by its shade, its dashes or hatching and its sign, so that no reader needs the colour; its shades
are the variables of the site's style sheet, which know light and dark. The words of the axes are `words` of the page.

>>> from escruta.portal.words import load_words
>>> night = Series(name="Counted", points=((0, 0), (1, 10)))
>>> chart = line_chart(load_words("en"), Caption(name="night", title="The night"), [night], x=Axis(), y=Axis())
>>> str(chart)[:35]
'<figure class=chart id=chart-night>'
"""

from escruta.portal.charts.bars import Bar, StackedBar, bar_chart, stacked_chart
from escruta.portal.charts.frames import CHART_STYLE, Axis, Caption
from escruta.portal.charts.histograms import histogram
from escruta.portal.charts.lines import Band, Mark, Series, line_chart
from escruta.portal.charts.regions import Point, Region, region_chart

__all__ = [
    "CHART_STYLE",
    "Axis",
    "Band",
    "Bar",
    "Caption",
    "Mark",
    "Point",
    "Region",
    "Series",
    "StackedBar",
    "bar_chart",
    "histogram",
    "line_chart",
    "region_chart",
    "stacked_chart",
]
