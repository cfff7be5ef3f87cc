"""Small photographs of codes for tests: drawn, bent, covered, blurred. The same seed, the same picture."""

import cv2
import numpy as np
import segno

BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def text_2024(seed, small=True):
    """A payload as of 2024, of a station that does not exist."""
    rng = np.random.default_rng(seed)
    counts = [int(rng.integers(0, 6 if small else 400)) if rng.random() < 0.5 else 0 for _ in range(38)]
    station = f"{rng.integers(10**8, 10**9)}.{rng.integers(1, 20):02d}.1.0001"
    return f"{station}!{','.join(map(str, counts))}!{rng.integers(0, 9)}!{rng.integers(0, 3)}"


def seal_text(seed, groups=60):
    """A text in the shape of a seal, which nobody signed."""
    rng = np.random.default_rng(seed)
    body = "".join(
        BASE45[value % 45] + BASE45[value // 45 % 45] + BASE45[value // 2025]
        for value in rng.integers(0, 65536, groups)
    )
    return "ESC1:" + body


def modules_of(text, level="m", mask=None):
    """Modules of the code of a text, 1 dark, with the symbol's version."""
    code = segno.make(text, error=level, micro=False, boost_error=False, mask=mask)
    return np.array([list(row) for row in code.matrix], np.uint8), int(code.version)


def photograph(  # noqa: PLR0917
    modules, seed=0, pixels=6, wave=0.0, tilt=0.02, blur=0.8, noise=4.0, cover=0.0, paper=(700, 520), at=None
):
    """A grey picture of a sheet with one code on it; `wave` in modules, `cover` as a share of the code's area."""
    rng = np.random.default_rng(seed)
    side = len(modules)
    sheet = np.full(paper, 235.0, np.float32)
    top, left = at or ((paper[0] - side * pixels) // 2, (paper[1] - side * pixels) // 2)
    ink = np.kron(modules, np.ones((pixels, pixels), np.float32))
    sheet[top : top + side * pixels, left : left + side * pixels] -= 190 * ink
    for row in range(12, top - 3 * pixels, 18):  # lines of print above the code
        for column in range(20, paper[1] - 20, 9):
            if rng.random() < 0.6:
                sheet[row : row + 9, column : column + 5] -= 170 * (rng.random((9, 5)) < 0.5)
    if cover:
        size = side * pixels * cover**0.5
        x, y = (left + side * pixels * share - size / 2 for share in (0.55, 0.55))
        y += top - left
        sheet[int(y) : int(y + size), int(x) : int(x + size)] = 150.0
    return taken(sheet, rng, wave * pixels, tilt, blur, noise)


def taken(sheet, rng, wave=0.0, tilt=0.02, blur=0.8, noise=4.0):
    """Photograph a drawn sheet."""
    height, width = sheet.shape
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    seen = corners + rng.uniform(-tilt, tilt, (4, 2)).astype(np.float32) * width
    back = np.linalg.inv(cv2.getPerspectiveTransform(corners, seen))
    y, x = np.mgrid[:height, :width].astype(np.float32)
    depth = back[2, 0] * x + back[2, 1] * y + back[2, 2]
    from_x, from_y = ((back[row, 0] * x + back[row, 1] * y + back[row, 2]) / depth for row in (0, 1))
    bent = from_x + wave * np.sin(from_y / 60 + rng.uniform(0, 6))
    out = cv2.remap(
        cv2.GaussianBlur(sheet, (0, 0), 0.6),
        bent.astype(np.float32),
        from_y.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=90,
    )
    out = cv2.GaussianBlur(out, (0, 0), blur) + rng.normal(0, noise, out.shape)
    return np.clip(out, 0, 255).astype(np.uint8)
