"""The HTTP server of a log witness. Source: C2SP tlog-witness, "HTTP Interface"."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from escruta.apps.witness.home import LOGS, WitnessHome
from escruta.apps.witness.page import POLICY, page_of
from escruta.base.errors import EscrutaError
from escruta.tlog.keys import Signer
from escruta.tlog.submissions import LARGEST_SUBMISSION
from escruta.tlog.witnessing import LogWitness

LONGEST_BODY_S = 10.0
"""In seconds: a request that takes longer to arrive is given up."""

_OPEN = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-cache"}
"""Anybody may look, from any page, and no cache between may show what was before."""

Tell = Callable[[str], None]


class Served:
    """A log witness behind HTTP; whoever is trusted newly is cosigned without a restart."""

    def __init__(self, home: WitnessHome, signers: Sequence[Signer], clock: Callable[[], int], tell: Tell) -> None:
        self._home = home
        self._signers = signers
        self._clock = clock
        self._tell = tell
        self._state = home.state
        self._lock = threading.Lock()
        self._read_at = self._stamp()
        self._witness = self._open()

    @property
    def witness(self) -> LogWitness:
        """The log witness, with the logs that it trusts now."""
        with self._lock:
            stamp = self._stamp()
            if stamp != self._read_at:
                try:
                    self._witness = self._open()
                    self._tell(f"cosigns now: {', '.join(self._witness.origins) or 'no log'}")
                except EscrutaError as error:
                    self._tell(f"the logs that are trusted stay as they were: {error}")
                self._read_at = stamp
            return self._witness

    def add_checkpoint(self, raw: bytes) -> Response:
        """Answer a log."""
        try:
            answer = self.witness.add_checkpoint(raw)
        except (EscrutaError, OSError) as error:
            self._tell(f"cannot cosign: {error}")
            return PlainTextResponse("this log witness cannot cosign now\n", status_code=500)
        self._tell(f"{int(answer.status)} {answer.status.name.lower().replace('_', ' ')}")
        headers = {"Content-Type": answer.media_type, "Cache-Control": "no-store"}
        return Response(answer.body, status_code=int(answer.status), headers=headers)

    def monitored(self, hashed: str) -> Response:
        """Answer whoever looks what was cosigned last."""
        try:
            raw = self.witness.monitored(hashed)
        except OSError as error:
            self._tell(f"cannot show what was cosigned: {error}")
            return PlainTextResponse("this log witness cannot answer now\n", status_code=500)
        if raw is None:
            return PlainTextResponse("nothing was cosigned under this name\n", status_code=404, headers=_OPEN)
        return Response(raw, media_type="text/plain; charset=utf-8", headers=_OPEN)

    def page(self) -> Response:
        """Show what this is."""
        witness = self.witness
        try:
            page = page_of(witness.keys, witness.cosigned(), self._home.about)
        except (EscrutaError, OSError) as error:
            self._tell(f"cannot show what was cosigned: {error}")
            return PlainTextResponse("this log witness cannot answer now\n", status_code=500)
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
        return HTMLResponse(page, headers=headers | {"Referrer-Policy": "no-referrer"})

    def _open(self) -> LogWitness:
        return LogWitness(self._state, self._signers, self._home.trust, self._clock)

    def _stamp(self) -> tuple[int, int, int]:
        found = Path(self._home.folder / LOGS).stat()
        return found.st_ino, found.st_size, found.st_mtime_ns


def application(served: Served) -> Starlette:
    """Give the application: two routes of the protocol, and a page for people."""

    async def add_checkpoint(request: Request) -> Response:
        raw = await _read_body(request)
        return raw if isinstance(raw, Response) else await run_in_threadpool(served.add_checkpoint, raw)

    def monitored(request: Request) -> Response:
        return served.monitored(request.path_params["hashed"])

    def page(_request: Request) -> Response:
        return served.page()

    return Starlette(
        routes=[
            Route("/", page),
            Route("/add-checkpoint", add_checkpoint, methods=["POST"]),
            Route("/{hashed}/checkpoint", monitored),
        ]
    )


async def _read_body(request: Request) -> bytes | Response:
    """Read a body of bounded size in bounded time, or give the answer to one that is neither."""
    raw = bytearray()
    try:
        async with asyncio.timeout(LONGEST_BODY_S):
            async for chunk in request.stream():
                raw += chunk
                if len(raw) > LARGEST_SUBMISSION:
                    return _closing("the request is too long\n", 413)
    except TimeoutError:
        return _closing("the request took too long to arrive\n", 408)
    except ClientDisconnect:
        return _closing("the request did not arrive whole\n", 400)
    return bytes(raw)


def _closing(words: str, status: int) -> Response:
    return PlainTextResponse(words, status_code=status, headers={"Connection": "close"})
