"""Publish one version after the other: record, log and pages, with only the touched pages written."""

from __future__ import annotations

import gc
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self, TypeVar

import polars as pl

from escruta.apps.live.trees import Trees
from escruta.base.errors import InputError
from escruta.portal.output import listed
from escruta.portal.proof.record_log import RecordLog
from escruta.portal.reading import Record
from escruta.portal.site import Rendered, look_ahead, pages_in, render_pages
from escruta.record.alone import alone_at
from escruta.record.contents import Results
from escruta.record.digests import DIGESTS
from escruta.record.entries import History
from escruta.record.logbook import LOG, LogBook, Publication
from escruta.record.pictures import redacted_pictures
from escruta.record.shapes import shapes_of
from escruta.record.writing import SITE, Beside, Written, begin_record

T = TypeVar("T")
BookOf = Callable[[str, Path, Path], LogBook]
"""Opens the log: the election's id, a folder of its own that is not there, and the log of the last record, if any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """A version that was published."""

    version: int
    """How many were published since the watch began."""
    pages: int
    """Pages of the site."""
    written: int
    """Pages that were written for this version; the others stayed as they were."""
    is_whole: bool
    """Whether every page was made anew."""
    seconds: dict[str, float] = field(default_factory=dict)
    """What each step took: `record` (and the wait for its files), `log`, `pages` (what is touched, rendered and linked)
    and `show`."""
    has_errors: bool = False
    """Whether any finding is of error severity."""


class LiveRecord(Record):
    """A record whose tables are known as they were written, and whose log continues one that was read before."""

    comes_again = True

    def __init__(self, folder: Path, since: LiveRecord | None, tables: Mapping[str, pl.DataFrame]) -> None:
        super().__init__(folder)
        self._since = since
        self._written = tables
        self._tables: dict[str, pl.DataFrame] = {}
        self._kept: dict[str, tuple[tuple[object, ...], Any]] = {}

    def table(self, name: str) -> pl.DataFrame:
        """Give one table of the record, brought into its form once."""
        if name not in self._tables:
            self._tables[name] = super().table(name)
        return self._tables[name]

    def as_written(self, name: str) -> pl.DataFrame:
        """Give one table as it was written; another one is read."""
        return self._written[name] if name in self._written else super().as_written(name)

    def has(self, name: str) -> bool:
        """Whether the record has a table, whose file may still be on its way."""
        return name in self._written or super().has(name)

    def columns(self, name: str) -> list[str]:
        """Name the columns of a table."""
        return self._written[name].columns if name in self._written else super().columns(name)

    def kept(self, key: str, made_from: tuple[object, ...], make: Callable[[], T]) -> T:
        """Make something once, or take it from the version before where that was made from the same."""
        if key not in self._kept or self._kept[key][0] != made_from:
            before = None if self._since is None else self._since._kept.get(key)  # noqa: SLF001 - one of us
            self._kept[key] = before if before is not None and before[0] == made_from else (made_from, make())
        found: T = self._kept[key][1]
        return found

    @cached_property
    def log(self) -> RecordLog | None:
        """The record's log; what was read of it for the last version is not read again."""
        return RecordLog.of(self.folder, None if self._since is None else self._since.log)

    def forget_the_past(self) -> None:
        """Keep what the next version needs, and nothing of the versions before."""
        self._since = None
        self._written = {}
        self._tables.clear()
        self._found.clear()


