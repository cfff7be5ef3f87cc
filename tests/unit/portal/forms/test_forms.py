"""A record is anybody's: what is not in its form is told with its place, and nothing is written."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.unit.portal.make_log import make_log

from escruta.base.errors import InputError
from escruta.portal import render_site
from escruta.portal.forms import RecordMalformed
from escruta.portal.forms.tables import FORMS, in_form
from escruta.portal.reading import Record
from escruta.record.logbook import keep_checkpoint

Changed = Callable[[pl.DataFrame], pl.DataFrame]


@pytest.fixture
def copy(record: Path, tmp_path: Path) -> Path:
    return shutil.copytree(record, tmp_path / "copy", ignore=shutil.ignore_patterns("site", "*.csv"))


def put(document: Any, path: tuple[str | int, ...], value: object) -> Any:
    if not path:
        return value
    document[path[0]] = put(document[path[0]] if path[1:] else None, path[1:], value)
    return document


@pytest.mark.parametrize(
    ("name", "path", "value", "where"),
    [
        ("election.json", (), [], "election.json"),
        ("election.json", (), {}, "election.json, format"),
        ("election.json", ("contests",), None, "election.json, contests"),
        ("election.json", ("contests", 0, "id"), "../../x", "election.json, contests[0].id"),
        ("election.json", ("sources", 1, "origin"), "nobody", "election.json, sources[1].origin"),
        ("election.json", ("origins", 0, "adverse_to"), ["nobody"], "election.json, origins[0]"),
        ("summary.json", (), {}, "summary.json"),
        ("summary.json", ("contests", 0, "sources"), [7], "summary.json, contests[0].sources[0]"),
        ("summary.json", ("contests", 0, "agreement", 0, "a"), -1, "summary.json, contests[0].agreement[0].a"),
        ("summary.json", ("contests", 0, "outcome"), "x", "summary.json, contests[0].outcome"),
        ("files.json", (), {"files": 7}, "files.json, files"),
        ("files.json", (), [{"notes": [{}]}], "files.json, files[0].notes[0]"),
    ],
)  # fmt: skip
def test_a_document_of_another_shape_is_told_with_its_spot(
    copy: Path, name: str, path: tuple[str | int, ...], value: object, where: str
) -> None:
    document = json.loads((copy / name).read_text(encoding="utf-8"))
    (copy / name).write_text(json.dumps(put(document, path, value)), encoding="utf-8")
    with pytest.raises(RecordMalformed) as caught:
        Record(copy)
    assert caught.value.where == where
    assert caught.value.found
    assert caught.value.expected
    assert caught.value.advice


def test_half_a_sign_is_told_before_any_page_is_written(copy: Path) -> None:
    (copy / "files.json").write_text(r'[{"source": "feed", "path": "\ud800"}]', encoding="utf-8")
    with pytest.raises(Exception, match="cannot be read") as caught:
        Record(copy)
    assert getattr(caught.value, "where", None) == "files.json"


def lit(column: str, value: object) -> Changed:
    return lambda frame: frame.with_columns(pl.lit(value).alias(column))


@pytest.mark.parametrize(
    ("name", "changed", "spot"),
    [
        ("areas", lambda frame: frame.drop("parent"), "areas.parquet, column parent"),
        ("areas", lambda frame: frame.filter(pl.col("area") != ""), "areas.parquet, column area"),
        ("areas", lambda frame: pl.concat([frame, frame[1:2]]), "areas.parquet, column area"),
        ("areas", lambda frame: frame.with_columns(parent=pl.col("area")), "areas.parquet, column parent"),
        ("areas", lit("level", 9), "areas.parquet, column level"),
        ("areas-head", lambda frame: frame[2:], "areas-head.parquet, column area"),
        ("areas-head", lit("leader", "nobody"), "areas-head.parquet, column leader"),
        ("areas-head", lit("stations.counted", "many"), "areas-head.parquet, column stations.counted"),
        ("totals", lambda frame: frame[1:], "totals.parquet, column candidate"),
        ("totals", lit("votes", -1), "totals.parquet, column votes"),
        ("totals", lit("votes", 1.5), "totals.parquet, column votes"),
        ("candidates", lit("name", None), "candidates.parquet, column name"),
        ("verdicts-head", lit("verdict", "fraud"), "verdicts-head.parquet, column verdict"),
        ("verdicts-head", lit("counted", "yes"), "verdicts-head.parquet, column counted"),
        ("verdicts-head", lit("low.alba", [1]), "verdicts-head.parquet, column low.alba"),
        ("verdicts-head", lit("area", "nowhere"), "verdicts-head.parquet, column area"),
        ("readings-head", lit("arrived", "at noon"), "readings-head.parquet, column arrived"),
        ("readings-head", lit("votes.alba", 2**62), "readings-head.parquet, column votes.alba"),
    ],
    ids=[f"table{at}" for at in range(18)],
)  # fmt: skip
def test_a_table_of_another_shape_is_told_with_its_column(copy: Path, name: str, changed: Changed, spot: str) -> None:
    path = copy / f"{name}.parquet"
    changed(pl.read_parquet(path)).write_parquet(path)
    with pytest.raises(RecordMalformed) as caught:
        Record(copy).require_whole()
    assert caught.value.spot == spot


def test_every_column_that_the_pages_read_is_held_to_its_kind() -> None:
    """A column without any value is of every kind, and one of dates of none."""
    names = {"results": "areas-head", "readings": "readings-head", "verdicts": "verdicts-head"}
    for table, form in FORMS.items():
        name = names.get(table, table)
        whole = pl.DataFrame({column: pl.Series([], dtype=pl.Null) for column in form})
        assert in_form(name, whole).columns == list(form)
        for column in form:
            with pytest.raises(RecordMalformed) as caught:
                in_form(name, whole.with_columns(pl.Series(column, [], dtype=pl.Date)))
            assert (caught.value.where, caught.value.column) == (f"{name}.parquet", column)


def test_a_list_of_digests_that_names_no_file_is_told(copy: Path) -> None:
    with (copy / "SHA256SUMS").open("a", encoding="utf-8") as lines:
        lines.write(f"{'0' * 64}  {'x' * 5000}\n")
    with pytest.raises(RecordMalformed, match="not in its form") as caught:
        render_site(copy, copy / "site", languages=["en"])
    assert caught.value.where == "SHA256SUMS"
    assert not (copy / "site").exists()


def test_a_column_without_values_and_small_numbers_are_in_form() -> None:
    frame = pl.DataFrame({"contest": ["head"], "reading": ["1"], "figure": ["null"], "mark": ["empty"]})
    plain = in_form("marks", frame.with_columns(pl.lit(None).alias("found"), pl.col("mark").cast(pl.Categorical)))
    assert plain.schema["found"] == plain.schema["mark"] == pl.String
    assert in_form("no-such-table", frame) is frame


@pytest.mark.parametrize(
    ("name", "row", "column"),
    [
        ("shapes", {"code": "01", "path": 'M0 0"/><text>x', "width": 9, "height": 9}, "path"),
        ("pictures", {"source": "s", "picture": "p", "file": "javascript:alert(1)", "sha256": "0" * 64}, "file"),
        ("pictures", {"source": "s", "picture": "p", "file": f"pictures/{'0' * 64}.jpg\n", "sha256": "0" * 64}, "file"),
        ("pictures", {"source": "s", "picture": "p", "file": f"pictures/{'0' * 64}.jpg", "sha256": "?"}, "sha256"),
    ],
)
def test_a_text_that_a_page_takes_as_it_stands_says_nothing_else(name: str, row: dict[str, Any], column: str) -> None:
    with pytest.raises(RecordMalformed) as caught:
        in_form(name, pl.DataFrame([row]))
    assert caught.value.column == column


@pytest.mark.parametrize(
    ("name", "is_folder"),
    [("SHA256SUMS", False), ("SHA256SUMS", True), ("log.policy", False), ("log.policy", True), ("checkpoints/*", True)],
)
def test_a_file_that_the_pages_cannot_do_without_is_told(copy: Path, name: str, is_folder: bool) -> None:
    keep_checkpoint(make_log(copy))
    [path] = copy.rglob(name)
    path.unlink()
    if is_folder:
        path.mkdir()
    with pytest.raises(InputError) as caught:
        render_site(copy, copy / "site", languages=["en"])
    assert caught.value.found
    assert not (copy / "site").exists()
