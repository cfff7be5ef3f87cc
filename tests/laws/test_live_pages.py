"""A site that was brought from one record to the next is, byte for byte, the site of the next record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.laws.examining import SEVERAL_RUNS, examined

from escruta.apps.live import LiveFolder, Update
from escruta.apps.published import open_published
from escruta.apps.verify import Pages, verify_record
from escruta.portal import render_site
from escruta.record import digests
from escruta.record.logbook import GrowingSealedBook
from escruta.testing import SmallElection, SmallOrigin, SmallSource, bytes_of

NIGHT = SmallElection(
    sources=(
        SmallSource(id="feed", origin="authority", rows=()),
        SmallSource(id="copies", origin="copies", rows=()),
    ),
    origins=(SmallOrigin(id="authority"), SmallOrigin(id="copies", adverse_to=("authority",))),
    levels=("state", "town"),
    figures=("null",),
    expected=12,
    expected_registered_voters=900,
)
STATIONS = tuple({"station": str(at + 1), "state": "AB"[at % 2], "town": "xyz"[at % 3]} for at in range(9))
"""Nine stations in two states and six towns."""


def night_of(feed: Sequence[dict[str, object]], copies: Sequence[dict[str, object]]) -> SmallElection:
    sources = (replace(NIGHT.sources[0], rows=tuple(feed)), replace(NIGHT.sources[1], rows=tuple(copies)))
    return replace(NIGHT, sources=sources)


@st.composite
def rows(draw: st.DrawFn) -> tuple[dict[str, object], ...]:
    """Draw the sheets that a source gives: any of the stations, the leader always far ahead."""
    chosen = draw(st.lists(st.sampled_from(range(len(STATIONS))), min_size=1, max_size=9, unique=True))
    found = []
    for at in sorted(chosen):
        votes = {
            "ana": draw(st.integers(20, 30)),
            "ben": draw(st.integers(0, 5)),
            "null": draw(st.sampled_from([0, "?"])),
        }
        found.append({**STATIONS[at], **votes})
    return tuple(found)


def sheet(at: int, ana: object = 25, ben: object = 3) -> dict[str, object]:
    return {**STATIONS[at], "ana": ana, "ben": ben, "null": 0}


ALL = tuple(sheet(at) for at in range(9))
Nights = Sequence[tuple[Sequence[dict[str, object]], Sequence[dict[str, object]]]]


def live(out: Path, languages: Sequence[str]) -> LiveFolder:
    times = iter(range(100))
    book_of = partial(GrowingSealedBook, clock=lambda: f"2031-03-02T20:00:{next(times):02d}Z")
    return LiveFolder(out, book_of, languages=languages)


def published(folder: Path, nights: Nights, languages: Sequence[str]) -> list[Update]:
    """Publish one night after the other in one place, and hold each version against pages that are made anew."""
    out, updates = folder / "live", []
    with live(out, languages) as place:
        for number, (feed, copies) in enumerate(nights):
            updates.append(place.publish(examined(night_of(feed, copies))))
            fresh = folder / f"fresh-{number}"
            render_site(out, fresh, languages=languages)
            assert bytes_of(out / "site") == bytes_of(fresh)
            place.make_ready()
    return updates


@settings(max_examples=max(2, SEVERAL_RUNS.max_examples // 5))
@given(nights=st.lists(st.tuples(rows(), rows()), min_size=2, max_size=3))
def test_pages_that_were_brought_up_to_date_are_those_of_the_record(nights: Nights) -> None:
    """With parts of the list so small that they are cut anew as the list grows."""
    with TemporaryDirectory() as name, patch.object(digests, "_LINES_OF_PART", 5):
        published(Path(name), nights, ["es"])


def test_only_touched_pages_are_written(tmp_path: Path) -> None:
    """One night, sheet by sheet; what is written is the front pages, the touched area and those above it."""
    nights = [
        (ALL[:8], ALL),
        (ALL, ALL),  # a sheet comes
        (ALL, (*ALL[:4], sheet(4, ana=24), *ALL[5:])),  # a figure differs
        (ALL, ALL),  # and does so no more
        (ALL[:8], ALL),  # a sheet goes
        (ALL[:8], ALL),  # nothing changes
        (other := (sheet(0, ana=1, ben=900), *ALL[1:]), other),  # another leads: colours change everywhere
    ]
    updates = published(tmp_path, nights, ["en"])
    areas = 6 + 2
    front = updates[5].written
    assert [each.pages - front for each in updates] == [areas] * len(nights)
    assert [each.written - front for each in updates] == [areas, 2, 2, 2, 2, 0, areas]
    assert [each.is_whole for each in updates] == [True, False, False, False, False, False, True]
    with open_published(str(tmp_path / "live")) as place:
        report = verify_record(place, pages=Pages.RENDERED)
    assert report.faults == ()


def test_what_only_the_tables_of_stations_show_is_brought_to_all_areas_above(tmp_path: Path) -> None:
    """A second reading from one origin changes no total and no coverage, but the row of its station."""
    rows = tuple({**row, "parish": "1", "centre": "1"} for row in ALL)
    night = replace(NIGHT, levels=("state", "town", "parish", "centre"))
    first, second = (replace(each, origin="copies") for each in NIGHT.sources)
    out, is_whole = tmp_path / "live", list[bool]()
    with live(out, ["en"]) as place:
        for number, typed in enumerate((rows[:8], rows)):
            sources = (replace(first, rows=rows), replace(second, rows=typed))
            is_whole.append(place.publish(examined(replace(night, sources=sources))).is_whole)
            render_site(out, tmp_path / f"fresh-{number}", languages=["en"])
            assert bytes_of(out / "site") == bytes_of(tmp_path / f"fresh-{number}")
            place.make_ready()
    assert is_whole == [True, False]


def test_areas_and_stations_that_were_not_known_before_are_added(tmp_path: Path) -> None:
    updates = published(tmp_path, [(ALL[:2], ALL[:2]), (ALL[:3], ALL[:2]), (ALL[:2], ALL[:2])], ["en"])
    assert [each.is_whole for each in updates] == [True, False, False]
    assert updates[0].pages == updates[1].pages - 1 == updates[2].pages


def test_pages_with_an_address_and_pictures_are_brought_up_to_date_too(tmp_path: Path) -> None:
    """The picture of a touched area is drawn anew, that of another stays; the site map lists them all."""
    site = {"address": "https://results.example/", "pictures": True}
    out, first = tmp_path / "live", replace(night_of(ALL[:8], ALL[:8]), site=site)
    with live(out, ["es"]) as place:
        place.publish(examined(first))
        before = {path.name: path.read_bytes() for path in (out / "site" / "es" / "areas").glob("*.png")}
        place.make_ready()
        update = place.publish(examined(replace(night_of(ALL, ALL), site=site)))
    assert not update.is_whole
    render_site(out, tmp_path / "fresh", languages=["es"])
    assert bytes_of(out / "site") == bytes_of(tmp_path / "fresh")
    after = {path.name: path.read_bytes() for path in (out / "site" / "es" / "areas").glob("*.png")}
    assert [name for name in after if after[name] != before[name]] == ["a.png"]
    assert set(after) == {"a.png", "b.png"}
    assert (out / "site" / "sitemap.xml").is_file()
