"""The standing readings of a contest as statements of the format `actasum/statement/v0.1`, for other programs to check.

A statement says what one tally sheet recorded; it carries no verdict. The constituency is the station's widest area. A
figure without a count is listed as unread, or as not on the sheet; a figure that the source does not give is listed as
unread because empty, for the format knows no other reason. Readings that a later one supersedes are left out: they
stand in the record's own table.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from escruta.election.definition import Election
from escruta.record.contents import ContestResults
from escruta.sheets.figures import Mark
from escruta.sources.formats.statements import write_statements

_REASONS = {Mark.ILLEGIBLE.value: "illegible", Mark.NOT_A_COUNT.value: "illegible"}
_REASONS |= {Mark.EMPTY.value: "empty", Mark.NOT_ON_SHEET.value: "not-on-sheet"}
_NAMES = {"registered_voters": "registered", "candidate_votes": "candidature_total", "blank": "blank", "null": "null"}
_MUST_BE_SAID = ("blank", "null")
"""Figures that a statement gives, or else says why not."""


def write_contest_statements(results: ContestResults, election: Election, path: Path) -> int:
    """Write a statement for every standing reading, in the order of the stations; returns how many."""
    frame, marks = statements_of(results, election)
    with path.open("wb") as opened:
        return write_statements(opened, frame, marks)


def statements_of(results: ContestResults, election: Election) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give the standing readings as the columns and marks that the format's reader gives."""
    votes = {f"candidature:{name.removeprefix('votes.')}": name for name in results.figures.votes}
    others = {f"other:{name.removeprefix('other.')}": name for name in results.figures.others}
    columns = {target: name for name, target in _NAMES.items()} | votes | others
    areas = results.stations.select("station", constituency=pl.col("area").str.extract("^([^/]+)"))
    rows = (
        results.readings.filter("standing")
        .drop("row")
        .sort("station", "source", "reading")
        .join(areas, on="station", how="left", maintain_order="left")
        .with_row_index("row", offset=1)
    )
    frame = rows.select(
        "row",
        "station",
        pl.col("constituency").fill_null(election.id),
        profile=pl.lit((election.country or "xx").lower()),
        election=pl.lit(election.id),
        stage=pl.col("act").cast(pl.String),
        **{target: pl.col(name) for target, name in columns.items()},
        **{
            "evidence.kind": pl.concat_str(pl.col("source", "method").cast(pl.String), separator="/"),
            "evidence.url": pl.col("picture"),
        },
    )
    return frame, _marks(rows, results, columns)


def _marks(rows: pl.DataFrame, results: ContestResults, columns: dict[str, str]) -> pl.DataFrame:
    """Say of every candidature, and of blank and null votes, why there is no count where there is none."""
    absent = [name for name in _MUST_BE_SAID if name not in results.figures.contest.figures]
    wanted = [target for target in columns if target.startswith("candidature:") or target in _MUST_BE_SAID]
    figures = {columns[target]: target for target in wanted}
    missing = (
        rows.lazy()
        .select("row", "reading", *figures)
        .unpivot(list(figures), index=["row", "reading"], variable_name="figure", value_name="count")
        .filter(pl.col("count").is_null())
        .join(results.marks.lazy().select("reading", "figure", "mark"), on=["reading", "figure"], how="left")
    )
    reason = pl.col("mark").replace_strict(_REASONS, default=None, return_dtype=pl.String)
    off_sheet = pl.when(pl.col("figure").is_in(absent)).then(pl.lit(Mark.NOT_ON_SHEET.value))
    return missing.select(
        "row",
        column=pl.col("figure").replace_strict(figures, return_dtype=pl.String),
        mark=pl.coalesce(reason, off_sheet, pl.lit("empty")),
    ).collect()
