"""A cell becomes a count or a mark that says why it is none; nothing that was not read becomes a zero."""

from __future__ import annotations

import polars as pl
import pytest
from tests.unit.sources.layouts import layout_of

from escruta.sources.counts import CELL, count_figures

NO_MARKS = pl.DataFrame(schema={"row": pl.UInt32, "figure": pl.String, "mark": pl.String})


def counted(
    values: list[str | int | None], marks: pl.DataFrame = NO_MARKS, **layout: object
) -> tuple[list[int | None], dict[int, str]]:
    of = layout_of({"station": {"table": "T"}, **layout})
    frame = pl.DataFrame({"row": pl.Series(range(2, len(values) + 2), dtype=pl.UInt32), f"{CELL}null": values})
    counts, told = count_figures(frame, ["null"], marks, of)
    assert counts.columns == ["row", "null"]
    assert counts["null"].dtype == pl.Int64
    return counts["null"].to_list(), dict(zip(told["at"], told["mark"], strict=True))


def test_digits_are_a_count() -> None:
    assert counted(["0", "7", "007", " 12 "]) == ([0, 7, 7, 12], {})
    assert counted([0, 7, 12]) == ([0, 7, 12], {})


@pytest.mark.parametrize(
    "text", ["-1", "1.0", "1,5", "1e3", "NaN", "inf", "x", "1 234", "1.234", "10" * 15, "٣", "=1+1"]
)
def test_text_that_is_no_count_is_marked_and_no_zero(text: str) -> None:
    assert counted([text, "3"]) == ([None, 3], {0: "not-a-count"})


@pytest.mark.parametrize("number", [-1, 10_000_001, 2**62])
def test_number_that_is_no_count_is_marked_and_no_zero(number: int) -> None:
    assert counted([number, 3]) == ([None, 3], {0: "not-a-count"})


@pytest.mark.parametrize("values", [["", None, " ", "3"], [None, None, None, 3]])
def test_empty_cell_is_unread_unless_the_publisher_says_otherwise(values: list[str | int | None]) -> None:
    assert counted(values) == ([None, None, None, 3], {0: "empty", 1: "empty", 2: "empty"})
    assert counted(values, empty="not-on-sheet")[1] == dict.fromkeys(range(3), "not-on-sheet")
    assert counted(values, empty="zero") == ([0, 0, 0, 3], {})


@pytest.mark.parametrize("values", [["9999", "3"], [9999, 3]])
def test_number_that_stands_for_illegible_is_no_count(values: list[str | int | None]) -> None:
    assert counted(values, illegible=["9999"]) == ([None, 3], {0: "illegible"})


def test_illegible_text_is_illegible_and_not_a_bad_cell() -> None:
    assert counted(["ilegible", "3"], illegible=["ilegible"]) == ([None, 3], {0: "illegible"})


def test_thousands_are_read_only_when_they_are_declared() -> None:
    assert counted(["1.234", "12"], thousands=".") == ([1234, 12], {})
    assert counted(["1.234", "12"])[0] == [None, 12]


@pytest.mark.parametrize("empty", ["unread", "zero", "not-on-sheet"])
def test_figure_that_the_file_marks_as_illegible_is_never_a_zero(empty: str) -> None:
    marks = pl.DataFrame({"row": [2], "figure": ["null"], "mark": ["illegible"]}, schema=NO_MARKS.schema)
    assert counted([None, 3], marks, empty=empty) == ([None, 3], {0: "illegible"})


@pytest.mark.parametrize(
    ("cell", "published"),
    [
        ("1,234", "1,234"),
        ("-5", "-5"),
        ("1e3", "1e3"),
        ("NaN", "NaN"),
        ("#REF!", "#REF!"),
        ("María Pérez", "(11 characters)"),
        ("12345678", "(8 characters)"),
        ("V-12.345.678-9", "(14 characters)"),
    ],
)
def test_what_may_be_a_person_is_not_published(cell: str, published: str) -> None:
    frame = pl.DataFrame({"row": [2], f"{CELL}null": [cell]}, schema_overrides={"row": pl.UInt32})
    _, marks = count_figures(frame, ["null"], NO_MARKS, layout_of({"station": {"table": "T"}}))
    assert marks["found"].to_list() == [published]
