"""What will come: the stations outside, from those inside, the areas and an earlier election.

The doors::

    found = project(centres)               # country, areas, intervals, and why not where the model refuses
    found.country.margin.low               # the low end, never beyond what is possible
    found.missing.gaps                     # how those out differ from those in: always shown beside it

An estimate is never a proof: whether the outcome is settled is said by `escruta.assessment.outcome` alone.
"""

from escruta.assessment.projection.calibration import Backcast
from escruta.assessment.projection.centres import Centres
from escruta.assessment.projection.missingness import Gap, Logit, Missingness, RateByClass, missingness
from escruta.assessment.projection.projecting import (
    ASSUMPTION,
    AreaProjection,
    Chance,
    Interval,
    Projection,
    project,
)
from escruta.assessment.projection.refusals import LEAST_COVERAGE, Reason

__all__ = [
    "ASSUMPTION",
    "LEAST_COVERAGE",
    "AreaProjection",
    "Backcast",
    "Centres",
    "Chance",
    "Gap",
    "Interval",
    "Logit",
    "Missingness",
    "Projection",
    "RateByClass",
    "Reason",
    "missingness",
    "project",
]
