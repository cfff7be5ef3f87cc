"""The moments of an election: read as its definition writes them, and shown in its time zone and in UTC.

A moment without an offset is one of the election's zone; a definition that names none, or one that nobody knows, has
its times in UTC. What has only a day has no hour: its day is shown as it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date, format_time, get_datetime_format
from markupsafe import Markup

from escruta.base.errors import InputError
from escruta.portal.words import Words

_DAY = len("2024-07-28")


def zone_of(election: Mapping[str, Any]) -> tzinfo:
    """Give the zone of an election's times; UTC where its definition has none that is known."""
    try:
        return ZoneInfo(str(election.get("time_zone") or "UTC"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def has_hour(text: str) -> bool:
    """Tell a moment from a day.

    >>> has_hour("2024-07-29T02:00:00Z"), has_hour("2024-07-29")
    (True, False)
    """
    return len(text) > _DAY


def moment_of(election: Mapping[str, Any], text: str) -> datetime:
    """Read a moment, in the election's zone; a day begins at midnight, UTC, and stays so.

    Raises:
        InputError: a definition that nobody validated has one that is no moment, or is one of no year in its zone or
            in UTC.

    >>> moment_of({"time_zone": "America/Caracas"}, "2024-07-29T02:00:00Z").isoformat()
    '2024-07-28T22:00:00-04:00'
    """
    zone = zone_of(election) if has_hour(text) else UTC
    try:
        moment = datetime.fromisoformat(text if has_hour(text) else f"{text}T00:00:00+00:00")
        local = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(zone)
        local.astimezone(UTC)
    except (OverflowError, ValueError):
        raise InputError(
            "the record's definition has a moment that no clock shows",
            where="election.json",
            found=text,
            expected="a date or a moment",
            advice="Correct it in the definition, and make the record again.",
        ) from None
    return local


def shown(words: Words, election: Mapping[str, Any], text: str) -> Markup:
    """Show what a definition says of a moment: its day, or its day and hour in the election's zone and in UTC."""
    moment = moment_of(election, text)
    return in_both(words, moment) if has_hour(text) else Markup("{}").format(_day(words, moment))


def in_both(words: Words, moment: datetime) -> Markup:
    """Show the day and hour of a moment in its own zone and, beside it, small, in UTC.

    >>> from escruta.portal.words import load_words
    >>> print(in_both(load_words("en"), moment_of({"time_zone": "America/Caracas"}, "2024-07-29T02:00:00Z")))
    28 July 2024, 22:00 America/Caracas <small>(29 July 2024, 02:00 UTC)</small>
    """
    there, utc = _parts(words, moment)
    return Markup("{} <small>({})</small>").format(there, utc) if utc else Markup("{}").format(there)


def in_both_plain(words: Words, moment: datetime) -> str:
    """Say the same as text without marks, for what describes a picture."""
    there, utc = _parts(words, moment)
    return f"{there} ({utc})" if utc else there


def zone_name(zone: tzinfo) -> str:
    """Name a zone as the database of time zones does, with spaces.

    >>> zone_name(ZoneInfo("America/Sao_Paulo")), zone_name(UTC)
    ('America/Sao Paulo', 'UTC')
    """
    return str(zone).replace("_", " ")


def zone_with_offset(moment: datetime) -> str:
    """Name the zone of a moment and, but for UTC itself, its distance from UTC then.

    >>> zone_with_offset(moment_of({"time_zone": "America/Caracas"}, "2024-07-29T02:00:00Z"))
    'America/Caracas, UTC−04:00'
    """
    name, offset = zone_name(moment.tzinfo or UTC), moment.strftime("%z")
    return name if name == "UTC" else f"{name}, UTC{offset[:3].replace('-', '−')}:{offset[3:5]}"


def _parts(words: Words, moment: datetime) -> tuple[str, str]:
    zone = zone_name(moment.tzinfo or UTC)
    said = f"{_day_and_hour(words, moment)} {zone}"
    if zone == "UTC":
        return said, ""
    utc = moment.astimezone(UTC)
    same = utc.date() == moment.date()
    return said, f"{_hour(words, utc) if same else _day_and_hour(words, utc)} UTC"


def _day_and_hour(words: Words, moment: datetime) -> str:
    pattern = str(get_datetime_format("medium", locale=words.locale))
    return pattern.replace("'", "").format(_hour(words, moment), _day(words, moment))


def _day(words: Words, moment: datetime) -> str:
    return format_date(moment.date(), "long", locale=words.locale)


def _hour(words: Words, moment: datetime) -> str:
    return format_time(moment.timetz(), "HH:mm", locale=words.locale)
