import json
import re
import shutil
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import polars as pl
import pytest
from tests.unit.portal.make_record import Shape, make_record
from tests.unit.portal.reading_pages import pages_of, read_page, target_of

from escruta.base.errors import FileUnreadable, InputError, OutputRefused
from escruta.portal import render_site
from escruta.portal.places import anchor


def content_of(site: Path) -> dict[str, bytes]:
    return {each.relative_to(site).as_posix(): each.read_bytes() for each in site.rglob("*") if each.is_file()}


def test_the_same_record_gives_the_same_bytes(record, tmp_path):
    first = render_site(record, tmp_path / "first")
    second = render_site(record, tmp_path / "second")
    assert content_of(first.out) == content_of(second.out)


@pytest.mark.parametrize("workers", [1, 2])
def test_the_number_of_workers_changes_no_byte(record, site, tmp_path, workers):
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as executor:
        spread = render_site(record, tmp_path / "site", executor=executor)
    assert content_of(spread.out) == content_of(site)


def test_the_pages_do_not_depend_on_where_the_record_lies(record, site, tmp_path):
    moved = shutil.copytree(record, tmp_path / "elsewhere", ignore=shutil.ignore_patterns("site"))
    assert content_of(render_site(moved, moved / "site").out) == content_of(site)


def test_every_link_leads_to_a_page_and_a_place_that_exist(site):
    ids = {path: set(read_page(path).ids) for path in pages_of(site)}
    for path in pages_of(site):
        page = read_page(path)
        for link in [*page.links, *page.resources]:
            target, place = target_of(path, link)
            assert target.is_file(), (path, link)
            assert not place or place in ids[target], (path, link)


def test_nothing_is_fetched_from_elsewhere_and_the_scripts_are_those_of_the_site(site):
    for path in pages_of(site):
        page = read_page(path)
        assert not [each for each in page.resources if "//" in each]
        of_door = path.parent == site
        sorts = " sorts'><thead>" in path.read_text(encoding="utf-8")
        number = {"find.html": 5, "about.html": 2}.get(path.name, not of_door)
        assert page.scripts == number + sorts, "one of about is data"
        policy = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; base-uri"
        assert (policy in path.read_text(encoding="utf-8")) != of_door
        assert page.styles == 0, "a strict content security policy forbids styles inside a page"
    assert "url(" not in (site / "assets" / "site.css").read_text(encoding="utf-8")


def test_a_place_has_one_name_in_its_page(site):
    for path in pages_of(site):
        ids = read_page(path).ids
        assert len(ids) == len(set(ids)), path


def test_every_page_stands_in_every_language_at_the_same_address(site):
    pages = {
        language: {each.relative_to(site / language).as_posix() for each in pages_of(site / language)}
        for language in ("en", "es", "nl")
    }
    assert pages["en"] == pages["es"] == pages["nl"]
    assert len(pages["en"]) == 38 + 5


def test_every_station_stands_in_exactly_one_page(record, site):
    stations = set(pl.read_parquet(record / "verdicts-head.parquet")["station"])
    titles = [page.text for page in map(read_page, pages_of(site / "en" / "areas"))]
    assert all(sum(f" {station} " in f" {text} " for text in titles) == 1 for station in stations)


def test_an_unread_figure_is_said_in_words_and_is_no_zero(site):
    texts = " ".join(read_page(path).text for path in pages_of(site / "en" / "areas"))
    assert "illegible “<" in texts
    assert "not given" in texts


def test_names_from_the_record_are_escaped(site):
    raw = b"".join(path.read_bytes() for path in pages_of(site / "en"))
    assert b"State <2> & Co" not in raw
    assert b"State &lt;2&gt; &amp; Co" in raw or b"Town &lt;2&gt; &amp; Co" in raw


def test_a_difference_is_marked_by_a_sign_beside_its_colour(site):
    page = read_page(site / "en" / "differing.html")
    assert "≠" in page.text
    place = next(link for link in page.links if "#s" in link)
    target, _ = target_of(site / "en" / "differing.html", place)
    assert "≠ differs" in read_page(target).text


def test_colours_of_the_definition_are_used_and_nothing_else_is_let_into_the_style_sheet(record, site, tmp_path):
    assert ".c0-0{fill:#1a7f00;" in (site / "assets" / "site.css").read_text(encoding="utf-8")
    copy = shutil.copytree(record, tmp_path / "copy", ignore=shutil.ignore_patterns("site"))
    frame = pl.read_parquet(copy / "candidates.parquet")
    frame.with_columns(colour=pl.lit("red}body{opacity:0")).write_parquet(copy / "candidates.parquet")
    sheet = (render_site(copy, copy / "site").out / "assets" / "site.css").read_text(encoding="utf-8")
    assert "body{opacity" not in sheet


