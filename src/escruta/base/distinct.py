"""Distinct values and sorted rows, each found out before any work is spent, and with little memory.

Equal values have equal hashes, so that as many hashes as values mean that all values differ. Only where some hashes are
alike do the values themselves decide.
"""

from __future__ import annotations

import polars as pl


def all_distinct(column: pl.Series) -> bool:
    """Say whether no value stands twice.

    >>> all_distinct(pl.Series(["a", "b"])), all_distinct(pl.Series(["a", "a"]))
    (True, False)
    """
    return bool(column.hash().n_unique() == column.len()) or bool(column.n_unique() == column.len())


def first_of_each(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Keep the first row of each value of a column, in the order in which they stand.

    >>> first_of_each(pl.DataFrame({"a": [1, 1, 2], "b": [3, 4, 5]}), "a")["b"].to_list()
    [3, 5]
    """
    return frame if all_distinct(frame[column]) else frame.unique(column, keep="first", maintain_order=True)


def in_order_of(column: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Sort a frame by a column, unless it is sorted already.

    >>> in_order_of("a", pl.DataFrame({"a": [2, 1]}))["a"].to_list()
    [1, 2]
    """
    return frame if frame[column].is_sorted() else frame.sort(column)
