"""Rows folded away, put in or exchanged are noticed: no figure is read under another's name, nobody is shown."""

import numpy as np
import pytest

cv2 = pytest.importorskip("cv2", reason="needs the extra scan")

from tests.unit.sources.scans.figures.drawn_sheets import (  # noqa: E402
    PITCH,
    ROWS,
    SUMS,
    TOP,
    WIDTH,
    Drawn,
    counted,
    drawn,
    layout,
    photographed,
    registered,
)

from escruta.sources.scans.figures import (  # noqa: E402
    Annotation,
    Box,
    Cell,
    Match,
    ScanLayout,
    check_print,
    learn_layout,
    read_figures,
    reconcile,
)
from escruta.sources.scans.figures.labels import labels_of  # noqa: E402
from escruta.sources.scans.figures.misplaced import labels_elsewhere, rows_of  # noqa: E402
from escruta.sources.scans.pictures import picture_of  # noqa: E402
from escruta.sources.scans.redaction import Withheld, kept_mask, redact  # noqa: E402

FIGURES = counted(1)


def folded(sheet, top, pixels):
    """Take a strip out of a sheet: what is below moves up."""
    zones = {
        name: box if box.y0 < top else Box(box.x0, box.y0 - pixels, box.x1, box.y1 - pixels)
        for name, box in sheet.zones.items()
    }
    return Drawn(pixels=np.concatenate([sheet.pixels[:top], sheet.pixels[top + pixels :]]), zones=zones)


def _folded(row):
    return folded(drawn(FIGURES), TOP + PITCH * row, PITCH)


def _put_in(row):
    sheet, top = drawn(FIGURES), TOP + PITCH * row
    return Drawn(pixels=np.concatenate([sheet.pixels[:top], sheet.pixels[top - PITCH :]]), zones=sheet.zones)


def _exchanged(one, other, sheet=None):
    sheet = sheet or drawn(FIGURES)
    pixels, rows = (
        sheet.pixels.copy(),
        [slice(TOP + PITCH * row - 1, TOP + PITCH * (row + 1) - 1) for row in (one, other)],
    )
    pixels[rows[0]], pixels[rows[1]] = sheet.pixels[rows[1]], sheet.pixels[rows[0]]
    return Drawn(pixels=pixels, zones=sheet.zones)


THE_LAST = "the last folded away"
CHANGED = {
    "first folded away": _folded(0),
    "a late one folded away": _folded(11),
    THE_LAST: _folded(len(ROWS) - 1),
    "one more in the middle": _put_in(5),
    "one more at the end": _put_in(len(ROWS) - 1),
    "neighbours exchanged": _exchanged(12, 13),
    "far ones exchanged": _exchanged(2, 9),
}


@pytest.mark.parametrize("change", CHANGED)
def test_no_figure_is_read_under_the_name_of_another_and_nobody_is_shown(change):
    picture = photographed(CHANGED[change], seed=1).picture
    registration = registered(picture)
    read = read_figures(picture, registration, layout())
    sheet = reconcile(read, layout().sums)
    assert not sheet.is_accepted
    assert {each.figure for each in sheet.figures if each.value not in {None, FIGURES[each.figure]}} == set()
    assert registration.rows.any_misplaced or change == THE_LAST  # then there is nothing in its place
    expected = Withheld.LOOSELY_REGISTERED if change == THE_LAST else Withheld.MISPLACED
    assert redact(picture, registration, layout()).withheld is expected


def test_beside_rows_that_are_where_they_belong_the_figures_are_read():
    picture = photographed(CHANGED["a late one folded away"], seed=1).picture
    read = read_figures(picture, registered(picture), layout())
    assert [each.value for each in read[:10]] == [FIGURES[name] for name, _ in ROWS[:10]]


def test_print_at_anothers_place_does_not_contradict_a_code():
    picture = photographed(CHANGED["a late one folded away"], seed=1).picture
    checks = check_print(picture, registered(picture), layout(), FIGURES)
    assert {each.match for each in checks} == {Match.AGREES, Match.NOT_LEGIBLE}
    assert {each.figure for each in checks if each.match is Match.NOT_LEGIBLE} >= {"valid", "null", "blank"}


@pytest.mark.parametrize("seed", [3, 8])
def test_a_poor_photograph_of_a_whole_sheet_has_every_row_in_its_place(seed):
    photograph = photographed(drawn(counted(seed)), seed=seed, wave=4.0, blur=1.6, noise=12)
    assert not registered(photograph).rows.any_misplaced


