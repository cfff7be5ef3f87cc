"""The map: outlines of areas on a flat sheet."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from escruta.apps import api
from escruta.base.errors import InputError
from escruta.election.definition import AreaMap, SourceFile
from escruta.record.shapes import shapes_of, simplified
from escruta.testing import Row, SmallElection, SmallSource


def square(west: float, south: float, side: float = 1.0) -> list[list[float]]:
    east, north = west + side, south + side
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def write_map(folder: Path, *features: tuple[str | None, object]) -> AreaMap:
    made = [
        {"type": "Feature", "id": None, "properties": {"code": code}, "geometry": geometry}
        for code, geometry in features
    ]
    (folder / "map.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": made}), "utf-8")
    return AreaMap(file=SourceFile(path="map.geojson"))


def polygon(*rings: list[list[float]]) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": rings}


def test_a_degree_of_longitude_is_as_wide_as_at_the_middle_latitude_and_north_is_up(tmp_path: Path) -> None:
    asked = write_map(tmp_path, ("N", polygon(square(10, 60))), ("S", polygon(square(10, 59))), (None, None))
    frame = shapes_of(asked, [tmp_path])
    assert frame.select("code", "width", "height").rows() == [("N", 1000, 4000), ("S", 1000, 4000)]
    assert frame["path"][0] == "M0 2000L1000 2000L1000 0L0 0L0 2000Z"


def test_islands_too_small_to_see_are_left_out_but_never_the_whole_of_an_area(tmp_path: Path) -> None:
    island = {"type": "MultiPolygon", "coordinates": [[square(0, 0)], [square(2, 0, 0.0001)]]}
    frame = shapes_of(write_map(tmp_path, ("A", island), ("B", polygon(square(3, 0, 0.0001)))), [tmp_path])
    assert [path.count("M") for path in frame["path"]] == [1, 1]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=3, max_size=40), st.integers(0, 5))
def test_a_simplified_outline_stays_near_every_corner_that_it_leaves_out(
    corners: list[tuple[int, int]], tolerance: int
) -> None:
    ring = np.array([*corners, corners[0]], dtype=np.float64)
    kept = simplified(ring, tolerance)
    starts, along = kept[:-1], np.diff(kept, axis=0)
    for corner in ring:
        length = np.maximum((along**2).sum(axis=1), 1e-12)
        share = np.clip(((corner - starts) * along).sum(axis=1) / length, 0, 1)
        assert np.hypot(*(corner - starts - share[:, None] * along).T).min() <= tolerance + 1e-9


@pytest.mark.parametrize("text", ["[]", "{", '{"features": [{"properties": {"code": "A"}, "geometry": null}]}', "{}"])
def test_a_file_that_is_no_map_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "map.geojson").write_text(text, "utf-8")
    with pytest.raises(InputError, match="no map of areas"):
        shapes_of(AreaMap(file=SourceFile(path="map.geojson")), [tmp_path])


def test_another_file_than_the_definition_names_is_refused(tmp_path: Path) -> None:
    asked = write_map(tmp_path, ("A", polygon(square(0, 0))))
    with pytest.raises(InputError, match="another one"):
        shapes_of(asked.model_copy(update={"file": SourceFile(path="map.geojson", sha256="0" * 64)}), [tmp_path])
    with pytest.raises(InputError, match="not there"):
        shapes_of(asked, [tmp_path / "elsewhere"])


def test_the_country_page_shows_the_map_with_a_way_to_each_area_and_says_what_is_not_on_it(tmp_path: Path) -> None:
    def row(station: str, region: str, ana: int, ben: int) -> Row:
        return {"station": station, "region": region, "ana": ana, "ben": ben}

    rows = (row("1", "A", 90, 10), row("2", "B", 5, 5), row("3", "C", 1, 9))
    home = tmp_path / "election"
    SmallElection(sources=(SmallSource(id="feed", rows=rows),), levels=("region",)).write(home)
    shapes = [("A", polygon(square(0, 0))), ("B", polygon(square(1, 0))), ("sea", polygon(square(2, 0)))]
    write_map(home, *shapes)
    with (home / "election.toml").open("a", encoding="utf-8") as definition:
        definition.write('\n[map]\nfile = { path = "map.geojson" }\n')
    api.run(home, tmp_path / "record", languages=["en"])
    page = (tmp_path / "record" / "site" / "en" / "index.html").read_text("utf-8")
    drawn = page.partition("<section id=map")[2].partition("</section>")[0]
    assert re.findall(r'href="([^"]+)" aria-label="([^"]+)"', drawn) == [
        ("areas/a.html", "region A: ana leads by 80.0 percentage points"),
        ("areas/b.html", "region B: nobody leads"),
    ]
    assert 'class="k1 m3"' in drawn
    assert "1 area is not on the map" in drawn
