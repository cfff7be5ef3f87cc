"""A grid bent to the paper: where the centre of each module lies in the picture.

A picture is first straightened by the corners of the symbol (a homography); what is left are the paper's waves and
folds. They are followed by moving a B-spline grid uphill: at the centre of a module the paper is either dark or light,
and between modules it is neither, so contrast at the centres is greatest where the grid fits.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from escruta.sources.scans.codes.symbols import Modules
from escruta.sources.scans.codes.values import Corners
from escruta.sources.scans.pictures import Pixels

Field = npt.NDArray[np.float32]

PIXELS_PER_MODULE = 6
MARGIN = 4
"""Modules around the symbol that are straightened with it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Straightened:
    """The symbol as if it had been photographed from straight above, `PIXELS_PER_MODULE` to a module."""

    tone: Field
    """Dark is 1 and light is -1, by the local contrast."""
    contrast: Field
    """How much dark and light differ locally, in grey levels."""
    grey: Field
    to_picture: npt.NDArray[np.float64]
    """The homography from pixels of this to pixels of the picture."""


def straighten(grey: Pixels, corners: Corners, side: int) -> Straightened:
    """Straighten the symbol by its four corners."""
    import cv2  # noqa: PLC0415 - heavy

    scale, size = PIXELS_PER_MODULE, (side + 2 * MARGIN) * PIXELS_PER_MODULE
    low, high = MARGIN * scale - 0.5, (MARGIN + side) * scale - 0.5
    square = np.array([(low, low), (high, low), (high, high), (low, high)], np.float32)
    to_picture = cv2.getPerspectiveTransform(square, corners.astype(np.float32))
    flat = cv2.warpPerspective(
        grey, to_picture, (size, size), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.float32)
    tone, contrast = normalised(flat, 3.0 * scale)
    return Straightened(tone=tone, contrast=contrast, grey=flat, to_picture=np.asarray(to_picture, np.float64))


def normalised(grey: Field, sigma: float) -> tuple[Field, Field]:
    """Take away the light and the fading: tone from 1 (dark) to -1 (light), and the contrast it was measured with."""
    import cv2  # noqa: PLC0415 - heavy

    window = round(sigma * 2) | 1
    mean = cv2.blur(grey, (window, window))
    mean = cv2.blur(mean, (window, window))
    difference = mean - grey
    variance = cv2.blur(cv2.blur(difference * difference, (window, window)), (window, window))
    spread = np.sqrt(np.maximum(variance, 0))  # running sums leave a little less than nothing
    contrast = spread.astype(np.float32)
    floor = max(2.0, 0.25 * float(contrast.mean()))
    return np.clip(difference / np.maximum(contrast, floor), -2, 2).astype(np.float32) / 1.3, contrast


@cache
def basis(side: int, knots: int) -> Field:
    """Give the weight of each control point of a cubic B-spline at each module's centre: `(side, knots)`."""
    at = (np.arange(side) + 0.5) / side * (knots - 3)
    first = np.minimum(at.astype(int), knots - 4)
    t = at - first
    weights = np.stack([(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3]) / 6
    matrix = np.zeros((side, knots))
    for step in range(4):
        matrix[np.arange(side), first + step] = weights[step]
    return matrix.astype(np.float32)


def flat_centres(side: int) -> Field:
    """Give the centres of modules on unbent paper, `(side, side, 2)` as `(x, y)` in pixels of `Straightened`."""
    line = (MARGIN + np.arange(side) + 0.5) * PIXELS_PER_MODULE - 0.5
    return np.stack(np.meshgrid(line, line), axis=-1).astype(np.float32)


def sample(image: Field, centres: Field) -> Field:
    """Read an image at points `(x, y)`."""
    import cv2  # noqa: PLC0415 - heavy

    x, y = np.ascontiguousarray(centres[..., 0]), np.ascontiguousarray(centres[..., 1])
    return np.asarray(cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bending:
    """One pass of bending, from coarse to fine."""

    knots: int
    """Control points each way."""
    blur: float
    """In modules: how far the pull of a module reaches."""
    weight: float
    """How much more a module that is known pulls than one that is not."""
    rounds: int = 40


COARSE_TO_FINE = (
    Bending(knots=4, blur=0.7, weight=4),
    Bending(knots=6, blur=0.5, weight=3),
    Bending(knots=9, blur=0.35, weight=2),
)


def bend(tone: Field, modules: Modules, centres: Field, bending: Bending) -> Field:
    """Move the grid uphill and return the new centres; `modules` are those that are known."""
    import cv2  # noqa: PLC0415 - heavy

    knots, weight, rounds = bending.knots, bending.weight, bending.rounds
    smooth = np.asarray(cv2.GaussianBlur(tone, (0, 0), bending.blur * PIXELS_PER_MODULE), np.float32)
    slope_x = np.asarray(cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=1 / 8), np.float32)
    slope_y = np.asarray(cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=1 / 8), np.float32)
    spline = basis(len(modules), knots)
    across = np.ascontiguousarray(spline.T)
    pull_of_known = weight * modules.astype(np.float32)
    known = modules != 0
    shift = np.zeros((2, knots, knots), np.float32)
    speed, size = np.zeros_like(shift), 0.0
    step = 0.05 * PIXELS_PER_MODULE
    for turn in range(rounds):
        bent = np.asarray(centres + np.moveaxis(spline @ shift @ across, 0, -1), np.float32)
        pull = np.where(known, pull_of_known, np.tanh(3 * sample(smooth, bent)))
        slope = np.stack([sample(slope_x, bent), sample(slope_y, bent)]) * pull
        uphill = across @ slope @ spline
        uphill -= 0.02 * len(modules) * _roughness(shift) / PIXELS_PER_MODULE
        speed = np.asarray(0.8 * speed + 0.2 * uphill, np.float32)
        size = 0.95 * size + 0.05 * float((uphill * uphill).mean())
        shift += np.float32(step * (1 - 0.7 * turn / rounds) / (size**0.5 * 2 + 1e-9)) * speed
    return np.asarray(centres + np.moveaxis(spline @ shift @ across, 0, -1), np.float32)


def _roughness(shift: Field) -> Field:
    """Say how far each control point stands from the line through its neighbours."""
    rough = np.zeros_like(shift)
    for axis in (1, 2):
        moved = np.moveaxis(shift, axis, 0)
        out = np.moveaxis(rough, axis, 0)
        bow = moved[:-2] - 2 * moved[1:-1] + moved[2:]
        out[:-2] += bow
        out[1:-1] -= 2 * bow
        out[2:] += bow
    return rough
