"""Where symbols lie: corners made better by the patterns of the symbol itself, and a search of our own.

zxing-cpp finds a symbol by the runs 1:1:3:1:1 along straight lines; fading, ink or a fold through one of the three
finder patterns hides it. We look for the patterns as pictures, so a part of them is enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations, permutations

import numpy as np
from segno import consts

from escruta.sources.scans.codes.grids import MARGIN, PIXELS_PER_MODULE, Field, normalised, straighten
from escruta.sources.scans.codes.symbols import HIGHEST_VERSION
from escruta.sources.scans.codes.values import Corners
from escruta.sources.scans.pictures import Pixels

_REACH = 3.0
"""How far from its place a pattern is looked for, in modules."""
_SEEN = 0.45
"""The correlation from which a pattern counts as seen."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Place:
    """Where a symbol of some version seems to be."""

    corners: Corners
    version: int
    score: float
    """Mean correlation of the three finder patterns: 1 is perfect."""


def settle(grey: Pixels, corners: Corners, version: int, rounds: int = 2) -> Place:
    """Move the corners so that the finder and alignment patterns come to lie where they belong."""
    import cv2  # noqa: PLC0415 - heavy

    side = 17 + 4 * version
    own, score = corners, 0.0
    for _ in range(rounds):
        flat = straighten(grey, own, side)
        centres, seen = _patterns(version)
        found = [_near(flat.tone, centre, template) for centre, template in zip(centres, seen, strict=True)]
        score = float(np.mean([quality for _, quality in found[:3]]))
        moved = np.array([place for place, _ in found])
        if len(moved) > 3 and found[3][1] < _SEEN:  # noqa: PLR2004 - the alignment pattern is not seen
            moved[3] = centres[3] + _carried(np.array(centres[:3]), moved[:3], np.array(centres[3]))
        if len(moved) == 3:  # noqa: PLR2004 - version 1 has no alignment pattern
            fourth = np.array([centres[1][0], centres[2][1]])
            centres = (*centres, tuple(fourth))
            moved = np.vstack([moved, fourth + _carried(np.array(centres[:3]), moved[:3], fourth)])
        pixels = (np.array(moved) + MARGIN) * PIXELS_PER_MODULE - 0.5
        there = cv2.perspectiveTransform(pixels[None].astype(np.float64), flat.to_picture)[0]
        transform = cv2.getPerspectiveTransform(np.array(centres, np.float32), there.astype(np.float32))
        square = np.array([[(0, 0), (side, 0), (side, side), (0, side)]], np.float64)
        own = np.asarray(cv2.perspectiveTransform(square, transform)[0], np.float64)
        if not np.isfinite(own).all() or not is_plausible(own):
            return Place(corners=corners, version=version, score=0.0)
    return Place(corners=own, version=version, score=score)


def is_plausible(corners: Corners) -> bool:
    """Tell whether four corners are those of a square seen from not too far aside, in the right order."""
    sides = np.roll(corners, -1, 0) - corners
    lengths = np.hypot(*sides.T)
    after = np.roll(sides, -1, 0)
    turns = sides[:, 0] * after[:, 1] - sides[:, 1] * after[:, 0]
    return bool(lengths.min() > 20 and lengths.max() < 3 * lengths.min() and (turns > 0).all())  # noqa: PLR2004


def _carried(before: Corners, after: Corners, point: Corners) -> Corners:
    """Say how far a point moves with the three finder patterns."""
    shift = after - before
    transform = np.linalg.solve(np.c_[before, np.ones(3)], shift)
    return np.asarray(np.append(point, 1.0) @ transform, np.float64)


@cache
def _patterns(version: int) -> tuple[tuple[tuple[float, float], ...], tuple[Field, ...]]:
    """Give the centres of the patterns in modules `(x, y)`, and what each looks like."""
    side = 17 + 4 * version
    far = side - 3.5
    centres = [(3.5, 3.5), (far, 3.5), (3.5, far)]
    templates = [_drawn(9, (3, 1), 4)] * 3
    if version > 1:
        last = consts.ALIGNMENT_POS[version - 2][-1] + 0.5
        centres.append((last, last))
        templates.append(_drawn(5, (2, 0), 2))
    return tuple(centres), tuple(templates)


