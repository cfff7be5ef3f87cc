"""A server of a test that cannot start says so; it does not make the test wait for ever."""

from __future__ import annotations

import socket

import pytest
import uvicorn
from tests.unit.apps.serving import running


class Broken(uvicorn.Server):
    def run(self, sockets: list[socket.socket] | None = None) -> None:
        del sockets
        raise OSError("no room")


def test_a_server_that_never_starts_is_told_with_its_own_error():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Broken(uvicorn.Config("no.such:application"))
        with pytest.raises(RuntimeError, match="did not start") as caught, running(server, listening):
            pass
    assert str(caught.value.__cause__) == "no room"
