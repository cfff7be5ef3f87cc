"""The log of the record that is checked: as it was published, and as it is when more has gone in."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from tests.e2e.checking.served import PREFIX, Served
from tests.unit.portal.make_log import LOG_SIGNERS, make_log

from escruta.record.digests import DIGESTS, INDEX, digest_of
from escruta.record.entries import entry

VOUCHED: dict[str, Any] = {
    "signers": LOG_SIGNERS[:1],
    "cosigned_by": ("red", "blue"),
    "quorum": "group all 2 red blue observers\nquorum all\n",
}
"""Signatures that the browser knows by itself; the page of one sheet is tested with all others."""


def list_of(record: Path) -> bytes:
    site = record / "site"
    return entry("pages", number=1, sha256sums=digest_of(site / DIGESTS), sha256parts=digest_of(site / INDEX))


def list_of_earlier(record: Path) -> bytes:
    """The entry as earlier versions wrote it: their sites had no parts of the list."""
    return entry("pages", number=1, sha256sums=digest_of(record / "site" / DIGESTS))


def with_later_log(record: Path, *more: bytes) -> Path:
    """Give a record the log as it is when more has gone in."""
    shutil.rmtree(record / "log")
    make_log(record, more=more, **VOUCHED)
    return record


def serve_log(record: Path, server: Served) -> None:
    """Let the server give the log of another copy of the record."""
    log = f"{PREFIX.removesuffix('/site')}/log"
    for path in (each for each in (record / "log").rglob("*") if each.is_file()):
        server.changed[f"{log}/{path.relative_to(record / 'log').as_posix()}"] = path.read_bytes()
