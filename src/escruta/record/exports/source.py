"""What a report of results is made of, whatever its format."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import polars as pl

from escruta.record.known_totals import known_totals


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A published record, as a report reads it."""

    election: Mapping[str, Any]
    """`election.json`."""
    summary: Mapping[str, Any]
    contests: Sequence[str]
    table: Callable[[str], pl.DataFrame]
    """Gives a table of the record by its name."""
    is_summary: bool = False
    """Whether it has areas alone, and no polling stations."""

    def summary_of(self, contest: str) -> Source:
        """Give what it says of one contest in the country and in the widest areas alone, without polling stations."""
        widest = self.table("areas").filter(pl.col("level") <= 1)["area"]
        longest = widest.str.len_bytes().max() or 0

        @cache
        def table(name: str) -> pl.DataFrame:
            frame = self.table(name)
            if name == "stations" or name.startswith("verdicts-"):
                return frame.clear()
            if name == "candidates":
                return frame.filter(pl.col("contest") == contest)
            if name == "areas":
                return frame.filter(pl.col("level") <= 1)
            if "area" not in frame.columns:
                return frame
            is_short = pl.col("area").str.len_bytes().fill_null(0) <= longest  # at once for most rows
            return frame.filter(is_short).filter(pl.col("area").fill_null("").str.contains("/", literal=True).not_())

        return replace(self, contests=(contest,), table=table, is_summary=True)

    def counted(self, contest: str) -> pl.DataFrame:
        """Give the verdicts of the stations of a contest that count."""
        return self.table(f"verdicts-{contest}").filter(pl.col("counted"))

    def areas(self, contest: str) -> pl.DataFrame:
        """Give the results of the areas of a contest; the country is the empty text."""
        return self.table(f"areas-{contest}").with_columns(pl.col("area").fill_null(""))

    def totals(self, contest: str) -> pl.DataFrame:
        """Give the totals of the areas in which some station counts; `votes` is null where none of them is read."""
        return known_totals(self.table("totals"), self.table(f"areas-{contest}"), contest)

    def is_complete(self, contest: str) -> bool:
        """Say whether every expected station of a contest counts."""
        return bool(self.areas(contest).filter(pl.col("area") == "")["outside_stations"][0] == 0)
