"""The risk after a round of single slips: polled (BRAVO, ALPHA), or compared with what a machine recorded."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from escruta.apps.audits.draws import Draw, draws_of
from escruta.apps.audits.folders import AuditFolder
from escruta.apps.audits.manifests import MANIFEST, read_slips
from escruta.apps.audits.planning import BOXES, bounds_of
from escruta.apps.audits.reading import slips_of
from escruta.apps.audits.records import RECORDS, parse_records
from escruta.apps.audits.shows import encode
from escruta.apps.audits.slip_plans import NINE_OF_TEN, pairs_of
from escruta.apps.audits.tables import Table, read_boxes
from escruta.audit import bravo, polling, supersimple
from escruta.audit.batches import Counts, Floats
from escruta.audit.macro import UNIT, ErrorBounds
from escruta.audit.polling import LOST
from escruta.audit.supersimple import Misstatements


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipSample:
    """The slips that were drawn and looked at, a row a draw."""

    table: Table
    bounds: ErrorBounds
    draws: tuple[Draw, ...]
    shows: tuple[str, ...]
    """What each shows, as it was entered."""
    shown: Counts
    """The same as places of options, `NOBODY` or `LOST`, `(draws,)`."""
    recorded: Counts | None
    """What was recorded for each, where there are records."""
    slips: int
    """Slips that can be drawn."""

    @property
    def options(self) -> tuple[str, ...]:
        """What can be voted for."""
        return self.table.batches.options

    @property
    def totals(self) -> tuple[int, ...]:
        """Published votes of each option."""
        return self.table.batches.totals

    @property
    def overstatements(self) -> Counts:
        """By how many votes each slip overstates some margin, at most: from -2 to 2, `(draws,)`."""
        if self.recorded is None:
            return np.zeros(len(self.draws), dtype=np.int64)
        each = [_worth(weights, self.recorded) - _worth(weights, self.shown) for weights in self._weights()]
        found: Counts = np.max(each, axis=0)
        return found

    def _weights(self) -> list[tuple[int, ...]]:
        return [each.weights for each in self.bounds.assertions]


def _worth(weights: Sequence[int], shown: Counts) -> Counts:
    """Give the weight of each slip: nobody has 0, and a slip that is not there counts against the winner."""
    return np.array([*weights, -1, 0], dtype=np.int64)[shown]


def slip_sample_of(audit: AuditFolder, plan: Mapping[str, Any]) -> SlipSample:
    """Put the drawn slips and what they show together."""
    table = read_boxes(audit.read(BOXES))
    options, seen = table.batches.options, slips_of(audit)
    drawn = tuple(each for each in draws_of(audit) if each.slip is not None and (each.name, each.slip) in seen)
    shows = tuple(seen[each.name, each.slip or ""] for each in drawn)
    recorded = None
    if plan["method"] == "comparison":
        records = parse_records(audit.read(RECORDS))
        recorded = np.array([records.recorded(each.name, each.slip or "", options) for each in drawn], dtype=np.int64)
    return SlipSample(
        table=table,
        bounds=bounds_of(plan, table.units, table.units / UNIT),
        draws=drawn,
        shows=shows,
        shown=np.array([encode(each, options) for each in shows], dtype=np.int64),
        recorded=recorded,
        slips=int(read_slips(audit.read(MANIFEST), table.batches.names).sum()),
    )


def slip_facts(sample: SlipSample) -> dict[str, Any]:
    """Say what was found on the slips."""
    distinct = {(each.box, each.slip): show for each, show in zip(sample.draws, sample.shows, strict=True)}
    shown = Counter(distinct.values())
    found: dict[str, Any] = {
        "slips": len(distinct),
        "slips_not_found": shown["not-found"],
        "shown": {name: shown[name] for name in dict.fromkeys((*sample.options, "blank", "null", "not-found"))},
    }
    if sample.recorded is not None:
        once = list({(each.box, each.slip): at for at, each in enumerate(sample.draws)}.values())
        found["slips_that_differ"] = int(np.count_nonzero((sample.recorded != sample.shown)[once]))
        found |= {name: int(number) for name, number in _counts(sample.overstatements).items()}
    return found


def slip_verdict(plan: Mapping[str, Any], sample: SlipSample) -> dict[str, Any]:
    """Say the risk, the decision and the facts that they rest on."""
    limit = Fraction(plan["risk_limit"])
    risk = float(risk_curve(plan, sample)[-1])
    more = 0 if risk <= limit else _more(plan, sample, float(limit))
    can_go_on = not math.isinf(more) and len(sample.draws) + more <= sample.slips
    decision = "stop" if risk <= limit else "go-on" if can_go_on else "full-count"
    return {
        "draws": len(sample.draws),
        "boxes": len({each.box for each in sample.draws}),
        "risk": risk,
        "risk_limit": str(limit),
        "outside": plan["outside"],
        "decision": decision,
        "more_draws": int(more) if decision == "go-on" else None,
        "counted_in_full": False,
        **slip_facts(sample),
    }


def risk_curve(plan: Mapping[str, Any], sample: SlipSample) -> Floats:
    """Give P after each draw, at most 1, `(draws,)`."""
    if plan["method"] == "polling":
        return polling.risks_by_slip(
            sample.bounds.assertions,
            sample.totals,
            sample.shown,
            slips=sample.slips,
            pending=plan["pending_ballots"],
        )
    logs = _bravo(sample) if plan["method"] == "bravo" else _comparison(plan, sample)
    found: Floats = np.exp(np.minimum(logs, 0.0))
    return found


def _bravo(sample: SlipSample) -> Floats:
    """Give ln P after each slip: the largest over the pairs; a slip that is not there is one for the loser."""
    found = np.full(len(sample.shown), -math.inf)
    for winner, loser in pairs_of(sample.bounds.assertions, sample.options):
        votes = (sample.totals[winner], sample.totals[loser])
        up, down = (bravo.log_risk_of_pair(votes, one) for one in ((1, 0), (0, 1)))
        against = (sample.shown == loser) | (sample.shown == LOST)
        steps = np.where(sample.shown == winner, up, np.where(against, down, 0.0))
        found = np.maximum(found, np.cumsum(steps))
    return found


def _comparison(plan: Mapping[str, Any], sample: SlipSample) -> Floats:
    """Give ln P of Kaplan and Markov after each slip (Stark 2010)."""
    margin = min(plan["records"]["margins"]) / sample.slips
    cost = {over: _misstatement(over).log_cost() for over in (-2, -1, 0, 1, 2)}
    steps = supersimple.log_risk(1, margin) + np.array([cost[int(over)] for over in sample.overstatements])
    found: Floats = np.cumsum(steps)
    return found


_NAMES = {1: "o1", 2: "o2", -1: "u1", -2: "u2"}


def _misstatement(over: int) -> Misstatements:
    return Misstatements(**{_NAMES[over]: 1} if over else {})


def _counts(overstatements: Counts) -> dict[str, int]:
    return {name: int(np.count_nonzero(overstatements == over)) for over, name in _NAMES.items()}


def _more(plan: Mapping[str, Any], sample: SlipSample, limit: float) -> float:
    """Give how many more slips are enough: nine times in ten if the published result is right, or if none differs."""
    if plan["method"] == "polling":
        seen = sample.shown
        return polling.sizes(
            sample.bounds.assertions,
            sample.totals,
            slips=sample.slips,
            risk_limit=limit,
            pending=plan["pending_ballots"],
            seen=seen,
        )[1]
    if plan["method"] == "comparison":
        found = Misstatements(**_counts(sample.overstatements))
        margin = min(plan["records"]["margins"]) / sample.slips
        return max(1, supersimple.enough(margin, limit, found) - len(sample.draws))
    return max(_bravo_more(sample, pair, limit) for pair in pairs_of(sample.bounds.assertions, sample.options))


def _bravo_more(sample: SlipSample, pair: tuple[int, int], limit: float) -> float:
    winner, loser = pair
    against = int(np.count_nonzero((sample.shown == loser) | (sample.shown == LOST)))
    if against and not sample.totals[loser]:
        return math.inf
    shares = (sample.totals[winner] / sample.slips, sample.totals[loser] / sample.slips)
    drawn = (int(np.count_nonzero(sample.shown == winner)), against)
    return bravo.size_for_pair(shares, limit, NINE_OF_TEN, sample=drawn)
