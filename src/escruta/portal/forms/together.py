"""What ties the documents and tables of a record together: the areas, the contests and their candidates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from escruta.portal.forms.errors import malformed

Tables = Callable[[str], pl.DataFrame]
"""Gives a table of the record, in its form."""


def require_whole(election: Mapping[str, Any], tables: Tables) -> None:
    """Require that the tables speak of one tree of areas and of one list of candidates for each contest.

    Raises `RecordMalformed` with the first that does not.
    """
    areas = _areas(tables("areas"), len(election.get("levels", ())))
    candidates = tables("candidates").sort("position")
    for contest in (each["id"] for each in election["contests"]):
        own = candidates.filter(pl.col("contest") == contest)["candidate"].to_list()
        _require_results(tables(f"areas-{contest}"), contest, areas, own)
        _require_totals(tables("totals"), contest, own)
        file = f"verdicts-{contest}.parquet"
        _require_known(tables(f"verdicts-{contest}"), file, areas)
        arrived = tables(f"readings-{contest}")
        if "arrived" in arrived.columns:
            _require_moments(arrived["arrived"], f"readings-{contest}.parquet")


def _areas(frame: pl.DataFrame, levels: int) -> pl.Series:
    """Require one country, and each area inside one that is there; give the paths of all."""
    file = "areas.parquet"
    area, parent = frame["area"].fill_null(""), frame["parent"].fill_null("")
    if (area == "").sum() != 1 or area.n_unique() != len(area):
        raise malformed(file, found=_twice(area), expected="the country once, and each area once", column="area")
    deepest = frame["level"].max()
    if isinstance(deepest, int) and deepest > levels:
        expected = f"at most {levels}, as {'' if levels else 'no '}levels in election.json"
        raise malformed(file, found=deepest, expected=expected, column="level")
    inside = pl.DataFrame({"area": area, "parent": parent}).filter(pl.col("area") != "")
    is_below = (pl.col("parent") == "") | pl.col("area").str.starts_with(pl.col("parent") + "/")
    strays = inside.filter(~(is_below & pl.col("parent").is_in(area.implode())))
    if len(strays):
        found = f"{strays['area'][0]} inside {strays['parent'][0]}"
        raise malformed(file, found=found, expected="areas inside areas that are there", column="parent")
    return area


def _twice(area: pl.Series) -> str:
    twice = area.filter(area.is_duplicated())
    return f"{twice[0] or 'the country'} more than once" if len(twice) else "no country"


def _require_results(frame: pl.DataFrame, contest: str, areas: pl.Series, candidates: Sequence[str]) -> None:
    file = f"areas-{contest}.parquet"
    listed = frame["area"].fill_null("")
    absent = areas.filter(~areas.is_in(listed.implode()))
    if len(absent):
        raise malformed(file, found=f"no row for {absent[0] or 'the country'}", expected="each area", column="area")
    for column in ("leader", "runner_up"):
        said = frame[column].drop_nulls().unique()
        others = said.filter(~said.is_in(list(candidates)))
        if len(others):
            raise malformed(file, found=others.sort()[0], expected="a candidate of the contest", column=column)


def _require_totals(frame: pl.DataFrame, contest: str, candidates: Sequence[str]) -> None:
    """Require the same candidates for each area, in the order of the contest's."""
    own = frame.filter(pl.col("contest") == contest).sort("area", "position")
    rows = own.group_by("area", maintain_order=True).agg("candidate")["candidate"]
    expected = pl.Series([list(candidates)], dtype=pl.List(pl.String))
    others = rows.filter(rows != expected) if len(rows) else rows
    if len(others):
        wanted = f"{', '.join(candidates)} for each area"
        raise malformed("totals.parquet", found=", ".join(others[0]), expected=wanted, column="candidate")


def _require_known(frame: pl.DataFrame, file: str, areas: pl.Series) -> None:
    named = frame["area"].fill_null("").unique()
    others = named.filter(~named.is_in(areas.implode()))
    if len(others):
        raise malformed(file, found=others.sort()[0], expected="an area of areas.parquet", column="area")


def _require_moments(said: pl.Series, file: str) -> None:
    read = said.str.to_datetime("%Y-%m-%dT%H:%M:%SZ", strict=False)
    others = said.filter(read.is_null() & said.is_not_null())
    if len(others):
        expected = "a moment such as 2024-07-29T02:00:00Z"
        raise malformed(file, found=others[0], expected=expected, column="arrived")
