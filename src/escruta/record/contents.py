"""What a record holds, as values: everything that the main job found, before it is written down."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from escruta.collation.verdicts import Relations
from escruta.election.definition import Election, Severity, Source
from escruta.sheets.catalogue import Check
from escruta.sheets.figures import ContestFigures
from escruta.sheets.readings import Readings
from escruta.sources.readings import FileRead
from escruta.sources.stations import Geography
from escruta.tally.totals import Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestResults:
    """Everything that was found for one contest."""

    figures: ContestFigures
    policy: str
    sources: tuple[Source, ...]
    checks: dict[str, Check]
    judged: Readings
    """Every reading of every source, superseded ones too, with `standing` and `failed`."""
    checked: pl.DataFrame
    """A row a reading, in the same order, and a column a check."""
    check_counts: pl.DataFrame
    findings: pl.DataFrame
    stations: pl.DataFrame
    """A row a station known to us, with its verdict (null where nothing was received) and its standing figures."""
    spans: pl.DataFrame
    """The lowest and highest votes over the standing readings, of the stations where they differ."""
    tally: Tally
    areas: pl.DataFrame
    """The tally's areas with their outcome."""
    agreement: pl.DataFrame
    announcements: pl.DataFrame

    @property
    def contest(self) -> str:
        """The contest's id."""
        return self.figures.contest.id

    @property
    def readings(self) -> pl.DataFrame:
        """The rows of `judged` behind the id of each reading, which is worked out when this is first asked for."""
        return self.judged.rows.select(self.judged.ids, pl.all())

    @property
    def marks(self) -> pl.DataFrame:
        """Figures without a count, and why, by the id of the reading."""
        return self.judged.identify(self.judged.marks)

    @property
    def outcomes(self) -> pl.DataFrame:
        """What each check came to, by the id of the reading."""
        return self.checked.select(self.judged.ids, pl.all())


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Everything that was found for an election."""

    election: Election
    relations: Relations
    geography: Geography
    files: tuple[tuple[str, FileRead], ...]
    """Each file that was read, behind the id of its source, or `register`."""
    contests: tuple[ContestResults, ...]

    def has_errors(self) -> bool:
        """Say whether any finding is of error severity."""
        return any((each.findings["severity"] == Severity.ERROR.value).any() for each in self.contests)
