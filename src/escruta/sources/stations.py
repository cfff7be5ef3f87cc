"""The polling stations and areas of an election: what the register lists, and what the sources speak of beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from escruta.base.errors import TableBroken
from escruta.base.splicing import keys_that_differ
from escruta.election.definition import Election, Layout, Register
from escruta.sources.cells import file_column, require_rows, rows_to_keep
from escruta.sources.counts import CELL, count_figures
from escruta.sources.formats import RawTable
from escruta.sources.readings import (
    FileRead,
    SourceReadings,
    once_each,
    station_columns,
)
from escruta.sources.refusals import require_one_name_each, require_stations
from escruta.sources.shelf import Digests, open_file
from escruta.sources.told import VOTERS, Told, with_codes_filled


@dataclass(frozen=True, slots=True, kw_only=True)
class Geography:
    """Where the sheets come from."""

    stations: pl.DataFrame
    """`station`, `name`, `area` (path, null where not known), `registered_voters` (of the register), `on_register`."""
    areas: pl.DataFrame
    """`area`, `level` (0 is the country), `level_id`, `code`, `name`, `parent`."""
    register_complete: bool
    files: tuple[FileRead, ...] = ()
    """The register's own files."""
    listed: pl.DataFrame | None = None
    """What the register says of its stations."""
    told: Told | None = None
    """What is drawn together here, where it was not read from a record."""

    def lists_the_stations_of(self, other: Geography) -> bool:
        """Whether it says of every station what another one says: checks of readings ask for nothing else."""
        complete = self.register_complete == other.register_complete
        return complete and (self.stations is other.stations or self.stations.equals(other.stations))


def geography_of(
    election: Election,
    sources: Sequence[SourceReadings],
    folders: tuple[Path, ...],
    since: Geography | None = None,
) -> Geography:
    """Draw the register and the sources together into one list of stations, and the areas that they lie in.

    The register comes first, then the sources in the order of the definition; what an earlier one says of a station's
    areas stands. Where `since` was drawn for the same election and sources, it is gone on from.
    """
    listed, files = _listed(election, sources, folders, since)
    others = [each.stations for each in sources if each.stations is not listed]
    told = Told(
        frames=tuple(with_codes_filled(frame, election) for frame in [*([] if listed is None else [listed]), *others]),
        has_register=listed is not None,
        # A source that is the register speaks as both, when it comes to what an area is called.
        is_both=listed is not None and len(others) < len(sources),
    )
    stations, areas = _drawn(told, election, since)
    register = election.register_
    return Geography(
        stations=stations,
        areas=areas,
        register_complete=register is not None and register.complete and listed is not None and not listed.is_empty(),
        files=files,
        listed=listed,
        told=told,
    )


def _drawn(told: Told, election: Election, since: Geography | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """List the stations and the areas; those of which nothing else is said than before are as they were."""
    before = None if since is None else since.told
    if since is None or before is None or not before.is_like(told):
        stations = told.stations(election)
        return stations, told.areas(election, stations)
    touched = pl.concat([keys_that_differ(*each, "station") for each in zip(before.frames, told.frames, strict=True)])
    if touched.is_empty():
        return since.stations, since.areas
    return told.again(election, touched.unique(), before, since.stations, since.areas)


def _listed(
    election: Election, sources: Sequence[SourceReadings], folders: tuple[Path, ...], since: Geography | None
) -> tuple[pl.DataFrame | None, tuple[FileRead, ...]]:
    """Give what the register says, where there is one; its files are not read again while they have the same bytes."""
    register = election.register_
    if register is not None and register.source is not None:
        return next((each.stations for each in sources if each.source.id == register.source), None), ()
    if register is None or register.layout is None:
        return None, ()
    if since is not None and Digests(folders).are_those_of(each.table.file for each in since.files):
        return since.listed, since.files
    return _read_register(register, register.layout, election, folders)


def _read_register(
    register: Register, layout: Layout, election: Election, folders: tuple[Path, ...]
) -> tuple[pl.DataFrame, tuple[FileRead, ...]]:
    frames, files = [], []
    for file in register.files:
        table = open_file(file, layout, folders)
        _require_stations_in(table)
        kept = table.frame.filter(rows_to_keep(layout))
        cells = {CELL + name: file_column(column) for name, column in layout.figures.items() if name == VOTERS}
        prepared = station_columns(kept, election, layout, **cells)
        require_stations(kept, prepared["station"].is_null(), layout, where=file.path)
        require_one_name_each(kept, election.stations, layout, where=file.path)
        names = [VOTERS] if cells else []
        counted, _ = count_figures(prepared, names, pl.DataFrame(schema=_NO_MARKS), layout)
        voters = pl.col(VOTERS) if cells else pl.lit(None, dtype=pl.Int64).alias(VOTERS)
        frames.append(counted.select("station", "^(code|name)\\..*$", voters))
        files.append(FileRead.of(file, table))
    listed = pl.concat(frames)
    require_rows(listed.height, layout, where=", ".join(file.path for file in register.files))
    return once_each(listed), tuple(files)


def _require_stations_in(table: RawTable) -> None:
    """Refuse a register without rows: a source may have nothing yet, but a register says which stations there are."""
    if table.frame.is_empty():
        raise TableBroken(
            "the register has no rows",
            where=table.file.path,
            expected="a row for each polling station",
            advice="Fetch the file again, or correct header_row.",
        )


_NO_MARKS = pl.Schema({"row": pl.UInt32, "figure": pl.String, "mark": pl.String})
