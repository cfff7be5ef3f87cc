"""The tables of a record, as the pages read them: which columns each has, of which kind, and what may stand there.

Columns that a later version added may be absent, and any further column is left alone. A column without any value has
no kind of its own, whatever wrote it: it is taken for one of the right kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import polars as pl

from escruta.election.definition import Severity
from escruta.portal.contents import STEPS, VERDICTS
from escruta.portal.forms.documents import MOST
from escruta.portal.forms.errors import malformed


class Kind(Enum):
    """What stands in a column."""

    TEXT = "text"
    COUNT = "whole numbers from 0"
    FIGURE = "whole numbers"
    TRUTH = "true or false"


_PLAIN = {Kind.TEXT: pl.String(), Kind.COUNT: pl.Int64(), Kind.FIGURE: pl.Int64(), Kind.TRUTH: pl.Boolean()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What a column must be."""

    kind: Kind
    required: bool = True
    filled: bool = False
    """Whether something stands in every row."""
    among: tuple[str, ...] = ()
    """The texts that may stand there; any where there are none."""
    like: str = ""
    """What a text there looks like, from its beginning to its end; a text that a page takes as it stands must say."""


def _of(kind: Kind, names: str, *, required: bool = True, filled: bool = False) -> dict[str, Column]:
    return {name: Column(kind=kind, required=required, filled=filled) for name in names.split()}


def _keys(names: str) -> dict[str, Column]:
    return _of(Kind.TEXT, names, filled=True)


def _known(names: str) -> dict[str, Column]:
    """Give the columns of figures that older records lack."""
    return _of(Kind.COUNT, names, required=False)


_SEVERITY = {"severity": Column(kind=Kind.TEXT, among=tuple(each.value for each in Severity))}
_SUMS = "valid null blank ballots candidate_votes registered_voters"
_STEPS = " ".join(f"{kind}.{step}" for kind in ("stations", "registered") for step in STEPS)
FORMS: Mapping[str, Mapping[str, Column]] = {
    "areas": _of(Kind.TEXT, "area level_id code name parent") | _of(Kind.COUNT, "level stations_listed"),
    "stations": _keys("station")
    | _of(Kind.TEXT, "name area")
    | _of(Kind.COUNT, "registered_voters")
    | _of(Kind.TRUTH, "on_register"),
    "candidates": _keys("contest candidate name")
    | _of(Kind.TEXT, "party colour")
    | _of(Kind.COUNT, "position", filled=True),
    "options": _keys("contest option name") | _of(Kind.COUNT, "position", filled=True),
    "readings": _keys("reading station source origin method act")
    | _of(Kind.TEXT, "copy")
    | _of(Kind.TEXT, "picture arrived", required=False)
    | _of(Kind.COUNT, "row")
    | _of(Kind.TRUTH, "standing", filled=True)
    | _known(_SUMS),
    "marks": _keys("contest reading figure mark") | _of(Kind.TEXT, "found"),
    "findings": _keys("code")
    | {"severity": Column(kind=Kind.TEXT, filled=True, among=_SEVERITY["severity"].among)}
    | _of(Kind.TEXT, "contest station source reading figure found expected limit")
    | _of(Kind.COUNT, "row"),
    "verdicts": _keys("station")
    | {"verdict": Column(kind=Kind.TEXT, filled=True, among=VERDICTS)}
    | _of(Kind.TEXT, "area reasons")
    | _of(Kind.TRUTH, "counted", filled=True)
    | _known(_SUMS),
    "results": _of(Kind.TEXT, "area leader runner_up")
    | _of(Kind.COUNT, f"{_STEPS} {' '.join(f'verdict.{each}' for each in VERDICTS)}")
    | _of(Kind.COUNT, "valid margin_votes outside_stations outside_registered_voters")
    | _of(Kind.TRUTH, "can_be_overturned")
    | _of(Kind.TRUTH, "unread_open", required=False)
    | _known("null blank ballots candidate_votes valid_low null_low blank_low ballots_low unread_at_most")
    | _known("stations_counted_off_register voters_unknown"),
    "totals": _keys("contest candidate")
    | _of(Kind.TEXT, "area")
    | _of(Kind.COUNT, "position", filled=True)
    | _of(Kind.COUNT, "votes votes_low votes_high unread_stations"),
    "announcements": _keys("contest announcement candidate")
    | _of(Kind.TEXT, "candidates")
    | _of(Kind.COUNT, "announced counted")
    | _of(Kind.FIGURE, "difference"),
    "checks": _keys("source code")
    | _SEVERITY
    | _of(Kind.TEXT, "contest limit")
    | _of(Kind.COUNT, "passed failed could_not_check"),
    "pictures": _keys("source picture")
    | {"file": Column(kind=Kind.TEXT, filled=True, like="^pictures/[0-9a-f]{64}[.]jpg$")}
    | {"sha256": Column(kind=Kind.TEXT, filled=True, like="^[0-9a-f]{64}$")},
    "shapes": _keys("code")
    | {"path": Column(kind=Kind.TEXT, filled=True, like="^[MLZ0-9 -]*$")}
    | _of(Kind.COUNT, "width height", filled=True),
}
"""By the table's name, without its contest; `results` is the table of a contest's areas, `areas-CONTEST`."""
_SHOWN = 60
"""Characters of a text that an error repeats."""
_FIGURES = ("votes.", "option.", "other.", "low.", "high.")
"""How the columns of figures begin of which each election has its own."""


