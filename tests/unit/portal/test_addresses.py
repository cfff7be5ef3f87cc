"""Where the definition says where the pages will stand: site map, own addresses, pictures; and nothing without it."""

import hashlib
import json
import re
import struct
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from tests.unit.portal.make_record import Shape, make_record
from tests.unit.portal.reading_pages import pages_of

from escruta.base.errors import InputError
from escruta.portal import render_site
from escruta.portal.editions import Edition
from escruta.portal.machines import draw_picture, feed, pictured_pages, site_maps
from escruta.portal.reading import Record
from escruta.portal.workshop import Order, editions_of
from escruta.sheets.printing import fonts

SITE = "https://results.example/2031/"
LANGUAGES = ("es", "en")
ATOM = "{http://www.w3.org/2005/Atom}"
RFC_3339 = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})")


def said_in(record: Path, **more: object) -> Path:
    """Put further keys into the definition that a record carries."""
    path = record / "election.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | more), encoding="utf-8")
    return record


def edition_of(record: Path, language: str = "en") -> Edition:
    order = Order(record=record, out=record, languages=LANGUAGES, record_href="../")
    return next(each for each in editions_of(order, 0, Record(record)) if each.words.language == language)


@pytest.fixture(scope="module")
def addressed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    shape = Shape(areas=(2, 4), stations=12)
    record = make_record(tmp_path_factory.mktemp("addressed"), shape)
    return said_in(record, site={"address": SITE, "pictures": True})


@pytest.fixture(scope="module")
def pages(addressed: Path) -> Path:
    return render_site(addressed, addressed / "site", languages=LANGUAGES).out


