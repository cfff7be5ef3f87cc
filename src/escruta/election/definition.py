"""What an election is: the values that an `election.toml` is read into.

Every class here is a frozen pydantic model: the same declaration parses the file, lists every fault, and makes the JSON
Schema that is published with the docs (`escruta.election.schema`). The docstrings of the fields are the words of that
schema and of `docs/reference/election-definition.md`. The rules that tie several parts together are in
`escruta.election.rules`.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag
from pydantic_core import PydanticCustomError

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
"""An identifier inside a definition: small letters, digits, `-` and `_`."""
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
Count = Annotated[int, Field(ge=0, le=10_000_000_000)]
Percent = Annotated[str, StringConstraints(pattern=r"^(100|[0-9]{1,2})(\.[0-9]{1,4})?%$")]
"""A percentage, as text, so that it stays exact: `5%`, `33.3333%`."""
_HOST, _STEP = "[A-Za-z0-9]+([.-]+[A-Za-z0-9]+)*", "[A-Za-z0-9_~%-]+([.]+[A-Za-z0-9_~%-]+)*"
ADDRESS = rf"^https?://{_HOST}(:[0-9]{{1,5}})?(/{_STEP})*/?$"
Address = Annotated[
    str,
    StringConstraints(pattern=ADDRESS),
    AfterValidator(lambda address: address.rstrip("/") + "/"),
]
"""The address of a folder, in letters that no page and no feed needs to escape; once read, it ends with a slash."""

FIRST_YEAR, LAST_YEAR = 1900, 2200
"""The years that a definition may speak of: others are slips of the pen, and at both ends of the calendar no clock can
tell the time of another zone."""


def _plausible(moment: dt.date | None) -> dt.date | None:
    if moment is not None and not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise PydanticCustomError("year_out_of_range", "a year out of range")
    return moment


Day = Annotated[dt.date, AfterValidator(_plausible)]
Moment = Annotated[dt.datetime | dt.date | None, AfterValidator(_plausible)]


def _shape(value: object) -> str:
    """Say which arm of a union a value belongs to, so that its faults are told once and in that arm's words."""
    if isinstance(value, (list, tuple)):
        return "<list>"
    if isinstance(value, AreaCells) or (isinstance(value, dict) and not {"column", "pattern", "value"} & value.keys()):
        return "<area>"
    return "<table>" if isinstance(value, (dict, BaseModel)) else "<text>"


def _text_or_table(value: object) -> str:
    return "<text>" if _shape(value) in {"<text>", "<list>"} else "<table>"


def _text_or_list(value: object) -> str:
    return "<list>" if _shape(value) == "<list>" else "<text>"


def _text_cell_or_area(value: object) -> str:
    return _shape(value).replace("<list>", "<text>")


NamesByLanguage = Annotated[dict[Language, Annotated[str, StringConstraints(min_length=1)]], Field(min_length=1)]
Name = Annotated[
    Annotated[str, StringConstraints(min_length=1), Tag("<text>")] | Annotated[NamesByLanguage, Tag("<table>")],
    Discriminator(_text_or_table),
]
"""A name, either the same in every language or a table of language to name."""
OneOrMore = Annotated[
    Annotated[str, Tag("<text>")] | Annotated[tuple[str, ...], Tag("<list>")], Discriminator(_text_or_list)
]
"""One text, or a list of texts."""


class Model(BaseModel):
    """The root of every part of a definition: frozen, and strict about keys and types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True, defer_build=True)
    # What the docstrings under the fields say is taken into the JSON Schema by `schema`: no command pays for it.


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
    """What the part is called here, such as `centre` or `table`; layouts say in which column it stands."""
    kind: Literal["text", "number"] = "text"
    """`number`: leading zeros do not distinguish two stations."""
    width: Annotated[int, Field(ge=1, le=40)] | None = None
    """Pad with zeros on the left to this many digits."""


class StationKey(Model):
    """How polling stations are named, and how many there are, listed or not."""

    key: Annotated[tuple[KeyPart, ...], Field(min_length=1)]
    """The parts that together tell one polling station from every other one."""
    separator: str = "."
    """What stands between the parts when the key is written."""
    expected: Count | None = None
    """Polling stations in the country, when a source says so; otherwise the complete register is counted."""
    expected_registered_voters: Count | None = None
    """Registered voters in the country, when a source says so; otherwise the complete register is added up."""
    expected_source: str | None = None
    """Who says so, as a citation."""


class KeySlice(Model):
    """An area's code as the first characters of a part of the station key."""

    part: Id
    """The part of the station key."""
    first: Annotated[int, Field(ge=1)]
    """How many characters of it, from the left."""


