"""What is added up, and of which areas it must be added up again when some stations change."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from escruta.base.splicing import keys_that_differ, with_only
from escruta.sheets.figures import ContestFigures
from escruta.tally.totals import Expected, Tally, are_areas_known, area_at, tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What is added up, and how."""

    stations: pl.DataFrame
    """A row a station, as `tally` takes them."""
    spans: pl.DataFrame
    figures: ContestFigures
    levels: int
    expected: Expected

    def tally(self, only: pl.Series | None = None) -> Tally:
        """Add them up, for all areas or some."""
        return tally(
            self.stations,
            self.spans,
            figures=self.figures,
            levels=self.levels,
            expected=self.expected,
            only=only,
        )

    @property
    def of_all(self) -> tuple[object, ...]:
        """Whatever has a say in the totals of every area, touched or not."""
        voters_known = self.stations["registered_voters"].count() > 0
        areas_known = are_areas_known(self.stations, self.expected)
        # Without any station the country is there all the same, and no part that is added up again would say so.
        return self.figures, self.levels, self.expected, voters_known, areas_known, self.stations.is_empty()


def touched_areas(before: Added, now: Added, judged_again: pl.Series | None) -> pl.Series | None:
    """List the areas whose totals may differ, the country among them; None where all of them may.

    `judged_again` are the stations whose readings changed.
    """
    if judged_again is None or before.of_all != now.of_all:
        return None
    others = keys_that_differ(before.stations, now.stations, "station")
    stations = pl.concat([judged_again, others]).unique()
    if stations.is_empty():
        return stations.clear()
    paths = pl.concat([with_only(each.stations, "station", stations).select("area") for each in (before, now)])
    return pl.concat([paths.select(area_at(depth)) for depth in range(now.levels + 1)])["area"].drop_nulls().unique()
