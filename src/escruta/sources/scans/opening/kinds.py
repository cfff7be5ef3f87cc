"""What kind of file the bytes are, by their content and never by a name, and whether they are whole.

Sources: JPEG, ITU-T T.81 annex B; PNG, third edition, section 5; WebP, RFC 9649 section 2.3; HEIF, ISO/IEC 23008-12;
TIFF 6.0 section 2; PDF, ISO 32000-1 section 7.5.2.
"""

from __future__ import annotations

import re
import struct
import zlib
from enum import StrEnum

from escruta.sources.scans.opening.refusal import PictureLimits, PictureRefused


class PictureKind(StrEnum):
    """The kinds of file that are opened."""

    JPEG = "jpeg"
    PNG = "png"
    TIFF = "tiff"
    WEBP = "webp"
    HEIC = "heic"
    PDF = "pdf"


KINDS_READ = "JPEG, PNG, TIFF, WebP, HEIC or PDF"

_PNG = b"\x89PNG\r\n\x1a\n"
_TIFF = (b"II*\x00", b"MM\x00*")
_HEIF_BRANDS = frozenset([b"heic", b"heix", b"heim", b"heis", b"mif1", b"hevc", b"hevx"])
_PDF, _PDF_WITHIN = b"%PDF-", 1024
_ZIP_END, _ZIP_END_BYTES, _ZIP_WITHIN = b"PK\x05\x06", 22, 22 + 65_535
_KNOWN_BUT_NOT_READ = (
    (b"GIF8", "a GIF"),
    (b"BM", "a BMP"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"<", "a page or a drawing in HTML, XML or SVG"),
)
_RESTARTS, _START_OF_SCAN, _END_OF_IMAGE = range(0xD0, 0xD8), 0xDA, 0xD9
_MARKER_IN_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7]")
_ALONE = frozenset([0x01, 0xD8, *_RESTARTS])


def kind_of(content: bytes, where: str) -> PictureKind:
    """Tell the kind by the first bytes; refuses unknown kinds, and files that are two kinds at once."""
    kind = _kind(content[:16])
    if kind is None:
        found = next((name for magic, name in _KNOWN_BUT_NOT_READ if content.startswith(magic)), "another kind")
        raise PictureRefused(
            "the file is no kind of picture that we read", where=where, found=found, expected=KINDS_READ
        )
    other = _second_kind(content, kind)
    if other:
        raise PictureRefused(
            "the file is two kinds at once",
            where=where,
            found=f"{kind.value}, and {other}",
            expected="a file that every program understands in the same way",
            advice="ask for the photograph as it left the camera, or save the picture again with an image program",
        )
    return kind


def _kind(head: bytes) -> PictureKind | None:
    if head.startswith(b"\xff\xd8\xff"):
        return PictureKind.JPEG
    if head.startswith(_PNG):
        return PictureKind.PNG
    if head.startswith(_TIFF):
        return PictureKind.TIFF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return PictureKind.WEBP
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return PictureKind.HEIC
    return PictureKind.PDF if head.startswith(_PDF) else None


def _second_kind(content: bytes, kind: PictureKind) -> str | None:
    """Name what else the bytes would be to a program that looks elsewhere than at their beginning."""
    if kind is not PictureKind.PDF and content.find(_PDF, 0, _PDF_WITHIN) > 0:
        return "a PDF"
    end = content.rfind(_ZIP_END, max(0, len(content) - _ZIP_WITHIN))
    if 0 <= end <= len(content) - _ZIP_END_BYTES:
        (comment,) = struct.unpack_from("<H", content, end + 20)
        if end + _ZIP_END_BYTES + comment == len(content):
            return "a ZIP archive"
    return None


def require_whole(content: bytes, kind: PictureKind, limits: PictureLimits, where: str) -> None:
    """Refuse a JPEG, PNG or WebP that is cut off or damaged; the other kinds show it when they are decoded."""
    if kind is PictureKind.JPEG:
        _require_whole_jpeg(content, limits, where)
    elif kind is PictureKind.PNG:
        _require_whole_png(content, where)
    elif kind is PictureKind.WEBP:
        (size,) = struct.unpack_from("<I", content, 4)
        if size + 8 > len(content):
            raise cut_off(where, f"{len(content)} bytes", f"{size + 8} bytes")


def cut_off(where: str, found: str, expected: str) -> PictureRefused:
    """Say that a file ends before the picture does."""
    return PictureRefused(
        "the picture is cut off", where=where, found=found, expected=expected, advice="ask for the whole file again"
    )


def _require_whole_jpeg(content: bytes, limits: PictureLimits, where: str) -> None:
    """Walk the segments of a JPEG to its end, and count the passes over the picture."""
    at, scans = 2, 0
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            raise cut_off(where, f"{len(content)} bytes without an end", "the marker EOI (T.81 B.1.1.3)")
        marker = content[at + 1]
        if marker == _END_OF_IMAGE:
            return
        if marker in _ALONE or marker in (0x00, 0xFF):
            at += 1 if marker == 0xFF else 2  # noqa: PLR2004 - a fill byte may begin a marker
            continue
        if at + 4 > len(content):
            raise cut_off(where, "a segment without a length", "the marker EOI (T.81 B.1.1.3)")
        scans += marker == _START_OF_SCAN
        if scans > limits.scans:
            raise PictureRefused(
                "the picture asks for too much work",
                where=where,
                found=f"more than {limits.scans} passes of a progressive JPEG",
                expected=f"at most {limits.scans} passes; cameras make one, programs ten",
            )
        at += 2 + max(2, int.from_bytes(content[at + 2 : at + 4], "big"))
        if marker == _START_OF_SCAN:
            at = _end_of_scan(content, at)


def _end_of_scan(content: bytes, at: int) -> int:
    """Find the next marker after entropy-coded bytes, in which 0xFF is followed by 0x00 or a restart."""
    found = _MARKER_IN_SCAN.search(content, at)
    return found.start() if found else len(content)


def _require_whole_png(content: bytes, where: str) -> None:
    """Walk the chunks of a PNG to IEND and check their CRCs."""
    at = len(_PNG)
    while at + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, at)
        end = at + 8 + length
        if end + 4 > len(content):
            break
        (expected,) = struct.unpack_from(">I", content, end)
        if zlib.crc32(memoryview(content)[at + 4 : end]) != expected:
            raise PictureRefused(
                "the picture is damaged",
                where=where,
                found=f"a chunk whose check sum is wrong, at byte {at}",
                expected="check sums that fit (PNG 5.3)",
                advice="ask for the whole file again",
            )
        if content[at + 4 : at + 8] == b"IEND":
            return
        at = end + 4
    raise cut_off(where, f"{len(content)} bytes without an end", "the chunk IEND (PNG 5.6)")
