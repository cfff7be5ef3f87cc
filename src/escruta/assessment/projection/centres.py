"""The centres of a country on the night: who is in, who is out, and what was known of each before.

The stations of one centre arrive together, so that the centre is the unit of every variance here, never the station.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Centres:
    """All centres of the frame, in any order; `n` of them, `k` candidates, `p` covariates.

    **The frame is complete**: what is in no row is not projected. Registered voters are of this election.
    """

    candidates: tuple[str, ...]
    votes: Whole
    """Of the counted stations, shape `(n, k)`; zeros where nothing is counted."""
    registered: Floats
    """Of all stations of the centre, positive, shape `(n,)`."""
    counted: Floats
    """Registered voters of the counted stations, from 0 (out) to `registered` (in), shape `(n,)`."""
    areas: tuple[Whole, ...]
    """The area of each centre at each level, widest first, as codes from 0; -1 where it is not known."""
    area_names: tuple[tuple[str, ...], ...] = ()
    """The name of each code at each level."""
    covariates: Floats | None = None
    """Known before the night, shape `(n, p)`; NaN in a whole row where a centre has no earlier result."""
    covariate_names: tuple[str, ...] = ()
    """The first is the lean: a share in the earlier election; the model bends along it."""
    arrival: Floats | None = None
    """When each centre came in (any unit), NaN while it is out; None where nobody knows."""

    is_register: bool = True
    """Whether all are on a register; False where a part is supposed, so that no area has a hard
    bound, only the country."""

    @property
    def is_in(self) -> NDArray[np.bool_]:
        """Whether anything of a centre is counted."""
        found: NDArray[np.bool_] = self.counted > 0
        return found

    @property
    def out(self) -> Floats:
        """Registered voters of the stations that are out."""
        return self.registered - self.counted

    @property
    def coverage(self) -> float:
        """The share of the registered voters whose station is counted."""
        return float(self.counted.sum() / self.registered.sum())

    def codes(self, level: int | None) -> Whole:
        """Give each centre's area at a level, 0 for all where the level is None: the country; unknown areas last."""
        if level is None:
            return np.zeros(len(self.registered), dtype=np.int64)
        found = self.areas[level]
        return np.where(found < 0, found.max(initial=-1) + 1, found)
