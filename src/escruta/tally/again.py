"""What is added up, and how what was added up before follows where some stations change."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from escruta.base.splicing import keys_that_differ, signed, with_only
from escruta.sheets.figures import ContestFigures
from escruta.tally.policy import Policy
from escruta.tally.sums import sums_by_area
from escruta.tally.totals import Expected, Tally, decide_counted, tally_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How the stations of a contest are added up."""

    policy: Policy
    figures: ContestFigures
    levels: int
    expected: Expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What is added up."""

    rules: Rules
    known: pl.DataFrame
    """The stations known to us, before anything was read of them."""
    stations: pl.DataFrame
    """The same with their verdicts, and whether they count."""
    spans: pl.DataFrame

    @classmethod
    def of(cls, known: pl.DataFrame, verdicts: pl.DataFrame, spans: pl.DataFrame, rules: Rules) -> Added:
        """Say which of the stations known to us count."""
        stations = decide_counted(
            known,
            verdicts,
            counts=rules.policy.counts(),
            figures=rules.figures.all,
            complete=rules.expected.register_complete,
        )
        return cls(rules=rules, known=known, stations=stations, spans=spans)

    @property
    def of_all(self) -> tuple[object, ...]:
        """Whatever has a say in the totals of every area, touched or not."""
        return self.rules, self.voters_known, self.areas_known

    @property
    def voters_known(self) -> bool:
        """Whether the registered voters of any station are known."""
        return self.stations["registered_voters"].count() > 0

    @property
    def areas_known(self) -> bool:
        """Whether the register is complete, and says of each of its stations in which area it lies."""
        listed_nowhere = self.stations["on_register"] & self.stations["area"].is_null()
        return self.rules.expected.register_complete and not listed_nowhere.any()

    def sums(self) -> pl.DataFrame:
        """Add up the stations of every area."""
        return self._sums([signed(frame, 1) for frame in (self.stations, self.spans)])

    def change(self, before: Added, stations: pl.Series) -> pl.DataFrame:
        """Add up what some stations add now, less what they added before, for the areas in which they lie or lay."""
        pairs = ((self.stations, before.stations), (self.spans, before.spans))
        own = [[with_only(frame, "station", stations) for frame in pair] for pair in pairs]
        return self._sums([pl.concat([signed(now, 1), signed(then, -1)]) for now, then in own])

    def tally(self, sums: pl.DataFrame) -> Tally:
        """Say what follows from the sums of some areas."""
        return tally_of(sums, self.rules.figures, self.rules.expected, areas_known=self.areas_known)

    def _sums(self, signed: list[pl.DataFrame]) -> pl.DataFrame:
        stations, spans = signed
        figures, levels = self.rules.figures, self.rules.levels
        return sums_by_area(stations, spans, figures=figures, levels=levels, voters_known=self.voters_known)


def touched_stations(before: Added, now: Added, judged_again: pl.Series | None) -> pl.Series | None:
    """List the stations that may add something else than before; None where all of them may.

    `judged_again` are the stations whose readings changed.
    """
    if judged_again is None or before.of_all != now.of_all:
        return None
    return pl.concat([judged_again, keys_that_differ(before.known, now.known, "station")]).unique()


def with_change(sums: pl.DataFrame, change: pl.DataFrame) -> pl.DataFrame:
    """Give the sums of the areas that a change touches; the country is there, others where a station lies in them."""
    touched = pl.concat([with_only(sums, "area", change["area"]), change]).group_by("area").agg(pl.all().sum())
    return touched.filter((pl.col("stations") > 0) | (pl.col("area") == "")).sort("area")
