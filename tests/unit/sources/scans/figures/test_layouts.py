"""A layout is learnt from one picture, is one JSON file, and says no where its parts do not hold together."""

import json

import numpy as np
import pytest

pytest.importorskip("cv2", reason="needs the extra scan")

from click.testing import CliRunner
from tests.unit.sheets.printing.print_samples import definition, example, printer, raster, sheet_to_print
from tests.unit.sources.scans.figures.drawn_sheets import (
    BAND,
    FIGURES,
    PITCH,
    ROWS,
    SUMS,
    TOP,
    counted,
    drawn,
    layout,
    photographed,
    registered,
)

from escruta.apps.cli.scan_learn import learn
from escruta.sheets.printing import SheetForm
from escruta.sheets.station_cells import station_in_cells
from escruta.sources.scans.figures import (
    Annotation,
    Box,
    Column,
    LayoutUnusable,
    layout_of_print,
    learn_layout,
    parse_annotation,
    parse_layout,
    read_figures,
    register,
    sums_of_contest,
)
from escruta.sources.scans.pictures import picture_of


def test_a_layout_goes_through_json_unchanged():
    text = layout().to_json()
    again = parse_layout(text)
    assert again.to_json() == text
    assert np.array_equal(again.blank, layout().blank)
    assert (again.cells, again.sums, again.band) == (layout().cells, layout().sums, layout().band)


@pytest.mark.parametrize(
    "change",
    [
        {"form": "another"},
        {"blank": "no base64!"},
        {"blank": "aGVsbG8="},
        {"cells": {}},
        {"cells": {"valid": [0, 0, 1e9, 1e9]}},
        {"cells": {"valid": [0, 0, "x", 1]}},
        {"cells": {"valid": [5, 5, float("nan"), 9]}},
        {"band": [0, 0, 0, 0]},
        {"codes": [[-5, 0, 10, 10]]},
        {"sums": [{"total": "valid", "parts": ["nothing"]}]},
        {"sums": [{"total": "valid", "parts": []}]},
    ],
    ids=str,
)
def test_a_layout_that_does_not_hold_together_is_refused(change):
    members = json.loads(layout().to_json()) | change
    with pytest.raises(LayoutUnusable):
        parse_layout(json.dumps(members))


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, '{"form": "escruta-scan-layout/1"}'], ids=len)
def test_what_is_no_layout_is_refused(text):
    with pytest.raises(LayoutUnusable):
        parse_layout(text)


def test_the_figures_of_a_filled_sheet_are_painted_out():
    filled = drawn(counted(3))
    cells = {figure: filled.zones[figure] for figure, _ in ROWS}
    learnt = learn_layout(picture_of(filled.pixels), Annotation(cells=cells, band=BAND), name="filled")
    for cell in learnt.cells:
        box = cell.box
        assert np.ptp(learnt.blank[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)]) == 0
    assert np.abs(learnt.blank.astype(int) - layout().blank).mean() < 3
    below = learnt.blank[int(learnt.band.y1) + 1 :]
    assert below.size > 10_000
    assert np.ptp(below) == 0  # nobody's name, number or signature is in a layout


def test_the_rows_of_a_column_are_found_by_their_labels():
    sheet = drawn(None)
    column = Column(
        box=Box(490, 0, 585, 0), figures=FIGURES, labels=Box(25, TOP - 4, 250, TOP + PITCH * len(FIGURES) - 4)
    )
    learnt = learn_layout(picture_of(sheet.pixels), Annotation(columns=(column,), band=BAND), name="rows")
    scale = learnt.width / sheet.pixels.shape[1]
    truth = {cell.figure: sheet.zones[cell.figure] for cell in learnt.cells}
    off = [(cell.box.y0 + cell.box.y1) / 2 / scale - (truth[cell.figure].y0 + 15.5) for cell in learnt.cells]
    assert tuple(truth) == FIGURES
    assert np.abs(off).max() < 4
    one_too_few = Column(box=column.box, figures=FIGURES[1:], labels=column.labels)
    with pytest.raises(LayoutUnusable, match="rows of a column"):
        learn_layout(picture_of(sheet.pixels), Annotation(columns=(one_too_few,), band=BAND), name="x")


def test_marks_on_a_slanted_picture_are_straightened():
    photograph = photographed(drawn(counted(4)), seed=4, wave=0)
    whole = drawn(None).pixels.shape
    zones = photograph.zones
    marks = {
        name: Box(*zones[name].min(axis=0), *zones[name].max(axis=0)) for name in ("votes.alba", "votes.cima", "valid")
    }
    corners = [(0, 0), (whole[1], 0), (whole[1], whole[0]), (0, whole[0])]
    import cv2  # noqa: PLC0415

    source = np.array([drawn(None).zones[name].corners for name in marks], np.float32).reshape(-1, 2)
    plane, _ = cv2.findHomography(source, np.array([zones[name] for name in marks], np.float32).reshape(-1, 2))
    sheet = cv2.perspectiveTransform(np.array([corners], np.float32), plane)[0]
    band = cv2.perspectiveTransform(np.array([BAND.corners], np.float32), plane)[0]
    annotation = Annotation(cells=marks, band=Box(*band.min(axis=0), *band.max(axis=0)), sheet=tuple(map(tuple, sheet)))
    learnt = learn_layout(photograph.picture, annotation, name="slanted")
    assert register(picture_of(drawn(counted(5)).pixels), learnt)


