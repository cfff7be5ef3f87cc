"""The papers that a sheet is printed on, in dots of 1/203 inch: the grid of a thermal head.

A code's modules are a whole number of dots wide and stand on whole dots, so that the head prints each module as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

DOTS_PER_INCH = 203
MM_PER_DOT = 25.4 / DOTS_PER_INCH
CODE_DOTS = 5
"""Dots a side of a module: 0.63 mm. Smaller ones were not read from poor photographs."""


class SheetForm(StrEnum):
    """What a sheet is printed on."""

    STRIP = "strip"
    """Thermal paper, 80 mm wide."""
    STRIP_58 = "strip-58"
    """Thermal paper, 58 mm wide."""
    A4 = "a4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A paper and how it is set: lengths in dots, sizes of letters in points."""

    form: str
    """`strip`: as long as needed. `page`: one below the other."""
    width: int
    height: int
    """Of a page; for a strip, the longest piece, after which another one begins."""
    margin: int
    base: float
    small: float
    name: float
    figure: float
    title: float
    band: float
    row: int
    """The least height of a figure's row."""
    row_pad: int
    indent: int
    label: int
    """Width of the labels in the header."""
    fact_gap: int
    section: int
    gutter: int
    signature: int
    signature_columns: int
    columns: tuple[int, ...]
    """Up to how many rows stand in one column, in two, and so on."""
    foot: int

    @property
    def code_room(self) -> int:
        """The dots between the margins: what a head can print."""
        return self.width - 2 * self.margin

    def as_json(self) -> dict[str, object]:
        """Give what the template asks for."""
        sizes = {name: getattr(self, name) for name in ("base", "small", "name", "figure", "title", "band")}
        others = [name for name in type(self).__dataclass_fields__ if name not in sizes]
        return {name: getattr(self, name) for name in others} | {"sizes": sizes}


# A head of an 80 mm printer has 576 dots, that of a 58 mm printer 384; what is left of the paper is margin.
PAPERS: Mapping[SheetForm, Paper] = MappingProxyType(
    {
        SheetForm.STRIP: Paper(
            form="strip",
            width=640,
            height=16_000,
            margin=32,
            base=8.5,
            small=7,
            name=9.5,
            figure=13,
            title=15,
            band=13,
            row=42,
            row_pad=10,
            indent=16,
            label=150,
            fact_gap=1,
            section=24,
            gutter=16,
            signature=96,
            signature_columns=1,
            columns=(),
            foot=30,
        ),
        SheetForm.STRIP_58: Paper(
            form="strip",
            width=464,
            height=16_000,
            margin=40,
            base=7.5,
            small=6.5,
            name=8.5,
            figure=11.5,
            title=12.5,
            band=11,
            row=38,
            row_pad=10,
            indent=12,
            label=112,
            fact_gap=1,
            section=22,
            gutter=12,
            signature=92,
            signature_columns=1,
            columns=(),
            foot=28,
        ),
        SheetForm.A4: Paper(
            form="page",
            width=1678,
            height=2373,
            margin=96,
            base=9,
            small=7.5,
            name=9.5,
            figure=11,
            title=19,
            band=13,
            row=36,
            row_pad=8,
            indent=20,
            label=210,
            fact_gap=0,
            section=20,
            gutter=64,
            signature=78,
            signature_columns=3,
            columns=(14, 44),
            foot=28,
        ),
    }
)
