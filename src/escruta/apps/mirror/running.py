"""Pull again and again, serve, or both, until told to stop."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import uvicorn

from escruta.apps.mirror.errors import MirrorUnusable
from escruta.apps.mirror.serving import application

LONGEST_IDLE_S = 10
MOST_CONNECTIONS = 512
_HIGHEST_PORT = 65_535


def listen(address: str) -> socket.socket:
    """Take `HOST:PORT`; with port 0 the system picks a free one."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]") or "127.0.0.1"
    if not port.isdecimal() or int(port) > _HIGHEST_PORT:
        raise _unusable(address, f"port {port!r}")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, int(port)), family=family, backlog=256)
    except OSError as error:
        raise _unusable(address, error.strerror or error) from error


def _unusable(address: str, found: object) -> MirrorUnusable:
    return MirrorUnusable(
        "this address cannot be used", where=address, found=found, expected="HOST:PORT, such as 127.0.0.1:8080"
    )


def url_of(listening: socket.socket) -> str:
    """Write where a socket is reached."""
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def server_of(folder: Path) -> uvicorn.Server:
    """Give the server of a mirror's folder; its `run` ends with SIGTERM or Ctrl-C."""
    config = uvicorn.Config(
        application(folder),
        log_config=None,
        access_log=False,  # who asks is nobody's business
        server_header=False,
        lifespan="off",
        ws="none",
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=LONGEST_IDLE_S,
        timeout_graceful_shutdown=LONGEST_IDLE_S,
    )
    return uvicorn.Server(config)


@contextlib.contextmanager
def beside(work: Callable[[threading.Event], object]) -> Iterator[None]:
    """Do some work in a thread, for as long as something else goes on here; it ends when the event is set."""
    stop = threading.Event()
    thread = threading.Thread(target=work, args=(stop,), name="pull", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
