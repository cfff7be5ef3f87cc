"""Two strata: the risk is the largest over every division of the margin, also where what was found is against it."""

from itertools import pairwise

import numpy as np
import pytest

from escruta.audit.stratified import (
    BatchStratum,
    ComparisonStratum,
    PollingStratum,
    product,
    stratified_risk,
)
from escruta.audit.supersimple import Misstatements

CLOSE = 1e-5
POLLED = [
    (PollingStratum(ballots=874, votes=(340, 202), drawn=103, sample=(46, 25)), 194),
    (PollingStratum(ballots=944, votes=(341, 328), drawn=200, sample=(72, 66)), 124),
    (PollingStratum(ballots=1615, votes=(426, 838), drawn=40, sample=(13, 17)), 207),
    (PollingStratum(ballots=1000, votes=(600, 200), drawn=100, sample=(40, 35)), 150),
]


def boxes(clean: int, *taints: float, reach: int) -> BatchStratum:
    return BatchStratum(reach_votes=reach, tainted=np.array([0.0] * clean + list(taints)))


COMPARED = [
    boxes(46, 0.15, 0.47, 0.59, reach=332),
    boxes(77, 0.16, 0.45, 0.28, reach=349),
    boxes(60, -0.2, -0.4, reach=1000),
    ComparisonStratum(ballots=2000, votes=(1100, 800), drawn=300, found=Misstatements(o1=2, o2=1)),
]


@pytest.mark.parametrize("compared", COMPARED, ids=["taints", "more taints", "understatements", "ballots"])
@pytest.mark.parametrize("polled", POLLED, ids=["874", "944", "1615", "1000"])
def test_no_division_of_the_margin_has_a_larger_risk(compared, polled):
    slips, margin = polled
    bound = stratified_risk((compared, slips), margin, combine=product, close=CLOSE)
    low, high = 1 - slips.reach_votes / margin, compared.reach_votes / margin
    parts = [*np.linspace(low, high, 61), *(each for each in (1e-9, 0.03, 0.3, 1 - 1e-9) if low <= each <= high)]
    largest = max(product(compared.log_risk(part, margin), slips.log_risk(1 - part, margin)) for part in parts)
    assert largest <= bound + CLOSE


@pytest.mark.parametrize(
    "stratum",
    [*COMPARED, *(slips for slips, _ in POLLED)],
    ids=lambda each: f"{type(each).__name__}-{each.reach_votes}",
)
def test_a_stratums_risk_never_rises_with_its_part(stratum):
    parts = [-1.0, -1e-9, 0.0, 1e-9, 0.01, 0.1, 0.2, 0.4, 0.7, 1.0, 1.5]
    risks = [stratum.log_risk(part, 150) for part in parts]
    assert all(later <= sooner + 1e-9 for sooner, later in pairwise(risks))
