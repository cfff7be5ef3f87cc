"""The parts of an .xlsx workbook (ECMA-376, SpreadsheetML): its sheets, its texts, its styles and its cells.

We read the XML ourselves, because evidence needs what quick readers hide: which cell is a formula, which holds an
error instead of nothing, which is a number and which a text that looks like one, and where each one stands.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import BinaryIO, cast
from xml.parsers import expat

from escruta.base.errors import ArchiveUnsafe, FileUnreadable, TableBroken
from escruta.sources.files import ARCHIVE_ERRORS, CountedStream, SourceFile
from escruta.sources.formats.encodings import raw_blocks

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
"""The size of a sheet (ECMA-376 part 1, 18.3.1.73 and 18.3.1.13 as every program limits them)."""

_DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_DATE_LETTERS = re.compile(r"[ymdhs]", re.IGNORECASE)
_NOT_LETTERS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|general', re.IGNORECASE)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_LOCKED = 1

Handler = Callable[[str, Mapping[str, str]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A sheet that holds cells."""

    name: str
    part: str
    """Its part in the package."""
    is_hidden: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbook:
    """What the package says of itself."""

    sheets: tuple[Sheet, ...]
    texts: Sequence[str]
    """The shared texts, by index."""
    date_styles: frozenset[str]
    """The styles that show a number as a date or a time."""
    counts_from_1904: bool
    """Whether dates are counted from 1904, as old Macintosh workbooks do."""


@dataclass(slots=True, kw_only=True)
class Cells:
    """The cells of a sheet in the order in which they stand, as parallel lists; and what else the sheet has."""

    names: list[str] = field(default_factory=list)
    """As in `C5`."""
    types: list[str] = field(default_factory=list)
    """`n` for a number, `s` a shared text, `str` or `inlineStr` a text, `b` a truth value, `e` an error, `d` a date."""
    styles: list[str] = field(default_factory=list)
    """The index of the cell's style."""
    texts: list[str] = field(default_factory=list)
    """As written in the file; for `s` the index of a shared text; empty when nothing stands in the cell."""
    formulas: list[str] = field(default_factory=list)
    """The names of the cells with a formula."""
    merged: list[str] = field(default_factory=list)
    """Ranges of merged cells, such as `B1:C1`."""


class Package:
    """An open workbook; every part is expanded within the limits of the file."""

    def __init__(self, file: SourceFile, archive: zipfile.ZipFile) -> None:
        self._file = file
        self._archive = archive
        self._names = set(archive.namelist())

    def parse(self, part: str, start: Handler, end: Callable[[str], None], text: Callable[[str], None]) -> None:
        """Parse a part; names come without their namespace prefix. Raises `TableBroken` when it is no clean XML."""
        parser = expat.ParserCreate()
        parser.buffer_text = True

        def on_first(name: str, attributes: dict[str, str]) -> None:
            has_prefix = ":" in name
            parser.StartElementHandler = _local_start(start) if has_prefix else start
            parser.EndElementHandler = _local_end(end) if has_prefix else end
            parser.StartElementHandler(name, attributes)

        parser.StartElementHandler = on_first
        parser.CharacterDataHandler = text
        parser.StartDoctypeDeclHandler = self._reject_doctype
        try:
            for block in raw_blocks(self._open(part)):
                parser.Parse(block, False)  # noqa: FBT003 - expat names its arguments by place only
            parser.Parse(b"", True)  # noqa: FBT003 - the same
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise TableBroken(
                "the workbook's XML is damaged",
                where=self._file.path,
                found=f"{part}: {error}",
                expected="a part as ECMA-376 describes it",
                advice="Open the workbook in a spreadsheet program and save it again, or fetch it again.",
            ) from error

    def elements(self, part: str) -> list[tuple[str, Mapping[str, str]]]:
        """Give all elements of a small part with their attributes, in order; none when the part is not there."""
        found: list[tuple[str, Mapping[str, str]]] = []
        if part in self._names:
            self.parse(part, lambda name, attributes: found.append((name, attributes)), _ignore, _ignore)
        return found

    def has(self, part: str) -> bool:
        """Say whether the package has a part."""
        return part in self._names

    def _open(self, part: str) -> BinaryIO:
        try:
            entry = self._archive.getinfo(part)
            if not entry.flag_bits & _LOCKED:
                raw = cast("BinaryIO", self._archive.open(entry))
                file = self._file
                counted = CountedStream(raw, where=file.path, packed_bytes=file.size, limits=file.limits)
                return cast("BinaryIO", counted)
        except ARCHIVE_ERRORS as error:
            raise FileUnreadable(
                "a part of the workbook is missing or damaged",
                where=self._file.path,
                found=f"{part}: {error}",
                expected="a complete workbook",
                advice="Fetch the file again and compare its SHA-256 with the published one.",
            ) from error
        raise ArchiveUnsafe("the workbook is locked with a password", where=self._file.path, found=part)

    def _reject_doctype(self, *_: object) -> None:
        raise ArchiveUnsafe(
            "the workbook's XML declares a document type",
            where=self._file.path,
            expected="plain parts, as spreadsheet programs write them",
            advice="Do not open it. Ask whoever published it for a clean workbook.",
        )


