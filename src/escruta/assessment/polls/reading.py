"""Polls from TOML or from a table: every record dated and sourced, every fault at once."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any, get_args

from escruta.assessment.polls.records import Method, Poll, ResultSet
from escruta.base.errors import InputError

_SLACK = Fraction(15, 1000)
"""Published percentages are rounded; they may add up to this much more than all."""
_TEXTS = ("id", "pollster", "election", "source", "method", "first_day", "last_day")


class PollsMalformed(InputError):  # noqa: N818 - the name says what is wrong
    """A file of polls has records that cannot be used; the message lists all of them."""


def read_polls(text: str, where: str) -> tuple[tuple[Poll, ...], tuple[ResultSet, ...]]:
    """Read polls, and results that have no record here, from a TOML text.

    Raises:
        PollsMalformed: with every fault, by the record's id.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PollsMalformed(f"the file of polls is no TOML: {error}", where=where) from None
    polls = _polls(table.get("polls", []), where)
    return polls, _results(table.get("results", []), where)


def read_polls_table(text: str, where: str) -> tuple[Poll, ...]:
    """Read polls from CSV: a row a poll; the columns `share.NAME` hold percentages, empty where nothing was said.

    Raises:
        PollsMalformed: with every fault, by the record's id.
    """
    rows = []
    for row in csv.DictReader(io.StringIO(text)):
        record: dict[str, Any] = {
            key: value for key, value in row.items() if key and value and not key.startswith("share.")
        }
        record["shares"] = {
            key.removeprefix("share."): value
            for key, value in row.items()
            if key and key.startswith("share.") and value
        }
        rows.append(record)
    return _polls(rows, where)


def _polls(rows: Iterable[Mapping[str, Any]], where: str) -> tuple[Poll, ...]:
    found, faults, seen = [], [], set()
    for number, row in enumerate(rows, start=1):
        name = str(row.get("id", f"number {number}"))
        try:
            poll = _poll(row)
        except ValueError as error:
            faults.append(f"{name}: {error}")
            continue
        if poll.id in seen:
            faults.append(f"{name}: the id stands twice")
        seen.add(poll.id)
        found.append(poll)
    if faults:
        raise PollsMalformed(
            "records of polls cannot be used:\n    " + "\n    ".join(faults),
            where=where,
            expected="id, pollster, election, source, method, first_day, last_day, and percentages in shares",
            advice="The page docs/how-to/score-polls.md has a record to copy.",
        )
    return tuple(found)


def _poll(row: Mapping[str, Any]) -> Poll:
    absent = [name for name in _TEXTS if not row.get(name)]
    if absent:
        raise ValueError(f"has no {', no '.join(absent)}")
    if row["method"] not in get_args(Method):
        raise ValueError(f"its method is {row['method']!r}, none of {', '.join(get_args(Method))}")
    shares = {str(name): _share(value, str(name)) for name, value in dict(row.get("shares", {})).items()}
    undecided = _share(row.get("undecided", 0), "undecided")
    if len(shares) < 2:  # noqa: PLR2004 - a poll of one candidate compares nobody
        raise ValueError("names fewer than two candidates in shares")
    if sum(shares.values()) + undecided > 1 + _SLACK:
        raise ValueError("its shares add up to more than 100")
    if undecided == 1:
        raise ValueError("leaves nobody who is decided")
    first, last = _day(row["first_day"]), _day(row["last_day"])
    if last < first:
        raise ValueError("ends before it begins")
    effect = _number(row.get("design_effect", 1), "design_effect")
    if effect < 1:
        raise ValueError("its design_effect is below 1")
    return Poll(
        id=str(row["id"]),
        pollster=str(row["pollster"]),
        election=str(row["election"]),
        source=str(row["source"]),
        method=row["method"],
        first_day=first,
        last_day=last,
        sample=_interviews(row.get("sample"), "sample"),
        shares=shares,
        undecided=undecided,
        design_effect=effect,
        assumed_sample=_interviews(row.get("assumed_sample"), "assumed_sample"),
        note=str(row.get("note", "")),
    )


def _results(rows: Iterable[Mapping[str, Any]], where: str) -> tuple[ResultSet, ...]:
    found = []
    for row in rows:
        votes = dict(row.get("votes", {}))
        numbers = all(isinstance(value, int) and value >= 0 for value in votes.values())
        if not (row.get("id") and row.get("election") and row.get("source") and votes and numbers):
            raise PollsMalformed(
                "a result beside the polls cannot be used",
                where=where,
                found=row.get("id"),
                expected="id, election, source, and whole numbers in votes",
            )
        found.append(
            ResultSet(
                id=str(row["id"]), election=str(row["election"]), name=str(row.get("name", row["id"])), votes=votes
            )
        )
    return tuple(found)


def _share(value: object, name: str) -> Fraction:
    share = _number(value, name) / 100
    if not 0 <= share <= 1:
        raise ValueError(f"{name} is {value}, not between 0 and 100")
    return share


def _number(value: object, name: str) -> Fraction:
    try:
        return Fraction(str(value).strip())
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"{name} is {value!r}, no number") from None


def _interviews(value: object, name: str) -> int | None:
    if value in (None, ""):
        return None
    number = _number(value, name)
    if number.denominator != 1 or number <= 0:
        raise ValueError(f"{name} is {value!r}, no number of interviews")
    return int(number)


def _day(value: object) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"{value!r} is no day such as 2024-07-28") from None
