"""The readings of a source or a contest in a fixed order, in which each is known by its position.

A reading's id, the digest of its canonical form, is worked out when somebody asks for it: totals need none of them,
findings a few, a record all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import polars as pl

from escruta.base.splicing import with_only
from escruta.sheets.canonical import MEMBERS, reading_ids

PLACED_MARKS_SCHEMA = pl.Schema({"at": pl.UInt32, "figure": pl.String, "mark": pl.String, "found": pl.String})
"""Figures without a count, and why, by the position of the reading, from 0."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Readings:
    """Readings in a fixed order."""

    election: str
    """The election's id, which is part of what a reading says."""
    figures: tuple[str, ...]
    """The columns of figures."""
    rows: pl.DataFrame
    """A row a reading: the members of its canonical form but `election`, where it stood, and its figures as Int64."""
    marks: pl.DataFrame
    """Figures without a count, and why: `PLACED_MARKS_SCHEMA`."""

    @cached_property
    def ids(self) -> pl.Series:
        """The id of every reading."""
        return reading_ids(self._said(self.rows), self.figures, self.marks)

    @property
    def has_ids(self) -> bool:
        """Whether the ids were worked out already."""
        return "ids" in self.__dict__

    def with_ids(self, ids: pl.Series) -> Readings:
        """Let the ids be known that are those of these readings."""
        known = replace(self)
        known.__dict__["ids"] = ids
        return known

    def ids_at(self, positions: pl.Series) -> pl.Series:
        """Give the ids of the readings at these positions, each of which is named once."""
        if self.has_ids or positions.len() == self.rows.height:
            return self.ids.gather(positions)
        places = pl.DataFrame({"at": positions.cast(pl.UInt32)}).with_row_index("place")
        marks = self.marks.join(places, on="at").select("figure", "mark", at="place")
        return reading_ids(self._said(self.rows[positions]), self.figures, marks)

    def identify(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Put the id of the reading in place of the position `at` of each row of a frame."""
        positions = frame["at"].unique()
        ids = pl.DataFrame([positions, self.ids_at(positions)])
        return frame.join(ids, on="at", how="left", maintain_order="left").select(
            "reading", pl.exclude("at", "reading")
        )

    def with_rows(self, rows: pl.DataFrame) -> Readings:
        """Let `rows` say more of each reading, and the same in what is part of it."""
        more = replace(self, rows=rows)
        return more.with_ids(self.ids) if self.has_ids else more

    def without(self, repeated: pl.DataFrame) -> Readings:
        """Leave out the readings `at` some positions, whose marks are those of the same reading at another, `first`."""
        marks = self.marks.join(repeated, on="at", how="left", maintain_order="left").with_columns(
            at=pl.coalesce("first", "at")
        )
        everywhere = pl.int_range(self.rows.height, dtype=pl.UInt32, eager=True)
        kept = everywhere.filter(~everywhere.is_in(repeated["at"].implode()))
        return replace(self, marks=marks.drop("first").unique(maintain_order=True)).in_order(kept)

    def in_order(self, positions: pl.Series) -> Readings:
        """Put the readings that stand at some positions one after another."""
        places = pl.DataFrame({"at": positions.cast(pl.UInt32)}).with_row_index("place")
        marks = self.marks.join(places, on="at", maintain_order="left").with_columns(at="place").drop("place")
        return replace(self, rows=self.rows[positions], marks=marks)

    def _said(self, rows: pl.DataFrame) -> pl.DataFrame:
        return rows.with_columns(election=pl.lit(self.election)).select(*MEMBERS, *self.figures)


def placed(marks: pl.DataFrame, ids: pl.Series) -> pl.DataFrame:
    """Take marks by the id of the reading (`MARKS_SCHEMA`) to the position at which each id stands."""
    positions = pl.DataFrame([ids.alias("reading"), pl.int_range(ids.len(), dtype=pl.UInt32, eager=True).alias("at")])
    return marks.join(positions, on="reading", maintain_order="left").select(PLACED_MARKS_SCHEMA.names())


def marks_of_stations(readings: Readings) -> pl.DataFrame:
    """Put beside each mark the station of its reading, and which of that station's readings it is."""
    stations = readings.rows["station"]
    marked = stations[readings.marks["at"]].unique()
    places = pl.DataFrame([stations, pl.int_range(stations.len(), dtype=pl.UInt32, eager=True).alias("at")])
    nth = with_only(places, "station", marked).with_columns(nth=pl.int_range(pl.len()).over("station"))
    return readings.marks.join(nth, on="at", how="left", maintain_order="left").drop("at")


def one_after_another(parts: Sequence[Readings]) -> Readings:
    """Put the readings of several sources of one contest under each other."""
    marks, start = [], 0
    for part in parts:
        marks.append(part.marks.with_columns((pl.col("at") + start).cast(pl.UInt32)))
        start += part.rows.height
    return replace(parts[0], rows=pl.concat([part.rows for part in parts]), marks=pl.concat(marks))