def form_of(name: str) -> Mapping[str, Column]:
    """Give the form of a table; of one that the pages do not read, nothing.

    >>> sorted(form_of("marks"))
    ['contest', 'figure', 'found', 'mark', 'reading']
    """
    table, dash, _ = name.partition("-")
    if dash:
        table = {"areas": "results", "checks": ""}.get(table, table)
    return FORMS.get(table, {})


def in_form(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Give a table with its columns in the kinds that the pages expect; raises `RecordMalformed`."""
    file, form = f"{name}.parquet", form_of(name)
    own = {each: Column(kind=Kind.COUNT) for each in frame.columns if form and each.startswith(_FIGURES)}
    changed = []
    for column, asked in {**own, **form}.items():
        if column not in frame.columns:
            if asked.required:
                raise malformed(file, found=f"no column {column}", expected=asked.kind.value, column=column)
            continue
        values = frame[column]
        plain = _plain(file, column, values, asked.kind)
        if plain is not values:
            changed.append(plain)
        _require_values(file, column, plain, asked)
    return frame.with_columns(changed) if changed else frame


def _plain(file: str, column: str, values: pl.Series, kind: Kind) -> pl.Series:
    wanted = _PLAIN[kind]
    if values.dtype == wanted:
        return values
    is_alike = {
        Kind.TEXT: isinstance(values.dtype, pl.Categorical | pl.Enum),
        Kind.COUNT: values.dtype.is_integer(),
        Kind.FIGURE: values.dtype.is_integer(),
        Kind.TRUTH: False,
    }[kind]
    if values.dtype != pl.Null and not is_alike:
        raise malformed(file, found=f"a column of {values.dtype}", expected=kind.value, column=column)
    try:
        return values if values.dtype.is_integer() and values.dtype != pl.UInt64 else values.cast(wanted)
    except pl.exceptions.InvalidOperationError as error:
        raise malformed(file, found="numbers that are too large", expected=kind.value, column=column) from error


def _require_values(file: str, column: str, values: pl.Series, asked: Column) -> None:
    if asked.filled and values.null_count():
        raise malformed(file, found=f"{values.null_count()} empty cells", expected="none", column=column)
    if values.dtype.is_integer() and len(values):
        low, high = (int(str(end)) if end is not None else 0 for end in (values.min(), values.max()))
        least = 0 if asked.kind is Kind.COUNT else -MOST
        if low < least or high > MOST:
            raise malformed(file, found=f"{low} to {high}", expected=f"{least} to {MOST}", column=column)
    if asked.among:
        others = values.unique().drop_nulls().filter(~values.unique().drop_nulls().is_in(asked.among))
        if len(others):
            expected = f"one of {', '.join(asked.among)}"
            raise malformed(file, found=others.sort()[0], expected=expected, column=column)
    if asked.like:
        others = values.filter(~values.str.contains(asked.like))
        if len(others):
            raise malformed(file, found=repr(others[0][:_SHOWN]), expected=f"texts like {asked.like}", column=column)
