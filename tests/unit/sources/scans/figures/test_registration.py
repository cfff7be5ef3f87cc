"""A photograph is laid over the blank of its sheet, to a pixel or two; what does not fit is refused with a reason."""

import numpy as np
import pytest

cv2 = pytest.importorskip("cv2", reason="needs the extra scan")

from tests.unit.sources.scans.figures.drawn_sheets import (  # noqa: E402
    Photographed,
    counted,
    drawn,
    layout,
    photographed,
)

from escruta.sources.scans.figures import (  # noqa: E402
    Box,
    NoFit,
    NoFitReason,
    Registration,
    ScanLayout,
    landmarks,
    register,
)
from escruta.sources.scans.figures import registration as laying  # noqa: E402
from escruta.sources.scans.figures.bending import fitted, flat  # noqa: E402
from escruta.sources.scans.figures.landmarks import features_of, features_of_picture  # noqa: E402
from escruta.sources.scans.pictures import picture_of  # noqa: E402


def _off(registration, photograph, scale):
    """Give the largest distance between where zones are and where the fit says, in pixels of the drawing."""
    own = {cell.figure: cell.box.corners for cell in layout().cells}
    found = [registration.to_picture(own[name]) - photograph.zones[name] for name in own]
    return np.abs(np.concatenate(found)).max() / scale


@pytest.mark.parametrize("turn", [-6, 93, 180])
def test_registration_lies_within_two_pixels_however_the_picture_is_turned(turn):
    photograph = photographed(drawn(counted(turn % 7)), seed=turn % 7, turn=turn)
    registration = register(photograph.picture, layout())
    assert isinstance(registration, Registration)
    assert _off(registration, photograph, 700 / 600) < 2.5
    assert registration.found > 0.85
    assert min(registration.parts) > 0.5


def test_bent_paper_is_followed():
    photograph = photographed(drawn(counted(1)), seed=3, wave=6.0)
    registration = register(photograph.picture, layout())
    assert registration
    assert registration.bend.reach > 1.5
    assert _off(registration, photograph, 700 / 600) < 4


def test_a_sheet_that_fills_half_of_the_photograph_is_found():
    photograph = photographed(drawn(counted(6)), seed=6, width=900)
    room = photograph.pixels.shape[0] // 2
    wide = cv2.copyMakeBorder(photograph.pixels, room, room, room, room, cv2.BORDER_CONSTANT, value=(60, 75, 90))
    registration = register(picture_of(wide), layout())
    moved = Photographed(pixels=wide, zones={name: at + room for name, at in photograph.zones.items()})
    closely = register(photograph.picture, layout())
    assert isinstance(registration, Registration)
    assert _off(registration, moved, 900 / 600) < _off(closely, photograph, 900 / 600) + 0.5


def test_around_a_small_sheet_no_more_is_looked_at_than_around_a_large_one(monkeypatch):
    sheet = drawn(counted(6)).pixels
    wide = np.full((4 * 980, 4 * 980, 3), 235, np.uint8)
    wide[1100 : 1100 + sheet.shape[0], 2100 : 2100 + sheet.shape[1]] = sheet
    looked = []

    def features(grey, scale):
        looked.append(grey.size * scale**2)
        return features_of(grey, scale)

    for module in (laying, landmarks):
        monkeypatch.setattr(module, "features_of", features)
    registration = register(picture_of(wide), layout())
    assert isinstance(registration, Registration)
    assert registration.found > 0.95
    assert np.abs(registration.to_picture(np.array([(300.0, 400.0)])) - (2100 + 310, 1100 + 410)).max() < 20
    assert max(looked) < 1_200_000  # around the whole picture it would be 5,600,000


