"""Which stations count: a named policy, the same for every area of a contest."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from escruta.base.errors import InputError
from escruta.collation.verdicts import Verdict

_COUNTED = {
    "single": (Verdict.SINGLE, Verdict.CORROBORATED, Verdict.CONFIRMED),
    "corroborated": (Verdict.CORROBORATED, Verdict.CONFIRMED),
    "confirmed": (Verdict.CONFIRMED,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A rule that says which stations are inside the totals."""

    name: str
    source: str | None = None
    """With `source:<id>`: the figures of this source, as published, whatever the verdict."""

    def counts(self) -> pl.Expr:
        """Say of each row of the verdicts whether it counts."""
        if self.source is not None:
            return pl.col("published").fill_null(value=False)
        return pl.col("verdict").cast(pl.String).is_in([verdict.value for verdict in _COUNTED[self.name]])


def policy_named(name: str) -> Policy:
    """Find a policy by its name: `single`, `corroborated`, `confirmed`, or `source:` and a source's id.

    >>> policy_named("source:campaign").source
    'campaign'
    """
    if name in _COUNTED:
        return Policy(name=name)
    kind, _, source = name.partition(":")
    if kind == "source" and source:
        return Policy(name=name, source=source)
    raise InputError("there is no such policy", found=name, expected="single, corroborated, confirmed, or source:ID")
