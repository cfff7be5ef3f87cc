"""The whole run: find the files, read those that are new, write down what came of each as soon as it is there."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from escruta.apps.executing import Lost, Workplace, spread
from escruta.apps.executing.places import Kind
from escruta.apps.scan.homes import ScanHome
from escruta.apps.scan.intake import look_at, shown_name
from escruta.apps.scan.journal import Again, Journal, open_journal
from escruta.apps.scan.keeping import sweep
from escruta.apps.scan.orders import ScanOrders, orders_of
from escruta.apps.scan.printed import layout_at
from escruta.apps.scan.reading_one import ScanJob, read_one
from escruta.sources.scans.codes import Effort
from escruta.sources.scans.opening.pdf import require_scan_extra

FORCED_EVERY_S = 1.0
"""What was read is on the disk at most so much later."""
FORCED_EVERY = 64


class Progress(Protocol):
    """Told after each file that was read now; those that were read before take no time, and count nowhere."""

    def __call__(self, done: int, whole: int, failed: int, /) -> None:
        """Take how many files are done, of how many as far as is known, and how many of these gave no reading."""


@dataclass(slots=True, kw_only=True)
class ScanCounts:
    """What came of the files of one run."""

    files: int = 0
    """Files that were named."""
    known: int = 0
    """Files whose bytes had been read before, in this run or in an earlier one."""
    read: int = 0
    """Files that were read now and gave a reading."""
    failures: Counter[str] = field(default_factory=Counter)
    """Reason -> files that were read now and gave none."""
    examples: dict[str, str] = field(default_factory=dict)
    """Reason -> one such file."""
    seconds: float = 0.0

    @property
    def failed(self) -> int:
        """Files that gave no reading."""
        return sum(self.failures.values())

    def fail(self, reason: str, name: str) -> None:
        """Count a file that gave no reading."""
        self.failures[reason] += 1
        self.examples.setdefault(reason, name)


def scan_files(
    home: ScanHome,
    files: Sequence[Path],
    *,
    place: Workplace,
    effort: Effort = Effort.USUAL,
    progress: Progress | None = None,
    again: Again = Again.NO,
) -> ScanCounts:
    """Read every file that was not read before; what is done stays done whenever the process ends.

    Raises `LayoutUnusable` where a layout is none, `ScanHomeUnusable` where another process scans into the same place,
    `ClusterLost` where a cluster goes away.
    """
    orders = orders_of(home, effort)
    if place.kind is not Kind.DASK:
        _require_tools(orders)
    home.make()
    counts = ScanCounts(files=len(files))
    started = time.monotonic()
    with open_journal(home.journal, again) as journal, _Batches(journal) as batches:
        _sweep(home)
        jobs = _Jobs(home, files, journal, counts, orders)
        for each in spread(place, read_one, jobs.new()):
            said = _lost(each) if isinstance(each, Lost) else each.result
            _count(counts, said)
            batches.add(said)
            if progress is not None:
                progress(counts.read + counts.failed, counts.files - counts.known, counts.failed)
    counts.seconds = time.monotonic() - started
    return counts


def _require_tools(orders: ScanOrders) -> None:
    """Find out before the first picture what would fail at each of them: a library, or a layout that is none."""
    for module in ("cv2", "PIL", "zxingcpp", *(("onnxruntime",) if orders.layouts else ())):
        require_scan_extra(module)
    for layout in orders.layouts:
        layout_at(*layout)


def _sweep(home: ScanHome) -> None:
    """Take away what workers that were killed left half-written, now that no other process scans into this place."""
    for folder in (home.redacted, *(each for each in home.originals.iterdir() if each.is_dir())):
        sweep(folder)


class _Jobs:
    """The files that are to be read, looked at only when there is room for them."""

    def __init__(
        self, home: ScanHome, files: Sequence[Path], journal: Journal, counts: ScanCounts, orders: ScanOrders
    ) -> None:
        self._orders = orders
        self._files = files
        self._journal = journal
        self._counts = counts
        self._begun: set[str] = set()
        self._ours = (home.redacted.resolve(), home.originals.resolve())

    def new(self) -> Iterator[ScanJob]:
        for path in self._files:
            if any(path.resolve().is_relative_to(folder) for folder in self._ours):
                self._counts.fail("it is a picture that was written here", shown_name(path))
                continue
            found = look_at(path)
            if found.digest is None:  # it may be there the next time, so the journal does not know of it
                self._counts.fail(f"the file cannot be opened: {found.error}", shown_name(path))
            elif found.digest in self._begun or self._journal.has(found.digest):
                self._counts.known += 1
            else:
                self._begun.add(found.digest)
                yield ScanJob(path=str(path.resolve()), digest=found.digest, orders=self._orders)


class _Batches:
    """Lines for the journal, forced down together: each of them alone would cost the time of a picture."""

    def __init__(self, journal: Journal, now: Callable[[], float] = time.monotonic) -> None:
        self._journal = journal
        self._now = now
        self._waiting: list[dict[str, Any]] = []
        self._forced = now()

    def __enter__(self) -> _Batches:  # noqa: PYI034 - it is not meant to be inherited from
        return self

    def __exit__(self, *_: object) -> None:
        self._force()

    def add(self, said: dict[str, Any]) -> None:
        self._waiting.append(said)
        if len(self._waiting) >= FORCED_EVERY or self._now() - self._forced >= FORCED_EVERY_S:
            self._force()

    def _force(self) -> None:
        self._journal.append(self._waiting)
        self._waiting = []
        self._forced = self._now()


def _lost(lost: Lost[ScanJob]) -> dict[str, Any]:
    job = lost.item
    return {
        "digest": job.digest,
        "name": shown_name(Path(job.path)),
        "pages": [],
        "failure": lost.reason,
        "again": True,
    }


def _count(counts: ScanCounts, said: dict[str, Any]) -> None:
    if said["failure"] is None:
        counts.read += 1
    else:
        counts.fail(said["failure"], said["name"])


__all__ = ["Progress", "ScanCounts", "scan_files"]
