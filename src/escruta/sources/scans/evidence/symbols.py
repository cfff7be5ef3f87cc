"""Whether two pictures of one code are two photographs, or one that was copied as pixels.

Two photographs of a code show the same modules under other light, with another bend of the paper and another blur; laid
upon each other, they agree less than two copies of one photograph do. Two clean scans of one sheet agree just as well
as copies, so a likeness asks a question and answers none.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Grey: TypeAlias = npt.NDArray[np.uint8]
Corners: TypeAlias = npt.NDArray[np.float64]
FlatCode: TypeAlias = npt.NDArray[np.float32]
"""`(246, 246)`: a code seen from above."""

COPIED = 0.9987
"""From here on two pictures of a code are as alike as copies; photographs of one sheet stayed below 0.9981."""
_SIDE = 246
_EDGE = 12
_SHARP, _SMOOTH = 1.5, 20.0
_LEAST = 80
_ITERATIONS, _CHANGE, _FILTER = 50, 1e-4, 5


def flat_code(grey: Grey, corners: Corners) -> FlatCode | None:
    """Take a code out of its picture, square, without the slow changes of light; None where it is too small.

    `corners` are in picture pixels, clockwise from the top left, `(4, 2)`.
    """
    import cv2  # noqa: PLC0415 - an extra

    if float(np.linalg.norm(corners - np.roll(corners, 1, axis=0), axis=1).min()) < _LEAST:
        return None
    square = np.array([[0, 0], [_SIDE, 0], [_SIDE, _SIDE], [0, _SIDE]], dtype=np.float32)
    to_square = cv2.getPerspectiveTransform(corners.astype(np.float32), square)
    flat = cv2.warpPerspective(grey, to_square, (_SIDE, _SIDE), flags=cv2.INTER_AREA).astype(np.float32)
    sharp = cv2.GaussianBlur(flat, (0, 0), _SHARP)
    return np.asarray(sharp - cv2.GaussianBlur(sharp, (0, 0), _SMOOTH), dtype=np.float32)


def code_likeness(first: FlatCode, second: FlatCode) -> float:
    """Give how well the pixels of two codes of the same text agree, up to 1."""
    import cv2  # noqa: PLC0415 - an extra

    movement = np.eye(2, 3, dtype=np.float32)
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, _ITERATIONS, _CHANGE)
    try:
        everywhere = np.full(first.shape, 255, dtype=np.uint8)
        _, found = cv2.findTransformECC(first, second, movement, cv2.MOTION_AFFINE, criteria, everywhere, _FILTER)
    except cv2.error:  # it finds no movement under which they agree at all
        return 0.0
    laid = cv2.warpAffine(second, found, (_SIDE, _SIDE), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    inside = (slice(_EDGE, -_EDGE), slice(_EDGE, -_EDGE))
    return float(np.corrcoef(first[inside].ravel(), laid[inside].ravel())[0, 1])
