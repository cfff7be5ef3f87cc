"""A file as it came to us: its bytes, their digest, and the one file inside when it is a .gz or a .zip.

An archive is untrusted: it is expanded as a stream, never onto the disk, and what comes out is counted while it comes
out. What its headers promise is not believed.
"""

from __future__ import annotations

import fnmatch
import gzip
import hashlib
import io
import lzma
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Literal, cast

from escruta.base.errors import ArchiveUnsafe, FileUnreadable, LayoutMismatch

Wrapping = Literal["plain", "gzip", "zip"]

_GZIP = b"\x1f\x8b"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_TAR_AT, _TAR = 257, b"ustar"
_HEAD_BYTES = 512
_BUFFER_BYTES = 1 << 18
_LISTED = 10
_LARGE_BYTES = 16 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpansionLimits:
    """How far an archive may grow: real tally sheets shrink ten to thirty times, a bomb a thousand times."""

    expanded_bytes: int = 8 << 30
    """The most bytes that may come out."""
    ratio: int = 250
    """The most bytes that may come out for each byte on disk."""
    ratio_from_bytes: int = 16 << 20
    """The ratio is looked at only when more than this came out: a small file may be very regular."""


LIMITS = ExpansionLimits()

ARCHIVE_ERRORS = (
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
"""What the standard library raises, undocumented and documented, when an archive is damaged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One file of a source; `open` gives its content, expanded when it is packed.

    The file is not kept in memory. It must stay as it is while it is read: a change is noticed and is an error.
    """

    path: str
    """The file as the definition names it; used in every message and in the record."""
    name: str
    """The name of the content: without `.gz`, or the member's name."""
    size: int
    """Bytes on disk."""
    member: str | None
    """The member that is read, when the file is a .zip."""
    location: Path
    """Where the file lies on this machine; never written into a record."""
    wrapping: Wrapping
    """How the content is packed."""
    modified_ns: int
    """The file's time of change when it was hashed; only to notice a change while we read."""
    digest: Future[str] = field(compare=False, repr=False)
    """The SHA-256, which a thread of its own takes of a large file while the file is read."""
    limits: ExpansionLimits = LIMITS
    """How far the content may grow."""

    @property
    def sha256(self) -> str:
        """SHA-256 of the bytes on disk, 64 hexadecimal digits."""
        return self.digest.result()

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open the content for reading from its start.

        Raises `FileUnreadable` when the file changed, before or while it was read, or is damaged, and `ArchiveUnsafe`
        when it grows beyond the limits.
        """
        with self.location.open("rb") as raw:
            self._require_unchanged(raw)
            if self.wrapping == "plain":
                yield raw
            else:
                yield self._counted(self._expanding(raw))
            self._require_unchanged(raw)

    def head(self, size: int = _HEAD_BYTES) -> bytes:
        """Read the first bytes of the content."""
        with self.open() as content:
            return content.read(size)

    @contextmanager
    def open_seekable(self) -> Iterator[BinaryIO]:
        """Open the content so that one may jump in it; packed content is held in memory."""
        with self.open() as content:
            yield content if self.wrapping == "plain" else io.BytesIO(content.read())

    def _require_unchanged(self, raw: BinaryIO) -> None:
        now = os.fstat(raw.fileno())
        if (now.st_size, now.st_mtime_ns) != (self.size, self.modified_ns):
            raise FileUnreadable(
                "the file changed while it was being read",
                where=self.path,
                found=f"{now.st_size} bytes",
                expected=f"{self.size} bytes, unchanged",
                advice="Let whoever writes it finish, then run again.",
            )

    def _expanding(self, raw: BinaryIO) -> BinaryIO:
        if self.wrapping == "gzip":
            return cast("BinaryIO", gzip.GzipFile(fileobj=raw))
        try:
            return cast("BinaryIO", zipfile.ZipFile(raw).open(self.member or ""))
        except ARCHIVE_ERRORS as error:
            raise damaged_archive(self.path, error) from error

    def _counted(self, packed: BinaryIO) -> BinaryIO:
        counted = CountedStream(packed, where=self.path, packed_bytes=self.size, limits=self.limits)
        return cast("BinaryIO", io.BufferedReader(counted, _BUFFER_BYTES))


class CountedStream(io.RawIOBase):
    """Expands a packed stream and stops when more comes out than the limits allow."""

    def __init__(self, packed: BinaryIO, *, where: str, packed_bytes: int, limits: ExpansionLimits) -> None:
        """Wrap a stream that expands `packed_bytes` bytes of the file `where`."""
        self._packed = packed
        self._where = where
        self._packed_bytes = max(packed_bytes, 1)
        self._limits = limits
        self._expanded = 0

    def readable(self) -> bool:
        """Say that one may read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # typeshed hides the type of the buffer
        """Expand into the buffer."""
        try:
            chunk = self._packed.read(len(buffer))
        except ARCHIVE_ERRORS as error:
            raise damaged_archive(self._where, f"{error} after {self._expanded} expanded bytes") from error
        self._expanded += len(chunk)
        self._require_within_limits()
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def _require_within_limits(self) -> None:
        limits = self._limits
        ratio_limit = max(limits.ratio_from_bytes, limits.ratio * self._packed_bytes)
        most = min(limits.expanded_bytes, ratio_limit)
        if self._expanded > most:
            raise ArchiveUnsafe(
                "the archive grows too far when it is expanded",
                where=self._where,
                found=f"more than {most} bytes out of {self._packed_bytes}",
                expected=f"at most {limits.expanded_bytes} bytes and at most {limits.ratio} times its size",
                advice="If you trust it, expand it yourself and name the expanded file.",
            )


def open_source(
    path: Path | str,
    *,
    member: str | None = None,
    named: str | None = None,
    limits: ExpansionLimits = LIMITS,
) -> SourceFile:
    """Look at a file: its digest, how it is packed, and which member is meant.

    `member` is a pattern such as `*.csv` for a .zip that holds more than one file. `named` is the file's name in
    messages and in the record, when that is not `path` (a definition names a file relative to a folder).

    Raises `FileUnreadable`, or `ArchiveUnsafe` for an archive that hides paths, is locked or leaves a choice.
    """
    location = Path(path)
    where = str(path) if named is None else named
    with _open_regular(location, where) as raw:
        status = os.fstat(raw.fileno())
        wrapping, chosen = _look_inside(raw, where, member)
    found = SourceFile(
        path=where,
        name=_content_name(where, wrapping, chosen),
        size=status.st_size,
        member=chosen,
        location=location,
        wrapping=wrapping,
        modified_ns=status.st_mtime_ns,
        digest=_start_digest(location, status.st_size),
        limits=limits,
    )
    _reject_nested_archive(found)
    return found


def sha256_of(location: Path, *, named: str) -> str:
    """Give the SHA-256 of a file's bytes, 64 hexadecimal digits; raises `FileUnreadable` as reading it would."""
    with _open_regular(location, named):
        return _digest_of(location)


def damaged_archive(where: str, found: object) -> FileUnreadable:
    """Make the error for an archive that does not expand."""
    return FileUnreadable(
        "the archive is cut off or damaged",
        where=where,
        found=found,
        expected="a complete .gz or .zip",
        advice="Fetch the file again and compare its SHA-256 with the published one.",
    )


def _start_digest(location: Path, size: int) -> Future[str]:
    if size < _LARGE_BYTES:
        digest: Future[str] = Future()
        digest.set_result(_digest_of(location))
        return digest
    with_own_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sha256")
    digest = with_own_thread.submit(_digest_of, location)
    with_own_thread.shutdown(wait=False)
    return digest


def _digest_of(location: Path) -> str:
    with location.open("rb") as raw:
        return hashlib.file_digest(raw, "sha256").hexdigest()


@contextmanager
def _open_regular(location: Path, where: str) -> Iterator[BinaryIO]:
    try:
        raw = location.open("rb")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FileUnreadable(
            "the file cannot be opened",
            where=where,
            found=reason,
            expected="a file that may be read",
            advice="Check the name, and the folder that names are relative to.",
        ) from error
    with raw:
        status = os.fstat(raw.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise FileUnreadable("this is not a regular file", where=where, advice="Name one file.")
        if status.st_size == 0:
            raise FileUnreadable("the file is empty", where=where, found="0 bytes", expected="a table")
        yield raw


def _look_inside(raw: BinaryIO, where: str, member: str | None) -> tuple[Wrapping, str | None]:
    magic = raw.read(4)
    raw.seek(0)
    if magic.startswith(_ZIP):
        names = _zip_entries(raw, where)
        if not _is_workbook(names):
            return "zip", _choose_member(names, where, member)
    if member is not None:
        raise LayoutMismatch(
            "a member is named, but the file is not an archive",
            where=where,
            found=member,
            expected="no member, or a .zip",
            advice="Leave `member` out.",
        )
    return ("gzip" if magic.startswith(_GZIP) else "plain"), None


def _zip_entries(raw: BinaryIO, where: str) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(raw) as archive:
            return [entry for entry in archive.infolist() if not entry.is_dir()]
    except ARCHIVE_ERRORS as error:
        raise damaged_archive(where, error) from error


def _is_workbook(entries: list[zipfile.ZipInfo]) -> bool:
    names = {entry.filename for entry in entries}
    return "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names)


def _choose_member(entries: list[zipfile.ZipInfo], where: str, pattern: str | None) -> str:
    for entry in entries:
        _reject_path_outside(entry, where)
    files = [entry for entry in entries if not _is_clutter(entry.filename)]
    chosen = [entry for entry in files if pattern is None or fnmatch.fnmatchcase(entry.filename, pattern)]
    if len(chosen) != 1:
        raise ArchiveUnsafe(
            "no member of the archive fits" if not chosen else "several members of the archive fit",
            where=where,
            found=_listed([entry.filename for entry in chosen or files]),
            expected="exactly one file" if pattern is None else f"exactly one file that fits {pattern}",
            advice='Say which one: member = "NAME".',
        )
    _reject_unreadable_member(chosen[0], where)
    return chosen[0].filename


def _reject_path_outside(entry: zipfile.ZipInfo, where: str) -> None:
    name = entry.orig_filename
    path = PurePosixPath(name.replace("\\", "/"))
    is_link = stat.S_ISLNK(entry.external_attr >> 16)
    has_drive = len(name) > 1 and name[1] == ":"
    if path.is_absolute() or ".." in path.parts or has_drive or is_link or "\x00" in name:
        raise ArchiveUnsafe(
            "the archive names a path outside itself",
            where=where,
            found=name,
            expected="plain names of files inside the archive",
            advice="Do not expand it. Ask whoever published it for a clean archive.",
        )


def _reject_unreadable_member(entry: zipfile.ZipInfo, where: str) -> None:
    if entry.flag_bits & 1:
        raise ArchiveUnsafe(
            "the member of the archive is locked with a password",
            where=where,
            found=entry.filename,
            expected="a member that anyone can read",
            advice="Published evidence needs no password: ask for an open file.",
        )
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        raise ArchiveUnsafe(
            "the member of the archive is packed in a way that we do not read",
            where=where,
            found=f"{entry.filename}: method {entry.compress_type}",
            expected="stored, deflate, bzip2 or lzma",
            advice="Expand it yourself and name the expanded file.",
        )


def _reject_nested_archive(file: SourceFile) -> None:
    if file.wrapping == "plain":
        return
    head = file.head()
    is_tar = head[_TAR_AT : _TAR_AT + len(_TAR)] == _TAR
    is_zip = head.startswith(_ZIP) and not _holds_workbook(file)
    if head.startswith(_GZIP) or is_tar or is_zip:
        raise ArchiveUnsafe(
            "there is an archive inside the archive",
            where=file.path,
            found=file.name,
            expected="a table",
            advice="Expand the outer archive yourself and name the inner file.",
        )


def _holds_workbook(file: SourceFile) -> bool:
    with file.open_seekable() as content:
        return _is_workbook(_zip_entries(content, file.path))


def _is_clutter(name: str) -> bool:
    return name.startswith("__MACOSX/") or PurePosixPath(name).name in {".DS_Store", "Thumbs.db", "desktop.ini"}


def _content_name(where: str, wrapping: Wrapping, member: str | None) -> str:
    if member is not None:
        return PurePosixPath(member).name
    name = PurePosixPath(where.replace("\\", "/")).name
    return name.removesuffix(".gz") if wrapping == "gzip" else name


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:_LISTED])
    return shown + (f" and {len(names) - _LISTED} more" if len(names) > _LISTED else "")
