"""What may be given to the page that checks others: an address, a folder, a saved file; nothing else is opened."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page
from tests.e2e.checking.checked import AREA, STATIONS, change, check, kind_of, other_digit, said
from tests.e2e.checking.served import PREFIX, Served

pytestmark = pytest.mark.browser


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


def test_the_language_switch_keeps_the_page_that_is_checked(page: Page, server: Served) -> None:
    page.goto(f"{server.base}/en/verify.html#{AREA}")
    page.get_by_role("link", name="Español").click()
    page.wait_for_url(f"**/es/verify.html#{AREA}")
    assert kind_of(page) == "good"
    assert page.locator("html").get_attribute("lang") == "es"
