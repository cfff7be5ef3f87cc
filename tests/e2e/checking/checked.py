"""Somebody who lets the page check another one, and digits that are changed before."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser, Page
from tests.e2e.checking.served import PREFIX, Served

COUNTRY, AREA, STATIONS = "index.html", "areas/01.html", "areas/01/01/01.html"
DONE = "main[aria-busy=false]"


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
