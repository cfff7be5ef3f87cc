"""Frames of which a few rows change: which these are, and the whole frame with others in their place."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

SIGN = "sign"
"""1 for what is put into a sum, -1 for what is taken out of it."""


def signed(frame: pl.DataFrame, sign: int) -> pl.DataFrame:
    """Say of every row of a frame its `SIGN`."""
    return frame.with_columns(pl.lit(sign, dtype=pl.Int64).alias(SIGN))


def keys_that_differ(before: pl.DataFrame, now: pl.DataFrame, key: str) -> pl.Series:
    """Give the keys of the rows that only one of two frames has; a key may stand in several rows.

    Without these keys both frames are the same, row by row. What is the same from the first row on, and from the last
    one back, is left aside; of the rest hashes find the rows that differ, and the values themselves decide.

    >>> before = pl.DataFrame({"a": ["x", "y", "z"], "b": [1, 2, 3]})
    >>> keys_that_differ(before, pl.DataFrame({"a": ["w", "x", "y"], "b": [0, 1, 4]}), "a").sort().to_list()
    ['w', 'y', 'z']
    """
    if before is now:
        return now[key].clear()
    if before.schema != now.schema:
        return _all_keys(before, now, key)
    before, now = _between_what_is_the_same(before, now)
    if before.is_empty() or now.is_empty():
        return _all_keys(before, now, key)
    were, are = before.hash_rows(), now.hash_rows()
    gone, come = ~were.is_in(are.implode()), ~are.is_in(were.implode())
    keys = pl.concat([before[key].filter(gone), now[key].filter(come)]).unique()
    return keys if without(before, key, keys).equals(without(now, key, keys)) else _all_keys(before, now, key)


def _between_what_is_the_same(before: pl.DataFrame, now: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Leave out the rows at the start of two frames, and then those at the end, that are the same in both."""
    start = _most(min(before.height, now.height), lambda low, high: before[low:high].equals(now[low:high]))
    before, now = before[start:], now[start:]
    gone, come = before.height, now.height
    end = _most(
        min(gone, come), lambda low, high: before[gone - high : gone - low].equals(now[come - high : come - low])
    )
    return before[: gone - end], now[: come - end]


def _most(limit: int, holds: Callable[[int, int], bool]) -> int:
    """Find up to where, from 0, something holds of every row, by halves: what is known to hold is not asked again."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(low, middle) else (low, middle - 1)
    return low


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
    own = with_own_texts(part.select(frame.columns))
    return (_in_pieces if keys.len() <= FEW else _in_order)(frame, key, keys.unique().sort(), own)


FEW = 64
"""As many keys are quicker cut out one by one than sorted in."""


def _in_order(frame: pl.DataFrame, key: str, gone: pl.Series, own: pl.DataFrame) -> pl.DataFrame:
    stay = ~frame[key].is_in(gone.implode())
    places = pl.int_range(frame.height, eager=True).filter(stay) * 2 + 1
    own_places = frame[key].search_sorted(own[key], side="left").cast(pl.Int64) * 2
    return pl.concat([frame.filter(stay), own], rechunk=True)[pl.concat([places, own_places]).arg_sort()]


def _in_pieces(frame: pl.DataFrame, key: str, gone: pl.Series, own: pl.DataFrame) -> pl.DataFrame:
    begins, ends = frame[key].search_sorted(gone, side="left"), frame[key].search_sorted(gone, side="right")
    own_begins, own_ends = own[key].search_sorted(gone, side="left"), own[key].search_sorted(gone, side="right")
    pieces, last = [], 0
    for begin, end, own_begin, own_end in zip(begins, ends, own_begins, own_ends, strict=True):
        pieces += [frame[last:begin], own[own_begin:own_end]]
        last = end
    return pl.concat([*pieces, frame[last:]], rechunk=True)


def with_own_texts(frame: pl.DataFrame) -> pl.DataFrame:
    """Copy the texts of a frame: rows taken from a larger one keep all texts of that one in memory, used or not."""
    return frame.with_columns(pl.col(pl.String) + "")
