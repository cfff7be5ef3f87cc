"""What the pages of small elections say: nothing unknown as a zero, nothing missing as a pass."""

import html
import json
import re
from dataclasses import fields, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from escruta.apps import api
from escruta.apps.cli import main
from escruta.portal import stations
from escruta.portal.contents import Finding
from escruta.portal.words import load_words
from escruta.testing import Row, SmallElection, SmallOrigin, SmallSource

ORIGINS = (SmallOrigin(id="transmission", owner="authority"), SmallOrigin(id="copies"))


def sheet(station: str, ana: int | None, ben: int | None) -> Row:
    return {"station": station, "ana": ana, "ben": ben}


def feed(*rows: Row, **more: Any) -> SmallElection:
    return SmallElection(sources=(SmallSource(id="feed", rows=rows),), **more)


def text_of(night: SmallElection, tmp_path: Path, page: str = "index", **options: Any) -> str:
    night.write(tmp_path / "election")
    api.run(tmp_path / "election", tmp_path / "record", languages=["en"], **options)
    written = (tmp_path / "record" / "site" / "en" / f"{page}.html").read_text(encoding="utf-8")
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", written)))


def announced(**votes: int) -> dict[str, object]:
    return {"id": "bulletin", "name": "Bulletin", "by": "authority", "votes": votes}


WITHIN = "No candidate whose votes were announced has more of them"


def test_missing_stations_are_not_zero_where_nobody_says_how_many_there_are(tmp_path: Path) -> None:
    said = text_of(feed(sheet("1", 5, 4)), tmp_path)
    assert "missing No copy has reached us. not known –" in said
    assert "however many times it was read. 1 – " in said


def test_missing_stations_are_counted_where_the_number_is_known(tmp_path: Path) -> None:
    said = text_of(feed(sheet("1", 5, 4), expected=4), tmp_path)
    assert "missing No copy has reached us. 3 75.00%" in said


def test_stations_that_one_published_source_makes_count_are_not_said_to_count_for_nobody(tmp_path: Path) -> None:
    sources = (
        SmallSource(id="feed", origin="transmission", kind="authority", rows=(sheet("1", 5, 4),)),
        SmallSource(id="party", origin="copies", rows=(sheet("1", 5, 6),)),
    )
    night = SmallElection(sources=sources, origins=ORIGINS, policy="source:feed")
    for page in ("index", "differing"):
        said = text_of(night, tmp_path, page)
        assert "for nobody" not in said
        assert "in no total" not in said
        assert "one source as published" in said


@pytest.mark.parametrize(
    ("ben", "votes", "within"),
    [
        (4, {"ana": 9, "ben": 4}, True),
        (4, {"ana": 9}, True),
        (4, {"ana": 9, "ben": 3}, False),
        (4, {}, False),
        (None, {"ana": 9, "ben": 4}, False),
    ],
)
def test_nothing_is_within_an_announcement_that_was_not_compared(
    tmp_path: Path, ben: int | None, votes: dict[str, int], within: bool
) -> None:
    said = text_of(feed(sheet("1", 5, ben), announcements=(announced(**votes),)), tmp_path)
    assert (WITHIN in said) is within
    if ben is None:
        assert "ben 4 ≥ 0 not known" in said


def voters(station: str, ana: int, ben: int, registered: int) -> Row:
    return {**sheet(station, ana, ben), "registered_voters": registered}


@pytest.mark.parametrize(
    ("registered", "policy", "said", "not_said"),
    [
        (11, "single", "at worst ana would stay 1 vote ahead of ben", "could change it"),
        (12, "single", "up to 12 votes could move the lead", "at worst ana would"),
        (5, "source:feed", "at worst ana would stay 2 votes ahead of ben", "could change it"),
        (6, "source:feed", "up to 12 votes could move the lead", "at worst ana would"),
    ],
)
def test_what_is_set_aside_matters_from_the_first_vote_that_could_level_it(
    tmp_path: Path, registered: int, policy: str, said: str, not_said: str
) -> None:
    more = 3 if policy == "source:feed" else 0  # counted as published, station 2 takes three votes from the lead
    known = (voters("1", 20 + more, 8, 60), voters("2", 0, 3, registered))
    other = SmallSource(id="party", origin="copies", rows=(voters("2", 0, 4, registered),))
    feeds = SmallSource(id="feed", origin="transmission", kind="authority", rows=known)
    night = SmallElection(
        sources=(feeds, other),
        origins=ORIGINS,
        expected=2,
        expected_registered_voters=60 + registered,
        policy=policy,
    )
    found = text_of(night, tmp_path)
    assert said in found
    assert not_said not in found
    assert "because its readings differ" in found or "as one source published it" in found


