"""One sheet as a seal holds it: the values, and the CBOR map that is signed.

| key | field | value |
|---|---|---|
| 1 | version | 1 |
| 2 | form | the first 8 bytes of the form's SHA-256 |
| 3 | station | digits and `.-/:` packed, two in a byte; any other station as text |
| 4 | figures | an array: a count from 0 up, or a negative number that says why there is none |
| 5 | printed | seconds since 1970 in UTC |
| 6 | copy | from 1 up |
| 7 | recipient | for whom the copy is; left out where nobody says |
| 8 | act | 1 canvass, 2 ruling, 3 rerun; left out for the count |
| 9 | kind | 1 zero sheet; left out for a closing sheet |
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import TypeAlias

from escruta.election.definition import Act
from escruta.sheets.figures import Mark
from escruta.sheets.seal.cbor import Value, from_cbor, to_cbor
from escruta.sheets.seal.errors import SheetRefused
from escruta.sheets.seal.forms import FORM_ID_SIZE, MOST_FIGURES, SealForm

VERSION = 1
LARGEST_COUNT = 10_000_000_000
"""As in an election's definition."""
LONGEST_STATION = 64
"""In bytes of UTF-8."""
LATEST_S = 0xFFFF_FFFF
"""The year 2106: five bytes of CBOR."""
LARGEST_COPY = 65_535
FIRST_WITNESS = 16

_VERSION, _FORM, _STATION, _FIGURES, _PRINTED, _COPY, _RECIPIENT, _ACT, _KIND = range(1, 10)
_REQUIRED = {_VERSION, _FORM, _STATION, _FIGURES, _PRINTED, _COPY}
_KNOWN = _REQUIRED | {_RECIPIENT, _ACT, _KIND}
_ACTS = (Act.COUNT, Act.CANVASS, Act.RULING, Act.RERUN)
_MARKS = {-1: Mark.ILLEGIBLE, -2: Mark.EMPTY, -3: Mark.NOT_ON_SHEET, -4: Mark.NOT_A_COUNT}
_NUMBERS = {mark: number for number, mark in _MARKS.items()}
_PACKED = "0123456789.-/:"
_FILLER = 0xF

Figure: TypeAlias = int | Mark
"""A count from zero up, or why there is none. A mark is never a zero."""


class SheetKind(IntEnum):
    """When the sheet is printed."""

    CLOSING = 0
    """After the count."""
    ZERO = 1
    """Before the first vote. What a machine shows then is sealed as it stands, zero or not."""


class Recipient(IntEnum):
    """For whom a copy is. From 16 up: the party witness of a candidate, 16 for the first one of the definition."""

    AUTHORITY = 1
    DOOR = 2
    """Posted at the polling station for everybody."""
    BOX = 3
    """Sealed with the ballots."""
    OBSERVER = 4
    PRESS = 5


