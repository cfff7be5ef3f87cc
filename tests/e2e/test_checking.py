"""The page that checks the others, in a real browser: the true page holds, and one changed digit is named."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route
from tests.e2e.test_pages import CONTRAST, DESK, PHONE
from tests.unit.portal.make_log import LOG_SIGNERS, make_log
from tests.unit.portal.make_record import Shape, make_record

from escruta.portal import render_site
from escruta.record.digests import DIGESTS, INDEX, PARTS, digest_of, part_of
from escruta.record.entries import entry

pytestmark = pytest.mark.browser

COUNTRY, AREA, STATIONS = "index.html", "areas/01.html", "areas/01/01/01.html"
PREFIX = "/deep/inside/record/site"
VOUCHED: dict[str, Any] = {
    "signers": LOG_SIGNERS[:1],
    "cosigned_by": ("red", "blue"),
    "quorum": "group all 2 red blue observers\nquorum all\n",
}
"""Signatures that the browser knows by itself; the page of one sheet is tested with all others."""
DONE = "main[aria-busy=false]"


def list_of(record: Path) -> bytes:
    site = record / "site"
    return entry("pages", number=1, sha256sums=digest_of(site / DIGESTS), sha256parts=digest_of(site / INDEX))


def list_of_earlier(record: Path) -> bytes:
    """The entry as earlier versions wrote it: their sites had no parts of the list."""
    return entry("pages", number=1, sha256sums=digest_of(record / "site" / DIGESTS))


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record as it is published: its pages, and the digest of their list in the log that log witnesses cosigned."""
    made = make_record(
        tmp_path_factory.mktemp("server") / "deep" / "inside" / "record", Shape(areas=(2, 3, 5), stations=16)
    )
    make_log(made, **VOUCHED)
    render_site(made, made / "site", languages=["en", "es"])
    return with_later_log(made, list_of(made))


def with_later_log(record: Path, *more: bytes) -> Path:
    """Give a record the log as it is when more has gone in."""
    shutil.rmtree(record / "log")
    make_log(record, more=more, **VOUCHED)
    return record


