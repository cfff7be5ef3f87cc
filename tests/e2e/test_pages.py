"""The pages in a real browser, from files, as a reader would meet them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from tests.unit.portal.make_record import Shape, make_record

from escruta.portal import render_site

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
KINDS = ("index.html", "areas/01.html", "areas/01/01/01.html", "differing.html", "findings.html", "about.html")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    record = make_record(tmp_path_factory.mktemp("utopia"), Shape())
    return render_site(record, record / "site", languages=["en", "es", "nl"]).out


@pytest.fixture(scope="module")
def without_scripts(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """One page for all tests, as to make another takes longer than to look at one; and what it complains about."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    # the icon of a page that is left before it came is no complaint
    page.on("requestfailed", lambda failed: complaints.extend([failed.url] * (not failed.url.endswith("/icon.svg"))))
    page.on("request", lambda asked: complaints.append(asked.url) if not asked.url.startswith("file:") else None)
    yield page, complaints
    context.close()


@pytest.fixture(params=[PHONE, DESK], ids=["phone", "desk"])
def page(without_scripts: tuple[Page, list[str]], request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page without scripts that fails the test on any complaint or any request to somewhere else."""
    page, complaints = without_scripts
    page.goto("about:blank")
    page.set_viewport_size(request.param)
    complaints.clear()
    yield page
    assert complaints == []


@pytest.fixture(scope="module")
def with_scripts(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def test_from_the_country_to_a_disputed_station_and_back(page, site):
    page.goto((site / "index.html").as_uri())
    page.wait_for_url("**/en/index.html")
    assert "Ana Alba" in page.locator("h1").inner_text()
    page.get_by_role("link", name="Differing stations").first.click()
    page.wait_for_url("**/differing.html")
    station = page.locator("tbody th a").first
    key = station.inner_text()
    station.click()
    block = page.locator(".st:target")
    assert key in block.inner_text()
    assert "≠ differs" in block.inner_text()
    assert "disputed" in block.inner_text()
    page.locator(".way a").first.click()
    page.wait_for_url("**/en/index.html")


def test_down_the_areas_to_a_station_and_up_again(page, site):
    page.goto((site / "en" / "index.html").as_uri())
    for depth in range(1, 4):
        page.locator("table.kids tbody a").first.click()
        page.wait_for_url(re.compile(rf"/en/areas(/[^/]+){{{depth}}}$"))
    assert page.locator(".st").count() > 0
    assert page.locator(".way a").count() == 3
    page.locator(".way a").last.click()
    page.wait_for_url(re.compile(r"/en/areas(/[^/]+){2}$"))
    assert page.locator("table.kids").count() == 1


@pytest.mark.parametrize("address", KINDS)
def test_the_language_switch_keeps_the_page(page, site, address):
    page.goto((site / "en" / address).as_uri())
    for language, name in (("es", "Español"), ("nl", "Nederlands"), ("en", "English")):
        page.get_by_role("link", name=name, exact=True).click()
        page.wait_for_url((site / language / address).as_uri())
        assert page.locator("html").get_attribute("lang") == language


@pytest.mark.parametrize("address", KINDS)
def test_nothing_is_wider_than_a_phone(with_scripts, site, address):
    with_scripts.set_viewport_size(PHONE)
    wide = {}
    for language in ("en", "es", "nl"):
        with_scripts.goto((site / language / address).as_uri())
        wide[language] = with_scripts.evaluate("document.documentElement.scrollWidth")
    assert max(wide.values()) <= PHONE["width"], wide


@pytest.mark.parametrize("address", KINDS)
def test_a_keyboard_reaches_the_content_first(page, site, address):
    page.goto((site / "en" / address).as_uri())
    page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("class") == "skip"
    page.keyboard.press("Enter")
    page.wait_for_url("**#main")


CONTRAST = """
() => {
  const curve = share => share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  const channel = value => curve(value / 255);
  const parse = text => text.match(/[0-9.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = element => {
    for (let each = element; each; each = each.parentElement) {
      const colour = parse(getComputedStyle(each).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || element.closest('svg, .skip, .vh')) continue;
    const style = getComputedStyle(element);
    const pair = [light(parse(style.color)), light(behind(element))].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (ratio < 4.5) poor.push(element.className + ': ' + walker.currentNode.textContent + ' ' + ratio.toFixed(2));
  }
  return poor;
}
"""


@pytest.mark.parametrize("address", KINDS)
def test_text_stands_out_from_what_is_behind_it(with_scripts, site, address):
    """WCAG 2.2, success criterion 1.4.3: a contrast of at least 4.5."""
    page = with_scripts
    page.set_viewport_size(DESK)
    page.goto((site / "en" / address).as_uri())
    poor = {}
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("scheme => matchMedia(`(prefers-color-scheme: ${scheme})`).matches", scheme)
        poor[scheme] = page.evaluate(CONTRAST)
    assert poor == {"light": [], "dark": []}


def test_a_phone_shows_the_largest_areas_first_and_the_others_at_a_tap(browser, tmp_path):
    """Without scripts; a wide screen and paper show all of them at once."""
    made = render_site(make_record(tmp_path / "wide", Shape(areas=(14, 1), stations=30)), tmp_path / "site").out
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto((made / "en" / "index.html").as_uri())
    rows = page.locator("table.kids tbody tr")
    shown = [row.is_visible() for row in rows.all()]
    assert (len(shown), sum(shown)) == (14, 8)
    summary = page.locator("#areas summary")
    assert "show all 14" in summary.inner_text()
    page.keyboard.press("Tab")
    summary.focus()
    page.keyboard.press("Enter")
    assert all(row.is_visible() for row in rows.all())
    page.keyboard.press("Enter")
    for viewport in (DESK, PHONE):
        page.set_viewport_size(viewport)
        page.emulate_media(media="screen" if viewport is DESK else "print")
        assert all(row.is_visible() for row in rows.all())
        assert summary.is_hidden()
    context.close()


def test_a_phone_opens_at_a_tap_what_a_sentence_says_already(browser, site):
    """Without scripts; the sentence stays, and a wide screen and paper show the figures as they stand."""
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "en" / "index.html").as_uri())
    sentence, table = page.locator("#stakes .say"), page.locator("#stakes table")
    summary = page.locator("#stakes summary")
    assert (sentence.is_visible(), table.is_visible()) == (True, False)
    summary.click()
    assert table.is_visible()
    summary.click()
    assert table.is_hidden()
    page.set_viewport_size(DESK)
    assert (table.is_visible(), summary.is_visible()) == (True, False)
    page.set_viewport_size(PHONE)
    page.emulate_media(media="print")
    assert (table.is_visible(), summary.is_visible()) == (True, False)
    context.close()
