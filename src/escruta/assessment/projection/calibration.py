"""How wrong the model was tonight: it is set back to earlier moments, and asked for what has come in since.

The factor widens the intervals and never narrows them. Where nobody knows in which order the centres came in, they are
put in an order that is like the gap between those in and those out: the last ones are those most like the missing.

Source: rolling-origin evaluation, L. J. Tashman, International Journal of Forecasting 16 (2000).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from escruta.assessment.projection.centres import Centres, Floats, Whole
from escruta.assessment.projection.designs import Design
from escruta.assessment.projection.equations import Variances, solve

_ORIGINS = (0.4, 0.55, 0.7, 0.85)
_PRIOR = 2.0
"""How many of its own moments an area needs before they weigh as much as those of all areas together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backcast:
    """What the model said at earlier moments against what came, for the country and the widest areas."""

    moments: tuple[float, ...]
    """The share of tonight's centres that were in."""
    errors: Floats
    """Votes that came minus votes predicted, `(moments, areas + 1, k)`; the country is last."""
    variance: Floats
    """As in `Forecast.variance`, `(moments, areas + 1)`; 0 where nothing came."""
    covariance: Floats
    known_order: bool
    """Whether the order is that of the night, and not a supposed one."""

    def surprises(self, weights: Floats) -> Floats:
        """Divide the errors of a weighted sum of candidates by their standard deviations; NaN where nothing came."""
        spread = np.sqrt(np.maximum(self.variance * float(weights @ self.covariance @ weights), 0))
        with np.errstate(divide="ignore", invalid="ignore"):
            found: Floats = np.where(spread > 0, (self.errors @ weights) / spread, np.nan)
        return found

    def factors(self, weights: Floats) -> tuple[Floats, float]:
        """Give the factor of each of the widest areas, and that of the country: at least 1, and that of all areas."""
        squares = self.surprises(weights) ** 2
        areas, country = squares[:, :-1], squares[:, -1]
        if not np.isfinite(country).any():
            return np.ones(areas.shape[1]), 1.0
        pooled = float(np.nanmean(areas)) if np.isfinite(areas).any() else 1.0
        own = np.isfinite(areas).sum(axis=0)
        mixed = (_PRIOR * pooled + np.nansum(areas, axis=0)) / (_PRIOR + own)
        whole = max(1.0, pooled, float(np.nanmean(country)))
        return np.sqrt(np.maximum(max(1.0, pooled), mixed)), float(np.sqrt(whole))


def backcast(design: Design, centres: Centres, variances: Variances, rates: Floats, *, seed: int = 0) -> Backcast:
    """Set the model back to earlier moments of the night, with the variances that it has now."""
    order = arrival_order(design, centres, seed=seed)
    codes = centres.codes(0 if centres.areas else None)
    count = int(codes.max()) + 1
    errors, spreads = [], []
    covariance = np.eye(rates.shape[1])
    for moment in _ORIGINS:
        first = max(int(moment * len(order)), design.fixed + 1)
        before, after = order[:first], order[first:]
        found = solve(design, before, rates[before], centres.counted[before], variances)
        covariance = found.covariance
        weight = centres.counted[after]
        shared, own = variances.of(design.scale[after], weight)
        predicted = np.asarray(design.columns[after] @ found.effects)
        missed = (rates[after] - predicted) * weight[:, None]
        error = np.stack([np.bincount(codes[after], weights=column, minlength=count) for column in missed.T], axis=1)
        noise = np.bincount(codes[after], weights=weight**2 * (shared + own), minlength=count)
        loads = _loads(design, after, weight, codes[after], count)
        carried = np.einsum("ij,ij->i", loads @ found.inverse, loads)
        errors.append(np.vstack([error, error.sum(axis=0)]))
        spreads.append(np.append(np.where(noise > 0, carried[:-1] + noise, 0), carried[-1] + noise.sum()))
    return Backcast(
        moments=_ORIGINS,
        errors=np.stack(errors),
        variance=np.stack(spreads),
        covariance=covariance,
        known_order=centres.arrival is not None,
    )


def _loads(design: Design, rows: Whole, weight: Floats, codes: Whole, count: int) -> Floats:
    into = sparse.csr_array((weight, (codes, np.arange(len(rows)))), shape=(count, len(rows)))
    areas = (into @ design.columns[rows]).toarray()
    return np.vstack([areas, areas.sum(axis=0)])


def arrival_order(design: Design, centres: Centres, *, seed: int = 0) -> Whole:
    """Put the centres that are in in the order in which they came, or in a supposed one where nobody knows it."""
    rows = np.flatnonzero(centres.is_in)
    if centres.arrival is not None:
        return rows[np.argsort(centres.arrival[rows], kind="stable")]
    chance = np.random.default_rng(seed).gumbel(size=len(rows))
    score = features_of_gap(design, centres)[rows]
    return rows[np.argsort(-(score + chance), kind="stable")]


def features_of_gap(design: Design, centres: Centres) -> Floats:
    """Fit by logistic regression how readily each centre comes in; with nobody out, all alike.

    The logit is of lean, size and the other covariates, fitted by Newton's method with a small ridge.
    """
    columns = np.column_stack([np.ones(len(design.features)), design.features])
    inside = centres.is_in * 1.0
    found = np.zeros(columns.shape[1])
    if inside.all():
        return columns @ found
    for _ in range(8):
        chance = 1 / (1 + np.exp(-np.clip(columns @ found, -30, 30)))
        weight = chance * (1 - chance)
        slope = columns.T @ (inside - chance) - 1e-3 * found
        curve = (columns * weight[:, None]).T @ columns + 1e-3 * np.eye(len(found))
        found = found + np.linalg.solve(curve, slope)
    return columns @ found
