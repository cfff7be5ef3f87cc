"""A published place on a web server."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from importlib.metadata import version

import httpx

from escruta.apps.published.errors import PlaceUnusable
from escruta.apps.published.fetching import Attempt, Fetcher, Sleep
from escruta.apps.published.limits import LIMITS, Limits
from escruta.apps.published.logs import largest_of
from escruta.apps.published.places import Published, too_large

_LOOK_S = 0.25
"""How often we look whether a server that is silent has been so for too long."""


class PublishedServer(Published):
    """What lies below an http(s) URL; its files cannot be listed."""

    def __init__(self, place: str, limits: Limits = LIMITS, sleep: Sleep = time.sleep) -> None:
        """Open nothing yet: the first file shows whether the server answers."""
        base = _require_plain(place)
        super().__init__(str(base), limits)
        self._client = httpx.Client(
            verify=base.scheme == "https",  # without it there is nothing to verify, and no redirect leads there
            timeout=httpx.Timeout(limits.answer_s, pool=None),
            limits=httpx.Limits(max_connections=limits.at_once),
            headers={"User-Agent": f"escruta/{version('escruta')}", "Accept": "*/*", "Accept-Encoding": "gzip"},
        )
        self._fetcher = Fetcher(self._client, base, limits, sleep)
        self._executor = ThreadPoolExecutor(limits.at_once, thread_name_prefix="fetch")
        self._ahead: dict[str, Fetch] = {}
        self._coming: Iterator[str] = iter(())

    def _read(self, path: str, most_bytes: int) -> bytes | None:
        fetch = self._ahead.pop(path, None) or self._start(path, most_bytes)
        self._fetch_ahead()
        while not wait([fetch.future], timeout=_LOOK_S).done:
            self._require_patience(fetch)
        raw = fetch.future.result()
        if raw is not None and len(raw) > most_bytes:
            raise too_large(self.locate(path), f"{len(raw)} bytes", most_bytes)
        return raw

    def paths(self) -> None:
        """Give nothing: a web server lists no files."""
        return

    def prefetch(self, paths: Iterable[str]) -> None:
        """Begin to fetch files in this order, a few ahead of who reads; forgets what was asked for before."""
        for fetch in self._ahead.values():
            fetch.future.cancel()
        self._ahead, self._coming = {}, iter(paths)
        self._fetch_ahead()

    def close(self) -> None:
        """Break off whatever is under way."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        self._client.close()
        self._executor.shutdown(wait=True)

    def _start(self, path: str, most_bytes: int) -> Fetch:
        attempt = Attempt()
        return Fetch(attempt, self._executor.submit(self._fetcher.fetch, path, most_bytes, attempt))

    def _fetch_ahead(self) -> None:
        while len(self._ahead) < self.limits.ahead:
            path = next(self._coming, None)
            if path is None:
                return
            if path not in self._ahead:
                self._ahead[path] = self._start(path, largest_of(path) or self.limits.file_bytes)

    def _require_patience(self, fetch: Fetch) -> None:
        """Give up on a server that answers one byte after another and never comes to the file."""
        asked_at = fetch.attempt.asked_at
        if asked_at is not None and time.monotonic() - asked_at > self.limits.patience_s:
            self.close()
            raise PlaceUnusable(
                "the server does not come to the point",
                where=self.place,
                found=f"no answer after {self.limits.patience_s:.0f} seconds",
                advice="Try another mirror.",
            )


class Fetch:
    """A file on its way."""

    __slots__ = ("attempt", "future")

    def __init__(self, attempt: Attempt, future: Future[bytes | None]) -> None:
        self.attempt = attempt
        self.future = future


def _require_plain(place: str) -> httpx.URL:
    """Read a URL that names a folder on a server and nothing more; gives it with a slash at its end."""
    try:
        url = httpx.URL(place)
    except httpx.InvalidURL as error:
        raise PlaceUnusable("this is no URL", where=place, found=error) from error
    if not url.host or url.userinfo or url.query or url.fragment:
        raise PlaceUnusable(
            "this URL has no host, or more than we can use",
            where=f"{url.scheme}://{url.host}{url.path}",
            found="a name and password" if url.userinfo else "a query or fragment" if url.host else "no host",
            expected="http(s)://HOST/PATH",
        )
    if url.path.endswith(".zip"):
        advice = "Fetch it and name the file: a server gives no part of an archive."
        raise PlaceUnusable("this URL names an archive", where=place, expected="the address of a folder", advice=advice)
    return url.copy_with(path=url.path.rstrip("/") + "/")
