"""Whatever changes between two versions, the pages that were brought up to date are those that are made from nothing.

Not only sheets come: an area is called otherwise, a contest or a language is added, the site moves, the program is
another one. Each change is made alone, on top of those before it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType

import pytest
from tests.laws.examining import examined
from tests.laws.test_live_pages import ALL, NIGHT

from escruta.apps import api
from escruta.apps.live import LiveFolder, Update
from escruta.portal import render_site, snapshots
from escruta.record.digests import DIGESTS, PARTS
from escruta.record.logbook import GrowingSealedBook
from escruta.testing import SmallElection, SmallSource, bytes_of

NAMED = {"state": {"code": "state", "name": "state_name"}, "town": "town"}
ROWS = tuple({**row, "state_name": f"State of {row['state']}"} for row in ALL[:4])


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled(SmallElection):
    """A small election with more settings in its definition, by their way to them."""

    settings: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    def document(self) -> dict[str, object]:
        plain = json.loads(json.dumps(SmallElection.document(self), default=dict))
        for way, value in self.settings.items():
            *steps, last = (int(step) if step.isdecimal() else step for step in way.split("."))
            table = plain
            for step in steps:
                table = table[step]
            table[last] = value
        return dict(plain)


def source(name: str, **said: object) -> SmallSource:
    return SmallSource(id=name, rows=ROWS, layout={"areas": NAMED}, **said)  # type: ignore[arg-type]


BASE = Settled(
    sources=(source("feed", origin="authority"), source("copies", origin="copies")),
    origins=NIGHT.origins,
    levels=NIGHT.levels,
    figures=NIGHT.figures,
    expected=12,
    expected_registered_voters=900,
    settings={"languages": ["es"]},
)
Change = Callable[[Settled], Settled]


def setting(way: str, value: object) -> Change:
    return lambda night: replace(night, settings={**night.settings, way: value})


def rows(source_id: str, change: Callable[[dict[str, object]], dict[str, object]]) -> Change:
    def changed(night: Settled) -> Settled:
        own = next(each.rows for each in night.sources if each.id == source_id)
        return replace(
            night,
            sources=tuple(
                replace(each, rows=tuple(change(dict(row)) for row in own)) if each.id == source_id else each
                for each in night.sources
            ),
        )

    return changed


def in_both(change: Callable[[dict[str, object]], dict[str, object]]) -> Change:
    return lambda night: rows("feed", change)(rows("copies", change)(night))


def where(key: str, was: str, **now: object) -> Change:
    return in_both(lambda row: {**row, **now} if row[key] == was else row)


def with_contest(night: Settled) -> Settled:
    sources = tuple(replace(each, contest="president") for each in night.sources)
    mayors = replace(sources[1], id="mayors", contest="mayor")
    announced = tuple({**each, "contest": "president"} for each in night.announcements)
    return replace(night, contests=("president", "mayor"), sources=(*sources, mayors), announcements=announced)


def without_contest(night: Settled) -> Settled:
    return replace(night, contests=("president",), sources=night.sources[:2])


CHANGES: dict[str, Change] = {
    "nothing": lambda night: night,
    "an area is called otherwise": where("state", "A", state_name="Another name"),
    "an area is called otherwise by one source": rows("feed", lambda row: {**row, "state_name": "The feed's"}),
    "a town goes over to another state": where("station", "3", state="B"),
    "an area has another code": where("state", "B", state="C"),
    "a town is called otherwise": where("town", "x", town="ex"),
    "a level is called otherwise": setting("levels.1.name", "Municipality"),
    "the election is called otherwise": setting("name", {"en": "Renamed", "es": "Otra"}),
    "another day": setting("date", "2031-03-03"),
    "another time zone": setting("time_zone", "America/Caracas"),
    "the site has an address": setting("site", {"address": "https://results.example/a/"}),
    "the site moves": setting("site", {"address": "https://results.example/b/"}),
    "the site has none": setting("site", {"address": "http://localhost/"}),
    "a language more": setting("languages", ["es", "en"]),
    "another front door": setting("languages", ["en", "es"]),
    "a language less": setting("languages", ["en"]),
    "the contest is called otherwise": setting("contests.0.name", "The presidency"),
    "a candidate is called otherwise": setting("contests.0.candidates.1.name", "Benjamin"),
    "a candidate has a colour": setting("contests.0.candidates.1.colour", "#0b7a75"),
    "a candidate has a party": setting("contests.0.candidates.0.party", "Party"),
    "a candidate more": lambda night: replace(
        in_both(lambda row: {**row, "cleo": 1})(night), candidates=("ana", "ben", "cleo")
    ),
    "candidates in another order": lambda night: replace(night, candidates=night.candidates[::-1]),
    "a source is called otherwise": setting("sources.1.name", "The copies"),
    "an origin is called otherwise": setting("origins.1.name", "By hand"),
    "an origin has another owner": setting("origins.1.owner", "party"),
    "origins are not adverse": setting("origins.1.adverse_to", []),
    "a source of another kind": setting("sources.1.kind", "observer"),
    "another policy": lambda night: replace(night, policy="corroborated"),
    "a check is an error": lambda night: replace(night, checks={"S301": {"severity": "off"}}),
    "fewer stations are expected": lambda night: replace(night, expected=10),
    "an announcement": lambda night: replace(
        night, announcements=({"id": "first", "name": "First", "by": "authority", "votes": {"ana": 90, "ben": 30}},)
    ),
    "it was made at some time": setting("announcements.0.at", "2031-03-02T23:00:00-04:00"),
    "a figure more": lambda night: replace(in_both(lambda row: {**row, "valid": 29})(night), figures=("null", "valid")),
    "a contest more": with_contest,
    "a figure of that contest": rows("mayors", lambda row: {**row, "ana": 1} if row["station"] == "4" else row),
    "a contest less": without_contest,
}


def live(out: Path) -> LiveFolder:
    times = iter(range(1000))
    book_of = partial(GrowingSealedBook, clock=lambda: f"2031-03-02T20:{next(times):02d}:00Z")
    return LiveFolder(out, book_of)


def published(place: LiveFolder, night: SmallElection, fresh: Path) -> Update:
    """Publish a version, and hold it against pages that are made from nothing."""
    update = place.publish(examined(night))
    render_site(place.out, fresh)
    assert bytes_of(place.out / "site") == bytes_of(fresh)
    return update


FEW = (
    "nothing",
    "an area is called otherwise",
    "a town goes over to another state",
    "the site has an address",
    "another front door",
    "a contest more",
    "a contest less",
)


def hold(folder: Path, changes: Mapping[str, Change]) -> None:
    night = BASE
    with live(folder / "live") as place:
        published(place, night, folder / "base")
        for number, (name, change) in enumerate(changes.items()):
            night = change(night)
            update = published(place, night, folder / str(number))
            if name == "nothing":
                assert not update.is_whole
            place.make_ready()


def test_changes_give_the_pages_that_are_made_from_nothing(tmp_path: Path) -> None:
    hold(tmp_path, {name: CHANGES[name] for name in FEW})


@pytest.mark.torture
def test_every_change_gives_the_pages_that_are_made_from_nothing(tmp_path: Path) -> None:
    hold(tmp_path, CHANGES)


def test_another_program_makes_every_page_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with live(tmp_path / "live") as place:
        place.publish(examined(BASE))
        monkeypatch.setattr(snapshots, "program", lambda: "another version")
        assert published(place, BASE, tmp_path / "fresh").is_whole


def test_what_another_version_left_in_the_place_leaves_no_trace(tmp_path: Path) -> None:
    """A record with the pages of an earlier version: other pages, no parts of the list, other bytes under a name."""
    out = tmp_path / "live"
    BASE.write(tmp_path / "election")
    api.run(tmp_path / "election", out)
    site = out / "site"
    for path in (*(site / PARTS).iterdir(), site / "assets" / "live.js"):
        path.unlink()
    (site / PARTS).rmdir()
    (site / "es" / "old.html").write_text("as it was", encoding="utf-8")
    (site / "es" / "index.html").write_text("as it was", encoding="utf-8")
    (site / DIGESTS).write_text("", encoding="utf-8")
    with live(out) as place:
        for number in range(2):  # the second one is made where the first one's predecessor was
            published(place, BASE, tmp_path / str(number))
            place.make_ready()
