r"""How many centres it takes, and how many of each stratum.

A centre's voters are like each other, so that n voters of one centre tell less than n voters of the country. With the
correlation rho inside centres and b ballots in a mean centre, the design effect is 1 + (b - 1) rho and the number of
centres is

.. math:: n_0 = \frac{z^2 p (1 - p) (1 + (b - 1) \rho)}{d^2 b}, \qquad n = \frac{n_0}{1 + n_0 / N}

for a half width d. More are drawn than needed, by the share that is expected not to answer.

Source: W. G. Cochran, Sampling Techniques, 3rd ed. (1977), sections 4.2 and 9.4; L. Kish, Survey Sampling (1965), 5.4.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from escruta.assessment.quickcount.frames import Frame, Whole

RHO = 0.12
"""The correlation inside centres from which planning may begin: that of the Venezuelan centres of 2024."""
_LEAST = 2
"""Fewer centres than this in a stratum leave its variance unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """One stratum of the plan."""

    name: str
    centres: int
    registered: int
    drawn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The size, and what it was worked out from."""

    half_width: float
    confidence: float
    share: float
    rho: float
    ballots_per_centre: float
    design_effect: float
    needed: int
    """Centres that have to answer."""
    drawn: int
    """Centres to draw."""
    no_answer: float
    strata: tuple[Stratum, ...]

    @property
    def allocation(self) -> tuple[int, ...]:
        """Centres to draw of each stratum."""
        return tuple(each.drawn for each in self.strata)


def plan(
    frame: Frame,
    *,
    half_width: float,
    confidence: float = 0.95,
    share: float = 0.5,
    rho: float = RHO,
    turnout: float = 0.7,
    no_answer: float = 0.1,
) -> Plan:
    """Work out how many centres give a share to within `half_width` (as a share: 0.01 is one point).

    Raises:
        ValueError: a share that is none.
    """
    _require_shares(half_width=half_width, confidence=confidence, share=share, turnout=turnout)
    if not 0 <= rho <= 1 or not 0 <= no_answer < 1:
        raise ValueError("rho and no_answer are shares, and somebody has to answer")
    ballots = max(float(frame.registered.mean()) * turnout, 1.0)
    effect = 1 + (ballots - 1) * rho
    z = float(norm.ppf((1 + confidence) / 2))
    first = z**2 * share * (1 - share) * effect / (half_width**2 * ballots)
    needed = math.ceil(first / (1 + first / len(frame.centres)) - 1e-9)
    whole = min(math.ceil(needed / (1 - no_answer) - 1e-9), len(frame.centres))
    registered = np.bincount(frame.stratum, weights=frame.registered, minlength=len(frame.stratum_names))
    allocated = allocate(whole, registered.tolist(), frame.sizes)
    return Plan(
        half_width=half_width,
        confidence=confidence,
        share=share,
        rho=rho,
        ballots_per_centre=ballots,
        design_effect=effect,
        needed=needed,
        drawn=sum(allocated),
        no_answer=no_answer,
        strata=tuple(
            Stratum(name=name, centres=int(size), registered=round(weight), drawn=number)
            for name, size, weight, number in zip(
                frame.stratum_names, frame.sizes, registered.tolist(), allocated, strict=True
            )
        ),
    )


def allocate(whole: int, weights: Sequence[float], sizes: Whole) -> tuple[int, ...]:
    """Share out centres in proportion to registered voters, one by one to whoever is furthest behind.

    Each stratum gets at least two where it has two, and at most all that it has; so a little more than `whole` may come
    out where there are many small strata.
    """
    least = [min(_LEAST, int(size)) for size in sizes]
    found = list(least)
    open_strata = {place for place, size in enumerate(sizes) if size > found[place]}
    while open_strata and sum(found) < whole:
        total = sum(weights[place] for place in open_strata)
        behind = {place: whole * weights[place] / total - found[place] for place in open_strata}
        place = max(sorted(behind), key=behind.__getitem__)
        found[place] += 1
        if found[place] >= sizes[place]:
            open_strata.discard(place)
    return tuple(found)


def _require_shares(**values: float) -> None:
    wrong = {name: value for name, value in values.items() if not 0 < value < 1}
    if wrong:
        raise ValueError(f"not between 0 and 1: {wrong}")
