"""Where an axis has its lines, and what stands beside them: round numbers, shares and times."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from babel.dates import format_date, format_time

from escruta.portal.words import Words

Kind = Literal["number", "share", "time"]
Value = int | float | Fraction | datetime
_MILLION = 1_000_000
_HOUR = 3600
_DAY = 24 * _HOUR
_STEPS_S = (
    *(60 * minutes for minutes in (1, 2, 5, 10, 15, 30)),
    *(_HOUR * hours for hours in (1, 2, 3, 6, 12)),
    *(_DAY * days for days in (1, 2, 7, 14, 28, 91, 182, 364, 728, 1820, 3640)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticks:
    """The lines of an axis, from its low end to its high end."""

    low: float
    high: float
    places: tuple[float, ...]
    texts: tuple[str, ...]
    in_millions: bool = False


def number_of(value: Value) -> float:
    """Give a value's place on its axis; a time in seconds.

    Raises:
        ValueError: a time without a zone.
    """
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a time on a chart needs its zone")
        return value.timestamp()
    return float(value)


def nice_step(span: Fraction, most: int) -> Fraction:
    """Find the smallest of 1, 2 and 5 times a power of ten that cuts a span into at most `most` parts.

    >>> nice_step(Fraction(3_915_001), 5), nice_step(Fraction(7, 10), 4)
    (Fraction(1000000, 1), Fraction(1, 5))
    """
    power = Fraction(10 ** len(str(int(span))))
    while power * most < span:
        power *= 10
    while power * most >= span * 10:
        power /= 10
    # now power / 10 is too small, and power is enough
    return next(step for step in (power / 5, power / 2, power) if step * most >= span)


@lru_cache(maxsize=256)
def ticks_of(
    words: Words, kind: Kind, low: Value, high: Value, *, most: int, zone: tzinfo = UTC, whole: bool = False
) -> Ticks:
    """Choose round lines that contain all from `low` to `high`; `whole` allows whole numbers only."""
    if kind == "time":
        return _times(words, number_of(low), number_of(high), most, zone)
    first, last = _exact(low), _exact(high)
    step = nice_step(last - first if last > first else Fraction(1), most)
    step = max(step, Fraction(1)) if whole else step
    start, end = first // step, -(-last // step)
    end = max(end, start + 1)
    places = [step * number for number in range(start, end + 1)]
    texts, in_millions = _share_texts(words, places, step) if kind == "share" else _number_texts(words, places, step)
    return Ticks(
        low=float(places[0]),
        high=float(places[-1]),
        places=tuple(float(place) for place in places),
        texts=tuple(texts),
        in_millions=in_millions,
    )


def _exact(value: Value) -> Fraction:
    return Fraction(number_of(value)) if isinstance(value, datetime) else Fraction(value)


def _number_texts(words: Words, places: Sequence[Fraction], step: Fraction) -> tuple[list[str], bool]:
    in_millions = max(abs(places[0]), abs(places[-1])) >= _MILLION and step >= Fraction(_MILLION, 100)
    scale = Fraction(_MILLION if in_millions else 1)
    return [decimal(words, place / scale, step / scale) for place in places], in_millions


def _share_texts(words: Words, places: Sequence[Fraction], step: Fraction) -> tuple[list[str], bool]:
    return [decimal(words, place * 100, step * 100) + percent_sign(words) for place in places], False


def percent_sign(words: Words) -> str:
    """Give what follows a percentage, with its space where the language has one."""
    return str(words.locale.percent_formats[None].suffix[1])


def decimal(words: Words, value: Fraction, step: Fraction = Fraction(1)) -> str:
    """Write a number with as many decimals as its step has.

    >>> from escruta.portal.words import load_words
    >>> decimal(load_words("es"), Fraction(5, 2), Fraction(1, 2))
    '2,5'
    """
    digits = 0
    while (step * 10**digits).denominator != 1 and digits < 6:  # noqa: PLR2004 - finer than anybody reads
        digits += 1
    units = abs(value) * 10**digits
    whole, rest = divmod(int(units + Fraction(1, 2)), 10**digits)
    text = words.numbers.decimal(f"{whole}.{rest:0{digits}d}" if digits else str(whole))
    return f"−{text}" if value < 0 and (whole or rest) else text


def _times(words: Words, low: float, high: float, most: int, zone: tzinfo) -> Ticks:
    span = max(high - low, 60.0)
    step = next((each for each in _STEPS_S if each * most >= span), _STEPS_S[-1])
    midnight = datetime.fromtimestamp(low, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    first = midnight.timestamp()
    number = int((low - first) // step)
    places = []
    while first + (number - 1) * step < high:
        places.append(first + number * step)
        number += 1
    return Ticks(low=places[0], high=places[-1], places=tuple(places), texts=tuple(_time_texts(words, places, zone)))


def _time_texts(words: Words, places: Sequence[float], zone: tzinfo) -> list[str]:
    """Write the hour of each line; the day stands at the first line and wherever a new one begins."""
    days = all((later - sooner) % _DAY == 0 for sooner, later in itertools.pairwise(places))
    texts, before = [], None
    for place in places:
        moment = datetime.fromtimestamp(place, zone)
        hour = "" if days else format_time(moment, "HH:mm", locale=words.locale)
        day = format_date(moment.date(), "d MMM", locale=words.locale)
        texts.append("\n".join(part for part in (hour, day if day != before else "") if part))
        before = day
    return texts
