"""One picture to its codes: the quick reader first, then our own, on the places that either of them finds.

What is done depends on the picture alone and never on a clock, so the same picture gives the same answer everywhere;
the number of attempts is bounded instead, so that a hopeless picture is given up in time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from escruta.sources.scans.codes.finders import Place, find_finders, places_of, places_of_two, settle
from escruta.sources.scans.codes.grids import COARSE_TO_FINE, Bending, Field, bend, flat_centres, straighten
from escruta.sources.scans.codes.quick import PIECE_PIXELS, Found, codes_of, look, reduced
from escruta.sources.scans.codes.soft import Reading, odds_of, read_soft, read_together
from escruta.sources.scans.codes.symbols import HIGHEST_VERSION, Symbol, symbol_of
from escruta.sources.scans.codes.values import Code, Corners, Effort, Method
from escruta.sources.scans.payloads import payload_of
from escruta.sources.scans.pictures import Picture, Pixels

_ATTEMPTS = {Effort.QUICK: (0, 0), Effort.USUAL: (3, 90), Effort.THOROUGH: (12, 400)}
"""How many places our own reader tries, and how many it looks at."""
_FAINTLY_SEEN, _WORTH_SETTLING, _SEEN, _CLEARLY_SEEN = 0.36, 0.48, 0.55, 0.72
"""Correlations of finder patterns: from the first on, other versions are tried; from the second, corners are bettered;
from the third, a place is read; from the last, no other version is tried."""
_SHARES = ((240, 195, 160), (430, 355, 293, 131), (107, 89, 80, 65, 53, 43))
"""Modules across the narrower side of the picture, as they are looked for: a strip, a page, the code alone."""
_AGAIN = Bending(knots=12, blur=0.3, weight=2)
_PLACES = 8
_SMALLEST_MODULE, _SMALL = 1.7, 600
"""Pixels of a module that can still be read, and of a picture in which the code may stand alone."""
_WORKING_PIXELS = 16_000_000
"""A larger picture is searched at half its size: a sheet that fills it has dots enough left."""
_TURNS = 2


def read_codes(picture: Picture, *, effort: Effort = Effort.USUAL) -> tuple[Code, ...]:
    """Read every code on the picture; what cannot be read exactly is not read."""
    if picture.is_large:
        first, scale = reduced(picture.half, 2.0, PIECE_PIXELS)
        codes = codes_of(first)
        if any_payload(codes):
            return _scaled(codes, scale)
    grey, scale = _working(picture)
    found = look(grey)
    if any_payload(found.codes) or found.is_crowded or effort is Effort.QUICK:
        return _scaled(found.codes, scale)
    search = _Search(grey, *_ATTEMPTS[effort])
    read = search.run(found, thorough=effort is Effort.THOROUGH)
    return _scaled((*found.codes, *read), scale)


def _working(picture: Picture) -> tuple[Pixels, float]:
    """Give the picture at a size that is worth searching, and how much smaller that is."""
    if picture.width * picture.height <= _WORKING_PIXELS:
        return picture.grey, 1.0
    return reduced(picture.half, 2.0, _WORKING_PIXELS)


def _scaled(codes: tuple[Code, ...], scale: float) -> tuple[Code, ...]:
    """Bring corners back to the pixels of the picture."""
    return codes if scale == 1.0 else tuple(replace(code, corners=code.corners * scale) for code in codes)


def any_payload(codes: tuple[Code, ...]) -> bool:
    """Tell whether one of the codes is a sheet's: an address or an advertisement does not end the search."""
    return any(not payload_of(code.text).is_refused for code in codes)


