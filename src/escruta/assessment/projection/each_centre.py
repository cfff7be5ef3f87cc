"""The projection of each centre by itself, of those where something is out: columns, as there may be very many."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm, t

from escruta.assessment.projection.centres import Floats, Whole
from escruta.assessment.projection.projecting import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class EachCentre:
    """What each centre may end with; only the centres where something is out, `m` of them."""

    rows: Whole
    """Which centres of the frame, shape `(m,)`."""
    middle: Floats
    """Votes of each candidate, counted and projected together, shape `(m, k)`."""
    low: Floats
    high: Floats
    level: float


def each_centre(model: Model, level: float) -> EachCentre:
    """Project each centre where something is out; intervals are widened as those of its widest area are.

    No figure is below what is counted, or above that with every registered voter whose station is out.
    """
    centres = model.centres
    rows = np.flatnonzero(centres.out > 0)
    codes = np.zeros(len(centres.registered), dtype=np.int64)
    codes[rows] = np.arange(len(rows))
    found = model.forecast(codes)
    above = centres.codes(0 if centres.areas else None)[rows]
    quantiles = np.where(
        np.isinf(found.degrees), norm.ppf((1 + level) / 2), t.ppf((1 + level) / 2, np.minimum(found.degrees, 1e9))
    )
    count = centres.votes.shape[1]
    wide = np.zeros((len(rows), count))
    for place, weights in enumerate(np.eye(count)):
        by_area, _ = model.backcast.factors(weights)
        wide[:, place] = found.spread(weights) * by_area[above] * quantiles
    counted = centres.votes[rows].astype(np.float64)
    most = counted + centres.out[rows][:, None]
    middle = counted + found.mean
    low, centre, high = (np.clip(values, counted, most) for values in (middle - wide, middle, middle + wide))
    return EachCentre(rows=rows, middle=centre, low=low, high=high, level=level)
