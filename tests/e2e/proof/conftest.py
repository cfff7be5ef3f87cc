"""A record with its log and its pages, and people who open them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.e2e.proof.opened import MEANS, Reader
from tests.served_folder import served
from tests.unit.portal.make_log import make_log
from tests.unit.portal.make_record import Shape, make_record

from escruta.portal import render_site
from escruta.portal.proof import RecordLog


@pytest.fixture(scope="session")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = make_record(tmp_path_factory.mktemp("utopia") / "record", Shape(areas=(2, 3), stations=30))
    make_log(made)
    return made


@pytest.fixture(scope="session")
def log(record: Path) -> RecordLog:
    opened = RecordLog.of(record)
    assert opened is not None
    return opened


@pytest.fixture(scope="session")
def site(record: Path) -> Path:
    return render_site(record, record / "site").out


@pytest.fixture(scope="session")
def server(site: Path) -> Iterator[str]:
    with served(site) as address:
        yield address


@pytest.fixture(params=list(MEANS))
def reader(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Reader]:
    """Three browsers: one that knows both signatures, one that knows none, one without any cryptography."""
    context = browser.new_context()
    context.add_init_script(MEANS[request.param])
    reader = Reader(context)
    yield reader
    context.close()
    assert reader.complaints == []


@pytest.fixture
def anybody(browser: Browser) -> Iterator[Reader]:
    context = browser.new_context(accept_downloads=True)
    reader = Reader(context)
    yield reader
    context.close()
    assert reader.complaints == []
