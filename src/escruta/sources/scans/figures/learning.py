"""Learn a layout from one picture: of a blank, of a sheet that somebody marked, or of a sheet that we printed.

The picture is brought to the size at which the reader was tuned, its light is taken out, and what is filled in is
painted over with paper, and so is everything outside of the band: a layout holds nobody's name. What remains is the
blank that photographs are laid over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from escruta.election.definition import Contest
from escruta.sheets.figures import ContestFigures, other_column
from escruta.sheets.printing.layouts import SheetLayout, Zone, ZoneKind
from escruta.sources.scans.figures.landmarks import blocks_of, even
from escruta.sources.scans.figures.layouts import (
    Annotation,
    Box,
    Cell,
    Column,
    Grey,
    LayoutUnusable,
    ScanLayout,
    SheetSum,
    sums_of_cells,
)
from escruta.sources.scans.figures.planes import through
from escruta.sources.scans.pictures import Picture

CELL_HEIGHT = 28.0
"""Pixels of the blank that the middle cell is high: a figure is then about 16 pixels high, whatever the picture was."""
_LEAST_BLOCKS = 12
_LARGEST_SIDE = 5_800
_PAPER = 200
_INK = 150
"""Level below which a pixel of an evenly lit picture is print."""
_ROW_INK = 0.006
"""Share of a line of pixels that must be print for it to belong to a row."""
_OUT_OF_SHAPE = 0.02
"""By how much a picture's sides may differ from those of the page that it shows."""


def learn_layout(picture: Picture, annotation: Annotation, *, name: str, sums: Iterable[SheetSum] = ()) -> ScanLayout:
    """Learn a layout from one blank or filled sheet and what somebody marked on it.

    `sums` are added to those of the annotation, so far as all their figures have a cell. Raises `LayoutUnusable` where
    nothing is marked, where the rows of a column cannot be told apart, or where too little fixed print is left to
    recognise the sheet by.
    """
    if annotation.band is None:
        raise LayoutUnusable(
            "the annotation does not say what may be shown",
            where="band",
            expected="a box around header and figures that holds no name, number or signature of a person",
        )
    grey, straight = _straight(picture.grey, annotation)
    cells = {**straight.cells, **{name: box for each in straight.columns for name, box in _rows(grey, each).items()}}
    if not cells:
        raise LayoutUnusable(
            "the annotation marks no figure", where="cells", expected="a box for each figure, or columns"
        )
    scale = CELL_HEIGHT / float(np.median([box.height for box in cells.values()]))
    scale = min(scale, _LARGEST_SIDE / max(grey.shape))
    blank = _resized(grey, scale)
    band = _clipped(_scaled(_require_box(straight.band), scale), blank)
    grown = {each: _clipped(_scaled(box, scale), blank, band) for each, box in cells.items()}
    variable = tuple(_clipped(_scaled(box, scale), blank) for box in straight.variable)
    placed = tuple(Cell(figure=each, box=box) for each, box in grown.items())
    layout = ScanLayout(
        name=name,
        blank=_emptied(even(blank), band, [*grown.values(), *variable]),
        cells=placed,
        band=band,
        codes=tuple(_clipped(_scaled(box, scale), blank) for box in straight.codes),
        variable=variable,
        sums=tuple(dict.fromkeys((*annotation.sums, *sums_of_cells(sums, placed)))),
    )
    return _require_landmarks(layout)


