"""From a source's files to its readings: one row for each tally sheet that the source gives figures of.

A source's files are read with its layout, rows that are not wanted are left out, station keys are written the one way
that the definition says, and cells become counts or marks. The same reading twice is one reading, which remembers how
often it stood there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from escruta.base.distinct import all_distinct, in_order_of
from escruta.base.errors import InputError
from escruta.election.definition import CellRef, Election, Layout, Source
from escruta.election.definition import SourceFile as PublishedFile
from escruta.sheets.figures import (
    SHEET_FIGURES,
    ContestFigures,
    option_column,
    other_column,
    votes_column,
)
from escruta.sheets.readings import PLACED_MARKS_SCHEMA, Readings, one_after_another
from escruta.sources.cells import (
    area_expressions,
    cell_expression,
    exactly,
    key_columns,
    require_rows,
    rows_to_keep,
    station_expression,
    values_of,
)
from escruta.sources.counts import CELL, count_figures
from escruta.sources.formats import Note, RawTable, column_found
from escruta.sources.formats.scans import SCAN_COLUMNS
from escruta.sources.moments import in_utc, require_moments
from escruta.sources.refusals import require_acts, require_one_name_each, require_stations
from escruta.sources.scan_tables import with_scan_columns
from escruta.sources.shapes import ITEM, PAYLOAD_NULL, spread_long, spread_payload, with_statement_columns
from escruta.sources.shelf import Shelf

PROVENANCE: Mapping[str, type[pl.DataType] | pl.DataType] = {
    "reading": pl.String,
    "contest": pl.Categorical,
    "source": pl.Categorical,
    "origin": pl.Categorical,
    "copy": pl.String,
    "method": pl.Categorical,
    "act": pl.Enum(["count", "canvass", "ruling", "rerun"]),
    "station": pl.String,
    "file": pl.Categorical,
    "row": pl.UInt32,
    "picture": pl.String,
    "arrived": pl.String,
    "supersedes": pl.String,
    "statement": pl.String,
    "repeats": pl.Int64,
}
"""Columns of the readings before their figures, once each of them has its id."""

_ALL_OF_OTHERS = "F114"
_ROW = {name: kind for name, kind in PROVENANCE.items() if name != "reading"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRead:
    """A file as it was read."""

    file: PublishedFile
    table: RawTable
    """What is known of the file; its rows are gone."""
    rows: int
    unclaimed: str = ""
    """What stands in the columns of `where` and `skip_where`, where this source takes no row and some are nobody's."""

    @property
    def is_all_of_others(self) -> bool:
        """Whether the rows of the file are all those of other sources."""
        return any(note.code == _ALL_OF_OTHERS for note in self.table.notes)

    @classmethod
    def of(cls, file: PublishedFile, table: RawTable) -> FileRead:
        """Keep what is known of a file, and let its rows go."""
        return cls(file=file, table=table.without_rows(), rows=table.frame.height)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReadings:
    """Everything that one source says."""

    source: Source
    readings: Readings
    """Its rows: `PROVENANCE` but for the id, then the contest's figures as Int64."""
    stations: pl.DataFrame
    """The stations it speaks of: `station`, `code.<level>`, `name.<level>`, `registered_voters`."""
    files: tuple[FileRead, ...]


def read_source(
    election: Election,
    source: Source,
    figures: ContestFigures,
    folders: tuple[Path, ...],
    shelf: Shelf | None = None,
    since: SourceReadings | None = None,
) -> SourceReadings:
    """Read every file of a source.

    Files are looked for in each of `folders` in turn; those that several sources read come from a common `shelf`.
    Where `since` was read of the same source, and its file only grew, it is gone on from. Raises `InputError` where a
    file cannot be used.
    """
    shelf = shelf or Shelf([source])
    grown = None if since is None else _grown(election, since, figures, folders, shelf)
    return _read(election, source, figures, folders, shelf) if grown is None else grown


