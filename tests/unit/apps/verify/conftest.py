"""A record with pages, made once, and its verification in memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.unit.apps.verify.memory import InMemory, Verify, read_folder

from escruta.apps import api
from escruta.apps.demo import write_demo
from escruta.apps.verify import Printed, RecordReport, results, verify_record
from escruta.apps.verify.recomputing import recompute
from escruta.apps.verify.results import DEFINITION, SUMMARY
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


@pytest.fixture(scope="session")
def recomputed() -> dict[tuple[tuple[str, bytes], ...], Results]:
    """What was computed again, by the files that it was computed from."""
    return {}


@pytest.fixture
def verify(
    record: Mapping[str, bytes],
    recomputed: dict[tuple[tuple[str, bytes], ...], Results],
    monkeypatch: pytest.MonkeyPatch,
) -> Verify:
    """Verify files in memory, with the keys that were printed when the record was published.

    Most changes leave the tables alone. What follows from the same bytes is computed once.
    """
    files_now: Mapping[str, bytes] = {}

    def recompute_once(*given: Any) -> Results:
        read = sorted(path for path in files_now if path.endswith(".parquet") or path in {DEFINITION, SUMMARY})
        key = tuple((path, files_now[path]) for path in read)
        if key not in recomputed:
            recomputed[key] = recompute(*given)
        return recomputed[key]

    monkeypatch.setattr(results, "recompute", recompute_once)

    def verified(files: Mapping[str, bytes], **options: object) -> RecordReport:
        nonlocal files_now
        files_now = files
        printed = Printed(policy=record["log.policy"])
        with InMemory(files) as place:
            return verify_record(place, **{"printed": printed, **options})  # type: ignore[arg-type]

    return verified
