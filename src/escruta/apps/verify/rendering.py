"""The pages of a record, made again from the record and held against what was published: what a page says, follows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from escruta.apps.published import paths_of_log
from escruta.apps.verify.files import Files
from escruta.apps.verify.findings import Findings, RecordFaultKind
from escruta.apps.verify.parts import PAGES_LIST
from escruta.apps.verify.places import Progress, Watched
from escruta.base.errors import InputError
from escruta.portal import render_site
from escruta.portal.words import known_languages
from escruta.record.digests import DIGESTS, PARTS, digest_of
from escruta.record.logbook import LOG
from escruta.record.writing import SITE
from escruta.tlog.building import CHECKPOINT

_LISTS = (PAGES_LIST, f"{SITE}/{PARTS}/")
"""What follows from the digests of the other files: it is held against them elsewhere."""


def verify_rendering(
    place: Watched, files: Files, pages: Files, kept: Iterable[str], size: int, findings: Findings, progress: Progress
) -> None:
    """Render the pages in a folder of our own, from the files that were verified, and compare every byte.

    `kept` are the checkpoints that are kept beside the log, and `size` is how many entries the log has.
    """
    own = [path for path in pages.listed if path.startswith(f"{SITE}/") and not path.startswith(_LISTS)]
    with TemporaryDirectory() as name:
        record = Path(name) / "record"
        needed = [*files.listed, DIGESTS, *(f"{LOG}/{each}" for each in (CHECKPOINT, *kept, *paths_of_log(size)))]
        place.prefetch(needed)
        for path in needed:
            _copy(place, path, record)
        try:
            render_site(record, record / SITE, languages=_languages(own), progress=progress)
        except InputError as error:
            findings.leave("what the pages say", f"they could not be made again: {error.what}")
            return
        differing = [path for path in own if not _is_same(record / path, pages.listed[path])]
        written = {path.relative_to(record).as_posix() for path in (record / SITE).rglob("*") if path.is_file()}
    for path in differing:
        what = "the page is not the one that follows from the record (made by this version of the software)"
        findings.fault(RecordFaultKind.NOT_RECOMPUTED, path, what)
    for path in sorted(path for path in written.difference(own) if not path.startswith(_LISTS)):
        findings.fault(RecordFaultKind.NOT_RECOMPUTED, path, "this page follows from the record, and was not published")
    if not differing:
        findings.checked.append(f"what the pages say: {len(own)} files made again from the record, byte for byte")


def _copy(place: Watched, path: str, record: Path) -> None:
    raw = place.read(path)
    if raw is not None:
        (record / path).parent.mkdir(parents=True, exist_ok=True)
        (record / path).write_bytes(raw)


def _languages(pages: Iterable[str]) -> tuple[str, ...] | None:
    """Tell which languages were rendered; None for those of the definition, in its order."""
    found = {path.split("/")[1] for path in pages if path.count("/") > 1} & set(known_languages())
    return tuple(sorted(found)) if len(found) == 1 else None


def _is_same(path: Path, digest: str) -> bool:
    return path.is_file() and digest_of(path) == digest
