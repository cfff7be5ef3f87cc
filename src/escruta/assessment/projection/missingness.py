"""How the centres that are out differ from those that are in, as far as was known of both before the night.

Every projection stands on an assumption about the missing ones; this table is what can be seen of it. A difference here
is no fault of the model, which knows the same covariates; it says how much the model is needed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from escruta.assessment.projection.centres import Centres, Floats

_DRAWS = 199
_CLASSES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One covariate among those in and those out."""

    name: str
    mean_in: float
    """Weighted by registered voters."""
    mean_out: float
    chance: float
    """How often a gap at least as wide comes about when who is out is drawn by lot inside each of the widest areas."""

    @property
    def difference(self) -> float:
        """Out minus in."""
        return self.mean_out - self.mean_in


@dataclass(frozen=True, slots=True, kw_only=True)
class RateByClass:
    """The share of centres that are in, for those whose lean lies between two values."""

    low: float
    high: float
    centres: int
    share_in: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Logit:
    """One coefficient of the logit of being in."""

    name: str
    value: float
    standard_error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Missingness:
    """The table that stands beside every projection."""

    centres_in: int
    centres_out: int
    registered_out: int
    gaps: tuple[Gap, ...]
    classes: tuple[RateByClass, ...]
    logit: tuple[Logit, ...]


def missingness(centres: Centres, *, seed: int = 0) -> Missingness:
    """Compare those in with those out; centres without an earlier result are left out."""
    inside = centres.is_in
    size: Floats = np.log(centres.registered)
    known: NDArray[np.bool_] = np.ones(len(size), dtype=bool)
    names = (*centres.covariate_names, "log_registered_voters")
    if centres.covariates is None:
        columns, names = size[:, None], names[-1:]
    else:
        columns = np.column_stack([centres.covariates, size])
        known = np.asarray(~np.isnan(centres.covariates).any(axis=1))
    both = bool(inside[known].any() and (~inside[known]).any())
    return Missingness(
        centres_in=int(inside.sum()),
        centres_out=int((~inside).sum()),
        registered_out=round(float(centres.out.sum())),
        gaps=_gaps(centres, columns, names, known, seed) if both else (),
        classes=_classes(columns[known, 0], inside[known]) if both and centres.covariates is not None else (),
        logit=_logit(columns[known], inside[known], names) if both else (),
    )


def _gaps(
    centres: Centres, columns: Floats, names: tuple[str, ...], known: NDArray[np.bool_], seed: int
) -> tuple[Gap, ...]:
    """Draw by lot who is in, inside each of the widest areas, and see how often so wide a gap comes about."""
    inside = centres.is_in[known]
    codes = centres.codes(0 if centres.areas else None)[known]
    order = np.argsort(codes, kind="stable")
    weights = centres.registered[known][order]
    # the last column is the weight itself, so that one product gives every sum
    parts = np.column_stack([columns[known][order] * weights[:, None], weights])
    whole = parts.sum(axis=0)
    here = _means(parts, whole, inside[order])
    wide = np.abs(here[1] - here[0])
    chance = np.random.default_rng(seed)
    as_wide = np.zeros(len(names))
    for _ in range(_DRAWS):
        drawn = _means(parts, whole, inside[np.argsort(codes + chance.random(len(codes)))])
        as_wide += np.abs(drawn[1] - drawn[0]) >= wide
    return tuple(
        Gap(name=name, mean_in=float(a), mean_out=float(b), chance=float((more + 1) / (_DRAWS + 1)))
        for name, a, b, more in zip(names, *here, as_wide, strict=True)
    )


def _means(parts: Floats, whole: Floats, inside: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    among = inside.astype(np.float64) @ parts
    rest = whole - among
    return among[:-1] / among[-1], rest[:-1] / rest[-1]


def _classes(lean: Floats, inside: NDArray[np.bool_]) -> tuple[RateByClass, ...]:
    """Cut the lean at its tenths of 0 to 1."""
    place = np.clip((lean * _CLASSES).astype(int), 0, _CLASSES - 1)
    return tuple(
        RateByClass(
            low=each / _CLASSES,
            high=(each + 1) / _CLASSES,
            centres=int((place == each).sum()),
            share_in=float(inside[place == each].mean()),
        )
        for each in range(_CLASSES)
        if (place == each).any()
    )


def _logit(columns: Floats, inside: NDArray[np.bool_], names: tuple[str, ...]) -> tuple[Logit, ...]:
    """Fit by Newton's method; columns are centred meanwhile, so that it converges."""
    spread = columns.std(axis=0)
    scale = np.where(spread > 0, spread, 1)
    middle = columns.mean(axis=0)
    design = np.column_stack([np.ones(len(columns)), (columns - middle) / scale])
    found = np.zeros(design.shape[1])
    curve = np.eye(design.shape[1])
    for _ in range(12):
        chance = 1 / (1 + np.exp(-np.clip(design @ found, -30, 30)))
        weight = chance * (1 - chance)
        curve = (design * weight[:, None]).T @ design + 1e-6 * np.eye(len(found))
        found = found + np.linalg.solve(curve, design.T @ (inside - chance) - 1e-6 * found)
    back = np.eye(len(found))
    back[0, 1:] = -middle / scale
    back[np.arange(1, len(found)), np.arange(1, len(found))] = 1 / scale
    values = back @ found
    errors = np.sqrt(np.diag(back @ np.linalg.inv(curve) @ back.T))
    return tuple(
        Logit(name=name, value=float(value), standard_error=float(error))
        for name, value, error in zip(("constant", *names), values, errors, strict=True)
    )