class Head(HTMLParser):
    """Takes the links and the meta tags of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[dict[str, str]] = []
        self.metas: dict[str, str] = {}
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "link":
            self.links.append(found)
        if tag == "meta" and (found.get("property") or found.get("name")):
            self.metas[found.get("property") or found["name"]] = found["content"]


def locations(path: Path) -> list[str]:
    root = ET.parse(path).getroot()  # noqa: S314 - our own file
    assert root.tag in {f"{{http://www.sitemaps.org/schemas/sitemap/0.9}}{name}" for name in ("urlset", "sitemapindex")}
    return [each[0].text or "" for each in root]


def test_every_page_says_its_own_address_and_those_in_the_other_languages(pages):
    for language in LANGUAGES:
        for path in pages_of(pages / language):
            head, page = Head(path), path.relative_to(pages / language).as_posix()
            own = [each["href"] for each in head.links if each["rel"] == "canonical"]
            assert own == [f"{SITE}{language}/{page}"] == [head.metas["og:url"]]
            others = {each["hreflang"]: each["href"] for each in head.links if "hreflang" in each}
            assert others == {each: f"{SITE}{each}/{page}" for each in LANGUAGES} | {"x-default": f"{SITE}es/{page}"}
            assert head.metas["og:title"]
            assert "<" not in head.metas.get("og:description", "")


def test_a_link_to_the_country_is_called_by_its_headline(pages):
    for path in (pages / "es" / "index.html", pages / "index.html"):
        assert "Ana Alba" in Head(path).metas["og:title"]
    assert "Ana Alba" not in Head(pages / "es" / "about.html").metas["og:title"]


def test_the_site_map_lists_every_page_in_every_language_and_nothing_else(pages):
    wanted = {f"{SITE}{path.relative_to(pages).as_posix()}" for each in LANGUAGES for path in pages_of(pages / each)}
    assert sorted(wanted) == locations(pages / "sitemap.xml")
    assert not (pages / "robots.txt").exists()


def test_a_picture_stands_where_a_page_says_and_nowhere_else(pages):
    said = {}
    for path in [pages / "index.html", *(page for each in LANGUAGES for page in pages_of(pages / each))]:
        metas = Head(path).metas
        image = metas.get("og:image")
        assert metas["twitter:card"] == ("summary_large_image" if image else "summary")
        if image:
            said[image] = pages / image.removeprefix(SITE)
            assert (metas["og:image:width"], metas["og:image:height"]) == ("1200", "630")
    assert sorted(said.values()) == sorted(pages.rglob("*.png"))
    assert len(said) == len(LANGUAGES) * 3
    for picture in said.values():
        raw = picture.read_bytes()
        assert struct.unpack(">8s4x4sII", raw[:24]) == (b"\x89PNG\r\n\x1a\n", b"IHDR", 1200, 630)


def test_the_list_of_digests_has_the_site_map_and_the_pictures(pages):
    lines = (pages / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    digests = dict(line.split("  ", 1)[::-1] for line in lines)
    for path in [pages / "sitemap.xml", *pages.rglob("*.png")]:
        assert digests[path.relative_to(pages).as_posix()] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_site_without_an_address_has_none_of_it(site):
    assert not [*site.glob("sitemap*"), *site.glob("robots.txt"), *site.rglob("*.png")]
    for path in [site / "index.html", *pages_of(site / "en")]:
        head = Head(path)
        assert not [name for name in head.metas if name.startswith(("og:", "twitter:"))]
        assert {each["rel"] for each in head.links} <= {"stylesheet", "alternate", "icon"}
        assert not [each for each in head.links if "://" in each["href"] or "hreflang" in each]


def test_more_addresses_than_one_map_holds_get_an_index(tmp_path):
    addresses = [f"en/areas/{number:03}.html" for number in range(7)]
    for name, content in site_maps(SITE, [*addresses, "index.html", "en/check.html", "data/index.json"], most=3):
        (tmp_path / name).write_bytes(content)
    parts = locations(tmp_path / "sitemap.xml")
    assert parts == [f"{SITE}sitemap-{number}.xml" for number in (1, 2, 3)]
    found = [locations(tmp_path / part.removeprefix(SITE)) for part in parts]
    assert [len(each) for each in found] == [3, 3, 1]
    assert [place for each in found for place in each] == [f"{SITE}{address}" for address in addresses]
    exactly = dict(site_maps(SITE, addresses[:3], most=3))
    assert list(exactly) == ["sitemap.xml"]
    assert b"<urlset" in exactly["sitemap.xml"]


def test_robots_txt_is_written_only_where_the_site_is_a_whole_host():
    assert "robots.txt" not in dict(site_maps(SITE, ["en/index.html"]))
    whole = dict(site_maps("https://results.example/", ["en/index.html"]))
    assert b"Sitemap: https://results.example/sitemap.xml\n" in whole["robots.txt"]


def test_the_data_set_is_described_with_whole_addresses(pages, addressed):
    text = (pages / "es" / "about.html").read_text(encoding="utf-8")
    described = json.loads(text.partition("<script type=application/ld+json>")[2].partition("</script>")[0])
    assert (described["@id"], described["url"]) == (f"{SITE}#record", f"{SITE}es/about.html")
    files = {each["contentUrl"] for each in described["distribution"]}
    assert "https://results.example/totals.csv" in files
    assert all((addressed / each.rpartition("/")[2]).is_file() for each in files)


# the feed


def announced(*moments: str | None) -> list[dict[str, object]]:
    some: list[dict[str, object]] = [
        {"id": f"a{number}", "by": "authority", "votes": {}, "at": at} for number, at in enumerate(moments)
    ]
    return [{name: value for name, value in each.items() if value is not None} for each in some]


def feed_with(addressed: Path, *moments: str | None, **more: object) -> ET.Element:
    edition = edition_of(addressed)
    election = {**edition.election, "announcements": announced(*moments), **more}
    return ET.fromstring(feed(replace(edition, election=election)))  # noqa: S314 - our own


def test_the_feed_holds_to_the_atom_format(addressed):
    made = feed_with(addressed, "2031-05-04T22:00:00-04:00", "2031-05-04", None)
    for each in (made, *made.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(each.findall(f"{ATOM}{name}")) == 1, name
        assert (each.findtext(f"{ATOM}id") or "").startswith("urn:uuid:")
        for name in ("updated", "published"):
            assert all(RFC_3339.fullmatch(found.text or "") for found in each.findall(f"{ATOM}{name}"))
        alternates = [link for link in each.findall(f"{ATOM}link") if link.get("rel") == "alternate"]
        assert len({(link.get("type"), link.get("hreflang")) for link in alternates}) == len(alternates) == 1
        assert all((link.get("href") or "").startswith(SITE) for link in each.findall(f"{ATOM}link"))
    assert made.find(f"{ATOM}author/{ATOM}name") is not None
    own = [link.get("href") for link in made.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert own == [f"{SITE}en/feed.atom"]


def test_moments_of_the_feed_are_in_utc_and_in_their_order(addressed):
    made = feed_with(
        addressed, "2031-05-04T23:00:00+09:00", "2031-05-04T20:00:00", "2031-05-04T15:00:00Z", "2031-05-03",
        time_zone="America/Caracas",
    )  # fmt: skip
    moments = [each.findtext(f"{ATOM}updated") for each in made.findall(f"{ATOM}entry")]
    assert moments == ["2031-05-05T00:00:00Z", "2031-05-04T15:00:00Z", "2031-05-04T14:00:00Z", "2031-05-03T00:00:00Z"]
    assert made.findtext(f"{ATOM}updated") == moments[0]
    published = [each.find(f"{ATOM}published") is not None for each in made.findall(f"{ATOM}entry")]
    assert published == [True, True, True, False]


def test_the_ids_of_the_feed_do_not_change_with_the_address(addressed):
    with_one = feed_with(addressed, "2031-05-04")
    without = feed_with(addressed, "2031-05-04", site=None)
    elsewhere = feed_with(addressed, "2031-05-04", site={"address": "https://other.example/"})
    ids = [[each.text for each in made.iter(f"{ATOM}id")] for made in (with_one, without, elsewhere)]
    assert ids[0] == ids[1] == ids[2]
    assert not [link for link in without.iter(f"{ATOM}link") if link.get("rel") == "self"]


# pictures


def test_the_same_figures_are_the_same_picture_and_others_another(addressed):
    edition = edition_of(addressed)
    drawn = draw_picture(edition, "", edition.national)
    assert drawn == draw_picture(edition_of(addressed), "", edition.national)
    first = edition.national.votes[0]
    other = replace(edition.national, votes=(replace(first, votes=(first.votes or 0) + 1), *edition.national.votes[1:]))
    assert drawn != draw_picture(edition, "", other)


def test_a_picture_of_nothing_counted_has_no_bars_and_names_are_never_markup(addressed):
    edition = edition_of(addressed)
    none = replace(edition.national, stations=(12, 0, 0, 0, 0, 0), leader=None, runner_up=None, margin_votes=None)
    assert draw_picture(edition, "", none)
    candidates = tuple(replace(each, name='#panic("x") *b* $x$ <b> ' + "M" * 90) for each in edition.contest.candidates)
    contest = replace(edition.contest, candidates=candidates)
    assert draw_picture(replace(edition, contest=contest, contests=(contest,)), "", edition.national)


def test_names_that_no_font_can_write_have_no_picture(addressed):
    edition = edition_of(addressed)
    election = {**edition.election, "name": "選挙"}
    assert pictured_pages(edition) == {"index.html", "areas/01.html", "areas/02.html"}
    assert pictured_pages(replace(edition, election=election)) == frozenset()


def test_pictures_without_the_typesetter_name_the_extra(addressed, monkeypatch):
    edition = edition_of(addressed)
    election = {**edition.election, "name": "A name that was not asked for before"}
    monkeypatch.setitem(__import__("sys").modules, "typst", None)
    fresh = fonts.FontShelf()
    monkeypatch.setattr("escruta.portal.machines.pictures._shelf", lambda: fresh)
    with pytest.raises(InputError, match=r"not installed") as caught:
        pictured_pages(replace(edition, election=election))
    assert caught.value.advice == 'pip install "escruta[print]"'
