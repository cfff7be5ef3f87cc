"""What is a count, what is not, and of what kind the problem is."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from escruta.sources.formats import COUNT_LIMIT, CountProblem, parse_counts

KINDS = {
    "12": 12,
    " 12 ": 12,
    "0": 0,
    "007": 7,
    "10000000": 10_000_000,
    "\u00a05": 5,
    "": "empty",
    "  ": "empty",
    "-5": "negative",
    "−5": "negative",
    "12.5": "not-integer",
    "12.0": "not-integer",
    "12,5": "not-integer",
    "1e3": "not-integer",
    "1E+30": "not-integer",
    "1,234": "thousands-separator",
    "1.234": "thousands-separator",
    "1 234": "thousands-separator",
    "1.234.567": "thousands-separator",
    "10000001": "too-large",
    "1" + "0" * 30: "too-large",
    "9223372036854775808": "too-large",
    "NaN": "not-a-number",
    "inf": "not-a-number",
    "10^30": "not-a-number",
    "١٢٣": "not-a-number",
    "\uff11\uff12": "not-a-number",
    "12 votes": "not-a-number",
    "0x10": "not-a-number",
    "1_000": "not-a-number",
    "=A1+B1": "not-a-number",
    "#DIV/0!": "not-a-number",
    "ilegible": "unread-token",
}


def parsed(values: list[str | int | None], **options: Any) -> list[tuple[int | None, str | None]]:
    count, problem = parse_counts(pl.col("A"), **options)
    return pl.DataFrame({"A": values}, strict=False).select(count.alias("count"), problem.alias("problem")).rows()


@pytest.mark.parametrize(("text", "expected"), KINDS.items())
def test_parse_counts_takes_digits_and_names_every_other_kind(text, expected):
    (row,) = parsed([text], unread_tokens=("ilegible", "***"))
    assert row == ((expected, None) if isinstance(expected, int) else (None, expected))


def test_every_kind_of_problem_is_shown_above():
    assert {kind for kind in KINDS.values() if isinstance(kind, str)} == {kind.value for kind in CountProblem}


@pytest.mark.parametrize(
    ("text", "mark", "expected"),
    [
        ("1,234", ",", (1234, None)),
        ("1.234.567", ".", (1_234_567, None)),
        ("1.234", ",", (None, "thousands-separator")),
        ("12,34", ",", (None, "not-integer")),
        ("1,2345", ",", (None, "not-integer")),
        (",123", ",", (None, "not-integer")),
        ("1,234", None, (None, "thousands-separator")),
        ("999,999,999", ",", (None, "too-large")),
    ],
)
def test_thousands_separator_counts_only_as_declared_and_in_groups_of_three(text, mark, expected):
    assert parsed([text], thousands=mark) == [expected]


def test_parse_counts_reads_whole_number_columns_too():
    assert parsed([5, -1, None, COUNT_LIMIT + 1]) == [
        (5, None),
        (None, "negative"),
        (None, "empty"),
        (None, "too-large"),
    ]


@given(number=st.integers(0, COUNT_LIMIT))
def test_every_count_up_to_the_limit_is_itself(number):
    assert parsed([str(number)]) == [(number, None)]


@given(text=st.text(max_size=12))
def test_every_text_is_a_count_or_has_a_kind(text):
    ((count, problem),) = parsed([text])
    assert (count is None) != (problem is None)
    if count is not None:
        assert text.strip(" \u00a0\u202f\t").lstrip("0") in {str(count), ""}