class Level(Model):
    """A level of areas below the country, such as a state; levels are listed from the widest to the narrowest."""

    id: Id
    """The level's id, used in layouts."""
    name: Name
    """What one area of this level is called: `State`, `Municipality`."""
    code_from: KeySlice | None = None
    """Where the area's code stands inside the station key; left out when the files say the area in columns."""


class Cell(Model):
    """A value taken from a column of a file, or a constant."""

    column: str | None = None
    """The column's header."""
    pattern: str | None = None
    """A regular expression; its group `value`, or else its first group, is the value."""
    value: str | None = None
    """A constant, for files that do not say it in a column."""


CellRef = Annotated[Annotated[str, Tag("<text>")] | Annotated[Cell, Tag("<table>")], Discriminator(_text_or_table)]
"""A column's name, or a table with `column`, `pattern`, `value`."""


class AreaCells(Model):
    """Where a file says which area of one level a station lies in."""

    code: CellRef | None = None
    """The area's code, unique inside the area above it."""
    name: CellRef | None = None
    """The area's name; it also serves as the code when there is none."""


AreaRef = Annotated[
    Annotated[str, Tag("<text>")] | Annotated[Cell, Tag("<table>")] | Annotated[AreaCells, Tag("<area>")],
    Discriminator(_text_cell_or_area),
]
"""The column with an area's name, or a cell, or a table with `code` and `name`."""


class LongItems(Model):
    """A file with one row for each station and item."""

    item: str
    """The column that names the candidate, option or figure."""
    votes: str
    """The column with the count."""
    items: Annotated[dict[str, str], Field(min_length=1)]
    """What stands in the item column → a candidate, option or figure of the definition."""
    ignore: tuple[str, ...] = ()
    """Items that are left out on purpose, such as printed sub-totals."""


class Layout(Model):
    """How a file is laid out: where each thing we need stands in it."""

    format: str | None = None
    """A format's name: csv, tsv, xlsx, parquet, jsonl, actasum, scans, or that of a plug-in; detected when absent."""
    encoding: str | None = None
    """The text's encoding, such as `utf-8` or `windows-1252`; detected, and reported, when absent."""
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] | None = None
    """What separates the columns of a text file; detected when absent."""
    header_row: Annotated[int, Field(ge=1)] = 1
    """The row, from 1, in which the column names stand."""
    sheet: str | None = None
    """The sheet of a workbook; its first one when absent."""
    repair_encoding: bool = False
    """Repair text that was encoded twice (`peÃ±a` → `peña`); noticed and reported in any case."""
    thousands: Literal[".", ",", " ", "'"] | None = None
    """What separates thousands in counts; without it a count is digits only."""
    where: dict[str, OneOrMore] = {}
    """Only rows in which each of these columns holds one of these values."""
    skip_where: dict[str, OneOrMore] = {}
    """Rows to leave out, such as printed totals: those in which one of these columns holds one of these values."""
    station: dict[Id, CellRef]
    """Part of the station key → where it stands."""
    areas: dict[Id, AreaRef] = {}
    """Level → where its name, or its code and name, stand."""
    figures: dict[str, str] = {}
    """Figure (`registered_voters`, `ballots`, `valid`, `null`, `blank`, `candidate_votes`, a further one) → column."""
    votes: dict[Id, str] = {}
    """Candidate or ballot option → column."""
    long: LongItems | None = None
    """For a file with one row for each station and item, instead of `votes`."""
    qr: str | None = None
    """The column that holds a payload `centre.table.n.n!v1,v2,…!null!invalid`, with the options in ballot order."""
    empty: Literal["unread", "zero", "not-on-sheet"] = "unread"
    """What an empty cell in a figure's column means. Unread unless the publisher says otherwise."""
    illegible: tuple[str, ...] = ()
    """Cell texts that say that a figure could not be read."""
    copy_id: CellRef | None = Field(default=None, alias="copy")
    """What tells two copies of one station's sheet apart; without it a source has one copy of each sheet."""
    picture: CellRef | None = None
    """A picture's address or digest; used to notice one picture that stands for two stations."""
    arrived: CellRef | None = None
    """When each row's copy arrived (ISO 8601; without an offset in the election's zone); empty is not known."""
    act: CellRef | None = None
    """The act that each row speaks of (`count`, `canvass`, `ruling`, `rerun`), where the rows of one file differ."""
    supersedes: str | None = None
    """The column with the id of the statement that a row replaces, in formats that say so."""


