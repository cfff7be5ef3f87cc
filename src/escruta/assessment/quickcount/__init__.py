"""A quick count: how many centres to draw, which ones, and what those that answer say of the country.

The doors::

    design = plan(frame, half_width=0.01)             # centres for each stratum, and why so many
    drawn = draw(frame, design.allocation, seed)      # anybody can repeat it with SHA-256 alone
    found = estimate(frame, drawn.centres, reports)   # shares, with the variance of the design

The sampling unit is the centre: all its stations are drawn with it, as they share a neighbourhood. A quick count is an
estimate; those that do not answer are shown, weighted for, and bounded at their worst.
"""

from escruta.assessment.quickcount.draws import Draw, draw, ticket
from escruta.assessment.quickcount.estimates import Estimate, QuickCount, Reports, estimate
from escruta.assessment.quickcount.frames import Frame
from escruta.assessment.quickcount.plans import Plan, Stratum, plan
from escruta.assessment.quickcount.ratios import Ratio, ratio, total_by_ratio

__all__ = [
    "Draw",
    "Estimate",
    "Frame",
    "Plan",
    "QuickCount",
    "Ratio",
    "Reports",
    "Stratum",
    "draw",
    "estimate",
    "plan",
    "ratio",
    "ticket",
    "total_by_ratio",
]
