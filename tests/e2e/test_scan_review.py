"""The review in a real browser, by the keyboard alone: two readers, one reading."""

from __future__ import annotations

import pytest
from tests.e2e.axe import violations, violations_in_the_dark
from tests.unit.apps.scan import tiny
from tests.unit.apps.scan.served import served

from escruta.apps.executing import workplace_named
from escruta.apps.scan import files_of, finish, open_home, scan_files
from escruta.apps.scan.decisions import read_decisions
from escruta.apps.scan.review import ReviewQueue
from escruta.sources.scans.codes import Effort


@pytest.mark.browser
def test_two_people_read_a_page_by_the_keyboard_alone(tmp_path, browser):
    (tmp_path / "page.png").write_bytes(tiny.picture_of_text("no sheet"))
    home = open_home(tiny.write_election(tmp_path / "election"))
    scan_files(home, files_of([str(tmp_path / "page.png")]), place=workplace_named("threads", 1), effort=Effort.QUICK)
    finish(home)
    faults: list[str] = []
    with served(ReviewQueue(home)) as address:
        for reader in ("Ana", "Ben"):
            page = browser.new_page(viewport={"width": 360, "height": 740})
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.goto(f"{address}/?lang=nl")
            page.keyboard.type(reader)
            page.keyboard.press("Enter")
            page.wait_for_selector("#station input:focus")
            wrong = violations(page) if reader == "Ana" else violations_in_the_dark(page)
            assert wrong == {}
            for text in ("7", "1", *(str(at) for at in range(tiny.SLOTS)), "x"):
                assert page.evaluate("document.activeElement.value") == ""
                page.keyboard.type(text)
                page.keyboard.press("Enter")
            page.keyboard.press("Control+Enter")
            page.wait_for_selector("#done:not([hidden])")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            page.close()
    assert faults == []
    assert [each.reader for each in read_decisions(home.decisions)] == ["Ana", "Ben"]
    assert finish(home).readings == 1
