"""One picture beside all the others: the same one again, a region of it, or its code on another sheet.

Every pair of pictures is compared by its hash. What then asks for pixels is bounded: the most alike pairs are looked
at, and the pages of all others bear P406, so nothing is left out in silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from escruta.apps.executing import Workplace
from escruta.apps.scan.gathering import Gathered, code_key
from escruta.apps.scan.homes import ScanHome
from escruta.apps.scan.laying import Pair, Places, lay_pairs
from escruta.apps.scan.nearness import Near, Regions
from escruta.apps.scan.pasted import CodePairs
from escruta.apps.scan.standing import Standing
from escruta.apps.scan.tables import page_of_copy
from escruta.sources.scans.evidence import NEAR_BITS, PictureFinding, each_near

REGION_BITS = 44
"""Pictures of two stations that look so alike are laid upon each other; photographs of two sheets differ by more."""
MOST_LAID = 100
"""How many pairs are laid upon each other, the most alike first: each takes a tenth of a second or two."""
MOST_NAMED = 10
"""How many others of one station, and of other stations, a picture's findings name; there may be thousands."""

NOT_COMPARED = "P406"

Rows = npt.NDArray[np.int64]


def findings_of_likeness(
    home: ScanHome, standing: Standing, gathered: Gathered, place: Workplace | None = None
) -> Iterator[tuple[str, str, PictureFinding]]:
    """Compare every page with every other one, and look closely where two are alike: copy, station, finding.

    What needs pixels is done at `place`, in this process where there is none. The findings come in any order.
    """
    pages = gathered.pages
    if pages.is_empty():
        return
    named = _Named(pages, standing)
    looks = np.frombuffer(b"".join(pages["look"]), dtype=np.uint64).reshape(pages.height, -1)
    same, other, regions = _compared(pages, looks)
    for code, near in (("P402", same.pairs()), ("P403", other.pairs())):
        yield from named.both(code, near)
    codes = CodePairs(gathered, looks)
    pairs = {named.pair(rows): rows for rows in regions.pairs()}
    pairs |= {named.pair(rows, code): rows for code, rows in codes.pairs()}
    unseen = regions.left_out | codes.left_out
    for pair, is_copied in lay_pairs(home, list(pairs), place):
        if is_copied is None:
            unseen[pairs[pair]] = True
        elif is_copied:
            yield from named.both("P404" if pair.codes is None else "P405", [pairs[pair]])
    yield from named.each(NOT_COMPARED, np.flatnonzero(unseen))
    yield from named.each("P401", np.flatnonzero(~named.alike), {"pictures": pages.height})


def _compared(pages: pl.DataFrame, looks: npt.NDArray[np.uint64]) -> tuple[Near, Near, Regions]:
    """Compare all hashes: nearly the same pictures of one station, of two, and those that may share a region."""
    stations = pages["station"].rank("dense").to_numpy()
    same, other, regions = Near(len(looks), MOST_NAMED), Near(len(looks), MOST_NAMED), Regions(len(looks), MOST_LAID)
    for found in each_near(looks, REGION_BITS):
        is_near = found.bits <= NEAR_BITS
        is_same = stations[found.pairs[:, 0]] == stations[found.pairs[:, 1]]
        same.add(found.pairs[is_near & is_same])
        other.add(found.pairs[is_near & ~is_same])
        regions.add(found.pairs[~is_near & ~is_same], found.bits[~is_near & ~is_same])
    return same, other, regions


class _Named:
    """Pages by their row, and which of them bear a finding of likeness."""

    def __init__(self, pages: pl.DataFrame, standing: Standing) -> None:
        self._standing = standing
        self._copies = pages["copy"]
        self._stations = pages["station"]
        self.alike = np.zeros(pages.height, dtype=np.bool_)

    def pair(self, rows: Rows, code: bytes | None = None) -> Pair:
        """Name two pages that are to be laid upon each other, whole or by a code that both bear."""
        one, other = (self._copies[int(row)] for row in rows)
        return Pair(
            one=one,
            other=other,
            codes=None if code is None else (self._places(one, code), self._places(other, code)),
        )

    def _places(self, copy: str, code: bytes) -> Places:
        page = self._standing.page(*page_of_copy(copy)) or {"codes": []}
        ours = (each["corners"] for each in page["codes"] if code_key(each) == code)
        return tuple(tuple((float(x), float(y)) for x, y in corners) for corners in ours)

    def both(self, code: str, pairs: Sequence[Rows] | Rows) -> Iterator[tuple[str, str, PictureFinding]]:
        """Give the finding of each page of a pair, which names the other one."""
        for pair in pairs:
            for own, beside in (pair, pair[::-1]):
                details = {"copy": self._copies[int(beside)], "station": self._stations[int(beside)]}
                yield from self.each(code, [int(own)], details)

    def each(
        self, code: str, rows: Sequence[int] | Rows, details: dict[str, str | int] | None = None
    ) -> Iterator[tuple[str, str, PictureFinding]]:
        """Give the same finding of several pages."""
        for row in rows:
            self.alike[row] = True
            found = PictureFinding(code=code, details=details or {})
            yield self._copies[int(row)], self._stations[int(row)], found
