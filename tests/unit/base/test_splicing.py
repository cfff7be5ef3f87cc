"""Which rows differ is told whatever stands in the key, and what is left is the same row by row."""

from __future__ import annotations

from unittest.mock import patch

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from escruta.base import splicing
from escruta.base.splicing import keys_that_differ, spliced, with_only, without

SCHEMA = pl.Schema({"key": pl.String(), "figure": pl.Int64(), "kind": pl.Enum(["a", "b"]), "source": pl.Categorical()})
COLUMNS = (
    st.sampled_from([None, "p", "q", "r"]),
    st.sampled_from([None, 1, 2]),
    st.sampled_from([None, "a", "b"]),
    st.sampled_from([None, "x", "y"]),
)
ROWS = st.lists(st.tuples(*COLUMNS), max_size=6)
Rows = list[tuple[object, ...]]


def frame(rows: Rows) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


@given(before=ROWS, changes=st.lists(st.tuples(st.integers(0, 6), st.one_of(st.none(), st.tuples(*COLUMNS)))))
def test_without_the_keys_that_differ_both_frames_are_the_same(
    before: Rows, changes: list[tuple[int, tuple[object, ...] | None]]
) -> None:
    now = list(before)
    for at, row in changes[:3]:
        now[at : at + (row is None)] = [] if row is None else [row]
    keys = keys_that_differ(frame(before), frame(now), "key")
    left = without(frame(now), "key", keys)
    assert without(frame(before), "key", keys).rows() == left.rows()
    assert with_only(frame(now), "key", keys).height + left.height == len(now)
    assert keys.is_empty() == (before == now)


@given(before=ROWS, now=ROWS, few=st.sampled_from([0, splicing.FEW]))
def test_rows_of_the_keys_that_differ_put_in_place_make_the_other_frame(before: Rows, now: Rows, few: int) -> None:
    one, other = (frame(rows).drop_nulls("key").sort("key", maintain_order=True) for rows in (before, now))
    keys = keys_that_differ(one, other, "key")
    with patch.object(splicing, "FEW", few):
        found = spliced(one, "key", keys, with_only(other, "key", keys))
    assert (found.schema, found.rows()) == (other.schema, other.rows())
