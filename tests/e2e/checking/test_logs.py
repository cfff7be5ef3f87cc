"""A page is held to the log of its record: a log that is gone, changed or has gone on is never a pass."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page
from tests.e2e.checking.checked import AREA, STATIONS, check, lines, said
from tests.e2e.checking.logged import list_of, serve_log, with_later_log
from tests.e2e.checking.served import PREFIX, Served

from escruta.record.entries import entry

pytestmark = pytest.mark.browser


def test_a_log_that_is_not_there_or_was_changed_never_looks_like_a_pass(
    page: Page, record: Path, server: Served
) -> None:
    log = f"{PREFIX.removesuffix('/site')}/log"
    server.changed[f"{log}/checkpoint"] = None
    assert check(page, server, AREA) == "warn"
    assert "Not everything could be checked" in said(page)
    data = f"data/{AREA.replace('html', 'json')}"
    server.changed = {f"{PREFIX}/{data}": (record / "site" / data).read_bytes() + b"\n"}
    assert check(page, server, AREA) == "bad"
    assert "The page’s figures as JSON are not those" in lines(page)
    tile = next(each for each in sorted((record / "log" / "tile" / "0").rglob("*")) if each.is_file())
    raw = bytearray(tile.read_bytes())
    raw[7] ^= 1
    server.changed = {f"{log}/{tile.relative_to(record / 'log').as_posix()}": bytes(raw)}
    assert check(page, server, STATIONS) == "bad"
    assert re.search(r"cannot be checked: log: \d+", said(page))


def test_an_entry_that_only_speaks_of_a_reading_is_not_taken_for_it(
    page: Page, record: Path, server: Served, tmp_path: Path
) -> None:
    data = f"data/{STATIONS.replace('html', 'json')}"
    told = json.loads((record / "site" / data).read_bytes())
    station = next(each for each in told["stations"] if any(one["log_index"] is not None for one in each["readings"]))
    reading = next(one for one in station["readings"] if one["log_index"] is not None)
    later = tmp_path / "deep" / "inside" / "record"
    shutil.copytree(record, later)
    with_later_log(later, list_of(record), entry("withdrawal", reading=reading["reading"], source=reading["source"]))
    serve_log(later, server)
    assert check(page, server, STATIONS) == "good"
    reading["log_index"] = int((later / "log" / "checkpoint").read_bytes().split(b"\n")[1]) - 1
    server.changed[f"{PREFIX}/{data}"] = json.dumps(told).encode()
    assert check(page, server, STATIONS) == "bad"
    assert f"{station['station']} · {reading['source']}" in lines(page)


def test_an_older_site_is_called_old(page: Page, record: Path, server: Served, tmp_path: Path) -> None:
    later = tmp_path / "deep" / "inside" / "record"
    shutil.copytree(record, later)
    with_later_log(later, list_of(record), entry("pages", number=2, sha256sums="00" * 32, sha256parts="00" * 32))
    serve_log(later, server)
    assert check(page, server, AREA) == "warn"
    assert "a later list of pages" in said(page)