class LiveFolder:
    """The folder of a record that is published again and again; readers see one whole version at every moment."""

    def __init__(
        self, out: Path, book_of: BookOf, *, languages: Sequence[str] | None = None, executor: Executor | None = None
    ) -> None:
        """Take the place `out`; raises `OutputRefused` where something else stands, or somebody publishes, there."""
        with ExitStack() as opened:
            opened.enter_context(alone_at(out))
            self._trees = Trees(out)
            self._opened = opened.pop_all()
        self._book_of = book_of
        self._languages = languages
        self._executor = executor
        self._book: LogBook | None = None
        self._history: History | None = None
        self._record: LiveRecord | None = None
        self._written: Written | None = None
        self._rendered: Rendered | None = None
        self._versions = 0
        self._to_collect = False
        self._own = self.out.with_name(f".{self.out.name}.log")
        self._made = self.out.with_name(f".{self.out.name}.pages")

    @property
    def out(self) -> Path:
        """Where the version that readers see stands."""
        return self._trees.out

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._opened:
            self._trees.clear()
            for folder in (self._own, self._made):
                shutil.rmtree(folder, ignore_errors=True)

    def publish(self, results: Results, folders: Sequence[Path] = ()) -> Update:
        """Publish what was found as the next version; whatever fails, the last one stays where it is.

        In `folders` are the map and the redacted pictures that the definition names.
        """
        with _without_collecting():
            try:
                return self._publish(results, folders)
            except InputError:
                raise
            except BaseException:
                self._forget()
                raise

    def _forget(self) -> None:
        """Make the next version as the first one is made: nobody knows how far the log and the pages came."""
        self._book = self._history = None
        self._record = self._written = self._rendered = None

    def _publish(self, results: Results, folders: Sequence[Path]) -> Update:
        clock = _Clock()
        book = self._opened_book(results)
        folder = self._trees.begin()
        publication = Publication(folder, book, self._history)
        with begin_record(results, folder, beside=_beside(results, folders, book), since=self._written) as begun:
            clock.step("record")
            record = LiveRecord(folder, self._record, begun.tables)
            look_ahead(record)
            clock.step("pages")
            publication.log_received(results)
            clock.step("log")
            written = begun.finish()
            clock.step("record")
        publication.log_record()
        clock.step("log")
        rendered = self._render(record)
        clock.step("pages")
        publication.log_pages(SITE, listed(rendered.written), list_digest=rendered.list_digest)
        clock.step("log")
        self._trees.show()
        clock.step("show")
        record.folder = self.out
        record.forget_the_past()
        pages = pages_in(rendered.written)
        self._record, self._rendered = record, rendered
        self._written = written.moved_to(self.out)
        self._versions += 1
        self._to_collect = True
        return Update(
            version=self._versions,
            pages=rendered.pages,
            written=pages,
            is_whole=pages == rendered.pages,
            seconds=clock.seconds,
            has_errors=results.has_errors(),
        )

    def make_ready(self) -> None:
        """Prepare the next version while nothing else is to do."""
        self._trees.make_ready()
        shutil.rmtree(self._made, ignore_errors=True)
        if self._to_collect:
            self._to_collect = False
            gc.collect()

    def _opened_book(self, results: Results) -> LogBook:
        """Open the log at the first version; it is kept open, and what it holds is remembered."""
        if self._book is None:
            shutil.rmtree(self._own, ignore_errors=True)
            self._book = self._book_of(results.election.id, self._own, self.out / LOG)
            self._history = History.of(self._book.history())
        return self._book

    def _render(self, record: LiveRecord) -> Rendered:
        shutil.rmtree(self._made, ignore_errors=True)
        self._made.mkdir()
        rendered = render_pages(
            record, self._made, languages=self._languages, executor=self._executor, since=self._rendered
        )
        self._trees.fill(rendered.files, self._made, rendered.written)
        (record.folder / SITE / DIGESTS).unlink(missing_ok=True)
        (self._made / DIGESTS).rename(record.folder / SITE / DIGESTS)
        return rendered


def _beside(results: Results, folders: Sequence[Path], book: LogBook) -> Beside:
    chart = results.election.map
    return Beside(
        log_policy=book.policy,
        pictures=redacted_pictures(results, folders),
        shapes=None if chart is None else shapes_of(chart, folders),
    )


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Let the collector rest: it would look again and again at what is kept of a hundred thousand pages."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Clock:
    """Adds up what each step takes."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def step(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds[name] = round(self.seconds.get(name, 0.0) + now - self._last, 4)
        self._last = now
