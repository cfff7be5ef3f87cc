"""Ballot comparison, super-simple: single ballots are compared with what the machine recorded for each of them.

Only where the machines publish a record of each ballot that can be found again on paper. With diluted margin m, n
ballots and o1, o2 (u1, u2) of them overstating (understating) some margin by one and two votes::

    P = (1 - m/2g)^n (1 - 1/2g)^-o1 (1 - 1/g)^-o2 (1 + 1/2g)^-u1 (1 + 1/g)^-u2

Source: Stark 2010, *Super-simple simultaneous single-ballot risk-limiting audits*; the usual g is 1.03905.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

GAMMA = 1.03905
"""How much more than its largest error a ballot is allowed for; Stark's choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Misstatements:
    """How many ballots over- or understate some margin, by one and by two votes; or the rates of such ballots."""

    o1: float = 0
    o2: float = 0
    u1: float = 0
    u2: float = 0

    def log_cost(self, gamma: float = GAMMA) -> float:
        """Give what they add to ln P."""
        return -(
            self.o1 * math.log1p(-1 / (2 * gamma))
            + self.o2 * math.log1p(-1 / gamma)
            + self.u1 * math.log1p(1 / (2 * gamma))
            + self.u2 * math.log1p(1 / gamma)
        )

    @property
    def number(self) -> float:
        """All of them together."""
        return self.o1 + self.o2 + self.u1 + self.u2


NONE = Misstatements()
USUAL = Misstatements(o1=0.001, o2=0.0001, u1=0.001, u2=0.0001)
"""Rates that are usual where people mark paper."""


def log_risk(
    ballots: int, diluted_margin: float, found: Misstatements = NONE, *, gamma: float = GAMMA, part: float = 1.0
) -> float:
    """Give ln P, which may be above 0; `part` of the margin is what the ballots have to account for (strata)."""
    return ballots * math.log1p(-part * diluted_margin / (2 * gamma)) + found.log_cost(gamma)


def risk(ballots: int, diluted_margin: float, found: Misstatements = NONE, *, gamma: float = GAMMA) -> float:
    """Give P, at most 1.

    >>> round(risk(96, 0.05), 6)
    0.096516
    """
    return min(1.0, math.exp(min(0.0, log_risk(ballots, diluted_margin, found, gamma=gamma))))


def enough(diluted_margin: float, risk_limit: float, found: Misstatements = NONE, *, gamma: float = GAMMA) -> int:
    """Give how many ballots are enough with these misstatements, at least as many as they are themselves.

    >>> enough(0.05, 0.1), enough(0.05, 0.1, Misstatements(o1=1))
    (96, 123)
    """
    needed = -2 * gamma * (math.log(risk_limit) - found.log_cost(gamma)) / diluted_margin
    return max(math.ceil(needed), math.ceil(found.number))


def sample_size(
    diluted_margin: float, risk_limit: float, rates: Misstatements = USUAL, *, gamma: float = GAMMA
) -> float:
    """Give how many ballots to draw if misstatements turn up at these rates; infinite where they are too many.

    Misstatements by one vote are rounded up to whole ballots, those by two to the nearest, as Stark's tool does.

    >>> sample_size(0.2, 0.1)
    27
    """
    each = math.log1p(-diluted_margin / (2 * gamma)) + rates.log_cost(gamma)
    if each >= 0:
        return math.inf
    ballots = math.ceil(math.log(risk_limit) / each)
    expected = Misstatements(
        o1=math.ceil(rates.o1 * ballots),
        o2=round(rates.o2 * ballots),
        u1=math.ceil(rates.u1 * ballots),
        u2=round(rates.u2 * ballots),
    )
    return enough(diluted_margin, risk_limit, expected, gamma=gamma)
