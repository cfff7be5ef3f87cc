"""How the page that checks reads a log from its tiles, held to our own program's, in Node.js."""

from __future__ import annotations

import json
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from tests.unit.portal.make_log import SEAL
from tests.unit.tlog.quick_disk import QuickDisk

from escruta.portal.proof.heights import Heights
from escruta.record.entries import entry
from escruta.tlog import build_log
from escruta.tlog.encodings import to_base64
from escruta.tlog.hashing import leaf_hash

HARNESS = """
const fs = require("fs"), path = require("path"), vm = require("vm");
const input = JSON.parse(fs.readFileSync(0));
const { TextEncoder: E, TextDecoder: D } = globalThis;
const outside = { TextEncoder: E, TextDecoder: D, atob, btoa, console, crypto: globalThis.crypto };
outside.globalThis = outside;
vm.createContext(outside);
for (const file of input.scripts) vm.runInContext(fs.readFileSync(file, "utf8"), outside);
const { opened } = vm.runInContext("logFiles", outside);
const read = (folder) => async (name) => {
  const whole = path.join(folder, name);
  return fs.existsSync(whole) ? outside.bytes(fs.readFileSync(whole)) : null;
};
vm.runInContext("globalThis.bytes = (given) => Uint8Array.from(given)", outside);
(async () => {
  const told = [];
  for (const { folder, asked, list, member } of input.logs) {
    const log = await opened(read(folder));
    if (log === null) { told.push(null); continue; }
    const proofs = [];
    for (const index of asked) proofs.push([await log.proof(index), await log.holds(index)]);
    const place = await log.listOfPages(list, member || "sha256sums").catch((error) => error.message);
    told.push({ proofs, place, size: log.size });
  }
  fs.writeSync(1, JSON.stringify(told));
})().catch((error) => fs.writeSync(1, JSON.stringify(String(error))));
"""
PORTAL = files("escruta.portal")
SCRIPTS = [str(PORTAL / "proof" / "verifying.js"), str(PORTAL / "checking" / "log_files.js")]
SIZES = (1, 2, 3, 255, 256, 257, 511, 513, 700)


@pytest.fixture
def read_logs(node: str) -> Any:
    def run(logs: list[dict[str, Any]]) -> Any:
        told = json.dumps({"logs": logs, "scripts": SCRIPTS})
        done = subprocess.run(  # noqa: S603 - our own script, in the Node that the tests found
            [node, "-e", HARNESS], input=told, capture_output=True, text=True, check=True
        )
        return json.loads(done.stdout)

    return run


ADDING = """
const fs = require("fs"), vm = require("vm");
const [script, ...pages] = JSON.parse(fs.readFileSync(0));
const telling = { words: { group: ",", point: "." }, names: {} };
const outside = vm.createContext({ telling });
vm.runInContext(fs.readFileSync(script, "utf8"), outside);
const { addsUp } = vm.runInContext("figures", outside);
fs.writeSync(1, JSON.stringify(pages.map(addsUp)));
"""


def page_of_areas(votes: int | None, *areas: tuple[int, int | None]) -> dict[str, Any]:
    inside = [{"counted": counted, "votes": {"ana": number}} for counted, number in areas]
    return {"candidates": [{"candidate": "ana", "votes": votes}], "areas": inside, "stations": []}


def test_areas_in_which_nothing_is_counted_add_nothing_and_are_no_zero(node: str) -> None:
    pages = {
        "one has some": (page_of_areas(5, (2, 5), (0, None)), True),
        "and not so many": (page_of_areas(6, (2, 5), (0, None)), False),
        "a part is not known": (page_of_areas(5, (2, 5), (1, None)), None),
        "off the register": (page_of_areas(7, (2, 5), (0, 2)), True),
        "none in any": (page_of_areas(None, (0, None), (0, None)), None),
        "a whole without its parts": (page_of_areas(5, (0, None), (0, None)), False),
        "parts without a whole": (page_of_areas(None, (2, 5), (0, None)), False),
    }
    given = json.dumps([str(PORTAL / "checking" / "figures.js"), *(page for page, _ in pages.values())])
    done = subprocess.run(  # noqa: S603 - our own script, in the Node that the tests found
        [node, "-e", ADDING], input=given, capture_output=True, text=True, check=True
    )
    assert dict(zip(pages, json.loads(done.stdout), strict=True)) == {name: said for name, (_, said) in pages.items()}