def test_unread_voters_of_a_station_set_aside_are_not_taken_for_nobody(tmp_path: Path) -> None:
    feeds = SmallSource(id="feed", origin="transmission", rows=(sheet("1", 20, 8), sheet("2", 1, 3)))
    other = SmallSource(id="party", origin="copies", rows=(sheet("2", 1, 4),))
    found = text_of(SmallElection(sources=(feeds, other), origins=ORIGINS), tmp_path)
    assert "Whether they could change who leads cannot be said" in found
    assert "contradicted 1 not known not known" in found
    assert "ana would stay ahead by 9 votes or more" in found  # 20 + 1 less 8 + 4: the worst of its readings


def test_figures_of_which_a_part_is_unread_are_shown_as_lower_bounds(tmp_path: Path) -> None:
    first = {"state": "N", "station": "1", "ana": 1199, "ben": None, "null": 1, "ballots": 1200}
    second = {"state": "N", "station": "2", "ana": 3, "ben": None, "null": None, "ballots": None}
    of = feed(first, second, figures=("null", "ballots"), levels=("state",))
    said = text_of(of, tmp_path)
    assert "ana 1,202 100.00% ben ≥ 0 – " in said, "of what nobody read there is no share"
    assert "state N 2 1,202 100.0% ≥ 0 1,202" in said, "nor in the table of areas"
    assert "Valid votes at least 1,202 Null votes at least 1 Ballots cast at least 1,200" in said
    data = json.loads((tmp_path / "record" / "site" / "data" / "index.json").read_text(encoding="utf-8"))
    assert data["at_least"] == {"valid": 1202, "null": 1, "blank": None, "ballots": 1200}
    assert [data["figures"][each] for each in data["at_least"]] == [None] * 4
    told = CliRunner().invoke(main, ["tally", str(tmp_path / "election")]).stdout
    assert "valid at least 1,202, null at least 1, blank not on the sheet" in told
    assert re.search(r"\nben +≥ 0 +0 – ", told), "nor a share in the terminal"
    ran = CliRunner().invoke(main, ["run", str(tmp_path / "election"), "--no-pages", "--out", str(tmp_path / "again")])
    assert re.search(r"\nana +1,202 +100.00 %\nben +≥ 0 *\n", ran.stdout)


def opposed(**more: Any) -> SmallElection:
    """Two sources contradict each other in the north, one has the south; nothing is counted in the north."""
    north = {"state": "N", "station": "1", "blank": 1}
    sources = (
        SmallSource(id="feed", origin="transmission", kind="authority", rows=({**north, "ana": 30, "ben": 20},)),
        SmallSource(id="party", origin="copies", rows=({**north, "ana": 10, "ben": 25},)),
        SmallSource(
            id="south", origin="copies", rows=({"state": "S", "station": "2", "ana": 4, "ben": 1, "blank": 0},)
        ),
    )
    return SmallElection(
        sources=sources, origins=ORIGINS, levels=("state",), announcements=(announced(ana=700, ben=1),), **more
    )


NONE_COUNTED = "No polling station is counted here"


def test_where_no_station_is_counted_nobody_has_zero_votes_and_nothing_is_compared(tmp_path: Path) -> None:
    whole = opposed()
    of_cleo = tuple(replace(each, rows=({**each.rows[0], "cleo": 1},)) for each in whole.sources[:2])
    text_of(replace(whole, sources=of_cleo, candidates=("ana", "ben", "cleo")), tmp_path)
    page = (tmp_path / "record" / "site" / "en" / "index.html").read_text(encoding="utf-8")
    assert "class=fold" not in page.partition("<section id=announced>")[2].partition("</section>")[0]
    said = text_of(replace(whole, sources=whole.sources[:2]), tmp_path)
    assert f"ana – 10–30 – ben – 20–25 – {NONE_COUNTED}: the votes are not known" in said
    assert f"Candidate Announced ana 700 ben 1 {NONE_COUNTED}, so that what was announced" in said
    assert "Announced minus counted" not in said
    assert "state N 0 / 1 – – –" in said, "nor in the table of areas"
    data = json.loads((tmp_path / "record" / "site" / "data" / "index.json").read_text(encoding="utf-8"))
    figures = ("votes", "votes_low", "votes_high")
    assert [[each[key] for key in figures] for each in data["candidates"]] == [[None, 10, 30], [None, 20, 25]]
    assert data["figures"]["candidate_votes"] is None
    assert [each["votes"] for each in data["areas"]] == [{"ana": None, "ben": None}]


def test_stations_that_are_quarantined_alone_leave_no_interval_of_zeros(tmp_path: Path) -> None:
    said = text_of(feed({"station": "1", "ana": 5, "ben": 4, "valid": 2}, figures=("valid",)), tmp_path)
    assert "quarantined" in said
    assert f"ana – – ben – – {NONE_COUNTED}" in said