def test_an_annotation_without_band_or_figures_is_refused():
    picture = picture_of(drawn(None).pixels)
    with pytest.raises(LayoutUnusable, match="what may be shown"):
        learn_layout(picture, Annotation(cells={"valid": Box(0, 0, 9, 9)}), name="x")
    with pytest.raises(LayoutUnusable, match="marks no figure"):
        learn_layout(picture, Annotation(band=BAND), name="x")
    empty = picture_of(np.full((900, 600), 230, np.uint8))
    with pytest.raises(LayoutUnusable, match="too little fixed print"):
        learn_layout(empty, Annotation(band=BAND, cells={"valid": Box(400, 40, 500, 70)}), name="x")


def test_the_sums_of_a_contest_are_those_of_its_checks():
    contest = definition(options=[("P", 0), ("Q", 0), ("R", 1)], further=("spoilt",)).contests[0]
    every = ["option.o0", "option.o1", "option.o2", "votes.c0", "valid", "null", "blank", "ballots"]
    found = {each.total: each.parts for each in sums_of_contest(contest, every)}
    assert found["votes.c0"] == ("option.o0", "option.o1")
    assert found["valid"] == ("votes.c0", "option.o2")
    assert set(found["ballots"]) >= {"votes.c0", "option.o2", "null", "blank"}
    assert sums_of_contest(contest, ["valid", "null"]) == ()


def test_our_own_print_is_read_from_a_photograph_of_it():
    election = definition(("Ana Díaz", "Ben Okri", "Cleo Roa"))
    printed = printer(SheetForm.STRIP).print([sheet_to_print(election)])
    own = layout_of_print(printed.layouts[0], picture_of(raster(printed.pdf)), name="own")
    figures = {figure: 37 * at + 8 for at, figure in enumerate(own.figures)}
    other = printer(SheetForm.STRIP).print([sheet_to_print(election, figures, station="8.2")])
    page = raster(other.pdf)
    picture = picture_of(page[:, ::-1][:, ::-1] // 2 + 90)
    read = read_figures(picture, registered(picture, own), own)
    assert {each.figure: each.likeliest for each in read} == figures
    signed = [zone for zone in printed.layouts[0].zones if zone.kind == "signature"]
    per_mm = own.width / printed.layouts[0].pages[0][0]
    assert own.band.y1 <= min(zone.y for zone in signed) * per_mm + 1


@pytest.mark.parametrize("paper", [SheetForm.STRIP_58, SheetForm.A4])
def test_the_station_of_our_own_print_is_read(paper):
    election = example("paraguay-2023").model_copy(update={"stations": example("venezuela-2024").stations})
    sheets = [sheet_to_print(election, station=station) for station in ("010113042.1", "240500007.12")]
    first, other = (printer(paper).print([sheet]) for sheet in sheets)
    own = layout_of_print(first.layouts[0], picture_of(raster(first.pdf)), name="own")
    picture = picture_of(raster(other.pdf, dpi=160) // 2 + 90)
    values = {each.figure: each.value for each in read_figures(picture, registered(picture, own), own)}
    assert station_in_cells(election.stations.key, values) == {"centre": "240500007", "table": "12"}


def test_a_picture_of_another_shape_is_not_the_page_that_was_printed():
    printed = printer(SheetForm.STRIP).print([sheet_to_print(definition())])
    picture = picture_of(raster(printed.pdf)[:-200])
    with pytest.raises(LayoutUnusable, match="not of the page"):
        layout_of_print(printed.layouts[0], picture, name="own")


def test_the_command_writes_a_layout_that_reads(tmp_path):
    import cv2  # noqa: PLC0415

    blank = drawn(None)
    cv2.imwrite(str(tmp_path / "blank.png"), blank.pixels)
    boxes = {figure: blank.zones[figure] for figure, _ in ROWS}
    marks = {
        "cells": {figure: [box.x0, box.y0, box.x1, box.y1] for figure, box in boxes.items()},
        "band": [BAND.x0, BAND.y0, BAND.x1, BAND.y1],
        "sums": [{"total": each.total, "parts": list(each.parts)} for each in SUMS],
    }  # fmt: skip
    (tmp_path / "marks.json").write_text(json.dumps(marks), encoding="utf-8")
    out = tmp_path / "layouts" / "drawn.json"
    call = [str(tmp_path / "blank.png"), "--marks", str(tmp_path / "marks.json"), "--out", str(out)]
    told = CliRunner().invoke(learn, [*call, "--json"])
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["cells"] == len(ROWS)
    assert parse_layout(out.read_text(encoding="utf-8")).sums == SUMS
    assert parse_annotation(json.dumps(marks)).sums == SUMS
    (tmp_path / "marks.json").write_text("{}", encoding="utf-8")
    told = CliRunner().invoke(learn, call)
    assert told.exit_code == 2
    assert "what may be shown" in told.stderr
    assert CliRunner().invoke(learn, [call[0], "--out", str(out)]).exit_code == 2
