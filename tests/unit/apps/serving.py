"""Run a uvicorn server in a thread for as long as a test needs it; one that never starts fails the test at once."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import uvicorn

PATIENCE_S = 60
"""How long a server may take to start, to answer or to end: the machine may be busy."""


def get(url: str, **more: Any) -> httpx.Response:
    """Ask for something, and wait longer than is usual."""
    return httpx.get(url, timeout=PATIENCE_S, **more)


def post(url: str, **more: Any) -> httpx.Response:
    """Send something, and wait longer than is usual."""
    return httpx.post(url, timeout=PATIENCE_S, **more)


@contextmanager
def running(server: uvicorn.Server, listening: socket.socket) -> Iterator[None]:
    """Have a server answer on a socket; raises its own error where it does not come up."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            server.run(sockets=[listening])
        except BaseException as error:  # noqa: BLE001 - uvicorn ends with SystemExit; it is raised in the test
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        _wait_until_started(server, thread, errors)
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=PATIENCE_S)
    assert not thread.is_alive(), "the server did not end"


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread, errors: list[BaseException]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not server.started:
        if not thread.is_alive() or time.monotonic() > until:
            raise RuntimeError("the server did not start") from next(iter(errors), None)
        time.sleep(0.01)