SHORT = ("MEP", "APC", "ORA", "UPV", "EV", "PVV", "UVV", "BR", "MR", "PR", "DDP", "MPJ")


@pytest.mark.parametrize("row", [0, 2, 4, 5, 7, 8, 10])
def test_neighbours_with_labels_of_a_few_letters_are_told_apart(row):
    known = layout(SHORT)
    picture = photographed(_exchanged(row, row + 1, drawn(FIGURES, parties=SHORT)), seed=row, blur=1.0).picture
    registration = registered(picture, known)
    read = read_figures(picture, registration, known)
    assert {each.value for each in read[row : row + 2]} == {None}
    others = {each.figure: each.value for at, each in enumerate(read) if at not in {row, row + 1}}
    assert others.items() <= FIGURES.items()
    assert redact(picture, registration, known).withheld is Withheld.MISPLACED


def test_labels_of_a_few_letters_are_where_they_belong_on_a_poor_photograph():
    photograph = photographed(drawn(FIGURES, parties=SHORT), seed=3, wave=4.0, blur=1.6, noise=12)
    assert not registered(photograph, layout(SHORT)).rows.any_misplaced


def test_labels_stand_on_either_side_of_figures_and_hold_none_of_them():
    blank = np.full((300, 400), 230, np.uint8)
    for text, x in (("ALBA", 20), ("CIMA", 330)):
        cv2.putText(blank, text, (x, 120), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 30, 2)
    cv2.putText(blank, "1 de 3", (170, 120), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 30, 2)
    cells = tuple(Cell(figure=name, box=Box(x, 100, x + 40, 126)) for name, x in (("one", 110), ("two", 280)))
    varies = (Box(150, 90, 240, 130),)
    sheet = ScanLayout(name="two", blank=blank, cells=cells, band=Box(0, 0, 400, 300), variable=varies)
    left, right = sorted(labels_of(sheet), key=lambda box: box.x0)
    assert 15 <= left.x0 < left.x1 <= 110
    assert 320 <= right.x0 < right.x1 <= 400
    assert (left.y0, left.y1) == (right.y0, right.y1) == (100, 126)


CONTAINED = ("PV", "PVV", *SHORT[2:])


def test_a_row_whose_label_says_nothing_is_unread_where_its_label_stands_elsewhere():
    known = layout(CONTAINED)
    picture = photographed(_exchanged(0, 1, drawn(FIGURES, parties=CONTAINED)), seed=0).picture
    read = read_figures(picture, registered(picture, known), known)
    assert [each.value for each in read[:2]] == [None, None]
    assert {each.value for each in read[3:]} != {None}


def _units(down):
    """Rows with the same word beside each figure, every 29 1/3 pixels, and `down` thirds of a pixel lower."""
    large = np.full((1200, 1200), 230, np.uint8)
    for row in range(11):
        cv2.putText(large, "votos", (960, 160 + 88 * row + down), cv2.FONT_HERSHEY_SIMPLEX, 1.1, 40, 3, cv2.LINE_AA)
    return np.asarray(cv2.resize(large, (400, 400), interpolation=cv2.INTER_AREA), np.uint8)


def test_a_word_that_stands_beside_every_figure_is_no_evidence():
    cells = tuple(Cell(figure=str(row), box=Box(230, at - 22, 300, at + 6)) for row, at in enumerate(_UNITS))
    sheet = ScanLayout(name="units", blank=_units(0), cells=cells, band=Box(0, 0, 400, 400))
    assert not labels_of(sheet)
    assert not labels_elsewhere(_units(1), sheet)


NUMBERED = tuple(f"LISTA {number}" for number in range(1, 13))


def test_of_labels_that_differ_in_their_number_the_number_is_the_label():
    assert all(box.width < 30 for box in labels_of(layout(NUMBERED))[: len(NUMBERED)])


@pytest.mark.parametrize("row", [0, 2, 5, 7, 10])
def test_neighbours_whose_labels_differ_in_a_number_are_told_apart(row):
    known = layout(NUMBERED)
    picture = photographed(_exchanged(row, row + 1, drawn(FIGURES, parties=NUMBERED)), seed=row, blur=1.0).picture
    read = read_figures(picture, registered(picture, known), known)
    assert {each.value for each in read[row : row + 2]} == {None}
    assert {each.figure: each.value for each in read if each.value is not None}.items() <= FIGURES.items()


def test_numbers_are_where_they_belong_on_a_poor_photograph():
    photograph = photographed(drawn(counted(6), parties=NUMBERED), seed=6, wave=4.0, blur=1.6, noise=12)
    assert not registered(photograph, layout(NUMBERED)).rows.any_misplaced


