"""Two people read a doubtful page, neither sees the other; what both typed is a reading, and nothing else is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.apps.scan import tiny
from tests.unit.apps.scan.served import TOKEN, served
from tests.unit.apps.serving import get, post

from escruta.apps import api
from escruta.apps.executing import workplace_named
from escruta.apps.scan import files_of, finish, open_home, scan_files
from escruta.apps.scan.decisions import Decision, read_decisions
from escruta.apps.scan.keeping import original_of
from escruta.apps.scan.review import ReviewQueue
from escruta.apps.scan.review.serving import page_of
from escruta.base.errors import InputError
from escruta.base.words import languages
from escruta.sources.scans.codes import Effort

COLUMNS = ("null", *(f"votes.{name}" for name in tiny.CANDIDATES))


@pytest.fixture
def home(tmp_path: Path):
    """A page that nothing could be read of."""
    (tmp_path / "page.png").write_bytes(tiny.picture_of_text("no sheet"))
    home = open_home(tiny.write_election(tmp_path / "election"))
    scan_files(home, files_of([str(tmp_path / "page.png")]), place=workplace_named("threads", 1), effort=Effort.QUICK)
    finish(home)
    return home


def decision_of(queue: ReviewQueue, reader: str, **more: object) -> Decision:
    task = queue.next_for(reader)
    assert task is not None
    figures: dict[str, int | None] = dict.fromkeys(COLUMNS, 4)
    said = Decision(
        digest=task.digest, page=task.page, reader=reader, station={"centre": "7", "table": "01"}, figures=figures
    )
    return replace(said, **more)  # type: ignore[arg-type]


def test_what_two_people_typed_is_a_reading_that_is_counted(home):
    queue = ReviewQueue(home)
    queue.take(decision_of(queue, "Ana"))
    assert finish(home).readings == 0
    queue.take(decision_of(queue, "Ben", station={"centre": "000000007", "table": "1"}))
    assert queue.left() == 0
    assert finish(home).readings == 1
    row = api.examine(home.folders[0]).contests[0].readings.row(0, named=True)
    assert (row["station"], row["method"], row["votes.c00"]) == ("000000007.1", "typed", 4)


@pytest.mark.parametrize(("kind", "readings"), [("number", 1), ("text", 0)])
def test_zeros_before_a_station_make_it_another_one_where_its_key_is_a_text(tmp_path, kind, readings):
    key = {"key": [{"part": "centre", "kind": kind}, {"part": "table", "kind": "number"}]}
    (tmp_path / "page.png").write_bytes(tiny.picture_of_text("no sheet"))
    home = open_home(tiny.write_election(tmp_path / "election", stations=key))
    scan_files(home, files_of([str(tmp_path / "page.png")]), place=workplace_named("threads", 1), effort=Effort.QUICK)
    finish(home)
    queue = ReviewQueue(home)
    queue.take(decision_of(queue, "Ana"))
    queue.take(decision_of(queue, "Ben", station={"centre": " 007", "table": "1"}))
    assert (queue.left(), finish(home).readings) == (1 - readings, readings)
    if kind == "text":
        queue.take(decision_of(queue, "Cas", station={"centre": "007 ", "table": "1"}))
        assert (queue.left(), finish(home).readings) == (0, 1)
        row = api.examine(home.folders[0]).contests[0].readings.row(0, named=True)
        assert row["station"] == "007.1"


def test_one_person_under_one_name_decides_nothing(home):
    queue = ReviewQueue(home)
    queue.take(decision_of(queue, "Ana"))
    assert queue.next_for("ana") is None
    assert queue.left() == 1


def test_where_two_differ_a_third_decides(home):
    queue = ReviewQueue(home)
    queue.take(decision_of(queue, "Ana"))
    queue.take(decision_of(queue, "Ben", figures=dict.fromkeys(COLUMNS, 5)))
    assert finish(home).readings == 0
    third = queue.next_for("Cas")
    assert third is not None
    assert third.number == 3
    queue.take(decision_of(queue, "Cas", figures=dict.fromkeys(COLUMNS, 5)))
    finish(home)
    assert api.examine(home.folders[0]).contests[0].readings["votes.c00"].to_list() == [5]


def test_what_is_illegible_stays_unread(home):
    queue = ReviewQueue(home)
    figures = dict.fromkeys(COLUMNS, 4) | {"votes.c03": None}
    for reader in ("Ana", "Ben"):
        queue.take(decision_of(queue, reader, figures=figures))
    finish(home)
    contest = api.examine(home.folders[0]).contests[0]
    assert contest.readings["votes.c03"].to_list() == [None]
    assert contest.marks.select("figure", "mark").rows() == [("votes.c03", "illegible")]


def test_where_three_differ_another_reader_decides(home):
    queue = ReviewQueue(home)
    for votes, reader in enumerate(("Ana", "Ben", "Cas")):
        queue.take(decision_of(queue, reader, figures=dict.fromkeys(COLUMNS, votes)))
    assert (queue.left(), finish(home).readings) == (1, 0)
    queue.take(decision_of(queue, "Dea", figures=dict.fromkeys(COLUMNS, 1)))
    assert (queue.left(), finish(home).readings) == (0, 1)


@pytest.mark.parametrize("again", ["ANA PAZ", " Ana  Paz ", "\uff21na Paz"])
def test_one_person_stays_one_however_the_name_is_typed(home, again):
    queue = ReviewQueue(home)
    queue.take(decision_of(queue, "Ana Paz"))
    assert queue.next_for(again) is None
    queue.take(replace(read_decisions(home.decisions)[0], reader=again))
    assert queue.left() == 1


def test_a_page_whose_original_is_gone_keeps_nobody_from_the_others(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.png").write_bytes(tiny.picture_of_text(f"no sheet {name}"))
    home = open_home(tiny.write_election(tmp_path / "election"))
    named = [str(tmp_path / "a.png"), str(tmp_path / "b.png")]
    scan_files(home, files_of(named), place=workplace_named("threads", 1), effort=Effort.QUICK)
    finish(home)
    first = ReviewQueue(home).next_for("Ana")
    assert first is not None
    original_of(home.originals, first.digest).unlink()
    task = ReviewQueue(home).next_for("Ana")
    assert task is not None
    assert task.digest != first.digest


def test_two_readers_at_once_are_shown_each_their_own_page(home, monkeypatch):
    """While one page is opened, another thread opens another one: neither may be given the other's."""
    queue = ReviewQueue(home)
    place = next(iter(queue._reasons))
    other = ("ab" * 32, 1)
    queue._reasons[other] = ("no-reading",)
    opened = {place: object(), other: object()}

    def open_slowly(_home: object, digest: str, number: int) -> object:
        if (digest, number) == place:
            queue.picture(other)
        return opened[digest, number]

    monkeypatch.setattr("escruta.apps.scan.review.queue.open_original", open_slowly)
    assert queue.picture(place) is opened[place]


