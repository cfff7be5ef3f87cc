"""The logs of real records and of the demo's: whole to us, to another implementation, and in another language."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

from escruta.apps import api
from escruta.apps.demo import write_demo
from escruta.apps.published import open_published
from escruta.apps.verify import verify_record
from escruta.tlog import LogFolder, read_checkpoint
from escruta.tlog.checkpoints import checkpoint_of


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder / "election", stations=300, seed=3)
    api.run(folder / "election", folder / "record", languages=["en"])
    return folder / "record"


@pytest.fixture(scope="module")
def venezuela(repository: Path, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("venezuela") / "record"
    api.run(repository / "examples" / "venezuela-2024", out, data=shared_data, with_pages=False)
    return out


@pytest.fixture(params=["demo", pytest.param("venezuela", marks=pytest.mark.data)])
def record(request: pytest.FixtureRequest) -> Path:
    found: Path = request.getfixturevalue(request.param)
    return found


def test_the_record_verifies(record: Path) -> None:
    with open_published(str(record)) as place:
        assert verify_record(place).faults == ()


def test_another_implementation_audits_its_log(record: Path, aics: ModuleType) -> None:
    head = checkpoint_of(read_checkpoint(LogFolder(record / "log"))).head
    report = aics.audit_tiles(aics.FileSystemTileReader(record / "log"), head.size, head.root)
    assert report.size == head.size


def test_a_checker_in_another_language_accepts_its_log(record: Path, node: str, repository: Path) -> None:
    program = repository / "tests" / "independent" / "check_log.mjs"
    kept = sorted((record / "log" / "checkpoints").iterdir())
    words = [node, program, record / "log", record / "log.policy", *kept]
    done = subprocess.run([str(each) for each in words], capture_output=True, text=True, check=False, timeout=300)  # noqa: S603
    assert json.loads(done.stdout)["sound"], done.stdout
    assert done.returncode == 0


@pytest.mark.data
def test_the_log_of_the_venezuelan_case_holds_every_reading_of_both_sources(venezuela: Path) -> None:
    with open_published(str(venezuela)) as place:
        report = verify_record(place)
    assert report.standing is not None
    assert report.standing.checkpoint.head.size == 46_488  # rules, two files, the record; 24,532 and 21,952 readings
    assert "readings: 46484 digested again from their figures, and found in the log" in report.checked
