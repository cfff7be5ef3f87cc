"""Opening the files that a definition names; one that several sources read is read once.

A file with two contests in it is two sources of the same bytes. It stays on the shelf until the last of them has it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from escruta.base.errors import DigestDiffers, FileUnreadable
from escruta.election.definition import Layout, Source, SourceFile
from escruta.sources.cells import columns_of
from escruta.sources.files import SourceFile as ReadFile
from escruta.sources.files import sha256_of
from escruta.sources.formats import RawTable, TableOptions, read_table
from escruta.sources.growth import rows_since


class Shelf:
    """The files of some sources; each is kept for as long as one of them still wants it."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._wanted: Counter[tuple[str, TableOptions]] = Counter()
        self._columns: dict[tuple[str, TableOptions], dict[str, None]] = {}
        self._tables: dict[tuple[str, TableOptions], RawTable] = {}
        self._layouts: dict[tuple[str, TableOptions], list[Layout]] = {}
        for source in sources:
            for file in source.files:
                key = _key(file, source.layout)
                self._wanted[key] += 1
                self._layouts.setdefault(key, []).append(source.layout)
                self._columns.setdefault(key, {}).update(dict.fromkeys(columns_of(source.layout)))

    def open(self, file: SourceFile, layout: Layout, folders: tuple[Path, ...]) -> RawTable:
        """Read a file with the columns that any source wants of it, or take it from the shelf."""
        key = _key(file, layout)
        table = self._tables.pop(key, None)
        if table is None:
            table = open_file(file, layout, folders, columns=self._columns_of(key, layout))
        self._wanted[key] -= 1
        if self._wanted[key] > 0:
            self._tables[key] = table
        return table

    def rows_since(
        self, before: RawTable, file: SourceFile, layout: Layout, folders: tuple[Path, ...]
    ) -> RawTable | None:
        """Read what a file has beyond what it had before; None where it must be opened."""
        if file.sha256 is not None:  # the definition knows the very file
            return None
        options = _options(file, layout, self._columns_of(_key(file, layout), layout))
        return rows_since(before, find_file(file.path, folders), options)

    def _columns_of(self, key: tuple[str, TableOptions], layout: Layout) -> tuple[str, ...]:
        return tuple(self._columns.get(key, columns_of(layout)))

    def layouts_of(self, file: SourceFile, layout: Layout) -> tuple[Layout, ...]:
        """Give the layouts of all sources that read a file; what they choose of it are rows of one table."""
        return tuple(self._layouts.get(_key(file, layout), (layout,)))


def _key(file: SourceFile, layout: Layout) -> tuple[str, TableOptions]:
    return file.path, replace(table_options(layout, file), columns=None)


def open_file(
    file: SourceFile, layout: Layout, folders: tuple[Path, ...], *, columns: tuple[str, ...] | None = None
) -> RawTable:
    """Read a file that the definition names, and see that it is the very file.

    `columns` are those to read, the layout's own by default.
    """
    table = read_table(find_file(file.path, folders), _options(file, layout, columns), named=file.path)
    if file.sha256 is not None and table.file.sha256 != file.sha256:
        raise DigestDiffers(
            "the file is not the one that the definition names",
            where=file.path,
            found=table.file.sha256,
            expected=file.sha256,
            advice="Get the file that was published, or, if this one is meant, name its digest in the definition.",
        )
    return table


def _options(file: SourceFile, layout: Layout, columns: tuple[str, ...] | None) -> TableOptions:
    options = table_options(layout, file)
    return options if columns is None or options.columns is None else replace(options, columns=columns)


class Digests:
    """What the bytes of files are now, each file looked at once."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        """Look for files in each of some folders in turn."""
        self._folders = folders
        self._known: dict[str, str] = {}

    def are_those_of(self, files: Iterable[ReadFile]) -> bool:
        """Whether each of some files, by its name in the definition, has the very bytes that were read before.

        Raises `FileUnreadable` where one is not there or cannot be read. Neither size nor time of change tells: the
        bytes do.
        """
        return all(self._of(each.path) == each.sha256 for each in files)

    def _of(self, name: str) -> str:
        if name not in self._known:
            self._known[name] = sha256_of(find_file(name, self._folders), named=name)
        return self._known[name]


def find_file(name: str, folders: tuple[Path, ...]) -> Path:
    """Find a file that the definition names in the folders where it may be."""
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    raise FileUnreadable(
        "a file that the definition names is not there",
        where=name,
        found="no such file in " + " or ".join(str(folder) for folder in folders),
        advice="Say with --data in which folder the files are.",
    )


def table_options(layout: Layout, file: SourceFile) -> TableOptions:
    """Tell the readers of formats what a layout says of a file."""
    return TableOptions(
        format=layout.format,
        encoding=layout.encoding,
        delimiter=layout.delimiter,
        header_row=layout.header_row,
        sheet=layout.sheet,
        member=file.member,
        repair_encoding=layout.repair_encoding,
        columns=None if layout.format in {"actasum", "scans"} else columns_of(layout),
    )
