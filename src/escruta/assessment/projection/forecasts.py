"""What the stations that are out will bring: one mean and one variance for each area and candidate.

A centre of which a part is in tells of its own rest: what its stations share moves the prediction of the others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from escruta.assessment.projection.centres import Centres, Floats, Whole
from escruta.assessment.projection.designs import Design
from escruta.assessment.projection.equations import Solution


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The votes that are out, for each of some areas."""

    mean: Floats
    """Shape `(areas, k)`."""
    variance: Floats
    """Shape `(areas,)`: times `covariance`, that of the votes of the candidates in the area."""
    covariance: Floats
    """Between the candidates, `(k, k)`."""
    degrees: Floats
    """Degrees of freedom of each area's variance, after Satterthwaite; infinite where they do not matter."""

    def spread(self, weights: Floats) -> Floats:
        """Give the standard deviation of a sum of candidates' votes with weights, for each area."""
        found: Floats = np.sqrt(np.maximum(self.variance * float(weights @ self.covariance @ weights), 0))
        return found


def forecast(design: Design, centres: Centres, solution: Solution, rows: Whole, codes: Whole) -> Forecast:
    """Predict what is out in each area of `codes` (shape `(n,)`); `rows` are the centres that the solution saw."""
    out = np.flatnonzero(centres.out > 0)
    shared, own, partial = _shares(design, centres, solution, rows, out)
    rest = centres.out[out]
    told = np.zeros((len(out), solution.effects.shape[1]))
    seen = partial > 0
    place = np.full(len(centres.registered), -1)
    place[rows] = np.arange(len(rows))
    told[seen] = solution.residuals[place[out[seen]]] * partial[seen, None]
    columns = design.columns[out]
    count = int(codes.max()) + 1
    into = sparse.csr_array((rest, (codes[out], np.arange(len(out)))), shape=(count, len(out)))
    lean = sparse.csr_array((rest * (1 - partial), (codes[out], np.arange(len(out)))), shape=(count, len(out)))
    loads = (lean @ columns).toarray()
    mean = (into @ (columns @ solution.effects)) + into @ (told)
    left = rest**2 * (shared * (1 - partial) + own)
    noise = np.bincount(codes[out], weights=left, minlength=count)
    carried = np.einsum("ij,ij->i", loads @ solution.inverse, loads)
    return Forecast(
        mean=mean,
        variance=carried + noise,
        covariance=solution.covariance,
        degrees=_degrees(design, rows, solution, loads, carried + noise),
    )


def _shares(
    design: Design, centres: Centres, solution: Solution, rows: Whole, out: Whole
) -> tuple[Floats, Floats, Floats]:
    """Split the variance of what is out, and say how much of a centre's own residual its rest takes over."""
    shared, own = solution.variances.of(design.scale[out], centres.out[out])
    there = np.zeros(len(centres.registered), dtype=bool)
    there[rows] = True
    counted = np.where(there[out], centres.counted[out], 0)
    seen = counted > 0
    noise = own[seen] * centres.out[out][seen] / counted[seen]
    partial = np.zeros(len(out))
    partial[seen] = shared[seen] / (shared[seen] + noise)
    return shared, own, partial


def _degrees(design: Design, rows: Whole, solution: Solution, loads: Floats, whole: Floats) -> Floats:
    """Weigh in that few areas told of the variance between areas, wherever an area is predicted of which nothing is in.

    Source: F. E. Satterthwaite, Biometrics Bulletin 2 (1946).
    """
    found = np.zeros(len(whole))
    for block, codes, ratio in zip(design.blocks, design.groups, solution.variances.blocks, strict=True):
        seen = np.unique(codes[rows])
        unseen = np.setdiff1d(np.arange(block.stop - block.start), seen)
        part = ratio * (loads[:, block][:, unseen] ** 2).sum(axis=1)
        found += part**2 / max(len(seen) - 1, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(found > 0, np.maximum(whole**2 / found, 1.0), np.inf)
