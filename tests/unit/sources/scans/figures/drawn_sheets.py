"""Small tally sheets drawn for the tests, and photographs of them: invented parties, invented people, nothing kept."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont
from tests.conftest import REPOSITORY

from escruta.sources.scans.figures import (
    Annotation,
    Box,
    Registration,
    ScanLayout,
    SheetSum,
    learn_layout,
    register,
)
from escruta.sources.scans.pictures import Picture, picture_of

Grey = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float64]

PARTIES = tuple("ALBA BOREAL CIMA DELTA ESTRELLA FARO GLOBO HORIZONTE ISLA JARDIN KIOSCO LAGUNA".split())
FIGURES = tuple(f"votes.{party.lower()}" for party in PARTIES)
SUMS = (
    SheetSum(total="valid", parts=FIGURES),
    SheetSum(total="ballots", parts=("valid", "null", "blank")),
)
WIDTH, PITCH, TOP, RIGHT = 600, 31, 190, 570
_FONTS = REPOSITORY / "src/escruta/sheets/printing/fonts"
_ROWS = (*zip(FIGURES, PARTIES, strict=True), *zip(SUMS[1].parts, ("VALIDOS", "NULOS", "BLANCOS"), strict=True))
ROWS = (*_ROWS, ("ballots", "BOLETAS ESCRUTADAS"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A drawn sheet: grey or colour pixels, and where everything is, in its pixels."""

    pixels: Grey
    zones: dict[str, Box]


@dataclass(frozen=True, slots=True, kw_only=True)
class Photographed:
    """A photograph of a drawn sheet, and the corners of every zone in it."""

    pixels: Grey
    zones: dict[str, Points] = field(repr=False)

    @property
    def picture(self) -> Picture:
        """The photograph as the reader takes it."""
        return picture_of(self.pixels)


def counted(seed: int) -> dict[str, int]:
    """Figures that add up."""
    rng = np.random.default_rng(seed)
    votes = {figure: int(rng.choice([rng.integers(0, 9), rng.integers(10, 400)])) for figure in FIGURES}
    valid, null, blank = sum(votes.values()), int(rng.integers(0, 12)), int(rng.integers(0, 5))
    return {**votes, "valid": valid, "null": null, "blank": blank, "ballots": valid + null + blank}


@functools.cache
def _font(size: int, name: str = "NotoSans-Bold") -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(_FONTS / f"{name}.ttf"), size)


def drawn(
    figures: Mapping[str, int | str] | None,
    *,
    titles: tuple[str, ...] = ("ACTA DE PRUEBA", "ELECCION INVENTADA"),
    rows: int = len(ROWS),
    parties: tuple[str, ...] = PARTIES,
) -> Drawn:
    """Draw a sheet; without figures, its blank. `parties` is what stands beside their figures.

    Below the band stand invented people, who are to be hidden.
    """
    bottom = TOP + PITCH * rows
    image = Image.new("RGB", (WIDTH, bottom + 330), (240, 242, 238))
    draw = ImageDraw.Draw(image)
    ink, zones = (50, 48, 52), {}
    for at, title in enumerate((*titles, "MESA DE ENSAYO UNICA")):
        draw.text((WIDTH / 2, 30 + 44 * at), title, font=_font(30), fill=ink, anchor="ma")
    draw.line([(20, TOP - 12), (WIDTH - 20, TOP - 12)], fill=ink, width=3)
    labels = (*parties, *(label for _, label in ROWS[len(parties) :]))
    for at, ((figure, _), label) in enumerate(zip(ROWS[:rows], labels, strict=False)):
        y = TOP + PITCH * at
        draw.text((30, y), label, font=_font(21), fill=ink)
        zones[figure] = Box(RIGHT - 80, y - 1, RIGHT + 12, y + 28)
        if figures is not None:
            draw.text((RIGHT, y), str(figures[figure]), font=_font(21), fill=ink, anchor="ra")
    draw.line([(20, bottom + 6), (WIDTH - 20, bottom + 6)], fill=ink, width=3)
    for at, name in enumerate(("NOMBRE: INES INVENTADA", "NOMBRE: RAUL SUPUESTO")):
        y = bottom + 60 + 70 * at
        draw.text((30, y), f"{name}  C.I.: V-00{at}", font=_font(18), fill=ink)
        zones[f"hidden.name{at}"] = Box(30, y, 380, y + 26)
        path = [(420 + 12 * step, y + 20 + 18 * np.sin(step * (1.7 + at))) for step in range(12)]
        draw.line(path, fill=(40, 40, 150), width=3)
        zones[f"hidden.signature{at}"] = Box(420, y, 556, y + 40)
    zones["code"] = Box(30, bottom + 210, 130, bottom + 310)
    rng = np.random.default_rng(1)
    for x, y in np.argwhere(rng.random((25, 25)) < 0.5) * 4:
        draw.rectangle([30 + x, bottom + 210 + y, 33 + x, bottom + 213 + y], fill=ink)
    return Drawn(pixels=np.ascontiguousarray(np.asarray(image, np.uint8)[..., ::-1]), zones=zones)


