"""Two strata of an audit: some boxes are compared with what was published, and slips of the others are polled.

Each list has its own draws. A risk is the largest over all pairs of a winner and a loser, of both strata's capital
multiplied (`escruta.audit.stratified.product`), which may be looked at after every round of either list.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from escruta.apps.audits.errors import AuditRefused
from escruta.apps.audits.manifests import read_rows
from escruta.apps.audits.tables import Published
from escruta.audit.batches import Batches, Counts, Flags, Floats
from escruta.audit.macro import UNIT, ErrorBounds
from escruta.audit.stratified import BatchStratum, PollingStratum, product, stratified_risk

MOST = 50_000
"""Draws of one list beyond which no plan goes."""
ROUGH = 1e-3
"""How close a risk has to be bounded to say how many draws to plan."""
_FACTORS = (1.2, 2, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strata:
    """The published table, of which boxes with slips to draw are polled and the others compared."""

    bounds: ErrorBounds
    batches: Batches
    slips: Counts
    """Slips that can be drawn from each box, `(boxes,)`; 0 where the box is compared."""

    @property
    def compared_units(self) -> Counts:
        """Error bounds of the compared boxes, in billionths; 0 for the others."""
        found: Counts = np.where(self.slips > 0, 0, self.bounds.units)
        return found

    def risk(self, taints: Sequence[Floats], shown: Sequence[tuple[int, int, int]], *, close: float = 1e-6) -> float:
        """Give P, or a bound from above that is as close to it.

        Args:
            taints: for each assertion, its taints of the compared draws.
            shown: for each assertion, slips for its winner, for its loser (with those that are not there), and all.
            close: how much above P the bound may be.
        """
        found = 0.0
        for at, margin in enumerate(self.bounds.margins):
            found = max(found, self._risk(at, margin, taints[at], shown[at], close))
        return found

    def _risk(self, at: int, margin: int, tainted: Floats, shown: tuple[int, int, int], close: float) -> float:
        assertion = self.bounds.assertions[at]
        polled = self.slips > 0
        pair = [self.batches.options.index(each) for each in (assertion.winner, assertion.loser or "")]
        votes = [int(self.batches.votes[polled, place].sum()) for place in pair]
        whole = int(self.compared_units.sum())
        compared = BatchStratum(reach_votes=-(-whole * margin // UNIT), tainted=tainted)
        slips = PollingStratum(
            ballots=int(self.slips.sum()), votes=(votes[0], votes[1]), drawn=shown[2], sample=(shown[0], shown[1])
        )
        return stratified_risk((compared, slips), margin, combine=product, close=close)

    def expected(self, slips: int) -> list[tuple[int, int, int]]:
        """Give what so many slips show if the published result is right, for each assertion."""
        polled, whole = self.slips > 0, int(self.slips.sum())
        votes = self.batches.votes[polled].sum(axis=0)
        share = [
            [votes[self.batches.options.index(name)] / whole for name in (each.winner, each.loser or "")]
            for each in self.bounds.assertions
        ]
        return [(math.floor(slips * winner), math.ceil(slips * loser), slips) for winner, loser in share]

    def clean_risk(self, draws: int, slips: int) -> float:
        """Give P of the closest pair if nothing differs in the compared boxes, and the slips are as published."""
        at = self.bounds.margins.index(min(self.bounds.margins))
        return self._risk(at, self.bounds.margins[at], np.zeros(draws), self.expected(slips)[at], ROUGH)

    def taints_of(self, drawn: Counts, paper: Counts, missing_slips: Counts, box_missing: Flags) -> list[Floats]:
        """Give the taints of the compared draws for each assertion; a box that is not there has 1."""
        reach = self.bounds.units[drawn] / UNIT
        found = []
        for each, margin in zip(self.bounds.assertions, self.bounds.margins, strict=True):
            lost = (self.batches.votes[drawn] - paper) @ np.array(each.weights) + missing_slips * each.scale
            found.append(np.where(box_missing, 1.0, lost / margin / reach))
        return found


def size_of_strata(strata: Strata, limit: float) -> tuple[float, float]:
    """Look for the fewest boxes and slips that are enough if nothing differs; a box costs as much as its slips.

    Infinite where none of those that were tried are enough.
    """
    most = min(MOST, int(strata.slips.sum()))
    alone = fewest(lambda slips: strata.clean_risk(MOST, slips), limit, 1, most)
    if math.isinf(alone):
        return math.inf, math.inf
    box = float(strata.batches.bound.mean())
    tried = sorted({min(most, math.ceil(alone * factor)) for factor in _FACTORS})
    sizes = [(fewest(partial(_with_slips, strata, slips), limit, 1, MOST), float(slips)) for slips in tried]
    return min(sizes, key=lambda each: each[0] * box + each[1])


def _with_slips(strata: Strata, slips: int, draws: int) -> float:
    return strata.clean_risk(draws, slips)


def fewest(risk: Callable[[int], float], limit: float, low: int, high: int) -> float:
    """Give the smallest number from `low` to `high` whose risk is within the limit; infinite where none is."""
    if high < low or risk(high) > limit:
        return math.inf
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if risk(middle) <= limit else (middle + 1, high)
    return high


def polled_boxes(published: Published, areas: Sequence[str], path: Path | None) -> Flags:
    """Say which boxes are polled: those in some areas, by their paths, or those of a list.

    Raises:
        AuditRefused: an area or a box is not in the table, or one of the two strata is empty.
    """
    places, names = published.places, published.batches.names
    listed = set() if path is None else {row["box"] for _, row in read_rows(path, ("box",))}
    unknown = sorted(listed - set(names))
    unknown += [area for area in areas if not any(_is_in(place, area) for place in places)]
    if unknown:
        raise AuditRefused(
            "what is to be polled is not in the published table",
            where=None if path is None else str(path),
            found=", ".join(unknown[:5]),
            expected="paths of areas as boxes.csv has them, such as " + places[0].partition("/")[0] + ", or boxes",
        )
    inside = np.array(
        [
            name in listed or any(_is_in(place, area) for area in areas)
            for name, place in zip(names, places, strict=True)
        ]
    )
    if inside.all() or not inside.any():
        raise AuditRefused(
            "there is only one stratum",
            found=f"{int(inside.sum()):,} of {len(names):,} boxes to be polled",
            expected="some boxes to compare and some to poll",
            advice="Take --method macro for all boxes, or --method polling for all slips.",
        )
    return inside


def _is_in(place: str, area: str) -> bool:
    return place == area or place.startswith(area + "/")
