"""Sheets to PDF: what the template is given, and what the typesetter says of what it made.

The same sheets give the same bytes: no clock, no random ids; the only date in the file is the sheet's own. The file is
PDF/A-2a, which embeds every font, keeps the text readable for programs and people who cannot see it, and refuses a
letter without a glyph.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from escruta.sheets.printing.documents import document_of
from escruta.sheets.printing.errors import GlyphsMissing, SheetUnprintable
from escruta.sheets.printing.fonts import LOW, FontShelf, own_fonts, typesetter
from escruta.sheets.printing.layouts import SheetLayout, zone_of
from escruta.sheets.printing.papers import CODE_DOTS, MM_PER_DOT, PAPERS, SheetForm
from escruta.sheets.printing.sheets import SheetToPrint
from escruta.sheets.printing.wording import SheetWords, sheet_words

if TYPE_CHECKING:
    import typst

STANDARD = "a-2a"
_WHERE = """(
  zones: query(<zone>).map(each => {
    let at = each.location().position()
    each.value + (page: at.page, x: at.x / 1mm, y: at.y / 1mm)
  }),
  leaves: query(<leaf>).map(each => each.value + (page: each.location().page())),
)"""
"""What the typesetter is asked when it has set everything: where each thing stands, in mm."""
_TIGHT, _TALL = (0.82, 0.24), (1.04, 0.36)
"""How far letters reach above and below the line, in parts of their size: Latin ones, and those with marks on marks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A file of one or more sheets, and where everything stands on each."""

    pdf: bytes
    layouts: tuple[SheetLayout, ...]
    pictures: tuple[bytes, ...] = ()
    """The pages as PNG, where they were asked for."""


@dataclass(frozen=True, kw_only=True)  # no slots: the typesetter is started once and kept
class SheetPrinter:
    """Prints sheets on one paper, in one language. The first sheet takes longest: fonts are looked through."""

    paper: SheetForm = SheetForm.STRIP
    words: SheetWords = field(default_factory=lambda: sheet_words("en"))
    shelf: FontShelf = field(default_factory=FontShelf)

    def print(self, sheets: Sequence[SheetToPrint], *, picture_dpi: int | None = None) -> Printed:
        """Print sheets, one after another, into one file.

        Raises `GlyphsMissing`, `TextUnprintable`, `SheetUnprintable`, `PrintingUnavailable`.
        """
        if not sheets:
            raise SheetUnprintable("there is no sheet to print", found="no sheet", expected="one or more")
        given = self._given(sheets)
        inputs = {"sheet": json.dumps(given, ensure_ascii=False)}
        pdf = self._compile(sys_inputs=inputs, pdf_standards=[STANDARD])
        said = json.loads(self._compiler.eval(_WHERE))
        layouts = self._layouts(sheets, given["sheets"], said["zones"], said["leaves"])
        pictures: tuple[bytes, ...] = ()
        if picture_dpi is not None:
            drawn = self._compile(sys_inputs=inputs, format="png", ppi=float(picture_dpi))
            pictures = tuple(drawn) if isinstance(drawn, list) else (drawn,)
        return Printed(pdf=pdf, layouts=layouts, pictures=pictures)

    @cached_property
    def _compiler(self) -> typst.Compiler:
        root = own_fonts().parent
        template = str(root / "sheet.typ")
        compiler: typst.Compiler = typesetter().Compiler(template, root=str(root), font_paths=self.shelf.typst_fonts)
        return compiler

    def _compile(self, **options: Any) -> Any:  # noqa: ANN401 - bytes, or a list of them
        try:
            return self._compiler.compile(**options)
        except typesetter().TypstError as error:
            raise _refusal(error) from error

    def _given(self, sheets: Sequence[SheetToPrint]) -> dict[str, Any]:
        given = document_of(sheets, self.words, PAPERS[self.paper])
        families = self.shelf.families_for(_texts(given))
        given["fonts"] = families
        given["edges"] = _TIGHT if LOW.issuperset(families) else _TALL
        return given

    def _layouts(
        self, sheets: Sequence[SheetToPrint], given: Sequence[dict[str, Any]], said: list[Any], leaves: list[Any]
    ) -> tuple[SheetLayout, ...]:
        layouts = []
        for sheet, drawn in zip(sheets, given, strict=True):
            own = [leaf for leaf in leaves if leaf["sheet"] == drawn["id"]]
            first = own[0]["page"]
            layouts.append(
                SheetLayout(
                    paper=self.paper.value,
                    station=sheet.sheet.station,
                    form_id=sheet.form.id.hex(),
                    copy=sheet.sheet.copy,
                    first_page=first,
                    pages=tuple((round(leaf["width"], 4), round(leaf["height"], 4)) for leaf in own),
                    code_modules=None if drawn["code"] is None else drawn["code"]["size"],
                    module_mm=None if drawn["code"] is None else round(CODE_DOTS * MM_PER_DOT, 6),
                    zones=tuple(zone_of(zone, first) for zone in said if zone["sheet"] == drawn["id"]),
                )
            )
        return tuple(layouts)


def print_strip(
    sheets: Sequence[SheetToPrint], *, language: str = "en", narrow: bool = False, shelf: FontShelf | None = None
) -> Printed:
    """Print sheets on strips of thermal paper, 80 mm or, `narrow`, 58 mm wide."""
    paper = SheetForm.STRIP_58 if narrow else SheetForm.STRIP
    return SheetPrinter(paper=paper, words=sheet_words(language), shelf=shelf or FontShelf()).print(sheets)


def print_a4(sheets: Sequence[SheetToPrint], *, language: str = "en", shelf: FontShelf | None = None) -> Printed:
    """Print sheets on pages of A4."""
    printer = SheetPrinter(paper=SheetForm.A4, words=sheet_words(language), shelf=shelf or FontShelf())
    return printer.print(sheets)


def _texts(value: object) -> list[str]:
    """List every text that will be printed, and some that will not: fonts are chosen for all of them."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts(each)]
    return [text for each in value for text in _texts(each)] if isinstance(value, list | tuple) else []


def _refusal(error: Any) -> Exception:  # noqa: ANN401 - a TypstError, whose module is an extra
    """Tell a refusal of the typesetter in our words: letters that no one font has together; all else is our fault."""
    _, found, rest = str(error.message).partition('the text `"')
    if found:
        return GlyphsMissing(rest.partition('"')[0])
    return RuntimeError(f"the template does not hold: {error.message}: {error.diagnostic}")