BAND = Box(0, 0, WIDTH, TOP + PITCH * len(ROWS) + 14)


@functools.cache
def layout(parties: tuple[str, ...] = PARTIES) -> ScanLayout:
    """The layout of the drawn sheets, learnt from their blank."""
    blank = drawn(None, parties=parties)
    cells = {figure: blank.zones[figure] for figure, _ in ROWS}
    return learn_layout(picture_of(blank.pixels), Annotation(cells=cells, band=BAND, sums=SUMS), name="drawn")


def photographed(
    sheet: Drawn,
    seed: int,
    *,
    width: int = 700,
    wave: float = 2.0,
    blur: float = 0.7,
    noise: float = 5,
    turn: float = 4,
) -> Photographed:
    """Take a picture: perspective, bent paper, uneven light, noise and JPEG."""
    rng = np.random.default_rng(seed)
    height_drawn, width_drawn = sheet.pixels.shape[:2]
    scale, angle = width / width_drawn, np.deg2rad(turn)
    corners = np.array([(0, 0), (width_drawn, 0), (width_drawn, height_drawn), (0, height_drawn)], np.float64)
    rotation = np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
    moved = (corners + rng.uniform(-15, 15, (4, 2))) @ rotation.T
    moved = (moved - moved.min(axis=0) + 30) * scale
    size = np.ceil(moved.max(axis=0) + 30 * scale).astype(int)
    plane = cv2.getPerspectiveTransform(corners.astype(np.float32), moved.astype(np.float32))
    phase, length = rng.uniform(0, 6), rng.uniform(350, 700)

    def bent(points: Points) -> Points:
        off = np.c_[wave * np.sin(points[:, 1] / length * 6.28 + phase), np.zeros(len(points))]
        return np.asarray(points - off, np.float64)

    grid = np.stack(np.meshgrid(np.arange(size[0]), np.arange(size[1])), axis=-1).reshape(1, -1, 2).astype(np.float32)
    source = cv2.perspectiveTransform(grid, np.linalg.inv(plane))[0].reshape(size[1], size[0], 2)
    source[..., 0] += wave * np.sin(source[..., 1] / length * 6.28 + phase)
    seen = cv2.remap(
        sheet.pixels, source[..., 0].astype(np.float32), source[..., 1].astype(np.float32), cv2.INTER_LINEAR,
        borderValue=(60, 75, 90),
    ).astype(np.float32)  # fmt: skip
    light = np.linspace(1, 0.65, size[0])[None, :, None]
    seen = np.asarray(cv2.GaussianBlur(seen, (0, 0), blur), np.float32)
    taken = seen * light + rng.normal(0, noise, (*seen.shape[:2], 1))
    raw = cv2.imencode(".jpg", np.clip(taken, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 70])[1]
    zones = {
        name: cv2.perspectiveTransform(bent(box.corners)[None].astype(np.float32), plane)[0].astype(np.float64)
        for name, box in sheet.zones.items()
    }
    return Photographed(pixels=np.asarray(cv2.imdecode(raw, cv2.IMREAD_COLOR), np.uint8), zones=zones)


def written(sheet: Drawn, zone: str, *, struck: bool, text: str, at: int) -> Drawn:
    """Write on a sheet with a black pen, which no colour tells from print."""
    pixels, box = sheet.pixels.copy(), sheet.zones[zone]
    if struck:
        cv2.line(pixels, (int(box.x1 - 60), int(box.y0 + 20)), (int(box.x1 - 6), int(box.y0 + 12)), (40, 38, 40), 2)
    place, font = (int(box.x1 + at), int(box.y0 + 24)), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX
    cv2.putText(pixels, text, place, font, 0.7, (40, 38, 40), 2, cv2.LINE_AA)
    return Drawn(pixels=pixels, zones=sheet.zones)


def covered(photograph: Photographed, *zones: str) -> Photographed:
    """Lay a thumb over zones."""
    pixels = photograph.pixels.copy()
    for zone in zones:
        cv2.fillPoly(pixels, [np.round(photograph.zones[zone]).astype(np.int32)], (110, 140, 200))
    return Photographed(pixels=pixels, zones=photograph.zones)


def registered(photograph: Photographed | Picture, on: ScanLayout | None = None) -> Registration:
    """Lay a photograph over a layout that it must fit."""
    picture = photograph if isinstance(photograph, Picture) else photograph.picture
    found = register(picture, on or layout())
    assert isinstance(found, Registration), found
    return found
