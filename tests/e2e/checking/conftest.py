"""A record as it is published, a server of it, and one reader."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from tests.e2e.checking.checked import Reader
from tests.e2e.checking.logged import VOUCHED, list_of, with_later_log
from tests.e2e.checking.served import Served, serving
from tests.unit.portal.make_log import make_log
from tests.unit.portal.make_record import Shape, make_record

from escruta.portal import render_site


@pytest.fixture(scope="session")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record as it is published: its pages, and the digest of their list in the log that log witnesses cosigned."""
    made = make_record(
        tmp_path_factory.mktemp("server") / "deep" / "inside" / "record", Shape(areas=(2, 3, 5), stations=16)
    )
    make_log(made, **VOUCHED)
    render_site(made, made / "site", languages=["en", "es"])
    return with_later_log(made, list_of(made))


@pytest.fixture(scope="session")
def running(record: Path) -> Iterator[Served]:
    with serving(record.parents[2]) as served:
        yield served


@pytest.fixture
def server(running: Served) -> Iterator[Served]:
    yield running
    running.changed.clear()


@pytest.fixture(scope="session")
def reader(browser: Browser, running: Served) -> Iterator[Reader]:
    reader = Reader(browser, running.host)
    yield reader
    reader.page.context.close()


@pytest.fixture
def page(reader: Reader) -> Iterator[Page]:
    """The reader's page; a test fails on any complaint."""
    reader.page.goto("about:blank")
    reader.complaints.clear()
    yield reader.page
    assert reader.complaints == []
