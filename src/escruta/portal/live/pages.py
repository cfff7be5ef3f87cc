"""The script, its style, what it is told, and the file that it asks for."""

from __future__ import annotations

import json
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path

from escruta.portal.words import Words
from escruta.record.digests import DIGESTS, digest_of

LIVE = "assets/live.js"
"""The script's address inside the site's folder."""
VERSION = "version.json"
"""The address of the file that changes with every record."""
FORMAT = "escruta/version/v1"
_SAID = ("newer", "show", "shown")


def version_file(record: Path) -> bytes:
    """Say which record the pages show, by the digest of its list of files."""
    return (json.dumps({"format": FORMAT, "record": digest_of(record / DIGESTS)}) + "\n").encode()


def script_tag(words: Words, up: str, zone: str) -> str:
    """Write the element that loads the script; `up` leads to the site's folder, `zone` is the election's."""
    said = "".join(f' data-{name}="{escape(str(words.forms[f"live.{name}"]))}"' for name in _SAID)
    return f'<script src="{up}{LIVE}" defer data-zone="{escape(zone)}"{said}></script>'


@cache
def script() -> bytes:
    """Give the script."""
    return (files("escruta.portal.live") / "live.js").read_bytes()


@cache
def live_style() -> str:
    """Give the style of the notice."""
    return (files("escruta.portal.live") / "live.css").read_text(encoding="utf-8")