def written(folder: Path, entries: list[bytes]) -> Path:
    build_log(folder, entries, origin=SEAL[0].key.name, signers=SEAL, time_s=1, files=QuickDisk())
    return folder


def test_proofs_from_tiles_are_those_of_the_whole_tree(read_logs: Any, tmp_path: Path) -> None:
    logs: list[dict[str, Any]] = []
    trees: list[Heights] = []
    for size in SIZES:
        entries = [entry("page", path=str(number), sha256="00") for number in range(size)]
        asked = sorted({0, size // 3, size // 2, size - 1, *(each for each in (255, 256, 512) if each < size)})
        logs.append({"folder": str(written(tmp_path / str(size), entries)), "asked": asked, "list": "none"})
        trees.append(Heights(leaf_hash(each) for each in entries))
    for log, tree, found in zip(logs, trees, read_logs(logs), strict=True):
        assert (found["size"], found["place"]) == (tree.size, None)
        index: int
        for index, (text, holds) in zip(log["asked"], found["proofs"], strict=True):
            assert holds
            head = ["c2sp.org/tlog-proof@v1", f"index {index}", *map(to_base64, tree.path(index))]
            assert text.partition("\n\n")[0] == "\n".join(head)


def test_the_last_list_of_pages_is_found_and_an_older_one_is_called_old(read_logs: Any, tmp_path: Path) -> None:
    lists = [entry("pages", number=number, sha256sums=f"{number:02}") for number in (1, 2)]
    other = [entry("bulletin", note=f"“{number}”") for number in range(300)]
    folder = written(tmp_path / "log", [lists[0], *other, lists[1], *other[:20]])
    logs: list[dict[str, Any]] = [{"folder": str(folder), "asked": [], "list": name} for name in ("02", "01", "03")]
    found = [each["place"] for each in read_logs(logs)]
    assert found == [{"index": 301, "isLatest": True}, {"index": 0, "isLatest": False}, None]


def test_the_index_of_the_parts_of_a_list_is_found_by_its_own_member(read_logs: Any, tmp_path: Path) -> None:
    lists = [entry("pages", number=1, sha256sums="01"), entry("pages", number=2, sha256sums="02", sha256parts="03")]
    folder = str(written(tmp_path / "log", lists))
    asked = [("03", "sha256parts"), ("02", "sha256parts"), ("01", "sha256sums"), ("03", "sha256sums")]
    logs: list[dict[str, Any]] = [{"folder": folder, "asked": [], "list": name, "member": own} for name, own in asked]
    found = [each["place"] for each in read_logs(logs)]
    assert found == [{"index": 1, "isLatest": True}, None, {"index": 0, "isLatest": False}, None]


def test_a_later_list_cannot_be_hidden_by_other_bytes_in_its_place(read_logs: Any, tmp_path: Path) -> None:
    lists = [entry("pages", number=number, sha256sums=f"{number:02}") for number in (1, 2)]
    folder = written(tmp_path / "log", [*lists, *(entry("bulletin", note=f"{number}") for number in range(9))])
    path = folder / "tile" / "entries" / "000.p" / "11"
    path.write_bytes(path.read_bytes().replace(lists[1], lists[1].replace(b'"pages"', b'"paged"')))
    [found] = read_logs([{"folder": str(folder), "asked": [], "list": "01"}])
    assert found["place"] == "log: 1"


def test_what_was_changed_or_is_missing_does_not_hold(read_logs: Any, tmp_path: Path) -> None:
    entries = [entry("page", path=str(number), sha256="00") for number in range(300)]
    folder = written(tmp_path / "log", entries)
    told: dict[str, Any] = {"folder": str(folder), "asked": [3], "list": ""}
    for name, at in (("tile/0/001.p/44", 100), ("tile/0/000", 70), ("tile/entries/000", 160)):
        path = folder / name
        kept = path.read_bytes()
        path.write_bytes(kept[:at] + bytes([kept[at] ^ 1]) + kept[at + 1 :])
        [found] = read_logs([told])
        assert found["proofs"][0][1] is False
        path.write_bytes(kept)
    (folder / "tile" / "0" / "000").unlink()
    assert "log/tile/0/000" in read_logs([told])
    assert read_logs([{**told, "folder": str(tmp_path / "nowhere")}]) == [None]
