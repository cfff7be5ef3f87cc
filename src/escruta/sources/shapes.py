"""Bring long tables and QR payloads into the one shape that the rest of the house reads: a column an item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from escruta.base.errors import LayoutMismatch
from escruta.election.definition import Layout, LongItems
from escruta.sheets.figures import ContestFigures, votes_column
from escruta.sources.cells import columns_of, exactly
from escruta.sources.formats import column_found

ITEM = "\0item."
"""Prefix of the columns that a long table or a payload is spread into: no file has a column of such a name."""

PAYLOAD_NULL = "\0payload.null"
"""The column of a payload's null votes."""

_OCCURRENCE, _ITEM_NAME = "\0occurrence", "\0item"

_PAYLOAD_PARTS = 4


def spread_long(frame: pl.DataFrame, layout: Layout, long: LongItems, *, where: str) -> pl.DataFrame:
    """Spread a table of one row a station and item into one row a station, `item.<text>` a column.

    If a station has an item twice, the second stands in a second row: it is another reading, and not lost.
    """
    item, votes = column_found(long.item), column_found(long.votes)
    _require_known_items(frame, item, long, where)
    own = {name: f"\0file.{name}" for name in columns_of(layout)}
    key = [*(own[name] for name in own if name not in {item, votes}), _OCCURRENCE]
    counted = (
        frame.filter(exactly(item).is_in(list(long.items)))
        .rename(own)
        .with_columns(pl.int_range(pl.len()).over([*key[:-1], own[item]]).alias(_OCCURRENCE))
        .with_columns(pl.concat_str(pl.lit(ITEM), own[item]).alias(_ITEM_NAME))
    )
    rows = counted.group_by(key, maintain_order=True).agg(pl.col("row").min())
    wide = counted.pivot(_ITEM_NAME, index=key, values=own[votes], aggregate_function="first")
    missing = [ITEM + name for name in long.items if ITEM + name not in wide.columns]
    return (
        wide.join(rows, on=key, how="left", nulls_equal=True, maintain_order="left")
        .drop(_OCCURRENCE)
        .rename({ours: name for name, ours in own.items() if ours in key})
        .with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in missing)
    )


def _require_known_items(frame: pl.DataFrame, item: str, long: LongItems, where: str) -> None:
    """Refuse an item that the layout does not know: its votes would be lost without a word."""
    known = [*long.items, *long.ignore]
    unknown = frame.filter(~exactly(item).is_in(known).fill_null(value=False))
    if unknown.is_empty():
        return
    raise LayoutMismatch(
        "the file has items that the layout does not know",
        where=where,
        row=int(unknown["row"][0]),
        column=long.item,
        found=", ".join(repr(text) for text in unknown[item].unique(maintain_order=True).head(10).to_list()),
        expected=", ".join(repr(text) for text in known),
        advice="Name each in the layout's `long.items`, or in `long.ignore` if it is to be left out.",
    )


def spread_payload(frame: pl.DataFrame, payload: str, options: Sequence[str], *, where: str) -> pl.DataFrame:
    """Spread a column of payloads `station!v1,v2,…!null!invalid` into a column for each option, and `PAYLOAD_NULL`.

    The station's own text `centre.table.n.n` stays in its column, up to the first `!`, so that the layout's patterns
    read it. Null and invalid ballots are both null votes, and are added up.
    """
    payload = column_found(payload)
    parts = exactly(payload).cast(pl.String).str.strip_chars().str.split("!")
    votes = parts.list.get(1, null_on_oob=True).str.split(",")
    broken = frame.filter(
        exactly(payload).is_not_null()
        & ((parts.list.len() != _PAYLOAD_PARTS) | (votes.list.len() != len(options))).fill_null(value=True)
    )
    if not broken.is_empty():
        raise LayoutMismatch(
            "a payload does not have the parts that the ballot asks for",
            where=where,
            row=int(broken["row"][0]),
            column=payload,
            found=broken[payload][0],
            expected=f"station!{len(options)} counts with commas between them!null!invalid",
            advice="Look whether the contest lists every ballot option, in ballot order.",
        )
    null, invalid = (parts.list.get(at, null_on_oob=True).str.strip_chars() for at in (2, 3))
    return frame.with_columns(
        *(votes.list.get(at, null_on_oob=True).alias(ITEM + option) for at, option in enumerate(options)),
        _both(null, invalid).alias(PAYLOAD_NULL),
        parts.list.get(0, null_on_oob=True).alias(payload),
    )


