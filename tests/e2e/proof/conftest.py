"""A record with its log and its pages, and people who open them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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


@pytest.fixture(scope="session")
def reader_with(browser: Browser) -> Iterator[Callable[[str], Reader]]:
    """One reader for each kind of browser, who forgets between tests: to make another takes longer than to check."""
    made: dict[str, Reader] = {}

    def reader_with(means: str) -> Reader:
        if means not in made:
            context = browser.new_context()
            context.add_init_script(MEANS[means])
            made[means] = Reader(context)
        return made[means].anew()

    yield reader_with
    for reader in made.values():
        reader.page.context.close()


@pytest.fixture(params=list(MEANS))
def reader(reader_with: Callable[[str], Reader], request: pytest.FixtureRequest) -> Iterator[Reader]:
    """Three browsers: one that knows both signatures, one that knows none, one without any cryptography."""
    reader = reader_with(request.param)
    yield reader
    assert reader.complaints == []


@pytest.fixture
def anybody(reader_with: Callable[[str], Reader]) -> Iterator[Reader]:
    reader = reader_with("native")
    yield reader
    assert reader.complaints == []
