"""Who leads, and whether what stands outside the count could still change it.

The hard bound, which needs no probability: if every registered voter outside the count voted for the runner-up, would
the runner-up catch up? A tie counts as a change. Assumptions: the number of registered voters is right, the counted
figures are right, and nobody votes twice.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

ASSUMPTIONS = (
    "registered_voters_total_is_right",
    "registered_voters_of_counted_stations_are_right",
    "counted_figures_are_right",
    "nobody_votes_twice",
)
"""Names of the assumptions behind the bound; their words stand in the locale files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The leader of one area, and the bound on what could change it; None where it cannot be said."""

    leader: str | None
    runner_up: str | None
    margin_votes: int | None
    outside_stations: int | None
    outside_registered_voters: int | None
    unread_votes_at_most: int | None
    can_be_overturned: bool | None
    assumptions: tuple[str, ...]


def with_outcome(areas: pl.DataFrame, totals: pl.DataFrame) -> pl.DataFrame:
    """Add to each area its `leader`, `runner_up`, `margin_votes` and `can_be_overturned`.

    Candidates who are level have no leader between them: `leader` is null and the margin is 0. With one candidate only,
    any vote makes the leader; there is no runner-up, no margin, and nothing to overturn. Where no vote was read and
    some are unread, nothing is said.
    """
    ranked = (
        totals.lazy()
        .sort(["area", "votes", "position"], descending=[False, True, False])
        .group_by("area", maintain_order=True)
        .agg(
            first=pl.col("candidate").first(),
            second=pl.col("candidate").get(1, null_on_oob=True),
            most=pl.col("votes").first(),
            next=pl.col("votes").get(1, null_on_oob=True),
            is_unread=(pl.col("votes").max() == 0) & (pl.col("unread_stations").max() > 0),
        )
    )
    counted = pl.col("stations.counted") + pl.col("stations_counted_off_register") > 0
    counted &= ~pl.col("is_unread").fill_null(value=False)
    ahead = counted & (pl.col("most") > pl.col("next").fill_null(0))
    margin = pl.when(counted).then(pl.col("most") - pl.col("next"))
    unread = pl.when(~pl.col("unread_open")).then(pl.col("unread_at_most"))
    reachable = pl.col("outside_registered_voters") + unread
    return (
        areas.lazy()
        .join(ranked, on="area", how="left", maintain_order="left")
        .with_columns(
            leader=pl.when(ahead).then("first"),
            runner_up=pl.when(ahead).then("second"),
            margin_votes=margin,
            can_be_overturned=pl.when(counted & pl.col("next").is_not_null()).then(margin <= reachable),
        )
        .drop("first", "second", "most", "next", "is_unread")
        .collect()
    )


def outcome_of(areas: pl.DataFrame, area: str = "") -> Outcome:
    """Read the outcome of one area, the country by default."""
    row = areas.row(by_predicate=pl.col("area") == area, named=True)
    assumptions: tuple[str, ...] = ASSUMPTIONS
    if row["voters_unknown"]:
        assumptions = (*assumptions, "stations_without_registered_voters_take_at_least_their_ballots")
    if row["unread_at_most"]:
        assumptions = (*assumptions, "unread_figures_are_at_most_what_registered_voters_leave")
    return Outcome(
        leader=row["leader"],
        runner_up=row["runner_up"],
        margin_votes=row["margin_votes"],
        outside_stations=row["outside_stations"],
        outside_registered_voters=row["outside_registered_voters"],
        unread_votes_at_most=None if row["unread_open"] else row["unread_at_most"],
        can_be_overturned=row["can_be_overturned"],
        assumptions=assumptions,
    )
