"""A page stays light: a reader on an old phone pays for every byte."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.unit.portal.make_log import make_log
from tests.unit.portal.make_record import Shape, make_record
from tests.unit.portal.reading_pages import read_page, target_of

from escruta.portal import render_site
from escruta.portal.places import anchor

HEAVIEST, HEAVIEST_OF_COUNTRY = 30_000, 150_000
"""Bytes of a page with stations and of the country's, without pictures: issue 6."""


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the pages of a country with a centre of forty stations, and its neighbour."""
    record = make_record(tmp_path_factory.mktemp("crowded"), Shape(areas=(2,), stations=80, differing_share=0.3))
    make_log(record)
    return render_site(record, record / "site", languages=["fr"]).out


def pages_with_stations(site: Path) -> list[Path]:
    return [page for page in sorted(site.rglob("*.html")) if "<section class=st id=" in page.read_text("utf-8")]


def test_a_page_with_stations_and_the_country_page_are_light(crowded: Path) -> None:
    pages = pages_with_stations(crowded)
    sizes = {page.relative_to(crowded).as_posix(): page.stat().st_size for page in pages}
    assert len(sizes) > 4
    assert max(sizes.values()) < HEAVIEST, sizes
    assert max(sizes.values()) > HEAVIEST // 2, "a page could hold more stations"
    assert (crowded / "fr" / "index.html").stat().st_size < HEAVIEST_OF_COUNTRY


def test_a_station_of_a_crowded_centre_is_reached_from_its_area_and_from_the_search(crowded: Path) -> None:
    home = {each: page for page in pages_with_stations(crowded) for each in read_page(page).ids if each[0] == "s"}
    stations = {anchor(f"01/{number}") for number in range(1, 41)}
    area = crowded / "fr" / "areas" / "01.html"
    listed = {place: page for link in read_page(area).links for page, place in [target_of(area, link)] if place}
    assert stations <= listed.keys() & home.keys()
    assert all(listed[each] == home[each] for each in stations)
    text = (crowded / "assets" / "places.js").read_text("utf-8").removeprefix("var places=").removesuffix(";\n")
    row = next(each for each in json.loads(text)["rows"] if each[:2] == [1, "01"])
    assert row[6] == sum(home[each].name == "1.html" for each in stations)
