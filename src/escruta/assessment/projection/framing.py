"""The frame of a projection from a record's stations: those on the register, and those that only an earlier list has.

Where the register is not complete, the rest of the country's registered voters is given to the centres of the earlier
election of which nothing is known tonight, in proportion to their voters then, and a stated part of it to centres that
were not there then: nobody knows where those are. Both are assumptions, and are said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from escruta.assessment.projection.baselines import Baseline
from escruta.assessment.projection.centres import Centres, Floats
from escruta.base.errors import InputError

NEW_SHARE = 0.10
_NEW = "new"
_SMALLEST = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FramedCentres:
    """The frame, and what was assumed to complete it."""

    centres: Centres
    names: tuple[str, ...]
    """The path of each centre; those from the earlier list only, too."""
    levels: tuple[str, ...]
    listed: int
    """Registered voters of the stations that the record lists."""
    supposed: int
    """Registered voters of centres that only the earlier list has."""
    growth: float | None
    """By how much their voters of then were multiplied; None where there are none."""
    new: int
    """Registered voters supposed in new centres."""
    voters_filled: int
    """Stations without registered voters, which were given the mean of the others of their centre."""


def framed(  # noqa: PLR0913 - what a frame is made from
    stations: pl.DataFrame,
    *,
    candidates: Sequence[str],
    levels: Sequence[str],
    area_names: pl.DataFrame,
    baseline: Baseline | None = None,
    registered_in_all: int | None = None,
    prefixes: Sequence[int] | None = None,
    new_share: float = NEW_SHARE,
    arrived: dict[str, float] | None = None,
) -> FramedCentres:
    """Gather the stations into centres, the areas of the narrowest level, and complete the country.

    `stations` has `station`, `area`, `registered_voters`, `counted` and `votes.*`; `prefixes` is how many characters of
    a centre's code are the code of each level, if they are; `arrived` is when each station came in.

    Raises:
        InputError: no station lies in an area, or nobody is known to be registered.
    """
    listed, filled = _gathered(stations, candidates, len(levels), arrived)
    if listed.is_empty():
        raise InputError("no station lies in an area of the narrowest level, so that there are no centres to project")
    rows = [listed]
    rest = 0 if registered_in_all is None else max(registered_in_all - round(float(listed["registered"].sum())), 0)
    growth, supposed, new = None, 0, 0
    if rest and baseline is not None:
        others = _only_earlier(listed, baseline)
        new = round(new_share * rest) if others.height else rest
        supposed = rest - new
        growth = supposed / max(float(others["registered"].sum()), 1.0) if others.height else None
        if growth:
            rows.append(_supposed(others, growth, prefixes, len(levels)))
    elif rest:
        new = rest
    if new:
        rows.append(_new_centres(new, float(listed["registered"].median() or 1.0)))  # type: ignore[arg-type]
    whole = pl.concat(rows, how="diagonal_relaxed")
    return FramedCentres(
        centres=_centres(whole, candidates, levels, area_names, baseline, has_arrival=arrived is not None),
        names=tuple(whole["area"].to_list()),
        levels=tuple(levels),
        listed=round(float(listed["registered"].sum())),
        supposed=supposed,
        growth=growth,
        new=new,
        voters_filled=filled,
    )


def _gathered(
    stations: pl.DataFrame, candidates: Sequence[str], depth: int, arrived: dict[str, float] | None
) -> tuple[pl.DataFrame, int]:
    there = stations.filter(pl.col("area").fill_null("").str.count_matches("/") == depth - 1, pl.col("area") != "")
    voters = pl.col("registered_voters").cast(pl.Float64)
    filled = there.with_columns(voters=voters.fill_null(voters.mean().over("area")).fill_null(voters.mean()))
    counted = pl.col("counted").fill_null(value=False)
    moments = pl.Series("at", [None if arrived is None else arrived.get(each) for each in there["station"]], pl.Float64)
    return (
        filled.with_columns(moments)
        .group_by("area", maintain_order=True)
        .agg(
            registered=pl.col("voters").sum(),
            counted=pl.col("voters").filter(counted).sum(),
            at=pl.col("at").filter(counted).max(),
            **{name: pl.col(f"votes.{name}").filter(counted).sum() for name in candidates},
        )
        .filter(pl.col("registered") > 0)
        .with_columns(code=pl.col("area").str.split("/").list.last(), listed=pl.lit(value=True)),
        int(there["registered_voters"].null_count()),
    )


def _only_earlier(listed: pl.DataFrame, baseline: Baseline) -> pl.DataFrame:
    return (
        baseline.frame.join(listed.select("code"), left_on="centre", right_on="code", how="anti")
        .filter(pl.col("registered_voters") > 0)
        .select(code="centre", registered=pl.col("registered_voters").cast(pl.Float64))
    )


def _supposed(others: pl.DataFrame, growth: float, prefixes: Sequence[int] | None, depth: int) -> pl.DataFrame:
    codes = [pl.col("code").str.slice(0, length) for length in prefixes or ()]
    area = pl.concat_str(codes, separator="/") if len(codes) == depth else pl.lit("?/") + pl.col("code")
    return others.with_columns(
        area=area,
        registered=(pl.col("registered") * growth).clip(_SMALLEST),
        counted=pl.lit(0.0),
        listed=pl.lit(value=False),
    )


def _new_centres(voters: int, usual: float) -> pl.DataFrame:
    number = max(1, round(voters / max(usual, 1.0)))
    return pl.DataFrame(
        {
            "area": [f"?/{_NEW}-{place}" for place in range(number)],
            "code": [f"{_NEW}-{place}" for place in range(number)],
            "registered": [voters / number] * number,
            "counted": [0.0] * number,
            "listed": [False] * number,
        }
    )


def _centres(
    whole: pl.DataFrame,
    candidates: Sequence[str],
    levels: Sequence[str],
    area_names: pl.DataFrame,
    baseline: Baseline | None,
    *,
    has_arrival: bool,
) -> Centres:
    named = dict(area_names.select("area", "name").iter_rows())
    codes, names = [], []
    paths = whole["area"].str.split("/")
    for depth in range(1, len(levels) + 1):
        path = whole.select(
            pl.when(~pl.col("area").str.starts_with("?")).then(paths.list.head(depth).list.join("/"))
        ).to_series()
        known = path.drop_nulls().unique().sort()
        place = {each: number for number, each in enumerate(known)}
        codes.append(np.array([place.get(each, -1) for each in path], dtype=np.int64))
        names.append(tuple(f"{named.get(each) or each}" for each in known))
    arrival = whole["at"].to_numpy().astype(np.float64) if has_arrival else None
    if arrival is not None and np.isnan(arrival[whole["counted"].to_numpy() > 0]).any():
        arrival = None
    return Centres(
        candidates=tuple(candidates),
        votes=whole.select(pl.col(name).fill_null(0) for name in candidates).to_numpy().astype(np.int64),
        registered=whole["registered"].to_numpy(),
        counted=whole["counted"].to_numpy(),
        areas=tuple(codes),
        area_names=tuple(names),
        covariates=None if baseline is None else _covariates(whole, baseline),
        covariate_names=() if baseline is None else baseline.covariates,
        arrival=arrival,
        is_register=bool(whole["listed"].all()),
    )


def _covariates(whole: pl.DataFrame, baseline: Baseline) -> Floats:
    joined = whole.select("code").join(
        baseline.frame, left_on="code", right_on="centre", how="left", maintain_order="left"
    )
    return joined.select(pl.col(baseline.covariates).cast(pl.Float64).fill_null(np.nan)).to_numpy()
