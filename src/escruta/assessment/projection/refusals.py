"""When the model does not speak, and where it speaks of centres unlike any that it has seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from escruta.assessment.projection.centres import Centres, Floats
from escruta.assessment.projection.designs import Design

LEAST_COVERAGE = 0.20
"""Below this share of registered voters nothing is projected."""
LEAST_CENTRES = 100
LEAST_AREAS = 2
"""Fewer of the widest areas than this tell nothing of how areas differ."""
_BEYOND_MOST = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why the model refuses, or is to be read with care; the words stand in the locale files."""

    code: str
    found: float
    limit: float
    areas: tuple[str, ...] = ()


def refusals(centres: Centres, *, least_coverage: float = LEAST_COVERAGE) -> tuple[Reason, ...]:
    """Say why nothing may be projected; empty where it may."""
    found = []
    if centres.coverage < least_coverage:
        found.append(Reason(code="too-little-counted", found=centres.coverage, limit=least_coverage))
    inside = int(centres.is_in.sum())
    if inside < LEAST_CENTRES:
        found.append(Reason(code="too-few-centres", found=inside, limit=LEAST_CENTRES))
    if centres.areas:
        codes = centres.codes(0)
        seen = len(np.unique(codes[centres.is_in]))
        if seen < min(LEAST_AREAS, len(np.unique(codes))):
            found.append(Reason(code="too-few-areas", found=seen, limit=LEAST_AREAS))
    return tuple(found)


def cautions(centres: Centres, design: Design) -> tuple[Reason, ...]:
    """Say where the model goes beyond what it has seen: whole areas, or covariates, of which nothing is in."""
    out = centres.out > 0
    if not out.any() or not centres.is_in.any():
        return ()
    found = []
    empty = _empty_areas(centres)
    if empty:
        weight = float(centres.out[np.isin(centres.areas[0], empty)].sum())
        names = tuple(_name(centres, code) for code in empty)
        found.append(Reason(code="areas-with-nothing", found=weight / float(centres.out.sum()), limit=0.0, areas=names))
    beyond = _beyond(design.features, centres)
    share = float(centres.out[beyond].sum() / centres.out.sum())
    if share > _BEYOND_MOST:
        found.append(Reason(code="outside-the-range", found=share, limit=_BEYOND_MOST))
    if centres.covariates is not None:
        absent = np.isnan(centres.covariates).any(axis=1) & out
        share = float(centres.out[absent].sum() / centres.out.sum())
        if share > _BEYOND_MOST:
            found.append(Reason(code="no-earlier-result", found=share, limit=_BEYOND_MOST))
    return tuple(found)


def _empty_areas(centres: Centres) -> list[int]:
    if not centres.areas:
        return []
    codes = centres.areas[0]
    empty = np.setdiff1d(np.unique(codes), np.unique(codes[centres.is_in]))
    return [int(code) for code in empty if code >= 0]


def _name(centres: Centres, code: int) -> str:
    names = centres.area_names[0] if centres.area_names else ()
    return names[code] if code < len(names) else "?"


def _beyond(features: Floats, centres: Centres) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Find the centres out whose leverage is above that of all but one in a thousand of those in."""
    columns = np.column_stack([np.ones(len(features)), features])
    inside = columns[centres.is_in]
    cross = np.linalg.pinv(inside.T @ inside)
    leverage = np.einsum("ij,jk,ik->i", columns, cross, columns)
    limit = np.quantile(leverage[centres.is_in], 0.999)
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = (leverage > limit) & (centres.out > 0)
    return found
