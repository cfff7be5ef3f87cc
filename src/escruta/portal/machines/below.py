"""The polling stations below an area as Parquet: the rows of the record's table of verdicts that lie there.

One file for all languages, beside the page's JSON and CSV, with the columns of the whole table, for the areas above
those where the stations are. The country has the whole table itself.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import polars as pl

from escruta.portal.contents import Contest
from escruta.portal.machines.page_data import data_address
from escruta.portal.reading import Record, Same

_INSIDE, _AFTER = "\0", "\1"
"""What parts codes here, so that all that lies in an area stands together, and what comes after all of it."""


def below_address(page: str) -> str:
    """Give the address, inside the site's folder, of the stations below an area, from its page in any language.

    >>> below_address("areas/01/0101.html")
    'data/areas/01/0101.parquet'
    """
    return data_address(page).removesuffix("json") + "parquet"


def whole_table(contest: Contest) -> str:
    """Name the table of all stations in the record's folder, of which the others are parts."""
    return f"verdicts-{contest.contest}.parquet"


@dataclass(frozen=True, slots=True, eq=False)
class _Order:
    """The rows of the whole table, by area and station."""

    areas: Sequence[str]
    rows: pl.Series


class StationsBelow:
    """The stations of a contest, from which those below any area are taken."""

    def __init__(self, record: Record, contest: Contest) -> None:
        self._table = record.table(whole_table(contest).removesuffix(".parquet"))
        keys = self._table.select(pl.col("area").fill_null(""), "station")
        self._order = record.kept(f"below-{contest.contest}", (Same(keys),), lambda: _order_of(keys))
        self._last: tuple[tuple[int, int], bytes] | None = None

    def table(self, area: str) -> bytes:
        """Write the stations in an area and in the areas inside it, by area and station."""
        key, areas = area.replace("/", _INSIDE), self._order.areas
        found = bisect_left(areas, key), bisect_left(areas, key + _AFTER)
        if self._last is None or self._last[0] != found:  # an area may have a single one inside it
            self._last = found, self._written(*found)
        return self._last[1]

    def _written(self, first: int, after: int) -> bytes:
        out = BytesIO()
        rows = self._table[self._order.rows.slice(first, after - first)]
        rows.write_parquet(out, compression="zstd", compression_level=3, statistics=False)
        return out.getvalue()


def _order_of(keys: pl.DataFrame) -> _Order:
    by_area = pl.col("area").str.replace_all("/", _INSIDE, literal=True)
    placed = keys.select(by_area, "station", row=pl.int_range(pl.len())).sort("area", "station")
    return _Order(placed["area"].to_list(), placed["row"])
