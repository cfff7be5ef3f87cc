"""The readings that `escruta scan` wrote: JSON Lines with names that are always the same.

    {"station": {"centre": "010113042", "table": "1"}, "act": "count", "method": "qr",
     "copy": "9f…", "picture": "sha256:9f…", "statement": "9f…/qr",
     "votes": {"psuv": 12, "mud": 340}, "figures": {"null": 3}, "unread": {"votes.ad": "illegible"}}

A figure that is neither given nor marked under `unread` is one of which the reading says nothing: a code, for example,
holds other figures than the print. `docs/reference/scans.md` has the whole form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import polars as pl

from escruta.base.errors import TableBroken
from escruta.election.definition import Method
from escruta.sources.files import SourceFile
from escruta.sources.formats.json_lines import read_jsonl
from escruta.sources.formats.tables import MARKS_SCHEMA, NOT_GIVEN, ROW, RawTable, TableOptions

VOTES, FIGURES, UNREAD = "votes.", "figures.", "unread."
"""How the columns of votes and of other figures begin, and those that say why a figure has no count."""
SCAN_COLUMNS: Mapping[str, str] = MappingProxyType(
    {name: name for name in ("copy", "picture", "method", "act", "statement", "supersedes")}
)
"""What a reading says of itself, and the column that says it."""

_REASONS = ("illegible", "empty", "not-on-sheet", "not-a-count")


def read_scans(file: SourceFile, options: TableOptions) -> RawTable:
    """Read a table of scan readings.

    Raises `TableBroken` where a line has no method or picture, or a reason that we do not know.
    """
    table = read_jsonl(file, replace(options, columns=None))
    _require_known(table.frame, "method", [each.value for each in Method], file)
    for name in ("copy", "picture"):
        _require_known(table.frame, name, None, file)
    unread = [name for name in table.frame.columns if name.startswith(UNREAD)]
    for name in unread:
        _require_reasons(table.frame, name, file)
    own = [pl.lit(None, dtype=pl.String).alias(name) for name in SCAN_COLUMNS if name not in table.frame.columns]
    figures = {name.removeprefix(UNREAD) for name in unread}
    figures |= {name for name in table.frame.columns if name.startswith((VOTES, FIGURES))}
    absent = [pl.lit(None, dtype=pl.Int64).alias(name) for name in sorted(figures.difference(table.frame.columns))]
    frame = table.frame.with_columns(*own, *absent)
    return replace(table, frame=frame.drop(unread), marks=_marks(frame, sorted(figures)), format="scans")


def _marks(frame: pl.DataFrame, figures: list[str]) -> pl.DataFrame:
    """Say of each figure without a count why there is none, or that the reading does not speak of it."""
    parts = [MARKS_SCHEMA.to_frame()]
    for name in figures:
        reason = pl.col(UNREAD + name) if UNREAD + name in frame.columns else pl.lit(None, dtype=pl.String)
        parts.append(
            frame.filter(pl.selectors.by_name(name).is_null()).select(
                pl.col(ROW), column=pl.lit(name), mark=reason.fill_null(NOT_GIVEN)
            )
        )
    return pl.concat(parts)


def _require_reasons(frame: pl.DataFrame, name: str, file: SourceFile) -> None:
    strange = frame.filter(pl.selectors.by_name(name).is_not_null() & ~pl.selectors.by_name(name).is_in(_REASONS))
    if strange.height:
        raise TableBroken(
            "a figure is unread for a reason that we do not know",
            where=file.path,
            row=int(strange[ROW][0]),
            column=name,
            found=strange[name][0],
            expected=", ".join(_REASONS),
        )


def _require_known(frame: pl.DataFrame, name: str, known: list[str] | None, file: SourceFile) -> None:
    cells = frame[name].cast(pl.String) if name in frame.columns else pl.Series(name, [None] * frame.height, pl.String)
    bad = cells.is_null() if known is None else ~cells.is_in(known).fill_null(value=False)
    if bad.any():
        at = int(bad.arg_true()[0])
        raise TableBroken(
            f"a reading of a scan has no {name} that we know",
            where=file.path,
            row=int(frame[ROW][at]),
            column=name,
            found=cells[at],
            expected="the digest of the picture" if known is None else ", ".join(known),
            advice="This format is written by `escruta scan`; use jsonl for other tables.",
        )
