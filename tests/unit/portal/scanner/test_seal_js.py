"""What the page's own script says of seals, held to the vectors and to our Python, in Node.js."""

import json
import subprocess
from hashlib import sha256
from importlib.resources import files

import pytest
from tests.unit.sheets.seal.seal_vectors import FORMS, VECTORS, key_list, plain_sheet, signer

from escruta.portal.scanner import scanner_page
from escruta.portal.scanner.pages import _list_of
from escruta.sheets.seal import SealMalformed, check_seal, read_seal, seal_sheet, text_of

HARNESS = """
const fs = require("fs"), vm = require("vm");
const input = JSON.parse(fs.readFileSync(0));
const outside = { TextEncoder, TextDecoder, atob, console, crypto: input.native ? globalThis.crypto : undefined };
outside.globalThis = outside;
vm.createContext(outside);
for (const file of input.scripts) vm.runInContext(fs.readFileSync(file, "utf8"), outside);
const { check, openList } = vm.runInContext("escrutaSeal", outside);
(async () => {
  const list = openList(input.list);
  const found = [];
  for (const [text, seen] of input.texts) {
    const { status, reasons, seal } = await check(text, list, seen);
    found.push({ status, reasons, sheet: seal ? seal.sheet : null });
  }
  fs.writeSync(1, JSON.stringify(found));
})();
"""
PORTAL = files("escruta.portal")
SCRIPTS = [str(PORTAL / "proof" / "vendor" / "noble.js"), str(PORTAL / "scanner" / "seal.js")]


@pytest.fixture
def check(node):
    def run(texts, *, native=True):
        told = {"list": _list_of(key_list(), ()), "texts": texts, "scripts": SCRIPTS, "native": native}
        done = subprocess.run(  # noqa: S603 - our own script, in the Node that the tests found
            [node, "-e", HARNESS], input=json.dumps(told), capture_output=True, text=True, check=True
        )
        return json.loads(done.stdout)

    return run


@pytest.mark.parametrize("native", [True, False], ids=["native", "noble"])
def test_findings_are_those_that_were_written_by_hand(check, native):
    said = VECTORS["findings"]
    found = check([[each["text"], each["seen"]] for each in said], native=native)
    assert [[each["status"], each["reasons"]] for each in found] == [[each["status"], each["reasons"]] for each in said]


def test_bad_vectors_are_refused(check):
    found = check([[bad["text"], None] for bad in VECTORS["bad"]])
    part = {"letters": "letters", "cbor": "form", "cose": "form", "sheet": "form"}
    said = {bad["name"]: ["no-seal", [part[bad["refused"]]]] for bad in VECTORS["bad"]}
    assert {
        bad["name"]: [each["status"], each["reasons"]] for bad, each in zip(VECTORS["bad"], found, strict=True)
    } == said


def test_a_flipped_bit_is_told_as_python_tells_it(check):
    raw = seal_sheet(plain_sheet(), signer())
    texts = [text_of(flipped(raw, at)) for at in range(0, 8 * len(raw), 5)]  # Python is tried on every one of them
    found = check([[text, None] for text in texts])
    for at, (text, each) in enumerate(zip(texts, found, strict=True)):
        try:
            finding = check_seal(read_seal(text), key_list())
            assert each["status"] == finding.status, at
            assert each["reasons"] == list(finding.reasons), at
        except SealMalformed:
            assert each["status"] == "no-seal", at
        assert each["status"] not in ("valid", "undecided"), at


def flipped(raw, at):
    changed = bytearray(raw)
    changed[at // 8] ^= 1 << (at % 8)
    return bytes(changed)


def test_the_figures_are_those_of_python(check):
    texts = [said["text"] for said in VECTORS["good"].values()]
    for text, found in zip(texts, check([[text, None] for text in texts]), strict=True):
        sheet = read_seal(text).sheet
        assert found["sheet"] == {
            "form": sheet.form_id.hex(),
            "station": sheet.station,
            "figures": list(sheet.figures),
            "printed": int(sheet.printed_at.timestamp()),
            "copy": sheet.copy,
            "recipient": sheet.recipient or 0,
            "act": sheet.act.value,
            "isZero": bool(sheet.kind),
        }


def test_the_vendored_reader_is_the_one_that_is_named():
    folder = PORTAL / "scanner" / "vendor"
    raw, named = (folder / "jsqr.js").read_bytes(), json.loads((folder / "jsqr.json").read_text())
    assert (sha256(raw).hexdigest(), len(raw)) == (named["sha256"], named["bytes"])
    wanted = json.loads((folder / "package.json").read_text())["devDependencies"]
    assert named["versions"] == {"jsqr": wanted["jsqr"], "esbuild": wanted["esbuild"]}
    assert "resolved" not in (folder / "package-lock.json").read_text()
    assert "Apache License" in (folder / "LICENSE").read_text()


def test_the_page_holds_nothing_that_could_end_its_script():
    nasty = key_list(names={"president option.a": "</script><script>alert(1)</script><!--"})
    page = scanner_page(nasty, signed_by=("</script>",))
    assert page.count("</script>") == 6
    assert "<script>alert" not in page
    assert f'"{FORMS["options"].id.hex()}"' in page
