"""Printed figures are read, each with its confidence; what is covered is unread; a code is scored on the print."""

import hashlib
import json
from importlib import resources

import numpy as np
import pytest

pytest.importorskip("cv2", reason="needs the extra scan")
pytest.importorskip("onnxruntime", reason="needs the extra scan")

from tests.unit.sources.scans.figures.drawn_sheets import (
    SUMS,
    counted,
    covered,
    drawn,
    layout,
    photographed,
    registered,
    written,
)

from escruta.base.errors import DigestDiffers
from escruta.sources.scans.figures import Match, check_print, digits, read_figures, reconcile
from escruta.sources.scans.figures.crops import HEIGHT, WIDTH, as_ink


@pytest.mark.parametrize("seed", [3, 11])
def test_every_figure_is_read_and_the_sums_confirm_it(seed):
    figures = counted(seed)
    photograph = photographed(drawn(figures), seed=seed)
    read = read_figures(photograph.picture, registered(photograph), layout())
    assert {each.figure: each.likeliest for each in read} == figures
    sheet = reconcile(read, SUMS)
    assert sheet.is_accepted
    assert sheet.changed == ()
    assert {each.figure: each.value for each in sheet.figures} == figures


def test_a_covered_figure_is_unread_and_the_sheet_is_not_accepted():
    figures = counted(21)
    photograph = covered(photographed(drawn(figures), seed=21), "votes.cima", "votes.faro")
    registration = registered(photograph)
    sheet = reconcile(read_figures(photograph.picture, registration, layout()), SUMS)
    values = {each.figure: each.value for each in sheet.figures}
    assert not sheet.is_accepted
    assert values["votes.cima"] is None
    assert values["votes.faro"] is None
    others = {name: value for name, value in values.items() if value is not None}
    assert others.items() <= figures.items()
    assert len(others) > len(figures) // 2


@pytest.mark.parametrize(
    ("printed", "struck", "text", "at", "read_as"),
    [(34, True, "43", -78, {None}), (34, False, "1", -60, {None, 134}), (None, False, "-", -32, {None})],
    ids=["struck-out-and-corrected", "a-digit-put-before", "a-dash-for-nothing"],
)
def test_what_somebody_wrote_into_a_cell_is_never_taken_for_the_printed_figure(printed, struck, text, at, read_as):
    zone = "votes.cima"
    figures = {**counted(3), zone: printed or 0}
    figures["valid"] = sum(value for name, value in figures.items() if name.startswith("votes."))
    figures["ballots"] = figures["valid"] + figures["null"] + figures["blank"]
    cells: dict[str, int | str] = {**figures, zone: "" if printed is None else printed}
    sheet = drawn(cells)
    photograph = photographed(written(sheet, zone, struck=struck, text=text, at=at), seed=3)
    read = reconcile(read_figures(photograph.picture, registered(photograph), layout()), SUMS)
    assert not read.is_accepted
    values = {each.figure: each.value for each in read.figures}
    assert values.pop(zone) in read_as
    assert {name: value for name, value in values.items() if value is not None}.items() <= figures.items()


def test_what_a_code_says_is_scored_on_the_print():
    figures = counted(8)
    photograph = covered(photographed(drawn(figures), seed=8), "votes.faro")
    said = {**figures, "votes.alba": figures["votes.alba"] + 100, "votes.nobody": 4}
    found = {each.figure: each for each in check_print(photograph.picture, registered(photograph), layout(), said)}
    assert tuple(found) == tuple(said)
    altered = found.pop("votes.alba")
    assert (altered.match, altered.printed) == (Match.DIFFERS, figures["votes.alba"])
    assert found.pop("votes.nobody").match is Match.NOT_ON_SHEET
    assert found.pop("votes.faro").match is Match.NOT_LEGIBLE
    assert {each.match for each in found.values()} == {Match.AGREES}


def test_the_weights_are_those_of_their_manifest_and_small():
    raw, manifest = digits.weights()
    assert hashlib.sha256(raw).hexdigest() == manifest["sha256"]
    assert len(raw) == manifest["bytes"] < 1_000_000
    assert manifest["held_out_right"] > 0.9
    assert len(manifest["crops_sha256"]) == 64
    assert not any("DejaVuSansMono" in font or "Hack" in font for font in manifest["fonts"])


def test_other_weights_are_refused(tmp_path, monkeypatch):
    there = resources.files(digits.__package__) / "weights"
    folder = tmp_path / "weights"
    folder.mkdir()
    (folder / "digits.onnx").write_bytes((there / "digits.onnx").read_bytes() + b"\0")
    (folder / "MANIFEST.json").write_text(json.dumps(json.loads((there / "MANIFEST.json").read_text("utf-8"))))
    monkeypatch.setattr("importlib.resources.files", lambda _: tmp_path)
    with pytest.raises(DigestDiffers, match="not those of their manifest"):
        digits.weights()


def test_light_and_fading_change_no_ink():
    rng = np.random.default_rng(1)
    crop = np.where(rng.random((1, HEIGHT, WIDTH)) < 0.1, 60.0, 220.0).astype(np.float32)
    assert np.allclose(as_ink(crop), as_ink(crop * 0.5 + 20), atol=1e-5)
    assert as_ink(np.full((2, HEIGHT, WIDTH), 90, np.uint8)).max() == 0