def _both(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    """Add two counts that stand as text; where one is no count, give that one, so that it is told as it stands."""
    is_count = "^[0-9]{1,9}$"
    total = one.cast(pl.Int64, strict=False) + other.cast(pl.Int64, strict=False)
    return (
        pl.when(one.str.contains(is_count) & other.str.contains(is_count))
        .then(total.cast(pl.String))
        .when(one.str.contains(is_count))
        .then(other)
        .otherwise(one)
    )


STATEMENT_FIGURES = {
    "registered_voters": "registered",
    "candidate_votes": "candidature_total",
    "blank": "blank",
    "null": "null",
}
"""Where a statement keeps the figures that it has a name for."""


def with_statement_columns(
    frame: pl.DataFrame, marks: pl.DataFrame, figures: ContestFigures, columns: Mapping[str, str], *, where: str
) -> tuple[pl.DataFrame, dict[str, str]]:
    """Say which column of a table of statements holds which figure.

    A candidature is looked for under the code that the layout's `votes` gives, or else under the candidate's id. A
    candidature that the definition does not name is refused: its votes would be lost without a word. So is a candidate
    of whom no statement speaks. A statement that does not list a candidature, and does not mark it as unread, says by
    the rules of the format that it has no votes.
    """
    codes = {name: column for name, column in columns.items() if name.startswith("votes.")}
    found = {
        votes_column(candidate.id): _candidature(codes.get(votes_column(candidate.id), candidate.id))
        for candidate in figures.contest.candidates
    }
    unknown = [name for name in frame.columns if name.startswith(CANDIDATURE) and name not in found.values()]
    if unknown:
        raise LayoutMismatch(
            "the statements have candidatures that the definition does not name",
            where=where,
            found=", ".join(name.removeprefix(CANDIDATURE) for name in unknown[:10]),
            expected=", ".join(name.removeprefix(CANDIDATURE) for name in found.values()),
            advice="Add a candidate for each, with its code in the layout's `votes`.",
        )
    silent = [name for name in found.values() if name not in frame.columns]
    if silent:
        raise LayoutMismatch(
            "no statement speaks of a candidate of the definition",
            where=where,
            found=", ".join(name.removeprefix(CANDIDATURE) for name in frame.columns if name.startswith(CANDIDATURE)),
            expected=", ".join(name.removeprefix(CANDIDATURE) for name in silent),
            advice="Name the candidate's code in the layout's `votes`, or take the candidate out of the definition.",
        )
    given = STATEMENT_FIGURES | {name: column for name, column in columns.items() if not name.startswith("votes.")}
    wanted = {name: column for name, column in (given | found).items() if column in frame.columns}
    unlisted = [name for name in found.values() if frame[name].null_count()]
    return frame.with_columns(_zero_unless_marked(name, marks) for name in unlisted), wanted


def _zero_unless_marked(name: str, marks: pl.DataFrame) -> pl.Expr:
    marked = marks.filter(pl.col("column") == name)["row"].implode()
    return pl.when(exactly(name).is_null() & ~pl.col("row").is_in(marked)).then(0).otherwise(exactly(name)).alias(name)


CANDIDATURE = "candidature:"


def _candidature(code: str) -> str:
    return code if code.startswith(CANDIDATURE) else CANDIDATURE + code
