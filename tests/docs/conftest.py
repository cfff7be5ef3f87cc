"""What the tests of the pages share: the record of a small election."""

from pathlib import Path

import pytest
from tests.docs.small_election import write_small_election

from escruta.apps import api


@pytest.fixture(scope="session")
def small_record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `escruta run` writes for the small election."""
    folder = write_small_election(tmp_path_factory.mktemp("small"))
    return api.run(folder, folder / "result", with_pages=False).out