_UNITS = [(160 + 88 * row) / 3 for row in range(11)]


@pytest.mark.parametrize("height", [1, 5, 8])
def test_print_beside_a_cell_that_is_lower_than_letters_is_no_label(height):
    cells = (Cell(figure="one", box=Box(230, 45, 300, 45 + height)),)
    assert not labels_of(ScanLayout(name="low", blank=_units(0), cells=cells, band=Box(0, 0, 400, 400)))


def test_labels_that_are_alike_are_no_evidence():
    alike = tuple("LISTA" for _ in SHORT)
    photograph = photographed(drawn(FIGURES, parties=alike), seed=4, blur=1.2, noise=8)
    assert not registered(photograph, layout(alike)).rows.any_misplaced


def test_a_covered_row_is_not_a_misplaced_one():
    pixels = drawn(FIGURES).pixels.copy()
    pixels[TOP + 4 * PITCH : TOP + 5 * PITCH, :300] = 140
    assert not registered(photographed(Drawn(pixels=pixels, zones={}), seed=1)).rows.any_misplaced


def test_paper_folded_below_the_last_row_does_not_bring_people_into_the_band():
    photograph = photographed(folded(drawn(FIGURES), TOP + PITCH * len(ROWS) + 2, 56), seed=1)
    mask = kept_mask(photograph.picture, registered(photograph), layout())
    zone = np.zeros(mask.shape, np.uint8)
    cv2.fillPoly(zone, [np.round(photograph.zones["hidden.name0"]).astype(np.int32)], 1)
    assert mask[zone > 0].mean() < 0.05


@pytest.mark.parametrize("fixed", [False, True])
def test_paper_folded_below_the_last_figure_does_not_bring_people_into_the_band(fixed):
    """A digest that varies stands there, or a fixed line on which a name comes to lie."""
    end, room = TOP + PITCH * len(ROWS) + 10, 120
    sheet = drawn(FIGURES)
    below = np.full((room, *sheet.pixels.shape[1:]), 240, np.uint8)
    text = "NOMBRE FIRMA DIGITAL" if fixed else "9F 27 C0 44 11 B8"
    cv2.putText(below, text, (30, 30), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (50, 48, 52), 2)
    zones = {
        name: box if box.y0 < end else Box(box.x0, box.y0 + room, box.x1, box.y1 + room)
        for name, box in sheet.zones.items()
    }
    whole = Drawn(pixels=np.concatenate([sheet.pixels[:end], below, sheet.pixels[end:]]), zones=zones)
    cells = {name: zones[name] for name, _ in ROWS}
    varies = () if fixed else (Box(0, end, WIDTH, end + room),)
    marks = Annotation(cells=cells, band=Box(0, 0, WIDTH, end + room), variable=varies, sums=SUMS)
    known = learn_layout(picture_of(whole.pixels), marks, name="more below")
    top = zones["hidden.name0"].y0
    photograph = photographed(folded(whole, end, round(top - end - 14) if fixed else 140), seed=1)
    mask = kept_mask(photograph.picture, registered(photograph, known), known)
    for hidden in ("hidden.name0", "hidden.signature0"):
        zone = np.zeros(mask.shape, np.uint8)
        cv2.fillPoly(zone, [np.round(photograph.zones[hidden]).astype(np.int32)], 1)
        assert mask[zone > 0].mean() < 0.05, hidden


@pytest.mark.parametrize(
    ("moved", "held", "misplaced"),
    [
        ((1, 0, 0), (0, 3, 3), (False, False, False)),  # one block alone may be taken for another
        ((2, 0, 0), (0, 3, 3), (True, False, False)),
        ((1, 1, 0), (0, 0, 3), (True, True, False)),  # so may not two that follow each other
        ((2, 0, 0), (2, 3, 3), (False, False, False)),
        ((1, 0, 1), (0, 3, 0), (False, False, False)),
    ],
)
def test_a_row_is_misplaced_where_two_blocks_say_so(moved, held, misplaced):
    marks = [
        (24 * row, 40 * at, at < there)
        for row, (there, own) in enumerate(zip(moved, held, strict=True))
        for at in range(there + own)
    ]
    blocks = [Box(x, y, x + 80, y + 36) for y, x, _ in marks]
    moved_there = np.array([each for *_, each in marks])
    assert tuple(rows_of(blocks, ~moved_there, moved_there).misplaced.tolist()) == misplaced
