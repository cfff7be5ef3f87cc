"""Draw what the digit net learns from: printed figures as a camera sees them, after folds, fading, ink and a JPEG.

    python training/digits/draw.py --count 60000 --seed 20261122 --out crops.npz

writes `ink` (uint8, count x 32 x 96), `digits` (uint8, count x 6, padded with 255) and `lengths`. The same seed and the
same fonts give the same crops; `fonts.txt` beside this file lists them, and the output names those found.
DejaVu Sans Mono and its descendant Hack are left out on purpose: the sheets that the net is tested on are set in it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from escruta.sources.scans.figures.crops import HEIGHT, WIDTH, as_ink

FONTS = Path(__file__).with_name("fonts.txt")
ROOTS = (Path("/usr/share/fonts/truetype"), Path("/usr/share/fonts/opentype"), Path("/usr/share/fonts"))
MOST = 6
"""Digits of the longest figure."""
_FINE = 2
"""Drawing pixels to a pixel of the net."""
_EMPTY = 0.03
"""Share of cells in which nothing is printed."""
_LENGTHS = (0.26, 0.24, 0.26, 0.14, 0.06, 0.04)

Grey = NDArray[np.float32]


def found_fonts() -> list[Path]:
    """Find the fonts of the list; those that are not installed are left out."""
    names = [line.strip() for line in FONTS.read_text("utf-8").splitlines() if line.strip() and line[0] != "#"]
    return [path for name in names for path in [_found(name)] if path is not None]


def _found(name: str) -> Path | None:
    return next((root / name for root in ROOTS if (root / name).is_file()), None)


def drawn(rng: np.random.Generator, fonts: list[Path]) -> tuple[NDArray[np.uint8], str]:
    """Draw one crop as the camera saw it, grey, and give what it says."""
    text = _text(rng)
    ink = _printed(text, rng, fonts)
    ink = _damaged(ink, rng)
    grey = _lit(ink, rng)
    return _photographed(_bent(grey, rng), rng), text


def _text(rng: np.random.Generator) -> str:
    if rng.random() < _EMPTY:
        return ""
    length = int(rng.choice(MOST, p=_LENGTHS)) + 1
    digits = "".join(str(digit) for digit in rng.integers(0, 10, length))
    return digits if length == 1 or rng.random() < 0.1 else str(rng.integers(1, 10)) + digits[1:]


def _printed(text: str, rng: np.random.Generator, fonts: list[Path]) -> Grey:
    """Print the figure at the right of its cell, with what may stand around it: rules, neighbours, separators."""
    height, width = HEIGHT * _FINE, WIDTH * _FINE
    image = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(image)
    path = fonts[int(rng.integers(len(fonts)))]
    cap = rng.uniform(13.5, 22.5) * _FINE
    font = _sized(path, cap)
    shown = text
    if len(text) > 3 and rng.random() < 0.15:
        shown = text[:-3] + str(rng.choice([".", ",", " ", "\N{THIN SPACE}"])) + text[-3:]
    box = draw.textbbox((0, 0), shown or "0", font=font, anchor="ls")
    room = width - (box[2] - box[0])
    right = rng.uniform(0.0, 9.0) * _FINE if rng.random() < 0.8 else rng.uniform(0, max(1.0, room * 0.5))
    if room < right:
        right = max(room / 2, 0.0)
    x = width - right - box[2]
    y = height / 2 + cap / 2 + rng.normal(0, 1.4) * _FINE
    if shown:
        draw.text((x, y), shown, font=font, fill=255, anchor="ls")
    _print_around(draw, font, (x, y, width - right), cap, shown, rng)
    return np.asarray(image, np.float32) / 255


def _print_around(
    draw: ImageDraw.ImageDraw,
    font: ImageFont.FreeTypeFont,
    place: tuple[float, float, float],
    cap: float,
    shown: str,
    rng: np.random.Generator,
) -> None:
    """Print what stands around a figure: those of the rows above and below, rules, leading dots, a letter."""
    height, width = HEIGHT * _FINE, WIDTH * _FINE
    x, y, edge_of_figures = place
    pitch = cap * rng.uniform(1.65, 2.6)
    for step in (-1, 1):
        if rng.random() < 0.75:
            other = str(rng.integers(0, 10 ** int(rng.integers(1, 5))))
            draw.text((edge_of_figures, y + step * pitch), other, font=font, fill=255, anchor="rs")
    if rng.random() < 0.15:
        edge = float(rng.choice([rng.uniform(0, 2.5), rng.uniform(29.5, 32)])) * _FINE
        draw.line([(0, edge), (width, edge)], fill=255, width=int(rng.integers(1, 3)))
    if rng.random() < 0.06:
        edge = width - rng.uniform(0, 2) * _FINE
        draw.line([(edge, 0), (edge, height)], fill=255, width=int(rng.integers(1, 3)))
    if rng.random() < 0.10 and shown:
        for at in np.arange(0, max(0.0, x - 4 * _FINE), rng.uniform(3, 7) * _FINE):
            draw.text((at, y), ".", font=font, fill=255, anchor="ls")
    if rng.random() < 0.12 and len(shown) < 4:
        draw.text(
            (rng.uniform(-8, 4) * _FINE, y), str(rng.choice(list("ACEMNORSU:"))), font=font, fill=255, anchor="rs"
        )


_SIZED: dict[tuple[Path, int], ImageFont.FreeTypeFont] = {}


def _sized(path: Path, cap: float) -> ImageFont.FreeTypeFont:
    """Give a font in the size at which its digits are about `cap` pixels high."""
    whole = round(cap)
    if (path, whole) not in _SIZED:
        trial = ImageFont.truetype(str(path), 100)
        top, bottom = trial.getbbox("0123456789", anchor="ls")[1::2]
        _SIZED[path, whole] = ImageFont.truetype(str(path), max(8, round(100 * whole / max(1, bottom - top))))
    return _SIZED[path, whole]


def _damaged(ink: Grey, rng: np.random.Generator) -> Grey:
    """Fade the print, fold the paper, burn out dots, thicken or thin the strokes, and let a pen run over it."""
    height, width = ink.shape
    if rng.random() < 0.3:
        kernel = np.ones((2, 2), np.uint8)
        ink = cv2.dilate(ink, kernel) if rng.random() < 0.5 else cv2.erode(ink, kernel)
    keep = 1 - rng.uniform(0, 0.55) * (rng.random() < 0.7)
    if rng.random() < 0.4:
        keep = keep - rng.uniform(0, 0.35) * _cloud((height, width), rng) ** 2
    ink = ink * np.clip(keep, 0.08, 1)
    for _ in range(int(rng.integers(1, 3)) if rng.random() < 0.12 else 0):
        at = int(rng.integers(0, width))
        ink[:, at : at + int(rng.integers(2, 5))] = 0
    if rng.random() < 0.15:
        ink = _rubbed(ink, rng)
    if rng.random() < 0.06:
        ink = _crossed(ink, rng)
    return ink


def _rubbed(ink: Grey, rng: np.random.Generator) -> Grey:
    height, width = ink.shape
    yy, xx = np.mgrid[0:height, 0:width].astype(np.float32)
    slope = rng.uniform(-0.35, 0.35)
    distance = (yy - rng.uniform(0, height) - slope * (xx - width / 2)) / np.sqrt(1 + slope**2)
    rub = np.exp(-((distance / rng.uniform(2.5, 6)) ** 2)) * rng.uniform(0.4, 1)
    line = 0.35 * rng.random() * np.exp(-((distance / 3) ** 2))
    shifted = np.roll(ink, int(rng.integers(-4, 5)), axis=1)
    ink = np.where(distance > 0, shifted, ink)
    return ink * (1 - rub * (0.6 + 0.4 * rng.random(ink.shape, np.float32))) + line


def _crossed(ink: Grey, rng: np.random.Generator) -> Grey:
    height, width = ink.shape
    points = np.c_[rng.uniform(-20, width + 20, 4), rng.uniform(-10, height + 10, 4)]
    path = np.zeros_like(ink)
    steps = np.linspace(0, 1, 40)[:, None]
    a, b, c, d = points
    curve = (1 - steps) ** 3 * a + 3 * steps * (1 - steps) ** 2 * b + 3 * steps**2 * (1 - steps) * c + steps**3 * d
    cv2.polylines(path, [curve.astype(np.int32)], isClosed=False, color=1.0, thickness=int(rng.integers(3, 8)))
    return np.maximum(ink, path * rng.uniform(0.3, 0.85))


def _cloud(shape: tuple[int, int], rng: np.random.Generator) -> Grey:
    coarse = rng.random((3, 5)).astype(np.float32)
    out = cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC)
    return np.clip(out, 0, 1)


def _lit(ink: Grey, rng: np.random.Generator) -> Grey:
    """Put the ink on paper in uneven light; levels 0 to 255."""
    paper, dark = rng.uniform(215, 248), rng.uniform(35, 85)
    light = 1 - rng.uniform(0, 0.6) * (0.7 * rng.random() + 0.3 * _cloud(ink.shape, rng))
    return (paper * (1 - ink) + dark * ink) * light


def _bent(grey: Grey, rng: np.random.Generator) -> Grey:
    """Turn, shear, stretch and wave what a registration leaves over."""
    height, width = grey.shape
    turn, shear = np.deg2rad(rng.normal(0, 1.6)), rng.normal(0, 0.06)
    sx, sy = rng.normal(1, 0.04), rng.normal(1, 0.04)
    yy, xx = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = xx - width, yy - height / 2
    mx = (np.cos(turn) + shear * 0) * x * sx + (shear - np.sin(turn)) * y + width + rng.normal(0, 1.5)
    my = np.sin(turn) * x + np.cos(turn) * y * sy + height / 2 + rng.normal(0, 2.0)
    wave = rng.uniform(0, 1.6) * np.sin(xx / rng.uniform(20, 90) + rng.uniform(0, 6.3))
    border = float(np.percentile(grey, 80))
    return cv2.remap(
        grey,
        mx.astype(np.float32),
        (my + wave).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=border,
    )


def _photographed(grey: Grey, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Blur, sample, add noise, compress; then bring the crop to the net's size, as the reader does."""
    scale = rng.uniform(0.55, 1.6) if rng.random() < 0.7 else rng.uniform(0.5, 0.8)
    size = (round(WIDTH * scale), round(HEIGHT * scale))
    small = cv2.resize(
        cv2.GaussianBlur(grey, (0, 0), max(0.3, 0.45 * _FINE / scale)), size, interpolation=cv2.INTER_AREA
    )
    if rng.random() < 0.7:
        small = cv2.GaussianBlur(small, (0, 0), rng.uniform(0.3, 1.35))
    if rng.random() < 0.12:
        small = _moved(small, rng)
    small = small + rng.normal(0, rng.uniform(0.5, 11), small.shape).astype(np.float32)
    sharp = np.clip(small, 0, 255).astype(np.uint8)
    if rng.random() < 0.85:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(30, 95))]
        sharp = cv2.imdecode(cv2.imencode(".jpg", sharp, quality)[1], cv2.IMREAD_GRAYSCALE)
    return np.asarray(cv2.resize(sharp, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR), np.uint8)


