"""Read the printed figures of a sheet from a photograph, when its code is gone and to check the code when it is not.

The doors::

    layout = parse_layout(path.read_text("utf-8"))          # where everything stands, see `learn_layout`
    registration = register(picture, layout)                # false, with a reason, where the picture does not fit
    if registration:
        read = read_figures(picture, registration, layout)  # each with its confidence; what is uncertain is None
        sheet = reconcile(read, layout.sums)                # the sums confirm, or correct within limits
        check_print(picture, registration, layout, figures) # what a code says, scored on the print
"""

from escruta.sources.scans.figures.layouts import (
    Annotation,
    Box,
    Cell,
    Column,
    LayoutUnusable,
    ScanLayout,
    SheetSum,
    parse_annotation,
    parse_layout,
)
from escruta.sources.scans.figures.learning import layout_of_print, learn_layout, sums_of_contest
from escruta.sources.scans.figures.planes import NoFit, NoFitReason
from escruta.sources.scans.figures.reading import Choice, FigureRead, Match, PrintCheck, check_print, read_figures
from escruta.sources.scans.figures.reconciling import Reconciled, reconcile
from escruta.sources.scans.figures.registration import Registration, register

__all__ = [
    "Annotation",
    "Box",
    "Cell",
    "Choice",
    "Column",
    "FigureRead",
    "LayoutUnusable",
    "Match",
    "NoFit",
    "NoFitReason",
    "PrintCheck",
    "Reconciled",
    "Registration",
    "ScanLayout",
    "SheetSum",
    "check_print",
    "layout_of_print",
    "learn_layout",
    "parse_annotation",
    "parse_layout",
    "read_figures",
    "reconcile",
    "register",
    "sums_of_contest",
]
