"""Where everything stands on one kind of sheet, in the pixels of its blank.

A layout is one JSON file: the blank as a picture with no figure in it, the cells in which figures are printed, the band
that may be shown to the public, and the sums that the sheet must satisfy.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from escruta.base.errors import InputError
from escruta.sources.scans.opening.pdf import require_scan_extra

Grey = NDArray[np.uint8]
"""A grey picture, `(height, width)`; 0 is black."""

FORM = "escruta-scan-layout/1"
_LARGEST_SIDE = 6_000
_SMALLEST_SIDE = 100
_MOST_CELLS = 2_000


class LayoutUnusable(InputError):  # noqa: N818 - the name says what happened
    """A layout of a sheet is not in its form, or what it says does not hold together."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the blank: left, top, right and bottom; y grows downwards."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        """Pixels from left to right."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """Pixels from top to bottom."""
        return self.y1 - self.y0

    @property
    def corners(self) -> NDArray[np.float64]:
        """The four corners, clockwise from the top left, `(4, 2)`."""
        return np.array([(self.x0, self.y0), (self.x1, self.y0), (self.x1, self.y1), (self.x0, self.y1)], np.float64)

    def overlaps(self, other: Box) -> bool:
        """Whether two boxes share any area.

        >>> Box(0, 0, 2, 2).overlaps(Box(2, 0, 3, 2))
        False
        """
        return self.x0 < other.x1 and other.x0 < self.x1 and self.y0 < other.y1 and other.y0 < self.y1

    def within(self, other: Box) -> bool:
        """Whether this box lies wholly inside another."""
        return self.x0 >= other.x0 and self.y0 >= other.y0 and self.x1 <= other.x1 and self.y1 <= other.y1


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The place of one printed figure: all the room that it may take, and no more of its neighbours than needed."""

    figure: str
    """The figure's column, such as `votes.ana` or `null`; see `escruta.sheets.figures`."""
    box: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetSum:
    """A sum that a sheet must satisfy: the parts add up to the total."""

    total: str
    parts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class ScanLayout:
    """One kind of sheet. Raises `LayoutUnusable` where its parts do not hold together."""

    name: str
    blank: Grey
    """The sheet with nothing filled in; its pixels are the unit of every box."""
    cells: tuple[Cell, ...]
    band: Box
    """What of the sheet may be seen by everybody: header and figures, neither names nor signatures."""
    codes: tuple[Box, ...] = ()
    """Where codes are printed, when their place is fixed; quiet zones not included."""
    variable: tuple[Box, ...] = ()
    """Text that differs from sheet to sheet, beside the figures: no landmark for registration."""
    sums: tuple[SheetSum, ...] = ()

    def __post_init__(self) -> None:
        height, width = self.blank.shape
        whole = Box(0, 0, width, height)
        names = [cell.figure for cell in self.cells]
        _require(
            _SMALLEST_SIDE <= min(width, height) <= max(width, height) <= _LARGEST_SIDE, "blank", f"{width} × {height}"
        )
        _require(0 < len(names) <= _MOST_CELLS, "cells", f"{len(names)} cells")
        _require(len(set(names)) == len(names), "cells", "a figure with two cells")
        _require(_is_proper(self.band) and self.band.within(whole), "band", f"{self.band}")
        for cell in self.cells:
            _require(_is_proper(cell.box) and cell.box.within(self.band), f"cells.{cell.figure}", f"{cell.box}")
        for box in (*self.codes, *self.variable):
            _require(_is_proper(box) and box.within(whole), "codes or variable", f"{box}")
        for each in self.sums:
            missing = [name for name in (each.total, *each.parts) if name not in names]
            _require(
                not missing and len(set(each.parts)) == len(each.parts) > 0, "sums", ", ".join(missing) or each.total
            )

    @property
    def width(self) -> int:
        """Pixels of the blank from left to right."""
        return int(self.blank.shape[1])

    @property
    def height(self) -> int:
        """Pixels of the blank from top to bottom."""
        return int(self.blank.shape[0])

    @property
    def figures(self) -> tuple[str, ...]:
        """The figures in the order of their cells."""
        return tuple(cell.figure for cell in self.cells)

    @cached_property
    def memory(self) -> dict[str, Any]:
        """What others work out from the blank once and keep with it, such as its landmarks."""
        return {}

    def to_json(self) -> str:
        """Write the layout as JSON; the same layout gives the same text."""
        members = {
            "form": FORM,
            "name": self.name,
            "blank": base64.b64encode(_as_png(self.blank)).decode("ascii"),
            "cells": {cell.figure: _numbers(cell.box) for cell in self.cells},
            "band": _numbers(self.band),
            "codes": [_numbers(box) for box in self.codes],
            "variable": [_numbers(box) for box in self.variable],
            "sums": [{"total": each.total, "parts": list(each.parts)} for each in self.sums],
        }
        return json.dumps(members, ensure_ascii=False, indent=1) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """What somebody marked on a picture of a sheet, in that picture's pixels."""

    cells: Mapping[str, Box] = field(default_factory=dict)
    """The place of each figure."""
    band: Box | None = None
    """What may be shown to everybody."""
    codes: tuple[Box, ...] = ()
    variable: tuple[Box, ...] = ()
    sums: tuple[SheetSum, ...] = ()
    sheet: tuple[tuple[float, float], ...] | None = None
    """The four corners of the sheet, clockwise from its top left, where it was not taken straight from above."""
    columns: tuple[Column, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of figures that is marked with one box: its rows are found by their printed labels."""

    box: Box
    figures: tuple[str, ...]
    """From top to bottom."""
    labels: Box
    """Where the labels of the rows stand: as many rows of print as there are figures."""


def parse_layout(text: str, where: str = "the layout") -> ScanLayout:
    """Read a layout; raises `LayoutUnusable` with the member that is wrong."""
    members = _object(_json(text, where), where)
    if members.get("form") != FORM:
        raise LayoutUnusable("this is no layout of a sheet", where=where, found=members.get("form"), expected=FORM)
    try:
        return ScanLayout(
            name=str(members["name"]),
            blank=_from_png(base64.b64decode(members["blank"], validate=True)),
            cells=tuple(Cell(figure=name, box=_box(box)) for name, box in _object(members["cells"], "cells").items()),
            band=_box(members["band"]),
            codes=tuple(_box(box) for box in members.get("codes", ())),
            variable=tuple(_box(box) for box in members.get("variable", ())),
            sums=tuple(_sum(each) for each in members.get("sums", ())),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _malformed(error, where) from None


def parse_annotation(text: str, where: str = "the annotation") -> Annotation:
    """Read what was marked on a picture; raises `LayoutUnusable` with the member that is wrong."""
    members = _object(_json(text, where), where)
    try:
        sheet = members.get("sheet")
        return Annotation(
            cells={name: _box(box) for name, box in _object(members.get("cells", {}), "cells").items()},
            band=_box(members["band"]) if "band" in members else None,
            codes=tuple(_box(box) for box in members.get("codes", ())),
            variable=tuple(_box(box) for box in members.get("variable", ())),
            sums=tuple(_sum(each) for each in members.get("sums", ())),
            sheet=None if sheet is None else _quad(sheet),
            columns=tuple(_column(each) for each in members.get("columns", ())),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _malformed(error, where) from None


def _malformed(error: Exception, where: str) -> LayoutUnusable:
    return LayoutUnusable(
        "a member is missing or not in its form",
        where=where,
        found=error if str(error) else type(error).__name__,
        expected="boxes as [left, top, right, bottom] in pixels; see the page on learning a layout",
    )


def _require(holds: bool, where: str, found: str) -> None:  # noqa: FBT001 - the condition is the point
    if not holds:
        raise LayoutUnusable(
            "the layout does not hold together",
            where=where,
            found=found,
            expected="boxes inside the blank, cells inside the band, each figure once, sums of figures with a cell",
        )


def _is_proper(box: Box) -> bool:
    return box.width >= 1 and box.height >= 1


def _json(text: str, where: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise LayoutUnusable("this is no JSON", where=where, found=error) from None


def _object(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise LayoutUnusable("a JSON object was expected", where=where, found=value)
    return value


def _box(numbers: Any) -> Box:  # noqa: ANN401 - whatever stood in the file
    values = [float(number) for number in numbers]
    if len(values) != 4 or not all(math.isfinite(value) for value in values):  # noqa: PLR2004 - a box has four
        raise ValueError(f"{numbers!r} is no box")
    return Box(*values)


def _quad(points: Any) -> tuple[tuple[float, float], ...]:  # noqa: ANN401 - the same
    quad = tuple((float(x), float(y)) for x, y in points)
    if len(quad) != 4:  # noqa: PLR2004 - four corners
        raise ValueError("a sheet has four corners")
    return quad


def _sum(members: Mapping[str, Any]) -> SheetSum:
    return SheetSum(total=str(members["total"]), parts=tuple(str(part) for part in members["parts"]))


def _column(members: Mapping[str, Any]) -> Column:
    return Column(
        box=_box(members["box"]),
        figures=tuple(str(name) for name in members["figures"]),
        labels=_box(members["labels"]),
    )


def _numbers(box: Box) -> list[float]:
    return [round(value, 2) for value in (box.x0, box.y0, box.x1, box.y1)]


def _as_png(grey: Grey) -> bytes:
    require_scan_extra("cv2")
    import cv2  # noqa: PLC0415 - an optional dependency

    done, raw = cv2.imencode(".png", grey, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    if not done:
        raise LayoutUnusable("the blank cannot be written as a picture", found=f"{grey.shape}")
    return raw.tobytes()


def _from_png(raw: bytes) -> Grey:
    require_scan_extra("cv2")
    import cv2  # noqa: PLC0415 - the same

    if raw[:8] != b"\x89PNG\r\n\x1a\n" or max(int.from_bytes(raw[16:20]), int.from_bytes(raw[20:24])) > _LARGEST_SIDE:
        raise ValueError("the blank is no PNG of a usable size")
    grey = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_GRAYSCALE)
    if grey is None:
        raise ValueError("the blank cannot be decoded")
    return np.asarray(grey, np.uint8)


def sums_of_cells(sums: Iterable[SheetSum], cells: Sequence[Cell]) -> tuple[SheetSum, ...]:
    """Keep the sums all of whose figures stand in a cell: the others cannot be tried on a picture."""
    there = {cell.figure for cell in cells}
    return tuple(each for each in sums if {each.total, *each.parts} <= there)
