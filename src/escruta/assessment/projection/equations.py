"""Henderson's mixed-model equations, solved by Cholesky, for all candidates at once.

Every candidate has the same columns and the same ratios of variances, and the candidates' own covariance multiplies
them: so predictions are linear in the votes, those of the candidates add up to those of their sum, and a margin is the
difference of two predictions exactly.

Source: C. R. Henderson, Best linear unbiased estimation and prediction under a selection model, Biometrics 31 (1975);
the update of the variances: S. N. Wood and M. Fasiolo, Biometrics 73 (2017), equation 6.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import linalg, optimize, sparse

from escruta.assessment.projection.centres import Floats, Whole
from escruta.assessment.projection.designs import Design

_STEPS = 8
_RIDGE = 1e-9
_STEEPEST = 3.0
_ROWS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Variances:
    """The ratios of variances, all relative to the residual one of a very large centre."""

    blocks: tuple[float, ...]
    """Of each random block."""
    size: float
    """c / a of the residual variance a + c / registered voters."""
    scale: Floats
    """Coefficients of the logarithm of what multiplies it."""

    def of(self, scale: Floats, registered: Floats) -> tuple[Floats, Floats]:
        """Split the residual variance of a rate in what stations of a centre share, and what each adds."""
        shared = np.exp(np.clip(scale @ self.scale, -_STEEPEST, _STEEPEST))
        return shared, shared * self.size / registered


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """The solved equations."""

    effects: Floats
    """Shape `(d, k)`."""
    inverse: Floats
    """Of the coefficient matrix, `(d, d)`: times `covariance`, the covariance of the errors of `effects`."""
    covariance: Floats
    """Between the candidates, `(k, k)`."""
    residuals: Floats
    """Of the centres that are in, `(n, k)`."""
    variances: Variances


def solve(design: Design, rows: Whole, rates: Floats, registered: Floats, variances: Variances) -> Solution:
    """Solve for given ratios of variances; `rows` are the places in the design of the centres that are in."""
    columns = design.columns[rows]
    shared, own = variances.of(design.scale[rows], registered)
    weights = 1 / (shared + own)
    weighted = sparse.csr_array(columns.T.multiply(weights[None, :]))
    matrix = (weighted @ columns).toarray()
    matrix[np.diag_indices_from(matrix)] += _precision(design, variances)
    triangle, failed = linalg.lapack.dpotrf(matrix, lower=1, overwrite_a=1)
    if failed:
        raise np.linalg.LinAlgError(f"the mixed-model equations are singular at column {failed}")
    effects = linalg.cho_solve((triangle, True), weighted @ rates, check_finite=False)
    inverse, _ = linalg.lapack.dpotri(triangle, lower=1, overwrite_c=1)
    inverse = np.tril(inverse)
    inverse += np.tril(inverse, -1).T
    residuals = rates - columns @ effects
    degrees = max(len(rows) - design.fixed, 1)
    covariance = (rates * weights[:, None]).T @ residuals / degrees
    return Solution(
        effects=effects,
        inverse=inverse,
        covariance=(covariance + covariance.T) / 2,
        residuals=residuals,
        variances=variances,
    )


def estimate(design: Design, rows: Whole, rates: Floats, registered: Floats, *, steps: int = _STEPS) -> Solution:
    """Estimate the ratios of variances from the centres that are in, and solve."""
    start = Variances(
        blocks=(0.1,) * len(design.blocks), size=float(np.median(registered)), scale=np.zeros(design.scale.shape[1])
    )
    found = solve(design, rows, rates, registered, start)
    for step in range(steps):
        better = replace(found.variances, blocks=_blocks(design, found))
        if step % 2 == 0:
            better = _residual(design, rows, registered, found, better)
        found = solve(design, rows, rates, registered, better)
    return found


def _precision(design: Design, variances: Variances) -> Floats:
    found = np.full(design.columns.shape[1], _RIDGE)
    for block, ratio in zip(design.blocks, variances.blocks, strict=True):
        found[block] += 1 / ratio
    return found


def _blocks(design: Design, found: Solution) -> tuple[float, ...]:
    """Update each block's ratio by its effects, against the degrees of freedom that it uses."""
    whole = _spread(found)
    diagonal = np.diag(found.inverse)
    ratios = []
    for block, ratio in zip(design.blocks, found.variances.blocks, strict=True):
        effects = found.effects[block]
        used = len(effects) - diagonal[block].sum() / ratio
        ratios.append(float(np.clip((effects**2).sum() / whole / max(used, 1e-6), 1e-8, 1e3)))
    return tuple(ratios)


def _spread(found: Solution) -> float:
    """Measure the candidates' variance as one number: by votes, so that the large ones weigh most."""
    return max(float(np.trace(found.covariance)), 1e-12)


def _residual(design: Design, rows: Whole, registered: Floats, found: Solution, variances: Variances) -> Variances:
    """Fit a + c / registered voters, and what multiplies it, to the squared residuals."""
    scale = design.scale[rows]
    squares = (found.residuals**2).sum(axis=1) / _spread(found) + _leverages(design.columns[rows], found.inverse)
    shared, own = variances.of(scale, registered)
    weights = 1 / (shared + own)
    known = np.stack([shared, shared / registered], axis=1)
    (large, small), _ = optimize.nnls(known * weights[:, None], squares * weights)
    large = max(float(large), 1e-9)
    size = float(np.clip(small / large, 1, 1e5))
    steeper = _log_variance(scale, squares / (large * (1 + size / registered)), variances.scale, design.scale_penalty)
    return replace(variances, size=size, scale=steeper)


def _leverages(columns: sparse.csr_array, inverse: Floats) -> Floats:
    parts = [
        np.asarray(part.multiply(part @ inverse).sum(axis=1)).ravel()
        for part in (columns[start : start + _ROWS] for start in range(0, columns.shape[0], _ROWS))
    ]
    return np.concatenate(parts)


def _log_variance(scale: Floats, squares: Floats, start: Floats, penalty: Floats) -> Floats:
    """Regress squares on exp(scale @ g), as gamma variables, with a ridge; steps are cut so that no centre rules."""
    found: Floats = start
    cross = scale.T @ scale / 2 + np.diag(penalty)
    for _ in range(3):
        line = np.clip(scale @ found, -2 * _STEEPEST, 2 * _STEEPEST)
        target = line + np.clip(squares / np.exp(line) - 1, -1, 8)
        found = np.asarray(np.linalg.solve(cross, scale.T @ target / 2), dtype=np.float64)
    return found