def witness_of(candidate: int) -> int:
    """Give the recipient code of the party witness of a candidate, by its place in the definition from 0."""
    return FIRST_WITNESS + candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedSheet:
    """What one printed sheet says. Raises `SheetRefused` where a value has no place in a seal."""

    form_id: bytes
    """The first eight bytes of the form's digest: election, contest, and what each figure is."""
    station: str
    """As the definition writes it: `010113042.1`."""
    figures: tuple[Figure, ...]
    """In the order of the form."""
    printed_at: datetime
    """In UTC and whole seconds, as the printer's clock had it."""
    copy: int = 1
    recipient: int | None = None
    """A `Recipient`, or 16 and more for the party witness of a candidate."""
    act: Act = Act.COUNT
    kind: SheetKind = SheetKind.CLOSING

    def __post_init__(self) -> None:
        """Refuse what could not be written, or would be read as something else."""
        require_station(self.station)
        _require(len(self.form_id) == FORM_ID_SIZE, "form", f"{len(self.form_id)} bytes", f"{FORM_ID_SIZE} bytes")
        _require(0 < len(self.figures) <= MOST_FIGURES, "figures", len(self.figures), f"1 to {MOST_FIGURES}")
        strange = [each for each in self.figures if not _is_figure(each)]
        _require(not strange, "figures", strange, f"0 to {LARGEST_COUNT}, or a mark")
        _require(self.printed_at.tzinfo is not None, "printed", self.printed_at, "a moment with its time zone")
        whole = self.printed_at.microsecond == 0 and 0 <= self.printed_at.timestamp() <= LATEST_S
        _require(whole, "printed", self.printed_at, "whole seconds from 1970 to 2106")
        _require(1 <= self.copy <= LARGEST_COPY, "copy", self.copy, f"1 to {LARGEST_COPY}")
        known = self.recipient is None or 1 <= self.recipient <= LARGEST_COPY
        _require(known, "recipient", self.recipient, f"1 to {LARGEST_COPY}")

    def named(self, form: SealForm) -> dict[str, Figure]:
        """Give the figures by column; raises `SheetRefused` where the sheet is of another form."""
        is_same = self.form_id == form.id and len(self.figures) == len(form.figures)
        _require(is_same, "form", self.form_id.hex(), f"{form.id.hex()}, {len(form.figures)} figures")
        return dict(zip(form.figures, self.figures, strict=True))


def sheet_of(  # noqa: PLR0913 - the fields of a sheet
    form: SealForm,
    station: str,
    figures: Mapping[str, Figure],
    *,
    printed_at: datetime,
    copy: int = 1,
    recipient: int | None = None,
    act: Act = Act.COUNT,
    kind: SheetKind = SheetKind.CLOSING,
) -> SealedSheet:
    """Make a sheet from figures by column; every figure of the form is there, as a count or a mark, and no other."""
    missing = [figure for figure in form.figures if figure not in figures]
    foreign = [figure for figure in figures if figure not in form.figures]
    _require(not missing, "figures", f"no {', '.join(missing)}", "a count or a mark for each figure of the form")
    _require(not foreign, "figures", ", ".join(foreign), "figures of the form only")
    return SealedSheet(
        form_id=form.id,
        station=station,
        figures=tuple(figures[figure] for figure in form.figures),
        printed_at=printed_at.astimezone(UTC) if printed_at.tzinfo else printed_at,
        copy=copy,
        recipient=recipient,
        act=act,
        kind=kind,
    )


def sheet_to_cbor(sheet: SealedSheet) -> bytes:
    """Write the map that is signed."""
    packed = _packed(sheet.station)
    document: dict[int, Value] = {
        _VERSION: VERSION,
        _FORM: sheet.form_id,
        _STATION: sheet.station if packed is None else packed,
        _FIGURES: [_NUMBERS[each] if isinstance(each, Mark) else each for each in sheet.figures],
        _PRINTED: int(sheet.printed_at.timestamp()),
        _COPY: sheet.copy,
    }
    optional = {_RECIPIENT: sheet.recipient or 0, _ACT: _ACTS.index(sheet.act), _KIND: int(sheet.kind)}
    return to_cbor(document | {key: number for key, number in optional.items() if number})


def sheet_from_cbor(raw: bytes) -> SealedSheet:
    """Read the map that was signed; raises `CborRefused`, `SheetRefused`."""
    document = from_cbor(raw)
    if not isinstance(document, dict):
        raise SheetRefused("what is signed is no map", found=type(document).__name__, expected="a CBOR map")
    keys = document.keys()
    _require(keys >= _REQUIRED, "map", f"no key {sorted(_REQUIRED - keys)}", "keys 1 to 6")
    _require(keys <= _KNOWN, "map", f"key {sorted(keys - _KNOWN)}", "keys 1 to 9")
    _require(document[_VERSION] == VERSION, "version", document[_VERSION], str(VERSION))
    recipient = _number(document, _RECIPIENT, "recipient", LARGEST_COPY)
    return SealedSheet(
        form_id=_form_id(document[_FORM]),
        station=_station(document[_STATION]),
        figures=_figures(document[_FIGURES]),
        printed_at=datetime.fromtimestamp(_number(document, _PRINTED, "printed", LATEST_S), UTC),
        copy=_number(document, _COPY, "copy", LARGEST_COPY),
        recipient=recipient or None,
        act=_ACTS[_number(document, _ACT, "act", len(_ACTS) - 1)],
        kind=SheetKind(_number(document, _KIND, "kind", int(SheetKind.ZERO))),
    )


