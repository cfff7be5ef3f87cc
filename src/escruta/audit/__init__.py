"""What the paper says: risk-limiting audits of a reported outcome, from the published result of each box.

The doors::

    assertions = assert_first(batches.options, batches.totals)      # what has to be true of the paper
    bounds = error_bounds(batches, assertions)                      # how wrong each box can be
    sample_size(bounds.unit_total, 0.05)                            # draws that are enough without a difference
    drawn = draw_by_bound(seed, "president", bounds.units, 11)      # which boxes, for everybody the same
    risk(bounds.unit_total, taints(bounds, drawn, errors))          # what the paper says after the count

`macro` compares drawn boxes (the default), `shangrla` with `martingales` does so by betting, `bravo` polls ballots,
`supersimple` compares single ballots, `stratified` puts two together, `practised` bounds designs with equal chances.
"""

from escruta.audit.assertions import (
    Assertion,
    assert_below,
    assert_close,
    assert_first,
    assert_lead,
    assert_majority,
    assert_run_off,
    assert_share,
)
from escruta.audit.batches import Batches
from escruta.audit.drawing import draw_by_bound, draw_equal, draw_per_centre
from escruta.audit.errors import AuditImpossible
from escruta.audit.macro import ErrorBounds, draws_to_go, error_bounds, overstatements, risk, sample_size, taints

__all__ = [
    "Assertion",
    "AuditImpossible",
    "Batches",
    "ErrorBounds",
    "assert_below",
    "assert_close",
    "assert_first",
    "assert_lead",
    "assert_majority",
    "assert_run_off",
    "assert_share",
    "draw_by_bound",
    "draw_equal",
    "draw_per_centre",
    "draws_to_go",
    "error_bounds",
    "overstatements",
    "risk",
    "sample_size",
    "taints",
]
