"""A record stands complete or not at all, is the same bytes for everybody, and takes the place of nothing else."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import frictionless
import polars as pl
import pytest
from hypothesis import given, settings
from tests.laws.examining import SEVERAL_RUNS, examined

from escruta.base.errors import OutputRefused
from escruta.record.digests import write_digests
from escruta.record.package import package_of
from escruta.record.summary import share_of, summary_of
from escruta.record.tables import tables_of
from escruta.record.writing import record_folder, write_record
from escruta.testing import SmallElection, SmallOrigin, SmallSource, bytes_of, digests_of
from escruta.testing.strategies import elections

NIGHT = SmallElection(
    sources=(
        SmallSource(
            id="feed",
            origin="authority",
            rows=(
                {"station": "1", "state": "A", "ana": 5, "ben": 3, "null": 1, "picture": "p"},
                {"station": "2", "state": 'B "x", y/z', "ana": None, "ben": "x", "null": 1, "picture": "p"},
                {"station": "a\nb", "state": "A", "ana": 5, "ben": 4, "null": 1, "picture": None},
            ),
        ),
        SmallSource(id="copies", origin="copies", rows=({"station": "1", "state": "A", "ana": 6, "ben": 3},)),
    ),
    origins=(SmallOrigin(id="authority"), SmallOrigin(id="copies", adverse_to=("authority",))),
    levels=("state",),
    expected=4,
    expected_registered_voters=100,
    announcements=({"id": "first", "name": "First", "by": "authority", "votes": {"ana": 9}, "at": "2031-03-02"},),
)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("record") / "out"
    with record_folder(out) as folder:
        write_record(examined(NIGHT), folder)
    return out


def test_record_is_a_frictionless_data_package(record: Path) -> None:
    report = frictionless.validate(str(record / "datapackage.json"))
    assert report.valid, report.flatten(["type", "note"])
    assert {each.place for each in report.tasks} == {path.name for path in record.glob("*.csv")}


def test_the_data_package_names_the_site_where_the_definition_does() -> None:
    site: dict[str, object] = {"address": "https://results.example/2031"}
    packages = [package_of(examined(replace(NIGHT, site=each)).election, {}) for each in (None, site)]
    assert [each.get("homepage") for each in packages] == [None, "https://results.example/2031/"]


@settings(SEVERAL_RUNS, max_examples=max(1, SEVERAL_RUNS.max_examples // 4))  # the validator is slow
@given(night=elections(max_stations=4))
def test_record_of_any_election_is_a_frictionless_data_package(night: SmallElection, tmp_path_factory: Any) -> None:
    folder = tmp_path_factory.mktemp("any")
    write_record(examined(night), folder)
    report = frictionless.validate(str(folder / "datapackage.json"))
    assert report.valid, report.flatten(["type", "note"])


def test_digests_are_those_of_the_files(record: Path) -> None:
    lines = (record / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    named = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    assert set(named) == {path.name for path in record.iterdir()} - {"SHA256SUMS"}
    for name, digest in named.items():
        assert hashlib.sha256((record / name).read_bytes()).hexdigest() == digest
    assert lines == sorted(lines, key=lambda line: line.split("  ", 1)[1])


def test_digests_leave_out_what_stands_in_folders(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("x", encoding="utf-8")
    (tmp_path / "a").write_text("x", encoding="utf-8")
    write_digests(tmp_path)
    assert (tmp_path / "SHA256SUMS").read_text(encoding="utf-8").split("  ")[1] == "a\n"


def test_two_runs_give_equal_bytes(record: Path, tmp_path: Path) -> None:
    write_record(examined(NIGHT), tmp_path)
    assert digests_of(tmp_path) == digests_of(record)


@SEVERAL_RUNS
@given(night=elections())
def test_two_runs_on_any_election_give_equal_bytes(night: SmallElection, tmp_path_factory: Any) -> None:
    one, two = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("two")
    write_record(examined(night), one)
    write_record(examined(night), two)
    assert digests_of(one) == digests_of(two)


def test_csv_and_parquet_hold_the_same_table(record: Path) -> None:
    """But for the empty text, which is null in CSV: only the country has one for its path."""
    for path in record.glob("*.parquet"):
        parquet = pl.read_parquet(path)
        csv = pl.read_csv(path.with_suffix(".csv"), schema=parquet.schema, null_values=[""])
        assert csv.with_columns(pl.col(pl.String).fill_null("")).equals(
            parquet.with_columns(pl.col(pl.String).fill_null(""))
        )


def test_record_holds_no_place_and_no_moment_of_this_machine(record: Path, tmp_path: Path) -> None:
    here = [str(Path.home()), str(tmp_path.parent.parent), str(record.parent)]
    for name, content in bytes_of(record).items():
        assert not any(place.encode() in content for place in here), name


def test_summary_is_the_contract() -> None:
    contest = summary_of(examined(NIGHT))["contests"][0]
    assert contest["policy"] == "single"
    assert set(contest["coverage"]["stations"]) == set(contest["coverage"]["registered_voters"])
    assert contest["verdicts"] == {
        "missing": 1,
        "single": 1,
        "corroborated": 0,
        "confirmed": 0,
        "contradicted": 1,
        "disputed": 0,
        "quarantined": 1,
    }
    assert contest["totals"]["options"]["ana"]["votes"] == 5
    assert contest["totals"]["options"]["ana"]["share_exact"] == "5/9"
    assert contest["outcome"]["leader"] == "ana"
    assert [each["source"] for each in contest["sources"]] == ["feed", "copies"]
    assert contest["agreement"] == [{"a": "feed", "b": "copies", "shared": 1, "differing": 1}]
    assert contest["announcements"][0]["figures"][0]["difference"] == 4


def test_summary_is_json_that_says_null_and_never_nan(record: Path) -> None:
    def refuse(word: str) -> None:
        raise AssertionError(word)

    text = (record / "summary.json").read_text(encoding="utf-8")
    assert json.loads(text, parse_constant=refuse)["contests"][0]["totals"]["blank"] is None


@pytest.mark.parametrize(("votes", "whole", "share"), [(1, 3, 1 / 3), (0, 3, 0.0), (0, 0, None), (3, None, None)])
def test_share_of_nothing_is_not_known(votes: int, whole: int | None, share: float | None) -> None:
    assert share_of(votes, whole) == share


def test_files_are_named_with_their_digests(record: Path) -> None:
    files = json.loads((record / "files.json").read_text(encoding="utf-8"))
    assert [(each["source"], each["path"], each["rows"]) for each in files] == [
        ("feed", "feed.csv", 3),
        ("copies", "copies.csv", 1),
    ]
    assert all(len(each["sha256"]) == len(each["content_digest"]) == 64 for each in files)


def test_several_contests_stand_in_tables_of_their_own(tmp_path: Path) -> None:
    row = {"station": "1", "ana": 1, "ben": 2}
    feeds = tuple(SmallSource(id=f"f-{name}", rows=(row,), contest=name) for name in ("president", "senate"))
    write_record(examined(SmallElection(sources=feeds, contests=("president", "senate"))), tmp_path)
    assert (tmp_path / "readings-president.parquet").exists()
    assert pl.read_parquet(tmp_path / "totals.parquet")["contest"].unique().sort().to_list() == ["president", "senate"]


def test_tables_are_sorted_and_name_each_thing_once() -> None:
    results = examined(NIGHT)
    keys = {
        "stations": ["station"],
        "areas": ["area"],
        "readings-president": ["reading"],
        "verdicts-president": ["station"],
    }
    tables = dict(tables_of(results))
    for name, key in keys.items():
        assert tables[name].select(key).is_unique().all(), name


# --- where it is written ---


def write_half(out: Path) -> None:
    with record_folder(out) as folder:
        (folder / "summary.json").write_text("half", encoding="utf-8")
        raise KeyboardInterrupt


def test_interrupted_writing_leaves_the_old_record_whole(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with record_folder(out) as folder:
        write_record(examined(NIGHT), folder)
    before = digests_of(out)
    with pytest.raises(KeyboardInterrupt):
        write_half(out)
    assert digests_of(out) == before
    assert [each.name for each in tmp_path.iterdir()] == ["out"]


def test_interrupted_first_writing_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        write_half(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_run_that_was_killed_between_the_two_steps_is_mended(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with record_folder(out) as folder:
        write_record(examined(NIGHT), folder)
    before = digests_of(out)
    out.rename(tmp_path / ".out.replaced")
    with pytest.raises(ValueError, match="stop"), record_folder(out):
        raise ValueError("stop")
    assert digests_of(out) == before


def test_record_that_cannot_take_its_place_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    with record_folder(out) as folder:
        write_record(examined(NIGHT), folder)
    before = digests_of(out)
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if self.name.endswith(".being-written"):
            raise PermissionError
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(PermissionError), record_folder(out) as folder:
        write_record(examined(NIGHT), folder)
    assert digests_of(out) == before


def test_earlier_record_is_replaced_with_its_pages(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for _ in range(2):
        with record_folder(out) as folder:
            write_record(examined(NIGHT), folder)
            (folder / "site").mkdir()
    assert [each.name for each in tmp_path.iterdir()] == ["out"]


def test_empty_folder_is_taken(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with record_folder(out) as folder:
        (folder / "a").write_text("x", encoding="utf-8")
    assert [each.name for each in out.iterdir()] == ["a"]


def _file_in_place(out: Path) -> None:
    out.write_text("mine", encoding="utf-8")


def _other_folder(out: Path) -> None:
    out.mkdir()
    (out / "thesis.txt").write_text("mine", encoding="utf-8")


def _downloads_with_digests(out: Path) -> None:
    _other_folder(out)
    (out / "SHA256SUMS").write_text(f"{'0' * 64}  thesis.txt\n", encoding="utf-8")


def _record_with_notes(out: Path) -> None:
    with record_folder(out) as folder:
        write_record(examined(NIGHT), folder)
    (out / "notes.txt").write_text("mine", encoding="utf-8")


def _record_with_a_folder(out: Path) -> None:
    _record_with_notes(out)
    (out / "notes.txt").unlink()
    (out / "my work").mkdir()


@pytest.mark.parametrize(
    "prepare", [_file_in_place, _other_folder, _downloads_with_digests, _record_with_notes, _record_with_a_folder]
)
def test_folder_with_other_things_is_refused_and_left_alone(tmp_path: Path, prepare: Any) -> None:
    out = tmp_path / "out"
    prepare(out)
    before = bytes_of(tmp_path)
    with pytest.raises(OutputRefused) as caught, record_folder(out):
        pytest.fail("it was opened")
    assert caught.value.where == str(out)
    assert bytes_of(tmp_path) == before


def test_record_may_be_written_where_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    with record_folder(Path()) as staged:
        (staged / "a").write_text("x", encoding="utf-8")
    assert [each.name for each in folder.iterdir()] == ["a"]
