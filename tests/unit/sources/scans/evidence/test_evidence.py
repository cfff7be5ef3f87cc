"""What a picture shows beside others: copies are found, photographs of two sheets are not taken for one."""

from __future__ import annotations

import datetime as dt

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from escruta.base.errors import InputError
from escruta.sources.scans.evidence import (
    COPIED,
    GRADES,
    NEAR_BITS,
    Grade,
    PictureFinding,
    SharedRegion,
    code_likeness,
    each_near,
    features_of,
    findings_of_metadata,
    flat_code,
    from_text,
    look_hash,
    near_pairs,
    shared_region,
    to_text,
    worst_of,
)

DAY = dt.date(2031, 3, 2)


def sheet(seed: int, *, size: tuple[int, int] = (900, 500)) -> np.ndarray:
    """Draw a sheet: the same form each time, other figures, light and folds by the seed."""
    page = np.full(size, 235, np.uint8)
    for row in range(14):
        cv2.putText(page, f"OPTION NUMBER {row}", (30, 60 + 58 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 40, 2)
    random = np.random.default_rng(seed)
    for row in range(14):
        number = str(random.integers(0, 999))
        cv2.putText(page, number, (400, 60 + 58 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 40, 2)
    return photograph(page, random)


def photograph(page: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Bend the page a little, light it unevenly and add noise."""
    height, width = page.shape
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    wave = 6 * np.sin(ys / random.uniform(60, 140) + random.uniform(0, 6)).astype(np.float32)
    bent = cv2.remap(page, xs * random.uniform(0.93, 1.0) + wave, ys, cv2.INTER_LINEAR, borderValue=90)
    light = cv2.resize(
        random.uniform(0.6, 1.0, (3, 3)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC
    )
    noisy = bent * light + random.normal(0, 4, page.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


def saved_again(grey: np.ndarray, *, scale: float = 0.7, quality: int = 60) -> np.ndarray:
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    raw = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(raw, cv2.IMREAD_GRAYSCALE))


def differing(one: np.ndarray, other: np.ndarray) -> int:
    return int(np.bitwise_count(look_hash(one) ^ look_hash(other)).sum())


@pytest.mark.parametrize("seed", range(3))
def test_a_picture_saved_again_is_nearly_the_same(seed):
    assert differing(sheet(seed), saved_again(sheet(seed))) <= NEAR_BITS


@pytest.mark.parametrize("seed", range(3))
def test_photographs_of_two_sheets_of_one_form_are_not(seed):
    assert differing(sheet(seed), sheet(seed + 10)) > NEAR_BITS


def region_of(one: np.ndarray, other: np.ndarray) -> SharedRegion | None:
    return shared_region(features_of(one), features_of(other))


def test_a_picture_with_other_figures_pasted_over_is_found_by_its_region():
    one = sheet(1)
    forged = one.copy()
    forged[40:300, 380:] = sheet(2)[40:300, 380:]
    found = region_of(one, saved_again(forged, scale=0.9, quality=85))
    assert found is not None
    assert 0.25 <= found.share < 1


def test_a_region_that_was_moved_is_found():
    one = sheet(3)
    moved = np.full((1000, 640), 120, np.uint8)
    moved[60:960, 90:590] = one
    assert region_of(one, moved) is not None


@pytest.mark.parametrize("seed", range(3))
def test_photographs_of_two_sheets_share_no_region(seed):
    assert region_of(sheet(seed), sheet(seed + 10)) is None


def test_an_empty_picture_shares_nothing():
    blank = np.full((300, 300), 255, np.uint8)
    assert region_of(blank, sheet(1)) is None


def code_on_paper(random: np.random.Generator) -> np.ndarray:
    modules = np.kron(np.random.default_rng(5).integers(0, 2, (41, 41)), np.ones((6, 6)))
    page = np.full((320, 320), 230.0)
    page[37:283, 37:283] = np.where(modules, 40, 230)
    return photograph(page.astype(np.uint8), random)


CORNERS = np.array([[37, 37], [283, 37], [283, 283], [37, 283]], dtype=np.float64)


def flat(picture: np.ndarray, corners: np.ndarray = CORNERS) -> np.ndarray:
    found = flat_code(picture, corners)
    assert found is not None
    return found


def test_a_code_that_was_pasted_is_as_alike_as_a_copy():
    one = code_on_paper(np.random.default_rng(1))
    other = np.full((500, 500), 150, np.uint8)
    other[100:420, 120:440] = one
    likeness = code_likeness(flat(one), flat(other, np.add(CORNERS, [120, 100])))
    assert likeness >= COPIED


def test_two_photographs_of_one_code_are_less_alike_than_copies():
    one, other = (code_on_paper(np.random.default_rng(seed)) for seed in (1, 2))
    likeness = code_likeness(flat(one), flat(other))
    assert likeness < COPIED


def test_a_code_that_is_too_small_is_not_compared():
    one = code_on_paper(np.random.default_rng(1))
    assert flat_code(one, CORNERS / 8) is None


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=30), st.integers(0, 256))
def test_near_pairs_are_all_that_are_near(raws, most):
    looks = np.array([np.frombuffer(raw, np.uint64) for raw in raws], dtype=np.uint64).reshape(-1, 4)
    expected = {
        (first, second)
        for second in range(len(raws))
        for first in range(second)
        if sum((one ^ other).bit_count() for one, other in zip(raws[first], raws[second], strict=True)) <= most
    }
    assert set(map(tuple, near_pairs(looks, most).tolist())) == expected


def test_pairs_are_found_across_blocks(monkeypatch):
    monkeypatch.setattr("escruta.sources.scans.evidence.hashes._ROWS", 3)
    monkeypatch.setattr("escruta.sources.scans.evidence.hashes._COLUMNS", 2)
    looks = np.zeros((8, 4), np.uint64)
    assert sorted(map(tuple, near_pairs(looks).tolist())) == [(a, b) for a in range(8) for b in range(a + 1, 8)]


def test_pairs_come_with_the_bits_in_which_they_differ():
    looks = np.array([[0, 0, 0, 0], [7, 0, 0, 1], [0, 0, 0, 0]], np.uint64)
    found = [*each_near(looks, 4)]
    assert [(pair, bits) for each in found for pair, bits in zip(each.pairs.tolist(), each.bits, strict=True)] == [
        ([0, 1], 4),
        ([0, 2], 0),
        ([1, 2], 4),
    ]


def test_a_hash_is_written_and_read():
    look = look_hash(sheet(1))
    assert (from_text(to_text(look)) == look).all()


@pytest.mark.parametrize(
    ("taken", "software", "codes"),
    [
        ("2031-03-02T19:00:00", "Camera 1.2", ["P601"]),
        ("2031-03-01T23:59:59", None, ["P602"]),
        ("2031-03-02T03:00:00+00:00", None, ["P602"]),
        ("2031-03-02T05:00:00+00:00", None, ["P601"]),
        (None, "Adobe Photoshop 25", ["P603"]),
        ("2031-02-01T10:00:00", "GIMP", ["P602", "P603"]),
        ("no time", None, ["P601"]),
    ],
)
def test_metadata_ask_questions_and_prove_nothing(taken, software, codes):
    found = [*findings_of_metadata(taken, software, has_any=True, election_day=DAY, time_zone="America/Caracas")]
    assert [each.code for each in found] == codes
    assert Grade.CONTRADICTS not in {each.grade for each in found}


def test_of_a_program_only_its_own_name_is_told():
    """What stands around it in the file may be a person's name, and findings are published."""
    software = "Adobe Photoshop 25, licensed to Ana Perez"
    (found,) = findings_of_metadata(None, software, has_any=True, election_day=DAY, time_zone="UTC")
    assert found.details == {"software": "photoshop"}


def test_no_metadata_are_no_pass():
    (found,) = findings_of_metadata(None, None, has_any=False, election_day=DAY, time_zone="UTC")
    assert found.grade is Grade.UNCHECKED


def test_a_finding_has_a_code_of_ours():
    with pytest.raises(InputError):
        PictureFinding(code="P999")


def test_nothing_looked_at_is_no_pass():
    assert worst_of([]) is Grade.UNCHECKED
    assert worst_of([PictureFinding(code=code) for code in GRADES]) is Grade.CONTRADICTS
