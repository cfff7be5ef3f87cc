"""Both codes of a sheet are read back, and every module of them is a whole number of dots."""

import numpy as np
import pytest
import zxingcpp
from tests.unit.sheets.printing.print_samples import PICTURES, cut, definition, example, printer, raster, sheet_to_print

from escruta.sheets.printing import SheetForm, SheetUnprintable, ZoneKind
from escruta.sheets.seal import code_of


@pytest.mark.parametrize("paper", PICTURES)
@pytest.mark.parametrize("dpi", [203, 300])
def test_both_codes_are_read_back_from_the_print(paper, dpi):
    sheet = sheet_to_print(example("venezuela-2024"))
    printed = printer(paper).print([sheet])
    found = zxingcpp.read_barcodes(raster(printed.pdf, dpi=dpi))
    assert [code.text for code in found] == [sheet.text, sheet.text]


@pytest.mark.parametrize("paper", PICTURES)
def test_every_module_is_five_whole_dots_of_pure_black_or_white(paper):
    sheet = sheet_to_print(definition())
    printed = printer(paper).print([sheet])
    page = raster(printed.pdf)
    modules = np.array(code_of(sheet.text or ""))
    wanted = np.where(np.kron(modules, np.ones((5, 5), dtype=bool)), 0, 255)
    nearly = 2  # grey levels: fractions of a dot would be far from black and from white
    for name in ("code.top", "code.bottom"):
        assert np.abs(cut(page, printed.layouts[0].zone(name)) - wanted).max() <= nearly, name
        quiet = np.array(cut(page, printed.layouts[0].zone(f"{name}.quiet")))
        quiet[20:-20, 20:-20] = 255
        assert (quiet >= 255 - nearly).all(), name


@pytest.mark.parametrize("paper", PICTURES)
def test_codes_are_away_from_where_people_sign(paper):
    layout = printer(paper).print([sheet_to_print(definition())]).layouts[0]
    signed = layout.of_kind(ZoneKind.SIGNATURE)
    assert len(signed) == 6
    for code in layout.of_kind(ZoneKind.CODE):
        for zone in (each for each in signed if each.page == code.page):
            between = max(code.y - (zone.y + zone.height), zone.y - (code.y + code.height))
            assert between >= 5, (code.id, zone.id, between)


def test_a_code_that_is_wider_than_the_paper_is_refused_with_the_papers_that_hold_it():
    sheet = sheet_to_print(definition([f"Candidate {at}" for at in range(250)]))
    with pytest.raises(SheetUnprintable, match="wider than what this paper can hold") as refused:
        printer(SheetForm.STRIP_58).print([sheet])
    assert "--form a4" in str(refused.value)
    assert len(printer(SheetForm.A4).print([sheet]).layouts[0].of_kind(ZoneKind.CODE)) == 2


def test_a_sheet_without_a_seal_says_so_and_has_no_code():
    printed = printer(SheetForm.STRIP).print([sheet_to_print(definition(), sealed=False)])
    assert not printed.layouts[0].of_kind(ZoneKind.CODE)
    assert printed.layouts[0].code_modules is None
    assert zxingcpp.read_barcodes(raster(printed.pdf)) == []


def test_a_seal_of_another_sheet_is_never_printed():
    election = definition()
    other = sheet_to_print(election, {"votes.c0": 7})
    with pytest.raises(SheetUnprintable, match="another sheet"):
        type(other)(election=election, form=other.form, sheet=sheet_to_print(election).sheet, text=other.text)
