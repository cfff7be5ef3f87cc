"""Bounds on an announcement beside the same programmes as they would be written down, given to HiGHS as they are.

30,000 invented stations of three groups of candidates, of which 82 % have a sheet, and an announcement that the sheets
rule out; then a million stations, in memory. Both ways must come to the same number of false sheets.
"""

from __future__ import annotations

import math
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from measuring import BenchmarkFailed
from reporting import Section

STATIONS = 30_000
LARGE = 1_000_000
_COVERED, _CLAIMED = 0.82, 0.80
_BOUND_MS, _PROGRAMME_S, _FALSE_S = 50, 1.0, 20.0
_REPEATS = 5


def report(work: Path, arguments: list[str]) -> Section:
    """Measure both on the same sheets, and ours on a million stations."""
    del work
    from escruta.assessment.alone import alone  # noqa: PLC0415 - a section of its own loads it
    from escruta.assessment.bounds import quick_proof  # noqa: PLC0415
    from escruta.assessment.programmes import (  # noqa: PLC0415
        largest_known_coverage,
        least_false_sheets,
        sharpest_certificate,
    )

    count = int(arguments[0]) if arguments else STATIONS
    asked = _question(count)

    def bound() -> int:
        found = quick_proof(asked)
        if found is None:
            message = "the announcement should be ruled out"
            raise BenchmarkFailed(message)
        return found.gap + sum(alone(asked, group).shortfall for group in range(3))

    quick = _median(bound)
    sharp = _median(lambda: sharpest_certificate(asked.at_any_coverage()))
    cover = _median(lambda: largest_known_coverage(asked))
    false = _median(lambda: least_false_sheets(asked))
    ours = least_false_sheets(asked)
    start = time.perf_counter()
    theirs = _false_as_written(asked)
    peer = (time.perf_counter() - start) * 1e3
    if ours is None or math.ceil(theirs - 0.02) != ours.at_least:
        message = f"the false sheets differ: {ours} and {theirs}"
        raise BenchmarkFailed(message)
    large = _question(LARGE)
    many = _median(lambda: (quick_proof(large), least_false_sheets(large)), repeats=1)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Section(
        name="assessment",
        title=f"Could an announcement be true: {count:,} stations",
        text=f"Three groups of candidates, {_COVERED:.0%} of the stations with a sheet, {ours.at_least:,} sheets "
        f"that must be false at least. The programme with a column for each sheet and each false sheet, given to HiGHS "
        f"as it would be written down, comes to the same, {peer / false:.0f} times as slowly. Targets: the bound "
        f"under {_BOUND_MS} ms, programmes under {_PROGRAMME_S:.0f} s, those of false sheets under {_FALSE_S:.0f} s. "
        f"Bound and false sheets of {LARGE:,} stations: {many / 1e3:.1f} s, {memory:,.0f} MB at most.",
        columns=("", "ms"),
        rows=(
            ("the bound and its certificate", f"{quick:.1f}"),
            ("the sharpest weights, at any coverage", f"{sharp:.0f}"),
            ("the largest coverage", f"{cover:.0f}"),
            ("the least number of false sheets", f"{false:.0f}"),
            ("the same as one programme for HiGHS", f"{peer:.0f}"),
        ),
        is_met=quick < _BOUND_MS and max(sharp, cover) < _PROGRAMME_S * 1e3 and false < _FALSE_S * 1e3,
    )


def _question(count: int):  # noqa: ANN202 - a Question, whose module loads in a section of its own
    from escruta.assessment.bounds import Question  # noqa: PLC0415

    dice = np.random.default_rng(2024)
    voters = dice.integers(200, 1001, count)
    cast = dice.binomial(voters, 0.6)
    first = dice.binomial(cast, np.clip(dice.normal(0.67, 0.14, count), 0.02, 0.98))
    second = dice.binomial(cast - first, 0.93)
    votes = np.stack([first, second, cast - first - second], axis=1).astype(np.int64)
    known = int(count * _COVERED)
    outside = count - known
    claimed = int(count * _CLAIMED)
    least = claimed - outside
    fewest = int(np.sort(votes[:known, 0])[:least].sum())
    announced = (int(fewest * 0.95), int(votes[:, 1].sum() * 1.1), int(votes[:, 2].sum()))
    return Question(
        groups=("a", "b", "others"),
        votes=votes[:known],
        announced=(announced,),
        sizes=np.ones(known, dtype=np.int64),
        at_least=(least,),
        at_most=(min(known, claimed),),
        capacity=int(voters[known:].sum()),
        sheet_capacity=voters[:known].astype(np.int64),
    )


def _false_as_written(asked) -> float:  # noqa: ANN001 - a Question, as above
    """Write the programme down: a column for each sheet that is in it, one for each that is in it and false."""
    from scipy import sparse  # noqa: PLC0415
    from scipy.optimize import linprog  # noqa: PLC0415

    count, groups = asked.votes.shape
    ones, none = np.ones(count), np.zeros(count)
    cost = np.concatenate([none, ones, np.zeros(groups)])
    equal = np.hstack([asked.votes.T, np.zeros((groups, count)), np.eye(groups)])
    once = sparse.hstack([sparse.eye(count), sparse.eye(count), sparse.csr_matrix((count, groups))])
    reach = np.concatenate([ones, ones, np.zeros(groups)])
    room = np.concatenate([none, -asked.sheet_capacity, np.ones(groups)])
    below = sparse.vstack([once, sparse.csr_matrix(np.stack([-reach, reach, room]))], format="csr")
    limits = np.concatenate([ones, [-asked.at_least[0], asked.at_most[0], asked.capacity]])
    result = linprog(
        cost,
        A_eq=sparse.csr_matrix(equal),
        b_eq=asked.announced[0],
        A_ub=below,
        b_ub=limits,
        bounds=[(0, 1)] * (2 * count) + [(0, None)] * groups,
        method="highs",
    )
    return float(result.fun)


def _median(task: Callable[[], object], *, repeats: int = _REPEATS) -> float:
    """Give the milliseconds of a run in the middle, after one that warms up."""
    if repeats > 1:
        task()
    found = []
    for _ in range(repeats):
        start = time.perf_counter()
        task()
        found.append((time.perf_counter() - start) * 1e3)
    return statistics.median(found)