def _grown(
    election: Election, since: SourceReadings, figures: ContestFigures, folders: tuple[Path, ...], shelf: Shelf
) -> SourceReadings | None:
    """Put what came at the end of a file beside what was read of it before; None where it must be read whole.

    What a row comes to depends on other rows only where they speak of the same station.
    """
    if len(since.files) != 1 or since.readings.rows.is_empty():
        return None
    source, before = since.source, since.files[0]
    table = shelf.rows_since(before.table, before.file, source.layout, folders)
    if table is None:
        return None
    layouts = shelf.layouts_of(before.file, source.layout)
    try:
        _, readings, told = _read_file(election, source, figures, before.file, table, layouts)
    except InputError:  # what is wrong is told of the whole file
        return None
    if told["station"].is_in(since.stations["station"].implode()).any():
        return None
    files = (replace(before, table=table.without_rows(), rows=before.rows + table.frame.height),)
    if told.is_empty():
        return replace(since, files=files)
    own, spoken_of = _in_order(readings, told)
    return SourceReadings(
        source=source,
        readings=_by_station(one_after_another([since.readings, own])),
        stations=in_order_of("station", pl.concat([since.stations, spoken_of])),
        files=files,
    )


def _read(
    election: Election, source: Source, figures: ContestFigures, folders: tuple[Path, ...], shelf: Shelf
) -> SourceReadings:
    parts, stations, files = [], [], []
    for file in source.files:
        table, layouts = shelf.open(file, source.layout, folders), shelf.layouts_of(file, source.layout)
        facts, readings, spoken_of = _read_file(election, source, figures, file, table, layouts)
        files.append(facts)
        parts.append(readings)
        stations.append(spoken_of)
    whole, told = one_after_another(parts), pl.concat(stations)
    own = [each for each in files if each.rows and not each.is_all_of_others]
    if own:  # a source whose files have no rows yet, or only those of others, leaves nothing out
        values = next((each.unclaimed for each in own if each.unclaimed), "")
        require_rows(told.height, source.layout, where=", ".join(each.file.path for each in own), values=values)
    parts.clear()  # a national file's rows are not kept twice while they are sorted
    stations.clear()
    readings, spoken_of = _in_order(whole, told)
    return SourceReadings(source=source, readings=readings, stations=spoken_of, files=tuple(files))


def _in_order(readings: Readings, stations: pl.DataFrame) -> tuple[Readings, pl.DataFrame]:
    """Sort the readings, and what their rows say of their stations, by station; each of both is there once."""
    if all_distinct(stations["station"]):
        return _by_station(readings), in_order_of("station", stations)
    return _by_station(_once(readings)), in_order_of("station", once_each(stations.unique()))


def _by_station(readings: Readings) -> Readings:
    """Sort the readings by station, those of one station as they stand, and their marks by whatever is said in them."""
    found = readings.in_order(readings.rows["station"].arg_sort())
    return replace(found, marks=found.marks.sort(PLACED_MARKS_SCHEMA.names()))


def _read_file(
    election: Election,
    source: Source,
    figures: ContestFigures,
    file: PublishedFile,
    table: RawTable,
    layouts: Sequence[Layout],
) -> tuple[FileRead, Readings, pl.DataFrame]:
    """Read a file of a source; `layouts` are those of all sources that take rows of it."""
    layout = source.layout
    kept = table.frame if table.frame.is_empty() else table.frame.filter(rows_to_keep(layout))
    if kept.is_empty():
        return _without_own_rows(file, table, layout, layouts), *_nothing_yet(election, figures)
    wide, columns = _figure_columns(kept, table.marks, layout, figures, where=file.path)
    prepared = _prepare(election, source, table.format, wide, columns)
    require_stations(wide, prepared["station"].is_null(), layout, where=file.path)
    require_one_name_each(wide, election.stations, layout, where=file.path)
    require_acts(prepared, where=file.path)
    require_moments(prepared, where=file.path)
    given = _marks_by_figure(table.marks, columns)
    counted, marks = count_figures(prepared, columns, given, layout)
    complete = _with_candidate_sums(counted, figures).with_columns(
        contest=pl.lit(figures.contest.id),
        file=pl.lit(file.path),
        repeats=pl.lit(1, dtype=pl.Int64),
        arrived=in_utc("arrived", election.time_zone),
    )
    rows = complete.select(*(pl.col(name).cast(kind) for name, kind in _ROW.items()), *figures.all)
    stations = complete.select("station", "^(code|name)\\..*$", "registered_voters")
    return (
        FileRead.of(file, table),
        Readings(election=election.id, figures=figures.all, rows=rows, marks=marks),
        stations,
    )


