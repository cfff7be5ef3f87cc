"""The risk after a round, and what follows from it: stop, go on, or count everything."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

import numpy as np

from escruta.apps.audits.designs import SLIPS, STRATA, has_slips
from escruta.apps.audits.folders import AuditFolder, Step, to_json
from escruta.apps.audits.following import require_draws_follow
from escruta.apps.audits.manifests import MANIFEST, read_slips
from escruta.apps.audits.planning import drawn_per_centre, plan_of
from escruta.apps.audits.samples import Sample, counted_in_full, differs, missing_of, sample_of
from escruta.apps.audits.slip_judging import risk_curve, slip_sample_of, slip_verdict
from escruta.apps.audits.strata import Strata
from escruta.apps.audits.strata_judging import strata_verdict
from escruta.audit import practised, shangrla
from escruta.audit.macro import draws_to_go, log_risks

STOP, GO_ON, FULL = "stop", "go-on", "full-count"


def judge(audit: AuditFolder, *, now: datetime) -> tuple[dict[str, Any], Step]:
    """Compute the risk after all that was counted, and say what follows."""
    plan = plan_of(audit)
    audit.require_turn("risk")
    require_draws_follow(audit, plan)
    found = _verdict(audit, plan) | {"round": audit.round}
    return found, audit.append("risk", {f"risk-{audit.round}.json": to_json(found)}, now=now)


def _verdict(audit: AuditFolder, plan: Mapping[str, Any]) -> dict[str, Any]:
    boxes = sample_of(audit, plan)
    if not has_slips(plan["method"]) or counted_in_full(boxes):
        return verdict_of(plan, boxes)
    slips = slip_sample_of(audit, plan)
    if plan["method"] != STRATA:
        return slip_verdict(plan, slips)
    return strata_verdict(plan, strata_of(audit, boxes), boxes, slips)


def strata_of(audit: AuditFolder, boxes: Sample) -> Strata:
    """Give the two strata that the plan committed to."""
    names = boxes.table.batches.names
    return Strata(bounds=boxes.bounds, batches=boxes.table.batches, slips=read_slips(audit.read(MANIFEST), names))


def verdict_of(plan: Mapping[str, Any], sample: Sample) -> dict[str, Any]:
    """Say the risk, the decision and the facts that they rest on."""
    limit = Fraction(plan["risk_limit"])
    opened = int(np.unique(sample.drawn).size)
    is_full = counted_in_full(sample)
    risk, more = _full(sample, plan) if is_full else _RISKS[plan["method"]](plan, sample)
    decision = (
        STOP
        if risk <= float(limit)
        else FULL
        if is_full or math.isinf(more) or more > len(sample.table.batches)
        else GO_ON
    )
    once = np.unique(sample.drawn, return_index=True)[1]
    return {
        "draws": len(sample.draws),
        "boxes": opened,
        "risk": risk,
        "risk_limit": str(limit),
        "outside": plan["outside"],
        "decision": decision,
        "more_draws": int(more) if decision == GO_ON else None,
        "counted_in_full": is_full,
        "boxes_that_differ": int(np.count_nonzero(differs(sample)[once])),
        "boxes_missing": int(np.count_nonzero(sample.box_missing[once])),
        "slips_missing": int(sample.missing_slips[once].sum()),
        "boxes_above_their_bound": int(np.count_nonzero(sample.is_above[once])),
        "largest_error": float(sample.errors.max()),
    }


def _macro(plan: Mapping[str, Any], sample: Sample) -> tuple[float, float]:
    total = sample.bounds.unit_total
    last = float(log_risks(total, sample.tainted)[-1])
    return min(1.0, math.exp(min(last, 0.0))), draws_to_go(total, float(Fraction(plan["risk_limit"])), last)


def _alpha(plan: Mapping[str, Any], sample: Sample) -> tuple[float, float]:
    """Boxes drawn by size, judged by ALPHA; a box that is not there is one in which everything was wrong."""
    limit = float(Fraction(plan["risk_limit"]))
    clean = sample.table.batches.votes

    def risk_with(more: int) -> float:
        extra = np.zeros(more, dtype=np.int64)
        return shangrla.batch_risk(
            sample.table.batches,
            sample.bounds.assertions,
            sample.bounds.margins,
            np.concatenate([sample.drawn, extra]),
            np.concatenate([sample.paper, clean[extra]]),
            missing_slips=np.concatenate([missing_of(sample), extra]),
        )

    more = 1
    while more <= len(sample.table.batches) and risk_with(more) > limit:
        more *= 2
    if more > len(sample.table.batches):
        return risk_with(0), math.inf
    low = more // 2
    while low + 1 < more:
        middle = (low + more) // 2
        low, more = (low, middle) if risk_with(middle) <= limit else (middle, more)
    return risk_with(0), more


def _equal(plan: Mapping[str, Any], sample: Sample) -> tuple[float, float]:
    del plan
    number = practised.breaking_number(sample.bounds.shares, tolerated=_tolerated(sample))
    boxes = len(sample.table.batches)
    risk = 1.0 if number <= 0 else practised.chance_of_missing(boxes, number, len(sample.draws))
    return risk, math.inf


def _per_centre(plan: Mapping[str, Any], sample: Sample) -> tuple[float, float]:
    names, centres = np.unique(np.array(sample.table.places), return_inverse=True)
    drawn = drawn_per_centre(sample.table.places, Fraction(plan["centre_share"]))
    inside = {place: drawn[str(name)] for place, name in enumerate(names)}
    return practised.chance_per_centre(centres, sample.bounds.shares, inside, tolerated=_tolerated(sample)), math.inf


def _tolerated(sample: Sample) -> float:
    return max(0.0, float(sample.errors.max()))


def _full(sample: Sample, plan: Mapping[str, Any]) -> tuple[float, float]:
    """Every box was counted: the paper itself says whether the assertions hold, with what is not there against them."""
    once = np.unique(sample.drawn, return_index=True)[1]
    totals = [int(each) for each in sample.paper[once].sum(axis=0)]
    gone = int(missing_of(sample)[once].sum()) + int(plan["pending_ballots"])
    holds = all(each.sum_of(totals) > each.scale * gone for each in sample.bounds.assertions)
    return (0.0 if holds else 1.0), math.inf


_RISKS = {"macro": _macro, "alpha": _alpha, "equal": _equal, "per-centre": _per_centre}


def risks_by_draw(audit: AuditFolder, plan: Mapping[str, Any], sample: Sample | None) -> Sequence[float]:
    """Give the risk after each draw, at most 1, for the picture; only where the method may be looked at so.

    Boxes that were opened because all were, and not by chance, are no draws and have no risk.
    """
    if plan["method"] in SLIPS:
        slips = slip_sample_of(audit, plan)
        return [float(each) for each in risk_curve(plan, slips)] if slips.draws else ()
    if plan["method"] != "macro" or sample is None:
        return ()
    by_chance = np.array([bool(each.random) for each in sample.draws])
    risks = log_risks(sample.bounds.unit_total, sample.tainted[by_chance])
    return [min(1.0, math.exp(min(0.0, each))) for each in risks]
