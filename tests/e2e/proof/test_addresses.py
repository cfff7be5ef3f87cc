"""From the pages of a site to the check of a sheet and back, in a real browser, from files and a server."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest
from tests.e2e.proof.changed import flipped, link_of, one_file
from tests.e2e.proof.opened import ALL_GOOD, MEANS
from tests.unit.portal.make_log import LOG_SIGNERS, ORIGIN, TIME_S, WITNESSES, make_log
from tests.unit.portal.make_record import Shape, make_record

from escruta.portal import render_site
from escruta.portal.proof import RecordLog
from escruta.tlog.encodings import to_base64
from escruta.tlog.signing import sign_note

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record with more than 2,000 entries in its log, of which all but the first are no readings."""
    record = make_record(tmp_path_factory.mktemp("many") / "record", Shape(areas=(2, 3), stations=14))
    make_log(record, more=[b'{"kind":"page","path":"%d"}' % number for number in range(2000)])
    render_site(record, record / "site", languages=["en"])
    return record


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record whose readings came at five times."""
    record = make_record(tmp_path_factory.mktemp("grown") / "record", Shape(areas=(2, 3), stations=14))
    make_log(record)
    log = RecordLog.of(record)
    assert log is not None
    kept = record / "log" / "checkpoints"
    kept.mkdir()
    for size in (2, 3, 11, 29):
        text = f"{ORIGIN}\n{size}\n{to_base64(log.tree.root_at(size))}\n"
        (kept / str(size)).write_bytes(bytes(sign_note(text, LOG_SIGNERS, time_s=TIME_S)))
    render_site(record, record / "site", languages=["en"])
    return record


def test_from_a_station_to_its_check_from_files_and_from_a_server(reader, site, server):
    page = next(each for each in sorted((site / "en").rglob("*.html")) if "check.html#" in each.read_text())
    for start in (page.as_uri(), f"{server}/{page.relative_to(site).as_posix()}"):
        reader.open(start)
        station = reader.page.locator(".st:has(a[href*='check.html'])").first
        key = station.locator("h3 small").inner_text()
        station.locator("a[href*='check.html']").first.click()
        assert reader.verdict() == "good"
        assert reader.kinds() == ALL_GOOD
        assert reader.page.locator("h1").inner_text() == f"Polling station {key}"
        assert {each.partition(":")[0] for each in reader.asked} == {start.partition(":")[0], "about"} - {"about"}
        reader.asked.clear()


def test_the_page_of_the_site_says_what_is_wrong_with_its_address(reader, site):
    base = (site / "en" / "check.html").as_uri()
    index, entry, hashes = link_of(site).partition("#")[2].split(".")
    assert reader.open(base).verdict() == ""
    assert "nothing to check yet" in reader.page.locator("#verdict").inner_text()
    assert reader.page.locator("#keys li").count() == len(LOG_SIGNERS) + len(WITNESSES)
    wrong = [
        f"{index}.{flipped(entry, 40)}.{hashes}",
        f"{index}.{entry}.{flipped(hashes, 5)}" if hashes else "no",
        f"{int(index) + 1}.{entry}.{hashes}",
        f"99999.{entry}.{hashes}",
        f"-1.{entry}.{hashes}",
        f"{index}.{entry}",
        f"{index}.{entry}.{hashes}.more",
        f"{index}.{entry}.{hashes}A",
        f"{index}..",
        "..",
        "%3Cscript%3E",
        "9" * 400,
    ]
    for fragment in wrong:
        assert reader.open(f"{base}#{fragment}").verdict() == "bad", fragment
    assert reader.open(f"{base}#{index}.{entry}.{hashes}").verdict() == "good"


HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</pre><script>alert(1)</script>",
    "</title><svg onload=alert(1)>",
    "javascript:alert(1)",
    "{why}{name}$&",
]


def test_nothing_that_an_address_says_is_run(anybody, site):
    base = (site / "en" / "check.html").as_uri()
    for text in HOSTILE:
        said = {text: text, "station": text, "source": text, "figures": {text: text, "__proto__": 3, "valid": text}}
        entry = urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
        for fragment in (f"{text}.{text}.{text}", text, f"1.{entry}."):
            anybody.open(f"{base}#{fragment}")
            assert anybody.verdict() == "bad"
            assert anybody.page.locator("img, svg, iframe, object").count() == 0
            assert anybody.page.locator("script").count() == 8
        assert anybody.page.locator("h1").inner_text() == f"Polling station {text}"
        assert text in anybody.page.locator("#figures").inner_text()


def test_a_site_s_check_is_saved_as_one_file_that_works_alone(anybody, reader_with, browser, site, server, tmp_path):
    saved = tmp_path / "saved.html"
    anybody.open(f"{server}/nl/{link_of(site, 'nl')}")
    assert anybody.verdict() == "good"
    title = anybody.page.locator("h1").inner_text()
    with anybody.page.expect_download() as download:
        anybody.page.click("#save")
    download.value.save_as(saved)
    with anybody.page.expect_download() as download:
        anybody.page.click("#save-proof")
    assert download.value.suggested_filename.endswith(".tlog-proof")
    proof = Path(download.value.path()).read_bytes()
    stored = (site / "proofs" / download.value.suggested_filename).read_bytes()
    assert proof == stored
    for reader in map(reader_with, MEANS):
        assert reader.open(saved.as_uri()).verdict() == "good"
        assert reader.kinds() == ALL_GOOD
        assert reader.page.locator("h1").inner_text() == title
        assert reader.page.locator("#save, nav").count() == 0
        assert (reader.complaints, reader.asked) == ([], [saved.as_uri()])
    alone = browser.new_context(java_script_enabled=False).new_page()
    alone.goto(saved.as_uri())
    assert alone.locator("h1").inner_text() == title
    assert "Ana Alba" in alone.locator("#figures").inner_text()
    alone.context.close()


def test_another_address_in_the_same_tab_is_checked_anew(anybody, site):
    base = (site / "en" / "check.html").as_uri()
    assert anybody.open(f"{base}#x").verdict() == "bad"
    anybody.page.evaluate("address => { location.hash = address }", link_of(site).partition("#")[2])
    anybody.page.wait_for_selector("#verdict.good")


def test_the_language_switch_keeps_the_sheet(anybody, site):
    anybody.open((site / "en").as_uri() + "/" + link_of(site))
    assert anybody.verdict() == "good"
    station = anybody.page.locator("h1").inner_text().partition("station ")[2]
    anybody.page.get_by_role("link", name="Español").click()
    anybody.page.wait_for_url("**/es/check.html#*")
    assert anybody.verdict() == "good"
    assert anybody.page.locator("h1").inner_text() == f"Mesa {station}"


def test_without_scripts_the_figures_and_the_proof_stand_there_and_nothing_is_claimed(browser, log, site, tmp_path):
    path = tmp_path / "sheet.html"
    path.write_text(one_file(log), encoding="utf-8")
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(path.as_uri())
    assert page.locator("#verdict").inner_text() == "Not checked."
    assert "Scripts are switched off" in page.locator("noscript").inner_text()
    assert "Ana Alba" in page.locator("#figures").inner_text()
    assert page.locator("#proof").inner_text().startswith("c2sp.org/tlog-proof@v1")
    assert "✓" not in page.locator("body").inner_text()
    page.goto((site / "en").as_uri() + "/" + link_of(site))
    assert "reads" not in page.locator("#verdict").inner_text()
    assert ".tlog-proof" in page.locator("noscript").inner_text()
    page.context.close()


def test_more_hashes_than_the_page_has_tops_for(reader, many):
    """With more than 256 entries, only the lower hashes are in the address; the page finds the others itself."""
    log, site = RecordLog.of(many), many / "site"
    assert log is not None
    assert log.tree.size > 2000
    assert 0 < log.tops[0].height < len(log.proof(1).hashes)
    assert reader.open((site / "en").as_uri() + "/" + link_of(site)).verdict() == "good"


def test_links_of_stations_that_came_at_different_times_are_all_good_on_one_page(reader, grown):
    """Each address leads to the part of the tree that was new when its reading was published."""
    pages = grown / "site" / "en"
    text = "".join(page.read_text(encoding="utf-8") for page in (pages / "areas").rglob("*.html"))
    links = {int(found[2]): found[1] for found in re.finditer(r"(check\.html#([0-9]+)\.[^']+)'", text)}
    for index in (1, 2, 5, 20, max(links)):
        assert reader.open(f"{pages.as_uri()}/{links[index]}").verdict() == "good"
