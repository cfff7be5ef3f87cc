"""Write into a bucket under conditions: nothing is replaced but the checkpoint, and that only as it was looked at.

Source: RFC 9110, sections 13.1.1 (`If-Match`) and 13.1.2 (`If-None-Match`).
"""

from __future__ import annotations

import gzip
import hashlib
from typing import TYPE_CHECKING

from escruta.apps.mirror.errors import BucketDiffers
from escruta.apps.published.buckets import PublishedBucket, explained
from escruta.tlog.building import CHECKPOINT

if TYPE_CHECKING:
    from obstore import Attributes, PutMode

BUNDLES = "tile/entries/"
FOR_EVER = "public, max-age=31536000, immutable"
TWO_SECONDS = "public, max-age=2"
TEXT, OCTETS = "text/plain; charset=utf-8", "application/octet-stream"


class LogBucket:
    """The part of a bucket that holds one log."""

    def __init__(self, bucket: PublishedBucket, folder: str, *, packs: bool) -> None:
        """Write below `folder`; with `packs` bundles are stored packed with gzip, for those who serve them so."""
        self._bucket = bucket
        self._folder = folder
        self._packs = packs
        self.published = bucket.under(folder)

    def listed(self) -> dict[str, tuple[int, str]]:
        """Give size and ETag of every object by its path in the log."""
        prefix = f"{self._folder}/"
        return {path.removeprefix(prefix): each for path, each in self._bucket.listed(self._folder).items()}

    def is_same(self, path: str, raw: bytes, listed: tuple[int, str]) -> bool:
        """Tell from a list whether an object is stored as we would store it, where the ETag is an MD5."""
        stored = self._stored(path, raw)
        digest = hashlib.md5(stored, usedforsecurity=False).hexdigest()  # what the store computes, not a proof
        return listed == (len(stored), f'"{digest}"')

    def put(self, path: str, raw: bytes) -> bool:
        """Write a file that never changes; tells whether it was not there. Raises `BucketDiffers` for other bytes."""
        attributes: Attributes = {"Content-Type": OCTETS, "Cache-Control": FOR_EVER}
        if self._is_packed(path):
            attributes["Content-Encoding"] = "gzip"
        if self._put(path, self._stored(path, raw), "create", attributes) is not None:
            return True
        self.require_same(path, raw)
        return False

    def require_same(self, path: str, raw: bytes) -> None:
        """Read an object, and raise `BucketDiffers` where it holds other bytes."""
        found = self.published.read(path)
        if found != raw:
            raise BucketDiffers(
                "the bucket holds other bytes in the place of a file of this log",
                where=self.published.locate(path),
                found="nothing any more" if found is None else f"{len(found)} bytes, SHA-256 {_sha256(found)}",
                expected=f"{len(raw)} bytes, SHA-256 {_sha256(raw)}",
                advice="Nothing was replaced. Ask who else can write there; keep what is there as evidence.",
            )

    def checkpoint(self) -> tuple[bytes, str] | None:
        """Give the checkpoint with its ETag."""
        stored = self._bucket.get(f"{self._folder}/{CHECKPOINT}", self._bucket.limits.file_bytes)
        return None if stored is None else (stored.raw, stored.e_tag)

    def put_checkpoint(self, raw: bytes, e_tag: str | None) -> bool:
        """Write the checkpoint where it is still the one of this ETag, or where there is none; tells whether it was."""
        mode: PutMode = "create" if e_tag is None else {"e_tag": e_tag}
        return self._put(CHECKPOINT, raw, mode, {"Content-Type": TEXT, "Cache-Control": TWO_SECONDS}) is not None

    def _put(self, path: str, raw: bytes, mode: PutMode, attributes: Attributes) -> object | None:
        """Write an object; None where its condition does not hold."""
        import obstore  # noqa: PLC0415 - an extra; who has opened a bucket has it
        from obstore.exceptions import AlreadyExistsError, PreconditionError  # noqa: PLC0415

        with explained(self.published.locate(path)):
            try:
                return obstore.put(self._bucket.store, f"{self._folder}/{path}", raw, mode=mode, attributes=attributes)
            except (AlreadyExistsError, PreconditionError):
                return None

    def _is_packed(self, path: str) -> bool:
        return self._packs and path.startswith(BUNDLES)

    def _stored(self, path: str, raw: bytes) -> bytes:
        return gzip.compress(raw, 9, mtime=0) if self._is_packed(path) else raw


def _sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
