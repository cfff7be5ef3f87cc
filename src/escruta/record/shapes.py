"""The outlines of areas, from a GeoJSON file to paths on a flat sheet: small enough for a page.

Longitudes are drawn in to the width that they have at the middle latitude, so that shapes look as people know them; a
country across the 180th meridian is torn apart. Points that change an outline by less than a pixel are left out.

Source: RFC 7946 (GeoJSON); Douglas and Peucker, “Algorithms for the reduction of the number of points”, 1973.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from math import cos, radians
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from escruta.base.errors import InputError
from escruta.election.definition import AreaMap
from escruta.record.digests import digest_of

SHAPES = "shapes"
Outline = npt.NDArray[np.float64]
"""Corners of a ring, shape `(corners, 2)`."""
_WIDTH = 1000
_TOLERANCE, _SMALLEST = 0.7, 4.0
"""In units of a drawing that is `_WIDTH` wide: how far a line may move, and the least surface of an island."""
_CORNERS = 4
_SCHEMA = pl.Schema({"code": pl.String, "width": pl.Int64, "height": pl.Int64, "path": pl.String})


def shapes_of(asked: AreaMap, folders: Sequence[Path]) -> pl.DataFrame:
    """Read the map of a definition: a row for each code, with its outlines as the path of an SVG.

    Raises `InputError` where the file is not there, is another one, or is no GeoJSON with outlines.
    """
    path = next((each / asked.file.path for each in folders if (each / asked.file.path).is_file()), None)
    if path is None:
        raise InputError("the file of the map is not there", where="map.file", found=asked.file.path)
    found = digest_of(path)
    if asked.file.sha256 not in {None, found}:
        raise InputError(
            "the file of the map is another one", where=asked.file.path, found=found, expected=asked.file.sha256
        )
    rings = _rings(path, asked.code)
    everything = np.concatenate([ring for own in rings.values() for ring in own])
    west, south = everything.min(axis=0)
    east, north = everything.max(axis=0)
    narrowing = cos(radians((south + north) / 2))
    scale = _WIDTH / max((east - west) * narrowing, 1e-9)
    height = max(round((north - south) * scale), 1)

    def flat(ring: Outline) -> Outline:
        return np.column_stack([(ring[:, 0] - west) * narrowing * scale, (north - ring[:, 1]) * scale])

    rows = [(code, _WIDTH, height, _path([flat(ring) for ring in own])) for code, own in sorted(rings.items())]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def _rings(path: Path, key: str) -> dict[str, list[Outline]]:
    try:
        document = json.loads(path.read_bytes())
        found: dict[str, list[Outline]] = {}
        for feature in document["features"]:
            code = feature["properties"].get(key, feature.get("id"))
            if code is not None:
                found.setdefault(str(code), []).extend(_outlines(feature["geometry"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _no_map(path, str(error)) from error
    if not any(found.values()):
        raise _no_map(path, f"no feature with an outline and {key!r}")
    return found


def _no_map(path: Path, found: str) -> InputError:
    return InputError(
        "this is no map of areas",
        where=str(path),
        found=found[:200],
        expected="GeoJSON (RFC 7946): Polygons or MultiPolygons, with the area's code among the properties",
    )


def _outlines(geometry: Any) -> Iterator[Outline]:  # noqa: ANN401 - JSON as it was found
    if geometry is None:
        return
    kind = geometry["type"]
    if kind not in {"Polygon", "MultiPolygon"}:
        return
    for polygon in [geometry["coordinates"]] if kind == "Polygon" else geometry["coordinates"]:
        for ring in polygon:
            corners = np.asarray([corner[:2] for corner in ring], dtype=np.float64)
            if not np.isfinite(corners).all():
                raise ValueError("a corner that is nowhere")
            if len(corners) >= _CORNERS:
                yield corners


def _path(rings: Sequence[Outline]) -> str:
    """Write the rings of an area, the largest first; of its islands those that are too small to see are left out."""
    ordered = sorted(rings, key=lambda ring: -_surface(ring))
    kept = [ring for place, ring in enumerate(ordered) if place == 0 or _surface(ring) >= _SMALLEST]
    return "".join(_ring_path(simplified(ring, _TOLERANCE)) for ring in kept)


def _ring_path(ring: Outline) -> str:
    corners = np.rint(ring).astype(np.int64)
    corners = corners[np.append(True, (np.diff(corners, axis=0) != 0).any(axis=1))]
    return "M" + "L".join(f"{x} {y}" for x, y in corners.tolist()) + "Z"


def _surface(ring: Outline) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return abs(float(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))) / 2


def simplified(ring: Outline, tolerance: float) -> Outline:
    """Leave out the corners without which no point of a ring moves by more than `tolerance`; the ends stay.

    >>> simplified(np.array([[0.0, 0], [5, 0.1], [10, 0], [10, 10], [0, 0]]), 0.5).tolist()
    [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 0.0]]
    """
    keep = np.zeros(len(ring), dtype=np.bool_)
    far = int(np.argmax(((ring - ring[0]) ** 2).sum(axis=1)))  # a ring ends where it begins: cut it in two
    keep[[0, far, -1]] = True
    waiting = [(0, far), (far, len(ring) - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:  # noqa: PLR2004 - nothing between them
            continue
        away = _distances(ring[first + 1 : last], ring[first], ring[last])
        at = int(np.argmax(away))
        if away[at] > tolerance:
            keep[first + 1 + at] = True
            waiting += [(first, first + 1 + at), (first + 1 + at, last)]
    return ring[keep]


def _distances(points: Outline, first: npt.NDArray[np.float64], last: npt.NDArray[np.float64]) -> Outline:
    """Measure how far points are from the stretch between two others."""
    along = last - first
    length = float(along @ along)
    share = np.clip(((points - first) @ along) / length, 0, 1) if length else np.zeros(len(points))
    away: Outline = np.hypot(*(points - first - share[:, None] * along).T)
    return away
