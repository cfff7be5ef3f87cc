"""Serve the review on this machine until it is stopped."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable

import uvicorn

from escruta.apps.scan.errors import ScanHomeUnusable
from escruta.apps.scan.review.queue import ReviewQueue
from escruta.apps.scan.review.serving import application, page_address

_MOST_CONNECTIONS = 20


def serve(queue: ReviewQueue, port: int, language: str, tell: Callable[[str], None]) -> None:
    """Tell the address, and answer until Ctrl-C. Raises `ScanHomeUnusable` where the port is taken."""
    token = secrets.token_urlsafe(24)
    with _listening(port) as listening:
        tell(page_address(listening.getsockname()[1], token, language))
        server_of(queue, token).run(sockets=[listening])


def server_of(queue: ReviewQueue, token: str) -> uvicorn.Server:
    """Make the server, which does not run yet."""
    settings = uvicorn.Config(
        application(queue, token),
        log_config=None,
        access_log=False,  # addresses hold the token
        server_header=False,
        ws="none",
        lifespan="off",
        limit_concurrency=_MOST_CONNECTIONS,
    )
    return uvicorn.Server(settings)


def _listening(port: int) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        raise ScanHomeUnusable(
            "this port cannot be used",
            where=f"127.0.0.1:{port}",
            found=error.strerror,
            advice="Leave --port out: a free one is picked.",
        ) from error
