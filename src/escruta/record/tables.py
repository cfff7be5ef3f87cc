"""The tables of a record: which there are, and what stands in each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import combinations

import polars as pl

from escruta.base.distinct import in_order_of
from escruta.collation.verdicts import Relations
from escruta.record.contents import ContestResults, Results

Makers = Mapping[str, Callable[[], pl.DataFrame]]
"""What makes each table, by its name."""


def tables_of(results: Results) -> Iterator[tuple[str, pl.DataFrame]]:
    """Give every table of the record with its name, sorted so that equal content is equal bytes."""
    for name, make in makers_of(results).items():
        yield name, make()


def makers_of(results: Results) -> Makers:
    """Say how each table is made, in their order."""
    of_contests: dict[str, Callable[[], pl.DataFrame]] = {}
    for each in results.contests:
        of_contests[f"readings-{each.contest}"] = partial(_readings, each)
        of_contests[f"checks-{each.contest}"] = partial(_checks, each)
        of_contests[f"verdicts-{each.contest}"] = partial(_verdicts, each)
        of_contests[f"areas-{each.contest}"] = partial(in_order_of, "area", each.areas)
    return {
        "stations": lambda: _stations(results),
        "areas": lambda: _areas(results),
        "candidates": lambda: _candidates(results),
        "options": lambda: _options(results),
        "origins": lambda: _origins(results.relations),
        **of_contests,
        "marks": lambda: _of_all(results, "marks").sort("contest", "reading", "figure"),
        "checks": lambda: _of_all(results, "check_counts").sort("contest", "source", "code"),
        "findings": lambda: _findings(results),
        "totals": lambda: _totals(results),
        "agreement": lambda: _of_all(results, "agreement"),
        "announcements": lambda: _of_all(results, "announcements"),
    }


def _of_all(results: Results, name: str) -> pl.DataFrame:
    """Put one frame of every contest under each other, with the contest in front."""
    frames: list[pl.DataFrame] = [
        getattr(each, name).with_columns(contest=pl.lit(each.contest)).select("contest", pl.exclude("contest"))
        for each in results.contests
    ]
    return pl.concat(frames)


def _stations(results: Results) -> pl.DataFrame:
    """List the stations; the sheet's registered voters stand in where no register gives them."""
    on_sheets = pl.concat([each.stations.select("station", sheet="registered_voters") for each in results.contests])
    least = on_sheets.group_by("station").agg(pl.col("sheet").min())
    register = pl.col("registered_voters").is_not_null()
    return (
        results.geography.stations.join(least, on="station", how="left")
        .with_columns(
            registered_from=pl.when(register)
            .then(pl.lit("register"))
            .when(pl.col("sheet").is_not_null())
            .then(pl.lit("sheet")),
            registered_voters=pl.coalesce("registered_voters", "sheet"),
        )
        .select("station", "name", "area", "registered_voters", "registered_from", "on_register")
        .sort("area", "station", nulls_last=True)
    )


def _areas(results: Results) -> pl.DataFrame:
    """List the areas, with how many stations known to us each has."""
    levels = len(results.election.levels)
    parts = pl.col("area").str.split("/")
    stations = results.geography.stations
    listed = [stations.with_columns(area=pl.lit("")).select("area")] + [
        stations.select(area=parts.list.head(depth).list.join("/")) for depth in range(1, levels + 1)
    ]
    counts = pl.concat(listed).drop_nulls().group_by("area").agg(stations_listed=pl.len().cast(pl.Int64))
    return results.geography.areas.join(counts, on="area", how="left").sort("level", "area")


def _candidates(results: Results) -> pl.DataFrame:
    rows = [
        (each.contest, candidate.id, candidate.name, candidate.party, candidate.colour, position)
        for each in results.contests
        for position, candidate in enumerate(each.figures.contest.candidates, 1)
    ]
    texts = dict.fromkeys(("contest", "candidate", "name", "party", "colour"), pl.String)
    return pl.DataFrame(rows, schema=texts | {"position": pl.Int64}, orient="row")


def _options(results: Results) -> pl.DataFrame:
    rows = [
        (each.contest, option.id, option.name, option.candidate, position)
        for each in results.contests
        for position, option in enumerate(each.figures.contest.options, 1)
    ]
    texts = dict.fromkeys(("contest", "option", "name", "candidate"), pl.String)
    return pl.DataFrame(rows, schema=texts | {"position": pl.Int64}, orient="row")


def _origins(relations: Relations) -> pl.DataFrame:
    """List the pairs of origins, and whether they are independent, and adverse."""
    rows = [
        (a, b, frozenset((a, b)) in relations.independent, frozenset((a, b)) in relations.adverse)
        for a, b in combinations(relations.origins, 2)
    ]
    return pl.DataFrame(
        rows, schema={"a": pl.String, "b": pl.String, "independent": pl.Boolean, "adverse": pl.Boolean}, orient="row"
    )


def _readings(results: ContestResults) -> pl.DataFrame:
    has_moments = "arrived" in results.readings.columns and not results.readings["arrived"].is_null().all()
    return results.readings.select(
        "reading",
        "contest",
        "source",
        "origin",
        "copy",
        "method",
        "act",
        "station",
        "file",
        "row",
        "repeats",
        "picture",
        *(["arrived"] if has_moments else []),
        "supersedes",
        "statement",
        "standing",
        "standing_in_source",
        "failed",
        *results.figures.all,
    ).sort("station", "source", "reading")


def _checks(results: ContestResults) -> pl.DataFrame:
    return results.outcomes.drop("failed").sort("source", "station", "reading")


def _verdicts(results: ContestResults) -> pl.DataFrame:
    figures = results.figures
    verdicts = (
        results.stations.join(results.spans, on="station", how="left", maintain_order="left")
        .with_columns(verdict=pl.col("verdict").cast(pl.String).fill_null("missing"))
        .select(
            "station",
            "area",
            "verdict",
            "reasons",
            "counted",
            "act",
            "readings",
            "copies",
            "origins",
            "legible",
            "consistent",
            "registered_voters",
            *(name for name in figures.all if name != "registered_voters"),
            *(_end("low", name) for name in figures.votes),
            *(_end("high", name) for name in figures.votes),
        )
    )
    return in_order_of("station", verdicts)


def _end(side: str, name: str) -> pl.Expr:
    """Give the lowest or highest votes over the standing readings: the agreed ones, where they agree."""
    return pl.coalesce(f"{side}.{name}", name).alias(f"{side}.{name.removeprefix('votes.')}")


def _findings(results: Results) -> pl.DataFrame:
    return pl.concat([each.findings for each in results.contests]).sort(
        "severity", "code", "contest", "station", "source", "reading", "figure", "row"
    )


def _totals(results: Results) -> pl.DataFrame:
    """Put the totals of the contests under each other, by contest; within each they are by area and position."""
    frames = [
        each.tally.totals.select(pl.lit(each.contest).alias("contest"), pl.all())
        for each in sorted(results.contests, key=lambda each: each.contest)
    ]
    return pl.concat(frames)
