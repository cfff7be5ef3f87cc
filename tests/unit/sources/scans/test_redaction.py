"""Only the band and the codes survive; without a registration nothing does; what goes out is looked at again."""

import io

import numpy as np
import pytest

cv2 = pytest.importorskip("cv2", reason="needs the extra scan")

from dataclasses import replace  # noqa: E402

from PIL import Image  # noqa: E402
from tests.unit.sources.scans.figures.drawn_sheets import (  # noqa: E402
    ROWS,
    counted,
    drawn,
    layout,
    photographed,
    registered,
)

from escruta.sources.scans.codes.values import Code, Method  # noqa: E402
from escruta.sources.scans.figures import NoFit, NoFitReason, Registration, register  # noqa: E402
from escruta.sources.scans.pictures import open_pictures, picture_of  # noqa: E402
from escruta.sources.scans.redaction import (  # noqa: E402
    PAINT,
    Withheld,
    kept_mask,
    leftover_share,
    redact,
)


def _code(photograph):
    return Code(text="x", corners=photograph.zones["code"], version=2, level="M", method=Method.ZXING)


def _shown(mask, corners):
    zone = np.zeros(mask.shape, np.uint8)
    cv2.fillPoly(zone, [np.round(corners).astype(np.int32)], 1)
    return mask[zone > 0].mean()


def _markers(jpeg):
    """List the kinds of segments up to the scan."""
    found, at = set(), 2
    while jpeg[at + 1] != 0xDA:
        found.add(jpeg[at + 1])
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4])
    return found


@pytest.mark.parametrize("seed", [1, 5])
def test_no_person_is_left_and_every_figure_is(seed):
    photograph = photographed(drawn(counted(seed)), seed=seed)
    registration = registered(photograph)
    mask = kept_mask(photograph.picture, registration, layout(), [_code(photograph)])
    for name, corners in photograph.zones.items():
        assert _shown(mask, corners) < 0.05 if name.startswith("hidden.") else _shown(mask, corners) > 0.97, name


def test_outside_of_what_is_kept_there_is_one_flat_colour():
    photograph = photographed(drawn(counted(2)), seed=2)
    registration = registered(photograph)
    shown = redact(photograph.picture, registration, layout(), [_code(photograph)])
    decoded = cv2.imdecode(np.frombuffer(shown.content or b"", np.uint8), cv2.IMREAD_COLOR)
    mask = kept_mask(photograph.picture, registration, layout(), [_code(photograph)])
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    mask = mask[rows[0] // 8 * 8 : rows[-1] + 1, columns[0] // 8 * 8 : columns[-1] + 1]
    assert decoded.shape[:2] == mask.shape
    away = cv2.dilate(mask.astype(np.uint8), np.ones((17, 17), np.uint8)) == 0
    assert away.sum() > 10_000
    assert np.abs(decoded[away].astype(int) - PAINT).max() <= 3
    assert 0.2 < shown.kept_share < 0.9


def test_the_same_picture_gives_the_same_bytes_without_metadata():
    photograph = photographed(drawn(counted(3)), seed=3)
    registration = registered(photograph)
    one, two = (redact(photograph.picture, registration, layout()).content or b"" for _ in range(2))
    assert one == two != b""
    assert _markers(one) == {0xE0, 0xDB, 0xC0, 0xC4}  # JFIF, and what no JPEG can be without (ITU-T T.81)
    assert one.endswith(b"\xff\xd9")
    assert one.count(b"\xff\xd8") == 1  # no picture within the picture
    assert open_pictures(one)[0].facts == picture_of(photograph.pixels).facts


def test_what_a_file_says_beside_its_pixels_stays_behind_however_it_lies():
    photograph = photographed(drawn(counted(7)), seed=7)
    image = Image.fromarray(np.ascontiguousarray(np.rot90(photograph.pixels)[..., ::-1]))
    exif = Image.Exif()
    exif[0x0112], exif[0x010E], exif[0x8298] = 6, "INES INVENTADA", "INES INVENTADA"
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85, exif=exif, icc_profile=b"INES" * 40, comment=b"INES", xmp=b"<x>INES</x>")
    (picture,) = open_pictures(out.getvalue())
    registration = registered(picture)
    shown = redact(picture, registration, layout())
    assert shown.content
    assert b"INES" in out.getvalue()
    assert b"INES" not in shown.content
    assert _markers(shown.content) == {0xE0, 0xDB, 0xC0, 0xC4}
    mask = kept_mask(picture, registration, layout())
    for name, corners in photograph.zones.items():
        share = _shown(mask, corners)
        assert share < 0.05 if name.startswith("hidden.") else share > 0.97 or name == "code", name


