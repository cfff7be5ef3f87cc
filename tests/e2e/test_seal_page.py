"""The page that reads sealed sheets, in a real browser: pictures, a camera, good seals and others, and no network."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import segno
from playwright.sync_api import BrowserContext, Page
from tests.e2e.axe import violations
from tests.e2e.test_pages import CONTRAST, DESK, PHONE
from tests.unit.sheets.seal.seal_vectors import VECTORS, key_list, plain_sheet, signer

from escruta.portal.scanner import scanner_page
from escruta.sheets.seal import code_of, seal_sheet, text_of

pytestmark = pytest.mark.browser

GOOD = VECTORS["good"]["plain"]["text"]
WITHOUT_SUBTLE = "Object.defineProperty(Crypto.prototype, 'subtle', { get: () => undefined })"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("seals") / "check-seal.html"
    name = {"en": "Head of state", "es": "Jefatura de {Estado}"}
    path.write_text(scanner_page(key_list(), signed_by=("board.example/keys",), name=name), encoding="utf-8")
    return path.as_uri()


class Voter:
    """Somebody with a phone; whatever the page complains about or asks for is kept."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(address)

    def show(self, text: str, *, scale: int = 5) -> str:
        """Choose a picture of a code; gives the status."""
        drawn = io.BytesIO()
        segno.make_qr(text, error="Q", boost_error=False).save(drawn, kind="png", scale=scale, border=4)
        return self.choose("code.png", drawn.getvalue())

    def choose(self, name: str, raw: bytes) -> str:
        self.page.evaluate("() => delete document.body.dataset.status")
        self.page.set_input_files("#picture", {"name": name, "mimeType": "image/png", "buffer": raw})
        return self.status()

    def status(self) -> str:
        """Wait for a verdict on a seal; gives its status."""
        self.page.locator("body[data-status]").wait_for()
        return self.page.locator("body").get_attribute("data-status") or ""

    def reasons(self) -> str:
        return self.page.locator("body").get_attribute("data-reasons") or ""


@pytest.fixture(scope="module")
def phone(browser):
    context = browser.new_context(viewport=PHONE)
    context.set_offline(True)
    yield context
    context.close()


@pytest.fixture
def voter(phone, address):
    found = Voter(phone, address)
    yield found
    found.page.close()
    assert found.complaints == []
    assert found.asked == [address]


def test_a_picture_of_a_good_code_is_read_and_found_good(voter):
    assert voter.show(GOOD) == "valid"
    assert "polling station 010113042.1" in voter.page.locator("#verdict").inner_text()
    rows = voter.page.locator("#figures tr").all_inner_texts()
    assert [row.split("\t") for row in rows[:4]] == [
        ["Registered voters", "712"],
        ["Valid votes", "498"],
        ["Null votes", "3"],
        ["A · Ana", "90"],
    ]


NOT_GOOD = {
    "another station's key": ("invalid", "other-station"),
    "printed later": ("revoked", "revoked"),
    "a station with letters": ("undecided", "stolen-later own-claim"),
    "an unknown key": ("unknown-key", "unknown-key"),
    "after the list": ("valid", "list-is-older"),
}


def test_a_seal_that_is_not_good_is_told_with_its_reason(voter):
    for name, (status, reasons) in NOT_GOOD.items():
        assert voter.show(VECTORS["good"][name]["text"]) == status, name
        assert voter.reasons() == reasons
        assert len(voter.page.locator("#reasons li").all()) == len(reasons.split())
        assert voter.page.locator("#found.doubtful").count() == (status != "valid")


def test_a_flipped_bit_is_refused(voter):
    raw = bytearray(seal_sheet(plain_sheet(), signer()))
    raw[60] ^= 4
    assert voter.show(text_of(bytes(raw))) == "invalid"
    assert voter.reasons() == "signature-false"


