"""What of the whole election only the country's page needs: what no total holds, when copies arrived, the map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from escruta.portal.contents import DIFFERING, VERDICTS, Contest, SetAside
from escruta.portal.reading import Record
from escruta.record.shapes import SHAPES


def set_aside(record: Record, contest: Contest) -> tuple[SetAside, ...]:
    """Add up, by verdict, the stations that arrived and are in no total, or are in one although readings differ."""
    verdicts = record.table(f"verdicts-{contest.contest}").filter(pl.col("verdict").is_not_null())
    held = (pl.col("verdict").is_in(DIFFERING) | ~pl.col("counted")) & (pl.col("verdict") != "missing")
    ends = [f"{end}.{each.candidate}" for end in ("low", "high") for each in contest.candidates]
    there = [name for name in ("registered_voters", *ends) if name in verdicts.columns]
    sums = (
        verdicts.filter(held)
        .group_by("verdict", "counted", _is_listed(record).alias("listed"))
        .agg(
            pl.len().alias("stations"),
            *(pl.when(pl.col(name).null_count() == 0).then(pl.col(name).sum()).alias(name) for name in there),
        )
        .sort(pl.col("verdict").replace_strict({name: at for at, name in enumerate(VERDICTS)}), "counted", "listed")
    )
    return tuple(_set_aside(row, ends) for row in sums.iter_rows(named=True))


def _is_listed(record: Record) -> pl.Expr:
    """Say of a station whether it belongs to the election; where no register is complete, all that arrived do."""
    if not (record.election.get("register") or {}).get("complete"):
        return pl.lit(value=True)
    listed = record.table("stations").filter("on_register")["station"]
    return pl.col("station").is_in(listed.implode()) if len(listed) else pl.lit(value=True)


def arrivals(record: Record, contest: Contest) -> dict[str, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Give for each source that says so when it first had each station, in seconds since 1970, in order."""
    readings = record.table(f"readings-{contest.contest}")
    if "arrived" not in readings.columns:
        return {}
    moment = pl.col("arrived").str.to_datetime("%Y-%m-%dT%H:%M:%SZ").dt.epoch("s")
    said = readings.select("source", "station", "arrived").drop_nulls("arrived")
    first = said.group_by("source", "station").agg(moment.min().alias("at")).sort("source", "at")
    return {str(key[0]): own["at"].to_numpy() for key, own in first.partition_by("source", as_dict=True).items()}


def shapes(record: Record) -> dict[str, tuple[int, int, str]]:
    """Give the outlines of the map by the area's code: width and height of the drawing, and the path."""
    if not record.has(SHAPES):
        return {}
    rows = record.table(SHAPES).select("code", "width", "height", "path").iter_rows()
    return {code: (width, height, path) for code, width, height, path in rows}


def _set_aside(row: Mapping[str, Any], ends: Sequence[str]) -> SetAside:
    half = len(ends) // 2
    return SetAside(
        row["verdict"],
        row["counted"],
        row["listed"],
        row["stations"],
        row.get("registered_voters"),
        tuple(row.get(name) for name in ends[:half]),
        tuple(row.get(name) for name in ends[half:]),
    )