def read_workbook(package: Package) -> Workbook:
    """Read what the package says of itself: sheets, shared texts and styles."""
    main = _target(package, "_rels/.rels", "", "/officeDocument") or "xl/workbook.xml"
    folder = str(PurePosixPath(main).parent)
    rels = f"{folder}/_rels/{PurePosixPath(main).name}.rels"
    elements = package.elements(main)
    texts = _target(package, rels, folder, "/sharedStrings")
    styles = _target(package, rels, folder, "/styles")
    return Workbook(
        sheets=_sheets(elements, _worksheets(package, rels, folder)),
        texts=_shared_texts(package, texts) if texts and package.has(texts) else (),
        date_styles=_date_styles(package.elements(styles)) if styles else frozenset(),
        counts_from_1904=any(
            name == "workbookPr" and attributes.get("date1904") in {"1", "true"} for name, attributes in elements
        ),
    )


def read_cells(package: Package, sheet: Sheet) -> Cells:
    """Read the cells of a sheet, in one pass."""
    collector = _CellCollector()
    package.parse(sheet.part, collector.start, collector.end, collector.text)
    return collector.cells


def cell_name(row: int, column: int) -> str:
    """Name a cell by row (from 1) and column (from 0) as spreadsheet programs do.

    >>> cell_name(5, 2), cell_name(1, 27)
    ('C5', 'AB1')
    """
    return f"{column_letters(column)}{row}"


def column_letters(column: int) -> str:
    """Name a column, counted from 0.

    >>> column_letters(0), column_letters(25), column_letters(26)
    ('A', 'Z', 'AA')
    """
    letters = ""
    rest = column + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def cell_place(reference: str) -> tuple[int, int]:
    """Tell row (from 1) and column (from 0) of a cell's name; raises ValueError when it is none.

    >>> cell_place("C5")
    (5, 2)
    """
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise ValueError(f"{reference!r} names no cell")
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]), column - 1


def unescape(text: str) -> str:
    r"""Undo the escapes of ECMA-376 part 1, 22.9.2.19 (ST_Xstring).

    >>> unescape("a_x000D_b")
    'a\rb'
    """
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


class _CellCollector:
    """Takes the cells out of a sheet's elements; it runs once for each of a million cells."""

    def __init__(self) -> None:
        self.cells = Cells()
        self._row = 0
        self._is_taking = self._skips = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "c":
            cells = self.cells
            cells.names.append(attributes.get("r") or self._next_name())
            cells.types.append(attributes.get("t", "n"))
            cells.styles.append(attributes.get("s", "0"))
            cells.texts.append("")
        elif name in {"v", "t"}:
            self._is_taking = not self._skips
        elif name == "f":
            self.cells.formulas.append(self.cells.names[-1])
        elif name == "row":
            self._row = int(attributes.get("r", self._row + 1))
        elif name == "mergeCell":
            self.cells.merged.append(attributes.get("ref", ""))
        elif name == "rPh":
            self._skips = True

    def end(self, name: str) -> None:
        self._is_taking = False
        if name == "rPh":
            self._skips = False

    def text(self, text: str) -> None:
        if self._is_taking:
            self.cells.texts[-1] += text

    def _next_name(self) -> str:
        """Name a cell that does not say where it stands: it follows the one before (ECMA-376 part 1, 18.3.1.4)."""
        last_row, last_column = cell_place(self.cells.names[-1]) if self.cells.names else (0, -1)
        return cell_name(self._row, last_column + 1 if last_row == self._row else 0)


