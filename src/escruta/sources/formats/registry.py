"""Which reader reads a file: the one that is named, or the one that the content points to.

Readers are found by the entry-point group `escruta.formats`; ours are registered through the same door as a stranger's.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path, PurePosixPath
from typing import cast

from escruta.base.errors import FormatUnknown
from escruta.sources.files import SourceFile, open_source
from escruta.sources.formats.notes import Note
from escruta.sources.formats.tables import RawTable, Reader, TableOptions

GROUP = "escruta.formats"
"""The entry-point group that a format registers itself under, with its name and its reader."""

OWN_FORMATS = {
    "actasum": "escruta.sources.formats.statements:read_actasum",
    "csv": "escruta.sources.formats.delimited:read_csv",
    "jsonl": "escruta.sources.formats.json_lines:read_jsonl",
    "parquet": "escruta.sources.formats.parquet:read_parquet",
    "scans": "escruta.sources.formats.scans:read_scans",
    "tsv": "escruta.sources.formats.delimited:read_tsv",
    "xlsx": "escruta.sources.formats.workbook:read_xlsx",
}
"""What our own distribution registers; used as it stands where the source tree runs without being installed."""

_BY_SUFFIX = {".tsv": "tsv", ".tab": "tsv"}
_FOREIGN = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old binary workbook (.xls) or a locked one", "Save it as .xlsx or .csv."),
    (b"%PDF", "a PDF", "Take the figures from a table file, or register a format for it."),
    (b"BZh", "a bzip2 archive", "Expand it, or pack it as .gz or .zip."),
    (b"\xfd7zXZ\x00", "an xz archive", "Expand it, or pack it as .gz or .zip."),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "Expand it, or pack it as .gz or .zip."),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", "Expand it, or pack it as .gz or .zip."),
    (b"Rar!", "a rar archive", "Expand it, or pack it as .gz or .zip."),
)
_HEAD_BYTES = 4096


def formats() -> dict[str, str]:
    """Give the registered formats: name and `module:reader`. A stranger cannot take the name of one of ours."""
    return dict(sorted((_registered() | OWN_FORMATS).items()))


def read_table(path: Path | str, options: TableOptions | None = None, *, named: str | None = None) -> RawTable:
    r"""Read a file as a table.

    `named` is the file's name in messages, when that is not `path`. Raises an `InputError` that names the spot when
    the file cannot be read as it was declared.

    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp(), "votes.csv")
    >>> _ = path.write_text("station,A,B\n1,10,20\n", encoding="utf-8")
    >>> read_table(path).frame.rows()
    [(2, '1', '10', '20')]
    """
    asked = options or TableOptions()
    return read_opened(open_source(path, member=asked.member, named=named), asked)


def read_opened(file: SourceFile, asked: TableOptions) -> RawTable:
    """Read a file that was looked at as a table."""
    if asked.format is not None:
        return reader(asked.format, file.path)(file, asked)
    name = detect_format(file)
    table = reader(name, file.path)(file, asked)
    return replace(table, notes=(Note(code="F110", details={"format": name}), *table.notes))


def reader(name: str, where: str | None = None) -> Reader:
    """Give the reader of a format; raises `FormatUnknown` with the names that there are."""
    if name in OWN_FORMATS:  # without a look at every distribution that is installed
        return _load(OWN_FORMATS[name])
    known = formats()
    if name not in known:
        raise FormatUnknown(
            "no reader is registered for this format",
            where=where,
            found=name,
            expected=", ".join(known),
            advice="Correct `format`, or install the distribution that brings it.",
        )
    return _load(known[name])


def detect_format(file: SourceFile) -> str:
    """Tell the format of a file from its first bytes, then from its name; anything that is text may be a CSV."""
    head = file.head(_HEAD_BYTES)
    _reject_foreign(file, head)
    if head.startswith(b"PK"):
        return "xlsx"
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return "actasum" if b'"actasum/statement/' in head else "jsonl"
    return _BY_SUFFIX.get(PurePosixPath(file.name.lower()).suffix, "csv")


def _reject_foreign(file: SourceFile, head: bytes) -> None:
    for magic, what, advice in _FOREIGN:
        if head.startswith(magic):
            raise FormatUnknown(
                "we do not read this kind of file",
                where=file.path,
                found=what,
                expected=", ".join(formats()),
                advice=advice,
            )


@cache
def _registered() -> dict[str, str]:
    return {entry.name: entry.value for entry in entry_points(group=GROUP)}


@cache
def _load(target: str) -> Reader:
    module, _, name = target.partition(":")
    found: Callable[..., RawTable] = getattr(importlib.import_module(module), name)
    return cast("Reader", found)
