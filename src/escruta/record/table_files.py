"""The tables of a record as files, each as Parquet and as CSV; those that an earlier record has too are linked."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import polars as pl

from escruta.record.digests import digest_of


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFiles:
    """The tables that were written into a record's folder."""

    folder: Path
    tables: Mapping[str, pl.DataFrame]
    digests: Mapping[str, str]
    """The SHA-256 of each of the files, by its name."""

    def has(self, name: str, table: pl.DataFrame) -> bool:
        """Whether the same table was written under the same name."""
        own = self.tables.get(name)
        return own is not None and own.schema == table.schema and own.equals(table)


class TableWriter:
    """Writes tables with all cores, while the next of them are made.

    A file of an earlier record is never written into. It is taken only where its bytes are still those that were
    written there, so that nothing that befell it goes from record to record.
    """

    def __init__(self, folder: Path, since: TableFiles | None = None) -> None:
        """Write into a folder; `since` are the tables of an earlier record."""
        self._folder = folder
        self._since = since
        self._tables: dict[str, pl.DataFrame] = {}
        self._digests: dict[str, Future[str]] = {}
        self._threads = ThreadPoolExecutor(pl.thread_pool_size(), thread_name_prefix="tables")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(cancel_futures=True)

    def put(self, name: str, table: pl.DataFrame) -> None:
        """Write a table under a name."""
        self._tables[name] = table
        same = self._threads.submit(self._same, name, table)
        for file in _files_of(name):
            self._digests[file] = self._threads.submit(_put, table, self._folder / file, same)

    def _same(self, name: str, table: pl.DataFrame) -> TableFiles | None:
        """Give the earlier record where it has the same table."""
        return self._since if self._since is not None and self._since.has(name, table) else None

    @property
    def tables(self) -> Mapping[str, pl.DataFrame]:
        """The tables that were put, by their names."""
        return self._tables

    def schemas(self) -> dict[str, pl.Schema]:
        """Give the columns of each table."""
        return {name: table.schema for name, table in self._tables.items()}

    def finish(self) -> TableFiles:
        """Wait until every table is written; raises what kept one from being written."""
        digests = {file: digest.result() for file, digest in self._digests.items()}
        return TableFiles(folder=self._folder, tables=self._tables, digests=digests)


def _files_of(name: str) -> Iterator[str]:
    yield f"{name}.parquet"
    yield f"{name}.csv"


def _put(table: pl.DataFrame, path: Path, same: Future[TableFiles | None]) -> str:
    """Write a table, or take its file from where it was written before; gives the file's SHA-256.

    Whether it is the `same` as before is being found out since before this was begun, so that nothing waits for ever.
    """
    since = same.result()
    if since is not None and _link(since.folder / path.name, path):
        digest = digest_of(path)
        if digest == since.digests[path.name]:
            return digest
        path.unlink()
    if path.suffix == ".csv":
        table.write_csv(path)
    else:
        table.write_parquet(path, compression="zstd", compression_level=1, statistics=True)
    return digest_of(path)


def _link(source: Path, path: Path) -> bool:
    """Let a file stand in two places; it is copied where the file system cannot link it. False where it is gone."""
    try:
        os.link(source, path)
    except FileNotFoundError:
        return False
    except OSError:
        shutil.copyfile(source, path)
    return True
