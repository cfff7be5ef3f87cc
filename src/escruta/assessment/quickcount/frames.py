"""The list from which centres are drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """All centres of the country, each in one stratum; **what is not listed cannot be drawn**."""

    centres: tuple[str, ...]
    stratum: Whole
    """The stratum of each centre, as a code from 0, shape `(n,)`."""
    stratum_names: tuple[str, ...]
    registered: Floats
    """Registered voters of each centre, shape `(n,)`."""
    stations: Whole | None = None
    """Polling stations of each centre."""

    @property
    def sizes(self) -> Whole:
        """How many centres each stratum has."""
        return np.bincount(self.stratum, minlength=len(self.stratum_names)).astype(np.int64)
