"""A review that is served on loopback for as long as a test needs it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from tests.unit.apps.serving import running

from escruta.apps.scan.review import ReviewQueue
from escruta.apps.scan.review.running import server_of

TOKEN = "token-of-a-test"  # noqa: S105 - a made-up one


@contextmanager
def served(queue: ReviewQueue) -> Iterator[str]:
    """Serve a review; gives its address without the last slash."""
    with socket.create_server(("127.0.0.1", 0)) as listening, running(server_of(queue, TOKEN), listening):
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/{TOKEN}"
