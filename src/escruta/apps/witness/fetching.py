"""One request to a log witness or mirror, in bounded time and size; whatever goes wrong is told and not raised."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, TypeVar

import httpx

from escruta.base.errors import printable

Answer = TypeVar("Answer")

LARGEST_REPLY = 1_000_000
"""In bytes: more than any note or any lines of one log witness have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back."""

    status: int | None
    """None where nothing came back that could be read."""
    body: bytes = b""
    reason: str = ""
    """Why nothing came back."""

    @property
    def words(self) -> str:
        """What it said or why it could not be asked, short enough for a line."""
        return self.reason or printable(self.body.decode("utf-8", "replace").partition("\n")[0])


def new_client(urls: Iterable[str]) -> httpx.AsyncClient:
    """Open a client that keeps to the servers that it was told of: it follows no redirect."""
    return httpx.AsyncClient(
        verify=any(url.startswith("https:") for url in urls),  # loading what it verifies with takes long
        follow_redirects=False,
        timeout=None,  # noqa: S113 - each request has one of its own, for all of it
        headers={"User-Agent": f"escruta/{version('escruta')}", "Accept": "*/*"},
    )


async def fetch(client: httpx.AsyncClient, url: str, timeout_s: float, *, body: bytes | None = None) -> Reply:
    """Send a body, or fetch what is there; the time counts from the first byte of the request to the last one back."""
    try:
        async with asyncio.timeout(timeout_s):
            return await _fetch(client, url, body)
    except TimeoutError:
        return Reply(status=None, reason=f"no answer within {timeout_s:g} s")
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:  # ValueError: a host that is no name
        return Reply(status=None, reason=printable(error) or type(error).__name__)


async def _fetch(client: httpx.AsyncClient, url: str, body: bytes | None) -> Reply:
    method = "GET" if body is None else "POST"
    async with client.stream(method, url, content=body) as response:
        found = bytearray()
        async for chunk in response.aiter_bytes():
            found += chunk
            if len(found) > LARGEST_REPLY:
                return Reply(status=None, reason=f"an answer of more than {LARGEST_REPLY} bytes")
        return Reply(status=response.status_code, body=bytes(found))


def run_apart(asked: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
    """Run what asks many servers at once, in a thread of its own: whoever calls may have a running loop already."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(lambda: asyncio.run(asked())).result()
