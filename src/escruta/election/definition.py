"""What an election is: the values that an `election.toml` is read into.

Every class here is a frozen pydantic model: the same declaration parses the file, lists every fault, and makes the JSON
Schema that is published with the docs. The rules that tie several parts together are in `rules_of_definition`.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
"""An identifier inside a definition: small letters, digits, `-` and `_`."""
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
Count = Annotated[int, Field(ge=0, le=10_000_000_000)]
Name = str | dict[Language, str]
"""A name, either the same in every language or a table of language to name."""


class Model(BaseModel):
    """The root of every part of a definition: frozen, and strict about keys and types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)


class SourceKind(StrEnum):
    """Who gave a file to us."""

    AUTHORITY = "authority"
    PARTY = "party"
    OBSERVER = "observer"
    PRESS = "press"
    CITIZEN = "citizen"


class Act(StrEnum):
    """The stage of the count that a reading speaks of, in the order in which they happen."""

    COUNT = "count"
    CANVASS = "canvass"
    RULING = "ruling"
    RERUN = "rerun"


class Method(StrEnum):
    """How figures were taken from a copy."""

    FEED = "feed"
    QR = "qr"
    OCR = "ocr"
    TYPED = "typed"


class Severity(StrEnum):
    """What a failed check means under this election's rules."""

    ERROR = "error"
    WARNING = "warning"
    OFF = "off"


class KeyPart(Model):
    """One part of a polling station's key, written the same way whatever source it comes from."""

    part: Id
    kind: Literal["text", "number"] = "text"
    """`number`: leading zeros do not distinguish two stations."""
    width: Annotated[int, Field(ge=1, le=40)] | None = None
    """Pad with zeros on the left to this many digits."""


class StationKey(Model):
    """How polling stations are named, and how many there are, listed or not."""

    key: Annotated[tuple[KeyPart, ...], Field(min_length=1)]
    separator: str = "."
    expected: Count | None = None
    """Polling stations in the country, when a source says so; otherwise the complete register is counted."""
    expected_registered_voters: Count | None = None
    expected_source: str | None = None


class KeySlice(Model):
    """An area's code as the first characters of a part of the station key."""

    part: Id
    first: Annotated[int, Field(ge=1)]


class Level(Model):
    """A level of areas below the country, such as a state; levels are listed from the widest to the narrowest."""

    id: Id
    name: Name
    code_from: KeySlice | None = None


class Cell(Model):
    """A value taken from a column of a file, or a constant."""

    column: str | None = None
    pattern: str | None = None
    """A regular expression; its group `value`, or else its first group, is the value."""
    value: str | None = None
    """A constant, for files that do not say it in a column."""


CellRef = str | Cell
"""A column's name, or a table with `column`, `pattern`, `value`."""


class AreaCells(Model):
    """Where a file says which area of one level a station lies in."""

    code: CellRef | None = None
    name: CellRef | None = None


class LongItems(Model):
    """A file with one row for each station and item."""

    item: str
    """The column that names the candidate, option or figure."""
    votes: str
    """The column with the count."""
    items: dict[str, str]
    """What stands in the item column → a candidate, option or figure of the definition."""
    ignore: tuple[str, ...] = ()
    """Items that are left out on purpose, such as printed sub-totals."""


class Layout(Model):
    """How a file is laid out: where each thing we need stands in it."""

    format: str | None = None
    """A format's name (csv, tsv, xlsx, parquet, jsonl, actasum, or one added by a plug-in); detected when absent."""
    encoding: str | None = None
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] | None = None
    header_row: Annotated[int, Field(ge=1)] = 1
    sheet: str | None = None
    repair_encoding: bool = False
    """Repair text that was encoded twice (`PEÃ‘A` → `PEÑA`); noticed and reported in any case."""
    thousands: Literal[".", ",", " ", "'"] | None = None
    where: dict[str, str | tuple[str, ...]] = {}
    """Only rows in which each of these columns holds one of these values."""
    skip_where: dict[str, str | tuple[str, ...]] = {}
    """Rows to leave out, such as printed totals."""
    station: dict[Id, CellRef]
    """Part of the station key → where it stands."""
    areas: dict[Id, CellRef | AreaCells] = {}
    """Level → where its name, or its code and name, stand."""
    figures: dict[str, str] = {}
    """Figure (`registered_voters`, `ballots`, `valid`, `null`, `blank`, `candidate_votes`, or a further one) → column."""
    votes: dict[Id, str] = {}
    """Candidate or ballot option → column."""
    long: LongItems | None = None
    qr: str | None = None
    """The column that holds a payload `centre.table.n.n!v1,v2,…!null!invalid`, with the options in ballot order."""
    empty: Literal["unread", "zero", "not-on-sheet"] = "unread"
    """What an empty cell in a figure's column means. Unread unless the publisher says otherwise."""
    illegible: tuple[str, ...] = ()
    """Cell texts that say that a figure could not be read."""
    copy_id: CellRef | None = Field(default=None, alias="copy")
    picture: CellRef | None = None
    """A picture's address or digest; used to notice one picture that stands for two stations."""
    supersedes: str | None = None