def _drawn(size: int, dark: tuple[int, int], middle: int) -> Field:
    """Draw rings around a centre: dark at the distances given (and between 0 and the smaller one), else light."""
    far = np.maximum(*(np.abs(axis - middle) for axis in np.mgrid[:size, :size]))
    rings = np.where((far == dark[0]) | (far <= dark[1]), 1.0, -1.0)
    return np.kron(rings, np.ones((PIXELS_PER_MODULE, PIXELS_PER_MODULE))).astype(np.float32)


def _near(tone: Field, centre: tuple[float, float], template: Field) -> tuple[tuple[float, float], float]:
    """Find a pattern near its place; the place in modules, and the correlation."""
    import cv2  # noqa: PLC0415 - heavy

    scale = PIXELS_PER_MODULE
    half, reach = len(template) // 2, round(_REACH * scale)
    x, y = (round((value + MARGIN) * scale) for value in centre)
    left, top = max(0, x - half - reach), max(0, y - half - reach)
    window = tone[top : y + half + reach, left : x + half + reach]
    if window.shape[0] < len(template) or window.shape[1] < len(template):
        return centre, 0.0
    match = cv2.matchTemplate(window, template, cv2.TM_CCOEFF_NORMED)
    rows, columns = np.mgrid[: match.shape[0], : match.shape[1]]
    away = np.hypot(columns + left + half - x, rows + top + half - y) / scale
    row, column = np.unravel_index(int(np.argmax(match - 0.03 * away)), match.shape)
    place = ((column + left + half) / scale - MARGIN, (row + top + half) / scale - MARGIN)
    return place, float(match[row, column])


# --- a search of our own


@dataclass(frozen=True, slots=True, kw_only=True)
class Finder:
    """A finder pattern, as it seems."""

    x: float
    y: float
    module: float
    """Pixels of the picture to a module."""
    score: float


_TEMPLATE_MODULE = 2.0
_PER_SCALE, _KEPT, _TOP = 32, 44, 6
_LEAST_SINE, _MOST_SLANT = 0.7, 0.43
"""How far three patterns may be from a right angle with equal legs."""
_INNER_RATIO, _LARGE_GUESS = 2.36, 14
"""A pattern also looks like one whose modules are smaller by this, so a large symbol may be a smaller one."""
_FAINT = 0.3
"""The correlation below which a peak is not looked at."""


@cache
def _round_template() -> Field:
    """Draw a finder pattern turned every way at once."""
    import cv2  # noqa: PLC0415 - heavy

    size, fine = 21, 8
    scale = _TEMPLATE_MODULE * fine
    big = np.mgrid[: size * fine, : size * fine] - (size * fine - 1) / 2
    total = np.zeros((size * fine, size * fine))
    dot, gap, ring, quiet = 1.5, 2.5, 3.5, 4.5
    for angle in np.deg2rad(np.arange(0, 90, 7.5)):
        across = np.abs(np.cos(angle) * big[1] + np.sin(angle) * big[0]) / scale
        along = np.abs(np.cos(angle) * big[0] - np.sin(angle) * big[1]) / scale
        far = np.maximum(across, along)
        total += np.select([far < dot, far < gap, far < ring, far < quiet], [1.0, -1.0, 1.0, -1.0], -0.3)
    return np.asarray(cv2.resize(total, (size, size), interpolation=cv2.INTER_AREA), np.float32)


def find_finders(grey: Pixels, modules: tuple[float, ...]) -> tuple[Finder, ...]:
    """Look for finder patterns whose modules have about these many pixels."""
    found = [one for module in modules for one in _finders_at(grey, module)]
    found.sort(key=lambda one: -one.score)
    kept: list[Finder] = []
    for one in found:
        if all(np.hypot(one.x - other.x, one.y - other.y) > 4 * min(one.module, other.module) for other in kept):
            kept.append(one)
    return tuple(kept[:_KEPT])


