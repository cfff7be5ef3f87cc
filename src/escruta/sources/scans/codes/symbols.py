"""The parts of a QR symbol that are known before it is read, and where its codewords stand.

Source: ISO/IEC 18004:2015, sections 6.3 (function patterns), 7.6 (interleaving), 7.7.3 (placement), 7.8 (masks), 7.9
and 7.10 (format and version information). Rows come first: a module is `(row, column)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from segno import consts

Modules = npt.NDArray[np.int8]
"""Modules of a symbol, `(side, side)`: 1 dark, -1 light, 0 not known."""
Places = npt.NDArray[np.intp]

HIGHEST_VERSION = 25
"""The largest symbol that our own reader tries: seals need 8 to 14, the sheets of 2024 had 5 to 7."""
FORMATS = np.array([[1 if code >> bit & 1 else -1 for bit in range(15)] for code in consts.FORMAT_INFO], np.int8)
"""The 32 format codes, least significant bit first; row `level << 3 | mask`."""
LEVEL_NAMES = ("M", "L", "H", "Q")
"""Names of the two bits of the level, as the format information writes them."""
MASKS = 8
_FINDER, _TIMING, _VERSION_FROM = 7, 6, 7


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Symbol:
    """What every symbol of one version has in common."""

    version: int
    side: int
    """Modules each way."""
    known: Modules
    """The function patterns and the version information."""
    format_places: Places
    """Both copies of the 15 bits of the format, least significant first: `(2, 15, 2)`."""
    data_places: Places
    """Each module of data in the order of its bit: `(bits, 2)`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """How the codewords of a version and level are divided."""

    places: tuple[npt.NDArray[np.intp], ...]
    """For each block, where its codewords stand in the interleaved stream, data first."""
    data: tuple[int, ...]
    """Data codewords of each block."""
    parity: int
    """Parity codewords of every block."""

    @property
    def codewords(self) -> int:
        """All codewords together."""
        return sum(len(places) for places in self.places)


@cache
def symbol_of(version: int) -> Symbol:
    """Build the symbol of a version, 1 to 40."""
    side = 17 + 4 * version
    known = np.zeros((side, side), np.int8)
    known[_TIMING, :] = known[:, _TIMING] = np.where(np.arange(side) % 2, -1, 1)
    _place_finders(known)
    _place_alignments(known, version)
    known[side - 8, 8] = 1  # the module that is always dark
    _place_version(known, version)
    formats = _format_places(side)
    function = known != 0
    function[formats[..., 0], formats[..., 1]] = True
    known[formats[..., 0], formats[..., 1]] = 0
    known[side - 8, 8] = 1
    return Symbol(version=version, side=side, known=known, format_places=formats, data_places=_data_places(function))


def _place_finders(known: Modules) -> None:
    side = len(known)
    far = np.maximum(*(np.abs(axis - 3) for axis in np.mgrid[-1 : _FINDER + 1, -1 : _FINDER + 1]))
    finder = np.where((far == 2) | (far == 4), -1, 1)  # noqa: PLR2004 - rings around the centre
    known[:8, :8] = finder[1:, 1:]
    known[:8, side - 8 :] = finder[1:, :-1]
    known[side - 8 :, :8] = finder[:-1, 1:]


def _place_alignments(known: Modules, version: int) -> None:
    if version == 1:
        return
    side = len(known)
    centres = consts.ALIGNMENT_POS[version - 2]
    far = np.maximum(*(np.abs(axis) for axis in np.mgrid[-2:3, -2:3]))
    for row in centres:
        for column in centres:
            near = (row < 9, column < 9, row > side - 10, column > side - 10)  # noqa: PLR2004 - under a finder
            if not ((near[0] and near[1]) or (near[0] and near[3]) or (near[2] and near[1])):
                known[row - 2 : row + 3, column - 2 : column + 3] = np.where(far == 1, -1, 1)


def _place_version(known: Modules, version: int) -> None:
    if version < _VERSION_FROM:
        return
    side, code = len(known), consts.VERSION_INFO[version - _VERSION_FROM]
    for bit in range(18):
        far, near = side - 11 + bit % 3, bit // 3
        known[near, far] = known[far, near] = 1 if code >> bit & 1 else -1


def _format_places(side: int) -> Places:
    first = [*((bit, 8) for bit in range(6)), (7, 8), (8, 8), (8, 7), *((8, 14 - bit) for bit in range(9, 15))]
    second = [*((8, side - 1 - bit) for bit in range(8)), *((side - 15 + bit, 8) for bit in range(8, 15))]
    return np.array([first, second], np.intp)


def _data_places(function: npt.NDArray[np.bool_]) -> Places:
    side = len(function)
    places = []
    right = side - 1
    while right > 0:
        if right == _TIMING:
            right -= 1
        rows = range(side - 1, -1, -1) if (right + 1) & 2 == 0 else range(side)
        places += [(row, column) for row in rows for column in (right, right - 1) if not function[row, column]]
        right -= 2
    return np.array(places, np.intp)


@cache
def blocks_of(version: int, level: str) -> Blocks:
    """Tell how the codewords are interleaved; level is L, M, Q or H."""
    lengths: list[tuple[int, int]] = []
    table: Any = consts.ECC[version]
    groups = table[LEVEL_NAMES.index(level)]
    for group in groups:
        lengths += [(group.num_data, group.num_total - group.num_data)] * group.num_blocks
    places: list[list[int]] = [[] for _ in lengths]
    at = 0
    for part in (0, 1):
        for index in range(max(length[part] for length in lengths)):
            for block, length in enumerate(lengths):
                if index < length[part]:
                    places[block].append(at)
                    at += 1
    return Blocks(
        places=tuple(np.array(one, np.intp) for one in places),
        data=tuple(data for data, _ in lengths),
        parity=lengths[0][1],
    )


@cache
def mask_of(version: int, mask: int) -> npt.NDArray[np.int8]:
    """Give -1 where the mask turns a module of data over, else 1; in the order of `data_places`."""
    rows, columns = symbol_of(version).data_places.T
    product = rows * columns
    conditions: tuple[Places, ...] = (
        (rows + columns) % 2,
        rows % 2,
        columns % 3,
        (rows + columns) % 3,
        (columns // 3 + rows // 2) % 2,
        product % 2 + product % 3,
        (product % 2 + product % 3) % 2,
        ((rows + columns) % 2 + product % 3) % 2,
    )
    return np.where(conditions[mask] == 0, -1, 1).astype(np.int8)
