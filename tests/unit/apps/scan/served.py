"""A review that is served on loopback for as long as a test needs it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from escruta.apps.scan.review import ReviewQueue
from escruta.apps.scan.review.running import server_of

TOKEN = "token-of-a-test"  # noqa: S105 - a made-up one


@contextmanager
def served(queue: ReviewQueue) -> Iterator[str]:
    """Serve a review; gives its address without the last slash."""
    server = server_of(queue, TOKEN)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/{TOKEN}"
        finally:
            server.should_exit = True
            thread.join(timeout=20)
