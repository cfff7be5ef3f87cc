"""Run a log witness on this machine until it is told to stop."""

from __future__ import annotations

import signal
import socket
import time
from asyncio import TimerHandle, Transport
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from escruta.apps.signing import Passphrase
from escruta.apps.witness.errors import WitnessHomeUnusable
from escruta.apps.witness.home import WitnessHome
from escruta.apps.witness.serving import Served, Tell, application

LONGEST_IDLE_S = 10
"""In seconds: a connection on which nothing comes is closed."""
MOST_CONNECTIONS = 200
LAST_ANSWERS_S = 10
"""In seconds: so long, at the end, are requests answered that have come already."""


class PromptProtocol(H11Protocol):
    """Closes a new connection on which no whole request begins in time."""

    _patience: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Start the clock."""
        super().connection_made(transport)
        self._patience = self.loop.call_later(LONGEST_IDLE_S, self._close_if_silent)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop it."""
        super().connection_lost(exc)
        if self._patience is not None:
            self._patience.cancel()

    def _close_if_silent(self) -> None:
        if self.cycle is None:
            self.transport.close()


def listen(host: str, port: int) -> socket.socket:
    """Take an address; with port 0 the system picks a free port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=256)
    except OSError as error:
        raise WitnessHomeUnusable(
            "this address cannot be used",
            where=f"{host}:{port}",
            found=error.strerror or error,
            advice="Is another program there? Name another one with --host and --port.",
        ) from error


def url_of(listening: socket.socket) -> str:
    """Write where a socket is reached."""
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def server_of(home: WitnessHome, passphrase: Passphrase | None, tell: Tell) -> uvicorn.Server:
    """Open the keys and make the server, which does not run yet."""
    served = Served(home, home.open_signers(passphrase), lambda: int(time.time()), tell)
    settings: dict[str, Any] = {
        "http": PromptProtocol,
        "ws": "none",
        "lifespan": "off",
        "log_config": None,
        "access_log": False,  # who asks is nobody's business
        "server_header": False,
        "limit_concurrency": MOST_CONNECTIONS,
        "timeout_keep_alive": LONGEST_IDLE_S,
        "timeout_graceful_shutdown": LAST_ANSWERS_S,
    }
    tell(f"cosigns {', '.join(served.witness.origins) or 'no log yet'}")
    return uvicorn.Server(uvicorn.Config(application(served), **settings))


def serve(home: WitnessHome, listening: socket.socket, passphrase: Passphrase | None, tell: Tell, ready: Tell) -> None:
    """Answer until SIGTERM or Ctrl-C; requests that have come already are answered first.

    `ready` is told the URL when the keys are open.
    """
    server = server_of(home, passphrase, tell)

    def stop(
        _number: int, _frame: object
    ) -> None:  # uvicorn takes the signals while it runs, and then raises them again
        server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    ready(url_of(listening))
    server.run(sockets=[listening])
    tell("stopped")
