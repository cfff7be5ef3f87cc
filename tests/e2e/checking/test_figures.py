"""The true page holds, and one changed digit is named, in a real browser."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import Page
from tests.e2e.checking.checked import AREA, COUNTRY, STATIONS, change, check, lines, said
from tests.e2e.checking.served import PREFIX, Served

from escruta.record.digests import DIGESTS, INDEX, PARTS

pytestmark = pytest.mark.browser


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
