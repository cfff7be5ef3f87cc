"""Frames of which a few rows change: which these are, and the whole frame with others in their place."""

from __future__ import annotations

import polars as pl


def keys_that_differ(before: pl.DataFrame, now: pl.DataFrame, key: str) -> pl.Series:
    """Give the keys of the rows that only one of two frames has; a key may stand in several rows.

    Without these keys both frames are the same, row by row: hashes find them, and the values themselves decide.

    >>> before = pl.DataFrame({"a": ["x", "y", "z"], "b": [1, 2, 3]})
    >>> keys_that_differ(before, pl.DataFrame({"a": ["w", "x", "y"], "b": [0, 1, 4]}), "a").sort().to_list()
    ['w', 'y', 'z']
    """
    if before is now:
        return now[key].clear()
    if before.schema != now.schema:
        return _all_keys(before, now, key)
    were, are = before.hash_rows(), now.hash_rows()
    gone, come = ~were.is_in(are.implode()), ~are.is_in(were.implode())
    keys = pl.concat([before[key].filter(gone), now[key].filter(come)]).unique()
    return keys if without(before, key, keys).equals(without(now, key, keys)) else _all_keys(before, now, key)


def _all_keys(before: pl.DataFrame, now: pl.DataFrame, key: str) -> pl.Series:
    return pl.concat([before[key], now[key]]).unique()


def without(frame: pl.DataFrame, key: str, keys: pl.Series) -> pl.DataFrame:
    """Leave out the rows that have one of some keys."""
    return frame.filter(~pl.col(key).is_in(keys.implode(), nulls_equal=True))


def with_only(frame: pl.DataFrame, key: str, keys: pl.Series) -> pl.DataFrame:
    """Keep the rows that have one of some keys."""
    return frame.filter(pl.col(key).is_in(keys.implode(), nulls_equal=True))


def spliced(frame: pl.DataFrame, key: str, keys: pl.Series, part: pl.DataFrame) -> pl.DataFrame:
    """Put a part's rows, each of which has one of some keys, in the place of those that had.

    Both are sorted by key, and no key is null.

    >>> frame = pl.DataFrame({"a": ["x", "y", "z"], "b": [1, 2, 3]})
    >>> spliced(frame, "a", pl.Series(["w", "y"]), pl.DataFrame({"a": ["w", "y"], "b": [0, 4]}))["b"].to_list()
    [0, 1, 4, 3]
    """
    gone = keys.unique().sort()
    begins, ends = frame[key].search_sorted(gone, side="left"), frame[key].search_sorted(gone, side="right")
    own = with_own_texts(part.select(frame.columns))
    own_begins, own_ends = own[key].search_sorted(gone, side="left"), own[key].search_sorted(gone, side="right")
    pieces, last = [], 0
    for begin, end, own_begin, own_end in zip(begins, ends, own_begins, own_ends, strict=True):
        pieces += [frame[last:begin], own[own_begin:own_end]]
        last = end
    return pl.concat([*pieces, frame[last:]], rechunk=True)


def with_own_texts(frame: pl.DataFrame) -> pl.DataFrame:
    """Copy the texts of a frame: rows taken from a larger one keep all texts of that one in memory, used or not."""
    return frame.with_columns(pl.col(pl.String) + "")
