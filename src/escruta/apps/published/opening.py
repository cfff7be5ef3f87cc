"""From the name of a place to the place."""

from __future__ import annotations

from pathlib import Path

from escruta.apps.published.archives import PublishedArchive
from escruta.apps.published.errors import PlaceUnusable
from escruta.apps.published.folders import PublishedFolder
from escruta.apps.published.limits import LIMITS, Limits
from escruta.apps.published.places import Published


def open_published(place: str, limits: Limits = LIMITS) -> Published:
    """Open a folder, a zip file, or what lies below an http(s) or s3 URL.

    Raises `PlaceUnusable` where there is no such place, and `ArchiveUnsafe` for an archive that nobody should open.
    """
    scheme, colon, _ = place.partition("://")
    if colon:
        return _open_far(scheme.lower(), place, limits)
    path = Path(place)
    if path.is_dir():
        return PublishedFolder(place, limits)
    if path.is_file():
        return PublishedArchive(place, limits)
    raise PlaceUnusable(
        "there is no such place",
        where=place,
        expected="a folder, a .zip, or an http(s) URL",
        advice="Check the name.",
    )


def _open_far(scheme: str, place: str, limits: Limits) -> Published:
    if scheme in {"http", "https"}:
        from escruta.apps.published.servers import PublishedServer  # noqa: PLC0415 - a folder needs no client of HTTP

        return PublishedServer(place, limits)
    if scheme == "s3":
        from escruta.apps.published.buckets import PublishedBucket  # noqa: PLC0415 - an extra

        return PublishedBucket(place, limits)
    raise PlaceUnusable("we cannot read from there", where=place, found=scheme, expected="http, https or s3")