def _moved(grey: Grey, rng: np.random.Generator) -> Grey:
    reach, angle = int(rng.integers(1, 3)), rng.uniform(0, np.pi)
    kernel = np.zeros((2 * reach + 1,) * 2, np.float32)
    dx, dy = reach * np.cos(angle), reach * np.sin(angle)
    cv2.line(kernel, (round(reach - dx), round(reach - dy)), (round(reach + dx), round(reach + dy)), 1.0, 1)
    return cv2.filter2D(grey, -1, kernel / kernel.sum())


def main() -> None:
    """Draw the crops."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=20_261_122)
    parser.add_argument("--out", type=Path, required=True)
    said = parser.parse_args()
    cv2.setNumThreads(1)
    fonts, rng = found_fonts(), np.random.default_rng(said.seed)
    if not fonts:
        sys.exit("none of the fonts in fonts.txt is installed")
    ink = np.zeros((said.count, HEIGHT, WIDTH), np.uint8)
    digits, lengths = np.full((said.count, MOST), 255, np.uint8), np.zeros(said.count, np.uint8)
    for at in range(said.count):
        crop, text = drawn(rng, fonts)
        ink[at] = np.round(as_ink(crop[None])[0] * 255)
        digits[at, : len(text)] = [int(digit) for digit in text]
        lengths[at] = len(text)
    np.savez(said.out, ink=ink, digits=digits, lengths=lengths, fonts=[path.name for path in fonts])


if __name__ == "__main__":
    main()
