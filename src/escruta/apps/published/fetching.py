"""One file from one server: asked for again where that may help, and from nowhere else."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx

from escruta.apps.published.bodies import receive
from escruta.apps.published.errors import FileRefused, PlaceUnusable
from escruta.apps.published.limits import Limits

_OK = 200
_NOT_THERE = (404, 410)
_FORBIDDEN = 403
_REDIRECTS = (301, 302, 303, 307, 308)
_TRY_AGAIN = (408, 425, 429, 500, 502, 503, 504)

Sleep = Callable[[float], None]


class Attempt:
    """One file that is being fetched, as others may watch it."""

    def __init__(self) -> None:
        self.asked_at: float | None = None
        """When the server was asked, while it has not yet begun to answer (seconds, of the monotonic clock)."""


class _Again(Exception):  # noqa: N818 - a signal from one step to the next
    """It may help to ask again."""

    def __init__(self, error: PlaceUnusable | FileRefused, pause_s: float = 0.0) -> None:
        super().__init__()
        self.error = error
        self.pause_s = pause_s


class Fetcher:
    """Asks one server."""

    def __init__(self, client: httpx.Client, base: httpx.URL, limits: Limits, sleep: Sleep = time.sleep) -> None:
        """Ask below `base`, which ends with a slash."""
        self._client = client
        self._base = base
        self._limits = limits
        self._sleep = sleep

    def fetch(self, path: str, most_bytes: int, attempt: Attempt | None = None) -> bytes | None:
        """Give a file; None where the server says that it has none. Waits, and asks again, where that may help."""
        watched = attempt or Attempt()
        pause_s = self._limits.first_pause_s
        for tried in range(1, self._limits.tries + 1):
            try:
                return self._ask(path, most_bytes, watched)
            except _Again as again:
                if tried == self._limits.tries:
                    raise again.error from again.__cause__
                self._sleep(min(max(pause_s, again.pause_s), self._limits.longest_pause_s))
                pause_s *= 2
            finally:
                watched.asked_at = None
        raise AssertionError("there is at least one try")  # pragma: no cover

    def _ask(self, path: str, most_bytes: int, attempt: Attempt) -> bytes | None:
        url = self._base.join(_quoted(path))
        for _ in range(self._limits.redirects + 1):
            attempt.asked_at = time.monotonic()
            has_begun = False
            try:
                with self._client.stream("GET", url, headers=_headers_for(path)) as answer:
                    attempt.asked_at, has_begun = None, True
                    if answer.status_code not in _REDIRECTS:
                        return self._take(answer, path, str(url), most_bytes)
                    url = self._follow(answer, url)
            except httpx.TransportError as error:
                raise _Again(_broken(str(url), error, has_begun=has_begun)) from error
            except httpx.HTTPError as error:
                raise FileRefused("this answer cannot be used", where=str(url), found=error) from error
        raise PlaceUnusable(
            "the server sends us on and on", where=str(url), found=f"more than {self._limits.redirects} redirects"
        )

    def _take(self, answer: httpx.Response, path: str, where: str, most_bytes: int) -> bytes | None:
        status = answer.status_code
        if status == _OK:
            return receive(answer, path, where, most_bytes, self._limits)
        if status in _NOT_THERE or (status == _FORBIDDEN and _is_object_store(answer)):
            return None
        found = f"{status} {answer.reason_phrase}"
        if status in _TRY_AGAIN:
            advice = "Try later, or another mirror."
            raise _Again(
                PlaceUnusable("the server cannot answer now", where=where, found=found, advice=advice),
                _seconds(answer.headers.get("retry-after", "")),
            )
        raise FileRefused("the server does not give the file", where=where, found=found, expected="200 or 404")

    def _follow(self, answer: httpx.Response, url: httpx.URL) -> httpx.URL:
        """Give where a redirect leads, which must be the same server."""
        if answer.next_request is None:
            raise FileRefused("the server sends us nowhere", where=str(url), found=f"{answer.status_code}, no Location")
        target = answer.next_request.url
        if _origin(target) != _origin(self._base):
            raise PlaceUnusable(
                "the server sends us to another one",
                where=str(url),
                found=str(target),
                expected=f"{self._base.scheme}://{self._base.netloc.decode('ascii')}",
                advice="If you trust that address, name it yourself.",
            )
        return target


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _quoted(path: str) -> str:
    """Write a path so that no part of it can be taken for a host, a query or an escape."""
    safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~/"
    return "./" + "".join(each if each in safe else "".join(f"%{byte:02X}" for byte in each.encode()) for each in path)


def _headers_for(path: str) -> dict[str, str]:
    """Ask for what stands there now, where it may change."""
    return {} if "tile/" in path else {"Cache-Control": "no-cache"}


def _is_object_store(answer: httpx.Response) -> bool:
    """Tell whether 403 may mean "there is none": object stores say so to whoever may not list them."""
    return "x-amz-request-id" in answer.headers


def _seconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() and len(text) <= len("86400") else 0.0


def _broken(where: str, error: httpx.TransportError, *, has_begun: bool) -> PlaceUnusable | FileRefused:
    found = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if has_begun:
        return FileRefused(
            "the file was cut off on its way", where=where, found=found, advice="Try later, or another mirror."
        )
    return PlaceUnusable(
        "the server does not answer", where=where, found=found, advice="Check the address, or try another mirror."
    )
