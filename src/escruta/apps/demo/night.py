"""Election night: what the voters did, when each station's sheet arrived, and who holds a copy of it.

Whole numbers only, so that the same seed gives the same night on every machine.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from escruta.apps.demo.chance import Chance
from escruta.apps.demo.republic import CANDIDATES, OPTIONS, POLLS_CLOSE, SOURCE_IDS, SourceId

_NEVER_AFTER_OUTAGE = 300  # in a thousand of the stations that would have reported while nothing arrived
_NEVER_OTHERWISE = 8
_LATE = 15
_NOBODY_HAS = 8
_OBSERVED = 60
_NOT_FIRST = pl.col("index") > 0


@dataclass(frozen=True, slots=True)
class Outage:
    """A stretch of the night in which nothing arrived at the authority, in minutes after the polls closed."""

    begins: int
    ends: int


def when_nothing_arrived(chance: Chance) -> Outage:
    """Decide when the outage began and ended."""
    begins = 165 + chance.number("outage-begins", 40)
    return Outage(begins, begins + 50 + chance.number("outage-lasts", 40))


def clock(minutes: int) -> datetime:
    """Turn minutes after the close of the polls into the time on the wall.

    >>> clock(165).isoformat()
    '2025-03-09T20:45:00'
    """
    return POLLS_CLOSE + timedelta(minutes=minutes)


def hold_night(stations: pl.DataFrame, chance: Chance, sources: Collection[SourceId]) -> pl.DataFrame:
    """Add what happened at each station.

    Adds the figures of the sheet (`registered_voters`, `ballots`, `valid`, `null`, `blank`, `option.ID`), `arrives`
    (minutes after the close of the polls at which the authority had it; null = never), `awaited` (it was due during the
    outage), `nobody` (no source has it), and `has.SOURCE`.
    """
    voted = _with_options(_with_ballots(stations, chance), chance)
    return _with_holders(_with_arrivals(voted, chance), chance, sources)


def _with_ballots(stations: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """Let the voters vote: turnout and spoilt votes differ by region, ward and station."""
    turnout = (
        640
        + chance.around("turnout-of-region", 60, of="region")
        + chance.around("turnout-of-ward", 60, of="ward")
        + chance.around("turnout-of-station", 50)
    )
    return (
        stations.with_columns(registered_voters=240 + chance.below("registered-voters", 520))
        .with_columns(ballots=pl.col("registered_voters") * turnout // 1000)
        .with_columns(
            null=pl.col("ballots") * (6 + chance.below("null-share", 22)) // 1000 + chance.below("null-more", 3),
            blank=pl.col("ballots") * (4 + chance.below("blank-share", 16)) // 1000 + chance.below("blank-more", 2),
        )
        .with_columns(valid=pl.col("ballots") - pl.col("null") - pl.col("blank"))
    )


def _with_options(stations: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """Share the valid votes among the ballot options, to the last vote."""
    weighed = stations.with_columns(_weights(chance))
    names = [f"weight.{option.id}" for option in OPTIONS]
    reached = weighed.select("valid", *names).with_columns(
        pl.sum_horizontal(names[: place + 1]).alias(f"up-to.{place + 1}") for place in range(len(names))
    )
    whole = pl.col(f"up-to.{len(names)}")
    bounds = [pl.lit(0), *(pl.col("valid") * pl.col(f"up-to.{place + 1}") // whole for place in range(len(names)))]
    votes = [
        (after - before).cast(pl.Int32).alias(f"option.{option.id}")
        for option, before, after in zip(OPTIONS, bounds, bounds[1:], strict=False)
    ]
    return pl.concat([stations, reached.select(votes)], how="horizontal")


def _weights(chance: Chance) -> list[pl.Expr]:
    """Weigh the ballot options: their usual share, moved by the land, the region, the ward and the station."""
    strengths = {candidate.id: candidate.strength for candidate in CANDIDATES}
    weights = []
    for option in OPTIONS:
        usual = strengths[option.candidate] * option.share // 1000
        moved = 1000 + (
            chance.number(f"land/{option.candidate}", 61) - 30
            + chance.around(f"region/{option.candidate}", 180, of="region")
            + chance.around(f"ward/{option.candidate}", 160, of="ward")
            + chance.around(f"station/{option.id}", 120)
        )  # fmt: skip
        weights.append((usual * moved).alias(f"weight.{option.id}"))
    return weights


def _with_arrivals(stations: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """Decide when each sheet reached the authority, if ever: an outage, the stations it held up, and late ones."""
    outage = when_nothing_arrived(chance)
    due = 25 + chance.below("arrival-1", 110) + chance.below("arrival-2", 110) + chance.below("arrival-3", 60)
    awaited = pl.col("due").is_between(outage.begins, outage.ends, closed="left")
    # The first station's sheet always arrives: a night without a sheet is no demo.
    never = chance.happens("never", pl.when(awaited).then(_NEVER_AFTER_OUTAGE).otherwise(_NEVER_OTHERWISE)) & _NOT_FIRST
    after_outage = outage.ends + 5 + chance.below("arrival-after-outage", 180)
    next_day = 660 + chance.below("arrival-next-day", 720)
    return (
        stations.with_columns(due=due, nobody=chance.happens("nobody", _NOBODY_HAS) & _NOT_FIRST)
        .with_columns(
            awaited=awaited & ~pl.col("nobody"),
            arrives=pl.when(never | pl.col("nobody"))
            .then(None)
            .when(awaited)
            .then(after_outage)
            .when(chance.happens("late", _LATE))
            .then(next_day)
            .otherwise(pl.col("due")),
        )
        .drop("due")
    )


def _with_holders(stations: pl.DataFrame, chance: Chance, sources: Collection[SourceId]) -> pl.DataFrame:
    """Decide who holds a copy of each sheet: the parties have their strong regions, the observers a random sample."""
    parties = {
        party: (
            least
            + chance.below(f"{party}/region", 400, of="region")
            + chance.around(f"{party}/ward", 120, of="ward")
        )
        for party, least in (("party-a", 450), ("party-b", 380))
    }  # fmt: skip
    holds = {
        "authority": pl.col("arrives").is_not_null(),
        **{party: chance.happens(f"{party}/witness", share) for party, share in parties.items()},
        "observers": chance.happens("observers/sample", _OBSERVED),
    }
    first = next(source for source in SOURCE_IDS if source in sources)
    holds[first] = holds[first] | ~_NOT_FIRST
    return stations.with_columns(
        (holds[source] & ~pl.col("nobody") if source in sources else pl.lit(value=False)).alias(f"has.{source}")
        for source in SOURCE_IDS
    )
