"""The entry of a list of pages: it commits to the list and to its parts, and stands in the log once for each."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.laws.examining import examined

from escruta.record.digests import DIGESTS, INDEX, digest_of
from escruta.record.entries import History, entry, is_in_form, kind_of, page_list, received
from escruta.testing import SmallElection, SmallSource


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / DIGESTS).write_text("the list", encoding="utf-8")
    (tmp_path / INDEX).parent.mkdir()
    (tmp_path / INDEX).write_text("the index", encoding="utf-8")
    return tmp_path


def test_a_list_and_its_parts_stand_in_the_log_once(site: Path) -> None:
    history = History()
    [raw] = page_list(site, history)
    whole, of_parts = digest_of(site / DIGESTS), digest_of(site / INDEX)
    assert raw == entry("pages", number=1, sha256sums=whole, sha256parts=of_parts)
    history.add(raw)
    assert list(page_list(site, history)) == []
    (site / INDEX).write_text("another index", encoding="utf-8")
    assert len(list(page_list(site, history))) == 1
    history.add(entry("record", number=2, sha256sums="00" * 32))
    assert (history.page_list, history.page_parts) == (None, None)


def test_a_list_that_an_earlier_version_published_is_told_again_with_its_parts(site: Path) -> None:
    whole = digest_of(site / DIGESTS)
    history = History.of([entry("pages", number=1, sha256sums=whole)])
    assert (history.page_list, history.page_parts) == (whole, None)
    assert len(list(page_list(site, history))) == 1
    (site / INDEX).unlink()
    assert list(page_list(site, history)) == []


@pytest.mark.parametrize(("said", "is_right"), [("ab" * 32, True), ("ab", False), (7, False), (None, False)])
def test_what_an_entry_says_of_parts_is_a_digest(said: object, is_right: bool) -> None:
    raw = entry("pages", number=1, sha256sums="00" * 32, sha256parts=said)
    assert is_in_form(raw, *kind_of(raw)) == is_right
    raw = entry("pages", number=1, sha256sums="00" * 32)
    assert is_in_form(raw, *kind_of(raw))


def test_what_the_log_holds_is_not_told_again_and_what_is_new_is() -> None:
    rows = [{"station": str(number), "ana": 1, "ben": 2, "picture": f"{number:064x}"} for number in (1, 2, 3)]

    def told(rows: list[dict[str, object]], history: History) -> list[str]:
        source = SmallSource(id="party", rows=tuple(rows), layout={"picture": "picture"})
        entries = list(received(examined(SmallElection(sources=(source,))), history, arrived=None))
        for raw in entries:
            history.add(raw)
        return [kind_of(raw)[0] for raw in entries]

    history = History()
    assert told(rows[:2], history) == ["rules", "file", "copy", "copy", "reading", "reading"]
    assert told(rows[:2], history) == ["rules"]
    assert told(rows, history) == ["rules", "file", "copy", "reading"]
    assert told([*rows[:2], {**rows[2], "picture": "f" * 64}], history) == ["rules", "file", "copy"]
    assert told(rows[:2], history) == ["rules", "withdrawal"]
    assert told(rows, history) == ["rules", "return"]
