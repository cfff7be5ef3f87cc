"""The parts of a list of pages, held against the whole list: whoever reads only parts is told the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256

from escruta.apps.verify.findings import Findings, RecordFaultKind
from escruta.apps.verify.places import Watched
from escruta.record.digests import DIGESTS, INDEX, PARTS, Parts, parts_of
from escruta.record.writing import SITE

PAGES_LIST = f"{SITE}/{DIGESTS}"
"""The whole list."""

_LINE = re.compile("([0-9a-f]{64})  ([0-9a-f]{1,16})")
_NO_LINES = sha256(b"").hexdigest()


def verify_parts(place: Watched, listed: Mapping[str, str], expected: str | None, findings: Findings) -> dict[str, str]:
    """Verify that the parts say what the whole list says; give the parts and their index, with their digests.

    `listed` is the whole list: by path from the top of the record.
    `expected` is the digest of the index that the log names; None where it names none, as a site of an earlier version.
    """
    for path in (each for each in listed if each.startswith(f"{SITE}/{PARTS}/")):
        what = "the list names a file among its own parts, where no page and no figures belong"
        findings.fault(RecordFaultKind.MALFORMED, PAGES_LIST, what, found=path)
    if expected is None:
        return {}
    index = f"{SITE}/{INDEX}"
    raw = place.read(index)
    named = _parts_of(listed).digests if raw is None else _read_index(raw, index, findings)
    if listed and named:
        _compare(place, named, _parts_of(listed, len(next(iter(named)))), findings)
    return {index: expected, **{f"{SITE}/{PARTS}/{name}": digest for name, digest in named.items()}}


def _read_index(raw: bytes, index: str, findings: Findings) -> Mapping[str, str]:
    """Read the digest of each part by its name; names are of one length, and none stands there twice."""
    named: dict[str, str] = {}
    for row, line in enumerate(raw.decode("utf-8", "replace").removesuffix("\n").split("\n"), 1):
        match = _LINE.fullmatch(line)
        if match is None or match[2] in named or len(match[2]) != len(next(iter(named), match[2])):
            what = f"line {row} names no part of the list of pages, or one that was named before"
            findings.fault(RecordFaultKind.MALFORMED, index, what, found=line[:200])
            continue
        named[match[2]] = match[1]
    return named


def _parts_of(listed: Mapping[str, str], digits: int | None = None) -> Parts:
    """Cut the whole list into parts, with paths as it has them: from the folder of the pages."""
    base = f"{SITE}/"
    own = ((path.removeprefix(base) if path.startswith(base) else f"../{path}", path) for path in listed)
    return parts_of([f"{listed[path]}  {name}\n" for name, path in own], digits=digits)


def _compare(place: Watched, named: Mapping[str, str], parts: Parts, findings: Findings) -> None:
    for name in sorted(named.keys() | parts.digests.keys()):
        if name not in named:
            what = f"the index names no part {name}, in which lines of {PAGES_LIST} belong"
            findings.fault(RecordFaultKind.MISSING, f"{SITE}/{INDEX}", what, expected=parts.lines[name][0].rstrip())
        elif named[name] != parts.digests.get(name, _NO_LINES):
            _tell_difference(place, f"{SITE}/{PARTS}/{name}", {*parts.lines.get(name, ())}, findings)


def _tell_difference(place: Watched, path: str, expected: set[str], findings: Findings) -> None:
    """Tell a part that was published with other lines than the whole list has."""
    found = {*(place.read(path) or b"").decode("utf-8", "replace").splitlines(keepends=True)}
    more, fewer = sorted(found - expected), sorted(expected - found)
    what = f"the part does not say what {PAGES_LIST} says: {len(more)} lines more, and {len(fewer)} fewer"
    if not more and not fewer:
        what = "the index gives the part another digest than that of its lines"
    findings.fault(
        RecordFaultKind.DIFFERS,
        path,
        what,
        found=more[0].rstrip() if more else None,
        expected=fewer[0].rstrip() if fewer else None,
    )