def test_what_is_not_known_is_said_to_be_unknown(tmp_path):
    record = make_record(tmp_path / "record", Shape(register_complete=False, one_origin=True))
    site = render_site(record, record / "site", languages=["en"]).out
    country, area = read_page(site / "en" / "index.html").text, read_page(site / "en" / "areas" / "01.html").text
    assert "Place not known" in country
    assert re.search(r"5,4\d\d stations not received", country)
    assert "Expected not known not known" in area
    assert "It cannot be said" in area
    assert "All of them rest on one origin" in country


def test_a_country_without_areas_lists_its_stations_in_pages(tmp_path):
    record = make_record(tmp_path / "record", Shape(areas=(), stations=450))
    site = render_site(record, record / "site", languages=["en"]).out
    pages = {each.name for each in pages_of(site / "en" / "stations")}
    assert pages == {f"{number}.html" for number in range(1, len(pages) + 1)}
    assert len(read_page(site / "en" / "index.html").links) < 150  # however many pages there are
    read = {path: read_page(path) for path in pages_of(site)}
    ids = {path: set(page.ids) for path, page in read.items()}
    assert set().union(*ids.values()) >= {anchor(f"X/{n}") for n in range(1, 451)}
    for path, page in read.items():
        for link in page.links:
            target, place = target_of(path, link)
            assert not place or place in ids[target]


@pytest.mark.parametrize(("stations", "pages"), [(8, 1), (40, 4)])
def test_pages_of_stations_lead_to_each_other_only_where_there_are_several(tmp_path, stations, pages):
    record = make_record(tmp_path / "record", Shape(areas=(), stations=stations))
    site = render_site(record, record / "site", languages=["en"]).out
    found = list(pages_of(site / "en" / "stations"))
    assert len(found) == pages
    assert all(("class=pager" in each.read_text(encoding="utf-8")) == (pages > 1) for each in found)
    listed = read_page(site / "en" / "index.html").links
    assert sum("stations/" in link and "#s" in link for link in listed) == stations


def test_an_earlier_site_is_replaced_whole(record, tmp_path):
    out = tmp_path / "site"
    render_site(record, out, languages=["en", "es"])
    render_site(record, out, languages=["nl"])
    there = ["SHA256SUMS", "assets", "data", "digests", "index.html", "nl", "reports", "version.json"]
    assert sorted(each.name for each in out.iterdir()) == there
    assert [each.name for each in tmp_path.iterdir()] == ["site"]


def test_a_folder_with_other_things_is_refused(record, tmp_path):
    (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(OutputRefused, match="holds something else"):
        render_site(record, tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["letter.txt"]


def test_a_language_without_words_is_refused(record, tmp_path):
    with pytest.raises(InputError) as caught:
        render_site(record, tmp_path / "site", languages=["en", "tlh"])
    assert caught.value.found == "tlh"
    copy = shutil.copytree(record, tmp_path / "copy", ignore=shutil.ignore_patterns("site"))
    election = json.loads((copy / "election.json").read_text(encoding="utf-8"))
    (copy / "election.json").write_text(json.dumps({**election, "languages": ["ca", "tlh"]}), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        render_site(copy, copy / "site")
    assert caught.value.found == "ca, tlh", "the definition's own, where none of them is known"


def test_nothing_half_written_is_left_when_a_record_is_broken(record, tmp_path):
    copy = shutil.copytree(record, tmp_path / "copy", ignore=shutil.ignore_patterns("site"))
    (copy / "marks.parquet").unlink()
    with pytest.raises(FileUnreadable, match="marks"):
        render_site(copy, copy / "site")
    assert not [each.name for each in copy.iterdir() if "site" in each.name]


def test_progress_is_told_to_the_end(record, tmp_path):
    told: list[tuple[str, int, int]] = []
    render_site(record, tmp_path / "site", progress=lambda *step: told.append(step))
    assert told[0][1] == 0
    assert told[-1][1] == told[-1][2]


def test_a_second_contest_has_pages_of_its_own(record, tmp_path):
    copy = shutil.copytree(record, tmp_path / "copy", ignore=shutil.ignore_patterns("site"))
    election = json.loads((copy / "election.json").read_text(encoding="utf-8"))
    election["contests"].append({**election["contests"][0], "id": "mayor", "name": "Mayor", "figures": []})
    (copy / "election.json").write_text(json.dumps(election), encoding="utf-8")
    for name in ("readings", "verdicts", "areas"):
        shutil.copy(copy / f"{name}-head.parquet", copy / f"{name}-mayor.parquet")
    for name in ("candidates", "totals"):
        frame = pl.read_parquet(copy / f"{name}.parquet")
        second = frame.with_columns(contest=pl.lit("mayor"))
        pl.concat([frame, second]).write_parquet(copy / f"{name}.parquet")
    site = render_site(copy, copy / "site", languages=["en"]).out
    second_page = site / "en" / "contests" / "mayor" / "index.html"
    assert "Mayor" in read_page(second_page).text
    for path in pages_of(site):
        for link in read_page(path).links:
            assert target_of(path, link)[0].is_file(), (path, link)
