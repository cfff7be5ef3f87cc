"""Whether what stands in a cell is a count: digits, and nothing else.

A cell is not guessed at. `1.234` may be one and a bit or more than a thousand; it is a count only when the layout
declares the thousands separator. What is no count comes back with the kind of problem, so that a finding can name it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import StrEnum

import polars as pl

COUNT_LIMIT = 10_000_000
"""The most that one polling station can plausibly count."""

_MOST_DIGITS = 18
_SPACES = " \u00a0\u202f\t"
_NUMBER = r"^[+\-−]?(?:[0-9]+[.,]?[0-9]*|[.,][0-9]+)(?:[eE][+\-]?[0-9]+)?$"
_GROUPED = r"^[0-9]{1,3}(?:[.,'’ \u00a0\u202f][0-9]{3})+$"


class CountProblem(StrEnum):
    """Why a cell holds no count."""

    EMPTY = "empty"
    """Nothing stands there."""
    UNREAD_TOKEN = "unread-token"  # noqa: S105 - a token of a table, not of a login
    """A text that the layout declares to mean: not read."""
    NEGATIVE = "negative"
    """A whole number below zero."""
    NOT_INTEGER = "not-integer"
    """A number that is not written as a whole number: `12.5`, `12.0`, `1e3`."""
    THOUSANDS_SEPARATOR = "thousands-separator"
    """Groups of three digits with a separator that the layout does not declare."""
    TOO_LARGE = "too-large"
    """A whole number above the limit."""
    NOT_A_NUMBER = "not-a-number"
    """Anything else."""


def parse_counts(
    values: pl.Expr,
    *,
    thousands: str | None = None,
    unread_tokens: Collection[str] = (),
    limit: int = COUNT_LIMIT,
) -> tuple[pl.Expr, pl.Expr]:
    """Give the counts (Int64, null where there is none) and the kind of problem (String, null where there is none).

    `values` is a column of a `RawTable`: String or Int64. `unread_tokens` are compared after trimming, exactly.

    >>> frame = pl.DataFrame({"A": ["12", " 7 ", "1,234", "1e3", "-5", None, "ilegible"]})
    >>> count, problem = parse_counts(pl.col("A"), unread_tokens=("ilegible",))
    >>> frame.select(count.alias("count"), problem.alias("problem")).rows()
    [(12, None), (7, None), (None, 'thousands-separator'), (None, 'not-integer'), (None, 'negative'), (None, 'empty'),
     (None, 'unread-token')]
    """
    text = values.cast(pl.String).str.strip_chars(_SPACES)
    digits = _digits(text, thousands)
    number = digits.str.slice(0, _MOST_DIGITS + 1).cast(pl.Int64, strict=False)
    fits = (digits.str.len_bytes() <= _MOST_DIGITS) & (number <= limit)
    is_unread = text.is_in(list(unread_tokens)) if unread_tokens else pl.lit(value=False)
    count = pl.when(fits & ~is_unread).then(number)
    return count, _problem(text, digits, fits=fits, is_unread=is_unread)


def _digits(text: pl.Expr, thousands: str | None) -> pl.Expr:
    """Give the digits without leading zeros; null where there is anything else."""
    plain = text
    if thousands is not None:
        mark = re.escape(thousands)
        grouped = text.str.contains(f"^[0-9]{{1,3}}(?:{mark}[0-9]{{3}})+$")
        plain = pl.when(grouped).then(text.str.replace_all(thousands, "", literal=True)).otherwise(text)
    return plain.str.extract("^0*([0-9]+)$")


def _problem(text: pl.Expr, digits: pl.Expr, *, fits: pl.Expr, is_unread: pl.Expr) -> pl.Expr:
    return (
        pl.when(text.is_null() | (text == ""))
        .then(pl.lit(CountProblem.EMPTY.value))
        .when(is_unread)
        .then(pl.lit(CountProblem.UNREAD_TOKEN.value))
        .when(fits)
        .then(pl.lit(None, dtype=pl.String))
        .when(digits.is_not_null())
        .then(pl.lit(CountProblem.TOO_LARGE.value))
        .when(text.str.contains(r"^[\-−][0-9]+$"))
        .then(pl.lit(CountProblem.NEGATIVE.value))
        .when(text.str.contains(_GROUPED))
        .then(pl.lit(CountProblem.THOUSANDS_SEPARATOR.value))
        .when(text.str.contains(_NUMBER))
        .then(pl.lit(CountProblem.NOT_INTEGER.value))
        .otherwise(pl.lit(CountProblem.NOT_A_NUMBER.value))
    )
