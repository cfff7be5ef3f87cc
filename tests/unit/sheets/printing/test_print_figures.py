"""What is printed in a figure's cell is the figure, once, and the layout says where that is."""

import json

import numpy as np
import pypdfium2
import pytest
from tests.unit.sheets.printing.print_samples import (
    PICTURES,
    cut,
    definition,
    example,
    printer,
    raster,
    sheet_to_print,
    text_in,
    whole_text,
)

from escruta.base.errors import InputError
from escruta.sheets.figures import Mark
from escruta.sheets.printing import SheetForm, Signers, ZoneKind, digest_groups, layouts_as_json, parse_layouts
from escruta.sheets.seal import Recipient, SheetKind, witness_of


@pytest.mark.parametrize("paper", PICTURES)
@pytest.mark.parametrize("country", ["venezuela-2024", "paraguay-2023"])
def test_each_cell_holds_its_figure(paper, country):
    sheet = sheet_to_print(example(country), {"null": Mark.ILLEGIBLE})
    printed = printer(paper).print([sheet])
    layout = printed.layouts[0]
    cells = {zone.id: text_in(printed.pdf, zone) for zone in layout.of_kind(ZoneKind.FIGURE)}
    figures = {column: "unread" if isinstance(count, Mark) else str(count) for column, count in sheet.figures.items()}
    assert {column: cells[column] for column in figures} == figures
    assert len(cells) == len(layout.of_kind(ZoneKind.FIGURE))


def test_options_are_summed_for_their_candidate_and_an_unread_one_makes_the_sum_unread():
    election = definition(options=[("Red", 0), ("Rose", 0), ("Blue", 1), ("Crimson", 0)])
    sheet = sheet_to_print(election, {"option.o0": 5, "option.o1": 6, "option.o3": 7, "option.o2": 9})
    printed = printer(SheetForm.STRIP).print([sheet])
    assert text_in(printed.pdf, printed.layouts[0].zone("votes.c0")) == "18"
    assert text_in(printed.pdf, printed.layouts[0].zone("option.o2")) == "9"
    assert "votes.c1" not in {zone.id for zone in printed.layouts[0].zones}
    unread = printer(SheetForm.STRIP).print([sheet_to_print(election, {"option.o1": Mark.EMPTY})])
    assert text_in(unread.pdf, unread.layouts[0].zone("option.o1")) == "not filled in"
    assert text_in(unread.pdf, unread.layouts[0].zone("votes.c0")) == "not filled in"


@pytest.mark.parametrize("paper", PICTURES)
def test_the_largest_count_stands_whole_in_its_cell(paper):
    printed = printer(paper).print([sheet_to_print(definition(), {"votes.c0": 10_000_000_000})])
    zone = printed.layouts[0].zone("votes.c0")
    assert text_in(printed.pdf, zone) == "10000000000"
    ink = cut(raster(printed.pdf), zone) < 128
    assert ink.any()
    assert not ink[0].any()
    assert not ink[-1].any()
    assert not ink[:, 0].any()


@pytest.mark.parametrize("paper", PICTURES)
def test_ink_is_where_the_layout_says_and_the_sizes_are_those_of_the_file(paper):
    printed = printer(paper).print([sheet_to_print(example("venezuela-2024"))])
    layout = printed.layouts[0]
    document = pypdfium2.PdfDocument(printed.pdf)
    sizes = [tuple(round(length / 72 * 25.4, 2) for length in page.get_size()) for page in document]
    document.close()
    assert sizes == [pytest.approx(size, abs=0.02) for size in layout.pages]
    page = raster(printed.pdf)
    for zone in layout.of_kind(ZoneKind.FIGURE):
        rows, columns = np.nonzero(cut(page, zone) < 128)
        assert rows.size, zone.id
        assert columns.max() >= cut(page, zone).shape[1] - 12, zone.id  # set against the right edge
        assert rows.min() > 0, zone.id  # no rule is in the cell
        assert rows.max() < cut(page, zone).shape[0] - 1, zone.id


def test_every_zone_lies_on_its_page_and_no_two_figures_overlap():
    for paper in PICTURES:
        layout = printer(paper).print([sheet_to_print(example("venezuela-2024"))]).layouts[0]
        for zone in layout.zones:
            width, height = layout.pages[zone.page - 1]
            assert 0 <= zone.x <= zone.x + zone.width <= width + 0.01, zone
            assert 0 <= zone.y <= zone.y + zone.height <= height + 0.01, zone
        cells = layout.of_kind(ZoneKind.FIGURE)
        bands = layout.of_kind(ZoneKind.FIGURES)
        for at, one in enumerate(cells):
            assert any(_inside(one, band) for band in bands), one.id
            assert not any(_overlap(one, other) for other in cells[at + 1 :]), one.id


def _inside(one, band):
    return one.page == band.page and band.x - 0.01 <= one.x and one.x + one.width <= band.x + band.width + 0.2