def _without_own_rows(file: PublishedFile, table: RawTable, layout: Layout, layouts: Sequence[Layout]) -> FileRead:
    """Say why a file has nothing for its source: no rows at all, only rows of other sources, or rows of nobody."""
    facts = FileRead.of(file, table)
    if table.frame.is_empty():
        return facts
    claims = [rows_to_keep(each) for each in layouts if each.where or each.skip_where]
    if not claims or not table.frame.select(pl.any_horizontal(claims).all()).item():
        return replace(facts, unclaimed=values_of(table.frame, layout))
    note = Note(code=_ALL_OF_OTHERS, details={"rows": table.frame.height})
    return replace(facts, table=replace(facts.table, notes=(*facts.table.notes, note)))


def _nothing_yet(election: Election, figures: ContestFigures) -> tuple[Readings, pl.DataFrame]:
    """Give the readings and stations of a file without rows: none, in the columns that any file has."""
    areas = [f"{what}.{level.id}" for level in election.levels for what in ("code", "name")]
    rows = pl.DataFrame(schema={**_ROW, **dict.fromkeys(figures.all, pl.Int64)})
    stations = pl.DataFrame(schema={**dict.fromkeys(("station", *areas), pl.String), "registered_voters": pl.Int64})
    marks = PLACED_MARKS_SCHEMA.to_frame()
    return Readings(election=election.id, figures=figures.all, rows=rows, marks=marks), stations


def _prepare(
    election: Election, source: Source, table_format: str, wide: pl.DataFrame, columns: Mapping[str, str]
) -> pl.DataFrame:
    """Name what a reading needs as the house does, so that no header of the file is mistaken for it."""
    layout = source.layout
    statement = {"supersedes", "stage", "id"} & set(wide.columns) if table_format == "actasum" else set()
    scanned = SCAN_COLUMNS if table_format == "scans" else {}
    supersedes = "supersedes" if "supersedes" in statement else scanned.get("supersedes", layout.supersedes)
    act = layout.act or scanned.get("act", "stage" if "stage" in statement else None)
    return station_columns(
        wide,
        election,
        layout,
        source=pl.lit(source.id),
        origin=pl.lit(source.origin),
        copy=_text_or_null(scanned.get("copy", layout.copy_id)),
        method=cell_expression(scanned["method"]) if scanned else pl.lit(source.method.value),
        act=pl.lit(source.act.value) if act is None else cell_expression(act).fill_null(source.act.value),
        picture=_text_or_null(scanned.get("picture", layout.picture)),
        arrived=_text_or_null(layout.arrived),
        supersedes=_text_or_null(supersedes),
        statement=_text_or_null(scanned.get("statement", "id" if "id" in statement else None)),
        **{CELL + figure: exactly(column) for figure, column in columns.items()},
    )


def station_columns(frame: pl.DataFrame, definition: Election, layout: Layout, /, **more: pl.Expr) -> pl.DataFrame:
    """Take from a table the row, the station, its areas, and what else is asked for, all under the house's names."""
    areas = {name.meta.output_name(): name for name in area_expressions(definition.levels, layout)}
    return frame.with_columns(key_columns(definition.stations.key, layout.station)).select(
        "row", station=station_expression(definition.stations), **areas, **more
    )


def _figure_columns(
    frame: pl.DataFrame, marks: pl.DataFrame, layout: Layout, figures: ContestFigures, *, where: str
) -> tuple[pl.DataFrame, dict[str, str]]:
    """Bring the table into the wide shape, and say which of its columns holds which figure."""
    columns = {figure_column(name): column_found(column) for name, column in layout.figures.items()}
    columns |= {votes_target(name, figures): column_found(column) for name, column in layout.votes.items()}
    if layout.long is not None:
        wide = spread_long(frame, layout, layout.long, where=where)
        return wide, columns | _long_columns(layout.long.items, figures)
    if layout.qr is not None:
        options = [option.id for option in figures.contest.options]
        wide = spread_payload(frame, layout.qr, options, where=where)
        return wide, columns | {option_column(option): ITEM + option for option in options} | {"null": PAYLOAD_NULL}
    if layout.format == "scans":
        return with_scan_columns(frame, figures, columns, where=where)
    if layout.format == "actasum":
        return with_statement_columns(frame, marks, figures, columns, where=where)
    return frame, columns


