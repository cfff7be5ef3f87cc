"""Printed tally sheets: a strip of thermal paper or a page of A4, with the sealed code, in any language and script.

sheet = sheet_of(form, "010113042.1", {"null": 2, …}, printed_at=moment)     # escruta.sheets.seal
printed = print_strip([SheetToPrint(election=election, form=form, sheet=sheet, text=text_of(seal))], language="es")
printed.pdf                                # the same sheets, the same bytes
printed.layouts[0].zone("votes.ana")       # where each figure stands, in mm
"""

from escruta.sheets.printing.documents import digest_groups
from escruta.sheets.printing.errors import (
    GlyphsMissing,
    PrintingUnavailable,
    SheetUnprintable,
    TextUnprintable,
    WordsMissing,
)
from escruta.sheets.printing.fonts import FontShelf
from escruta.sheets.printing.layouts import SheetLayout, Zone, ZoneKind, layouts_as_json, parse_layouts
from escruta.sheets.printing.papers import SheetForm
from escruta.sheets.printing.printing import Printed, SheetPrinter, print_a4, print_strip
from escruta.sheets.printing.sheets import Place, SheetToPrint, Signers
from escruta.sheets.printing.wording import SheetWords, parse_words, sheet_languages, sheet_words

__all__ = [
    "FontShelf",
    "GlyphsMissing",
    "Place",
    "Printed",
    "PrintingUnavailable",
    "SheetForm",
    "SheetLayout",
    "SheetPrinter",
    "SheetToPrint",
    "SheetUnprintable",
    "SheetWords",
    "Signers",
    "TextUnprintable",
    "WordsMissing",
    "Zone",
    "ZoneKind",
    "digest_groups",
    "layouts_as_json",
    "parse_layouts",
    "parse_words",
    "print_a4",
    "print_strip",
    "sheet_languages",
    "sheet_words",
]