def layout_of_print(
    printed: SheetLayout, picture: Picture, *, name: str, sums: Iterable[SheetSum] = (), page: int = 1
) -> ScanLayout:
    """Learn the layout of a sheet of our own from where the typesetter put everything, and a picture of that page.

    The band is header and figures of the page; it is cut where the first line to sign begins. Beside the figures, the
    digits of the station's key have cells.
    """
    per_mm = _pixels_per_mm(picture, printed.pages[page - 1])
    zones = [zone for zone in printed.zones if zone.page == page]
    kinds = {kind: [_box_of(zone, per_mm) for zone in zones if zone.kind is kind] for kind in ZoneKind}
    shown = [*kinds[ZoneKind.HEADER], *kinds[ZoneKind.FIGURES], *kinds[ZoneKind.FIGURE]]
    if not kinds[ZoneKind.FIGURE]:
        raise LayoutUnusable("the page has no figures", where=f"page {page}", expected="a page with figures")
    band = Box(0, min(box.y0 for box in shown), picture.width, max(box.y1 for box in shown))
    signed = [box.y0 for box in kinds[ZoneKind.SIGNATURE] if box.y0 < band.y1]
    band = replace(band, y1=min([band.y1, *signed]))
    read = (ZoneKind.FIGURE, ZoneKind.STATION)
    figures = [zone for zone in zones if zone.kind in read and _box_of(zone, per_mm).y1 <= band.y1 + 1]
    annotation = Annotation(
        cells={zone.id: _box_of(zone, per_mm) for zone in figures},
        band=band,
        codes=tuple(kinds[ZoneKind.CODE]),
        variable=tuple(kinds[ZoneKind.QUIET]),
    )
    return learn_layout(picture, annotation, name=name, sums=sums)


def sums_of_contest(contest: Contest, cells: Sequence[str]) -> tuple[SheetSum, ...]:
    """List the sums of a contest's checks whose figures all have a cell: S101 to S104 of `escruta.sheets.catalogue`.

    Where the votes of a candidate have no cell, the votes of the options that carry the candidate stand for them.
    """
    there, figures = set(cells), ContestFigures(contest=contest, has_options=bool(contest.options))
    votes: list[str] = []
    sums = []
    for candidate, column in zip(contest.candidates, figures.votes, strict=True):
        options = figures.options_of(candidate.id)
        if column in there and options and set(options) <= there:
            sums.append(SheetSum(total=column, parts=options))
        votes += [column] if column in there or not options else list(options)
    others = [other_column(figure.id) for figure in contest.further_figures if figure.in_ballots]
    spoilt = [each for each in ("null", "blank") if each in contest.figures]
    valid = [*votes, "blank"] if contest.blank_is_valid and "blank" in contest.figures else votes
    sums += [SheetSum(total="candidate_votes", parts=tuple(votes)), SheetSum(total="valid", parts=tuple(valid))]
    sums += [SheetSum(total="ballots", parts=(*votes, *others, *spoilt))]
    return tuple(each for each in sums if {each.total, *each.parts} <= there)


def _pixels_per_mm(picture: Picture, page: tuple[float, float]) -> float:
    """Find the scale of a picture of a whole page; raises `LayoutUnusable` where it cannot be one."""
    across, down = picture.width / page[0], picture.height / page[1]
    if abs(across / down - 1) > _OUT_OF_SHAPE:
        raise LayoutUnusable(
            "the picture is not of the page that was printed",
            found=f"{picture.width} × {picture.height} pixels",
            expected=f"a picture of the whole page of {page[0]:.0f} × {page[1]:.0f} mm, straight from above",
            advice="Take the PDF that escruta print wrote with this layout; mark a photograph with --marks.",
        )
    return across


def _straight(grey: Grey, annotation: Annotation) -> tuple[Grey, Annotation]:
    """Show the sheet from straight above, where its corners are marked, and move the marks along."""
    import cv2  # noqa: PLC0415 - an optional dependency

    if annotation.sheet is None:
        return grey, annotation
    quad = np.array(annotation.sheet, np.float32)
    sides = np.linalg.norm(quad - np.roll(quad, -1, axis=0), axis=1)
    width, height = round(float(sides[0] + sides[2]) / 2), round(float(sides[1] + sides[3]) / 2)
    target = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    plane = np.asarray(cv2.getPerspectiveTransform(quad, target), np.float64)
    flat = cv2.warpPerspective(grey, plane, (width, height), borderMode=cv2.BORDER_REPLICATE)

    def moved(box: Box) -> Box:
        low, high = through(plane, box.corners).min(axis=0), through(plane, box.corners).max(axis=0)
        return Box(*(float(value) for value in (*low, *high)))

    return np.asarray(flat, np.uint8), replace(
        annotation,
        cells={name: moved(box) for name, box in annotation.cells.items()},
        band=moved(_require_box(annotation.band)),
        codes=tuple(moved(box) for box in annotation.codes),
        variable=tuple(moved(box) for box in annotation.variable),
        columns=tuple(replace(each, box=moved(each.box), labels=moved(each.labels)) for each in annotation.columns),
        sheet=None,
    )


