"""The pages of a record, made again from the record and held against what was published: what a page says, follows."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from escruta.apps.published import paths_of_log
from escruta.apps.verify.files import Files
from escruta.apps.verify.findings import Findings, RecordFaultKind
from escruta.apps.verify.parts import PAGES_LIST
from escruta.apps.verify.places import Progress, Watched
from escruta.base.errors import FileUnreadable, InputError
from escruta.portal import render_site
from escruta.portal.live import VERSION, Version, read_version
from escruta.portal.words import known_languages
from escruta.record.digests import DIGESTS, PARTS, digest_of
from escruta.record.logbook import LOG
from escruta.record.writing import SITE
from escruta.tlog.building import CHECKPOINT

_VERSION = f"{SITE}/{VERSION}"
_NO_SUCH_PATH = frozenset({errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG})
"""What a disk says of `a` beside `a/b`, and of a name that is too long; a zip file and a server can have both."""
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
        if not _is_laid_out(place, needed, record, findings):
            return
        spoilt = next((path for path, digest in files.listed.items() if not _is_same(record / path, digest)), None)
        if spoilt is not None:
            what = f"they cannot be made again: {spoilt} is not the file that was published"
            findings.leave("what the pages say", what)
            return
        published = read_version(place.read(_VERSION))
        try:
            render_site(record, record / SITE, languages=_languages(own, published), progress=progress)
        except FileUnreadable as error:
            what = f"the pages cannot be made from this file: {error.what}"
            file = error.spot or "the record"
            findings.fault(RecordFaultKind.MALFORMED, file, what, found=error.found, expected=error.expected)
            return
        except InputError as error:
            findings.leave("what the pages say", f"they could not be made again: {error.what}")
            return
        differing = [path for path in own if not _is_same(record / path, pages.listed[path])]
        written = {path.relative_to(record).as_posix() for path in (record / SITE).rglob("*") if path.is_file()}
        rendered = read_version((record / _VERSION).read_bytes())
    more = sorted(path for path in written.difference(own) if not path.startswith(_LISTS))
    if (published.made_by, published.program) != (rendered.made_by, rendered.program):
        others = [path for path in (*differing, *more) if path != _VERSION]
        _judge_other_version(published, rendered, len(own), len(others), findings)
        return
    for path in differing:
        what = "the page is not the one that follows from the record (made by this version of the software)"
        findings.fault(RecordFaultKind.NOT_RECOMPUTED, path, what)
    for path in more:
        findings.fault(RecordFaultKind.NOT_RECOMPUTED, path, "this page follows from the record, and was not published")
    if not differing:
        findings.checked.append(f"what the pages say: {len(own)} files made again from the record, byte for byte")


def _is_laid_out(place: Watched, needed: Sequence[str], record: Path, findings: Findings) -> bool:
    """Copy files into a folder; where it cannot hold all of them, that is a fault of the record."""
    place.prefetch(needed)
    for path in needed:
        try:
            _copy(place, path, record)
        except OSError as error:
            if error.errno not in _NO_SUCH_PATH:
                raise
            what = "no folder can hold this file beside the others"
            findings.fault(RecordFaultKind.MALFORMED, path, what, found=error.strerror)
            return False
    return True


def _copy(place: Watched, path: str, record: Path) -> None:
    raw = place.read(path)
    if raw is not None:
        (record / path).parent.mkdir(parents=True, exist_ok=True)
        (record / path).write_bytes(raw)


def _judge_other_version(published: Version, rendered: Version, files: int, others: int, findings: Findings) -> None:
    """Tell pages of another version of the program apart from pages that say something else: as far as that can be.

    Where they are the same but for the version, all is well. Where they differ, nobody can say here whether that is
    more than the version; that is no pass.
    """
    if published.record != rendered.record:
        what = "the pages say that they show another record"
        if published.record is None:
            what = "the pages do not say which record they show"
        findings.fault(RecordFaultKind.NOT_RECOMPUTED, _VERSION, what, found=published.record, expected=rendered.record)
    if not others:
        text = (
            f"{files} files that {published.maker} made, made again from the record by {rendered.maker}, byte for byte"
        )
        findings.checked.append(f"what the pages say: {text}")
        return
    number = (published.made_by or "").removeprefix("escruta ")
    is_other = number and published.made_by != rendered.made_by
    advice = f'verify with that version (pip install "escruta=={number}")' if is_other else "verify with that version"
    what = (
        f"another version made these pages, and {others} of {files} files are not those of this one: whether they say "
        f"anything else cannot be told. To check what they say, {advice}, or make them again: escruta pages"
    )
    findings.fault(RecordFaultKind.NOT_RECOMPUTED, _VERSION, what, found=published.maker, expected=rendered.maker)


def _languages(pages: Iterable[str], published: Version) -> tuple[str, ...] | None:
    """Tell which languages were rendered, as the site says it; None for those of the definition, in its order."""
    known = set(known_languages())
    found = {path.split("/")[1] for path in pages if path.count("/") > 1} & known
    if found == set(published.languages):
        return published.languages
    return tuple(sorted(found)) if len(found) == 1 else None


def _is_same(path: Path, digest: str) -> bool:
    return path.is_file() and digest_of(path) == digest
