"""Pictures of sheets as they come in: any kind, from anyone, and therefore not to be trusted.

A file is known by its bytes and never by its name, and its limits are looked at before anything is decoded: ::

    for picture in open_pictures(path):
        picture.grey, picture.page, picture.digest

What cannot be used is a `PictureRefused` that says why.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from escruta.base.errors import FileUnreadable
from escruta.sources.scans.opening.kinds import PictureKind, kind_of, require_whole
from escruta.sources.scans.opening.metadata import PictureFacts, facts_of
from escruta.sources.scans.opening.pdf import PdfPage, pdf_pages, require_scan_extra
from escruta.sources.scans.opening.pixels import (
    Decoded,
    Encoded,
    Pixels,
    animation_refused,
    opened,
    pixels_of,
    refusing_damage,
)
from escruta.sources.scans.opening.refusal import LIMITS, PictureLimits, PictureRefused, require_size

__all__ = [
    "LIMITS",
    "Picture",
    "PictureFacts",
    "PictureKind",
    "PictureLimits",
    "PictureRefused",
    "Pixels",
    "each_picture",
    "open_pictures",
    "picture_of",
]

_NO_FILE = "bytes"
_HALF_FROM = 900
_UNKNOWN_DIGEST = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Picture:
    """One page, the right way up; its pixels are decoded when they are first asked for, and kept."""

    width: int
    height: int
    page: int = 1
    """From 1; other than 1 only in a PDF or TIFF."""
    kind: PictureKind | None = None
    """None for pixels that came from no file."""
    digest: str = _UNKNOWN_DIGEST
    """SHA-256 of the whole file, 64 hexadecimal digits."""
    facts: PictureFacts = field(default_factory=PictureFacts)
    where: str = _NO_FILE
    """The file's name for messages."""
    source: Encoded | Decoded | PdfPage = field(repr=False)

    @cached_property
    def grey(self) -> Pixels:
        """Grey levels, `(height, width)`; 0 is black. Raises `PictureRefused` where the bytes are damaged."""
        return self._checked(self.source.decoded())

    @cached_property
    def half(self) -> Pixels:
        """Grey levels at half the width and height: enough for most codes, and cheap to decode."""
        return self.source.decoded(half=True)

    @cached_property
    def colour(self) -> Pixels:
        """Blue, green and red, `(height, width, 3)`; all the same where the picture is grey."""
        return self._checked(self.source.decoded(colour=True))

    @cached_property
    def memory(self) -> dict[Any, Any]:
        """What others work out from the pixels and keep with them, such as features, for as long as it is read."""
        return {}

    @property
    def is_large(self) -> bool:
        """Whether half the size is worth a first try."""
        return min(self.width, self.height) >= _HALF_FROM

    def _checked(self, pixels: Pixels) -> Pixels:
        if pixels.shape[:2] != (self.height, self.width):
            raise PictureRefused(
                "the picture is damaged",
                where=self.where,
                found=f"{pixels.shape[1]} × {pixels.shape[0]} pixels",
                expected=f"{self.width} × {self.height}, as its header says",
            )
        return pixels


def open_pictures(source: Path | bytes, limits: PictureLimits = LIMITS) -> tuple[Picture, ...]:
    """Open every page of a file; raises `PictureRefused`, or `FileUnreadable` where there is no file."""
    return tuple(each_picture(source, limits))


def each_picture(source: Path | bytes, limits: PictureLimits = LIMITS, only: int | None = None) -> Iterator[Picture]:
    """Open a file page by page, so that only one needs to be in memory. Raises as `open_pictures` does.

    Of a PDF, no other page than `only` is drawn, which is then the one that is given.
    """
    content, where = _content(source, limits)
    kind = kind_of(content, where)
    for module in ("cv2", "PIL"):
        require_scan_extra(module)
    require_whole(content, kind, limits, where)
    digest = hashlib.sha256(content).hexdigest()
    match kind:
        case PictureKind.JPEG | PictureKind.PNG:
            yield _encoded(content, kind, digest, limits, where)
        case PictureKind.TIFF | PictureKind.WEBP:
            yield from _with_pillow(content, kind, digest, limits, where)
        case PictureKind.HEIC:
            yield _heic(content, digest, limits, where)
        case PictureKind.PDF:
            for number, pixels in enumerate(pdf_pages(content, limits, where, only=only), only or 1):
                height, width = pixels.shape[:2]
                page = PdfPage(content=content, limits=limits, where=where, page=number, grey=pixels)
                yield Picture(
                    width=width, height=height, page=number, kind=kind, digest=digest, where=where, source=page
                )


