"""Pictures of an unseen seed, drawn by the generator beside the shared data: figures right, and no person left."""

import importlib.util
import secrets
import subprocess
import sys

import pytest
from tests.conftest import REPOSITORY

pytest.importorskip("cv2", reason="needs the extra scan")

PER_LEVEL = 5


@pytest.mark.torture
def test_figures_are_right_and_nobody_is_left_on_pictures_of_an_unseen_seed(shared_data, tmp_path):
    generator = shared_data.parent / "tools" / "make_actas.py"
    if not generator.is_file():
        pytest.skip("no generator of pictures beside the shared data")
    votes, seed = shared_data / "ve-2024" / "campaign_v1.csv", secrets.randbelow(1_000_000)
    command = [sys.executable, generator, "--votes", votes, "--out", tmp_path, "--seed", str(seed)]
    subprocess.run([*map(str, command), "--per-level", str(PER_LEVEL), "--per-factor", "0"], check=True)  # noqa: S603 - ours
    spec = importlib.util.spec_from_file_location("benchmark_of_figures", REPOSITORY / "benchmarks" / "figures.py")
    assert spec is not None
    assert spec is not None
    assert spec.loader is not None
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    found = benchmark.measured(generator, tmp_path)
    for level in ("L0", "L1", "L2", "L3"):
        assert found["levels"][level]["wrong"] == 0, (seed, found)
        assert found["levels"][level]["fields"] >= benchmark.FIELDS[level] - 0.01, (seed, found)
    assert found["redaction"]["left"] == found["redaction"]["lost"] == 0, (seed, found)
