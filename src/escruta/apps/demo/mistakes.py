"""What goes wrong that night: a catalogue of mistakes, and who makes them where.

Every mistake has stations of its own, so that whatever is found at a station has one cause. Most are given to stations
that a second source holds as well: a mistake that nobody can see teaches nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import polars as pl

from escruta.apps.demo.chance import Chance
from escruta.apps.demo.republic import CANDIDATE_IDS, OWN_CANDIDATE, SLOTS, SOURCE_IDS, SourceId

_BATCH_PER_THOUSAND = 15
MOVED_PER_HUNDRED = 35
"""Of a hundred votes for the one candidate, so many are moved to the other where figures were made up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A kind of mistake: who makes it, at which stations it can be made, and how often."""

    kind: str
    source: SourceId
    possible: pl.Expr = field(default_factory=lambda: pl.lit(value=True))
    """Where it would change anything."""
    one_in: int = 500
    """Stations in the country to one such mistake; there is one in any case."""
    once: bool = False
    pair: bool = False
    """It befalls two stations of one centre, one after the other."""


def _digits_differ(candidate: str) -> pl.Expr:
    votes = pl.sum_horizontal(f"option.{slot}" for slot in SLOTS[candidate])
    return (votes >= 10) & (votes % 10 != votes // 10 % 10)  # noqa: PLR2004 - the base of our digits


MISTAKES = (
    Mistake(kind="more-ballots-than-voters", source="authority", once=True),
    Mistake(kind="all-zero", source="authority", possible=pl.col("valid") > 0, once=True),
    Mistake(kind="valid-off-by-ten", source="authority"),
    Mistake(kind="null-missing", source="authority"),
    Mistake(kind="sent-twice", source="authority"),
    Mistake(kind="shared-picture", source="party-a", once=True, pair=True),
    Mistake(kind="digits-swapped", source="party-a", possible=_digits_differ("vela")),
    Mistake(kind="typed-twice", source="party-a"),
    Mistake(kind="not-on-register", source="party-b", once=True),
    Mistake(kind="neighbours-swapped", source="party-b", possible=pl.col("valid") > 0, pair=True),
    Mistake(kind="row-skipped", source="party-b"),
    Mistake(kind="illegible", source="observers", one_in=150),
)
"""The honest mistakes, the rarest chances first."""
MADE_UP = "made-up"
"""The kind of the one batch of readings that somebody made up."""


def make_mistakes(night: pl.DataFrame, chance: Chance, sources: Collection[SourceId]) -> pl.DataFrame:
    """Add `planted` and `planted_in`: the kind of mistake at a station, and the source whose reading it changed."""
    night = night.with_columns(planted=pl.lit(None, pl.String), planted_in=pl.lit(None, pl.String))
    night = _make_up_batch(night, chance, sources)
    for mistake in MISTAKES:
        if mistake.source in sources:
            night = _make(night, mistake, chance)
    return _overfull(night)


def victim_and_gainer(source: SourceId) -> tuple[str, str]:
    """Tell from whom and to whom a source's giver would move votes.

    >>> victim_and_gainer("party-b")
    ('vela', 'sal')
    """
    gainer = OWN_CANDIDATE[source]
    return next(candidate for candidate in CANDIDATE_IDS[:2] if candidate != gainer), gainer


def _make_up_batch(night: pl.DataFrame, chance: Chance, sources: Collection[SourceId]) -> pl.DataFrame:
    """Pick the one source whose figures were made up, and about 1.5 % of the stations, all in one region."""
    givers = [source for source in OWN_CANDIDATE if source in sources]
    if not givers:
        return night
    source = givers[chance.number("who-made-up", len(givers))]
    victim, _ = victim_and_gainer(source)
    changeable = pl.col(f"has.{source}") & (_moved_votes(victim) > 0)
    held = night.filter(changeable).with_columns(rank=chance.bits("made-up"))
    if held.is_empty():
        return night
    region = held.row(chance.number("region-made-up", held.height), named=True)["region"]
    wanted = max(1, night.height * _BATCH_PER_THOUSAND // 1000)
    chosen = held.filter(pl.col("region") == region).bottom_k(wanted, by="rank").get_column("index")
    return _plant(night, chosen, MADE_UP, source)


def _moved_votes(victim: str) -> pl.Expr:
    return pl.sum_horizontal(pl.col(f"option.{slot}") * MOVED_PER_HUNDRED // 100 for slot in SLOTS[victim])


def _make(night: pl.DataFrame, mistake: Mistake, chance: Chance) -> pl.DataFrame:
    """Make one kind of mistake, at as many stations as the country's size asks for."""
    eligible = pl.col(f"has.{mistake.source}") & pl.col("planted").is_null() & mistake.possible
    if mistake.pair:
        neighbour = eligible.shift(-1, fill_value=False) & (pl.col("centre") == pl.col("centre").shift(-1))
        eligible = eligible & neighbour & (pl.col("table") % 2 == 1)
    holders = pl.sum_horizontal(f"has.{source}" for source in SOURCE_IDS)
    wanted = 1 if mistake.once else max(1, night.height // mistake.one_in)
    chosen = (
        night.select("index", alone=holders < 2, rank=chance.bits(mistake.kind), eligible=eligible)  # noqa: PLR2004
        .filter("eligible")
        .bottom_k(wanted, by=["alone", "rank"])
        .get_column("index")
    )
    return _plant(night, pl.concat([chosen, chosen + 1]) if mistake.pair else chosen, mistake.kind, mistake.source)


def _plant(night: pl.DataFrame, chosen: pl.Series, kind: str, source: SourceId) -> pl.DataFrame:
    here = pl.col("index").is_in(chosen.implode())
    return night.with_columns(
        planted=pl.when(here).then(pl.lit(kind)).otherwise("planted"),
        planted_in=pl.when(here).then(pl.lit(source)).otherwise("planted_in"),
    )


def _overfull(night: pl.DataFrame) -> pl.DataFrame:
    """Let one station's box hold more ballots than it has voters: the sheet itself says so, in every copy."""
    here = pl.col("planted") == "more-ballots-than-voters"
    more = pl.when(here).then(pl.col("registered_voters") + 7 - pl.col("ballots")).otherwise(0)
    first_slot = f"option.{SLOTS['sal'][0]}"
    return night.with_columns(
        pl.col("ballots") + more,
        pl.col("valid") + more,
        (pl.col(first_slot) + more).cast(pl.Int32),
    )