def _target(package: Package, rels: str, folder: str, kind: str) -> str | None:
    return next(iter(_targets(package, rels, folder, kind).values()), None)


def _targets(package: Package, rels: str, folder: str, kind: str) -> dict[str, str]:
    """Give the parts of a kind that a relationships part names, by their id."""
    return {
        attributes.get("Id", ""): _resolved(folder, attributes.get("Target", ""))
        for name, attributes in package.elements(rels)
        if name == "Relationship" and attributes.get("Type", "").endswith(kind)
    }


def _resolved(folder: str, target: str) -> str:
    if target.startswith("/"):
        return target[1:]
    steps: list[str] = []
    for step in (*PurePosixPath(folder).parts, *PurePosixPath(target).parts):
        if step == "..":
            steps = steps[:-1]
        elif step != ".":
            steps.append(step)
    return "/".join(steps)


def _worksheets(package: Package, rels: str, folder: str) -> dict[str, str]:
    return _targets(package, rels, folder, "/worksheet")


def _sheets(elements: Sequence[tuple[str, Mapping[str, str]]], parts: Mapping[str, str]) -> tuple[Sheet, ...]:
    sheets = []
    for name, attributes in elements:
        part = next((parts[value] for key, value in attributes.items() if key.endswith(":id") and value in parts), None)
        if name == "sheet" and part is not None:
            is_hidden = attributes.get("state", "visible") != "visible"
            sheets.append(Sheet(name=attributes.get("name", ""), part=part, is_hidden=is_hidden))
    return tuple(sheets)


def _shared_texts(package: Package, part: str) -> list[str]:
    texts: list[str] = []
    pieces: list[str] = []
    taking = [False, False]

    def start(name: str, _: Mapping[str, str]) -> None:
        if name == "si":
            pieces.clear()
        elif name == "rPh":
            taking[1] = True
        taking[0] = name == "t" and not taking[1]

    def end(name: str) -> None:
        taking[0] = False
        if name == "rPh":
            taking[1] = False
        elif name == "si":
            texts.append(unescape("".join(pieces)))

    def text(piece: str) -> None:
        if taking[0]:
            pieces.append(piece)

    package.parse(part, start, end, text)
    return texts


def _date_styles(elements: Sequence[tuple[str, Mapping[str, str]]]) -> frozenset[str]:
    own = {
        attributes.get("numFmtId", ""): _shows_date(attributes.get("formatCode", ""))
        for name, attributes in elements
        if name == "numFmt"
    }
    formats = [attributes.get("numFmtId", "0") for attributes in _cell_formats(elements)]
    return frozenset(
        str(index) for index, code in enumerate(formats) if own.get(code, code.isdigit() and int(code) in _DATE_FORMATS)
    )


def _cell_formats(elements: Sequence[tuple[str, Mapping[str, str]]]) -> Iterator[Mapping[str, str]]:
    """Give the `xf` elements inside `cellXfs`, which stands between `cellStyleXfs` and `cellStyles`."""
    is_inside = False
    for name, attributes in elements:
        if name == "xf":
            if is_inside:
                yield attributes
        elif name in {"cellXfs", "cellStyleXfs", "cellStyles", "dxfs"}:
            is_inside = name == "cellXfs"


def _shows_date(code: str) -> bool:
    return bool(_DATE_LETTERS.search(_NOT_LETTERS.sub("", code)))


def _local_start(handler: Handler) -> Handler:
    """Spare a handler the namespace prefix that some programs write before every name."""
    return lambda name, attributes: handler(name.rpartition(":")[2], attributes)


def _local_end(handler: Callable[[str], None]) -> Callable[[str], None]:
    return lambda name: handler(name.rpartition(":")[2])


def _ignore(_: str) -> None:
    pass
