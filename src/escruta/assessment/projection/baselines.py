"""An earlier election by centre: what the model leans on, read from any table with votes by column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from escruta.base.errors import LayoutMismatch

REGISTERED, BALLOTS, VALID = "registered_voters", "ballots", "valid"
_NOT_VOTES = (REGISTERED, BALLOTS, VALID, "null", "blank", "sheets", "stations")
_LARGE = 0.10
"""An option with a smaller share of the country is no covariate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The earlier result of each centre, as covariates."""

    frame: pl.DataFrame
    """`centre`, `registered_voters`, and a column for each covariate; null covariates where it has no votes."""
    covariates: tuple[str, ...]
    """The lean first: the share of the option that had the most votes."""


def baseline_of(table: pl.DataFrame, *, key: str = "centre", options: Sequence[str] = (), where: str = "") -> Baseline:
    """Work out shares, turnout and size of each centre; a centre without votes or voters has none.

    `options` are the columns with votes; without them every column of whole numbers that is no other figure is one.

    Raises:
        LayoutMismatch: a column is not in the table, or a centre stands twice.
    """
    missing = [name for name in (key, REGISTERED, *options) if name not in table.columns]
    if missing:
        raise LayoutMismatch(
            "the earlier election lacks a column",
            where=where or None,
            found=", ".join(table.columns),
            expected=", ".join(missing),
            advice="A row a centre: its code, registered_voters, ballots (if known), and a column of votes an option.",
        )
    if table[key].n_unique() < table.height:
        raise LayoutMismatch("a centre stands twice in the earlier election", where=where or None, column=key)
    columns = list(options) or _votes(table, key)
    if len(columns) < 2:  # noqa: PLR2004 - a share needs somebody else
        raise LayoutMismatch(
            "the earlier election has votes for fewer than two", where=where or None, found=", ".join(columns) or "none"
        )
    whole = {name: int(table[name].sum()) for name in columns}
    ranked = sorted(columns, key=lambda name: -whole[name])
    large = [name for name in ranked if whole[name] >= _LARGE * sum(whole.values())][:-1] or ranked[:1]
    votes = pl.sum_horizontal(columns)
    cast = pl.col(BALLOTS).fill_null(votes) if BALLOTS in table.columns else votes
    known = (votes > 0) & (pl.col(REGISTERED) > 0) & (cast > 0)
    shares = {f"share of {name}": pl.col(name) / votes for name in large}
    others = {
        "turnout": (cast / pl.col(REGISTERED)).clip(0, 1),
        "log of earlier registered voters": pl.col(REGISTERED).cast(pl.Float64).log(),
    }
    frame = table.select(
        pl.col(key).cast(pl.String).alias("centre"),
        pl.col(REGISTERED),
        *(pl.when(known).then(each).alias(name) for name, each in (shares | others).items()),
    )
    return Baseline(frame=frame, covariates=(*shares, *others))


def _votes(table: pl.DataFrame, key: str) -> list[str]:
    return [name for name, kind in table.schema.items() if kind.is_integer() and name != key and name not in _NOT_VOTES]
