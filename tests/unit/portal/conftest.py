"""A record of an invented republic and its site, made once."""

from pathlib import Path

import pytest
from tests.unit.portal.make_record import Shape, make_record

from escruta.portal import render_site


@pytest.fixture(scope="session")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small record with every verdict."""
    return make_record(tmp_path_factory.mktemp("utopia"), Shape(colours=True))


@pytest.fixture(scope="session")
def site(record: Path) -> Path:
    """The site of that record, inside it."""
    return render_site(record, record / "site").out