def _overlap(one, other):
    apart = one.page != other.page or one.x + one.width <= other.x or other.x + other.width <= one.x
    return not (apart or one.y + one.height <= other.y + 0.001 or other.y + other.height <= one.y + 0.001)


def test_long_lists_go_on_over_pages_with_their_numbers_and_lose_no_figure():
    options = [(f"Party {at}", at // 60) for at in range(180)]
    sheet = sheet_to_print(definition(["Ana", "Ben", "Cleo"], options=options))
    printed = printer(SheetForm.A4).print([sheet])
    layout = printed.layouts[0]
    assert len(layout.pages) > 1
    cells = [zone.id for zone in layout.of_kind(ZoneKind.FIGURE)]
    assert sorted(cells) == sorted([*sheet.form.figures, "votes.c0", "votes.c1", "votes.c2"])
    assert f"Page 1 of {len(layout.pages)}" in whole_text(printed.pdf)
    assert "(continued)" in whole_text(printed.pdf)


def test_a_zero_sheet_says_what_it_is_and_has_only_zeros():
    sheet = sheet_to_print(definition(), {"registered_voters": 611}, kind=SheetKind.ZERO)
    printed = printer(SheetForm.STRIP).print([sheet])
    text = whole_text(printed.pdf)
    assert "ZERO SHEET" in text
    assert "CLOSING" not in text
    cells = {zone.id: text_in(printed.pdf, zone) for zone in printed.layouts[0].of_kind(ZoneKind.FIGURE)}
    assert cells.pop("registered_voters") == "611"
    assert set(cells.values()) == {"0"}


@pytest.mark.parametrize(
    ("recipient", "words"),
    [(Recipient.DOOR, "to be posted"), (witness_of(1), "for the party witness of Ben Okri"), (900, "recipient 900")],
)
def test_a_copy_says_its_number_and_for_whom_it_is(recipient, words):
    sheet = sheet_to_print(definition(), recipient=int(recipient), copies=4)
    text = " ".join(whole_text(printer(SheetForm.STRIP).print([sheet]).pdf).split())
    assert "Copy 1 of 4" in text
    assert words in text


def test_the_digest_on_the_sheet_is_that_of_the_code():
    sheet = sheet_to_print(definition())
    text = " ".join(whole_text(printer(SheetForm.STRIP).print([sheet]).pdf).split())
    assert " ".join(digest_groups(sheet.text or "")) in text


def test_several_copies_stand_in_one_file_each_with_its_own_layout():
    sheets = [sheet_to_print(definition(), recipient=1, signers=Signers(members=at, witnesses=0)) for at in (0, 5)]
    layouts = printer(SheetForm.STRIP).print(sheets).layouts
    assert [layout.first_page for layout in layouts] == [1, 2]
    assert [len(layout.of_kind(ZoneKind.SIGNATURE)) for layout in layouts] == [1, 6]
    assert {zone.page for layout in layouts for zone in layout.zones} == {1}


def test_a_layout_is_read_back_from_its_json():
    layouts = printer(SheetForm.A4).print([sheet_to_print(definition())]).layouts
    assert parse_layouts(layouts_as_json(layouts)) == layouts


_NO_LAYOUTS = ("{", "[1]", '[{"format": "other"}]', json.dumps([{"format": "escruta/sheet-layout/v1"}]))


@pytest.mark.parametrize("text", _NO_LAYOUTS)
def test_what_is_no_layout_is_refused(text):
    with pytest.raises(InputError, match="no layout of a printed sheet"):
        parse_layouts(text, where="x.json")


@pytest.mark.parametrize("paper", PICTURES)
def test_the_station_stands_in_cells_whose_places_do_not_depend_on_it(paper):
    places = set()
    for station, digits in (("010113042.1", "010 113 042 1"), ("240500007.9312", "240 500 007 9312")):
        printed = printer(paper).print([sheet_to_print(example("venezuela-2024"), station=station)])
        layout = printed.layouts[0]
        cells = layout.of_kind(ZoneKind.STATION)
        assert " ".join(text_in(printed.pdf, cell) for cell in cells) == digits
        (header,) = layout.of_kind(ZoneKind.HEADER)
        assert all(header.y < cell.y and cell.y + cell.height < header.y + header.height for cell in cells)
        page = raster(printed.pdf)
        for cell in cells:
            ink = cut(page, cell) < 128
            assert ink.any()
            assert not (ink[0] | ink[-1]).any(), cell.id  # no rule is in the cell
            assert not (ink[:, 0] | ink[:, -1]).any(), cell.id
        places.add(tuple((cell.id, cell.x, cell.y, cell.width, cell.height) for cell in cells))
    assert len(places) == 1


@pytest.mark.parametrize("station", ["7.1B", "12345678901", "7"])
def test_a_station_without_cells_is_printed_as_it_is_written(station):
    printed = printer(SheetForm.STRIP).print([sheet_to_print(example("venezuela-2024"), station=station)])
    assert not printed.layouts[0].of_kind(ZoneKind.STATION)
    assert station in whole_text(printed.pdf)
