"""What the authority announced that night: totals without the polling stations behind them."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from escruta.apps.demo.night import Outage, clock
from escruta.apps.demo.republic import CANDIDATE_IDS, SLOTS, WORDS

_LAST_WORD = 26 * 60  # minutes after the close of the polls


def announce(held: pl.DataFrame, stations: int, outage: Outage) -> list[dict[str, object]]:
    """Announce twice: a partial count soon after the outage, and shares that were rounded before they were votes."""
    return [_partial_count(held, stations, outage.ends + 20), _rounded_shares(held, stations)]


def _partial_count(held: pl.DataFrame, stations: int, minutes: int) -> dict[str, object]:
    """Add up what had arrived at a certain hour, the three smallest candidates together."""
    arrived = held.filter(pl.col("arrives") <= minutes)
    votes = _votes(arrived)
    leaders, rest = CANDIDATE_IDS[:2], CANDIDATE_IDS[2:]
    return {
        "id": "bulletin-1",
        "name": WORDS["bulletin-1"],
        "by": "authority",
        "at": _moment(minutes),
        "votes": {candidate: votes[candidate] for candidate in leaders},
        "others": {"votes": sum(votes[candidate] for candidate in rest), "candidates": list(rest)},
        "coverage_text": _share(arrived.height, stations),
    }


def _rounded_shares(held: pl.DataFrame, stations: int) -> dict[str, object]:
    """Round each candidate's share to a tenth of a per cent first, and make votes of it afterwards.

    The valid votes are not announced: what was rounded one by one need not add up to them.
    """
    votes = _votes(held)
    valid = sum(votes.values())
    rounded = {candidate: _nearest(_nearest(count * 1000, valid) * valid, 1000) for candidate, count in votes.items()}
    return {
        "id": "bulletin-2",
        "name": WORDS["bulletin-2"],
        "by": "authority",
        "at": _moment(_LAST_WORD),
        "votes": rounded,
        "null": int(held.get_column("null").sum()),
        "coverage_text": _share(held.height, stations),
    }


def _votes(held: pl.DataFrame) -> dict[str, int]:
    return {
        candidate: int(sum(held.get_column(f"option.{slot}").sum() for slot in slots))
        for candidate, slots in SLOTS.items()
    }


def _nearest(number: int, divisor: int) -> int:
    """Divide and round to the nearest whole number, halves up; nothing divided by nothing is nothing here."""
    return (2 * number + divisor) // (2 * divisor) if divisor else 0


def _share(part: int, whole: int) -> str:
    tenths = _nearest(part * 1000, whole)
    return f"{tenths // 10}.{tenths % 10} %"


def _moment(minutes: int) -> datetime:
    return clock(minutes).replace(tzinfo=UTC)
