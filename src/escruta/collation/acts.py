"""Which readings stand: a later act or a corrected snapshot replaces what it says it replaces, and nothing else.

Two may say so:

- **The definition**, for a source (`supersedes`): it replaces the earlier source's readings wherever it has a reading,
  and what that one replaced in its turn. If its reading speaks of a later act, the whole earlier act of that station is
  replaced, in every source: the copies of a count do not contradict a lawful canvass.
- **A reading**, of another one of its own source (`supersedes` is its id). If it speaks of a later act, the whole
  earlier act of that station is replaced in that source; and in every source if the source is the authority's, because
  a canvass or a ruling is the authority's to make. Nobody else replaces what others read by saying so.

An earlier act never replaces a later one. Superseded readings stay in the record, marked as not standing, and a station
never loses all its readings by what they say of each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from escruta.election.definition import Source, SourceKind
from escruta.sheets.readings import Readings


def with_standing(readings: Readings, sources: Iterable[Source]) -> Readings:
    """Add `standing`: whether all later readings leave a reading standing; `standing_in_source`: those of its source.

    `readings` holds the readings of every source of one contest.
    """
    given = tuple(sources)
    rows = readings.rows
    may_replace = any(source.supersedes for source in given) or rows["supersedes"].count()
    replaced = pl.concat([_named_readings(readings, given), *_named_sources(rows, given)]) if may_replace else None
    if replaced is None or replaced.is_empty():
        return readings.with_rows(rows.with_columns(standing=pl.lit(value=True), standing_in_source=pl.lit(value=True)))
    own = replaced.filter(pl.col("source") == pl.col("by_source"))
    return readings.with_rows(_left_standing(_left_standing(rows, replaced, "standing"), own, "standing_in_source"))


_REPLACED = ("at", "station", "act", "source", "by_act", "by_source", "everywhere")


def _left_standing(rows: pl.DataFrame, replaced: pl.DataFrame, name: str) -> pl.DataFrame:
    """Say which readings are left: those that are not replaced, in an act that is not replaced."""
    earlier = replaced.filter(pl.col("act").to_physical() < pl.col("by_act").to_physical())
    gone = {
        ("at",): replaced,
        ("station", "act"): earlier.filter("everywhere"),
        ("station", "act", "source"): earlier.filter(pl.col("source") == pl.col("by_source")),
    }
    marked = rows.with_row_index("at")
    for at, (key, frame) in enumerate(gone.items()):
        flag = frame.select(key).unique().with_columns(pl.lit(value=True).alias(f"gone.{at}"))
        marked = marked.join(flag, on=list(key), how="left", maintain_order="left")
    flags = [f"gone.{at}" for at in range(len(gone))]
    left = pl.all_horizontal(pl.col(flags).is_null())
    return marked.with_columns((left | ~left.any().over("station")).alias(name)).drop(*flags, "at")


def _named_readings(readings: Readings, sources: Sequence[Source]) -> pl.DataFrame:
    """Pairs in which one reading names another of its own source and station as the one that it supersedes."""
    of_authority = [source.id for source in sources if source.kind is SourceKind.AUTHORITY]
    placed = readings.rows.select("station", "source", "act", "supersedes", "statement").with_row_index("at")
    by = placed.filter(pl.col("supersedes").is_not_null()).select(
        "station", "source", named="supersedes", by_act="act", by_at="at"
    )
    may_be_named = placed.join(by, on=["station", "source"], how="semi", maintain_order="left")
    ids = readings.ids_at(may_be_named["at"])
    return (
        may_be_named.with_columns(named=pl.coalesce("statement", ids))
        .join(by, on=["station", "source", "named"])
        .filter(pl.col("at") != pl.col("by_at"), pl.col("by_act").to_physical() >= pl.col("act").to_physical())
        .with_columns(by_source="source", everywhere=pl.col("source").cast(pl.String).is_in(of_authority))
        .select(_REPLACED)
    )


def _named_sources(rows: pl.DataFrame, sources: Sequence[Source]) -> list[pl.DataFrame]:
    """Pairs in which a source has a reading of a station, and so has one that it supersedes."""
    direct = {source.id: source.supersedes for source in sources}
    of = pl.col("source").cast(pl.String)
    placed = rows.select("station", "source", "act").with_row_index("at")
    pairs = []
    for source in sources:
        earlier_sources = _all_before(source.id, direct)
        if not earlier_sources:
            continue
        by = placed.filter(of == source.id).select("station", by_act="act").unique()
        earlier = placed.filter(of.is_in(sorted(earlier_sources))).with_columns(
            by_source=pl.lit(source.id).cast(placed.schema["source"]), everywhere=pl.lit(value=True)
        )
        pairs.append(earlier.join(by, on="station").select(_REPLACED))
    return pairs


def _all_before(source: str, direct: Mapping[str, Sequence[str]]) -> set[str]:
    """List what a source replaces: the sources that it names, and what they replace."""
    found: set[str] = set()
    waiting = list(direct.get(source, ()))
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting.extend(direct.get(each, ()))
    return found - {source}
