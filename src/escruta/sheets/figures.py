"""The figures of a tally sheet as columns: their names, and the marks that stand where there is no count.

A figure is a count, or it is unread, or it is not on the sheet. None of these is ever a zero: a figure without a
count is null in its column, and a mark says why. A null without a mark means that the source does not give the figure
at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from escruta.election.definition import Contest, Source

SHEET_FIGURES = ("registered_voters", "ballots", "valid", "null", "blank", "candidate_votes")
"""Figures with a name of their own. `candidate_votes` is the stated total of the votes for candidates."""


class Mark(StrEnum):
    """Why a figure has no count."""

    ILLEGIBLE = "illegible"
    EMPTY = "empty"
    NOT_ON_SHEET = "not-on-sheet"
    NOT_A_COUNT = "not-a-count"


MARKS_SCHEMA = pl.Schema({"reading": pl.String, "figure": pl.String, "mark": pl.String, "found": pl.String})


def votes_column(candidate: str) -> str:
    """Name the column of a candidate's votes.

    >>> votes_column("ana")
    'votes.ana'
    """
    return f"votes.{candidate}"


def option_column(option: str) -> str:
    """Name the column of a ballot option's votes."""
    return f"option.{option}"


def other_column(figure: str) -> str:
    """Name the column of a figure that only this election's sheets have."""
    return f"other.{figure}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestFigures:
    """The figure columns of one contest, in the order in which they stand in every frame."""

    contest: Contest
    has_options: bool
    """Whether some source gives votes for each ballot option, and not only for each candidate."""

    @property
    def votes(self) -> tuple[str, ...]:
        """Columns of the candidates' votes, in the order of the definition."""
        return tuple(votes_column(candidate.id) for candidate in self.contest.candidates)

    @property
    def options(self) -> tuple[str, ...]:
        """Columns of the ballot options' votes, in ballot order; empty where no source gives them."""
        return tuple(option_column(option.id) for option in self.contest.options) if self.has_options else ()

    @property
    def others(self) -> tuple[str, ...]:
        """Columns of the election's further figures."""
        return tuple(other_column(figure.id) for figure in self.contest.further_figures)

    @property
    def all(self) -> tuple[str, ...]:
        """Every figure column."""
        return (*SHEET_FIGURES, *self.others, *self.votes, *self.options)

    @property
    def compared(self) -> tuple[str, ...]:
        """Columns that two readings of one contest must agree on: all but the register's number of voters."""
        return tuple(column for column in self.all if column != "registered_voters")

    def options_of(self, candidate: str) -> tuple[str, ...]:
        """Columns of the ballot options that carry a candidate."""
        if not self.has_options:
            return ()
        return tuple(option_column(option.id) for option in self.contest.options if option.candidate == candidate)


def figures_of(contest: Contest, sources: Iterable[Source]) -> ContestFigures:
    """Find the figure columns of a contest, given the sources that speak of it."""
    options = {option.id for option in contest.options}
    mapped = {key for source in sources for key in _mapped_items(source)}
    reads_payload = any(source.layout.qr is not None or source.layout.format == "scans" for source in sources)
    candidates = {candidate.id for candidate in contest.candidates}
    return ContestFigures(
        contest=contest, has_options=bool(options) and (reads_payload or bool(mapped & (options - candidates)))
    )


def _mapped_items(source: Source) -> set[str]:
    items = set(source.layout.votes)
    if source.layout.long is not None:
        items |= set(source.layout.long.items.values())
    return items
