"""A published place in a bucket of an S3-compatible object store."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from escruta.apps.published.bodies import unpack_whole
from escruta.apps.published.errors import PlaceUnusable
from escruta.apps.published.limits import LIMITS, Limits
from escruta.apps.published.places import Published, too_large

if TYPE_CHECKING:
    from obstore.store import S3Store

_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
"""Where none of these is set, a bucket is read as anybody may read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An object as it is stored."""

    raw: bytes
    """What stands for the reader: unpacked, where it is stored packed."""
    e_tag: str


class PublishedBucket(Published):
    """What lies below `s3://BUCKET/PREFIX`. Endpoint and credentials come from the usual variables (`AWS_…`)."""

    def __init__(
        self, place: str, limits: Limits = LIMITS, *, endpoint: str | None = None, is_for_writing: bool = False
    ) -> None:
        """Open nothing yet; the store named by `endpoint` goes before the one in the environment."""
        super().__init__(place, limits)
        self._library, self.store = _open_store(place, endpoint, limits, needs_key=is_for_writing)

    def get(self, path: str, most_bytes: int) -> Stored | None:
        """Give an object with what tells this version of it apart; None where there is none."""
        where = self.locate(path)
        with explained(where):
            try:
                found = self._library.get(self.store, path)
            except FileNotFoundError:
                return None
            size, e_tag = found.meta["size"], found.meta["e_tag"] or ""
            if size > most_bytes:
                raise too_large(where, f"{size} bytes", most_bytes)
            coding = found.attributes.get("Content-Encoding", "")
            raw = bytes(found.bytes())
        return Stored(raw=unpack_whole(raw, coding, where, most_bytes), e_tag=e_tag)

    def _read(self, path: str, most_bytes: int) -> bytes | None:
        stored = self.get(path, most_bytes)
        return None if stored is None else stored.raw

    def paths(self) -> Iterator[str]:
        """Give the path of every object."""
        return iter(sorted(self.listed()))

    def listed(self, folder: str | None = None) -> dict[str, tuple[int, str]]:
        """Give size and ETag of every object, by its path."""
        with explained(self.place):
            chunks = self._library.list(self.store, folder, chunk_size=1000)
            return {each["path"]: (each["size"], each["e_tag"] or "") for chunk in chunks for each in chunk}


@contextmanager
def explained(where: str) -> Iterator[None]:
    """Tell what a store complains of, in place of an error of the library."""
    from obstore.exceptions import BaseError  # noqa: PLC0415 - an extra

    try:
        yield
    except (BaseError, OSError, ValueError) as error:
        raise PlaceUnusable(
            "the object store does not do what was asked",
            where=where,
            found=str(error).partition("\n")[0],
            advice="Look at the bucket's name, the endpoint, and the credentials in AWS_ACCESS_KEY_ID and the like.",
        ) from error


def _open_store(place: str, endpoint: str | None, limits: Limits, *, needs_key: bool) -> tuple[Any, S3Store]:
    bucket, _, prefix = place.partition("://")[2].partition("/")
    if not bucket:
        raise PlaceUnusable("this names no bucket", where=place, expected="s3://BUCKET or s3://BUCKET/PREFIX")
    try:
        import obstore  # noqa: PLC0415 - an extra: not everybody has a bucket
        from obstore.store import S3Store  # noqa: PLC0415
    except ImportError as error:
        raise PlaceUnusable(
            "what speaks to object stores is not installed", where=place, advice="pip install 'escruta[s3]'"
        ) from error
    settings: dict[str, Any] = {} if endpoint is None else {"endpoint": endpoint}
    if not needs_key and not any(os.environ.get(name) for name in _KEYS):
        settings["skip_signature"] = True
    is_plain = (endpoint or os.environ.get("AWS_ENDPOINT_URL", "")).startswith("http://")
    with explained(place):
        store = S3Store(
            bucket,
            prefix=prefix.strip("/") or None,
            client_options={"allow_http": is_plain, "timeout": f"{limits.patience_s:.0f}s"},
            retry_config={"max_retries": limits.tries, "retry_timeout": timedelta(seconds=limits.patience_s)},
            **settings,
        )
    return obstore, store
