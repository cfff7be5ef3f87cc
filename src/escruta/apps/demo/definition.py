"""The demo's `election.toml`: the same kind of definition that anybody writes for a real election."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from escruta.apps.demo.files import ILLEGIBLE, REGISTER, STYLES, Form
from escruta.apps.demo.places import code_widths
from escruta.apps.demo.republic import CANDIDATES, CONTEST, ELECTION_DAY, LEVELS, OPTIONS, WORDS, SourceId

Table = dict[str, object]
"""A table of the definition."""

_ORIGINS: dict[SourceId, str] = {
    "authority": "authority",
    "party-a": "party-a-copies",
    "party-b": "party-b-copies",
    "observers": "observer-photos",
}
_KINDS = {"authority": "authority", "party-a": "party", "party-b": "party", "observers": "observer"}
_ADVERSE: dict[SourceId, tuple[SourceId, ...]] = {
    "authority": ("party-a",),
    "party-a": ("authority", "party-b"),
    "party-b": ("party-a",),
    "observers": (),
}
_METHODS = {"authority": "feed", "party-a": "typed", "party-b": "typed", "observers": "typed"}
_HEAD = """\
# The Republic of Quelaria does not exist: `escruta demo` invented it, its voters and its election night.
# What was planted in these files, and where, stands in what-really-happened.json; the definition does not know of it.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """What the definition says of the country as a whole."""

    stations: int
    registered_voters: int
    centre_code_width: int


def definition_head() -> str:
    """Give the comment that stands at the top of the definition."""
    return _HEAD


def define(
    country: Country, digests: Mapping[str, str], sources: Collection[SourceId], form: Form, bulletins: list[Table]
) -> Table:
    """Define the election; `digests` gives the SHA-256 of each file, by its path."""
    return {
        "format": "escruta/election/v1",
        "id": "quelaria-2025-president",
        "name": WORDS["election"],
        "date": ELECTION_DAY,
        "time_zone": "UTC",
        "languages": ["en", "es", "nl"],
        "notes": "Invented by `escruta demo`: no person, place or party in it exists.",
        "stations": _stations(country),
        "levels": _levels(country),
        "register": {
            "files": [_file(REGISTER.placed(form), None, digests)],
            "complete": True,
            "layout": _register_layout(form),
        },
        "contests": [_contest()],
        "origins": [_origin(source, sources) for source in sources],
        "sources": [_source(source, form, digests) for source in sources],
        "announcements": bulletins,
    }


def _stations(country: Country) -> Table:
    return {
        "key": [
            {"part": "centre", "kind": "number", "width": country.centre_code_width},
            {"part": "table", "kind": "number"},
        ],
        "separator": ".",
        "expected": country.stations,
        "expected_registered_voters": country.registered_voters,
        "expected_source": "The register of polling stations",
    }


def _levels(country: Country) -> list[Table]:
    widths = code_widths(country.centre_code_width)
    return [
        {"id": level, "name": WORDS[level], "code_from": {"part": "centre", "first": widths[level]}} for level in LEVELS
    ]


def _register_layout(form: Form) -> Table:
    names = {"region": "region", "municipality": "municipality", "ward": "ward", "centre": "centre_name"}
    return {
        "format": form,
        "station": {"centre": "centre", "table": "table"},
        "areas": {level: {"name": column} for level, column in names.items()},
        "figures": REGISTER.column_of,
    }


def _contest() -> Table:
    return {
        "id": CONTEST,
        "name": WORDS["president"],
        "blank_is_valid": False,
        "figures": ["registered_voters", "ballots", "valid", "null", "blank"],
        "candidates": [
            {"id": one.id, "name": one.name, "party": one.party, "colour": one.colour} for one in CANDIDATES
        ],
        "options": [{"id": option.id, "name": option.name, "candidate": option.candidate} for option in OPTIONS],
    }


def _origin(source: SourceId, sources: Collection[SourceId]) -> Table:
    adverse = [_ORIGINS[other] for other in _ADVERSE[source] if other in sources]
    owner: Table = {"id": _ORIGINS[source], "name": WORDS[source], "owner": _KINDS[source]}
    return {**owner, "adverse_to": adverse} if adverse else owner


def _source(source: SourceId, form: Form, digests: Mapping[str, str]) -> Table:
    style = STYLES[source]
    return {
        "id": source,
        "name": WORDS[source],
        "kind": _KINDS[source],
        "origin": _ORIGINS[source],
        "method": _METHODS[source],
        "files": [_file(style.placed(form), style.member if form == "csv" else None, digests)],
        "layout": _packaging(source, form) | _cells(source),
    }


def _file(path: str, member: str | None, digests: Mapping[str, str]) -> Table:
    inside = {} if member is None else {"member": member}
    return {"path": path, **inside, "sha256": digests[path], "published_at": "invented by `escruta demo`"}


def _packaging(source: SourceId, form: Form) -> Table:
    style = STYLES[source]
    if form == "parquet":
        return {"format": "parquet"}
    return {"format": "csv", "encoding": style.encoding, "delimiter": style.delimiter}


def _cells(source: SourceId) -> Table:
    """Tell where the station, the figures and the votes stand in a source's file."""
    columns = STYLES[source].column_of
    names = {one.id for one in (*CANDIDATES, *OPTIONS)}
    further: dict[SourceId, Table] = {
        "authority": {
            "station": {
                "centre": {"column": "station_code", "pattern": r"^(\d+)\d{3}$"},
                "table": {"column": "station_code", "pattern": r"(\d{3})$"},
            },
            "figures": {figure: column for figure, column in columns.items() if figure not in names},
            "arrived": "reported_at",
        },
        "party-a": {
            "station": {"centre": "CENTRE", "table": "TABLE"},
            "copy": "SHEET",
            "picture": "PICTURE",
            "arrived": "RECEIVED",
        },
        "party-b": {
            "station": {
                "centre": {"column": "Código de mesa", "pattern": r"^(\d+)-"},
                "table": {"column": "Código de mesa", "pattern": r"-(\d+)$"},
            },
        },
        "observers": {
            "station": {
                "centre": {"column": "place", "pattern": r"^centre (\d+),"},
                "table": {"column": "place", "pattern": r"table (\d+)$"},
            },
            "illegible": [ILLEGIBLE],
            "picture": "photograph",
        },
    }
    votes = {figure: column for figure, column in columns.items() if figure in names}
    return {**further[source], "votes": votes}
