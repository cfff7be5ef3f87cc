"""Run the main job on a small election, and bring what it found into a shape in which two runs can be compared."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
from hypothesis import settings

from escruta.apps.examine import examine_election
from escruta.record.contents import ContestResults, Results
from escruta.record.summary import summary_of
from escruta.record.tables import tables_of
from escruta.testing import SmallElection

ONE_RUN = settings(max_examples=max(1, settings().max_examples // 2))
"""For laws whose every example runs the whole main job."""

SEVERAL_RUNS = settings(max_examples=max(1, settings().max_examples // 4))
"""For laws whose every example runs it several times."""


def examined(night: SmallElection, *, sources: Collection[str] | None = None, policy: str | None = None) -> Results:
    with TemporaryDirectory() as folder:
        election = night.write(Path(folder))
        return examine_election(election, [Path(folder)], sources=sources, policy=policy)


def contest_of(
    night: SmallElection, *, sources: Collection[str] | None = None, policy: str | None = None
) -> ContestResults:
    return examined(night, sources=sources, policy=policy).contests[0]


def country(results: ContestResults) -> dict[str, Any]:
    return results.areas.row(by_predicate=pl.col("area") == "", named=True)


def votes(results: ContestResults, area: str = "") -> dict[str, int]:
    rows = results.tally.totals.filter(pl.col("area") == area)
    return dict(zip(rows["candidate"], rows["votes"], strict=True))


def verdicts(results: ContestResults) -> dict[str, str]:
    rows = results.stations.with_columns(pl.col("verdict").cast(pl.String).fill_null("missing"))
    return dict(zip(rows["station"], rows["verdict"], strict=True))


def comparable(results: Results) -> dict[str, list[Any]]:
    """Give every table of the record, and the summary, without what only says where a row stood in a file."""
    tables = {name: _without_places(name, frame) for name, frame in tables_of(results)}
    summary = summary_of(results)
    for contest in summary["contests"]:
        contest["sources"] = sorted((each["source"], each["origin"], each["stations"]) for each in contest["sources"])
        contest["agreement"] = sorted(_pair(each["a"], each["b"], each) for each in contest["agreement"])
    return {**tables, "summary": [tuple(sorted(flat(summary).items()))]}


def _without_places(name: str, frame: pl.DataFrame) -> list[Any]:
    if name == "agreement":
        return sorted(_pair(row["a"], row["b"], row) for row in frame.to_dicts())
    plain = frame.drop("file", "row", strict=False)
    return sorted(plain.rows(), key=lambda row: tuple((value is not None, str(value)) for value in row))


def _pair(a: str, b: str, row: dict[str, object]) -> tuple[object, ...]:
    return (*sorted((a, b)), row["shared"], row["differing"])


def flat(value: object, path: str = "") -> dict[str, object]:
    """Lay a nested value out as path → plain value, so that a difference between two is easy to see."""
    if isinstance(value, dict):
        return {k: v for key, each in value.items() for k, v in flat(each, f"{path}.{key}").items()}
    if isinstance(value, list | tuple):
        return {k: v for at, each in enumerate(value) for k, v in flat(each, f"{path}[{at}]").items()}
    return {path: value}
