"""The page that finds a polling station, in a real browser, from files and under a prefix of a server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from tests.served_folder import served

from escruta.apps import api
from escruta.apps.demo import write_demo

pytestmark = pytest.mark.browser

PHONE: ViewportSize = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("found")
    write_demo(folder / "election", stations=150, seed=3)
    api.run(folder / "election", folder / "record", languages=["en", "es"])
    return folder / "record"


@pytest.fixture(scope="module")
def area(record: Path) -> dict[str, str]:
    """An area whose name is long, and the only one of its name."""
    areas = pl.read_parquet(record / "areas.parquet").filter(pl.col("name") != pl.col("code"))
    once = areas.filter(pl.len().over("name") == 1)
    return once.sort(pl.col("name").str.len_chars(), "area", descending=[True, False]).row(0, named=True)


@pytest.fixture(scope="module")
def searcher(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """One page for all tests, as to make another takes longer than to search; and what it complains about."""
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith("file:") else complaints.append(asked.url))
    yield page, complaints
    context.close()


@pytest.fixture
def page(searcher: tuple[Page, list[str]]) -> Iterator[Page]:
    """A page that fails the test on any complaint, and on any request for anything but files."""
    page, complaints = searcher
    page.goto("about:blank")
    complaints.clear()
    yield page
    assert complaints == []


def find(page: Page, text: str) -> list[str]:
    page.locator("#q").fill(text)
    page.locator("#q").press("Enter")
    page.locator("#told").filter(has_text=re.compile(r"\S")).wait_for(state="attached")
    return page.locator("#found a").all_inner_texts()


def misspelt(name: str) -> str:
    """Exchange two letters in the middle of a name."""
    middle = len(name) // 2
    return name[: middle - 1] + name[middle] + name[middle - 1] + name[middle + 1 :]


def test_a_name_with_two_letters_exchanged_is_found(page: Page, record: Path, area: dict[str, str]) -> None:
    page.goto((record / "site" / "en" / "find.html").as_uri())
    wrong = misspelt(area["name"])
    assert wrong != area["name"]
    assert find(page, wrong.lower())[0] == area["name"]
    page.locator("#found a").first.click()
    expect(page.locator("h1")).to_have_text(area["name"])


def test_a_name_in_plain_letters_is_found(page: Page, record: Path) -> None:
    areas = pl.read_parquet(record / "areas.parquet")
    marked = next((name for name in areas["name"].drop_nulls() if not name.isascii()), None)
    assert marked is not None, "no name has a letter with a mark: take another seed"
    page.goto((record / "site" / "en" / "find.html").as_uri())
    plain = page.evaluate("name => name.normalize('NFD').replace(/\\p{M}/gu, '').toLowerCase()", marked)
    assert marked in find(page, plain)


def test_a_station_is_found_by_its_code_and_the_link_leads_to_it(page: Page, record: Path) -> None:
    stations = pl.read_parquet(record / "verdicts-president.parquet")["station"].sort()
    page.goto((record / "site" / "en" / "find.html").as_uri())
    for station in (stations[0], stations[len(stations) // 2], stations[-1]):
        assert find(page, station)[0].endswith(station)
        page.locator("#found a").first.click()
        assert station in page.locator(".st:target").inner_text()
        page.go_back()
        expect(page.locator("#q")).to_have_value(station)


def test_the_language_switch_and_the_way_back_keep_the_search(page: Page, record: Path, area: dict[str, str]) -> None:
    page.goto((record / "site" / "en" / "find.html").as_uri())
    find(page, area["name"])
    page.locator("#found a").first.click()
    page.go_back()
    expect(page.locator("#q")).to_have_value(area["name"])
    expect(page.locator("#found a").first).to_have_text(area["name"])
    page.locator(".lang a").first.click()
    expect(page.locator("h1")).to_have_text("Buscar una mesa")


def test_nothing_found_is_said(page: Page, record: Path) -> None:
    page.goto((record / "site" / "en" / "find.html").as_uri())
    assert find(page, "qqqqqqqqqq") == []
    assert "No place of this name" in page.locator("#told").inner_text()


def test_what_is_typed_is_never_taken_for_html(page: Page, record: Path) -> None:
    page.goto((record / "site" / "en" / "find.html").as_uri() + "#q=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E")
    page.locator("#told").filter(has_text=re.compile(r"\S")).wait_for(state="attached")
    assert page.locator("#found img, #told img").count() == 0


def test_by_the_keyboard_alone(page: Page, record: Path, area: dict[str, str]) -> None:
    page.goto((record / "site" / "en" / "find.html").as_uri())
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "q":
            break
    page.keyboard.type(area["name"])
    page.keyboard.press("Enter")
    page.locator("#found :focus").wait_for(state="attached")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(area["name"])


def test_without_scripts_the_page_leads_on_by_place(browser: Browser, record: Path) -> None:
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto((record / "site" / "en" / "find.html").as_uri())
    assert "needs JavaScript" in page.locator("main").inner_text()
    assert page.locator("#q").is_disabled()
    page.locator(".cols a").first.click()
    page.wait_for_url("**/areas/**")
    context.close()


def test_it_works_below_any_address_of_a_server(browser: Browser, record: Path, area: dict[str, str]) -> None:
    context = browser.new_context(viewport=PHONE)
    with served(record.parent) as root:
        page = context.new_page()
        page.goto(f"{root}/record/site/en/find.html")
        assert find(page, area["name"])[0] == area["name"]
        page.locator("#found a").first.click()
        expect(page.locator("h1")).to_have_text(area["name"])
        context.close()
