"""The stations that sheets are printed for: where they lie, their figures in a table, their keys in a folder."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

import polars as pl

from escruta.apps.seals import key_name
from escruta.apps.signing.cards import card_path, read_card
from escruta.base.errors import FileUnreadable, InputError
from escruta.election.definition import Election, Level
from escruta.sheets.figures import Mark, figures_of
from escruta.sheets.printing import Place
from escruta.sheets.seal import Figure, SealForm
from escruta.sources.readings import read_source
from escruta.sources.stations import geography_of

VOTERS = "registered_voters"


def file_name(station: str) -> str:
    """Write a station as a name that every file system takes.

    >>> file_name("1/2/7 norte")
    '1%2F2%2F7%20norte'
    """
    quoted = quote(station, safe="-_.,()")
    return quoted.replace(".", "%2E", 1) if quoted.startswith(".") else quoted


def keys_of(stations: Collection[str], folder: Path, election: str) -> dict[str, str]:
    """Find the keys of stations below a folder: `…/010113042.1.key`, or the latest, `….2.key`, after a revocation.

    A station of which only the card is there has no key here. Raises `InputError` where a station has two.
    """
    if not folder.is_dir():
        raise InputError(
            "there is no such folder of keys", where=str(folder), advice="Name the one of escruta keys issue."
        )
    wanted = set(stations)
    latest: dict[str, tuple[int, Path]] = {}
    for card in sorted({card_path(path) for path in folder.rglob("*.key")} | {*folder.rglob("*.key.vkey")}):
        name = unquote(card.name.removesuffix(".key.vkey"))
        base, _, number = name.rpartition(".")
        place = (name, 1)
        if base in wanted and number.isdecimal() and _is_of(card, election, base):
            place = (base, int(number))
        if place[0] not in wanted:
            continue
        earlier = latest.get(place[0], (0, card))
        if earlier[0] == place[1]:
            raise InputError("a station has two keys", where=str(earlier[1]), found=str(card), expected="one of them")
        latest[place[0]] = max(earlier, (place[1], card))
    keys = {station: card.with_suffix("") for station, (_, card) in latest.items()}
    return {station: str(key) for station, key in keys.items() if key.is_file()}


def _is_of(card: Path, election: str, station: str) -> bool:
    return card.is_file() and read_card(card).key.name == key_name(election, station)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """Where stations lie, and how many voters the register gives each."""

    places: Mapping[str, tuple[Place, ...]]
    voters: Mapping[str, int]


def whereabouts(election: Election, folders: tuple[Path, ...], stations: Sequence[str]) -> Whereabouts:
    """Look stations up in the register; raises `InputError` where its files cannot be read."""
    register = election.register_
    if register is None:
        return Whereabouts(places={}, voters={})
    sources = [source for source in election.sources if source.id == register.source]
    contests = {contest.id: contest for contest in election.contests}
    read = [
        read_source(election, each, figures_of(contests[each.contest or election.contests[0].id], sources), folders)
        for each in sources
    ]
    geography = geography_of(election, read, folders)
    listed = geography.stations.filter(pl.col("station").is_in(stations))
    wanted = {path for area in listed["area"].drop_nulls() for path in _paths(area)}
    areas = geography.areas.filter(pl.col("area").is_in(wanted))
    known = {row["area"]: row for row in areas.iter_rows(named=True)}
    return Whereabouts(
        places={
            row["station"]: tuple(
                Place(level=known[path]["level_id"], code=known[path]["code"], name=known[path]["name"])
                for path in _paths(row["area"] or "")
                if path in known
            )
            for row in listed.iter_rows(named=True)
        },
        voters={row["station"]: row[VOTERS] for row in listed.iter_rows(named=True) if row[VOTERS] is not None},
    )


def _paths(area: str) -> list[str]:
    """List an area's path and those above it, from the widest.

    >>> _paths("01/0101")
    ['01', '01/0101']
    """
    parts = area.split("/") if area else []
    return ["/".join(parts[: at + 1]) for at in range(len(parts))]


def places_in_key(election: Election, station: str) -> tuple[Place, ...]:
    """Read the codes of areas that the station's own key contains, where the definition says that it does."""
    key = election.stations
    parts = station.split(key.separator) if key.separator else [station]
    if len(parts) != len(key.key):
        return ()
    by_part = {part.part: text for part, text in zip(key.key, parts, strict=True)}

    def code(level: Level) -> str | None:
        taken = level.code_from
        return None if taken is None else by_part[taken.part][: taken.first]

    return tuple(Place(level=level.id, code=found) for level in election.levels if (found := code(level)) is not None)


def zero_figures(form: SealForm, said: Mapping[str, Figure], voters: int | None) -> dict[str, Figure]:
    """Give the figures of a zero sheet: as somebody says them, and else zero; registered voters are never a zero."""
    unsaid: dict[str, Figure] = {VOTERS: Mark.EMPTY if voters is None else voters}
    return {figure: said.get(figure, unsaid.get(figure, 0)) for figure in form.figures}


def stations_in_table(path: Path, form: SealForm) -> list[tuple[str, dict[str, Figure]]]:
    """Read a table with a row for each station: `station`, and a column for each figure of the form.

    CSV, Parquet or JSON lines. An empty cell is a figure that was not read, never a zero; a cell may hold a mark, such
    as `empty`. Raises `InputError`.
    """
    table = _table(path)
    if "station" not in table.columns:
        raise InputError("the table has no stations", where=str(path), expected="a column `station`")
    if table.is_empty():
        raise InputError("the table has no rows", where=str(path), expected="a row for each polling station")
    names = table["station"]
    if not (names.dtype == pl.String or names.dtype.is_integer()) or names.is_null().any() or (names == "").any():
        raise InputError(
            "a row of the table names no station", where=str(path), found=str(names.dtype), expected="text in each row"
        )
    repeated = table.filter(pl.col("station").is_duplicated())["station"]
    if repeated.len():
        raise InputError("a station stands twice in the table", where=str(path), found=repeated[0])
    columns = [column for column in form.figures if column in table.columns]
    rows = table.select("station", *columns).iter_rows(named=True)
    where = f"{path}, station"
    return [
        (str(row["station"]), {name: _figure(row[name], f"{where} {row['station']}, {name}") for name in columns})
        for row in rows
    ]


def _table(path: Path) -> pl.DataFrame:
    try:
        if path.suffix == ".parquet":
            return pl.read_parquet(path)
        if path.suffix in {".jsonl", ".ndjson"}:
            return pl.read_ndjson(path)
        return pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise FileUnreadable(
            "the table cannot be read", where=str(path), found=str(error), expected="CSV, Parquet or JSON lines"
        ) from error


_MARKS = {mark.value: mark for mark in Mark}
_LONGEST_COUNT = 11


def _figure(value: object, where: str) -> Figure:
    if value is None or value == "":
        return Mark.ILLEGIBLE
    text = str(value)
    if text in _MARKS:
        return _MARKS[text]
    if not text.isascii() or not text.isdigit() or len(text) > _LONGEST_COUNT:
        marks = ", ".join(_MARKS)
        raise InputError("this is no count and no mark", where=where, found=value, expected=f"digits, or {marks}")
    return int(text)
