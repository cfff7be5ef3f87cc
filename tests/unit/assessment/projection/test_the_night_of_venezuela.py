"""The design of the benchmark on real data: a bounded form here, all of it with `python3 dev.py torture`."""

import importlib.util

import numpy as np
import pytest

COVERAGE = [
    (arrival, share, asked)
    for arrival, asked, shares in (
        ("random", 0.85, (0.2, 0.5, 0.8)),
        ("states", 0.85, (0.2, 0.5, 0.8)),
        ("biased", 0.75, (0.5, 0.8)),
    )
    for share in shares
]


@pytest.fixture(scope="module")
def bench(repository):
    place = repository / "benchmarks" / "projection.py"
    spec = importlib.util.spec_from_file_location("projection_benchmark", place)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(importlib.import_module("sys").modules, spec.name, module)
        spec.loader.exec_module(module)
        yield module


@pytest.fixture(scope="module")
def night(bench, shared_data):
    return bench.load_night(shared_data)


@pytest.mark.data
def test_the_frame_is_that_of_our_notes(night):
    assert len(night.registered) == 10631
    assert night.margins.sum() == 3787904


@pytest.mark.data
def test_one_biased_order_at_half_is_near_and_inside(bench, night):
    cell = bench.run_cell(night, "biased", 0.5, 1, 0, None)
    assert abs(cell.errors[0]) < 30_000
    assert cell.covered == [True]
    assert cell.states[0] >= 0.6
    assert cell.widths[0] < 60_000


@pytest.mark.torture
@pytest.mark.data
@pytest.mark.parametrize(("arrival", "share", "asked"), COVERAGE)
def test_intervals_cover_what_was_asked_over_fifty_orders(bench, night, arrival, share, asked):
    cell = bench.run_cell(night, arrival, share, 50, 0, None)
    assert np.mean(cell.covered) >= asked
    assert np.mean(cell.states) >= asked
    assert np.median(cell.seconds) < 3
