"""What pollsters have in common over their polls and elections: track records, and effects of houses.

A house effect is how a pollster's errors lie off those of all pollsters of one result: with few polls it is mostly
chance, so it is drawn towards zero by as much as chance explains. It describes the past and corrects no poll.

Source: empirical Bayes with the variance by moments, R. DerSimonian and N. Laird, Controlled Clinical Trials 7 (1986).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from escruta.assessment.polls.scoring import Score


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackRecord:
    """A pollster over its elections, against chosen results: how far, and to which side."""

    pollster: str
    elections: tuple[str, ...]
    polls: int
    mean_margin_error: float
    """Signed, as a share: above 0 it favoured the first of each election's pair."""
    mean_size: float
    """Mosteller 5, mean."""
    mean_average_error: float
    """Mosteller 3, mean."""
    results: tuple[str, ...]
    """The result sets against which it was scored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseEffect:
    """A pollster's margin error in one election, against one result, and beside the other pollsters."""

    pollster: str
    result: str
    polls: int
    own: float
    """Its mean signed margin error."""
    all_houses: float
    """The mean over the pollsters: what all have in common is no house's."""
    effect: float
    """What is left of the difference when it is shrunk."""
    kept: float
    """The share of the difference that is left: 0 is all chance, 1 is none."""


def track_records(scores: Iterable[Score], *, results: Sequence[str]) -> tuple[TrackRecord, ...]:
    """Add up each pollster's scores over elections, against the named results only: one for each election."""
    groups: dict[str, list[Score]] = defaultdict(list)
    for each in scores:
        if each.result in results:
            groups[each.pollster].append(each)
    return tuple(
        TrackRecord(
            pollster=pollster,
            elections=tuple(sorted({each.election for each in own})),
            polls=len(own),
            mean_margin_error=_mean([float(each.margin_error) for each in own]),
            mean_size=_mean([float(each.margin_error_size) for each in own]),
            mean_average_error=_mean([float(each.average_error) for each in own]),
            results=tuple(sorted({each.result for each in own})),
        )
        for pollster, own in sorted(groups.items())
    )


def house_effects(scores: Iterable[Score], *, noise: float = 0.04) -> tuple[HouseEffect, ...]:
    """Shrink each pollster's mean error towards that of all pollsters, result by result.

    `noise` is the standard deviation of one poll's margin error that is no house's own, as a share; twice what sampling
    alone would give for some 2,500 interviews.
    Source of the factor of two: H. Shirani-Mehr and others, Journal of the American Statistical Association 113 (2018).
    """
    groups: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for each in scores:
        groups[each.result][each.pollster].append(float(each.margin_error))
    return tuple(effect for result, houses in sorted(groups.items()) for effect in _of_result(result, houses, noise))


def _of_result(result: str, houses: dict[str, list[float]], noise: float) -> list[HouseEffect]:
    means = {pollster: _mean(errors) for pollster, errors in houses.items()}
    common = _mean(list(means.values()))
    chance = {pollster: noise**2 / len(errors) for pollster, errors in houses.items()}
    between = 0.0
    if len(means) > 1:
        spread = sum((mean - common) ** 2 for mean in means.values()) / (len(means) - 1)
        between = max(0.0, spread - _mean(list(chance.values())))
    found = []
    for pollster, errors in sorted(houses.items()):
        kept = between / (between + chance[pollster]) if between else 0.0
        found.append(
            HouseEffect(
                pollster=pollster,
                result=result,
                polls=len(errors),
                own=means[pollster],
                all_houses=common,
                effect=kept * (means[pollster] - common),
                kept=kept,
            )
        )
    return found


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)