def _finders_at(grey: Pixels, module: float) -> list[Finder]:
    import cv2  # noqa: PLC0415 - heavy

    template, factor = _round_template(), _TEMPLATE_MODULE / module
    small = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    if min(small.shape) <= len(template):
        return []
    tone, _ = normalised(np.asarray(small, np.float32), 3 * _TEMPLATE_MODULE)
    match = cv2.matchTemplate(tone, template, cv2.TM_CCOEFF_NORMED)
    peaks = cv2.dilate(match, np.ones((9, 9), np.uint8)) == match
    rows, columns = np.nonzero(peaks & (match > _FAINT))
    best = np.argsort(-match[rows, columns])[:_PER_SCALE]
    half = len(template) / 2
    return [
        Finder(
            x=float((columns[at] + half) / factor - 0.5),
            y=float((rows[at] + half) / factor - 0.5),
            module=module,
            score=float(match[rows[at], columns[at]]),
        )
        for at in best
    ]


def places_of(finders: tuple[Finder, ...], most: int) -> list[tuple[Corners, int]]:
    """Give the likeliest symbols that three finder patterns may belong to, best first: corners and version."""
    if len(finders) < 3:  # noqa: PLR2004 - a symbol has three
        return []
    points = np.array([(one.x, one.y) for one in finders])
    modules, scores = np.array([one.module for one in finders]), np.array([one.score for one in finders])
    corner, one, other = np.array(list(permutations(range(len(finders)), 3))).T
    right, down = points[one] - points[corner], points[other] - points[corner]
    legs = np.hypot(*right.T), np.hypot(*down.T)
    sine = (right[:, 0] * down[:, 1] - right[:, 1] * down[:, 0]) / (legs[0] * legs[1])
    three = np.stack([modules[corner], modules[one], modules[other]])
    version = np.rint(((legs[0] + legs[1]) / 2 / three.mean(0) + 7 - 17) / 4).astype(int)
    slant = np.abs(np.log(legs[0] / legs[1]))
    can_be = (sine > _LEAST_SINE) & (slant < _MOST_SLANT) & (three.max(0) <= 1.5 * three.min(0))
    can_be &= (version >= 1) & (version <= HIGHEST_VERSION)
    score = (scores[corner] + scores[one] + scores[other]) / 3 - 0.3 * (1 - sine) - 0.1 * slant
    chosen = np.flatnonzero(can_be)
    best = chosen[np.argsort(-score[chosen], kind="stable")][:most]
    places: list[tuple[Corners, int]] = []
    for at in best:
        guess = int(version[at])
        inner = round(((4 * guess + 10) / _INNER_RATIO - 10) / 4)
        guesses = (guess, inner) if guess >= _LARGE_GUESS else (guess,)
        places += [(_square(points[corner[at]], right[at], down[at], each), each) for each in guesses]
    return places


def places_of_two(finders: tuple[Finder, ...], most: int) -> list[tuple[Corners, int]]:
    """Give the symbols that two finder patterns may belong to, when the third is covered: corners and version."""
    pairs = sorted(combinations(finders[:_TOP], 2), key=lambda pair: -pair[0].score - pair[1].score)
    places: list[tuple[Corners, int]] = []
    for one, other in pairs:
        way = np.array([other.x - one.x, other.y - one.y])
        module = (one.module + other.module) / 2
        version = round((float(np.hypot(*way)) / module + 7 - 17) / 4)
        across = round((float(np.hypot(*way)) / module / 2**0.5 + 7 - 17) / 4)
        if max(one.module, other.module) > 1.3 * min(one.module, other.module):
            continue
        first, turned = np.array([one.x, one.y]), np.array([-way[1], way[0]])
        if 1 <= version <= HIGHEST_VERSION:
            places += [
                (_square(first, way, turned, version), version),
                (_square(first, -turned, way, version), version),
                (_square(first + way, -way, -turned, version), version),
                (_square(first + way, turned, -way, version), version),
            ]
        if 1 <= across <= HIGHEST_VERSION:
            half = (way + turned) / 2
            places += [
                (_square(first + half, -half, way - half, across), across),
                (_square(first + way - half, half, half - way, across), across),
            ]
    return places[:most]


def _square(corner: Corners, right: Corners, down: Corners, version: int) -> Corners:
    """Give the corners of a symbol by the centre of its first finder pattern and the ways to the other two."""
    side = 17 + 4 * version
    right, down = right / (side - 7), down / (side - 7)
    origin = corner - 3.5 * (right + down)
    return np.array([origin, origin + side * right, origin + side * (right + down), origin + side * down])