class SourceFile(Model):
    """A file as it was published."""

    path: str
    """Relative to the data folder, or else to the definition."""
    member: str | None = None
    """The file inside an archive."""
    sha256: Sha256 | None = None
    """The SHA-256 of its bytes; another file in its place is refused."""
    published_at: str | None = None
    """Where the file was published, as an address or a citation."""


class Origin(Model):
    """The chain by which copies left the polling stations."""

    id: Id
    """The origin's id, used by sources."""
    name: Name
    """What the chain is called on the pages."""
    owner: SourceKind
    """Whose chain it is."""
    derived_from: tuple[Id, ...] = ()
    """Origins that this one was made from; the two are then not independent."""
    adverse_to: tuple[Id, ...] = ()
    """Origins whose owners would gain from the opposite errors."""


class Source(Model):
    """Files from one giver, for one contest, of one origin."""

    id: Id
    """The source's id."""
    name: Name
    """What the source is called on the pages."""
    kind: SourceKind
    """Who gave it to us."""
    origin: Id
    """The chain by which its copies left the polling stations; data made from the same pictures have one origin."""
    contest: Id | None = None
    """The contest that it speaks of; may be left out when there is only one."""
    method: Method = Method.FEED
    """How the figures were taken from the copies."""
    act: Act = Act.COUNT
    """The stage of the count that it speaks of."""
    as_of: Moment = None
    """The moment that its figures stand for."""
    supersedes: tuple[Id, ...] = ()
    """Sources whose readings this one replaces wherever it has a reading: an earlier snapshot, or an earlier act."""
    files: Annotated[tuple[SourceFile, ...], Field(min_length=1)]
    """Its files; several files of the same layout are read as one."""
    redacted: str | None = None
    """Folder, found like its files, of redacted pictures to publish: `DIGEST.jpg`, for the digest in `picture`."""
    seals: Literal["required"] | None = None
    """For scans: count only pictures with a seal that was checked and is good; otherwise those without a seal too."""
    layout: Layout
    """How its files are laid out."""
    notes: str | None = None
    """What a reader should know about it."""


class Register(Model):
    """The list of polling stations, with their registered voters and areas."""

    source: Id | None = None
    """Take the stations from this source's files instead of files of their own."""
    files: tuple[SourceFile, ...] = ()
    """The register's own files."""
    layout: Layout | None = None
    """How its own files are laid out."""
    complete: bool = False
    """Whether it lists every polling station of the election."""


class AreaMap(Model):
    """A map of the areas of the widest level, for the country's page."""

    file: SourceFile
    """A GeoJSON file (RFC 7946) with a Polygon or MultiPolygon for each area, in longitudes and latitudes."""
    code: str = "code"
    """The property of a feature that holds the area's code; its `id` where it has no such property."""


class Candidate(Model):
    """Somebody, or a list, that votes are added up for."""

    id: Id
    """The candidate's id, used in layouts and totals."""
    name: Annotated[str, StringConstraints(min_length=1)]
    """The name as on the ballot."""
    party: str | None = None
    """The party or parties."""
    colour: Colour | None = None
    """A colour for charts, `#rrggbb`."""


class BallotOption(Model):
    """A slot on the ballot; several may carry the same candidate."""

    id: Id
    """The option's id; it may not be the id of a candidate that has other options as well."""
    name: str
    """The name as on the ballot."""
    candidate: Id
    """The candidate that it carries."""


class FurtherFigure(Model):
    """A figure on the sheet that has no name of its own here, such as unused ballots."""

    id: Id
    """The figure's id, used in layouts."""
    name: Name
    """What it is called on the sheet."""
    in_ballots: bool = False
    """Whether it is a part of the ballots cast."""


FigureName = Literal["registered_voters", "ballots", "valid", "null", "blank", "candidate_votes"]
"""The figures that have names of their own."""


class Win(Model):
    """A way to win in the first round; all that it says must hold. Shares are of the valid votes."""

    more_than: Percent | None = None
    """More than this share of the valid votes: `50%`."""
    at_least: Percent | None = None
    """At least this share of the valid votes: `40%`."""
    ahead_by_more_than: Percent | None = None
    """More than this share of the valid votes ahead of everybody else: `10%`."""
    ahead_by_at_least: Percent | None = None
    """At least this share of the valid votes ahead of everybody else: `10%`."""


class Rule(Model):
    """How votes decide, where it is not simply the most: ways to win without a run-off, or a bar to get over."""

    wins: tuple[Win, ...] = ()
    """Ways to win in the first round; where nobody does, the first two stand in a second one."""
    bar: Percent | None = None
    """The share of the valid votes that a list needs to take part in the seats: `5%`."""


ContestRule = Annotated[
    Annotated[Literal["plurality"], Tag("<text>")] | Annotated[Rule, Tag("<table>")], Discriminator(_text_or_table)
]
"""The word `plurality`, or a table with `wins` or `bar`."""