class Served:
    """A server of a folder, which gives other bytes for some paths: what somebody would do who has broken in."""

    def __init__(self, folder: Path) -> None:
        self.changed: dict[str, bytes | None] = {}
        self.asked: list[str] = []
        """Every path that was asked for, under the site's folder or the record's."""
        served = self

        class Handler(SimpleHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                path = urlsplit(self.path).path
                served.asked.append(path.removeprefix(f"{PREFIX}/"))
                if path not in served.changed and path != "/favicon.ico":
                    super().do_GET()
                    return
                raw = served.changed.get(path)
                self.send_response(204 if path == "/favicon.ico" else 200 if raw is not None else 404)
                self.send_header("Content-Length", str(len(raw or b"")))
                self.end_headers()
                self.wfile.write(raw or b"")

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        self.host = f"http://127.0.0.1:{self._server.server_port}"
        self.base = f"{self.host}{PREFIX}"
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture(scope="module")
def running(record: Path) -> Iterator[Served]:
    served = Served(record.parents[2])
    yield served
    served.close()


@pytest.fixture
def server(running: Served) -> Iterator[Served]:
    yield running
    running.changed.clear()


class Reader:
    """One reader for all tests; what the browser complains about, and requests to another host, are kept."""

    def __init__(self, browser: Browser, host: str) -> None:
        self.page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        self.complaints: list[str] = []
        self._ours = (host, "file:")
        self.page.on("console", lambda said: None if "404" in said.text else self.complaints.append(said.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda asked: self._note(asked.url))

    def _note(self, url: str) -> None:
        if not url.startswith(self._ours):
            self.complaints.append(url)


@pytest.fixture(scope="module")
def reader(browser: Browser, running: Served) -> Iterator[Reader]:
    reader = Reader(browser, running.host)
    yield reader
    reader.page.context.close()


@pytest.fixture
def page(reader: Reader) -> Iterator[Page]:
    """The reader's page; a test fails on any complaint."""
    reader.page.goto("about:blank")
    reader.complaints.clear()
    yield reader.page
    assert reader.complaints == []


def kind_of(page: Page) -> str:
    page.wait_for_selector(DONE)
    return page.locator("#verdict").get_attribute("class") or ""


def check(page: Page, server: Served, address: str, language: str = "en") -> str:
    page.goto("about:blank")
    server.asked.clear()
    page.goto(f"{server.base}/{language}/verify.html#{address}")
    return kind_of(page)


def said(page: Page) -> str:
    return page.locator("#verdict").inner_text()


def lines(page: Page) -> str:
    return page.locator("#checks").inner_text()


def other_digit(text: str, start: int) -> tuple[str, str, str]:
    """Change the first digit of the number that begins after a place: the text, the number before, and after."""
    found = re.compile(r"\d[\d,]*").search(text, start)
    assert found is not None
    digit = "7" if found[0][0] != "7" else "8"
    after = digit + found[0][1:]
    return text[: found.start()] + after + text[found.end() :], found[0], after


def change(record: Path, server: Served, address: str, after: str) -> tuple[str, str]:
    """Let the server give a page with one more digit changed, behind the last of some marks; gives both numbers."""
    before = server.changed.get(f"{PREFIX}/en/{address}") or (record / "site" / "en" / address).read_bytes()
    text, place = before.decode(), 0
    for mark in after.split(" > "):
        place = text.index(mark, place) + len(mark)
    text, was, became = other_digit(text, place)
    server.changed[f"{PREFIX}/en/{address}"] = text.encode()
    return was, became


@pytest.mark.parametrize(
    ("address", "language", "least"), [(COUNTRY, "en", 30), (AREA, "en", 25), (STATIONS, "es", 50)]
)
def test_the_true_page_holds(page: Page, server: Served, address: str, language: str, least: int) -> None:
    assert check(page, server, address, language) == "good"
    assert "✗" not in page.locator("body").inner_text()
    assert page.locator("#checks li.good").count() >= 8
    compared = re.search(r"(?:compared one by one|comparadas una por una): (\d+)\.", lines(page))
    assert compared is not None
    assert int(compared[1]) >= least
    assert ("lecturas del registro" in said(page)) == (address == STATIONS)


CHANGES = {
    COUNTRY: {
        "Ana Alba · Votes": "<table class=res > Ana Alba > <td class=n>",
        "Ana Alba · Share": "<table class=res > Ana Alba > <td class=n > <td class=n>",
        "Received · Polling stations": "<table class=fun > Received > <td class=n>",
        " · Bo Brun": "<table class='kids > <tbody> > data-v= > data-v= > data-v= > >",
    },
    AREA: {
        "Ana Alba · Votes": "<table class=res > Ana Alba > <td class=n>",
        "Stations counted": "<table class='kids > <tbody> > data-v= > >",
    },
    STATIONS: {
        "Ana Alba · ": "<table class=rd > Ana Alba > <td>",
        "Valid votes · ": "<table class=rd > Valid votes > <td> > <td>",
    },
}


@pytest.mark.parametrize("address", CHANGES)
def test_one_changed_digit_is_named(page: Page, record: Path, server: Served, address: str) -> None:
    """And so is every other one that was changed."""
    digits = [change(record, server, address, after) for after in CHANGES[address].values()]
    assert check(page, server, address) == "bad"
    assert "not the one whose digest" in lines(page)
    rows = page.locator("#differences tr").all_inner_texts()
    assert len(rows) == len(digits)
    by = "by the reading in the log" if address == STATIONS else "by the page’s data"
    for named, (was, became) in zip(CHANGES[address], digits, strict=True):
        [row] = [row for row in rows if named in row]
        assert re.search(rf"\D{re.escape(became)}\D[^\n]*\D?{re.escape(was)}\b", row.replace("\n", " ") + " ")
        assert by in row
    was, became = digits[0]
    assert next(iter(CHANGES[address])) in said(page)
    assert f"it shows {became}; it should be {was}" in said(page)


@pytest.mark.parametrize(
    ("address", "after"),
    [(COUNTRY, "<p class=stand>"), ("about.html", "Entries")],
)
def test_a_digit_that_no_table_holds_is_found_by_the_other_edition(
    page: Page, record: Path, server: Served, address: str, after: str
) -> None:
    was, became = change(record, server, address, after)
    assert check(page, server, address) == "bad"
    row = page.locator("#differences tr").inner_text()
    assert became.replace(",", "") in row
    assert was.replace(",", "") in row
    assert "in another language (es)" in row


def forge_lists(site: Path, server: Served) -> None:
    """Let the server give a list, its parts and their index that name the pages as they were changed."""
    false = {path.removeprefix(f"{PREFIX}/"): raw for path, raw in server.changed.items() if raw is not None}
    digests = {path: sha256(raw).hexdigest() for path, raw in false.items()}
    for each in (site / DIGESTS, *((site / PARTS).glob("?"))):
        lines = each.read_text(encoding="utf-8").splitlines(keepends=True)
        changed = "".join(f"{digests.get(line[66:-1], line[:64])}  {line[66:]}" for line in lines).encode()
        server.changed[f"{PREFIX}/{each.relative_to(site).as_posix()}"] = changed
    names = sorted(each.name for each in (site / PARTS).glob("?"))
    parts = ((name, server.changed[f"{PREFIX}/{PARTS}/{name}"] or b"") for name in names)
    index = "".join(f"{sha256(raw).hexdigest()}  {name}\n" for name, raw in parts)
    server.changed[f"{PREFIX}/{INDEX}"] = index.encode()


@pytest.mark.parametrize("in_parts", [True, False], ids=["in-parts", "whole"])
def test_who_changes_the_page_its_data_and_the_list_is_found_by_the_log(
    page: Page, record: Path, server: Served, in_parts: bool
) -> None:
    site = record / "site"
    was, became = change(record, server, STATIONS, "<table class=rd > Ana Alba > <td>")
    data = f"data/{STATIONS.replace('html', 'json')}"
    said_by = (site / data).read_text(encoding="utf-8")
    server.changed[f"{PREFIX}/{data}"] = said_by.replace(f'"votes.alba":{was}', f'"votes.alba":{became}', 1).encode()
    forge_lists(site, server)
    if not in_parts:
        server.changed[f"{PREFIX}/{INDEX}"] = None
    assert check(page, server, STATIONS) == "bad"
    assert "is not in the log" in lines(page)
    assert ", Ana Alba · " in said(page)
    assert f"it shows {became}; it should be {was}" in said(page)
    assert "by the reading in the log" in page.locator("#differences").inner_text()


def test_only_the_parts_that_name_the_page_and_its_data_are_fetched(page: Page, server: Served) -> None:
    assert check(page, server, AREA, "es") == "good"
    page_and_data = (f"es/{AREA}", f"data/{AREA.replace('html', 'json')}")
    parts = {f"{PARTS}/{part_of(path, 1)}" for path in page_and_data}
    assert {path for path in server.asked if path.startswith(PARTS)} == {INDEX, *parts}
    assert not [path for path in server.asked if path.endswith(DIGESTS)]


def test_a_part_or_an_index_that_was_changed_or_is_missing_is_told(page: Page, record: Path, server: Served) -> None:
    own = f"{PARTS}/{part_of(f'en/{AREA}', 1)}"
    of_data = f"{PARTS}/{part_of('data/' + AREA.replace('html', 'json'), 1)}"
    for part in (own, of_data):
        server.changed = {f"{PREFIX}/{part}": (record / "site" / part).read_bytes() + b"\n"}
        assert check(page, server, AREA) == "bad"
        assert re.search(rf"✗[^✓✗]*is not the one that the list’s index names[^✓✗]*{part}", lines(page))
        server.changed = {f"{PREFIX}/{part}": None}
        assert check(page, server, AREA) == "warn"
        assert re.search(rf"could not be read here. Missing:\s*{part}", lines(page))
        assert not [path for path in server.asked if path.endswith(DIGESTS)]
    index = (record / "site" / INDEX).read_bytes()
    server.changed = {
        f"{PREFIX}/{INDEX}": b"\n".join(line for line in index.split(b"\n") if own[-1:].encode() != line[66:])
    }
    assert check(page, server, AREA) == "bad"
    assert "The published list names no such page." in lines(page)
    assert "is not in the log" in lines(page)


def test_a_site_without_parts_is_checked_by_the_whole_list(
    page: Page, record: Path, server: Served, tmp_path: Path
) -> None:
    """As earlier versions published it: neither parts, nor a word of them in the log."""
    earlier = tmp_path / "deep" / "inside" / "record"
    shutil.copytree(record, earlier)
    with_later_log(earlier, list_of_earlier(earlier))
    log = f"{PREFIX.removesuffix('/site')}/log"
    for path in (each for each in (earlier / "log").rglob("*") if each.is_file()):
        server.changed[f"{log}/{path.relative_to(earlier / 'log').as_posix()}"] = path.read_bytes()
    assert check(page, server, AREA) == "bad", "parts that no entry names"
    server.changed[f"{PREFIX}/{INDEX}"] = None
    assert check(page, server, AREA) == "good"
    change(record, server, AREA, "<table class=res > Ana Alba > <td class=n>")
    assert check(page, server, AREA) == "bad"
    shutil.rmtree(earlier / "site" / PARTS)
    page.set_input_files("#folder", earlier)  # its own list, beside a server that has parts
    page.wait_for_selector("#verdict.good")


def test_a_log_that_is_not_there_or_was_changed_never_looks_like_a_pass(
    page: Page, record: Path, server: Served
) -> None:
    log = f"{PREFIX.removesuffix('/site')}/log"
    server.changed[f"{log}/checkpoint"] = None
    assert check(page, server, AREA) == "warn"
    assert "Not everything could be checked" in said(page)
    data = f"data/{AREA.replace('html', 'json')}"
    server.changed = {f"{PREFIX}/{data}": (record / "site" / data).read_bytes() + b"\n"}
    assert check(page, server, AREA) == "bad"
    assert "The page’s figures as JSON are not those" in lines(page)
    tile = next(each for each in sorted((record / "log" / "tile" / "0").rglob("*")) if each.is_file())
    raw = bytearray(tile.read_bytes())
    raw[7] ^= 1
    server.changed = {f"{log}/{tile.relative_to(record / 'log').as_posix()}": bytes(raw)}
    assert check(page, server, STATIONS) == "bad"
    assert re.search(r"cannot be checked: log: \d+", said(page))


def test_an_entry_that_only_speaks_of_a_reading_is_not_taken_for_it(
    page: Page, record: Path, server: Served, tmp_path: Path
) -> None:
    data = f"data/{STATIONS.replace('html', 'json')}"
    told = json.loads((record / "site" / data).read_bytes())
    station = next(each for each in told["stations"] if any(one["log_index"] is not None for one in each["readings"]))
    reading = next(one for one in station["readings"] if one["log_index"] is not None)
    later = tmp_path / "deep" / "inside" / "record"
    shutil.copytree(record, later)
    with_later_log(later, list_of(record), entry("withdrawal", reading=reading["reading"], source=reading["source"]))
    log = f"{PREFIX.removesuffix('/site')}/log"
    for path in (each for each in (later / "log").rglob("*") if each.is_file()):
        server.changed[f"{log}/{path.relative_to(later / 'log').as_posix()}"] = path.read_bytes()
    assert check(page, server, STATIONS) == "good"
    reading["log_index"] = int((later / "log" / "checkpoint").read_bytes().split(b"\n")[1]) - 1
    server.changed[f"{PREFIX}/{data}"] = json.dumps(told).encode()
    assert check(page, server, STATIONS) == "bad"
    assert f"{station['station']} · {reading['source']}" in lines(page)


def test_an_older_site_is_called_old(page: Page, record: Path, server: Served, tmp_path: Path) -> None:
    later = tmp_path / "deep" / "inside" / "record"
    shutil.copytree(record, later)
    with_later_log(later, list_of(record), entry("pages", number=2, sha256sums="00" * 32, sha256parts="00" * 32))
    log = f"{PREFIX.removesuffix('/site')}/log"
    for path in (each for each in (later / "log").rglob("*") if each.is_file()):
        server.changed[f"{log}/{path.relative_to(later / 'log').as_posix()}"] = path.read_bytes()
    assert check(page, server, AREA) == "warn"
    assert "a later list of pages" in said(page)


def test_from_files_the_folder_is_chosen(page: Page, record: Path, tmp_path: Path) -> None:
    page.goto(f"{(record / 'site' / 'en' / 'verify.html').as_uri()}#{STATIONS}")
    assert kind_of(page) == ""
    assert "Choose the folder" in said(page)
    page.set_input_files("#folder", record)
    page.wait_for_selector("#verdict.good")
    copy = tmp_path / "copy"
    shutil.copytree(record, copy)
    path = copy / "site" / "en" / STATIONS
    text, was, became = other_digit(path.read_text(encoding="utf-8"), path.read_text(encoding="utf-8").index("<td>"))
    path.write_text(text, encoding="utf-8")
    page.set_input_files("#folder", copy)
    page.wait_for_selector("#verdict.bad")
    assert f"it shows {became}; it should be {was}" in said(page)
    page.set_input_files("#folder", record / "site")
    page.wait_for_selector("#verdict.warn")
    assert "Not everything could be checked" in said(page)


def test_a_saved_page_is_checked_against_the_site(page: Page, record: Path, server: Served, tmp_path: Path) -> None:
    saved = tmp_path / "from-a-friend.html"
    saved.write_bytes((record / "site" / "en" / AREA).read_bytes())
    page.goto(f"{server.base}/en/verify.html")
    assert kind_of(page) == ""
    assert "nothing to check yet" in said(page)
    page.set_input_files("#files", saved)
    page.wait_for_selector("#verdict.good")
    assert page.locator("#subject").inner_text() == AREA
    was, became = change(record, server, AREA, "<table class=res > Ana Alba > <td class=n>")
    changed = server.changed.pop(f"{PREFIX}/en/{AREA}")
    assert changed is not None
    saved.write_bytes(changed)
    page.set_input_files("#files", [])
    page.set_input_files("#files", saved)
    page.wait_for_selector("#verdict.bad")
    assert f"it shows {became}; it should be {was}" in said(page)


def test_an_address_of_something_else_is_not_opened(page: Page, server: Served) -> None:
    there = ("https://elsewhere.example/a.html", "//elsewhere.example/a.html", "%20//elsewhere.example/a.html")
    for address in ("../en/index.html", *there, "%0A%01//elsewhere.example/a.html", "%ZZ"):
        assert check(page, server, address) in {"", "bad"}
        assert page.locator("#back").evaluate("link => link.host") == urlsplit(server.base).netloc
        assert "✓" not in said(page)
        assert page.locator("#checks li").count() == 0


def test_a_version_that_is_published_meanwhile_is_no_false_alarm(page: Page, server: Served, record: Path) -> None:
    """The page comes from the version before, its list from the next one; then both are read again."""
    own = f"{PREFIX}/en/{AREA}"
    server.changed[own] = (record / "site" / "en" / AREA).read_bytes().replace(b"</main>", b"<p>earlier</p></main>")
    server.changed[f"{PREFIX}/version.json"] = b"earlier"

    def publish(route: Route) -> None:
        server.changed.clear()
        route.continue_()

    page.route(f"**/{INDEX}", publish, times=1)
    assert check(page, server, AREA) == "good"


def test_a_page_that_does_not_exist_is_not_there(page: Page, server: Served) -> None:
    assert check(page, server, "areas/99.html") == ""
    assert "not found here" in said(page)


def test_nothing_in_a_page_that_is_checked_is_run_or_shown(page: Page, record: Path, server: Served) -> None:
    path = record / "site" / "en" / AREA
    hostile = "<img src=//elsewhere.example/x.png><script>alert(2)</script><iframe src=//elsewhere.example></iframe>"
    text = path.read_text(encoding="utf-8").replace("<table class=res", f"{hostile}<table class=res")
    text, _, _ = other_digit(text, text.index("<td class=n>"))
    server.changed[f"{PREFIX}/en/{AREA}"] = text.encode()
    assert check(page, server, AREA) == "bad"
    assert page.locator("img, iframe").count() == 0


def tab_to(page: Page, selector: str, key: str = "Tab") -> None:
    """Go on by the keyboard until an element that matches has the focus."""
    for _ in range(60):
        page.keyboard.press(key)
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"no way by keyboard to {selector} on {page.url}")


def test_by_keyboard_alone_from_the_country_to_a_checked_station(page: Page, server: Served) -> None:
    page.goto(f"{server.base}/en/index.html")
    for depth in range(1, 4):
        tab_to(page, "table.kids tbody a")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(rf"/en/areas(/[^/]+){{{depth}}}$"))
    assert page.locator(".st").count() > 0
    station = page.url.partition("/en/")[2]
    tab_to(page, "a[href*='verify.html#']", "Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/verify.html#{station}")
    assert kind_of(page) == "good"
    tab_to(page, "#back")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/en/{station}")


