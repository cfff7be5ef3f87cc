"""A page is held to the part of the published list that names it, and to the whole list where there are no parts."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route
from tests.e2e.checking.checked import AREA, change, check, lines
from tests.e2e.checking.logged import list_of_earlier, serve_log, with_later_log
from tests.e2e.checking.served import PREFIX, Served

from escruta.record.digests import DIGESTS, INDEX, PARTS, part_of

pytestmark = pytest.mark.browser


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
    serve_log(earlier, server)
    assert check(page, server, AREA) == "bad", "parts that no entry names"
    server.changed[f"{PREFIX}/{INDEX}"] = None
    assert check(page, server, AREA) == "good"
    change(record, server, AREA, "<table class=res > Ana Alba > <td class=n>")
    assert check(page, server, AREA) == "bad"
    shutil.rmtree(earlier / "site" / PARTS)
    page.set_input_files("#folder", earlier)  # its own list, beside a server that has parts
    page.wait_for_selector("#verdict.good")


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
