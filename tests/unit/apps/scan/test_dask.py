"""A real Dask scheduler with two workers, one of which is killed half-way: the same readings."""

from __future__ import annotations

import os
import signal

import pytest
from tests.unit.apps.scan import tiny

from escruta.apps.executing import workplace_named
from escruta.apps.scan import files_of, finish, open_home, scan_files
from escruta.sources.scans.codes import Effort


@pytest.fixture
def cluster():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1", scheduler_port=0
    ) as cluster:
        yield cluster


@pytest.mark.filterwarnings("ignore")  # what distributed says of a worker that is gone is its own business
def test_a_killed_worker_of_a_cluster_changes_nothing(tmp_path, cluster):
    pictures = tmp_path / "pictures"
    tiny.write_pictures(pictures, 40)
    whole = open_home(tiny.write_election(tmp_path / "whole"))
    scan_files(whole, files_of([str(pictures)]), place=workplace_named("threads", 2), effort=Effort.QUICK)
    finish(whole)

    workers = [worker.pid for worker in cluster.workers.values()]
    killed: list[int] = []

    def kill_one(done: int, _whole: int, _failed: int) -> None:
        if done >= 16 and not killed:
            killed.append(workers[0])
            os.kill(workers[0], signal.SIGKILL)

    home = open_home(tiny.write_election(tmp_path / "cluster"))
    place = workplace_named(cluster.scheduler_address.replace("tcp://", "dask://"))
    counts = scan_files(home, files_of([str(pictures)]), place=place, effort=Effort.QUICK, progress=kill_one)
    finish(home)
    assert killed
    assert (counts.read, counts.failed) == (40, 0)
    assert home.table.read_bytes() == whole.table.read_bytes()
