"""The pages for programs: the same figures as in the record, and no unknown that became a zero."""

import json
import re
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import polars as pl
import pytest
from tests.unit.portal.reading_pages import pages_of

from escruta.base.errors import InputError
from escruta.portal import render_site
from escruta.portal.contents import STEPS

ATOM = {"a": "http://www.w3.org/2005/Atom"}


def data_of(site: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted((site / "data").rglob("*.json"))]


def test_every_area_has_its_figures_as_json_and_they_are_those_of_the_record(record, site):
    totals = pl.read_parquet(record / "totals.parquet").with_columns(pl.col("area").fill_null(""))
    areas = pl.read_parquet(record / "areas-head.parquet").with_columns(pl.col("area").fill_null(""))
    wanted = {(area, candidate): votes for area, candidate, votes in totals.select("area", "candidate", "votes").rows()}
    found = {(page["area"], each["candidate"]): each["votes"] for page in data_of(site) for each in page["candidates"]}
    assert found == wanted
    steps = [pl.col(f"stations.{step}") for step in STEPS]
    assert {page["area"]: [each["stations"] for each in page["coverage"]] for page in data_of(site)} == {
        area: list(stations) for area, *stations in areas.select("area", *steps).rows()
    }


def test_every_station_stands_in_one_file_with_all_its_readings(record, site):
    readings = pl.read_parquet(record / "readings-head.parquet")
    stations = [station for page in data_of(site) for station in page["stations"]]
    assert sorted(each["station"] for each in stations) == sorted(
        pl.read_parquet(record / "verdicts-head.parquet")["station"]
    )
    told = {each["reading"]: each["figures"] for station in stations for each in station["readings"]}
    assert told.keys() == set(readings["reading"])
    for row in readings.to_dicts():
        assert told[row["reading"]] == {name: row[name] for name in told[row["reading"]]}


def test_a_figure_that_is_not_known_is_null(record, site):
    readings = pl.read_parquet(record / "readings-head.parquet")
    figures = {
        each["reading"]: each["figures"]
        for page in data_of(site)
        for station in page["stations"]
        for each in station["readings"]
    }
    names = [name for name in readings.columns if name in next(iter(figures.values()))]
    unknown = [(row["reading"], name) for row in readings.to_dicts() for name in names if row[name] is None]
    assert unknown
    assert all(figures[reading][name] is None for reading, name in unknown)


def test_every_page_of_an_area_leads_to_its_json_and_back(site):
    for page in data_of(site):
        for language in ("en", "es", "nl"):
            path = site / language / str(page["page"])
            up = "../" * (str(page["page"]).count("/") + 1)
            href = f"{up}data/{str(page['page']).removesuffix('.html')}.json"
            assert f"<link rel=alternate type=application/json href='{href}'>" in path.read_text(encoding="utf-8")
            assert (path.parent / href).resolve().is_file()


def feed_of(site: Path, language: str) -> ET.Element:
    return ET.fromstring((site / language / "feed.atom").read_bytes())  # noqa: S314 - our own file


def test_the_feed_is_atom_with_an_entry_for_each_announcement(record, site):
    announced = json.loads((record / "election.json").read_text())["announcements"]
    for language in ("en", "es", "nl"):
        feed = feed_of(site, language)
        ids = [each.text for each in feed.findall(".//a:id", ATOM)]
        assert len(ids) == len(set(ids)) == 1 + len(announced)
        for entry in feed.findall("a:entry", ATOM):
            assert all(entry.find(f"a:{name}", ATOM) is not None for name in ("id", "title", "updated"))
        assert feed.find("a:updated", ATOM).text.endswith("Z")


