"""A record with pages, made once, and its verification in memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.unit.apps.verify.memory import InMemory, Verify, read_folder

from escruta.apps import api
from escruta.apps.demo import write_demo
from escruta.apps.verify import Printed, RecordReport, verify_record


@pytest.fixture(scope="session")
def record_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("verified")
    write_demo(folder / "election", stations=40, seed=7)
    api.run(folder / "election", folder / "record", languages=["en"])
    return folder / "record"


@pytest.fixture(scope="session")
def record(record_folder: Path) -> Mapping[str, bytes]:
    return read_folder(record_folder)


@pytest.fixture
def verify(record: Mapping[str, bytes]) -> Verify:
    """Verify files in memory, with the keys that were printed when the record was published."""

    def verified(files: Mapping[str, bytes], **options: object) -> RecordReport:
        printed = Printed(policy=record["log.policy"])
        with InMemory(files) as place:
            return verify_record(place, **{"printed": printed, **options})  # type: ignore[arg-type]

    return verified