def test_where_only_stations_off_the_register_are_counted_nobody_is_told_that_none_is(tmp_path: Path) -> None:
    listed = ({"station": "1", "registered_voters": 10},)
    rest = {"register": listed, "checks": {"S203": {"severity": "warning"}}}
    said = text_of(feed({"station": "2", "ana": 5, "ben": 4, "registered_voters": 10}, **rest), tmp_path)
    assert "No polling station is counted" not in said
    assert "there is no lead to overturn" not in said
    assert "ana leads ben by 1 vote" in said
    assert "Lead 1 vote" in said
    assert "0 of 1 polling stations are counted (0.0%). 1 more is counted that the register does not list." in said
    assert "of 1 polling station, and 1 that the register does not list" in said
    assert "1 more polling station is counted that the register does not list: its votes are in the result" in said


def test_where_the_rule_leaves_out_all_that_arrived_nobody_is_told_that_they_are_still_to_come(tmp_path: Path) -> None:
    said = text_of(feed(sheet("1", 5, 4), sheet("2", 5, 4)), tmp_path, policy="confirmed")
    assert "No polling station is counted " in said
    assert "2 polling stations arrived; under the rule of this count none of them is counted" in said
    assert " yet" not in said.partition("How the copies arrived")[0]


def test_where_more_arrived_than_is_expected_there_are_no_shares_of_it(tmp_path: Path) -> None:
    said = text_of(feed(sheet("1", 5, 4), sheet("2", 5, 4), expected=1), tmp_path)
    assert not re.search(r"\b[12][0-9]{2}(\.[0-9]+)?%", said.replace("100", ""))
    assert "the expected number cannot be right" in said
    ran = CliRunner().invoke(main, ["tally", str(tmp_path / "election")])
    assert "200.00 %" not in ran.stdout


def test_an_area_in_which_no_station_is_counted_says_so_beside_one_that_is(tmp_path: Path) -> None:
    said = text_of(opposed(), tmp_path)
    assert NONE_COUNTED not in said
    assert "ana 700 4 +696" in said
    site = tmp_path / "record" / "site"
    assert NONE_COUNTED in (site / "en" / "areas" / "n.html").read_text(encoding="utf-8")
    assert NONE_COUNTED not in (site / "en" / "areas" / "s.html").read_text(encoding="utf-8")
    table = (site / "data" / "index.csv").read_text(encoding="utf-8").splitlines()
    assert table[1:] == ["N,N,N,,0,,,,,", "S,S,S,,1,4,1,5,ana,3"]


def test_source_that_was_not_read_is_not_listed(tmp_path: Path) -> None:
    sources = (
        SmallSource(id="feed", origin="transmission", kind="authority", rows=(sheet("1", 5, 4),)),
        SmallSource(id="party", origin="copies", rows=(sheet("1", 5, 6),)),
    )
    said = text_of(SmallElection(sources=sources, origins=ORIGINS), tmp_path, sources=["feed"])
    assert "party.csv" not in said
    assert "rest on one origin – transmission" in said


def test_files_of_one_name_in_two_folders_are_shown_with_their_own_digests(tmp_path: Path) -> None:
    night = feed(sheet("1", 5, 4))
    folder = tmp_path / "election"
    night.write(folder)
    for number, line in enumerate(("1,5,4", "2,6,7")):
        (folder / str(number)).mkdir()
        (folder / str(number) / "feed.csv").write_text(f"station,ana,ben\n{line}\n", encoding="utf-8")
    definition = (folder / "election.toml").read_text(encoding="utf-8")
    changed = definition.replace('{path = "feed.csv"}', '{path = "0/feed.csv"}, {path = "1/feed.csv"}')
    assert changed != definition
    (folder / "election.toml").write_text(changed, encoding="utf-8")
    report = api.run(folder, tmp_path / "record", languages=["en"])
    written = (tmp_path / "record" / "site" / "en" / "index.html").read_text(encoding="utf-8")
    for file in report.summary["contests"][0]["sources"][0]["files"]:
        assert file["sha256"] in written


@pytest.mark.parametrize(("code", "shown"), [("S203", "120202.99"), ("S301", "120,202.99")])
def test_a_station_is_a_name_and_no_number(code: str, shown: str) -> None:
    kept: dict[str, Any] = {"code": code, "source": "feed", "found": "120202.99"}
    whole: dict[str, Any] = {each.name: kept.get(each.name) for each in fields(Finding)}
    finding = Finding(**whole)
    edition: Any = SimpleNamespace(words=load_words("en"))
    assert shown in stations.inputs(edition, finding)
