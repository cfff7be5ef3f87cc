"""A code that was read, and how hard to try."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

Corners = npt.NDArray[np.float64]
"""Four points `(x, y)` in pixels of the picture, clockwise from the top left of the symbol as printed: `(4, 2)`."""


class Effort(StrEnum):
    """How hard to try."""

    QUICK = "quick"
    """One pass of zxing-cpp: what any phone reads."""
    USUAL = "usual"
    """The whole cascade, up to 1.5 seconds of computing for a picture."""
    THOROUGH = "thorough"
    """The same with more time: for the pictures that matter."""


class Method(StrEnum):
    """What read a code."""

    ZXING = "zxing"
    SOFT = "soft"
    """Our own reader, on one printed copy of the code."""
    COMBINED = "combined"
    """Our own reader, on what two printed copies of the same code show together."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Code:
    """One code on a picture, read exactly."""

    text: str
    corners: Corners
    version: int
    """1 to 40; a symbol has 17 + 4 × version modules each way (ISO/IEC 18004, table 1)."""
    level: str
    """L, M, Q or H: how much damage it can bear."""
    method: Method
    corrected: float | None = None
    """How much of what the code can correct was needed, 0 to 1; None where the reader does not tell."""