def test_the_language_switch_keeps_the_page_that_is_checked(page: Page, server: Served) -> None:
    page.goto(f"{server.base}/en/verify.html#{AREA}")
    page.get_by_role("link", name="Español").click()
    page.wait_for_url(f"**/es/verify.html#{AREA}")
    assert kind_of(page) == "good"
    assert page.locator("html").get_attribute("lang") == "es"


def test_every_page_leads_to_its_check_and_asks_no_other_host(page: Page, record: Path, server: Served) -> None:
    site = record / "site" / "en"
    for path in sorted(site.rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        address = path.relative_to(site).as_posix()
        assert re.search(r"default-src (?:'|&#39;)none", text), address
        assert "unsafe" not in text.partition("<body")[0][:3000]
        if address not in {"check.html", "verify.html"}:
            assert f'{"../" * address.count("/")}verify.html#{address}"' in text, address
    for address in (STATIONS, "find.html", "about.html"):
        page.goto(f"{server.base}/en/{address}")
        page.wait_for_load_state("load")


def test_without_scripts_it_claims_nothing_and_shows_other_ways(browser: Browser, server: Served) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server.base}/en/verify.html#{AREA}")
    assert said(page) == "Not checked."
    assert "Scripts are switched off" in page.locator("noscript").inner_text()
    assert "✓" not in page.locator("body").inner_text()
    assert page.locator("#keys li code").count() == 4
    page.get_by_role("link", name="Add it up again").click()
    assert page.locator("#recompute").count() == 1
    context.close()


def test_it_fits_a_phone_and_its_text_stands_out(page: Page, record: Path, server: Served) -> None:
    """WCAG 2.2, success criterion 1.4.3: a contrast of at least 4.5."""
    change(record, server, COUNTRY, "<table class=res > Ana Alba > <td class=n>")
    assert check(page, server, COUNTRY) == "bad"
    for size in (PHONE, DESK):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    schemes: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
    for scheme in reversed(schemes):
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate(CONTRAST) == []