class Contest(Model):
    """One question put to the voters."""

    id: Id
    """The contest's id."""
    name: Name
    """What it is called on the pages."""
    rule: ContestRule = "plurality"
    """How votes decide: `plurality`, whoever has the most wins; or a table with `wins` or `bar`."""
    blank_is_valid: bool = False
    """Whether blank votes are a part of the valid votes under this country's law."""
    figures: tuple[FigureName, ...] = ()
    """Figures that the sheet has beside the votes."""
    further_figures: tuple[FurtherFigure, ...] = ()
    """Figures that have no name of their own here."""
    candidates: Annotated[tuple[Candidate, ...], Field(min_length=1)]
    """Who stands."""
    options: tuple[BallotOption, ...] = ()
    """Ballot options in ballot order; left out where every candidate has one."""


class OthersTogether(Model):
    """Candidates whose votes were announced only as one sum."""

    votes: Count
    """The sum."""
    candidates: Annotated[tuple[Id, ...], Field(min_length=1)]
    """The candidates that it stands for."""


class Announcement(Model):
    """Totals that were announced without the polling stations behind them."""

    id: Id
    """The announcement's id."""
    name: Name
    """What it is called on the pages."""
    contest: Id | None = None
    """The contest that it speaks of; may be left out when there is only one."""
    area: str | None = None
    """The area that it speaks of, as codes from the widest level down, joined by `/`; the country when left out."""
    by: str
    """Who announced it."""
    at: Moment = None
    """When."""
    votes: dict[Id, Count]
    """Candidate → votes."""
    others: OthersTogether | None = None
    """Candidates whose votes were announced only as one sum."""
    valid: Count | None = None
    """Valid votes."""
    null: Count | None = None
    """Null votes."""
    blank: Count | None = None
    """Blank votes."""
    stations: Count | None = None
    """Polling stations that were said to be counted."""
    coverage_text: str | None = None
    """The share that was said to be counted, in the announcer's words; percentages are kept as text."""
    published_at: str | None = None
    """Where it was published, as an address or a citation."""


class CheckRule(Model):
    """An election's own severity and limits for a check."""

    severity: Severity | None = None
    """What a failure means here: `error` quarantines the station, `warning` is shown, `off` is not looked at."""
    limit: float | int | None = None
    """The check's limit, in the unit that its page gives."""
    minimum: Count | None = None
    """Sheets with fewer ballots than this are not looked at by the check."""


class Site(Model):
    """Where the pages will stand, for what needs whole addresses: search engines, feeds, links that show a picture."""

    address: Address
    """The address of the folder of the pages, such as `https://results.example/2031/`, without name or password."""
    pictures: bool = False
    """Draw a picture of the result for links to the country and its widest areas; needs the extra `print`."""


class Election(Model):
    """An election as its definition says it."""

    format: Literal["escruta/election/v1"]
    """The version of this format."""
    id: Id
    """The election's id."""
    name: Name
    """What it is called on the pages."""
    date: Day
    """The day of the vote."""
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    """The country's two letters of ISO 3166-1; left out for a fictional one."""
    map: AreaMap | None = None
    """A map of the areas of the widest level; without one the country's page shows them as tiles."""
    time_zone: str = "UTC"
    """The time zone in which moments are shown, as in the IANA database: `America/Caracas`."""
    languages: tuple[Language, ...] = ("en", "es", "nl")
    """The languages of the pages; the first one is where a reader arrives. `pt-BR` has the words of `pt`."""
    site: Site | None = None
    """Where the pages will stand; without it they know no address of their own, and work under any."""
    notes: str | None = None
    """What a reader should know before anything else."""
    policy: str = "single"
    """Which verdicts count: `single`, `corroborated`, `confirmed`, or `source:ID` for one source as published."""
    stations: StationKey
    """How polling stations are named, and how many there are."""
    levels: tuple[Level, ...] = ()
    """Levels of areas, from the widest to the narrowest."""
    register_: Register | None = Field(default=None, alias="register")
    """The list of polling stations; without it every station that a source speaks of is taken."""
    contests: Annotated[tuple[Contest, ...], Field(min_length=1)]
    """What was voted on."""
    origins: Annotated[tuple[Origin, ...], Field(min_length=1)]
    """The chains by which copies left the polling stations."""
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    """Files, each from one giver, for one contest, of one origin."""
    announcements: tuple[Announcement, ...] = ()
    """Totals that were announced without stations."""
    checks: dict[str, CheckRule] = {}
    """Code of a check → its severity and limits in this election."""
