"""A table that an earlier record has is linked, its bytes are looked at, and the earlier file is never written into."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import polars as pl
import pytest

from escruta.record.digests import digest_of
from escruta.record.table_files import TableFiles, TableWriter

SAME = pl.DataFrame({"area": ["", "A"], "stations": [2, 2]})
FIRST, SECOND = pl.DataFrame({"station": ["1"]}), pl.DataFrame({"station": ["1", "2"]})


def written(folder: Path, since: TableFiles | None, **tables: pl.DataFrame) -> TableFiles:
    folder.mkdir()
    with TableWriter(folder, since) as writer:
        for name, table in tables.items():
            writer.put(name, table)
        return writer.finish()


def raw_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_only_tables_that_differ_are_written(tmp_path: Path) -> None:
    first = written(tmp_path / "1", None, areas=SAME, stations=FIRST)
    second = written(tmp_path / "2", first, areas=SAME.clone(), stations=SECOND)
    fresh = written(tmp_path / "fresh", None, areas=SAME, stations=SECOND)
    assert raw_of(tmp_path / "2") == raw_of(tmp_path / "fresh")
    assert second.digests == fresh.digests == {path.name: digest_of(path) for path in (tmp_path / "2").iterdir()}
    shared = {name for name in raw_of(tmp_path / "2") if (tmp_path / "1" / name).samefile(tmp_path / "2" / name)}
    assert shared == {"areas.csv", "areas.parquet"}


def test_the_earlier_record_stays_as_it_was(tmp_path: Path) -> None:
    first = written(tmp_path / "1", None, areas=SAME, stations=FIRST)
    before = raw_of(tmp_path / "1")
    second = written(tmp_path / "2", first, areas=SAME, stations=FIRST)
    written(tmp_path / "3", second, areas=SAME.head(1), stations=SECOND)
    assert raw_of(tmp_path / "1") == raw_of(tmp_path / "2") == before


def test_a_table_of_other_types_is_another_table(tmp_path: Path) -> None:
    first = written(tmp_path / "1", None, areas=SAME)
    other = SAME.cast({"stations": pl.UInt32})
    written(tmp_path / "2", first, areas=other)
    assert pl.read_parquet(tmp_path / "2" / "areas.parquet").schema == other.schema


@pytest.mark.parametrize("what", ["damaged", "gone"])
def test_what_befell_a_file_does_not_go_from_record_to_record(tmp_path: Path, what: str) -> None:
    first = written(tmp_path / "1", None, areas=SAME)
    good, path = raw_of(tmp_path / "1"), tmp_path / "1" / "areas.csv"
    path.unlink()
    if what == "damaged":
        path.write_bytes(b"area,stations\n,3\nA,2\n")
    again = written(tmp_path / "2", first, areas=SAME)
    assert raw_of(tmp_path / "2") == good
    assert again.digests == first.digests


def test_files_are_copied_where_they_cannot_be_linked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    first = written(tmp_path / "1", None, areas=SAME)
    monkeypatch.setattr(os, "link", refuse)
    written(tmp_path / "2", first, areas=SAME)
    assert raw_of(tmp_path / "2") == raw_of(tmp_path / "1")


def test_a_table_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "record" / "areas.csv").mkdir(parents=True)
    with TableWriter(tmp_path / "record") as writer:
        writer.put("areas", SAME)
        with pytest.raises(OSError, match="directory"):
            writer.finish()
