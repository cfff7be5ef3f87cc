"""What the readings of a contest come to, station by station: which of them stand, the verdict, and where they differ.

No station's part depends on another's. So where readings of a few stations change, only these are judged again, and
the result is the one that judging all of them gives: a law of `tests/laws/test_going_on.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from escruta.base.splicing import keys_that_differ, spliced
from escruta.collation.acts import with_standing
from escruta.collation.differences import differences
from escruta.collation.verdicts import Relations, collate
from escruta.election.definition import Source
from escruta.sheets.figures import ContestFigures
from escruta.sheets.readings import Readings, marks_of_stations, one_after_another

FEW = 32
"""Where more than one station in so many is touched, all of them are judged again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """By what the readings of a contest are judged."""

    sources: tuple[Source, ...]
    figures: ContestFigures
    relations: Relations
    published_by: str | None
    """The source whose own figures are published, under the policy `source:ID`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the readings of a contest come to."""

    rule: Rule
    parts: tuple[Readings, ...]
    """The readings of each source, with `failed`: whether a check of error severity failed."""
    readings: Readings
    """All of them, with `standing` and `standing_in_source`."""
    verdicts: pl.DataFrame
    """A row a station that has any reading, with the figures that are published."""
    spans: pl.DataFrame
    """The lowest and highest votes over the standing readings, of the stations where they differ."""
    differences: pl.DataFrame
    """The findings on which figures they differ, by station."""


def judge(parts: Sequence[Readings], rule: Rule) -> Judged:
    """Judge the readings of the sources of a contest."""
    readings = with_standing(one_after_another(parts), rule.sources)
    collation = collate(readings.rows, figures=rule.figures, relations=rule.relations)
    return Judged(
        rule=rule,
        parts=tuple(parts),
        readings=readings,
        verdicts=_as_published(collation.verdicts, readings.rows, rule),
        spans=collation.spans,
        differences=differences(readings.rows, collation.verdicts, rule.figures).sort("station"),
    )


def judge_again(since: Judged, parts: Sequence[Readings], rule: Rule) -> tuple[Judged, pl.Series | None]:
    """Judge readings of which most were judged before; also tells the stations of the others, or None for all."""
    if rule != since.rule:
        return judge(parts, rule), None
    touched = pl.concat([_touched(*each) for each in zip(since.parts, parts, strict=True)]).unique()
    if touched.is_empty():
        return replace(since, parts=tuple(parts)), touched
    if touched.len() * FEW > since.verdicts.height:
        return judge(parts, rule), None
    whole = one_after_another(parts)
    is_touched = whole.rows["station"].is_in(touched.implode())
    part = judge([whole.in_order(is_touched.arg_true())], rule)
    found = Judged(
        rule=rule,
        parts=tuple(parts),
        readings=_readings(since.readings, whole, is_touched, part.readings, touched),
        **{
            name: spliced(getattr(since, name), "station", touched, getattr(part, name))
            for name in ("verdicts", "spans", "differences")
        },
    )
    return found, touched


def _touched(before: Readings, now: Readings) -> pl.Series:
    """List the stations with a reading, or a mark of one, that is not in both; the others' are in the same order."""
    if before is now:
        return now.rows["station"].clear()
    rows = keys_that_differ(before.rows, now.rows, "station")
    marks = keys_that_differ(marks_of_stations(before), marks_of_stations(now), "station")
    return pl.concat([rows, marks])


def _readings(before: Readings, whole: Readings, is_touched: pl.Series, part: Readings, touched: pl.Series) -> Readings:
    """Take what is known of each reading from before, or from those that were judged again."""
    order = pl.concat([(~is_touched).arg_true(), is_touched.arg_true()]).arg_sort()
    added = [name for name in part.rows.columns if name not in whole.rows.columns]
    stays = ~before.rows["station"].is_in(touched.implode())
    known = pl.concat([before.rows.select(added).filter(stays), part.rows.select(added)])
    found = whole.with_rows(whole.rows.hstack(known[order]))
    if not before.has_ids:
        return found
    return found.with_ids(pl.concat([before.ids.filter(stays), part.ids])[order])


def _as_published(verdicts: pl.DataFrame, readings: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    """Under the policy `source:ID`, put that source's own figures in place of what all sources agree on."""
    if rule.published_by is None:
        return verdicts
    of_source = readings.filter(pl.col("source") == rule.published_by).with_columns(standing="standing_in_source")
    own = collate(of_source, figures=rule.figures, relations=rule.relations)
    published = own.verdicts.select(
        "station", *rule.figures.compared, published=~pl.col("station").is_in(own.spans["station"].implode())
    )
    kept = [name for name in verdicts.columns if name == "station" or name not in published.columns]
    return verdicts.select(kept).join(published, on="station", how="left", maintain_order="left")