class SourceFile(Model):
    """A file as it was published."""

    path: str
    """Relative to the data folder, or else to the definition."""
    member: str | None = None
    sha256: Sha256 | None = None
    published_at: str | None = None
    """Where the file was published, as an address or a citation."""


class Origin(Model):
    """The chain by which copies left the polling stations."""

    id: Id
    name: Name
    owner: SourceKind
    derived_from: tuple[Id, ...] = ()
    adverse_to: tuple[Id, ...] = ()


class Source(Model):
    """Files from one giver, for one contest, of one origin."""

    id: Id
    name: Name
    kind: SourceKind
    origin: Id
    contest: Id | None = None
    method: Method = Method.FEED
    act: Act = Act.COUNT
    as_of: datetime | date | None = None
    supersedes: tuple[Id, ...] = ()
    """Sources whose readings this one replaces wherever it has a reading: an earlier snapshot, or an earlier act."""
    files: Annotated[tuple[SourceFile, ...], Field(min_length=1)]
    layout: Layout
    notes: str | None = None


class Register(Model):
    """The list of polling stations, with their registered voters and areas."""

    source: Id | None = None
    """Take the stations from this source's files instead of files of their own."""
    files: tuple[SourceFile, ...] = ()
    layout: Layout | None = None
    complete: bool = False
    """Whether it lists every polling station of the election."""


class Candidate(Model):
    """Somebody, or a list, that votes are added up for."""

    id: Id
    name: str
    party: str | None = None
    colour: Colour | None = None


class BallotOption(Model):
    """A slot on the ballot; several may carry the same candidate."""

    id: Id
    name: str
    candidate: Id


class FurtherFigure(Model):
    """A figure on the sheet that has no name of its own here, such as unused ballots."""

    id: Id
    name: Name
    in_ballots: bool = False
    """Whether it is a part of the ballots cast."""


class Contest(Model):
    """One question put to the voters."""

    id: Id
    name: Name
    rule: Literal["plurality"] = "plurality"
    blank_is_valid: bool = False
    figures: tuple[Literal["registered_voters", "ballots", "valid", "null", "blank", "candidate_votes"], ...] = ()
    """Figures that the sheet has beside the votes."""
    further_figures: tuple[FurtherFigure, ...] = ()
    candidates: Annotated[tuple[Candidate, ...], Field(min_length=1)]
    options: tuple[BallotOption, ...] = ()
    """Ballot options in ballot order; left out where every candidate has one."""


class OthersTogether(Model):
    """Candidates whose votes were announced only as one sum."""

    votes: Count
    candidates: Annotated[tuple[Id, ...], Field(min_length=1)]


class Announcement(Model):
    """Totals that were announced without the polling stations behind them."""

    id: Id
    name: Name
    contest: Id | None = None
    by: Id | str
    at: datetime | date | None = None
    votes: dict[Id, Count]
    others: OthersTogether | None = None
    valid: Count | None = None
    null: Count | None = None
    blank: Count | None = None
    stations: Count | None = None
    coverage_text: str | None = None
    """The share that was said to be counted, in the announcer's words; percentages are kept as text."""
    published_at: str | None = None


class CheckRule(Model):
    """An election's own severity and limits for a check."""

    severity: Severity | None = None
    limit: float | int | None = None
    minimum: Count | None = None
    """Sheets with fewer ballots than this are not looked at by the check."""


class Election(Model):
    """An election as its definition says it."""

    format: Literal["escruta/election/v1"]
    id: Id
    name: Name
    date: date
    country: str | None = None
    time_zone: str = "UTC"
    languages: tuple[Language, ...] = ("en", "es", "nl")
    notes: str | None = None
    policy: str = "single"
    stations: StationKey
    levels: tuple[Level, ...] = ()
    register_: Register | None = Field(default=None, alias="register")
    contests: Annotated[tuple[Contest, ...], Field(min_length=1)]
    origins: Annotated[tuple[Origin, ...], Field(min_length=1)]
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    announcements: tuple[Announcement, ...] = ()
    checks: dict[str, CheckRule] = {}
