"""The polling stations and areas of an election: what the register lists, and what the sources speak of beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from escruta.base.distinct import all_distinct, in_order_of
from escruta.base.errors import TableBroken
from escruta.election.definition import Election, Register, StationKey
from escruta.sources.cells import file_column, require_rows, rows_to_keep
from escruta.sources.counts import CELL, count_figures
from escruta.sources.formats import RawTable
from escruta.sources.readings import (
    FileRead,
    SourceReadings,
    once_each,
    require_one_name_each,
    require_stations,
    station_columns,
)
from escruta.sources.shelf import open_file

VOTERS = "registered_voters"


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


def geography_of(election: Election, sources: Sequence[SourceReadings], folders: tuple[Path, ...]) -> Geography:
    """Draw the register and the sources together into one list of stations, and the areas that they lie in.

    The register comes first, then the sources in the order of the definition; what an earlier one says of a station's
    areas stands.
    """
    register = election.register_
    files: tuple[FileRead, ...] = ()
    listed: pl.DataFrame | None = None
    if register is not None and register.source is not None:
        listed = next((each.stations for each in sources if each.source.id == register.source), None)
    elif register is not None and register.layout is not None:
        listed, files = _read_register(election, register, folders)
    others = [each.stations for each in sources if each.stations is not listed]
    told = [*([] if listed is None else [listed]), *others]
    filled = [frame.with_columns(_codes_filled(election)) for frame in told]
    # A source that is the register speaks as both, when it comes to what an area is called.
    weights = [1 + (frame is listed and len(others) < len(sources)) for frame in told]
    stations = _stations(filled, election, has_register=listed is not None)
    return Geography(
        stations=stations,
        areas=_with_stations(_areas(filled, weights, election), stations, len(election.levels)),
        register_complete=register is not None and register.complete and listed is not None and not listed.is_empty(),
        files=files,
    )


def _read_register(
    election: Election, register: Register, folders: tuple[Path, ...]
) -> tuple[pl.DataFrame, tuple[FileRead, ...]]:
    if register.layout is None:
        return pl.DataFrame(), ()
    layout = register.layout
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


NOT_GIVEN = "—"
"""Stands for an area that is not said of a station where wider or narrower ones are: abroad there are no districts."""


def _codes_filled(election: Election) -> list[pl.Expr]:
    codes = [f"code.{level.id}" for level in election.levels]
    if not codes:
        return []
    some = pl.any_horizontal(pl.col(codes).is_not_null())
    return [pl.when(some).then(pl.col(code).fill_null(NOT_GIVEN)).alias(code) for code in codes]


def _stations(told: Sequence[pl.DataFrame], election: Election, *, has_register: bool) -> pl.DataFrame:
    """List the stations; each frame has each of its own once, and the first one is the register where there is one."""
    codes = [f"code.{level.id}" for level in election.levels]
    path = pl.concat_str(codes, separator="/") if codes else pl.lit("")
    spoken_of = [
        frame.select(
            "station",
            on_register=pl.lit(at == 0 and has_register),
            area=path,
            voters=pl.col(VOTERS) if at == 0 and has_register else pl.lit(None, dtype=pl.Int64),
        )
        for at, frame in enumerate(told)
    ]
    stations = spoken_of[0] if len(spoken_of) == 1 else _first_said(pl.concat(spoken_of))
    return in_order_of(
        "station",
        stations.select("station", "area", "on_register", name=_name(election.stations), registered_voters="voters"),
    )


def _first_said(spoken_of: pl.DataFrame) -> pl.DataFrame:
    """Draw what is said of each station into one row: what is said first stands."""
    if all_distinct(spoken_of["station"]):
        return spoken_of
    return (
        spoken_of.lazy()
        .group_by("station")
        .agg(
            pl.col("on_register").any(),
            area=pl.col("area").drop_nulls().first(),
            voters=pl.col("voters").drop_nulls().first(),
        )
        .collect()
    )


def _name(stations: StationKey) -> pl.Expr:
    """Call a station by the last part of its key, where there are parts that can be told apart."""
    if len(stations.key) == 1 or not stations.separator:
        return pl.col("station")
    return pl.col("station").str.split(stations.separator).list.last()


def _with_stations(areas: pl.DataFrame, stations: pl.DataFrame, levels: int) -> pl.DataFrame:
    """Keep the areas in which a station lies; an area that only a later source names for it is none of them."""
    paths = stations.select(pl.col("area").unique().drop_nulls().str.split("/"))
    wider = [paths.select(pl.col("area").list.head(depth).list.join("/")) for depth in range(1, levels + 1)]
    lie_in = pl.concat([pl.DataFrame({"area": [""]}), *wider]).unique()
    return areas.join(lie_in, on="area", how="semi", maintain_order="left")


def _areas(told: Sequence[pl.DataFrame], weights: Sequence[int], election: Election) -> pl.DataFrame:
    """List every area; where one has several names, the commonest stands, and the first of those in the alphabet."""
    country = pl.DataFrame({"area": [""], "level": [0], "code": [""]}, schema_overrides={"level": pl.Int64})
    frames = [country.with_columns(level_id=pl.lit(None, dtype=pl.String), name=pl.lit(None, dtype=pl.String))]
    if election.levels:
        words = [f"{what}.{level.id}" for level in election.levels for what in ("code", "name")]
        said = pl.concat(
            frame.group_by(words).agg(times=pl.len().cast(pl.Int64) * weight)
            for frame, weight in zip(told, weights, strict=True)
        )
        frames += [_areas_at(depth, said, election) for depth in range(1, len(election.levels) + 1)]
    parent = pl.col("area").str.replace(r"/?[^/]*$", "")
    return (
        pl.concat(frames, how="diagonal")
        .with_columns(parent=pl.when(pl.col("level") > 0).then(parent))
        .select("area", "level", "level_id", "code", "name", "parent")
        .sort("level", "area")
    )


def _areas_at(depth: int, said: pl.DataFrame, election: Election) -> pl.DataFrame:
    level = election.levels[depth - 1]
    codes = [f"code.{each.id}" for each in election.levels[:depth]]
    return (
        said.lazy()
        .select("times", area=pl.concat_str(codes, separator="/"), code=codes[-1], name=f"name.{level.id}")
        .filter(pl.col("area").is_not_null())
        .group_by("area", "code", "name")
        .agg(pl.col("times").sum())
        .sort(pl.col("name").is_null(), -pl.col("times"), "name")
        .group_by("area", maintain_order=True)
        .agg(pl.col("code", "name").first())
        .select(
            "area",
            level=pl.lit(depth, dtype=pl.Int64),
            code="code",
            level_id=pl.lit(level.id),
            name=pl.coalesce("name", "code"),
        )
        .collect()
    )