@pytest.fixture
def calls(monkeypatch):
    """What was worked out for a picture: the sizes of its features, the looks at it, the fits through its matches."""
    found: dict[str, list[tuple[int, float]]] = {"features": [], "looks": [], "fits": []}
    features, look, fit = landmarks.features_of, laying._registered, laying._through_matches

    def counted_features(grey, scale):
        found["features"].append((grey.size, scale))
        return features(grey, scale)

    def counted_look(*arguments):
        found["looks"].append((arguments[-1], 1.0))
        return look(*arguments)

    def counted_fit(*arguments):
        found["fits"].append((len(arguments[2]), 1.0))
        return fit(*arguments)

    monkeypatch.setattr(landmarks, "features_of", counted_features)
    monkeypatch.setattr(laying, "_registered", counted_look)
    monkeypatch.setattr(laying, "_through_matches", counted_fit)
    return found


def _no_sheet():
    rng, other = np.random.default_rng(1), np.full((1000, 600), 240, np.uint8)
    for at in range(40):
        text = "".join(rng.choice(list("qwrtzpdfghjkxvbn"), 14))
        cv2.putText(other, text, (20 + at % 3 * 30, 30 + 24 * at), cv2.FONT_HERSHEY_COMPLEX, 0.7, 40, 2)
    return picture_of(other)


def _with_codes(name):
    plain, codes = layout(), (Box(450, 10, 550, 110), Box(30, 10, 130, 110))
    return ScanLayout(name=name, blank=plain.blank, cells=plain.cells, band=plain.band, codes=codes)


def test_the_features_of_a_picture_are_found_once_for_all_layouts_and_codes(calls):
    picture = _no_sheet()
    layouts = [_with_codes(name) for name in "abc"]
    places = [np.array([(0, 0), (9, 0), (9, 9), (0, 9)], np.float64) + at for at in (10, 200, 400)]
    said = {register(picture, each, corners) for each in layouts for corners in places}
    assert [each.reason for each in said] == [NoFitReason.NO_PLANE]
    of_picture = [scale for size, scale in calls["features"] if size == picture.grey.size]
    assert len(of_picture) == len(set(of_picture)) == len(calls["looks"]) / 9
    assert len(calls["fits"]) == len(layouts) * len(of_picture)  # no code leaves other matches


def test_a_code_that_leaves_other_matches_is_another_look(calls):
    photograph = photographed(drawn(counted(5)), seed=9)
    picture, guide = photograph.picture, _with_codes("a")
    free = register(picture, guide)
    assert free
    guided = register(picture, guide, free.outline(guide.codes[0], step=1000)[::2])
    assert guided is not free
    assert len(calls["looks"]) == len(calls["fits"]) == 2


def test_a_covered_part_is_not_looked_for_at_every_size(calls):
    sheet = drawn(counted(4)).pixels.copy()
    whole = register(picture_of(sheet), layout())
    sheet[330:460, :330] = 120
    found = register(picture_of(sheet), layout())
    assert isinstance(found, Registration)
    assert isinstance(whole, Registration)
    assert 0.75 <= found.found < 0.95 < whole.found
    assert len(calls["looks"]) == 1 + 2
    at = np.array([(300.0, 600.0), (550.0, 900.0)])
    assert np.abs(found.to_picture(at) - whole.to_picture(at)).max() < 1


def test_of_many_shapes_of_layouts_few_sizes_are_kept():
    picture = picture_of(np.full((300, 200), 200, np.uint8))
    first = features_of_picture(picture, 1.0)
    assert features_of_picture(picture, 1.05) is first
    for size in range(1, 40):
        features_of_picture(picture, 2 ** (-size / 8))
    assert len(picture.memory["features"]) == 12
    assert features_of_picture(picture, 1.0) is not first


@pytest.mark.parametrize("shape", [(1, 3000), (9000, 2)])
def test_a_picture_that_is_next_to_nothing_is_refused(shape):
    assert register(picture_of(np.full(shape, 90, np.uint8)), layout()) == NoFit(reason=NoFitReason.NO_PRINT)