def _require_box(box: Box | None) -> Box:
    if box is None:
        raise LayoutUnusable("the annotation does not say what may be shown", where="band")
    return box


def _rows(grey: Grey, column: Column) -> dict[str, Box]:
    """Cut a column into its rows where the lines of its labels are."""
    lines = _lines(grey, column.labels)
    if len(lines) != len(column.figures):
        raise LayoutUnusable(
            "the rows of a column cannot be told apart",
            where="columns",
            found=f"{len(lines)} lines of print beside {len(column.figures)} figures",
            expected="as many lines in the box `labels` as there are figures",
            advice="Move the edges of `labels`, or mark the figures one by one under `cells`.",
        )
    pitch = float(np.median(np.diff([middle for middle, _ in lines]))) if len(lines) > 1 else lines[0][1] * 2
    half = min(pitch, 1.9 * float(np.median([tall for _, tall in lines]))) / 2
    return {
        figure: Box(column.box.x0, max(0.0, middle - half), column.box.x1, middle + half)
        for figure, (middle, _) in zip(column.figures, lines, strict=True)
    }


def _lines(grey: Grey, labels: Box) -> list[tuple[float, float]]:
    """Find lines of print: the middle of their ink, to which the tail of one letter adds little, and their height."""
    part = even(grey)[int(labels.y0) : int(labels.y1), int(labels.x0) : int(labels.x1)] < _INK
    ink = part.mean(axis=1)
    inked = np.concatenate([[False], ink > _ROW_INK, [False]]).astype(np.int8)
    starts, stops = np.flatnonzero(np.diff(inked) > 0), np.flatnonzero(np.diff(inked) < 0)
    tall = stops - starts
    keep = tall >= max(3.0, 0.4 * float(np.median(tall))) if len(tall) else np.zeros(0, bool)
    return [
        (int(labels.y0) + float(np.average(np.arange(start, stop) + 0.5, weights=ink[start:stop])), float(stop - start))
        for start, stop in zip(starts[keep], stops[keep], strict=True)
    ]


def _resized(grey: Grey, scale: float) -> Grey:
    import cv2  # noqa: PLC0415 - an optional dependency

    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=how), np.uint8)


def _scaled(box: Box, scale: float) -> Box:
    return Box(box.x0 * scale, box.y0 * scale, box.x1 * scale, box.y1 * scale)


def _clipped(box: Box, blank: Grey, band: Box | None = None) -> Box:
    inside = band or Box(0, 0, blank.shape[1], blank.shape[0])
    x = np.clip([box.x0, box.x1], inside.x0, inside.x1)
    y = np.clip([box.y0, box.y1], inside.y0, inside.y1)
    return Box(*(round(float(value), 2) for value in (x[0], y[0], x[1], y[1])))


def _emptied(blank: Grey, band: Box, boxes: Iterable[Box]) -> Grey:
    """Leave only the fixed print of the band: neither figures nor, below the band, the names of people."""
    empty: NDArray[np.uint8] = np.full_like(blank, _PAPER)
    inside = np.s_[int(np.ceil(band.y0)) : int(band.y1), int(np.ceil(band.x0)) : int(band.x1)]
    empty[inside] = blank[inside]
    for box in boxes:
        empty[int(box.y0) : int(np.ceil(box.y1)), int(box.x0) : int(np.ceil(box.x1))] = _PAPER
    return empty


def _require_landmarks(layout: ScanLayout) -> ScanLayout:
    count = len(blocks_of(layout))
    if count < _LEAST_BLOCKS:
        raise LayoutUnusable(
            "too little fixed print is left to recognise the sheet by",
            where="band",
            found=f"{count} blocks of print",
            expected=f"at least {_LEAST_BLOCKS}",
            advice="Make the band larger, or mark less as variable; the picture must be sharp.",
        )
    return layout


def _box_of(zone: Zone, per_mm: float) -> Box:
    return Box(zone.x * per_mm, zone.y * per_mm, (zone.x + zone.width) * per_mm, (zone.y + zone.height) * per_mm)
