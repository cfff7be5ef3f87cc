r"""The columns of the model: what all centres share, and what each area adds of its own.

With the standardised lean x, size s = ln(registered voters) and further covariates t:

.. math::

    y_c = \beta_0 + \beta' (x, t, s, x^2, x s)_c + u_{a(c)} + b_{a(c)}' (x, t, s, s^2, x s)_c + w_{m(c)}
        + h_{m(c)} s_c + e_c

where a is the widest level of areas and m the next ones. A centre without an earlier result has a mean of its own, and
its areas may depart from it. Without any earlier election the size alone is left.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from escruta.assessment.projection.centres import Centres, Floats, Whole

_MOST_GROUPS = 500
"""A level with more areas than this is left to the residual: its equations cost more than they tell."""
_LONGEST = 4.0
"""Standardised covariates end here: a centre may not pull the line however far out it lies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """The columns of every centre, and which of them are random."""

    columns: sparse.csr_array
    """Shape `(n, d)`: the fixed columns first, then one block after the other."""
    fixed: int
    """How many columns are fixed."""
    blocks: tuple[slice, ...]
    """The columns of each random block; one variance each."""
    groups: tuple[Whole, ...]
    """For each block, the area of each centre that it speaks of."""
    scale: Floats
    """What the residual variance may depend on, shape `(n, q)`."""
    scale_penalty: Floats
    """How strongly each of those is held to zero."""
    features: Floats
    """The standardised covariates and size, shape `(n, p + 1)`; 0 where there is no earlier result."""


def design_of(centres: Centres) -> Design:
    """Lay out the columns for all centres, in or out."""
    features, absent = _features(centres)
    lean = features[:, 0]
    size = features[:, -1]
    bends = [lean * size] if features.shape[1] > 1 else []
    fixed = [np.ones(len(size)), *features.T, *([lean**2 - 1, *bends] if bends else [])]
    if absent.any() and not absent.all():
        fixed += [absent * 1.0, absent * size]
    parts = [sparse.csr_array(np.stack(fixed, axis=1))]
    groups: list[Whole] = []
    for codes, slope in _random(centres, features, bends, absent):
        groups.append(codes)
        parts.append(_indicators(codes, slope))
    widths = np.cumsum([part.shape[1] for part in parts])
    blocks = tuple(slice(int(low), int(high)) for low, high in itertools.pairwise(widths))
    scale, penalty = _scale(centres, features)
    return Design(
        columns=sparse.csr_array(sparse.hstack(parts)),
        fixed=int(widths[0]),
        blocks=blocks,
        groups=tuple(groups),
        scale=scale,
        scale_penalty=penalty,
        features=features,
    )


def _features(centres: Centres) -> tuple[Floats, Floats]:
    """Standardise covariates and size over all centres that have them."""
    size = np.log(centres.registered)[:, None]
    if centres.covariates is None or not centres.covariates.shape[1]:
        return _standard(size), np.zeros(len(size))
    absent: NDArray[np.bool_] = np.asarray(np.isnan(centres.covariates).any(axis=1))
    known = np.where(absent[:, None], np.nan, centres.covariates)
    found = np.hstack([_standard(known), _standard(size)])
    return np.where(np.isnan(found), 0.0, found), absent.astype(np.float64)


def _standard(values: Floats) -> Floats:
    spread = np.nanstd(values, axis=0)
    found: Floats = np.clip(
        (values - np.nanmean(values, axis=0)) / np.where(spread > 0, spread, 1), -_LONGEST, _LONGEST
    )
    return found


def _random(centres: Centres, features: Floats, bends: list[Floats], absent: Floats) -> list[tuple[Whole, Floats]]:
    size = features[:, -1]
    blocks: list[tuple[Whole, Floats]] = []
    used = 0
    for place in range(len(centres.areas)):
        codes = centres.codes(place)
        if not 1 < len(np.unique(codes)) <= min(_MOST_GROUPS, len(codes) // 2):
            continue
        slopes = [np.ones(len(size))]
        used += 1
        if used == 1:
            slopes += [*features.T, size**2 - 1, *bends, *([absent] if absent.any() else [])]
        elif used == 2:  # noqa: PLR2004 - the next level
            slopes += [size]
        blocks += [(codes, slope) for slope in slopes]
    return blocks


def _indicators(codes: Whole, values: Floats) -> sparse.csr_array:
    count = int(codes.max()) + 1
    return sparse.csr_array((values, (np.arange(len(codes)), codes)), shape=(len(codes), count))


def _scale(centres: Centres, features: Floats) -> tuple[Floats, Floats]:
    """Let the residual variance follow the covariates, and each of the widest areas a little."""
    lean, size = features[:, 0], features[:, -1]
    columns = [*features.T, lean**2 - 1, size**2 - 1] if features.shape[1] > 1 else [size, size**2 - 1]
    penalty = [1.0] * len(columns)
    if centres.areas:
        codes = centres.codes(0)
        for code in np.unique(codes):
            columns.append((codes == code) * 1.0)
            penalty.append(10.0)
    return np.stack(columns, axis=1), np.array(penalty)
