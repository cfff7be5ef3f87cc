"""The projection: what the stations outside will bring, with its bounds, its calibration and its assumption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from escruta.assessment.projection.calibration import Backcast, backcast
from escruta.assessment.projection.centres import Centres, Floats, Whole
from escruta.assessment.projection.designs import Design, design_of
from escruta.assessment.projection.equations import Solution, estimate
from escruta.assessment.projection.forecasts import Forecast, forecast
from escruta.assessment.projection.missingness import Missingness, missingness
from escruta.assessment.projection.refusals import LEAST_COVERAGE, Reason, cautions, refusals

ASSUMPTION = "missing-are-like-those-in-of-their-kind"
"""Given area, size and earlier result, whether a centre is in says nothing of how it voted (missing at random)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A figure with its interval, in votes, cut at what is possible."""

    counted: int
    middle: float
    low: float
    high: float
    least: int
    """The hard bound: nothing lower is possible, whatever the missing stations bring (if they are the area's)."""
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """A probability, which is never told without what it assumes."""

    value: float
    assumption: str
    is_certain: bool
    """Whether arithmetic alone settles it, without the assumption."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaProjection:
    """One area, or the country: every candidate, and the margin of the first over the second."""

    area: str
    registered: int
    out: int
    """Registered voters of the stations that are out."""
    votes: tuple[Interval, ...]
    leader: int
    """The place of the candidate with the most projected votes."""
    runner_up: int | None
    margin: Interval
    leads: Chance
    """That the leader ends ahead of the runner-up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """What is projected; `country` is None where the model refuses, and `refused` says why."""

    candidates: tuple[str, ...]
    level: float
    coverage: float
    refused: tuple[Reason, ...]
    cautions: tuple[Reason, ...]
    country: AreaProjection | None
    areas: tuple[tuple[AreaProjection, ...], ...]
    """At each level of areas, widest first."""
    missing: Missingness
    backcast: Backcast | None
    assumption: str = ASSUMPTION


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """The model fitted to what is in: ask it for any grouping of centres."""

    centres: Centres
    design: Design
    rows: Whole
    solution: Solution
    backcast: Backcast

    def forecast(self, codes: Whole) -> Forecast:
        """Predict what is out in each group."""
        return forecast(self.design, self.centres, self.solution, self.rows, codes)


def fit(centres: Centres) -> Model:
    """Fit the model, and set it back to earlier moments of the night."""
    design = design_of(centres)
    rows = np.flatnonzero(centres.is_in)
    rates = np.zeros(centres.votes.shape)
    rates[rows] = centres.votes[rows] / centres.counted[rows, None]
    solution = estimate(design, rows, rates[rows], centres.counted[rows])
    past = backcast(design, centres, solution.variances, rates)
    return Model(centres=centres, design=design, rows=rows, solution=solution, backcast=past)


def project(
    centres: Centres,
    *,
    level: float = 0.90,
    levels: Sequence[int] = (0,),
    least_coverage: float = LEAST_COVERAGE,
    seed: int = 0,
) -> Projection:
    """Project the country and its areas at some levels, from the centres that are in.

    **Assumes that centres of one area, size and earlier result vote alike whether they are in or out**, and that the
    frame holds every centre. `level` is the wanted coverage of the intervals.
    """
    missing = missingness(centres, seed=seed)
    refused = refusals(centres, least_coverage=least_coverage)
    if refused:
        return Projection(
            candidates=centres.candidates,
            level=level,
            coverage=centres.coverage,
            refused=refused,
            cautions=(),
            country=None,
            areas=(),
            missing=missing,
            backcast=None,
        )
    model = fit(centres)
    country = areas_of(model, None, level)[0]
    return Projection(
        candidates=centres.candidates,
        level=level,
        coverage=centres.coverage,
        refused=(),
        cautions=cautions(centres, model.design),
        country=country,
        areas=tuple(areas_of(model, each, level) for each in levels if each < len(centres.areas)),
        missing=missing,
        backcast=model.backcast,
    )


def areas_of(model: Model, place: int | None, level: float) -> tuple[AreaProjection, ...]:
    """Project all areas of one level, or the country where `place` is None."""
    centres = model.centres
    codes = centres.codes(place)
    count = int(codes.max()) + 1
    found = model.forecast(codes)
    sums = np.stack([_sums(codes, column, count) for column in centres.votes.T], axis=1)
    out, registered = _sums(codes, centres.out, count), _sums(codes, centres.registered, count)
    above = _widest(centres, codes, count)
    names = ("",) if place is None else _names(centres, place, count)
    table = _Table(model=model, found=found, sums=sums, out=out, above=above, level=level, is_country=place is None)
    return tuple(table.area(each, names[each], registered[each]) for each in range(count))


def _sums(codes: Whole, values: Floats | Whole, count: int) -> Floats:
    return np.bincount(codes, weights=values, minlength=count).astype(np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    model: Model
    found: Forecast
    sums: Floats
    out: Floats
    above: Whole
    level: float
    is_country: bool
    spreads: dict[tuple[int, int | None], Floats] = field(default_factory=dict)
    """Of each candidate, or of the difference of two: the widened standard deviations of all areas."""

    def area(self, each: int, name: str, registered: float) -> AreaProjection:
        votes = tuple(self.interval(each, place, None)[0] for place in range(self.sums.shape[1]))
        ranked = sorted(range(len(votes)), key=lambda place: -votes[place].middle)
        first, second = ranked[0], ranked[1] if len(ranked) > 1 else None
        margin, spread = self.interval(each, first, second)
        return AreaProjection(
            area=name,
            registered=round(registered),
            out=round(float(self.out[each])),
            votes=votes,
            leader=first,
            runner_up=second,
            margin=margin,
            leads=_chance(
                margin,
                spread,
                float(self.found.degrees[each]),
                is_bound=self.is_country or self.model.centres.is_register,
            ),
        )

    def interval(self, each: int, first: int, second: int | None) -> tuple[Interval, float]:
        """Give the interval of a candidate, or of the lead over another, with its widened standard deviation."""
        spread = float(self._spreads(first, second)[each])
        wide = spread * _quantile(self.level, float(self.found.degrees[each]))
        sums, mean = self.sums[each], self.found.mean[each]
        counted = round(float(sums[first] - (sums[second] if second is not None else 0)))
        middle = counted + float(mean[first] - (mean[second] if second is not None else 0))
        rest = round(float(self.out[each]))
        least, most = counted - (0 if second is None else rest), counted + rest
        low, centre, high = (min(max(value, least), most) for value in (middle - wide, middle, middle + wide))
        return Interval(counted=counted, middle=centre, low=low, high=high, least=least, most=most), spread

    def _spreads(self, first: int, second: int | None) -> Floats:
        found = self.spreads.get((first, second))
        if found is None:
            weights = np.zeros(self.sums.shape[1])
            weights[first] = 1
            if second is not None:
                weights[second] = -1
            by_area, country = self.model.backcast.factors(weights)
            factors = country if self.is_country else by_area[self.above]
            found = self.spreads[first, second] = self.found.spread(weights) * factors
        return found


def _quantile(level: float, degrees: float) -> float:
    return float(ndtri((1 + level) / 2) if np.isinf(degrees) else stdtrit(degrees, (1 + level) / 2))


def _chance(margin: Interval, spread: float, degrees: float, *, is_bound: bool) -> Chance:
    """Give the chance that the margin ends above zero; the hard bound goes before the model."""
    if is_bound and (margin.least > 0 or margin.most <= 0):
        return Chance(value=float(margin.least > 0), assumption=ASSUMPTION, is_certain=True)
    if spread <= 0:
        return Chance(value=float(margin.middle > 0), assumption=ASSUMPTION, is_certain=False)
    score = margin.middle / spread
    value = float(ndtr(score) if np.isinf(degrees) else stdtr(degrees, score))
    return Chance(value=value, assumption=ASSUMPTION, is_certain=False)


def _widest(centres: Centres, codes: Whole, count: int) -> Whole:
    """Find in which of the widest areas each area lies."""
    top = centres.codes(0 if centres.areas else None)
    found = np.zeros(count, dtype=np.int64)
    found[codes] = top
    return found


def _names(centres: Centres, place: int, count: int) -> tuple[str, ...]:
    names = centres.area_names[place] if centres.area_names else ()
    return tuple(names[code] if code < len(names) else ("?" if names else str(code)) for code in range(count))
