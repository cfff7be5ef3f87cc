"""The ratio of two totals from a stratified sample of centres, with the linearised variance of its design.

Source: C.-E. Särndal, B. Swensson and J. Wretman, Model Assisted Survey Sampling (1992), section 5.6; W. G. Cochran,
Sampling Techniques, 3rd ed. (1977), sections 6.4 and 6.11. Strata of which fewer than two centres answered are put
together, and with the smallest other one where they have too few all the same (collapsed strata, Cochran 5A.12).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import t

from escruta.assessment.quickcount.frames import Floats, Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """An estimated ratio."""

    value: float
    standard_error: float
    degrees: int
    """Degrees of freedom: centres that answered, less strata."""

    def interval(self, confidence: float) -> tuple[float, float]:
        """Give the interval with quantiles of Student's t; all there is where no degree of freedom is left."""
        if self.degrees < 1:
            return (-np.inf, np.inf)
        wide = float(t.ppf((1 + confidence) / 2, self.degrees)) * self.standard_error
        return self.value - wide, self.value + wide


def ratio(above: Floats, below: Floats, stratum: Whole, sizes: Whole) -> Ratio:
    """Estimate the country's total of `above` over that of `below`.

    The arrays are of the centres that answered; `sizes` is how many centres each stratum has.

    Raises:
        ValueError: nobody answered, or there is nothing to divide by.
    """
    if not len(above):
        raise ValueError("no centre answered")
    codes, whole = collapsed(stratum, sizes)
    answered = np.bincount(codes, minlength=len(whole))
    weight = whole[codes] / answered[codes]
    estimated = float(weight @ below)
    if estimated <= 0:
        raise ValueError("the centres that answered have no vote")
    value = float(weight @ above) / estimated
    errors = above - value * below
    middle = np.bincount(codes, weights=errors, minlength=len(whole)) / np.maximum(answered, 1)
    squares = np.bincount(codes, weights=(errors - middle[codes]) ** 2, minlength=len(whole))
    variance = squares / np.maximum(answered - 1, 1)
    share = answered / np.maximum(whole, 1)
    parts = whole**2 * (1 - share) * variance / np.maximum(answered, 1)
    return Ratio(
        value=value,
        standard_error=float(np.sqrt(parts[answered > 0].sum())) / estimated,
        degrees=int(len(above) - (answered > 0).sum()),
    )


def total_by_ratio(above: Floats, below: Floats, stratum: Whole, sizes: Whole, *, known: float) -> Ratio:
    """Estimate the total of `above` from the known total of `below` in the country (registered voters, say)."""
    found = ratio(above, below, stratum, sizes)
    return Ratio(value=known * found.value, standard_error=known * found.standard_error, degrees=found.degrees)


def collapsed(stratum: Whole, sizes: Whole) -> tuple[Whole, Whole]:
    """Put strata of which fewer than two centres answered (though they have more) together; give codes and sizes."""
    answered = np.bincount(stratum, minlength=len(sizes))
    thin = (answered < 2) & (answered < sizes)  # noqa: PLR2004 - one centre has no variance
    if not thin.any():
        return stratum, sizes
    joined = thin.copy()
    if answered[joined].sum() < 2 and (~thin).any():  # noqa: PLR2004
        others = np.flatnonzero(~thin)
        joined[others[np.argmin(sizes[others])]] = True
    first = int(np.flatnonzero(joined)[0])
    mapping = np.where(joined, first, np.arange(len(sizes)))
    merged = np.bincount(mapping, weights=sizes, minlength=len(sizes)).astype(np.int64)
    return mapping[stratum], merged