def test_of_two_sheets_on_a_picture_nobody_is_shown():
    one, two = (photographed(drawn(counted(seed)), seed=seed) for seed in (1, 4))
    height = max(len(one.pixels), len(two.pixels))
    sheets = [np.pad(each.pixels, ((0, height - len(each.pixels)), (0, 0), (0, 0))) for each in (one, two)]
    picture = picture_of(np.hstack(sheets))
    registration = register(picture, layout())
    if not isinstance(registration, Registration):
        return  # then nothing is shown at all
    mask = kept_mask(picture, registration, layout())
    aside = np.array([one.pixels.shape[1], 0])
    for each, moved in ((one, 0), (two, aside)):
        for name, corners in each.zones.items():
            assert not name.startswith("hidden.") or _shown(mask, corners + moved) < 0.05, name


def test_without_a_registration_there_is_no_picture():
    photograph = photographed(drawn(counted(3)), seed=3)
    withheld = redact(photograph.picture, NoFit(reason=NoFitReason.NO_PLANE), layout(), [_code(photograph)])
    assert not withheld
    assert (withheld.content, withheld.withheld) == (None, Withheld.NOT_REGISTERED)


@pytest.mark.parametrize(
    "change", [{"spread_px": 9.0}, {"parts": (1.0, 1.0, 0.2)}, {"edges": (1.0, 0.7)}, {"scale": 0.1}], ids=str
)
def test_a_loose_fit_shows_nothing(change):
    photograph = photographed(drawn(counted(3)), seed=3)
    registration = replace(registered(photograph), **change)
    assert redact(photograph.picture, registration, layout()).withheld is Withheld.LOOSELY_REGISTERED


@pytest.mark.parametrize("missing", [2, 3])
def test_a_shorter_sheet_of_the_same_kind_shows_nobody(missing):
    photograph = photographed(drawn(counted(1), rows=len(ROWS) - missing), seed=1)
    registration = registered(photograph)
    mask = kept_mask(photograph.picture, registration, layout())
    assert _shown(mask, photograph.zones["hidden.name0"]) > 0.03  # its people stand where the band would be
    assert redact(photograph.picture, registration, layout()).content is None
    in_place = replace(registration, rows=registered(photographed(drawn(counted(1)), seed=1)).rows)
    assert redact(photograph.picture, in_place, layout()).withheld is Withheld.LOOSELY_REGISTERED


def test_a_sheet_with_one_row_fewer_is_not_shown():
    sheet = drawn(counted(1), rows=len(ROWS) - 1)
    registration = register(picture_of(sheet.pixels), layout())
    assert registration
    assert min(registration.edges) == 0.5  # of the two last rows one is there
    assert redact(picture_of(sheet.pixels), registration, layout()).withheld is Withheld.LOOSELY_REGISTERED


def test_the_second_check_finds_what_the_painting_left():
    kept = np.zeros((160, 160), bool)
    kept[:64, :64] = True
    clean = np.full((160, 160, 3), PAINT, np.uint8)
    clean[:64, :64] = 90
    leaky = clean.copy()
    cv2.putText(leaky, "ANA", (90, 130), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (120, 120, 120), 1)
    encode = [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
    raw = {name: cv2.imencode(".jpg", each, encode)[1].tobytes() for name, each in (("c", clean), ("l", leaky))}
    assert leftover_share(raw["c"], kept) == 0
    assert leftover_share(raw["l"], kept) > 0
    assert leftover_share(raw["c"], kept[:80]) == 1
    assert leftover_share(b"no picture", kept) == 1


def test_a_leak_withholds_the_picture(monkeypatch):
    photograph = photographed(drawn(counted(3)), seed=3)
    registration = registered(photograph)
    monkeypatch.setattr("escruta.sources.scans.redaction.leftover_share", lambda *_: 1e-6)
    assert redact(photograph.picture, registration, layout()).withheld is Withheld.LEFT_OVER


def test_a_code_as_large_as_the_picture_is_not_shown():
    photograph = photographed(drawn(counted(3)), seed=3)
    registration = registered(photograph)
    height, width = photograph.pixels.shape[:2]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)
    huge = replace(_code(photograph), corners=corners)
    plain = kept_mask(photograph.picture, registration, layout())
    assert np.array_equal(kept_mask(photograph.picture, registration, layout(), [huge]), plain)


def test_foreign_ink_over_the_band_is_measured():
    photograph = photographed(drawn(counted(6)), seed=6)
    registration = registered(photograph)
    inked = photograph.pixels.copy()
    start, end = photograph.zones["votes.alba"][0].astype(int), photograph.zones["valid"][2].astype(int)
    cv2.line(inked, tuple(map(int, start - (200, 0))), tuple(map(int, end)), (170, 40, 30), 5)
    plain, written = (redact(picture_of(each), registration, layout()) for each in (photograph.pixels, inked))
    assert written.foreign_ink > plain.foreign_ink + 0.002
