"""Spread one function over many items: bounded in flight, and no worse for workers that die.

A worker may die of one item: a picture that makes a decoder crash, or that asks for more memory than there is. What was
in flight with it is then done again, one item at a time, and an item that kills its worker when it is alone comes back
as lost, with the reason. So the work must be repeatable: doing an item twice leaves the same behind as once.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Generic, Self, TypeVar

from escruta.apps.executing.errors import ClusterLost
from escruta.apps.executing.opening import is_broken, open_executor, width_of
from escruta.apps.executing.places import Kind, Workplace, workplace_named

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 2
"""Batches that wait for each worker, beside the one that it works on; more would only fill the memory."""
LOOK_S = 5
"""How long we wait for a task before we look whether its pool still stands."""
TRIES = 2
"""How often an item is tried alone before it is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Generic[Item, Result]):
    """An item, and what came of it."""

    item: Item
    result: Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost(Generic[Item]):
    """An item that killed every worker that tried it."""

    item: Item
    reason: str


def spread(
    place: str | Workplace,
    work: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    batch: int | None = None,
    workers: int | None = None,
) -> Generator[Done[Item, Result] | Lost[Item], None, None]:
    """Do the work for every item, each given back once, in the order in which they come to an end.

    `items` is read only as far as there is room for more. `batch` items go to a worker at once: 1 on this machine, 8 on
    a cluster, where each task costs milliseconds. What `work` raises is raised here and ends everything.
    """
    chosen = place if isinstance(place, Workplace) else workplace_named(place, workers)
    size = batch or (8 if chosen.kind is Kind.DASK else 1)
    with _Workers(chosen) as at_work:
        yield from _Spreading(at_work, work).run(items, size)


def batched(items: Iterable[Item], size: int) -> Iterator[tuple[Item, ...]]:
    """Cut items into groups; the last may be smaller.

    >>> list(batched("abcde", 2))
    [('a', 'b'), ('c', 'd'), ('e',)]
    """
    waiting = iter(items)
    while group := tuple(itertools.islice(waiting, size)):
        yield group


def do_each(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Do a batch, in a worker."""
    return [work(item) for item in items]


class _Workers:
    """An executor that is opened again after it broke."""

    def __init__(self, place: Workplace) -> None:
        self.place = place
        self._open = ExitStack()
        self.executor: Executor = self._open.enter_context(open_executor(place))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @property
    def width(self) -> int:
        return width_of(self.executor, self.place)

    def renew(self) -> None:
        """Begin with new workers; the workers of a cluster are its scheduler's business."""
        if self.place.kind is not Kind.DASK:
            self._open.close()
            self.executor = self._open.enter_context(open_executor(self.place))


class _Spreading(Generic[Item, Result]):
    def __init__(self, workers: _Workers, work: Callable[[Item], Result]) -> None:
        self._workers = workers
        self._work = work
        self._waiting: dict[Future[list[Result]], tuple[Item, ...]] = {}

    def run(self, items: Iterable[Item], size: int) -> Iterator[Done[Item, Result] | Lost[Item]]:
        most = self._workers.width * (1 + AHEAD)
        for group in batched(items, size):
            while len(self._waiting) >= most:
                yield from self._gather()
            if not self._submit(group):
                yield from self._one_by_one(group)
        while self._waiting:
            yield from self._gather()

    def _submit(self, group: tuple[Item, ...]) -> bool:
        """Hand a batch over; False where the workers are gone, which shows before a future says so."""
        try:
            self._waiting[self._workers.executor.submit(do_each, self._work, group)] = group
        except BrokenExecutor:
            return False
        return True

    def _gather(self) -> Iterator[Done[Item, Result] | Lost[Item]]:
        """Give what has come to an end; where workers died, find out of what."""
        ended = _ended(self._waiting, self._workers.executor)
        suspects = [] if ended else list(self._waiting.pop(next(iter(self._waiting))))
        for future in ended:
            group = self._waiting.pop(future)
            results = self._results(future)
            if results is None:
                suspects += group
            else:
                yield from (Done(item=item, result=result) for item, result in zip(group, results, strict=True))
        if suspects:
            yield from self._one_by_one(suspects)

    def _one_by_one(self, suspects: Sequence[Item]) -> Iterator[Done[Item, Result] | Lost[Item]]:
        """Do again what was in flight when a worker died, each item alone, so that only the guilty one is lost."""
        again = list(suspects)
        if self._workers.place.kind is not Kind.DASK:  # all the others die with it
            for future, group in self._waiting.items():
                results = self._results(future)
                if results is None:
                    again += group
                else:
                    yield from (Done(item=item, result=result) for item, result in zip(group, results, strict=True))
            self._waiting.clear()
            self._workers.renew()
        for item in again:
            yield self._alone(item)

    def _alone(self, item: Item) -> Done[Item, Result] | Lost[Item]:
        for _ in range(TRIES):
            results = self._results(self._workers.executor.submit(do_each, self._work, (item,)))
            if results is not None:
                return Done(item=item, result=results[0])
            self._workers.renew()
        return Lost(item=item, reason=f"it killed its worker {TRIES} times")

    def _results(self, future: Future[list[Result]]) -> list[Result] | None:
        """Wait for a batch; None where its worker died. Whatever else was raised is raised."""
        if not _ended([future], self._workers.executor):
            return None
        return _results(future, self._workers.place)


def _ended(futures: Collection[Future[Result]], executor: Executor) -> set[Future[Result]]:
    """Wait until some of the futures have ended, or none will: a pool that breaks may forget what came just then."""
    while True:
        broken = is_broken(executor)
        ended, _ = wait(futures, timeout=LOOK_S, return_when=FIRST_COMPLETED)
        if ended or broken:
            return ended


def _results(future: Future[list[Result]], place: Workplace) -> list[Result] | None:
    try:
        return future.result()
    except (BrokenExecutor, CancelledError):
        if place.kind is Kind.DASK:
            raise _lost(place, "the tasks were cancelled") from None
        return None
    except Exception as error:
        if place.kind is Kind.DASK and type(error).__name__ == "KilledWorker":
            return None
        if place.kind is Kind.DASK and isinstance(error, OSError) and type(error).__module__.startswith("distributed"):
            raise _lost(place, str(error)) from error
        raise


def _lost(place: Workplace, found: str) -> ClusterLost:
    return ClusterLost(
        "the Dask cluster answers no more",
        where=str(place),
        found=found,
        expected="a scheduler that stays until the work is done",
        advice="Run the same command again: what was done is not done twice.",
    )
