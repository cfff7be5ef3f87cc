"""Long tables and QR payloads, spread into one row a station without losing a vote."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pytest
from tests.unit.sources.layouts import layout_of

from escruta.base.errors import LayoutMismatch
from escruta.election.definition import Layout
from escruta.sources.shapes import ITEM, PAYLOAD_NULL, spread_long, spread_payload


def long_layout(**more: object) -> Layout:
    long = {"item": "party", "votes": "n", "items": {"Red": "ana", "Blue": "ben"}, "ignore": ["TOTAL"]}
    return layout_of({"station": {"table": "T"}, "long": long | more})


def spread(rows: Sequence[tuple[str | None, str | None, str | None]], layout: Layout | None = None) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema={"T": pl.String, "party": pl.String, "n": pl.String}, orient="row")
    frame = frame.with_row_index("row", offset=2).cast({"row": pl.UInt32})
    layout = layout or long_layout()
    assert layout.long is not None
    wide = spread_long(frame, layout, layout.long, where="x.csv")
    return wide.select("row", "T", red=pl.col(f"{ITEM}Red"), blue=pl.col(f"{ITEM}Blue"))


def test_long_table_becomes_a_row_a_station() -> None:
    rows = [("1", "Red", "3"), ("1", "Blue", "4"), ("2", "Blue", "5"), ("2", "TOTAL", "9")]
    assert spread(rows).rows() == [(2, "1", "3", "4"), (4, "2", None, "5")]


def test_item_that_stands_twice_is_a_second_reading() -> None:
    rows = [("1", "Red", "3"), ("1", "Blue", "4"), ("1", "Red", "8")]
    assert sorted(spread(rows).select("red", "blue").rows(), key=str) == [("3", "4"), ("8", None)]


def test_item_that_no_row_has_is_a_column_without_counts() -> None:
    assert spread([("1", "Red", "3")]).rows() == [(2, "1", "3", None)]


def test_item_that_the_layout_does_not_know_is_refused_with_its_row() -> None:
    with pytest.raises(LayoutMismatch) as caught:
        spread([("1", "Red", "3"), ("1", "Green", "4")])
    assert (caught.value.row, caught.value.column, caught.value.found) == (3, "party", "'Green'")


def test_row_without_an_item_is_refused() -> None:
    with pytest.raises(LayoutMismatch):
        spread([("1", "Red", "3"), ("1", None, "4")])


@pytest.mark.parametrize("key", ["item", "occurrence", "item.Red", "key.table", "*"])
def test_long_table_may_have_columns_called_as_ours(key: str) -> None:
    frame = pl.DataFrame({"row": [2, 3, 4], key: ["1", "1", "2"], "party": ["Red", "Blue", "Red"], "n": [3, 4, 5]})
    layout = layout_of(
        {"station": {"table": key}, "long": {"item": "party", "votes": "n", "items": {"Red": "ana", "Blue": "ben"}}}
    )
    assert layout.long is not None
    wide = spread_long(frame, layout, layout.long, where="x.csv")
    assert wide.select(pl.selectors.by_name(key, f"{ITEM}Red", f"{ITEM}Blue")).rows() == [("1", 3, 4), ("2", 5, None)]


def payload(*texts: str | None, options: tuple[str, ...] = ("psuv", "mud"), column: str = "Q") -> pl.DataFrame:
    rows = pl.Series("row", range(2, len(texts) + 2), dtype=pl.UInt32)
    return spread_payload(
        pl.DataFrame([rows, pl.Series(column, texts, dtype=pl.String)]), column, options, where="q.csv"
    )


def test_payload_gives_the_options_in_ballot_order() -> None:
    row = payload("010113042.1.0.1!12,30!1!0").row(0, named=True)
    assert (row["Q"], row[f"{ITEM}psuv"], row[f"{ITEM}mud"]) == ("010113042.1.0.1", "12", "30")


@pytest.mark.parametrize(
    ("null", "invalid", "both"),
    [("1", "2", "3"), ("0", "0", "0"), ("", "2", ""), ("1", "?", "?"), ("?", "2", "?"), ("1", "", "")],
)
def test_payload_adds_null_and_invalid_and_never_reads_one_as_zero(null: str, invalid: str, both: str) -> None:
    assert payload(f"1.1!1,2!{null}!{invalid}")[PAYLOAD_NULL].to_list() == [both]


def test_payload_may_have_an_option_called_null() -> None:
    row = payload("1.1!1,2!3!4", options=("null", "invalid")).row(0, named=True)
    assert (row[f"{ITEM}null"], row[f"{ITEM}invalid"], row[PAYLOAD_NULL]) == ("1", "2", "7")


@pytest.mark.parametrize("text", ["", "1.1", "1.1!1,2", "1.1!1,2!3", "1.1!1!3!4", "1.1!1,2,3!3!4", "1.1!1,2!3!4!5"])
def test_payload_of_another_ballot_is_refused_with_its_row(text: str) -> None:
    with pytest.raises(LayoutMismatch) as caught:
        payload("1.1!1,2!3!4", text)
    assert (caught.value.row, caught.value.column) == (3, "Q")


def test_payload_leaves_a_column_called_payload_alone() -> None:
    frame = pl.DataFrame({"row": [2], "Q": ["1.1!1,2!3!4"], "payload": ["picture.jpg"]})
    assert spread_payload(frame, "Q", ["a", "b"], where="q.csv")["payload"].to_list() == ["picture.jpg"]