def test_a_pasted_code_counts_when_two_people_read_its_station_on_the_paper(tmp_path):
    """Here the machine misread the print; until they say so, the page is a reading of neither station."""
    (tmp_path / "page.png").write_bytes(tiny.picture_of_text(tiny.text_of(7)))
    home = open_home(tiny.write_election(tmp_path / "election"))
    scan_files(home, files_of([str(tmp_path / "page.png")]), place=workplace_named("threads", 1), effort=Effort.QUICK)
    said = json.loads(home.journal.read_text(encoding="utf-8"))
    (page,) = said["pages"]
    page["print"] = {"findings": [{"code": "P204", "details": {"figures": "table: 1 / 2"}}]}
    page["sheets"].append(page["sheets"][0] | {"method": "ocr", "station": {"centre": "7", "table": "2"}})
    home.journal.write_text(json.dumps(said, separators=(",", ":")) + "\n", encoding="utf-8")
    state = finish(home)
    assert (state.readings, state.stations, state.withheld_for) == (0, 0, {"station": 1})
    queue = ReviewQueue(home)
    first = queue.next_for("Ana")
    assert first is not None
    assert first.station == {}  # the code's own is not put into anybody's mouth
    for reader in ("Ana", "Ben"):
        queue.take(decision_of(queue, reader))
    assert finish(home).readings == 2
    found = api.examine(home.folders[0]).contests[0].readings.select("station", "method")
    assert sorted(found.with_columns(found["method"].cast(str)).iter_rows()) == [
        ("000000007.1", "qr"),
        ("000000007.1", "typed"),
    ]


