"""What each source wrote down: the figures of the sheets that it holds, with the mistakes that it made."""

from __future__ import annotations

import polars as pl

from escruta.apps.demo.mistakes import MADE_UP, MOVED_PER_HUNDRED, victim_and_gainer
from escruta.apps.demo.republic import CANDIDATE_IDS, OPTION_IDS, OWN_CANDIDATE, SLOTS, SourceId

UNLISTED_TABLE = 99
"""The number of the one station that is not on the register."""
_SHEET = ("registered_voters", "ballots", "valid", "null", "blank")
_KEYS = ("index", "centre", "centre_code", "table", "arrives", "planted")
_OPTIONS = tuple(f"option.{option}" for option in OPTION_IDS)
_VOTES = tuple(f"votes.{candidate}" for candidate in CANDIDATE_IDS)


def sheets_held(night: pl.DataFrame, source: SourceId) -> pl.DataFrame:
    """Give what a source wrote down, one row a station; `planted` is null where this source made no mistake."""
    held = night.filter(pl.col(f"has.{source}")).with_columns(
        planted=pl.when(pl.col("planted_in") == source).then("planted")
    )
    if source in OWN_CANDIDATE:
        held = held.with_columns(_made_up(source))
    if source == "authority":
        return held.select(*_KEYS, *_SHEET, *_OPTIONS).with_columns(_authority_mistakes())
    return held.select(*_KEYS, *_candidate_votes()).with_columns(_swapped_neighbours()).with_columns(_slips())


def with_repeats(held: pl.DataFrame) -> pl.DataFrame:
    """Add the rows that a source should not have: sheets sent or typed twice, and a station that nobody listed."""
    twice = held.filter(pl.col("planted").is_in(["sent-twice", "typed-twice"]))
    if "votes.sal" in held.columns:
        retyped = pl.col("votes.sal") // 10 * 10 + (pl.col("votes.sal") % 10 + 3) % 10
        twice = twice.with_columns(retyped.cast(held.schema["votes.sal"]))
    return pl.concat([held, twice, _unlisted(held)])


def _hit_by(kind: str) -> pl.Expr:
    return pl.col("planted").eq_missing(kind)


def _made_up(source: SourceId) -> list[pl.Expr]:
    """Move votes from one candidate to another, so that every sum on the sheet still fits."""
    victim, gainer = victim_and_gainer(source)
    moved = {slot: pl.col(f"option.{slot}") * MOVED_PER_HUNDRED // 100 for slot in SLOTS[victim]}
    changes = [(f"option.{slot}", -votes) for slot, votes in moved.items()]
    changes.append((f"option.{SLOTS[gainer][0]}", pl.sum_horizontal(moved.values())))
    return [pl.col(slot) + pl.when(_hit_by(MADE_UP)).then(change).otherwise(0) for slot, change in changes]


def _candidate_votes() -> list[pl.Expr]:
    return [
        pl.sum_horizontal(f"option.{slot}" for slot in slots).alias(f"votes.{candidate}")
        for candidate, slots in SLOTS.items()
    ]


def _authority_mistakes() -> list[pl.Expr]:
    """Let the authority's feed say zero, misstate the valid votes by ten, and leave out the null votes."""
    empty = _hit_by("all-zero")
    zeroed = [pl.when(empty).then(0).otherwise(name).alias(name) for name in ("ballots", "blank", *_OPTIONS)]
    valid = pl.when(empty).then(0).otherwise(pl.col("valid") + 10 * _hit_by("valid-off-by-ten"))
    null = pl.when(empty).then(0).when(~_hit_by("null-missing")).then("null")
    return [*zeroed, valid.alias("valid"), null.alias("null")]


def _swapped_neighbours() -> list[pl.Expr]:
    """Type the sheets of two neighbouring stations under each other's number."""
    swapped = _hit_by("neighbours-swapped")
    first = pl.col("table") % 2 == 1
    neighbours = pl.when(first).then(pl.col(*_VOTES).shift(-1)).otherwise(pl.col(*_VOTES).shift(1))
    return [pl.when(swapped).then(neighbours).otherwise(pl.col(*_VOTES))]


def _slips() -> list[pl.Expr]:
    """Swap two digits of one figure, skip one candidate's row, and photograph a thumb over another."""
    votes = {name: pl.col(name) for name in _VOTES}
    vela = votes["votes.vela"]
    digits = vela // 100 * 100 + vela % 10 * 10 + vela // 10 % 10
    votes["votes.vela"] = pl.when(_hit_by("digits-swapped")).then(digits).otherwise(vela)
    skipped = {"votes.marende": _hit_by("row-skipped")}
    thumbs = {name: _hit_by("illegible") & (pl.col("index") % len(_VOTES) == at) for at, name in enumerate(_VOTES)}
    return [
        pl.when(~(thumbs[name] | skipped.get(name, pl.lit(value=False)))).then(figure).alias(name)
        for name, figure in votes.items()
    ]


def _unlisted(held: pl.DataFrame) -> pl.DataFrame:
    """Make the sheet of the station that no register lists."""
    figures = [(pl.col(name) * 3 // 4 + place).alias(name) for place, name in enumerate(_VOTES) if name in held.columns]
    return held.filter(_hit_by("not-on-register")).with_columns(
        pl.lit(UNLISTED_TABLE, held.schema["table"]).alias("table"), *figures
    )