def test_another_code_is_no_seal_and_is_never_opened(voter):
    assert voter.show("HTTPS://EVIL.EXAMPLE/") == "no-seal"
    assert voter.page.locator("a").count() == 0


def test_a_file_that_is_no_picture_or_has_no_code_is_said_to_be_so(voter):
    voter.page.set_input_files("#picture", {"name": "x.png", "mimeType": "image/png", "buffer": b"no picture"})
    voter.page.get_by_text("no picture that the browser can open").wait_for()
    drawn = io.BytesIO()
    segno.make_micro("1").save(drawn, kind="png", scale=4)
    voter.page.set_input_files("#picture", {"name": "x.png", "mimeType": "image/png", "buffer": drawn.getvalue()})
    voter.page.get_by_text("No code was found").wait_for()


def test_the_election_is_called_by_its_title_in_the_language_of_the_page(voter):
    kicker, facts = voter.page.locator(".kicker"), voter.page.locator("#list-facts")
    assert kicker.inner_text() == f"Head of state {key_list().election}"
    voter.page.get_by_role("button", name="Español").click()
    assert kicker.inner_text() == f"Jefatura de {{Estado}} {key_list().election}"
    assert "Jefatura de {Estado}" in facts.inner_text()


def test_the_text_may_be_typed_and_is_told_in_three_languages(voter):
    voter.page.locator("summary").click()
    voter.page.locator("#text").fill(f" {GOOD}\n")
    voter.page.locator("#check").click()
    assert voter.status() == "valid"
    voter.page.get_by_role("button", name="Español").click()
    assert "El sello es bueno" in voter.page.locator("#verdict").inner_text()
    assert "Votos nulos" in voter.page.locator("#figures").inner_text()
    voter.page.get_by_role("button", name="Nederlands").click()
    assert "Het zegel is goed" in voter.page.locator("#verdict").inner_text()
    assert voter.page.locator("html").get_attribute("lang") == "nl"


def test_a_browser_without_cryptography_of_its_own_says_the_same(browser, address):
    context = browser.new_context(viewport=PHONE)
    context.add_init_script(WITHOUT_SUBTLE)
    found = Voter(context, address)
    assert found.show(GOOD) == "valid"
    context.close()


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """What the camera sees: a good code on white, in raw video."""
    width, height, dot = 640, 480, 6
    modules = np.array(code_of(GOOD))
    code = np.kron(np.where(modules, 20, 235), np.ones((dot, dot))).astype(np.uint8)
    picture = np.full((height, width), 235, np.uint8)
    top, left = (height - len(code)) // 2, (width - len(code)) // 2
    picture[top : top + len(code), left : left + len(code)] = code
    grey = bytes([128]) * (width * height // 2)
    path = tmp_path / "camera.y4m"
    path.write_bytes(b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420\n" + (b"FRAME\n" + picture.tobytes() + grey) * 3)
    return path


def test_a_code_before_the_camera_is_read(browser, address, film, chromium):
    arguments = [
        "--no-sandbox",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]
    running = browser.browser_type.launch(executable_path=chromium, args=arguments)
    found = Voter(running.new_context(viewport=PHONE), address)
    found.page.locator("#camera").click()
    assert found.status() == "valid"
    assert found.page.locator("#finder").is_hidden()
    running.close()
    assert found.complaints == []
    assert found.asked == [address]


@pytest.mark.parametrize(("viewport", "scheme"), [(PHONE, "light"), (DESK, "dark")], ids=["phone", "desk"])
def test_the_page_fits_and_is_legible(browser, address, viewport, scheme):
    context = browser.new_context(viewport=viewport, color_scheme=scheme)
    found = Voter(context, address)
    for name in ("every mark", "another station's key"):
        found.show(VECTORS["good"][name]["text"])
        assert found.page.evaluate("() => document.documentElement.scrollWidth") <= viewport["width"]
        assert found.page.evaluate(CONTRAST) == []
        assert violations(found.page) == {}
    context.close()