def test_no_sheet_is_decided_by_two_as_well(home):
    queue = ReviewQueue(home)
    for reader in ("Ana", "Ben"):
        queue.take(decision_of(queue, reader, is_sheet=False, figures={}, station={}))
    assert (queue.left(), finish(home).readings) == (0, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"digest": "ab" * 32},
        {"reader": " "},
        {"figures": {"null": 1}},
        {"figures": dict.fromkeys(COLUMNS, -1)},
        {"station": {"centre": "7"}},
        {"station": {"centre": "7", "table": " "}},
        {"station": {"centre": "7", "table": "1\udc00"}},
        {"station": {"centre": "7", "table": "1" * 61}},
    ],
    ids=["page", "reader", "missing", "negative", "part", "blank-part", "no-text", "long-part"],
)
def test_what_is_no_decision_is_refused_and_not_written(home, change):
    queue = ReviewQueue(home)
    with pytest.raises(InputError):
        queue.take(replace(decision_of(queue, "Ana"), **change))
    assert read_decisions(home.decisions) == []


def test_a_second_reader_sees_nobodys_figures(tmp_path):
    """There are more ballots than voters, so the page is doubtful, and the first reader sees what the code says."""
    (tmp_path / "0.png").write_bytes(tiny.picture_of_text(tiny.text_of(1)))
    register = {"files": [{"path": "register.csv"}], "complete": True}
    layout = {
        "format": "csv",
        "station": {"centre": "centre", "table": "table"},
        "figures": {"registered_voters": "voters"},
    }
    election = tiny.write_election(tmp_path / "election", register={**register, "layout": layout})
    (election / "register.csv").write_text("centre,table,voters\n1,1,3\n2,1,100000\n", encoding="utf-8")
    home = open_home(election)
    scan_files(home, files_of([str(tmp_path / "0.png")]), place=workplace_named("threads", 1), effort=Effort.QUICK)
    assert finish(home).findings["P305"] == 1
    queue = ReviewQueue(home)
    first = queue.next_for("Ana")
    assert first is not None
    assert first.figures["votes.c00"] == 7
    assert first.reasons == ("P305",)
    queue.take(decision_of(queue, "Ana"))
    with served(queue) as address:
        task = get(f"{address}/next", params={"reader": "Ben"}).json()["task"]
    assert (task["number"], task["figures"], task["station"], task["reasons"]) == (2, {}, {}, [])


def test_only_this_machines_own_pages_with_the_token_are_answered(home):
    with served(ReviewQueue(home)) as address:
        page = get(f"{address}/")
        assert page.status_code == 200
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert get(f"{address.replace(TOKEN, 'other')}/").status_code == 404
        assert get(f"{address}/", headers={"Host": "example.org"}).status_code == 404
        assert get(f"{address}/", headers={"Origin": "http://example.org"}).status_code == 404
        assert get(f"{address}/picture/{'ab' * 32}/1").status_code == 422
        assert post(f"{address}/decide", content=b"[]").status_code == 422
        endless = b'{"digest": "", "page": Infinity, "reader": "A", "station": {}, "figures": {}, "is_sheet": false}'
        assert post(f"{address}/decide", content=endless).status_code == 422
        assert post(f"{address}/pass", content=b'{"reader": "A"}').status_code == 422
        assert post(f"{address}/decide", content=b"x" * 100_000).status_code == 422


@pytest.mark.parametrize("language", languages())
def test_the_page_has_its_words(home, language):
    page = page_of(ReviewQueue(home), language, "nonce")
    assert f'<html lang="{language}">' in page
    assert "[[" not in page
