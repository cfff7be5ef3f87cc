"""The script, its style, what it is told, and the file that it asks for."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib import metadata
from importlib.resources import files
from pathlib import Path

from escruta.portal.words import Words
from escruta.record.digests import DIGESTS, digest_of

LIVE = "assets/live.js"
"""The script's address inside the site's folder."""
VERSION = "version.json"
"""The address of the file that changes with every record."""
FORMAT = "escruta/version/v1"
_PROGRAM = re.compile("[0-9a-f]{64}")
_MAKER = re.compile(r"escruta [0-9][0-9A-Za-z.+]{0,40}")
_SAID = ("newer", "show", "shown")


MADE_BY = f"escruta {metadata.version('escruta')}"
"""Which program makes pages, and in which version; another version may make others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What a site says of itself; None and nothing where it does not say it, as those of earlier versions."""

    record: str | None
    """The digest of the list of files of the record that the pages show."""
    made_by: str | None
    """As `MADE_BY`."""
    program: str | None
    """The digest of its files: of two states of one version in the making, it tells which."""
    languages: tuple[str, ...]
    """The languages of the pages, the front door first."""

    @property
    def maker(self) -> str:
        """Who made the pages, for a message."""
        if self.made_by is None:
            return "a version of escruta that does not say which"
        return self.made_by if self.program is None else f"{self.made_by} (program {self.program[:12]})"


def version_file(record: Path, languages: Sequence[str], program: str) -> bytes:
    """Say which record the pages show, by the digest of its list of files, and who made them in which languages.

    `program` is the digest of what makes them.
    """
    said = {
        "format": FORMAT,
        "record": digest_of(record / DIGESTS),
        "made_by": MADE_BY,
        "program": program,
        "languages": [*languages],
    }
    return (json.dumps(said) + "\n").encode()


def read_version(raw: bytes | None) -> Version:
    """Read what a site says of itself; what is not in its form says nothing."""
    try:
        said = json.loads(raw or b"{}")
    except (ValueError, RecursionError):
        said = {}
    known = said if isinstance(said, dict) else {}
    record, made_by, program, languages = (known.get(name) for name in ("record", "made_by", "program", "languages"))
    return Version(
        record=record if isinstance(record, str) else None,
        made_by=made_by if isinstance(made_by, str) and _MAKER.fullmatch(made_by) else None,
        program=program if isinstance(program, str) and _PROGRAM.fullmatch(program) else None,
        languages=tuple(each for each in languages if isinstance(each, str)) if isinstance(languages, list) else (),
    )


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
