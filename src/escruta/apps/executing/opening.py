"""Open a place for heavy work as a `concurrent.futures.Executor`, whatever it is."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any, cast

from escruta.apps.executing.errors import ClusterLost, ExecutorUnknown
from escruta.apps.executing.places import Kind, Workplace, workplace_named

THREADS_OF_LIBRARIES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "POLARS_MAX_THREADS",
)
"""Where libraries look how many threads they may run: in a pool one, since the pool is what spreads the work."""
PATIENCE_S = 10
"""How long we wait for a cluster's scheduler to answer."""


@contextmanager
def open_executor(place: str | Workplace = "processes", *, workers: int | None = None) -> Iterator[Executor]:
    """Open an executor and close it at the end; what still waits then is not begun.

    `place` is `processes`, `threads` or `dask://HOST:PORT`. Functions and values cross to processes and clusters by
    pickle. Raises `ExecutorUnknown`, or `ClusterLost` where no scheduler answers.
    """
    chosen = place if isinstance(place, Workplace) else workplace_named(place, workers)
    if chosen.kind is Kind.DASK:
        with _open_cluster(str(chosen.address)) as cluster:
            yield cluster
        return
    executor = _pool(chosen)
    try:
        yield executor
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def width_of(executor: Executor, place: Workplace) -> int:
    """Count how much an executor does at once: a cluster's threads, or this machine's processes or threads."""
    client = getattr(executor, "_client", None)
    return place.workers if client is None else max(1, sum(client.nthreads().values()))


def is_broken(executor: Executor) -> bool:
    """Whether a pool of processes has lost one; a cluster replaces its workers, and threads do not die."""
    return isinstance(executor, _Processes) and executor.is_broken


def _pool(place: Workplace) -> Executor:
    if place.kind is Kind.THREADS:
        return ThreadPoolExecutor(place.workers, thread_name_prefix="escruta")
    return _Processes(place.workers)


class _Processes(ProcessPoolExecutor):
    """A pool that comes to an end also when it broke while it began a worker.

    Where a worker dies, the standard pool ends the others by itself, but not one that was begun at that very moment;
    then it waits for that one's end for ever (seen with Python 3.11.7).
    """

    def __init__(self, workers: int) -> None:
        self._children = _Children()
        super().__init__(workers, mp_context=self._children, initializer=become_worker)

    @property
    def is_broken(self) -> bool:
        """Whether a worker has died; before `shutdown` none ends in any other way."""
        return any(process.exitcode is not None for process in self._children.begun())

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - as above
        """Close the pool; what a broken one still does is not waited for, for nobody will take it."""
        if self.is_broken:
            for process in self._children.begun():
                process.kill()
        super().shutdown(wait, cancel_futures=cancel_futures)


class _OneThreaded(SpawnProcess):
    """A process that finds in its environment, from its first moment, that it is to run one thread.

    Libraries look there when they are imported, which is before an initializer runs: later is too late.
    """

    def start(self) -> None:
        with _in_environment(dict.fromkeys(THREADS_OF_LIBRARIES, "1")):
            super().start()


@contextmanager
def _in_environment(wanted: Mapping[str, str]) -> Iterator[None]:
    """Have variables in the environment that children inherit; what somebody set on purpose stays."""
    added = [name for name in wanted if name not in os.environ]
    os.environ.update({name: wanted[name] for name in added})
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)


class _Children(SpawnContext):
    """Makes the processes of one pool, and remembers them.

    They are spawned: a fork of a process that runs threads (Polars, OpenCV) may wait for ever on a lock that nobody
    holds.
    """

    def __init__(self) -> None:
        super().__init__()
        self._made: list[SpawnProcess] = []

    def Process(self, *args: Any, **named: Any) -> SpawnProcess:  # type: ignore[override]  # noqa: ANN401, N802
        """Make a process, as the pool asks its context to."""
        process = _OneThreaded(*args, **named)
        self._made.append(process)
        return process

    def begun(self) -> list[SpawnProcess]:
        """List the processes that were made and begun."""
        return [process for process in list(self._made) if process.pid is not None]


def become_worker() -> None:
    """Make a process of a pool a good child: it leaves Ctrl-C to its parent, and does not outlive it.

    A parent that is killed closes nothing, and a pool's process would wait for its next task for ever.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.join,), name="parent", daemon=True).start()


def _end_with(wait_for_parent: Callable[[], None]) -> None:
    wait_for_parent()
    os._exit(1)


@contextmanager
def _open_cluster(address: str) -> Iterator[Executor]:
    try:
        from distributed import Client  # noqa: PLC0415 - an optional package, and slow to import
    except ImportError as error:
        raise ExecutorUnknown(
            "Dask is not installed here",
            where="--executor",
            found=f"dask://{address}",
            expected="the package distributed, of the same version as the cluster's",
            advice="pip install distributed, or use processes.",
        ) from error
    try:
        client: Any = Client(f"tcp://{address}", timeout=PATIENCE_S, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise ClusterLost(
            "no Dask scheduler answers",
            where=f"dask://{address}",
            found=str(error) or type(error).__name__,
            expected=f"an answer within {PATIENCE_S} seconds",
            advice="Look whether the scheduler runs (dask scheduler) and whether this machine may reach it.",
        ) from error
    with client:
        # A task is answered from an earlier equal one unless it is said that calls are not pure.
        executor = cast("Executor", client.get_executor(pure=False))
        try:
            yield executor
        finally:
            executor.shutdown(wait=False)  # distributed cancels what still waits
