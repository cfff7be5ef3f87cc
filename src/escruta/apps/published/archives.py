"""A published place in a zip file: read where it is, never expanded onto the disk. What it promises is not believed."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from escruta.apps.published.errors import FileRefused, PlaceUnusable
from escruta.apps.published.limits import LIMITS, Limits
from escruta.apps.published.paths import is_inside
from escruta.apps.published.places import Published, too_large
from escruta.base.errors import ArchiveUnsafe

_CLUTTER = "__MACOSX/"
"""What one system adds beside the folder that it packs."""

_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The others may ask for gigabytes of memory before the first byte comes out."""

_DAMAGES = (EOFError, LookupError, OSError, RuntimeError, ValueError, struct.error, zipfile.BadZipFile, zlib.error)
"""What the standard library raises, undocumented and documented, when an archive is damaged."""


class PublishedArchive(Published):
    """A zip file; what it holds may stand in one folder at its top."""

    def __init__(self, place: str, limits: Limits = LIMITS) -> None:
        """Open an archive, and look at the name and promise of every member before any is read."""
        super().__init__(place, limits)
        self._packed = Path(place)
        try:
            self._require_short_list()
            self._archive = zipfile.ZipFile(self._packed)
        except _DAMAGES as error:
            raise PlaceUnusable(
                "the archive is cut off or damaged",
                where=place,
                found=getattr(error, "strerror", None) or error,
                expected="a complete .zip",
                advice="Fetch it again and compare its SHA-256 with the published one.",
            ) from error
        try:
            self._members = self._require_safe(self._archive.infolist())
        except BaseException:
            self._archive.close()
            raise

    def _read(self, path: str, most_bytes: int) -> bytes | None:
        member = self._members.get(path)
        if member is None:
            return None
        if member.file_size > most_bytes:
            raise too_large(self.locate(path), f"{member.file_size} bytes", most_bytes)
        try:
            with self._archive.open(member) as opened:
                raw = opened.read(member.file_size)
                is_whole = len(raw) == member.file_size and not opened.read(1)
        except _DAMAGES as error:
            raise self._damaged(path, error) from error
        if not is_whole:
            raise self._damaged(path, f"{len(raw)} bytes where the archive promises {member.file_size}")
        return raw

    def paths(self) -> Iterator[str]:
        """Give the path of every file, in order."""
        return iter(sorted(self._members))

    def close(self) -> None:
        """Close the archive."""
        self._archive.close()

    def _damaged(self, path: str, found: object) -> FileRefused:
        return FileRefused(
            "this file of the archive is damaged",
            where=self.locate(path),
            found=found,
            expected="the bytes and the check sum that the archive promises",
            advice="Fetch the archive again and compare its SHA-256 with the published one.",
        )

    def _require_short_list(self) -> None:
        """Look at how long the archive's list of its files is before anything reads it into memory."""
        with self._packed.open("rb") as raw:
            end = raw.seek(0, 2)
            raw.seek(max(0, end - _LONGEST_TAIL))
            size = _directory_bytes(raw.read())
        if size > self.limits.directory_bytes:
            raise ArchiveUnsafe(
                "the archive's list of its files is too long",
                where=self.place,
                found=f"{size} bytes",
                expected=f"at most {self.limits.directory_bytes}",
                advice="Unpack it yourself where you can afford it, and name the folder.",
            )

    def _require_safe(self, members: Sequence[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
        if len(members) > self.limits.members:
            raise self._unsafe("the archive has too many files", f"{len(members)}", f"at most {self.limits.members}")
        whole = sum(member.file_size for member in members)
        if whole > self.limits.archive_bytes:
            expected = f"at most {self.limits.archive_bytes}"
            raise self._unsafe("the archive would grow too large", f"{whole} bytes", expected)
        top = _top_of([member.orig_filename for member in members])
        safe: dict[str, zipfile.ZipInfo] = {}
        for member in members:
            self._require_safe_member(member)
            name = member.filename
            if member.is_dir() or not name.startswith(top) or name.startswith(_CLUTTER):
                continue
            path = name.removeprefix(top)
            if path in safe:
                raise self._unsafe("two files of the archive have one name", name, "each name once")
            safe[path] = member
        self._require_no_file_is_a_folder(safe)
        return safe

    def _require_safe_member(self, member: zipfile.ZipInfo) -> None:
        name = member.orig_filename
        packed, grown = max(member.compress_size, 1), member.file_size
        if not is_inside(name.removesuffix("/")):
            raise self._unsafe("the archive names a path outside itself", name, "plain names of files inside")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise self._unsafe("the archive has a link in it", name, "files and folders only")
        if member.flag_bits & 1:
            raise self._unsafe("a file of the archive is locked with a password", name, "files that anyone can read")
        if member.compress_type not in _PACKINGS:
            found = f"{name}: method {member.compress_type}"
            raise self._unsafe("a file of the archive is packed in a way that we do not read", found, "stored, deflate")
        if grown > max(self.limits.ratio_from_bytes, self.limits.ratio * packed):
            found, expected = f"{name}: {grown} bytes out of {packed}", f"at most {self.limits.ratio} times as many"
            raise self._unsafe("a file of the archive grows too far", found, expected)

    def _require_no_file_is_a_folder(self, members: dict[str, zipfile.ZipInfo]) -> None:
        folders = {str(folder) for path in members for folder in PurePosixPath(path).parents}
        both = next((path for path in members if path in folders), None)
        if both is not None:
            raise self._unsafe("one name of the archive is both a file and a folder", both, "one of the two")

    def _unsafe(self, what: str, found: str, expected: str) -> ArchiveUnsafe:
        advice = "Do not expand it. Ask whoever published it for a clean archive."
        return ArchiveUnsafe(what, where=self.place, found=found, expected=expected, advice=advice)


def _top_of(names: Sequence[str]) -> str:
    """Give the one folder that holds everything, with its slash; empty where there is none."""
    own = [name for name in names if not name.startswith(_CLUTTER)]
    tops = {name.partition("/")[0] for name in own}
    if len(tops) != 1:
        return ""
    (top,) = tops
    return "" if top in own else f"{top}/"


# Source: PKWARE APPNOTE 6.3.10, sections 4.3.14 to 4.3.16
_END, _END_SIZE, _LONGEST_COMMENT = b"PK\x05\x06", 22, 65_535
_END_64, _END_64_SIZE, _LOCATOR_SIZE = b"PK\x06\x06", 56, 20
_IN_64 = 0xFFFFFFFF
_LONGEST_TAIL = _END_64_SIZE + _LOCATOR_SIZE + _END_SIZE + _LONGEST_COMMENT


def _directory_bytes(tail: bytes) -> int:
    """Read from the end of an archive how long its list of files says to be; 0 where nothing says so.

    Looks where the standard library will look, so that no archive has one end for us and another for it.
    """
    at = len(tail) - _END_SIZE
    if tail[at : at + len(_END)] != _END or not tail.endswith(b"\0\0"):
        at = tail.rfind(_END)
    if at < 0 or at + _END_SIZE > len(tail):
        return 0
    size = int.from_bytes(tail[at + 12 : at + 16], "little")
    at_64 = at - _LOCATOR_SIZE - _END_64_SIZE
    if size == _IN_64 and at_64 >= 0 and tail[at_64 : at_64 + len(_END_64)] == _END_64:
        return int.from_bytes(tail[at_64 + 40 : at_64 + 48], "little")
    return size
