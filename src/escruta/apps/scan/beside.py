"""The readings beside the register and the other sources: whole columns at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from escruta.apps.scan.homes import ScanHome
from escruta.base.errors import InputError
from escruta.sheets.figures import ContestFigures, figures_of
from escruta.sources.readings import SourceReadings, read_source
from escruta.sources.scans.evidence import PictureFinding
from escruta.sources.stations import Geography, geography_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Our readings, the register, and what the other sources give of the same contest."""

    figures: ContestFigures
    own: SourceReadings
    others: tuple[SourceReadings, ...]
    geography: Geography | None
    """None where the register, or another source, cannot be read here."""
    missing: tuple[str, ...] = ()
    """Sources that could not be read, and why."""


def read_beside(home: ScanHome) -> Beside:
    """Read the table of readings back, and everything that it can be compared with.

    A source whose files are not here is left out and named: its absence is no agreement.
    """
    contest = [each for each in home.election.sources if (each.contest or home.contest.id) == home.contest.id]
    figures = figures_of(home.contest, contest)
    own = read_source(home.election, home.source, figures, home.folders)
    others, missing = [], []
    for source in contest:
        if source.id == home.source.id:
            continue
        try:
            others.append(read_source(home.election, source, figures, home.folders))
        except InputError as error:
            missing.append(f"{source.id}: {error.what}")
    try:
        geography = geography_of(home.election, (own, *others), home.folders)
    except InputError as error:
        geography = None
        missing.append(f"register: {error.what}")
    return Beside(figures=figures, own=own, others=tuple(others), geography=geography, missing=tuple(missing))


def findings_beside(beside: Beside, pages: pl.DataFrame) -> Iterator[tuple[str, str, PictureFinding]]:
    """Compare every reading with the register and with the others; gives copies, their stations and their findings.

    `pages` has the columns `copy` and `station`; a page of which no reading is counted could not be compared.
    """
    stations = pages.select("copy", listed_as="station")
    rows = beside.own.readings.rows.join(stations, on="copy", how="inner", maintain_order="left")
    yield from _beside_register(rows, beside)
    yield from _beside_sources(rows, beside)
    for copy, station in stations.join(rows, on="copy", how="anti").iter_rows():
        yield copy, station, PictureFinding(code="P306")


def _beside_register(rows: pl.DataFrame, beside: Beside) -> Iterator[tuple[str, str, PictureFinding]]:
    geography = beside.geography
    if geography is None:
        for copy, station in rows.select("copy", "listed_as").unique("copy").iter_rows():
            yield copy, station, PictureFinding(code="P303")
            yield copy, station, PictureFinding(code="P306")
        return
    register = geography.stations.select("station", "on_register", on_list="registered_voters")
    votes = list(beside.figures.votes)
    parts = [*votes, *(name for name in ("null", "blank") if name in beside.figures.contest.figures)]
    looked = rows.join(register, on="station", how="left", maintain_order="left").select(
        "copy",
        "listed_as",
        "station",
        listed=pl.col("on_register").fill_null(value=False),
        voters=pl.coalesce("on_list", "registered_voters"),
        ballots=pl.max_horizontal("ballots", pl.sum_horizontal(parts)),
        whole=pl.all_horizontal(pl.col(votes).is_not_null()),
    )
    for copy, own, station, listed, voters, ballots, whole in looked.iter_rows():
        yield copy, own, _on_register(station, listed=listed, complete=geography.register_complete)
        if voters is not None and (ballots > voters or whole):
            code = "P305" if ballots > voters else "P304"
            yield copy, own, PictureFinding(code=code, details={"ballots": ballots, "voters": voters})
        else:
            yield copy, own, PictureFinding(code="P306")


def _on_register(station: str, *, listed: bool, complete: bool) -> PictureFinding:
    code = "P301" if listed else "P302" if complete else "P303"
    return PictureFinding(code=code, details={} if code == "P303" else {"station": station})


def _beside_sources(rows: pl.DataFrame, beside: Beside) -> Iterator[tuple[str, str, PictureFinding]]:
    """Compare figures that both readings have; where no other source has the station, that is said too."""
    compared = [*beside.figures.votes, *beside.figures.options, "null", "valid", "ballots"]
    seen = [rows.select("copy").clear()]
    for other in beside.others:
        theirs = other.readings.rows.select("station", *(pl.col(name).alias(f"their.{name}") for name in compared))
        both = rows.join(theirs, on="station", how="inner").select(
            "copy",
            "listed_as",
            shared=pl.sum_horizontal(_shared(name) for name in compared),
            differing=pl.sum_horizontal(_shared(name) & (pl.col(name) != pl.col(f"their.{name}")) for name in compared),
        )
        both = both.filter(pl.col("shared") > 0)
        seen.append(both.select("copy"))
        for copy, station, shared, differing in both.iter_rows():
            details = {"source": other.source.id, "figures": differing or shared}
            yield copy, station, PictureFinding(code="P312" if differing else "P311", details=details)
    alone = rows.select("copy", "listed_as").unique("copy").join(pl.concat(seen), on="copy", how="anti")
    for copy, station in alone.iter_rows():
        yield copy, station, PictureFinding(code="P313")


def _shared(name: str) -> pl.Expr:
    return (pl.col(name).is_not_null() & pl.col(f"their.{name}").is_not_null()).fill_null(value=False)
