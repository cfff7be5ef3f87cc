"""One picture to its codes: the quick reader first, then our own, on the places that either of them finds.

What is done depends on the picture alone and never on a clock, so the same picture gives the same answer everywhere;
the number of attempts is bounded instead, so that a hopeless picture is given up in time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from escruta.sources.scans.codes.finders import Place, find_finders, nearby_versions, places_of, places_of_two, settle
from escruta.sources.scans.codes.grids import COARSE_TO_FINE, Bending, Field, bend, flat_centres, straighten
from escruta.sources.scans.codes.quick import Found, codes_of, look
from escruta.sources.scans.codes.soft import Reading, odds_of, read_soft
from escruta.sources.scans.codes.symbols import Symbol, symbol_of
from escruta.sources.scans.codes.values import Code, Corners, Effort, Method
from escruta.sources.scans.payloads import payload_of
from escruta.sources.scans.pictures import Picture, Pixels

_ATTEMPTS = {Effort.QUICK: 0, Effort.USUAL: 3, Effort.THOROUGH: 12}
"""How many places our own reader tries."""
_FAINTLY_SEEN, _SEEN, _CLEARLY_SEEN = 0.42, 0.55, 0.72
"""The correlation of finder patterns from which other versions are tried, the place itself, and no other version."""
_SHARES = ((240, 195, 160), (430, 355, 293, 131), (107, 89, 80, 65, 53, 43))
"""Modules across the narrower side of the picture, as they are looked for: a strip, a page, the code alone."""
_AGAIN = Bending(knots=12, blur=0.3, weight=2)
_PLACES = 8
_TURNS = 2


def read_codes(picture: Picture, *, effort: Effort = Effort.USUAL) -> tuple[Code, ...]:
    """Read every code on the picture; what cannot be read exactly is not read."""
    if picture.is_large:
        codes = codes_of(picture.half, scale=2.0)
        if any_payload(codes):
            return codes
    found = look(picture.grey)
    if any_payload(found.codes) or effort is Effort.QUICK:
        return found.codes
    search = _Search(grey=picture.grey, left=_ATTEMPTS[effort])
    read = search.run(found, thorough=effort is Effort.THOROUGH)
    return (*found.codes, *read)


def any_payload(codes: tuple[Code, ...]) -> bool:
    """Tell whether one of the codes is a sheet's: an address or an advertisement does not end the search."""
    return any(not payload_of(code.text).is_refused for code in codes)


@dataclass(kw_only=True)
class _Search:
    """Our own reader at work on one picture."""

    grey: Pixels
    left: int
    tried: list[tuple[Place, Field]] = field(default_factory=list)

    def run(self, found: Found, *, thorough: bool) -> tuple[Code, ...]:
        """Try one place after the other until a code is read or no attempt is left."""
        for place in self._places(found, thorough=thorough):
            if self.left <= 0:
                break
            if any(_is_no_better(place, other) for other, _ in self.tried):
                continue
            self.left -= 1
            code = self._read(place)
            if code:
                return (code,)
        return ()

    def _places(self, found: Found, *, thorough: bool) -> Iterator[Place]:
        for corners, version in found.unread:
            yield from self._settled(corners, version)
        narrow = min(self.grey.shape)
        for shares in _SHARES if thorough else _SHARES[:2]:
            finders = find_finders(self.grey, tuple(narrow / share for share in shares))
            for corners, version in (*places_of(finders, _PLACES), *places_of_two(finders, 2 * _PLACES)):
                yield from self._settled(corners, version)

    def _settled(self, corners: Corners, version: int) -> Iterator[Place]:
        best = settle(self.grey, corners, version, rounds=1)
        if best.score >= _FAINTLY_SEEN:
            best = settle(self.grey, corners, version)
        for one in nearby_versions(version):
            if _FAINTLY_SEEN <= best.score < _CLEARLY_SEEN:
                place = settle(self.grey, corners, one)
                best = place if place.score > best.score else best
        if best.score >= _SEEN:
            yield best

    def _read(self, place: Place) -> Code | None:
        symbol = symbol_of(place.version)
        reading, odds = _read_at(self.grey, place, symbol)
        method = Method.SOFT
        for other, others in self.tried:
            if reading is None and other.version == place.version:
                reading, method = read_soft(symbol, odds + others).reading, Method.COMBINED
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


def _is_no_better(place: Place, other: Place) -> bool:
    """Tell whether a place is one that was tried already, and not much better seen now."""
    size = float(np.hypot(*(other.corners[2] - other.corners[0])))
    away = float(np.hypot(*(place.corners.mean(0) - other.corners.mean(0))))
    return away < 0.25 * size and place.score < other.score + 0.05
