"""The whole chain: a sheet is printed, photographed, read, checked, redacted, counted; altered sheets are found."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest
from click.testing import CliRunner, Result

from escruta.apps import api
from escruta.apps.cli import main

DEFINITION = """
format = "escruta/election/v1"
id = "littletown-mayor"
name = "Littletown, mayor"
date = 2031-03-02
languages = ["en"]
stations = { key = [{ part = "station", kind = "number" }] }
origins = [{ id = "witnesses", name = "Copies of the witnesses", owner = "party" }]

[register]
complete = true
files = [{ path = "register.csv" }]
layout = { format = "csv", station = { station = "station" }, figures = { registered_voters = "voters" } }

[[contests]]
id = "mayor"
name = "Mayor"
figures = ["valid", "null", "ballots"]
candidates = [{ id = "ana", name = "Ana" }, { id = "ben", name = "Ben" }, { id = "cas", name = "Cas" }]

[[sources]]
id = "scans"
name = "Our copies, scanned"
kind = "party"
origin = "witnesses"
method = "qr"
files = [{ path = "scans/readings.jsonl" }]
layout = { format = "scans", station = { station = "station.station" } }
"""


def escruta(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(each) for each in arguments])
    assert result.exit_code in {0, 1}, result.output
    return result


def photograph(paper: np.ndarray, path: Path, seed: int) -> None:
    """A little turned, under a lamp, on a desk, saved as JPEG."""
    random = np.random.default_rng(seed)
    height, width = paper.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    seen = corners + 80 + random.uniform(-0.04, 0.04, (4, 2)).astype(np.float32) * width
    size = (width + 160, height + 160)
    view = cv2.getPerspectiveTransform(corners, seen.astype(np.float32))
    photo = cv2.warpPerspective(paper, view, size, borderValue=(60, 90, 110), flags=cv2.INTER_AREA)
    lamp = cv2.resize(random.uniform(0.75, 1, (3, 3)).astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
    lit = photo * lamp[..., None] + random.normal(0, 3, photo.shape)
    cv2.imwrite(str(path), np.clip(lit, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 85])


def print_sheet(folder: Path, station: int, ana: int, key: object) -> np.ndarray:
    figures = {"votes.ana": ana, "votes.ben": 80, "votes.cas": 9, "valid": ana + 89, "null": 2, "ballots": ana + 91}
    said = [f"--figure={name}={value}" for name, value in figures.items()]
    out = folder / f"{station}-{ana}.pdf"
    escruta(
        "print", folder / "my", "--station", station, *said, "--seal-key", key, "--for", "party:ana",
        "--printed", "2031-03-02T20:11:00Z", "--layout", out.with_suffix(".json"), "-o", out,
    )  # fmt: skip
    with pypdfium2.PdfDocument(out) as document:
        paper: np.ndarray = document[0].render(scale=3).to_numpy()[..., :3].copy()
        return paper


def zone(folder: Path, sheet: str, name: str, paper: np.ndarray) -> tuple[slice, slice]:
    """Find a zone of a printed sheet in its pixels."""
    layout = json.loads((folder / f"{sheet}.json").read_text(encoding="utf-8"))[0]
    box = next(each for each in layout["zones"] if each["id"] == name)
    scale = paper.shape[1] / layout["pages"][0][0]
    x, y, width, height = (round(box[key] * scale) for key in ("x", "y", "width", "height"))
    return slice(y, y + height), slice(x, x + width)


def make_chain(folder: Path, definition: str = DEFINITION) -> Path:
    """Print, photograph and scan a good sheet, one that was altered, and one with the code of another."""
    (folder / "my").mkdir()
    (folder / "my" / "election.toml").write_text(definition, encoding="utf-8")
    (folder / "my" / "register.csv").write_text("station,voters\n1,500\n2,500\n3,500\n", encoding="utf-8")
    escruta("key", "new", folder / "board.key", "--name", "littletown.example/keys", "--no-passphrase")
    keys = folder / "keys"
    escruta("keys", "issue", folder / "my", "--into", keys, "--signer", folder / "board.key", "--no-passphrase")
    good, altered, pasted = (
        print_sheet(folder, station, 100 + station, keys / f"{station}.key") for station in (1, 2, 3)
    )
    escruta(
        "scan", "learn", folder / "1-101.pdf", "--printed", folder / "1-101.json", "--election", folder / "my",
        "--out", folder / "my" / "layouts" / "strip.json",
    )  # fmt: skip
    other = print_sheet(folder, 2, 302, keys / "2.key")
    for name in ("votes.ana", "valid", "ballots"):
        altered[zone(folder, "2-102", name, altered)] = other[zone(folder, "2-302", name, other)]
    for name in ("code.top", "code.bottom"):
        pasted[zone(folder, "3-103", name, pasted)] = good[zone(folder, "1-101", name, good)]
    (folder / "photos").mkdir()
    for seed, (name, paper) in enumerate({"good": good, "altered": altered, "pasted": pasted}.items()):
        photograph(paper, folder / "photos" / f"{name}.jpg", seed)
    escruta(
        "scan", folder / "photos", "--into", folder / "my", "--executor", "threads", "--workers", 1,
        "--keys", keys / "list-1.keys", "--trust", folder / "board.key.vkey",
    )  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    return make_chain(tmp_path_factory.mktemp("chain"))


def journal_of(folder: Path) -> dict[str, dict]:
    lines = (folder / "my" / "scans" / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    return {said["name"].removesuffix(".jpg"): said for said in map(json.loads, lines)}


def codes_of(folder: Path, name: str) -> set[str]:
    digest = journal_of(folder)[name]["digest"]
    lines = (folder / "my" / "scans" / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    return {said["code"] for said in map(json.loads, lines) if said["copy"] == digest}


def test_a_good_sheet_supports_itself(chain):
    found = codes_of(chain, "good")
    assert found >= {"P101", "P201", "P301", "P304", "P501"}
    assert not found & {"P202", "P204", "P206"}  # the printed station was read, and is that of the code


@pytest.mark.parametrize(("name", "code"), [("altered", "P202"), ("pasted", "P204")])
def test_figures_altered_after_printing_and_pasted_codes_are_found(chain, name, code):
    found = codes_of(chain, name)
    assert "P101" in found  # the code itself is as good as ever
    assert code in found
    assert "P201" not in found


def test_a_pasted_code_takes_nothing_from_the_station_that_it_was_cut_from(chain):
    contest = api.examine(chain / "my").contests[0]
    verdicts = dict(contest.stations.select("station", "verdict").iter_rows())
    assert verdicts["1"] == "single"
    assert verdicts["3"] is None  # missing: nor is what is printed around it a reading of that station
    lines = (chain / "my" / "scans" / "readings.jsonl").read_text(encoding="utf-8").splitlines()
    assert journal_of(chain)["pasted"]["digest"] not in {json.loads(line)["copy"] for line in lines}


def test_what_contradicts_itself_is_disputed_and_counted_nowhere(chain):
    contest = api.examine(chain / "my").contests[0]
    verdicts = dict(contest.stations.select("station", "verdict").iter_rows())
    assert verdicts["2"] == "disputed"
    of_two = contest.readings.filter(contest.readings["station"] == "2").select("method", "votes.ana")
    assert dict(of_two.with_columns(of_two["method"].cast(str)).iter_rows()) == {"qr": 102, "ocr": 302}


def test_what_may_be_published_has_figures_and_codes_and_nothing_else(chain):
    shown = journal_of(chain)["good"]["pages"][0]["shown"]
    picture = cv2.imread(str(chain / "my" / "scans" / "redacted" / shown["name"]))
    assert picture is not None
    height = picture.shape[0]
    assert picture[: height // 3].std() > 20
    rows = picture[int(height * 0.62) : int(height * 0.7)]
    assert np.abs(rows.astype(int) - 232).max() <= 3
