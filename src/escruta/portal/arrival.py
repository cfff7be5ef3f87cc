"""Who had how much when: the stations that each source had, over the night, and the stretches in which nothing came.

Only what the sources' files say of the moment at which a copy arrived is drawn; of other copies it is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from fractions import Fraction
from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt
from babel.dates import format_datetime
from markupsafe import Markup

from escruta.portal.charts import Axis, Band, Caption, Mark, Series, line_chart
from escruta.portal.editions import Edition
from escruta.portal.moments import has_hour, moment_of, zone_of, zone_with_offset

Moments = npt.NDArray[np.int64]
"""Seconds since 1970, in order, one for each station."""
_MOST_POINTS = 120
_TAIL = 0.98
"""The picture ends when this share of all that came had come, and a little later; the rest is told in words."""
_AWAITED = 25
"""A silence is told when at the source's pace so many stations would have come in it."""
_MINUTE_S = 60
"""Many sources write whole minutes."""
_SHORTEST_S = 2 * _MINUTE_S
"""A silence is longer than this: between two whole minutes that follow each other nobody knows of one."""
_SILENCES = 5
_GREY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A stretch in which nothing came from a source, from the last arrival before it to the first one after it."""

    source: str
    begins: int
    ends: int
    awaited: int
    """Stations that would have come in it at the slower pace of those shortly before and after."""


def arrival(edition: Edition, moments: Mapping[str, Moments]) -> str:
    """Draw the night; nothing where no source says when its copies came. `moments` gives them for each source."""
    told = [source for source in edition.sources if len(moments.get(source["id"], ())) > 1]
    if not told:
        return ""
    own = {source["id"]: moments[source["id"]] for source in told}
    end = _end_of(own)
    silences = [silence for source, each in own.items() for silence in silences_of(source, each[each <= end])]
    return f"{_chart(edition, own, silences, end)}{_said(edition, silences)}{_table(edition, own)}"


def silences_of(source: str, moments: Moments) -> list[Silence]:
    """Find the stretches without an arrival in which many would have come: the longest, in the order of the night.

    The pace is the slower one of those shortly before and shortly after, so that a night that ebbs away is no silence.
    """
    near = max(_AWAITED, len(moments) // 20)
    if len(moments) < 2 * near + 2:
        return []
    before, after = moments[near:-near][:-1], moments[near:-near][1:]
    slowest = np.maximum(before - moments[: len(before)], moments[len(moments) - len(after) :] - after)
    gaps = after - before
    awaited = np.where(gaps > _SHORTEST_S, gaps * near // np.maximum(slowest, _MINUTE_S), 0)
    found = [
        Silence(source=source, begins=int(before[at]), ends=int(after[at]), awaited=int(awaited[at]))
        for at in np.argsort(-awaited, kind="stable")[:_SILENCES]
        if awaited[at] >= _AWAITED
    ]
    return sorted(found, key=lambda silence: silence.begins)


def _end_of(own: Mapping[str, Moments]) -> int:
    everything = np.sort(np.concatenate(list(own.values())))
    most = int(everything[min(int(len(everything) * _TAIL), len(everything) - 1)])
    return min(most + (most - int(everything[0])) // 20, int(everything[-1]))


def _chart(edition: Edition, own: Mapping[str, Moments], silences: list[Silence], end: int) -> str:
    words, expected = edition.words, edition.national.stations[0]
    begin = min(int(each[0]) for each in own.values())
    if begin == end:
        return ""  # all at one moment: nothing to draw
    ticks = np.unique(np.linspace(begin, end, _MOST_POINTS).astype(np.int64))
    series = [
        Series(
            name=f"{edition.letters[source]} {_name(edition, source)}",
            points=[(_moment(edition, int(at)), _part(int(had), expected)) for at, had in _steps(each, ticks)],
            step=True,
        )
        for source, each in own.items()
    ]
    top = max(value for line in series for _, value in line.points if value is not None)
    bands = [
        Band(
            name=_key(edition, silence.source) if silence is first else "",
            points=[(_moment(edition, at), 0, top) for at in (silence.begins, silence.ends)],
            style=_GREY,
        )
        for source in own
        for each in [[silence for silence in silences if silence.source == source]]
        for first, silence in [(each[0], silence) for silence in each]
    ]
    caption = Caption(name="arrival", title=words.html("arrival.chart"))
    x = Axis(
        kind="time",
        label=words.html("arrival.time", zone=zone_with_offset(_moment(edition, begin))),
        zone=zone_of(edition.election),
    )
    label = words.html("arrival.share") if expected else words.html("funnel.stations")
    y = Axis(kind="share" if expected else "number", label=label)
    return str(line_chart(words, caption, series, x=x, y=y, bands=bands, marks=_announcements(edition, begin, end)))


def _key(edition: Edition, source: str) -> str:
    return edition.words.html("arrival.nothing", source=edition.letters[source])


def _steps(moments: Moments, ticks: Moments) -> list[tuple[int, int]]:
    """Give how many had come at each moment of the picture, where it changed."""
    had = np.searchsorted(moments, ticks, side="right")
    changed = np.flatnonzero(np.diff(had, prepend=-1))
    kept = sorted({*changed.tolist(), len(ticks) - 1})
    return [(int(ticks[at]), int(had[at])) for at in kept]


def _part(had: int, expected: int | None) -> int | Fraction:
    return Fraction(had, expected) if expected else had


def _announcements(edition: Edition, begin: int, end: int) -> list[Mark]:
    """Mark the announcements of which the hour is known."""
    marks = []
    for said in edition.election.get("announcements", ()):
        text = str(said.get("at") or "")
        if has_hour(text) and said.get("contest") in {None, edition.contest.contest}:
            at = moment_of(edition.election, text)
            if begin <= at.timestamp() <= end:
                marks.append(Mark(text=edition.words.named(said["name"]), x=at))
    return marks


def _said(edition: Edition, silences: list[Silence]) -> str:
    """Tell each silence in words, and nothing of why."""
    words = edition.words
    items = "".join(
        f"<li><b class=k>{edition.letters[each.source]}</b> "
        + words(
            "arrival.silence",
            n=each.awaited,
            begins=_clock(edition, each.begins),
            ends=_clock(edition, each.ends, after=each.begins) + _both_in_utc(edition, each),
        )
        for each in silences
    )
    return f"<ul class=plain>{items}</ul><p class=note>{words('arrival.why')}" if items else ""


def _table(edition: Edition, own: Mapping[str, Moments]) -> str:
    words = edition.words
    heads = "".join(f"<th scope=col class=n>{words(f'arrival.{key}')}" for key in ("first", "half", "tenth", "last"))
    rows = "".join(_row(edition, source, own.get(source["id"])) for source in edition.sources)
    return (
        f"<div class=w tabindex=0 role=region aria-label='{words('arrival.title')}'><table class=arr><thead><tr>"
        f"<th scope=col>{words('arrival.source')}<th scope=col class=n>{words('funnel.stations')}{heads}"
        f"<tbody>{rows}</table></div>"
    )


def _row(edition: Edition, source: Mapping[str, Any], moments: Moments | None) -> str:
    words = edition.words
    listed = {each["source"]: each.get("stations") for each in edition.contest.summary.get("sources", ())}
    number = listed.get(source["id"])
    known = f"<i>{words('unknown')}</i>" if number is None else words.numbers.count(number)
    whole = f"<td class=n>{known}"
    named = f"<b class=k>{edition.letters[source['id']]}</b> <span>{_name(edition, source['id'])}</span>"
    name = f"<tr><th scope=row>{named}{whole}"
    if moments is None:
        return f"{name}<td class=n colspan=4><i>{words('arrival.unknown')}</i>"
    last = len(moments) - 1
    places = (0, (last + 1) // 2, -(-9 * (last + 1) // 10) - 1, last)
    cells = "".join(f"<td class=n>{_clock_and_utc(edition, int(moments[max(place, 0)]))}" for place in places)
    silent = (number or 0) - len(moments)
    more = f"<small>{words('arrival.undated', n=silent)}</small>" if silent > 0 else ""
    return f"{name}{more}{cells}"


def _name(edition: Edition, source: str) -> str:
    return escape(edition.words.named(next(each["name"] for each in edition.sources if each["id"] == source)))


def _moment(edition: Edition, at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC).astimezone(zone_of(edition.election))


def _clock(edition: Edition, at: int, after: int | None = None, zone: tzinfo | None = None) -> Markup:
    """Write a moment with its day, in the election's zone; without the day where it is that of the moment before."""
    zone = zone or zone_of(edition.election)
    moment = datetime.fromtimestamp(at, zone)
    same = after is not None and datetime.fromtimestamp(after, zone).date() == moment.date()
    form = "HH:mm" if same else "d\N{NO-BREAK SPACE}MMM, HH:mm"
    return Markup("{}").format(format_datetime(moment, form, locale=edition.words.locale))


def _clock_and_utc(edition: Edition, at: int) -> Markup:
    """Write a moment in the election's zone and, small, in UTC."""
    if edition.time_zone == "UTC":
        return _clock(edition, at)
    is_same_day = _moment(edition, at).date() == datetime.fromtimestamp(at, UTC).date()
    utc = _clock(edition, at, at if is_same_day else None, UTC)
    return Markup("{} <small>{}\N{NO-BREAK SPACE}UTC</small>").format(_clock(edition, at), utc)


def _both_in_utc(edition: Edition, silence: Silence) -> Markup:
    """Write both ends of a silence in UTC, small."""
    if edition.time_zone == "UTC":
        return Markup()
    begins = _clock(edition, silence.begins, zone=UTC)
    ends = _clock(edition, silence.ends, after=silence.begins, zone=UTC)
    return Markup(" <small>({}–{} UTC)</small>").format(begins, ends)