def test_what_one_size_of_features_does_not_show_another_may(monkeypatch):
    photograph = photographed(drawn(counted(1)), seed=1)
    alone = register(photograph.picture, layout())
    monkeypatch.setattr(laying, "_AREAS", (600, *laying._AREAS))
    later = register(photograph.picture, layout())
    assert alone
    assert later
    np.testing.assert_allclose(later.plane, alone.plane)


def test_blocks_from_which_no_plane_follows_leave_it_as_it_was(monkeypatch):
    monkeypatch.setattr(cv2, "findHomography", lambda *_: (np.zeros((3, 3)), None))
    plane, middles = np.diag((2.0, 2.0, 1.0)), np.random.default_rng(1).uniform(0, 500, (20, 2))
    moved = np.ones((20, 2))
    kept, still = laying._righted(plane, middles, moved, np.ones(20, bool))
    np.testing.assert_array_equal(kept, plane)
    np.testing.assert_array_equal(still, moved)


def test_another_sheet_is_refused():
    found = register(_no_sheet(), layout())
    assert isinstance(found, NoFit)
    assert not found
    assert found.reason in {NoFitReason.NO_PLANE, NoFitReason.IMPLAUSIBLE, NoFitReason.TOO_LITTLE}


def test_an_empty_picture_is_refused_for_having_no_print():
    found = register(picture_of(np.full((900, 700), 230, np.uint8)), layout())
    assert found == NoFit(reason=NoFitReason.NO_PRINT)


def test_half_a_sheet_is_refused():
    photograph = photographed(drawn(counted(2)), seed=4, turn=0)
    height = photograph.pixels.shape[0]
    found = register(picture_of(np.ascontiguousarray(photograph.pixels[: height * 2 // 5])), layout())
    assert isinstance(found, NoFit)


def test_a_code_of_the_layout_guides_and_a_foreign_one_does_not_mislead():
    sheet = drawn(counted(5))
    plain = layout()
    with_code = ScanLayout(
        name="with a code", blank=plain.blank, cells=plain.cells, band=plain.band, codes=(Box(450, 10, 550, 110),)
    )
    photograph = photographed(sheet, seed=9)
    free = register(photograph.picture, with_code)
    guided = register(photograph.picture, with_code, free.outline(Box(450, 10, 550, 110), step=1000)[::2])
    misled = register(photograph.picture, with_code, np.array([(0, 0), (9, 0), (9, 9), (0, 9)], np.float64))
    offs = [_off(each, photograph, 700 / 600) for each in (free, guided, misled)]
    assert max(offs) < 1.5
    assert max(offs) - min(offs) < 0.1


def test_a_plane_laid_askew_is_righted_where_nothing_fixed_is_printed():
    rng = np.random.default_rng(4)
    points = np.concatenate([rng.uniform((20, 0), (260, 980), (90, 2)), rng.uniform((20, 0), (480, 150), (20, 2))])
    figures = np.c_[np.full(40, 560.0), np.linspace(180, 960, 40)]
    askew = np.array([(1, 0, 0), (0, 1, 0), (2.5e-5, -2e-5, 1)])

    def moved(at):
        waves = np.c_[2 * np.sin(at[:, 1] / 70), np.zeros(len(at))]
        return cv2.perspectiveTransform((at + waves)[None], askew)[0] - at

    bend = fitted(600, 980, points, moved(points) + rng.normal(0, 0.08, points.shape), np.ones(len(points)))
    assert np.abs(bend.at(figures) - moved(figures)).max() < 1


def test_a_bend_is_not_pulled_by_wrong_blocks():
    rng = np.random.default_rng(2)
    points = rng.uniform((0, 0), (500, 1500), (150, 2))
    truth = np.c_[3 * np.sin(points[:, 1] / 150), 0.004 * points[:, 0]]
    seen = truth + rng.normal(0, 0.1, truth.shape)
    seen[:20] += 15
    bend = fitted(500, 1500, points, seen, np.ones(150))
    assert np.abs(bend.at(points) - truth)[20:].max() < 1
    assert not flat(500, 1500).at(points).any()
