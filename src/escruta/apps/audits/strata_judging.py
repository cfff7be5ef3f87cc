"""The risk of two strata after a round of either: boxes that were compared, and slips that were polled."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from escruta.apps.audits.designs import COMPARED, POLLED
from escruta.apps.audits.samples import Sample, differs
from escruta.apps.audits.slip_judging import SlipSample, slip_facts
from escruta.apps.audits.slip_plans import pairs_of
from escruta.apps.audits.strata import MOST, ROUGH, Strata, fewest
from escruta.audit.batches import Floats
from escruta.audit.polling import LOST


def strata_verdict(plan: Mapping[str, Any], strata: Strata, boxes: Sample, slips: SlipSample) -> dict[str, Any]:
    """Say the risk, the decision, from which list to draw next, and the facts that they rest on."""
    limit = Fraction(plan["risk_limit"])
    tainted = strata.taints_of(boxes.drawn, boxes.paper, boxes.missing_slips, boxes.box_missing)
    shown = _shown(strata, slips)
    risk = strata.risk(tainted, shown)
    due, more = (None, 0) if risk <= limit else _next(strata, tainted, shown, float(limit), plan)
    decision = "stop" if risk <= limit else "full-count" if due is None else "go-on"
    once = np.unique(boxes.drawn, return_index=True)[1]
    return {
        "draws": len(boxes.draws) + len(slips.draws),
        "boxes": len(once),
        "risk": risk,
        "risk_limit": str(limit),
        "outside": plan["outside"],
        "decision": decision,
        "more_draws": more if decision == "go-on" else None,
        "next_list": due,
        "counted_in_full": False,
        "compared_draws": len(boxes.draws),
        "polled_draws": len(slips.draws),
        "boxes_that_differ": int(np.count_nonzero(differs(boxes)[once])),
        "boxes_missing": int(np.count_nonzero(boxes.box_missing[once])),
        "slips_missing": int(boxes.missing_slips[once].sum()),
        "boxes_above_their_bound": int(np.count_nonzero(boxes.is_above[once])),
        **slip_facts(slips),
    }


def _shown(strata: Strata, slips: SlipSample) -> list[tuple[int, int, int]]:
    """Count for each assertion the slips for its winner, and for its loser with those that are not there."""
    number = len(slips.draws)
    return [
        (
            int(np.count_nonzero(slips.shown == winner)),
            int(np.count_nonzero((slips.shown == loser) | (slips.shown == LOST))),
            number,
        )
        for winner, loser in pairs_of(strata.bounds.assertions, strata.batches.options)
    ]


def _next(
    strata: Strata,
    tainted: list[Floats],
    shown: list[tuple[int, int, int]],
    limit: float,
    plan: Mapping[str, Any],
) -> tuple[str | None, int]:
    """Say from which list to draw, and how many: the fewest more slips, the fewest more boxes, whichever will do."""
    if not any(number for *_, number in shown):
        return POLLED, int(plan["strata"]["polled_draws"])

    def with_slips(more: int) -> float:
        expected = strata.expected(more)
        return strata.risk(
            tainted, [(a + x, b + y, n + z) for (a, b, n), (x, y, z) in zip(shown, expected, strict=True)], close=ROUGH
        )

    def with_boxes(more: int) -> float:
        return strata.risk([np.concatenate([each, np.zeros(more)]) for each in tainted], shown, close=ROUGH)

    left = min(MOST, int(strata.slips.sum()) - shown[0][2])
    slips, boxes = fewest(with_slips, limit, 1, left), fewest(with_boxes, limit, 1, MOST)
    size = float(strata.batches.bound.mean())
    if math.isinf(slips) and math.isinf(boxes):
        return None, 0
    return (POLLED, int(slips)) if slips <= boxes * size else (COMPARED, int(boxes))