def _number(document: Mapping[int, Value], key: int, name: str, largest: int) -> int:
    """Give a number of the map; one that may be left out is never written as 0."""
    if key not in document:
        return 0
    value = document[key]
    smallest = 0 if key == _PRINTED else 1
    if not isinstance(value, int) or not smallest <= value <= largest:
        raise SheetRefused(f"the sheet's {name} is out of range", found=value, expected=f"{smallest} to {largest}")
    return value


def _form_id(value: Value) -> bytes:
    if not isinstance(value, bytes):
        raise SheetRefused("the sheet's form is no bytes", found=type(value).__name__, expected="8 bytes")
    return value


def _figures(value: Value) -> tuple[Figure, ...]:
    if not isinstance(value, list):
        raise SheetRefused("the sheet's figures are no array", found=type(value).__name__, expected="an array")
    return tuple(_figure(each) for each in value)


def _figure(value: Value) -> Figure:
    if isinstance(value, int) and value >= 0:
        return value
    if not isinstance(value, int) or value not in _MARKS:
        raise SheetRefused("a figure is no count and no mark", found=value, expected="0 and up, or -1 to -4")
    return _MARKS[value]


def _station(value: Value) -> str:
    if isinstance(value, bytes):
        return _unpacked(value)
    _require(isinstance(value, str), "station", type(value).__name__, "text or packed digits")
    station = str(value)
    _require(_packed(station) is None, "station", station, "digits packed, two in a byte")
    return station


def _packed(station: str) -> bytes | None:
    """Pack digits and `.-/:` two in a byte, with a filler at the end of an odd number; None for any other station.

    >>> _packed("010113042.1").hex(), _packed("Norte 1")
    ('010113042a1f', None)
    """
    values = [_PACKED.find(letter) for letter in station]
    if -1 in values:
        return None
    filled = values + [_FILLER] * (len(values) % 2)
    return bytes(high << 4 | low for high, low in zip(filled[::2], filled[1::2], strict=True))


def _unpacked(raw: bytes) -> str:
    halves = [half for byte in raw for half in (byte >> 4, byte & 0xF)]
    if halves and halves[-1] == _FILLER:
        halves.pop()
    unknown = any(half >= len(_PACKED) for half in halves)
    _require(not unknown, "station", raw.hex(), "halves of bytes from 0 to d, and f only as the last one")
    return "".join(_PACKED[half] for half in halves)


def _is_figure(value: object) -> bool:
    return isinstance(value, Mark) or (type(value) is int and 0 <= value <= LARGEST_COUNT)


def require_station(station: str) -> None:
    """Raise `SheetRefused` for a station that two people could write in two ways, or that would not show."""
    size = len(station.encode("utf-8", "surrogatepass"))
    _require(0 < size <= LONGEST_STATION, "station", f"{size} bytes", f"1 to {LONGEST_STATION} bytes")
    plain = station.isprintable() and station == unicodedata.normalize("NFC", station) and station == station.strip()
    _require(plain, "station", ascii(station), "printable text in normal form C, without spaces around it")


def _require(holds: bool, field: str, found: object, expected: str) -> None:  # noqa: FBT001 - a condition, not an option
    if not holds:
        raise SheetRefused(f"the sheet's {field} cannot be sealed", found=found, expected=expected)