def figure_target(name: str, figures: ContestFigures) -> str:
    """Find the column of what the items of a long table name: a figure, else a candidate, else a ballot option."""
    if name in SHEET_FIGURES or any(figure.id == name for figure in figures.contest.further_figures):
        return figure_column(name)
    return votes_target(name, figures)


def figure_column(name: str) -> str:
    """Name the column of a figure that a layout's `figures` name."""
    return name if name in SHEET_FIGURES else other_column(name)


def votes_target(name: str, figures: ContestFigures) -> str:
    """Find the column of what a layout's `votes` name; a candidate comes before a ballot option of the same id."""
    is_candidate = any(candidate.id == name for candidate in figures.contest.candidates)
    return votes_column(name) if is_candidate else option_column(name)


def _long_columns(items: Mapping[str, str], figures: ContestFigures) -> dict[str, str]:
    return {figure_target(target, figures): ITEM + item for item, target in items.items()}


def _with_candidate_sums(frame: pl.DataFrame, figures: ContestFigures) -> pl.DataFrame:
    """Add up the ballot options of each candidate whose votes are not stated; unread options leave the sum unread."""
    present = set(frame.columns)
    absent = [pl.lit(None, dtype=pl.Int64).alias(name) for name in figures.all if name not in present]
    frame = frame.with_columns(absent)
    sums = []
    for candidate in figures.contest.candidates:
        options = figures.options_of(candidate.id)
        if options:
            complete = pl.all_horizontal(pl.col(options).is_not_null())
            total = pl.when(complete).then(pl.sum_horizontal(options))
            sums.append(pl.coalesce(votes_column(candidate.id), total).alias(votes_column(candidate.id)))
    return frame.with_columns(sums)


def _text_or_null(ref: CellRef | None) -> pl.Expr:
    return pl.lit(None, dtype=pl.String) if ref is None else cell_expression(ref)


def _marks_by_figure(marks: pl.DataFrame, columns: Mapping[str, str]) -> pl.DataFrame:
    figures = pl.DataFrame({"figure": list(columns), "column": list(columns.values())}, schema=_FIGURE_OF_COLUMN)
    return marks.join(figures, on="column").select("row", "figure", "mark")


_FIGURE_OF_COLUMN = pl.Schema({"figure": pl.String, "column": pl.String})


def _once(readings: Readings) -> Readings:
    """Keep each reading once, and remember how often it stood in the source.

    Rows with the same reading may still differ in what is no part of it; the first in the alphabet, of moments the
    earliest, stands, so that the order of the rows does not matter.
    """
    rows = readings.rows
    several = rows["station"].is_duplicated().arg_true().alias("at")
    alike = pl.DataFrame([several, readings.ids_at(several), *rows[several].select("picture", "arrived", "statement")])
    if all_distinct(alike["reading"]):
        return readings
    alike = alike.with_columns(
        pl.col("picture", "arrived", "statement").min().over("reading"),
        first=pl.col("at").first().over("reading"),
        repeats=pl.len().over("reading").cast(pl.Int64),
    )
    kept, others = alike.filter(pl.col("at") == pl.col("first")), alike.filter(pl.col("at") != pl.col("first"))
    told = (rows[name].scatter(kept["at"], kept[name]) for name in ("picture", "arrived", "statement", "repeats"))
    return readings.with_rows(rows.with_columns(told)).without(others.select("at", "first"))


def once_each(stations: pl.DataFrame) -> pl.DataFrame:
    """Draw what is said of each station into one row: its area, and its registered voters where all agree on them.

    Where rows name several areas, the first in the alphabet stands; the order of the rows does not matter.
    """
    if all_distinct(stations["station"]):
        return stations
    one = stations["station"].is_unique()
    words = [name for name in stations.columns if name.startswith(("code.", "name."))]
    voters = pl.col("registered_voters").drop_nulls()
    agreed = pl.when(voters.n_unique() == 1).then(voters.first())
    several = (
        stations.filter(~one)
        .sort("station", *words, nulls_last=True)
        .group_by("station", maintain_order=True)
        .agg(*(pl.col(name).first() for name in words), registered_voters=agreed)
    )
    return pl.concat([stations.filter(one), several.select(stations.columns)])
