"""From version to version only what differs is made: what was made before is kept, and every language shares it."""

from __future__ import annotations

from collections.abc import Iterator
from errno import ENOSPC
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest
from tests.laws.examining import examined

from escruta.apps.live import LiveFolder
from escruta.apps.published import open_published
from escruta.apps.verify import verify_record
from escruta.portal import asides, render_site, workshop
from escruta.portal.reading import Record
from escruta.record.logbook import CHECKPOINTS, LOG, GrowingSealedBook
from escruta.testing import SmallElection, SmallSource, bytes_of
from escruta.tlog.tiles import edge_of

LANGUAGES = ("en", "es")


def night(*ana: int) -> SmallElection:
    """Give an election of which so many stations are in, each with its votes for one candidate."""
    rows = tuple(
        {"station": str(at), "state": "AB"[at % 2], "ana": votes, "ben": 3, "null": 0}
        for at, votes in enumerate(ana, start=1)
    )
    return SmallElection(sources=(SmallSource(id="feed", rows=rows),), figures=("null",), levels=("state",))


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveFolder]:
    book_of = partial(GrowingSealedBook, clock=lambda: "2031-03-02T20:00:00Z")
    with LiveFolder(tmp_path / "live", book_of, languages=LANGUAGES) as place:
        yield place


def test_places_seats_and_index_are_made_again_only_for_other_stations(live: LiveFolder) -> None:
    live.publish(examined(night(20, 21, 22)))
    counted = ("Places", "index_of", "_seats_of")
    made = []
    for votes in ((20, 21, 30), (20, 21, 30, 9)):
        makers = [patch.object(workshop, name, wraps=getattr(workshop, name)) for name in counted]
        spies = [maker.start() for maker in makers]
        try:
            live.publish(examined(night(*votes)))
        finally:
            for maker in makers:
                maker.stop()
        made.append([spy.call_count for spy in spies])
    assert made == [[0, 0, 0], [1, 1, 1]]


def test_the_tables_are_looked_through_once_for_all_languages(live: LiveFolder) -> None:
    with (
        patch.object(asides, "set_aside", wraps=asides.set_aside) as aside,
        patch.object(asides, "arrivals", wraps=asides.arrivals) as arrived,
        patch.object(Record, "_differing", autospec=True, side_effect=Record._differing) as differing,
    ):
        live.publish(examined(night(20, 21)))
        live.publish(examined(night(20, 22)))
    assert [each.call_count for each in (aside, arrived, differing)] == [2, 2, 2]


def test_what_was_made_is_moved_into_the_version_and_the_rest_goes_when_nothing_else_is_to_do(live: LiveFolder) -> None:
    made = live.out.with_name(f".{live.out.name}.pages")
    live.publish(examined(night(20, 21)))
    assert not [path for path in made.rglob("*") if path.is_file()]
    live.make_ready()
    assert not made.exists()
    assert (live.out / "site" / "index.html").is_file()


@pytest.mark.parametrize("step", ["escruta.record.folders.exchange", "escruta.tlog.sealing.DurableWriter.finish"])
def test_after_a_disk_that_failed_the_next_version_is_whole(live: LiveFolder, tmp_path: Path, step: str) -> None:
    live.publish(examined(night(20, 21)))
    with patch(step, side_effect=OSError(ENOSPC, "no space left")), pytest.raises(OSError, match="no space"):
        live.publish(examined(night(20, 22)))
    live.publish(examined(night(20, 22, 23)))
    render_site(live.out, tmp_path / "fresh", languages=LANGUAGES)
    assert bytes_of(live.out / "site") == bytes_of(tmp_path / "fresh")
    with open_published(str(live.out)) as place:
        assert verify_record(place).faults == ()


def test_a_watch_that_goes_on_keeps_what_the_checkpoints_of_the_one_before_need(tmp_path: Path) -> None:
    out = tmp_path / "live"
    book_of = partial(GrowingSealedBook, clock=lambda: "2031-03-02T20:00:00Z")
    kept: dict[str, bytes] = {}
    for votes in ((20, 21), (20, 21, 22), (20, 21, 22, 23)):
        with LiveFolder(out, book_of, languages=("en",)) as place:
            place.publish(examined(night(*votes)))
        checkpoints = {each.name: each.read_bytes() for each in (out / LOG / CHECKPOINTS).iterdir()}
        assert kept.items() < checkpoints.items()
        kept = checkpoints
    needed = {tile.path for size in kept for tile in edge_of(int(size))}
    assert len(kept) == 3
    assert not [path for path in needed if not (out / LOG / path).is_file()]
