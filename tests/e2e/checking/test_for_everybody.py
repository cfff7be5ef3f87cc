"""The page that checks others can be reached, read and used: by keyboard, on a phone, without scripts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page
from tests.e2e.checking.checked import AREA, COUNTRY, STATIONS, change, check, kind_of, said
from tests.e2e.checking.served import Served
from tests.e2e.test_pages import CONTRAST, DESK, PHONE

pytestmark = pytest.mark.browser


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
