"""A record with pages, made once, and its verification in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.unit.apps.verify.memory import InMemory, Verify, read_folder

from escruta.apps import api
from escruta.apps.demo import write_demo
from escruta.apps.verify import Printed, RecordReport, results, verify_record
from escruta.apps.verify.recomputing import Tables, recompute
from escruta.election.definition import Election
from escruta.record.contents import Results


@pytest.fixture(scope="session")
def record_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("verified")
    write_demo(folder / "election", stations=40, seed=7)
    api.run(folder / "election", folder / "record", languages=["en"])
    return folder / "record"


@pytest.fixture(scope="session")
def record(record_folder: Path) -> Mapping[str, bytes]:
    return read_folder(record_folder)


def _said(table: pl.DataFrame) -> tuple[str, str]:
    return str(table.schema), table.write_json()


@pytest.fixture(scope="session")
def recomputed() -> dict[tuple[object, ...], Results]:
    """What was computed again, by what it was computed from."""
    return {}


@pytest.fixture(autouse=True)
def recomputed_once(recomputed: dict[tuple[object, ...], Results], monkeypatch: pytest.MonkeyPatch) -> None:
    """Compute once what follows from the same readings, stations and areas: most changes leave those alone."""

    def recompute_once(election: Election, summary: Mapping[str, Any], tables: Tables) -> Results:
        names = ("stations", "areas", "marks", *(f"readings-{contest.id}" for contest in election.contests))
        try:
            read = [_said(tables(name)) for name in names]
        except (Exception, pl.exceptions.PanicException):  # noqa: BLE001 - as a foreign file makes a library raise
            return recompute(election, summary, tables)
        key = (election.model_dump_json(), json.dumps(summary, sort_keys=True), *read)
        if key not in recomputed:
            recomputed[key] = recompute(election, summary, tables)
        return recomputed[key]

    monkeypatch.setattr(results, "recompute", recompute_once)


@pytest.fixture
def verify(record: Mapping[str, bytes]) -> Verify:
    """Verify files in memory, with the keys that were printed when the record was published."""
    printed = Printed(policy=record["log.policy"])

    def verified(files: Mapping[str, bytes], **options: object) -> RecordReport:
        with InMemory(files) as place:
            return verify_record(place, **{"printed": printed, **options})  # type: ignore[arg-type]

    return verified
