"""What `escruta demo` says at the end: what was planted against what was found, and where to look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from escruta.apps.demo.kinds import FAULTED, HELD_UP, KINDS
from escruta.apps.demo.republic import CANDIDATES, CONTEST
from escruta.apps.demo.truth import Truth

_ORDER = ("confirmed", "corroborated", "single", "contradicted", "disputed", "quarantined", "missing")


def describe(truth: Truth, summary: Mapping[str, Any], verdicts: pl.DataFrame) -> list[str]:
    """Tell what was planted and what was found, in lines for a terminal.

    `summary` is the record's `summary.json`, and `verdicts` its table of polling stations (`station`, `verdict`; an
    empty verdict is a missing station).
    """
    named = verdicts.select("station", pl.col("verdict").cast(pl.String).fill_null("missing"))
    found = dict(named.iter_rows())
    return [
        *_result(truth, summary),
        "",
        "What was planted, and what was found there:",
        *(line for kind in KINDS if truth.at(kind.id) for line in _lines(kind.says, truth, kind.id, found)),
        *_untouched(truth, found),
        "",
        f"Nothing arrived from {truth.outage['begins'][11:16]} to {truth.outage['ends'][11:16]}:",
        *(line for kind, says in HELD_UP.items() if truth.at(kind) for line in _lines(says, truth, kind, found)),
    ]


def expected_of(kind: str, *, origins: int) -> frozenset[str]:
    """Give the verdicts that may come of one kind of thing, at a station that so many origins hold.

    >>> sorted(expected_of("made-up", origins=2))
    ['contradicted']
    """
    planted = next(one for one in KINDS if one.id == kind)
    return planted.together if origins > 1 else planted.alone


def _result(truth: Truth, summary: Mapping[str, Any]) -> list[str]:
    """Set what the voters did beside what was counted."""
    contest = next(one for one in summary["contests"] if one["contest"] == CONTEST)
    counted = contest["totals"]["options"]
    rows = [f"  {one.name:<16}{truth.votes[one.id]:>14,}{counted[one.id]['votes']:>14,}" for one in CANDIDATES]
    return [f"  {'':<16}{'voted':>14}{'counted':>14}", *rows]


def _lines(says: str, truth: Truth, kind: str, found: Mapping[str, str]) -> list[str]:
    """Tell what was planted on one line, and what was found there on the next."""
    stations = truth.at(kind)
    sources = {one.source for one in truth.planted if one.kind == kind and one.source}
    giver = f" ({', '.join(sorted(sources))})" if sources else ""
    return [
        f"{len(stations):>9,}  {says}{giver}",
        f"{'':>9}  found: {_counted(found.get(station, 'missing') for station in stations)}",
    ]


def _counted(verdicts: Iterable[str]) -> str:
    numbers = Counter(verdicts)
    return ", ".join(f"{numbers[verdict]:,} {verdict}" for verdict in _ORDER if numbers[verdict])


def _untouched(truth: Truth, found: Mapping[str, str]) -> list[str]:
    """Tell of the stations where nobody made a mistake; what is found there would be a false alarm."""
    mistaken = {station for kind in KINDS for station in truth.at(kind.id)}
    others = {station: verdict for station, verdict in found.items() if station not in mistaken}
    alarms = sum(verdict in FAULTED for verdict in others.values())
    return [
        f"{len(others):>9,}  stations without any mistake ({alarms:,} false alarms)",
        f"{'':>9}  found: {_counted(others.values())}",
    ]
