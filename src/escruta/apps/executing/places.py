"""Places for heavy work, by the name that a person gives them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from enum import StrEnum

from escruta.apps.executing.errors import ExecutorUnknown

_DASK = re.compile(r"dask://(?P<host>\[[0-9a-fA-F:]+\]|[^\s/:@]+):(?P<port>\d{1,5})/?")
_FORMS = "processes, threads, or dask://HOST:PORT"


class Kind(StrEnum):
    """What does the work."""

    PROCESSES = "processes"
    THREADS = "threads"
    DASK = "dask"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """Where heavy work is done, and by how many at once."""

    kind: Kind
    workers: int
    """Processes or threads; of a cluster, the number is its own and this one is not looked at."""
    address: str | None = None
    """`HOST:PORT` of a cluster's scheduler."""

    def __str__(self) -> str:
        return f"dask://{self.address}" if self.address else f"{self.workers} {self.kind.value}"


def workplace_named(name: str, workers: int | None = None) -> Workplace:
    """Read the name of a place; `workers` is as many as this machine lets us use when absent.

    Raises `ExecutorUnknown` for any other name.

    >>> str(workplace_named("processes", 2)), workplace_named("dask://[::1]:8786").address
    ('2 processes', '[::1]:8786')
    """
    at_once = workers if workers is not None else _processors()
    if name in {Kind.PROCESSES, Kind.THREADS}:
        return Workplace(kind=Kind(name), workers=at_once)
    cluster = _DASK.fullmatch(name)
    if cluster is None:
        raise ExecutorUnknown(
            "there is no such place for heavy work",
            where="--executor",
            found=name,
            expected=_FORMS,
            advice="Leave it out to use this machine's processors.",
        )
    return Workplace(kind=Kind.DASK, workers=at_once, address=f"{cluster['host']}:{cluster['port']}")


def _processors() -> int:
    """Count the processors that this process may run on."""
    return max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
