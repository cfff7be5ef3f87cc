"""The pages are the same bytes through a Dask cluster with two workers."""

from __future__ import annotations

import pytest
from tests.unit.portal.test_site import content_of

from escruta.apps.executing import open_executor
from escruta.portal import render_site


@pytest.mark.filterwarnings("ignore")  # what distributed says when it closes is its own business
@pytest.mark.parametrize(
    "processes", [False, pytest.param(True, marks=pytest.mark.torture)], ids=["two-threads", "two-processes"]
)
def test_a_cluster_of_two_workers_changes_no_byte(record, site, tmp_path, processes):
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=processes, protocol="tcp", dashboard_address=None
    ) as cluster:
        address = cluster.scheduler_address.replace("tcp://", "dask://")
        with open_executor(address) as executor:
            spread = render_site(record, tmp_path / "site", executor=executor)
    assert content_of(spread.out) == content_of(site)