def test_the_ids_of_the_feed_are_the_same_in_every_language(site):
    entries = [
        [each.text for each in feed_of(site, language).findall("a:entry/a:id", ATOM)] for language in ("en", "es", "nl")
    ]
    assert entries[0] == entries[1] == entries[2]


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "noon"])
def test_a_moment_that_no_clock_shows_is_told_of_a_definition_that_nobody_validated(record, tmp_path, at):
    copy = shutil.copytree(record, tmp_path / "copy", ignore=shutil.ignore_patterns("site"))
    election = json.loads((copy / "election.json").read_text(encoding="utf-8"))
    election["announcements"][0]["at"] = at
    (copy / "election.json").write_text(json.dumps(election), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        render_site(copy, copy / "site", languages=["en"])
    assert (caught.value.where, caught.value.found) == ("election.json, announcements[0].at", f'"{at}"')


def test_the_record_is_described_as_a_data_set_with_a_digest_for_each_file(record, site):
    text = (site / "en" / "about.html").read_text(encoding="utf-8")
    raw = text.partition("<script type=application/ld+json>")[2].partition("</script>")[0]
    described = json.loads(raw)
    assert described["@type"] == "Dataset"
    digests = dict(line.split("  ")[::-1] for line in (record / "SHA256SUMS").read_text().splitlines())
    for file in described["distribution"]:
        assert digests[file["name"]] == file["sha256"]
        assert (site / "en" / file["contentUrl"]).resolve() == (record / file["name"]).resolve()
    assert {"summary.json", "totals.csv"} <= {file["name"] for file in described["distribution"]}


def test_each_area_has_one_section_that_can_stand_in_a_frame(site):
    framed = [path for path in pages_of(site / "en") if "<section id=embed>" in path.read_text(encoding="utf-8")]
    assert len(framed) == len(data_of(site))


def test_every_area_above_the_centres_has_its_stations_as_parquet(record, site):
    """With the columns and cells of the whole table; the country leads to that, and a centre to what stands above."""
    whole = pl.read_parquet(record / "verdicts-head.parquet")
    above = {page["area"] for page in data_of(site) if page["areas"] and page["area"]}
    found = {path.relative_to(site).as_posix() for path in (site / "data").rglob("*.parquet")}
    assert found == {
        str(pages["page"]).replace(".html", ".parquet").join(["data/", ""])
        for pages in data_of(site)
        if pages["area"] in above
    }
    for page in data_of(site):
        text = (site / "es" / str(page["page"])).read_text(encoding="utf-8")
        address = f"data/{str(page['page']).removesuffix('.html')}.parquet"
        assert (f"{address}'>todas sus mesas en Parquet" in text) == (page["area"] in above)
        if page["area"] in above:
            inside = pl.col("area").str.starts_with(f"{page['area']}/") | (pl.col("area") == page["area"])
            wanted = whole.filter(inside).sort(pl.col("area").str.split("/"), "station")
            assert pl.read_parquet(site / address).equals(wanted)
    front = (site / "en" / "index.html").read_text(encoding="utf-8")
    assert "href='../../verdicts-head.parquet'>all its polling stations as Parquet" in front


def test_every_page_of_an_area_leads_to_its_stations_as_parquet(site):
    centres = [page for page in data_of(site) if not page["areas"] and page["stations"]]
    assert centres
    for page in centres:
        at = site / "es" / str(page["page"])
        [href, name] = re.findall("href='([^']*[.]parquet)'>([^<]*)<", at.read_text(encoding="utf-8"))[0]
        assert name.startswith("todas las mesas en Parquet: ")
        table = pl.read_parquet(at.parent / href)
        assert {station["station"] for station in page["stations"]} <= set(table["station"])


def test_the_count_stands_beside_the_pages_in_the_formats_of_election_software(record, site):
    """Of the country and its widest areas, at the latest time that the record knows; the about page leads there."""
    raw = {path.name: path.read_text(encoding="utf-8") for path in (site / "reports").iterdir()}
    assert set(raw) == {"nist-1500-100.json", "eml-510.xml"}
    report = json.loads(raw["nist-1500-100.json"])
    page = json.loads((site / "data" / "index.json").read_text(encoding="utf-8"))
    wanted = {("country", each["candidate"]): each["votes"] for each in page["candidates"]}
    wanted |= {(f"area:{each['area']}", name): n for each in page["areas"] for name, n in each["votes"].items()}
    assert {
        (count["GpUnitId"], each["CandidateIds"][0].rpartition("/")[2]): count["Count"]
        for each in report["Election"][0]["Contest"][0]["ContestSelection"]
        for count in each["VoteCounts"]
    } == wanted
    at = max(each["at"] for each in json.loads((record / "election.json").read_text())["announcements"])
    assert report["GeneratedDate"].startswith(at.partition("T")[0])
    units = ET.fromstring(raw["eml-510.xml"]).findall(".//{*}ReportingUnitVotes")  # noqa: S314 - our own file
    assert len(units) == len(page["areas"])
    about = (site / "en" / "about.html").read_text(encoding="utf-8")
    assert all(f'href="../reports/{name}"' in about for name in raw)


def test_where_no_station_is_counted_there_is_no_report(record, tmp_path):
    copy = shutil.copytree(record, tmp_path / "copy", ignore=shutil.ignore_patterns("site"))
    areas = pl.read_parquet(copy / "areas-head.parquet")
    areas.with_columns(pl.lit(0, pl.Int64).alias("stations.counted")).write_parquet(copy / "areas-head.parquet")
    site = render_site(copy, tmp_path / "site", languages=["en"]).out
    assert not (site / "reports").exists()
    assert "eml-510.xml" not in (site / "en" / "about.html").read_text(encoding="utf-8")
