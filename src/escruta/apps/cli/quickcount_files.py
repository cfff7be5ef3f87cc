"""The files of a quick count: frames, draws and answers, from CSV or from a record."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from escruta.apps import api
from escruta.apps.cli.opened import open_results
from escruta.apps.cli.screen import progress_bars
from escruta.apps.cli.texts import rows_of
from escruta.assessment.quickcount import Frame, Reports
from escruta.base.errors import InputError, LayoutMismatch, TableBroken
from escruta.sheets.figures import ContestFigures

_DIGITS = 10
"""A count has no more."""


def frame_of(place: Path, stratum: str | None, *, quiet: bool) -> Frame:
    """Take the centres of a record (a folder), or of a CSV file with centre, stratum and registered_voters."""
    return _frame_of_record(place, stratum, quiet=quiet) if place.is_dir() else _frame_of_file(place)


def _frame_of_file(file: Path) -> Frame:

    centres, strata = column_of(file, "centre"), column_of(file, "stratum")
    if not centres:
        raise TableBroken("the list of centres is empty", where=str(file), expected="a row a centre")
    names = sorted(set(strata))
    return Frame(
        centres=tuple(centres),
        stratum=np.array([names.index(each) for each in strata], dtype=np.int64),
        stratum_names=tuple(names),
        registered=np.array(_numbers(file, "registered_voters"), dtype=np.float64),
    )


def _frame_of_record(folder: Path, stratum: str | None, *, quiet: bool) -> Frame:

    with progress_bars(quiet=quiet) as progress:
        results = open_results(folder, progress=progress)
    levels = [each.id for each in results.election.levels]
    if not levels or (stratum is not None and stratum not in levels):
        raise InputError("there is no such level", found=stratum, expected=", ".join(levels) or "a level of areas")
    depth = 1 if stratum is None else levels.index(stratum) + 1
    voters = pl.col("registered_voters").cast(pl.Float64)
    rows = (
        results.geography.stations.filter(pl.col("area").fill_null("") != "")
        .with_columns(voters.fill_null(voters.mean().over("area")).fill_null(voters.mean()))
        .group_by("area", maintain_order=True)
        .agg(pl.col("registered_voters").sum(), stations=pl.len())
        .with_columns(stratum=pl.col("area").str.split("/").list.head(depth).list.join("/"))
        .filter(pl.col("registered_voters") > 0)
        .sort("area")
    )
    names = rows["stratum"].unique().sort().to_list()
    called = dict(results.geography.areas.select("area", "name").iter_rows())
    place = {name: number for number, name in enumerate(names)}
    return Frame(
        centres=tuple(rows["area"].to_list()),
        stratum=np.array([place[each] for each in rows["stratum"]], dtype=np.int64),
        stratum_names=tuple(called.get(each) or each for each in names),
        registered=rows["registered_voters"].to_numpy(),
        stations=rows["stations"].to_numpy().astype(np.int64),
    )


def reports_of_record(folder: Path, contest: str | None, drawn: list[str]) -> tuple[Reports, dict[str, str]]:
    """Take the counts of the drawn centres from a record, and what its candidates are called."""
    if not folder.is_dir():
        raise InputError("a frame in a file has no counts", advice="Name the file with the answers in --reports.")
    one = api.contest_of(open_results(folder), contest)
    return reports_of_stations(one.stations, drawn, one.figures), {
        each.id: each.name for each in one.figures.contest.candidates
    }


def reports_of_stations(stations: pl.DataFrame, drawn: list[str], figures: ContestFigures) -> Reports:
    """Add up the counted stations of drawn centres; one of which a figure is unread has not reported."""
    names = [each.id for each in figures.contest.candidates]
    voters = pl.col("registered_voters").cast(pl.Float64)
    rows = (
        stations.filter(pl.col("area").is_in(pl.Series(drawn).implode()), pl.col("counted").fill_null(value=False))
        .with_columns(voters.fill_null(voters.mean().over("area")).fill_null(voters.mean()))
        .drop_nulls(["registered_voters", *(f"votes.{name}" for name in names)])
        .filter(pl.col("registered_voters") > 0)
        .group_by("area", maintain_order=True)
        .agg(pl.col("registered_voters").sum(), *(pl.col(f"votes.{name}").sum() for name in names))
        .sort("area")
    )
    return Reports(
        centres=tuple(rows["area"].to_list()),
        candidates=tuple(names),
        votes=rows.select(f"votes.{name}" for name in names).to_numpy().astype(np.int64),
        registered=rows["registered_voters"].to_numpy(),
    )


def reports_of_file(file: Path) -> Reports:
    """Read the answers of centres; a column that is no other one is a candidate's."""
    centres = column_of(file, "centre")
    if len(set(centres)) < len(centres):
        raise InputError("a centre stands twice in the reports", where=str(file))
    header, _ = rows_of(file)
    names = [name for name in header if name not in ("centre", "stratum", "registered_voters", "ticket")]
    if not names:
        raise InputError("the reports have no column of votes", where=str(file), found=", ".join(header))
    registered = _numbers(file, "registered_voters")
    if 0 in registered:
        raise InputError(
            "a centre reported for no registered voter",
            where=str(file),
            row=registered.index(0) + 2,
            expected="the registered voters of the stations that reported; leave out a centre of which none did",
        )
    return Reports(
        centres=tuple(centres),
        candidates=tuple(names),
        votes=np.array([_numbers(file, name) for name in names], dtype=np.int64).T.reshape(len(centres), len(names)),
        registered=np.array(registered, dtype=np.float64),
    )


def column_of(file: Path, name: str) -> list[str]:
    """Read one column of a CSV file as text."""
    header, rows = rows_of(file)
    if name not in header:
        raise LayoutMismatch("a column is not in the file", where=str(file), found=", ".join(header), expected=name)
    return [(row[name] or "").strip() for row in rows]


def _numbers(file: Path, name: str) -> list[int]:

    found = []
    for number, text in enumerate(column_of(file, name), start=2):
        if not text.isascii() or not text.isdigit() or len(text) > _DIGITS:
            raise TableBroken(
                "a cell is no count",
                where=str(file),
                row=number,
                column=name,
                found=text or "nothing",
                expected="a whole number; leave out the centre where a figure cannot be read",
            )
        found.append(int(text))
    return found
