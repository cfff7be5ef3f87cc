"""An intake is watched: what comes is published, what cannot be read is told, and the last version stays."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from functools import partial
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from escruta.apps.cli.commands import main
from escruta.apps.live import Intake, LiveFolder, Refused, Unchanged, Update, watch
from escruta.apps.live.watching import _Files as watched_files
from escruta.record.logbook import GrowingSealedBook
from escruta.testing import SmallElection, SmallSource
from escruta.testing.elections import csv_of

ROWS = tuple({"station": str(number), "ana": 9, "ben": 3, "null": 0} for number in range(1, 4))
ELECTION = SmallElection(
    sources=(SmallSource(id="feed", rows=ROWS[:1]), SmallSource(id="late", rows=ROWS)), figures=("null",)
)
ELECTION_OF_AREAS = SmallElection(
    sources=(SmallSource(id="feed", rows=ROWS[:1]),), figures=("null",), levels=("province",)
)


@pytest.fixture
def intake(tmp_path: Path) -> Path:
    folder = tmp_path / "intake"
    ELECTION.write(folder)
    (folder / "late.csv").rename(tmp_path / "late.csv")
    return folder


def watched(intake: Path, out: Path, naps: list[float]) -> Iterator[Update | Refused | Unchanged]:
    times = iter(range(100))
    book_of = partial(GrowingSealedBook, clock=lambda: f"2031-03-02T20:00:{next(times):02d}Z")
    with LiveFolder(out, book_of, languages=["en"]) as live:
        yield from watch(intake, None, live, sleep=naps.append)


def readings(out: Path) -> int:
    return len(pl.read_parquet(out / "readings-president.parquet"))


def test_what_comes_is_published_and_what_is_broken_is_told(intake: Path, tmp_path: Path) -> None:
    out, naps = tmp_path / "out", list[float]()
    moments = watched(intake, out, naps)
    first = next(moments)
    assert isinstance(first, Update)
    assert (first.version, readings(out)) == (1, 1)
    assert set(first.seconds) == {"read", "record", "log", "pages", "show"}
    assert isinstance(next(moments), Unchanged)
    (intake / "feed.csv").write_bytes(csv_of(ROWS[:2]))
    second = next(moments)
    assert isinstance(second, Update)
    assert (second.version, readings(out)) == (2, 2)
    good = (intake / "election.toml").read_text(encoding="utf-8")
    (intake / "election.toml").write_text(f"sauces = 1\n{good}", encoding="utf-8")
    refused = next(moments)
    assert isinstance(refused, Refused)
    assert "sauces" in str(refused.error)
    assert readings(out) == 2
    (intake / "election.toml").write_text(good, encoding="utf-8")
    (tmp_path / "late.csv").rename(intake / "late.csv")  # a source whose file was not there yet
    third = next(moments)
    assert isinstance(third, Update)
    assert (third.is_whole, readings(out)) == (True, 5)
    assert naps, "it rests between looks"
    moments.close()  # type: ignore[attr-defined]
    assert sorted(each.name for each in tmp_path.iterdir()) == [".out.earlier", "intake", "out"]


def test_a_log_goes_on_after_a_stop(intake: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    sizes = []
    for rows in (ROWS[:1], ROWS[:2]):
        (intake / "feed.csv").write_bytes(csv_of(rows))
        moments = watched(intake, out, [])
        next(moments)
        moments.close()  # type: ignore[attr-defined]
        sizes.append(int((out / "log" / "checkpoint").read_text(encoding="utf-8").splitlines()[1]))
        assert str(sizes[0]) not in {"", "0"}
    assert sizes[0] < sizes[1]
    assert len(list((out / "log" / "checkpoints").iterdir())) == 2


def test_without_any_file_nothing_is_published(intake: Path) -> None:
    (intake / "feed.csv").unlink()
    with pytest.raises(Exception, match="no source of the definition has its files yet"):
        Intake(intake, None).results()


def test_the_command_publishes_what_is_there(intake: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = CliRunner().invoke(main, ["watch", str(intake), "--out", str(out), "--language", "en", "--once", "--json"])
    assert done.exit_code == 0, done.output
    said = json.loads(done.output)
    assert (said["version"], said["is_whole"], said["has_errors"]) == (1, True, False)
    assert (out / "site" / "en" / "index.html").is_file()


def test_the_map_and_the_redacted_pictures_come_with_each_version(intake: Path, tmp_path: Path) -> None:
    original, painted = sha256(b"original").hexdigest(), b"\xff\xd8\xff\xe0 painted over"
    rows = ({**ROWS[0], "province": "1", "picture": f"sha256:{original}"},)
    ELECTION_OF_AREAS.with_rows("feed", rows).write(intake)
    square = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]
    feature = {"properties": {"code": "1"}, "geometry": {"type": "Polygon", "coordinates": [square]}}
    (intake / "map.geojson").write_text(json.dumps({"features": [feature]}), encoding="utf-8")
    (intake / "redacted").mkdir()
    (intake / "redacted" / f"{original}.jpg").write_bytes(painted)
    text = (intake / "election.toml").read_text(encoding="utf-8")
    changed = text.replace('id = "feed"', 'id = "feed", redacted = "redacted"')
    assert changed != text
    (intake / "election.toml").write_text(f'map = {{ file = {{ path = "map.geojson" }} }}\n{changed}', encoding="utf-8")
    out = tmp_path / "out"
    moments = watched(intake, out, [])
    for version in (1, 2):
        assert isinstance(next(moments), Update), version
        assert [each.read_bytes() for each in (out / "pictures").iterdir()] == [painted]
        assert pl.read_parquet(out / "shapes.parquet")["code"].to_list() == ["1"]
        pages = [page.read_text(encoding="utf-8") for page in (out / "site" / "en").rglob("*.html")]
        assert sum("<img " in page for page in pages) == 1
        assert sum("<svg class=map" in page for page in pages) == 1
        more = (*rows, {**ROWS[1], "province": "1"})
        (intake / "feed.csv").write_bytes(csv_of(more))
    moments.close()  # type: ignore[attr-defined]


def test_maps_and_pictures_are_watched_and_a_file_that_took_another_ones_place(intake: Path) -> None:
    text = (intake / "election.toml").read_text(encoding="utf-8")
    changed = text.replace('id = "feed"', 'id = "feed", redacted = "redacted"')
    (intake / "election.toml").write_text(f'map = {{ file = {{ path = "map.geojson" }} }}\n{changed}', encoding="utf-8")
    files, seen = watched_files(intake, None), list[Mapping[Path, object]]()
    seen.append(files.look())
    (intake / "map.geojson").write_text("{}", encoding="utf-8")
    seen.append(files.look())
    (intake / "redacted").mkdir()
    seen.append(files.look())
    old = (intake / "feed.csv").stat()
    (intake / "next.csv").write_bytes((intake / "feed.csv").read_bytes().replace(b"9", b"8"))
    os.utime(intake / "next.csv", ns=(old.st_atime_ns, old.st_mtime_ns))  # as copies that keep times have it
    (intake / "next.csv").replace(intake / "feed.csv")
    seen.append(files.look())
    assert all(one != other for one, other in pairwise(seen))
