"""Which column of a table of scan readings holds which figure: the names say it, and no layout has to."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from escruta.base.errors import LayoutMismatch
from escruta.sheets.figures import SHEET_FIGURES, ContestFigures, option_column, other_column, votes_column
from escruta.sources.formats.scans import FIGURES, VOTES


def with_scan_columns(
    frame: pl.DataFrame, figures: ContestFigures, columns: Mapping[str, str], *, where: str
) -> tuple[pl.DataFrame, dict[str, str]]:
    """Say which column holds which figure; `columns` are those that the layout names itself.

    Raises `LayoutMismatch` for a column of votes or figures that the contest does not have: it would be lost.
    """
    known = columns_of_contest(figures)
    strange = [name for name in frame.columns if name.startswith((VOTES, FIGURES)) and name not in known.values()]
    if strange:
        raise LayoutMismatch(
            "the readings have figures that the contest does not know",
            where=where,
            found=", ".join(strange[:10]),
            expected=", ".join(known.values()),
            advice="Scan into the election that the sheets belong to, or add what is missing to its definition.",
        )
    return frame, {figure: name for figure, name in known.items() if name in frame.columns} | dict(columns)


def columns_of_contest(figures: ContestFigures) -> dict[str, str]:
    """Give the column of a scan table for each figure of a contest.

    A candidate of the same id as its one ballot option has the column of that id.
    """
    contest = figures.contest
    found = {name: FIGURES + name for name in SHEET_FIGURES if name == "candidate_votes" or name in contest.figures}
    found |= {other_column(each.id): FIGURES + each.id for each in contest.further_figures}
    options = {option.id for option in contest.options} if figures.has_options else set()
    found |= {option_column(option): VOTES + option for option in options}
    return found | {votes_column(each.id): VOTES + each.id for each in contest.candidates if each.id not in options}
