"""Write a record: a folder that stands complete, or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

import polars as pl

from escruta.record.contents import Results
from escruta.record.digests import DIGESTS, write_digests
from escruta.record.entries import definition_of
from escruta.record.folders import holds_only, left_by, whole_folder
from escruta.record.logbook import LOG, POLICY
from escruta.record.package import package_of
from escruta.record.pictures import PICTURES, RedactedPicture, publish_pictures
from escruta.record.shapes import SHAPES
from escruta.record.statements import write_contest_statements
from escruta.record.summary import summary_of
from escruta.record.table_files import TableFiles, TableWriter
from escruta.record.tables import makers_of, tables_of
from escruta.sources.readings import FileRead
from escruta.sources.stations import Geography

SUMMARY = "summary.json"
GIVEN = (SHAPES, PICTURES)
"""Tables that a record may have beside those that follow from its readings."""
SITE = "site"
"""The folder of the pages inside a record's folder."""

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


def record_folder(out: Path) -> AbstractContextManager[Path]:
    """Give a folder to write a record in, which takes the place of `out` only when everything in it is written.

    A folder that is neither empty nor a record is refused, and so is a record beside which other files stand: nothing
    of somebody else's is ever removed.
    """
    return whole_folder(out, is_record, holds="the record")


def is_record(folder: Path) -> bool:
    """Say whether a folder holds a record and nothing else: the files that its digests name, the log and the pages.

    What a writer of pages that was killed left behind is nothing else.
    """
    if not (folder / DIGESTS).is_file():
        return False
    lines = (folder / DIGESTS).read_text(encoding="utf-8", errors="replace").splitlines()
    named = {line.partition("  ")[2].partition("/")[0] for line in lines}
    return {SUMMARY, "election.json"} <= named and holds_only(folder, {*named, DIGESTS, LOG, SITE, *left_by(SITE)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A record that was written, of which the next one can take what is the same."""

    summary: dict[str, Any]
    geography: Geography
    files: TableFiles

    def moved_to(self, folder: Path) -> Written:
        """Say where the record stands now."""
        return replace(self, files=replace(self.files, folder=folder))

    def made(self, results: Results) -> dict[str, pl.DataFrame]:
        """Give the tables that need not be made again: they follow from what is as it was."""
        has_same = self.geography.areas.equals(results.geography.areas)
        same_places = results.geography.lists_the_stations_of(self.geography)
        return {"areas": self.files.tables["areas"]} if has_same and same_places else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What a record holds beside what was found."""

    with_statements: bool = False
    """Whether to write `statements-CONTEST.jsonl`, the standing readings for programs that read statements."""
    log_policy: str | None = None
    """What is written as `log.policy`."""
    pictures: Iterable[RedactedPicture] = ()
    shapes: pl.DataFrame | None = None
    """The map's outlines."""


class Begun:
    """A record whose documents are written, and whose tables are on their way into their files."""

    def __init__(self, folder: Path, results: Results, summary: dict[str, Any], writer: TableWriter) -> None:
        self._folder = folder
        self._results = results
        self._summary = summary
        self._writer = writer

    @property
    def tables(self) -> Mapping[str, pl.DataFrame]:
        """The tables, by their names, as they are written."""
        return self._writer.tables

    def finish(self) -> Written:
        """Wait until every table is written, and write the list of digests, which makes the record whole."""
        files = self._writer.finish()
        write_digests(self._folder, [PICTURES] if PICTURES in files.tables else [], known=files.digests)
        return Written(summary=self._summary, geography=self._results.geography, files=files)


def write_record(
    results: Results,
    folder: Path,
    progress: Progress | None = None,
    *,
    beside: Beside = Beside(),
    since: Written | None = None,
) -> Written:
    """Write every file of the record into an empty folder.

    Files that are the same as in an earlier record, `since`, are linked.
    """
    with begin_record(results, folder, progress, beside=beside, since=since) as begun:
        return begun.finish()


@contextmanager
def begin_record(
    results: Results,
    folder: Path,
    progress: Progress | None = None,
    *,
    beside: Beside = Beside(),
    since: Written | None = None,
) -> Iterator[Begun]:
    """Begin what `write_record` does, for whoever has something else to do before it is finished."""
    published = publish_pictures(beside.pictures, folder)
    known = {} if since is None else since.made(results)
    known |= {} if beside.shapes is None else {SHAPES: beside.shapes}
    known |= {PICTURES: published} if published.height else {}
    makers = {**makers_of(results), **{name: table.clone for name, table in known.items()}}
    with TableWriter(folder, None if since is None else since.files) as writer:
        for done, (name, make) in enumerate(makers.items(), 1):
            writer.put(name, _plain(make()))
            if progress is not None:
                progress("record", done, len(makers))
        summary = summary_of(results)
        _write_json(folder / SUMMARY, summary)
        _write_json(folder / "files.json", [_file(source, file) for source, file in results.files])
        _write_json(folder / "datapackage.json", package_of(results.election, writer.schemas()))
        (folder / "election.json").write_bytes(definition_of(results))
        (folder / "recompute.sql").write_text(_recompute(), encoding="utf-8", newline="\n")
        if beside.with_statements:
            for contest in results.contests:
                write_contest_statements(contest, results.election, folder / f"statements-{contest.contest}.jsonl")
        if beside.log_policy is not None:
            (folder / POLICY).write_text(beside.log_policy, encoding="utf-8", newline="\n")
        yield Begun(folder, results, summary, writer)


def _recompute() -> str:
    return resources.files("escruta.record").joinpath("recompute.sql").read_text(encoding="utf-8")


def _file(source: str, read: FileRead) -> dict[str, Any]:
    table = read.table
    return {
        "source": source,
        "path": read.file.path,
        "published_at": read.file.published_at,
        "sha256": table.file.sha256,
        "bytes": table.file.size,
        "content_digest": table.content_digest,
        "format": table.format,
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "line_ends": table.line_ends,
        "sheet": table.sheet,
        "rows": read.rows,
        "notes": [{"code": note.code, "details": note.details} for note in table.notes],
    }


def plain_tables_of(results: Results) -> Iterator[tuple[str, pl.DataFrame]]:
    """Give every table of the record with its name, in the types in which it is written."""
    for name, frame in tables_of(results):
        yield name, _plain(frame)


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String)).rechunk()


def written_json(value: object) -> bytes:
    """Write a document as a record holds it."""
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _write_json(path: Path, value: object) -> None:
    path.write_bytes(written_json(value))
