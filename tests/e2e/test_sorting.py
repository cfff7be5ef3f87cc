"""A reader puts a table in another order, with the mouse or the keyboard; without scripts it is a plain table."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.e2e.axe import violations
from tests.unit.portal.make_record import Shape, make_record

from escruta.portal import render_site

pytestmark = pytest.mark.browser

LEAD, VERDICT = -1, 1
"""Columns: the last one of the areas, the second one of the stations."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    record = make_record(tmp_path_factory.mktemp("sorted") / "record", Shape(areas=(12,), stations=300))
    return render_site(record, record / "site", languages=["es"]).out


def column(page: Page, at: int) -> list[str]:
    """Read a column as it is shown, without what stands small under it."""
    read = "(table, at) => [...table.tBodies[0].rows].map(row => [...row.cells].at(at).innerText.split('\\n')[0])"
    shown: list[str] = page.locator("table.sorts").evaluate(read, at)
    return shown


def values(page: Page, at: int) -> list[int]:
    """Read a column of Spanish numbers."""
    return [int(each.replace(".", "").split("/")[0]) for each in column(page, at)]


def test_numbers_are_put_in_order_by_their_value(browser: Browser, site: Path) -> None:
    page = browser.new_page()
    page.goto((site / "es" / "index.html").as_uri())
    heads = page.locator("table.sorts thead th")
    by_code = column(page, 0)
    numbers = values(page, LEAD)
    assert len(numbers) == 12
    assert len({len(str(each)) for each in numbers}) > 1, "a sort by text would do as well"
    heads.last.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert values(page, LEAD) == sorted(numbers, reverse=True)
    assert heads.last.get_attribute("aria-sort") == "descending"
    expect(heads.last.get_by_role("button")).to_be_focused()
    page.keyboard.press("Space")
    assert values(page, LEAD) == sorted(numbers)
    assert heads.last.get_attribute("aria-sort") == "ascending"
    assert violations(page, "table.sorts") == {}
    heads.first.get_by_role("button").click()
    assert sorted(column(page, 0)) == sorted(by_code)
    assert page.locator("table.sorts [aria-sort]").count() == 1
    page.close()


def test_what_is_not_known_comes_last_either_way(browser: Browser, site: Path) -> None:
    page = browser.new_page()
    page.goto((site / "es" / "areas" / "01.html").as_uri())
    cells = page.locator("table.sorts tbody td:nth-child(3)")
    cells.nth(2).evaluate("cell => { delete cell.dataset.v; cell.textContent = 'no se sabe'; }")
    for _ in range(2):
        page.locator("table.sorts thead button").nth(2).click()
        assert column(page, 2)[-1] == "no se sabe"
    page.locator("table.sorts thead button").nth(VERDICT).click()
    verdicts = column(page, VERDICT)
    assert [each for at, each in enumerate(verdicts) if each not in verdicts[:at]] == list(dict.fromkeys(verdicts))
    page.close()


def test_without_scripts_it_is_a_plain_table(browser: Browser, site: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "es" / "index.html").as_uri())
    assert len(values(page, LEAD)) == 12
    expect(page.locator("table.sorts button")).to_have_count(0)
    assert page.locator("table.sorts thead th").first.inner_text() != ""
    context.close()
