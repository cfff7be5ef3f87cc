"""What will come: the stations outside, from those inside, the areas and an earlier election.

The doors::

    frame = framed(stations, baseline=baseline_of(table), ...)   # a record's centres, and those that are missing
    found = project(frame.centres)               # country, areas, intervals, and why not where the model refuses
    found.country.margin.low               # the low end, never beyond what is possible
    found.missing.gaps                     # how those out differ from those in: always shown beside it

An estimate is never a proof: whether the outcome is settled is said by `escruta.assessment.outcome` alone.
"""

from escruta.assessment.projection.baselines import Baseline, baseline_of
from escruta.assessment.projection.calibration import Backcast
from escruta.assessment.projection.centres import Centres
from escruta.assessment.projection.each_centre import EachCentre, each_centre
from escruta.assessment.projection.framing import NEW_SHARE, FramedCentres, framed
from escruta.assessment.projection.missingness import Gap, Logit, Missingness, RateByClass, missingness
from escruta.assessment.projection.projecting import (
    ASSUMPTION,
    AreaProjection,
    Chance,
    Interval,
    Projection,
    fit,
    project,
)
from escruta.assessment.projection.refusals import LEAST_COVERAGE, Reason

__all__ = [
    "ASSUMPTION",
    "LEAST_COVERAGE",
    "NEW_SHARE",
    "AreaProjection",
    "Backcast",
    "Baseline",
    "Centres",
    "Chance",
    "EachCentre",
    "FramedCentres",
    "Gap",
    "Interval",
    "Logit",
    "Missingness",
    "Projection",
    "RateByClass",
    "Reason",
    "baseline_of",
    "each_centre",
    "fit",
    "framed",
    "missingness",
    "project",
]
