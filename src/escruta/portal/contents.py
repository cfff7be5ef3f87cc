"""What the pages show: areas and their results, polling stations with their readings, findings.

`None` is *not known* everywhere, and never a zero.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Any

STEPS = ("expected", "received", "legible", "consistent", "corroborated", "counted")
VERDICTS = ("confirmed", "corroborated", "single", "disputed", "contradicted", "quarantined", "missing")
DIFFERING = ("disputed", "contradicted", "quarantined")
_PARTS = re.compile(r"([0-9]+)|/")


@dataclass(frozen=True, slots=True)
class Area:
    """An area of the country; the country itself has the empty path."""

    area: str
    level: int
    level_id: str
    code: str
    name: str
    parent: str
    stations_listed: int | None


@dataclass(frozen=True, slots=True)
class Votes:
    """A candidate's votes in an area, with the interval that the readings span."""

    votes: int | None
    low: int | None
    high: int | None
    unread_stations: int


@dataclass(frozen=True, slots=True)
class AreaResult:
    """What the record says of one area in one contest; None is *not known*."""

    stations: tuple[int | None, ...]
    registered: tuple[int | None, ...]
    verdicts: tuple[int | None, ...]
    candidate_votes: int | None
    valid: int | None
    null: int | None
    blank: int | None
    ballots: int | None
    leader: str | None
    runner_up: str | None
    margin_votes: int | None
    outside_stations: int | None
    outside_registered_voters: int | None
    unread_at_most: int | None
    can_be_overturned: bool | None
    null_low: int | None = None
    blank_low: int | None = None
    valid_low: int | None = None
    ballots_low: int | None = None
    votes: tuple[Votes, ...] = ()
    off_register: int = 0
    """Stations inside the totals that a complete register does not list; they are in no step."""

    @property
    def counted(self) -> int:
        """Stations inside the totals that are among the expected ones."""
        return self.stations[5] or 0

    @property
    def in_totals(self) -> int:
        """Stations inside the totals, with those that a complete register does not list."""
        return self.counted + self.off_register

    @property
    def is_none_counted(self) -> bool:
        """Whether no station at all is inside the totals, so that nobody's votes are known."""
        return self.stations[5] == 0 and not self.off_register

    def of_verdict(self, verdict: str) -> int | None:
        """Give the stations of one verdict."""
        return self.verdicts[VERDICTS.index(verdict)]

    @property
    def is_whole(self) -> bool:
        """Whether nothing stands outside the count, as far as the record can say."""
        return self.outside_stations == 0 and self.reachable_votes == 0

    @property
    def reachable_votes(self) -> int | None:
        """Votes that could at most still come: from everybody outside the count, and from unread figures inside it."""
        if self.outside_registered_voters is None or self.unread_at_most is None:
            return None
        return self.outside_registered_voters + self.unread_at_most


@dataclass(frozen=True, slots=True)
class SetAside:
    """The stations of one verdict that no total holds, or that a total holds although their readings differ."""

    verdict: str
    counted: bool
    listed: bool
    """False for stations that a complete register does not list: they take nothing from what is outside."""
    stations: int
    registered_voters: int | None
    low: tuple[int | None, ...]
    """Each candidate's votes on the lowest of their standing readings, added up."""
    high: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """A check that failed, or a difference."""

    code: str
    severity: str
    station: str | None
    source: str | None
    reading: str | None
    row: int | None
    figure: str | None
    found: str | None
    expected: str | None
    limit: str | None


@dataclass(frozen=True, slots=True)
class InLog:
    """Where a reading stands in the record's log."""

    index: int
    address: str
    """What stands behind the `#` of the page that checks it."""


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """What of a copy's picture may be seen: names and signatures are painted over."""

    file: str
    """Inside the record."""
    sha256: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading: its figures stand in the order of `Contest.figures`."""

    reading: str
    source: str
    origin: str
    copy: str | None
    method: str
    act: str
    row: int | None
    standing: bool
    figures: tuple[int | None, ...]
    marks: Mapping[str, tuple[str, str | None]]
    in_log: InLog | None = None
    picture: ShownPicture | None = None


@dataclass(frozen=True, slots=True)
class Station:
    """A polling station with its verdict and what stands behind it."""

    station: str
    name: str | None
    area: str
    verdict: str
    reasons: tuple[str, ...]
    counted: bool
    registered_voters: int | None
    on_register: bool | None
    readings: tuple[Reading, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody, or a list, that votes are added up for."""

    candidate: str
    name: str
    party: str | None
    colour: str | None


@dataclass(frozen=True)
class Contest:
    """One contest, with the figures that its readings hold."""

    contest: str
    name: Any
    candidates: tuple[Candidate, ...]
    figures: tuple[str, ...]
    option_names: Mapping[str, str]
    figure_names: Mapping[str, Any]
    sheet_figures: tuple[str, ...]
    summary: Mapping[str, Any]

    @cached_property
    def index(self) -> dict[str, int]:
        """Give each candidate's place."""
        return {candidate.candidate: place for place, candidate in enumerate(self.candidates)}


def standing(readings: Iterable[Reading]) -> list[Reading]:
    """Keep the readings that no later act or snapshot has replaced."""
    return list(filter(attrgetter("standing"), readings))


@lru_cache(maxsize=1 << 16)
def natural(text: str) -> tuple[list[tuple[int, int, str]], str]:
    """Make a key that sorts codes as a person would: by their numbers where they have numbers.

    >>> sorted(["1/10", "1/9", "1", "1/x"], key=natural)
    ['1', '1/9', '1/10', '1/x']
    """
    parts = [part for part in _PARTS.split(text) if part]
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts], text
