"""One seam for heavy work: every item comes back once, whatever does the work and whoever dies of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from pathlib import Path
from typing import Any

import pytest
from tests.unit.apps.executing import chores

from escruta.apps.executing import (
    ClusterLost,
    Done,
    ExecutorUnknown,
    Lost,
    open_executor,
    spread,
    spreading,
    workplace_named,
)
from escruta.apps.executing.opening import THREADS_OF_LIBRARIES


def results_of(spreading: Iterator[Done | Lost]) -> tuple[dict, list]:
    done, lost = {}, []
    for each in spreading:
        if isinstance(each, Done):
            assert each.item not in done
            done[each.item] = each.result
        else:
            lost.append(each.item)
    return done, lost


@pytest.mark.parametrize("place", ["threads", "processes"])
def test_every_item_comes_back_once(place):
    done, lost = results_of(spread(place, chores.double, range(40), workers=2, batch=3))
    assert (done, lost) == ({number: 2 * number for number in range(40)}, [])


def test_an_item_that_kills_its_worker_is_the_only_one_that_is_lost():
    done, lost = results_of(spread("processes", chores.die_at_seven, range(12), workers=2, batch=2))
    assert (done, lost) == ({number: 2 * number for number in range(12) if number != 7}, [7])


def test_a_worker_that_died_by_chance_changes_nothing(tmp_path):
    items = [(number, str(tmp_path)) for number in range(15)]
    done, lost = results_of(spread("processes", chores.die_once, items, workers=2, batch=2))
    assert (done, lost) == ({item: 2 * item[0] for item in items}, [])


def test_what_the_work_raises_ends_everything():
    with pytest.raises(ValueError, match="seven"):
        list(spread("threads", chores.refuse_seven, range(20), workers=2))


def test_no_more_is_taken_than_there_is_room_for():
    taken = []

    def items() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    spreading = spread("threads", chores.double, items(), workers=2, batch=2)
    next(spreading)
    assert len(taken) <= 2 * 2 * 3 + 2
    spreading.close()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are counted in /proc")
def test_a_worker_leaves_the_other_processors_to_the_other_workers(monkeypatch):
    """A library reads the environment when it is imported: one that has two threads then keeps them."""
    for name in THREADS_OF_LIBRARIES:
        monkeypatch.delenv(name, raising=False)
    with open_executor("processes", workers=1) as executor:
        further, found = executor.submit(chores.threads_of_numpy, 300).result()
    assert (further, found) == (0, "1")
    assert not {*THREADS_OF_LIBRARIES} & {*os.environ}


def test_what_somebody_set_on_purpose_stays(monkeypatch):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    with open_executor("processes", workers=1) as executor:
        assert executor.submit(chores.threads_of_numpy, 8).result()[1] == "2"


def test_open_executor_gives_an_executor():
    with open_executor("threads", workers=1) as executor:
        assert isinstance(executor, Executor)
        assert executor.submit(chores.double, 4).result() == 8


def test_a_pool_that_a_worker_keeps_open_after_another_died_is_closed_all_the_same():
    """A worker that is begun while another dies is never told to end; the pool would wait for it for ever."""
    executor: Any
    with open_executor("processes", workers=2) as executor:
        executor.submit(chores.double, 1).result()
        late = executor._mp_context.Process(target=time.sleep, args=(600,))
        late.start()
        late.terminate = lambda: None
        executor._processes[late.pid] = late
        with pytest.raises(BrokenExecutor):
            executor.submit(os._exit, 0).result(timeout=60)
        closing = executor._executor_manager_thread
        closing.join(timeout=0.3)
        assert closing.is_alive()  # so it is with the pool alone
    assert not closing.is_alive()
    assert late.exitcode == -signal.SIGKILL


def test_what_a_broken_pool_forgot_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(spreading, "LOOK_S", 0.2)
    with open_executor("processes", workers=1) as executor:
        with pytest.raises(BrokenExecutor):
            executor.submit(os._exit, 0).result(timeout=60)
        assert spreading._ended([Future()], executor) == set()


@pytest.mark.parametrize(
    "name", ["", "process", "dask://", "dask://host", "dask://a b:1", "dask://x@host:1", "ray://a:1"]
)
def test_another_name_is_refused_with_those_that_there_are(name):
    with pytest.raises(ExecutorUnknown) as caught:
        workplace_named(name)
    assert "dask://HOST:PORT" in str(caught.value.expected)


def test_without_dask_the_error_names_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ExecutorUnknown, match="not installed") as caught, open_executor("dask://127.0.0.1:1"):
        pass
    assert "distributed" in str(caught.value.advice)


def test_workers_do_not_outlive_a_parent_that_is_killed(tmp_path):
    """A parent that is killed can close nothing; its processes must notice by themselves."""
    code = (
        "from escruta.apps.executing import spread\n"
        "from tests.unit.apps.executing import chores\n"
        "if __name__ == '__main__':\n"
        f"    list(spread('processes', chores.wait_for_ever, [{str(tmp_path)!r}] * 2, workers=2))\n"
    )
    script = tmp_path / "parent.py"
    script.write_text(code, encoding="utf-8")
    root = Path(__file__).resolve().parents[4]
    pids = tmp_path / "pids"
    pids.mkdir()
    script.write_text(code.replace(repr(str(tmp_path)), repr(str(pids))), encoding="utf-8")
    parent = subprocess.Popen(  # noqa: S603 - our own words
        [sys.executable, script], env={**os.environ, "PYTHONPATH": str(root)}
    )
    try:
        assert _soon(lambda: len(list(pids.iterdir())) == 2)
    finally:
        parent.kill()
        parent.wait()
    workers = [int(path.name) for path in pids.iterdir()]
    ended = _soon(lambda: not any(_is_alive(pid) for pid in workers))
    for pid in filter(_is_alive, workers):
        os.kill(pid, signal.SIGKILL)
    assert ended


def _soon(is_so, seconds: float = 60) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if is_so():
            return True
        time.sleep(0.05)
    return False


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_no_scheduler_is_told(monkeypatch):
    monkeypatch.setattr("escruta.apps.executing.opening.PATIENCE_S", 0.3)
    with pytest.raises(ClusterLost, match="no Dask scheduler"), open_executor("dask://127.0.0.1:9"):
        pass