def picture_of(pixels: Pixels, digest: str = _UNKNOWN_DIGEST) -> Picture:
    """Make a picture of pixels that are there already: grey, or blue, green and red."""
    height, width = pixels.shape[:2]
    return Picture(width=width, height=height, digest=digest, source=Decoded(pixels=pixels))


def _content(source: Path | bytes, limits: PictureLimits) -> tuple[bytes, str]:
    if isinstance(source, bytes):
        content, where = source, _NO_FILE
    else:
        where = source.name
        try:
            with source.open("rb") as file:
                content = file.read(limits.file_bytes + 1)
        except OSError as error:
            raise FileUnreadable(
                "the picture cannot be read", where=where, found=error.strerror, expected="a file"
            ) from None
    if not content:
        raise FileUnreadable("the picture is empty", where=where, found="0 bytes", advice="ask for the file again")
    if len(content) > limits.file_bytes:
        raise PictureRefused(
            "the file is too large",
            where=where,
            found=f"more than {limits.file_bytes} bytes",
            expected=f"at most {limits.file_bytes} bytes",
            advice="save the picture smaller, or split the file",
        )
    return content, where


def _encoded(content: bytes, kind: PictureKind, digest: str, limits: PictureLimits, where: str) -> Picture:
    """Look at the header alone; OpenCV decodes the pixels when they are asked for."""
    with refusing_damage(where), opened(content, [kind.name]) as image:
        (width, height), frames = image.size, getattr(image, "n_frames", 1)
        if kind is PictureKind.PNG and frames > 1:
            raise animation_refused(where, frames)
        require_size(width, height, limits, where)
        facts, orientation = facts_of(image.getexif())
        see_through = kind is PictureKind.PNG and ("A" in image.mode or "transparency" in image.info)
        source = (
            Decoded(pixels=pixels_of(image, orientation))
            if see_through
            else Encoded(content=content, orientation=orientation, where=where)
        )
    if orientation >= 5:  # noqa: PLR2004 - Exif 2.32: 5 to 8 lie on their side
        width, height = height, width
    return Picture(width=width, height=height, kind=kind, digest=digest, facts=facts, where=where, source=source)


def _with_pillow(
    content: bytes, kind: PictureKind, digest: str, limits: PictureLimits, where: str
) -> Iterator[Picture]:
    """Decode the pages of a TIFF, or a WebP."""
    left = limits.all_pixels
    with refusing_damage(where):
        image = opened(content, [kind.name])
        frames = getattr(image, "n_frames", 1)
    if kind is PictureKind.WEBP and frames > 1:
        raise animation_refused(where, frames)
    if frames > limits.pages:
        raise PictureRefused(
            "the file has too many pages", where=where, found=frames, expected=f"at most {limits.pages} pages"
        )
    for number in range(frames):
        with refusing_damage(where):
            image.seek(number)
            require_size(*image.size, limits, where)
            left -= image.width * image.height
            if left < 0:
                raise PictureRefused("the pages ask for too much work", where=where, found="more pixels than allowed")
            facts, orientation = facts_of(image.getexif())
            # Pillow turns a TIFF itself when it decodes it.
            pixels = pixels_of(image, 1 if kind is PictureKind.TIFF else orientation)
        yield Picture(
            width=pixels.shape[1],
            height=pixels.shape[0],
            page=number + 1,
            kind=kind,
            digest=digest,
            facts=facts,
            where=where,
            source=Decoded(pixels=pixels),
        )


def _heic(content: bytes, digest: str, limits: PictureLimits, where: str) -> Picture:
    """Decode the primary picture of a HEIC file; libheif turns it the right way up."""
    require_scan_extra("pillow_heif")
    import pillow_heif  # noqa: PLC0415 - an extra

    with refusing_damage(where):
        heif = pillow_heif.open_heif(content, convert_hdr_to_8bit=True)
        width, height = heif.size
        require_size(width, height, limits, where)
        image = heif.to_pillow()
        facts, _ = facts_of(image.getexif())
        pixels = pixels_of(image)
    height, width = pixels.shape[:2]
    return Picture(
        width=width,
        height=height,
        kind=PictureKind.HEIC,
        digest=digest,
        facts=facts,
        where=where,
        source=Decoded(pixels=pixels),
    )
