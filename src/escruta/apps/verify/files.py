"""The files of a record and its pages: the log names the list of digests, the list names the files."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from escruta.apps.verify.findings import Findings, RecordFaultKind
from escruta.apps.verify.logged import Logged
from escruta.apps.verify.parts import PAGES_LIST, verify_parts
from escruta.apps.verify.places import Progress, Watched
from escruta.record.digests import DIGESTS
from escruta.record.logbook import CHECKPOINTS, LOG
from escruta.record.writing import SITE
from escruta.tlog.building import CHECKPOINT

EVIDENCE = "evidence"
_LINE = re.compile(r"([0-9a-f]{64})  ([^\x00-\x1f\\]+)")
_OUTSIDE = re.compile(r"(^|/)\.{1,2}(/|$)|^/|//")
_STEP = 64
"""Files between two steps of the progress."""


@dataclass(slots=True)
class Files:
    """The files that a list of digests names, and which of them are as it says."""

    listed: dict[str, str] = field(default_factory=dict)
    """Path from the top of the record, and SHA-256."""
    sound: set[str] = field(default_factory=set)
    is_logged: bool = False
    """Whether the list is the one that the log names."""


def verify_files(place: Watched, logged: Logged, findings: Findings, progress: Progress) -> Files:
    """Verify the record's own files against the list that the log names."""
    if logged.history.record is None:
        findings.fault(RecordFaultKind.NOT_LOGGED, DIGESTS, "the log names no record", found="no entry of a record")
    files = _read_list(place, DIGESTS, "", logged.history.record, findings)
    _verify_digests(place, files, findings, progress, "verify-files")
    if files.listed:
        findings.checked.append(f"files: {len(files.sound)} of {len(files.listed)} are as the log names them")
    return files


def verify_pages(place: Watched, logged: Logged, findings: Findings, progress: Progress) -> Files | None:
    """Verify the pages; None where none were published with this record."""
    expected = logged.history.page_list
    if expected is None:
        findings.leave("the pages", "none were published with this record")
        return None
    files = _read_list(place, PAGES_LIST, f"{SITE}/", expected, findings)
    files.listed |= verify_parts(place, files.listed, logged.history.page_parts, findings)
    _verify_digests(place, files, findings, progress, "verify-pages")
    for path, digest in files.listed.items():
        own = path.removeprefix(f"{SITE}/")
        if path.endswith(".html") and (own, digest) not in logged.pages:
            findings.fault(RecordFaultKind.NOT_LOGGED, path, "the log has no such page", found=digest)
    if files.listed:
        findings.checked.append(
            f"pages: {len(files.sound)} of {len(files.listed)} files have the digests that the log names"
        )
    return files


def _read_list(place: Watched, path: str, base: str, expected: str | None, findings: Findings) -> Files:
    files = Files()
    raw = place.read(path)
    if raw is None:
        findings.fault(RecordFaultKind.MISSING, path, "the list of digests is not there")
        return files
    digest = sha256(raw).hexdigest()
    files.is_logged = digest == expected
    if expected is not None and digest != expected:
        what = "the list of digests is not the one that the log names last"
        findings.fault(RecordFaultKind.DIFFERS, path, what, found=digest, expected=expected)
    for row, line in enumerate(raw.decode("utf-8", "replace").removesuffix("\n").split("\n"), 1):
        match = _LINE.fullmatch(line)
        target = None if match is None else _target(base, match[2])
        if match is None or target is None:
            findings.fault(RecordFaultKind.MALFORMED, path, f"line {row} names no file of the record", found=line[:200])
            continue
        if target in files.listed:
            is_same = files.listed[target] == match[1]
            says = (
                "names a file that a line before it names"
                if is_same
                else "gives a file another digest than a line before it"
            )
            findings.fault(
                RecordFaultKind.MALFORMED, path, f"line {row} {says}", found=line[:200], expected="one line a file"
            )
            continue
        files.listed[target] = match[1]
    return files


def _target(base: str, path: str) -> str | None:
    """Give the path from the top of the record; a list of pages may name the checkpoints that their proofs lead to."""
    kept = f"../{LOG}/{CHECKPOINTS}/"
    if base and path.startswith(kept):
        base, path = "", path.removeprefix("../")
    return None if _OUTSIDE.search(path) else base + path


def _verify_digests(place: Watched, files: Files, findings: Findings, progress: Progress, stage: str) -> None:
    place.prefetch(files.listed)
    for done, (path, expected) in enumerate(files.listed.items()):
        if done % _STEP == 0:
            progress(stage, done, len(files.listed))
        told = len(findings.faults)
        raw = place.read(path)
        if raw is None:
            if len(findings.faults) == told:
                findings.fault(RecordFaultKind.MISSING, path, "the file is listed, and not there")
            continue
        digest = sha256(raw).hexdigest()
        if digest == expected:
            files.sound.add(path)
        else:
            what = "the file is not the one that was published"
            findings.fault(RecordFaultKind.DIFFERS, path, what, found=digest, expected=expected)
    progress(stage, len(files.listed), len(files.listed))


def verify_no_others(
    place: Watched, read: Collection[str], pages: Files | None, findings: Findings, *, with_pages: bool
) -> None:
    """Tell files that nothing lists: whoever opens them would take them for part of the record."""
    paths = place.paths()
    if paths is None:
        findings.leave("files that nothing lists", "the files cannot be listed here")
        return
    listed = {*read, *(pages.listed if pages is not None else ()), DIGESTS, f"{LOG}/{CHECKPOINT}"}
    if pages is not None:
        listed.add(PAGES_LIST)
    for path in _others(paths, listed, with_pages=with_pages):
        if path.startswith(f"{LOG}/{EVIDENCE}/"):
            what = "somebody showed or said what contradicts this log: read it"
            findings.fault(RecordFaultKind.CONTRADICTED, path, what)
        else:
            findings.fault(RecordFaultKind.NOT_OF_THE_RECORD, path, "nothing of the record lists this file")


def _others(paths: Iterable[str], listed: Collection[str], *, with_pages: bool) -> Iterable[str]:
    for path in paths:
        is_left_out = path.startswith((f"{LOG}/tile/", *(() if with_pages else (f"{SITE}/", f"{LOG}/{CHECKPOINTS}/"))))
        if path not in listed and not is_left_out:
            yield path
