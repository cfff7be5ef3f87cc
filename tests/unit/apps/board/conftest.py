"""What the tests of boards share: five members, a record of a small election, and its log."""

from datetime import UTC, datetime

import pytest
from tests.docs.small_election import write_small_election

from escruta.apps import api
from escruta.apps.board import draft_bulletin, parse_board, read_record
from escruta.tlog.keys import KeyKind, SeedSigner


@pytest.fixture(scope="session")
def members():
    """Keys of tests, by the names of the members."""
    return {f"rector-{n}": SeedSigner(f"rector-{n}.example", KeyKind.ED25519, bytes([n]) * 32) for n in range(1, 6)}


@pytest.fixture(scope="session")
def board_text(members):
    lines = [f"witness {name} {signer.key}" for name, signer in members.items()]
    return "\n".join([*lines, f"group board 3 {' '.join(members)}", "quorum board", ""])


@pytest.fixture(scope="session")
def board(board_text):
    return parse_board(board_text.encode())


@pytest.fixture(scope="session")
def record(tmp_path_factory):
    """The record of a small election, with its log."""
    folder = write_small_election(tmp_path_factory.mktemp("board"))
    return api.run(folder, folder / "result", with_pages=False).out


@pytest.fixture(scope="session")
def drafted(record):
    """The first bulletin of the small election."""
    return draft_bulletin(read_record(record), None, number=1, time=datetime(2025, 5, 4, 23, 0, tzinfo=UTC))