@dataclass
class _Search:
    """Our own reader at work on one picture."""

    grey: Pixels
    attempts: int
    looks: int
    tried: list[tuple[Place, Field]] = field(default_factory=list)

    def run(self, found: Found, *, thorough: bool) -> tuple[Code, ...]:
        """Try one place after the other until a code is read or no attempt is left."""
        for place in self._places(found, thorough=thorough):
            if any(_is_no_better(place, other) for other, _ in self.tried):
                continue
            self.attempts -= 1
            code = self._read(place)
            if code:
                return (code,)
            if self.attempts <= 0:
                break
        return ()

    def _places(self, found: Found, *, thorough: bool) -> Iterator[Place]:
        for corners, version in found.unread:
            yield from self._settled(corners, version)
        narrow = min(self.grey.shape)
        seen = []
        for shares in _SHARES if thorough or narrow < _SMALL else _SHARES[:2]:
            modules = tuple(narrow / share for share in shares if narrow / share > _SMALLEST_MODULE)
            seen.append(find_finders(self.grey, modules))
            for corners, version in places_of(seen[-1], _PLACES):
                yield from self._settled(corners, version)
        for finders in seen:
            for corners, version in places_of_two(finders, 2 * _PLACES):
                yield from self._settled(corners, version)

    def _settled(self, corners: Corners, version: int) -> Iterator[Place]:
        if any(_is_near(corners, other.corners) for other, _ in self.tried):
            return
        best = self._look(corners, version, rounds=1)
        if best.score < _FAINTLY_SEEN:
            return
        for step in (1, -1):
            for other in range(version + step, version + 3 * step, step):
                if best.score >= _CLEARLY_SEEN or not 1 <= other <= HIGHEST_VERSION:
                    break
                place = self._look(corners, other, rounds=1)
                if place.score <= best.score:
                    break
                best = place
        if best.score >= _WORTH_SETTLING:
            best = self._look(best.corners, best.version)
        if best.score >= _SEEN:
            yield best

    def _look(self, corners: Corners, version: int, rounds: int = 2) -> Place:
        """Settle on a place, as long as there are looks left."""
        self.looks -= 1
        if self.looks < 0:
            return Place(corners=corners, version=version, score=0.0)
        return settle(self.grey, corners, version, rounds)

    def _read(self, place: Place) -> Code | None:
        symbol = symbol_of(place.version)
        reading, odds = _read_at(self.grey, place, symbol)
        method = Method.SOFT
        for other, others in self.tried:
            if reading is None and other.version == place.version:
                reading, method = read_together(symbol, odds, others), Method.COMBINED
        self.tried.append((place, odds))
        if reading is None:
            return None
        return Code(
            text=reading.text,
            corners=place.corners,
            version=place.version,
            level=reading.level,
            method=method,
            corrected=reading.corrected,
        )


def _read_at(grey: Pixels, place: Place, symbol: Symbol) -> tuple[Reading | None, Field]:
    """Bend the grid, weigh the modules and decode; what is decoded helps with what is not yet."""
    flat = straighten(grey, place.corners, symbol.side)
    centres = flat_centres(symbol.side)
    for bending in COARSE_TO_FINE:
        centres = bend(flat.tone, symbol.known, centres, bending)
    known = symbol.known
    odds = odds_of(flat, centres, known)
    progress = read_soft(symbol, odds)
    for _ in range(_TURNS):
        more = progress.modules
        if progress.reading or more is None or np.count_nonzero(more) <= np.count_nonzero(known):
            break
        known = more
        centres = bend(flat.tone, known, centres, _AGAIN)
        odds = odds_of(flat, centres, known)
        progress = read_soft(symbol, odds)
    return progress.reading, odds


def _is_near(corners: Corners, others: Corners) -> bool:
    """Tell whether two places are of the same size and lie on each other."""
    sizes = [float(np.hypot(*(each[2] - each[0]))) for each in (corners, others)]
    away = float(np.hypot(*(corners.mean(0) - others.mean(0))))
    return away < 0.08 * sizes[1] and 0.9 < sizes[0] / sizes[1] < 1.1  # noqa: PLR2004 - shares of the diagonal


def _is_no_better(place: Place, other: Place) -> bool:
    """Tell whether a place is one that was tried already, and not much better seen now."""
    size = float(np.hypot(*(other.corners[2] - other.corners[0])))
    away = float(np.hypot(*(place.corners.mean(0) - other.corners.mean(0))))
    return away < 0.25 * size and place.score < other.score + 0.05
