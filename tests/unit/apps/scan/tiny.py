"""Tiny pictures for the tests of scans: a code of a sheet and a line of its station, drawn in milliseconds."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
import segno

from escruta.testing.toml import to_toml

SLOTS = 38
CANDIDATES = tuple(f"c{at:02d}" for at in range(SLOTS))


def text_of(station: int, votes: Sequence[int] | None = None, null: int = 0) -> str:
    """Write the text of a code of 2024."""
    counts = votes if votes is not None else [(station * 7 + at) % 50 for at in range(SLOTS)]
    return f"{station:09d}.01.1.0001!{','.join(map(str, counts))}!{null}!0"


def picture_of_text(text: str, *, seed: int = 0, ending: str = ".png") -> bytes:
    """Draw a code on paper of uneven light, with a few lines around it that depend on the seed."""
    qr = segno.make(text, error="m", micro=False, boost_error=False)
    code = np.array([list(row) for row in qr.matrix_iter(scale=3, border=4)], dtype=np.uint8)
    random = np.random.default_rng(seed)
    page = np.full((code.shape[0] + 60, code.shape[1] + 20), 235.0)
    page += np.linspace(-random.uniform(0, 20), random.uniform(0, 20), page.shape[1])
    for _ in range(6):
        x, y, width = random.integers(0, 200), random.integers(0, 50), random.integers(10, 60)
        page[y : y + 4, x : x + width] = 40
    page[55 : 55 + code.shape[0], 10 : 10 + code.shape[1]] = np.where(code, 30, page[55 : 55 + code.shape[0], 10:-10])
    done, raw = cv2.imencode(ending, np.clip(page, 0, 255).astype(np.uint8))
    assert done
    return raw.tobytes()


def on_a_desk(raw: bytes) -> bytes:
    """Lay a picture into the corner of a larger, dark one."""
    page = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert page is not None
    desk = np.full((page.shape[0] + 160, page.shape[1] + 220), 70, dtype=np.uint8)
    desk[140 : 140 + page.shape[0], 10 : 10 + page.shape[1]] = page
    return cv2.imencode(".png", desk)[1].tobytes()


def write_pictures(folder: Path, count: int) -> None:
    """Write a picture for each of so many stations."""
    folder.mkdir(parents=True, exist_ok=True)
    for station in range(1, count + 1):
        (folder / f"{station:05d}.png").write_bytes(picture_of_text(text_of(station), seed=station))


def write_election(folder: Path, **more: object) -> Path:
    """Write an election whose ballot has as many candidates as the text of 2024 has counts."""
    folder.mkdir(parents=True, exist_ok=True)
    document: Mapping[str, object] = {
        "format": "escruta/election/v1",
        "id": "tiny",
        "name": "Tiny",
        "date": "2031-03-02",
        "stations": {
            "key": [{"part": "centre", "kind": "number", "width": 9}, {"part": "table", "kind": "number"}],
        },
        "contests": [
            {
                "id": "mayor",
                "name": "Mayor",
                "figures": ["null"],
                "candidates": [{"id": name, "name": name} for name in CANDIDATES],
            }
        ],
        "origins": [{"id": "copies", "name": "Copies", "owner": "party"}],
        "sources": [
            {
                "id": "scans",
                "name": "Scans",
                "kind": "party",
                "origin": "copies",
                "files": [{"path": "scans/readings.jsonl"}],
                "layout": {"format": "scans", "station": {"centre": "station.centre", "table": "station.table"}},
            }
        ],
        **more,
    }
    (folder / "election.toml").write_text(to_toml(dict(document)), encoding="utf-8")
    return folder


def as_jpeg(raw: bytes, *, scale: float = 1.0, quality: int = 80) -> bytes:
    """Save a picture again, smaller and with loss."""
    image = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert image is not None
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return io.BytesIO(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()).getvalue()
