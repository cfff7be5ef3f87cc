"""From encoded bytes to pixels: grey as quickly as can be, colour only when it is asked for."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from escruta.sources.scans.opening.refusal import PictureRefused

if TYPE_CHECKING:
    from PIL import Image

Pixels = npt.NDArray[np.uint8]
"""Grey `(height, width)` or colour `(height, width, 3)` in the order blue, green, red."""

_TRANSPARENT = frozenset(["RGBA", "LA", "PA", "RGBa", "La"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """One page in the bytes of a file that OpenCV decodes: a JPEG or a PNG."""

    content: bytes
    orientation: int
    where: str

    def decoded(self, *, colour: bool = False, half: bool = False) -> Pixels:
        """Decode, the right way up; at half the size a JPEG costs a third of the time. Refuses damaged bytes."""
        import cv2  # noqa: PLC0415 - heavy

        mode = {
            (False, False): cv2.IMREAD_GRAYSCALE,
            (False, True): cv2.IMREAD_REDUCED_GRAYSCALE_2,
            (True, False): cv2.IMREAD_COLOR,
            (True, True): cv2.IMREAD_REDUCED_COLOR_2,
        }[colour, half]
        try:
            pixels = cv2.imdecode(np.frombuffer(self.content, np.uint8), mode | cv2.IMREAD_IGNORE_ORIENTATION)
        except cv2.error:
            pixels = None
        if pixels is None:
            raise damaged(self.where, "pixels that cannot be decoded")
        return upright(np.asarray(pixels, np.uint8), self.orientation)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Decoded:
    """One page whose pixels are there already, in grey or in colour."""

    pixels: Pixels

    def decoded(self, *, colour: bool = False, half: bool = False) -> Pixels:
        """Convert to what is asked for."""
        import cv2  # noqa: PLC0415 - heavy

        pixels = self.pixels
        if half:
            height, width = pixels.shape[:2]
            pixels = np.asarray(
                cv2.resize(pixels, (max(1, width // 2), max(1, height // 2)), interpolation=cv2.INTER_AREA), np.uint8
            )
        if colour == (pixels.ndim == 3):  # noqa: PLR2004 - rows, columns and channels
            return pixels
        way = cv2.COLOR_GRAY2BGR if colour else cv2.COLOR_BGR2GRAY
        return np.asarray(cv2.cvtColor(pixels, way), np.uint8)


def upright(pixels: Pixels, orientation: int) -> Pixels:
    """Turn and mirror the pixels as EXIF's orientation says (Exif 2.32, 4.6.4 A; 1 to 8)."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)


@contextmanager
def refusing_damage(where: str) -> Iterator[None]:
    """Turn whatever a decoder raises at damaged bytes into a refusal."""
    from PIL import Image  # noqa: PLC0415 - an extra

    try:
        yield
    except PictureRefused:
        raise
    except Image.DecompressionBombError:
        raise PictureRefused(
            "the picture has too many pixels", where=where, advice="save it smaller: 12 megapixels show every dot"
        ) from None
    except MemoryError:
        raise PictureRefused("the picture needs too much memory", where=where) from None
    except Exception as error:  # noqa: BLE001 - decoders of foreign bytes raise what they like
        raise damaged(where, f"{type(error).__name__}: {error}") from None


def damaged(where: str, found: str) -> PictureRefused:
    """Say that the bytes cannot be decoded."""
    return PictureRefused(
        "the picture is damaged",
        where=where,
        found=found,
        expected="a whole picture",
        advice="ask for the whole file again",
    )


def pixels_of(image: Image.Image, orientation: int = 1) -> Pixels:
    """Decode an image that Pillow has opened: grey where it is grey, else BGR; transparency becomes white paper."""
    from PIL import Image  # noqa: PLC0415 - an extra

    if image.mode in _TRANSPARENT or "transparency" in image.info:
        image = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, (255, 255, 255, 255))
        image = Image.alpha_composite(paper, image).convert("RGB")
    if image.mode in ("1", "L"):
        return upright(np.asarray(image.convert("L"), np.uint8), orientation)
    if image.mode.startswith(("I", "F")):
        return upright(_stretched(np.asarray(image)), orientation)
    return upright(np.asarray(image.convert("RGB"), np.uint8)[..., ::-1], orientation)


def _stretched(values: npt.NDArray[np.generic]) -> Pixels:
    """Bring 16 or 32 bits a pixel down to 8."""
    numbers = values.astype(np.float64)
    low, high = float(numbers.min()), float(numbers.max())
    return np.asarray((numbers - low) * (255.0 / max(high - low, 1e-9)), np.uint8)


def animation_refused(where: str, frames: int) -> PictureRefused:
    """Say that a moving picture is no photograph."""
    return PictureRefused(
        "the file is a moving picture", where=where, found=f"{frames} frames", expected="one picture", advice="save one"
    )


def opened(content: bytes, formats: list[str]) -> Image.Image:
    """Open the header with Pillow, which reads no pixels yet."""
    from PIL import Image  # noqa: PLC0415 - an extra

    return Image.open(io.BytesIO(content), formats=formats)
