"""The polling stations inside the count as columns of whole numbers, and how much stands outside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from escruta.sheets.figures import ContestFigures

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSheets:
    """The sheets that count and whose votes are all read; what is not known of a sheet is left open, never zero."""

    candidates: tuple[str, ...]
    stations: pl.Series
    """The stations' keys, shape `(stations,)`."""
    votes: Counts
    """Shape `(stations, candidates)`."""
    ballots: Counts
    """At least this many voted; shape `(stations,)`."""
    registered_voters: Counts
    """Registered voters; −1 where nobody says; shape `(stations,)`."""
    left_out: int = 0
    """Stations that count and of which some votes are unread: here they stand outside."""

    @property
    def count(self) -> int:
        """How many sheets."""
        return len(self.stations)

    @property
    def totals(self) -> Counts:
        """The votes of each candidate."""
        total: Counts = self.votes.sum(axis=0)
        return total

    @property
    def capacity(self) -> Counts:
        """How many could have voted at each station: its registered voters, and at least its ballots."""
        return np.maximum(self.registered_voters, self.ballots)

    @property
    def has_all_voters(self) -> bool:
        """Whether the registered voters of every station are known."""
        return bool((self.registered_voters >= 0).all())

    def without(self, stations: Sequence[str]) -> KnownSheets:
        """Take some stations out of the count."""
        return self.keeping(np.asarray(~self.stations.is_in(list(stations))))

    def keeping(self, rows: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> KnownSheets:
        """Keep the stations of some rows, chosen by truth or by place."""
        places = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        return KnownSheets(
            candidates=self.candidates,
            stations=self.stations.gather(places),
            votes=self.votes[places],
            ballots=self.ballots[places],
            registered_voters=self.registered_voters[places],
            left_out=self.left_out,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Universe:
    """What an area has in all, as the register or somebody says; None where nobody does."""

    stations: int | None
    registered_voters: int | None

    def stations_outside(self, known: KnownSheets) -> int | None:
        """Count the stations outside; None where it is not known, or more are known than there should be."""
        if self.stations is None or self.stations < known.count:
            return None
        return self.stations - known.count

    def voters_outside(self, known: KnownSheets) -> int | None:
        """Count the registered voters outside; None where it is not known.

        The known stations take their registered voters from the whole, and together at least their ballots.
        """
        if self.registered_voters is None:
            return None
        voters = np.where(known.registered_voters >= 0, known.registered_voters, known.ballots)
        outside = self.registered_voters - max(int(voters.sum()), int(known.ballots.sum()))
        return outside if outside >= 0 else None


def known_sheets(stations: pl.DataFrame, figures: ContestFigures, area: str = "") -> KnownSheets:
    """Take the stations of an area that count, from the frame that `tally.decide_counted` makes."""
    needed = ("station", "area", "counted", "listed", "registered_voters", "ballots_at_least", *figures.votes)
    chosen = _inside(stations.select(needed), area).filter(pl.col("counted") & pl.col("listed"))
    read = chosen.filter(~pl.any_horizontal(pl.col(figures.votes).is_null()))
    return _sheets(read, figures, left_out=chosen.height - read.height)


def sheets_to_take_out(
    stations: pl.DataFrame, figures: ContestFigures, named: Sequence[str], area: str = ""
) -> KnownSheets:
    """Take the named stations that count with what is in the totals of them: nothing, where a figure is unread."""
    chosen = _inside(stations, area).filter(pl.col("counted") & pl.col("station").cast(pl.String).is_in(list(named)))
    return _sheets(chosen.with_columns(pl.col(figures.votes).fill_null(0)), figures, left_out=0)


def _inside(stations: pl.DataFrame, area: str) -> pl.DataFrame:
    if not area:
        return stations
    return stations.filter((pl.col("area") == area) | pl.col("area").str.starts_with(f"{area}/"))


def _sheets(read: pl.DataFrame, figures: ContestFigures, *, left_out: int) -> KnownSheets:
    votes = read.select(figures.votes).to_numpy().astype(np.int64, copy=False)
    return KnownSheets(
        candidates=tuple(candidate.id for candidate in figures.contest.candidates),
        stations=read["station"].cast(pl.String),
        votes=votes.reshape(read.height, len(figures.votes)),
        ballots=read["ballots_at_least"].fill_null(0).to_numpy().astype(np.int64),
        registered_voters=read["registered_voters"].fill_null(-1).to_numpy().astype(np.int64),
        left_out=left_out,
    )


def universe_of(areas: pl.DataFrame, area: str = "") -> Universe:
    """Read what an area should have from the tally's areas."""
    row: dict[str, Any] = areas.row(by_predicate=pl.col("area") == area, named=True)
    return Universe(stations=row["stations.expected"], registered_voters=row["registered.expected"])
