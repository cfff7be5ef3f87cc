"""Redacted pictures: published where there is one, and never the original."""

from __future__ import annotations

import hashlib
from pathlib import Path

import polars as pl
import pytest

from escruta.apps import api
from escruta.apps.published.folders import PublishedFolder
from escruta.apps.verify import verify_record
from escruta.base.errors import InputError
from escruta.record.digests import DIGESTS, digest_of, read_digests
from escruta.testing import SmallElection, SmallSource

ORIGINALS = {station: hashlib.sha256(f"original {station}".encode()).hexdigest() for station in "12"}
PAINTED = b"\xff\xd8\xff\xe0 painted over"


def home_of(tmp_path: Path) -> Path:
    """Write an election with two sheets; of the first there is a redacted picture, of a third that nobody reads too."""
    rows = tuple(
        {"station": station, "ana": 5, "ben": 4, "picture": f"sha256:{digest}"} for station, digest in ORIGINALS.items()
    )
    home = tmp_path / "election"
    SmallElection(sources=(SmallSource(id="scans", rows=rows),)).write(home)
    text = (home / "election.toml").read_text("utf-8")
    changed = text.replace('id = "scans"', 'id = "scans", redacted = "redacted"')
    assert changed.count("redacted = ") == 1
    (home / "election.toml").write_text(changed, "utf-8")
    (home / "redacted").mkdir()
    for name in (ORIGINALS["1"], "f" * 64):
        (home / "redacted" / f"{name}.jpg").write_bytes(PAINTED)
    return home


def test_a_redacted_picture_is_published_with_its_digest_and_only_where_there_is_one(tmp_path: Path) -> None:
    record = tmp_path / "record"
    for _ in range(2):  # a record with pictures is a record, and may be replaced
        api.run(home_of(tmp_path / str(_)), record, languages=["en"])
    digest = hashlib.sha256(PAINTED).hexdigest()
    assert [each.name for each in (record / "pictures").iterdir()] == [f"{digest}.jpg"]
    table = pl.read_parquet(record / "pictures.parquet").rows()
    assert table == [("scans", f"sha256:{ORIGINALS['1']}", f"pictures/{digest}.jpg", digest)]
    listed = dict(read_digests((record / DIGESTS).read_text("utf-8")))
    assert all(digest_of(record / path) == said for path, said in listed.items())
    assert listed[f"pictures/{digest}.jpg"] == digest
    pages = [page.read_text("utf-8") for page in (record / "site" / "en" / "stations").rglob("*.html")]
    assert sum(page.count("<img ") for page in pages) == 1
    page = next(page for page in pages if "<img " in page)
    assert f"src='../../../pictures/{digest}.jpg'" in page
    assert "loading=lazy" in page
    assert f"SHA-256 {digest}" in page


@pytest.mark.parametrize("content", [b"\xff\xd8\xff original 1", b"no picture"])
def test_an_original_is_never_published(tmp_path: Path, content: bytes) -> None:
    home = home_of(tmp_path)
    if content != b"no picture":
        digest = hashlib.sha256(content).hexdigest()
        table = home / "scans.csv"
        table.write_text(table.read_text("utf-8").replace(ORIGINALS["1"], digest), "utf-8")
        (home / "redacted" / f"{digest}.jpg").write_bytes(content)
    else:
        (home / "redacted" / f"{ORIGINALS['1']}.jpg").write_bytes(content)
    with pytest.raises(InputError, match="not a redacted picture"):
        api.run(home, tmp_path / "record", with_pages=False)
    assert not (tmp_path / "record").exists()


def test_a_folder_of_pictures_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    (home / "redacted").rename(home / "elsewhere")
    with pytest.raises(InputError, match="folder of a source's redacted pictures is not there"):
        api.run(home, tmp_path / "record", with_pages=False)


def test_a_record_with_pictures_verifies_until_one_of_them_is_changed(tmp_path: Path) -> None:
    api.run(home_of(tmp_path), tmp_path / "record", languages=["en"])
    assert verify_record(PublishedFolder(str(tmp_path / "record"))).faults == ()
    picture = next((tmp_path / "record" / "pictures").iterdir())
    picture.write_bytes(PAINTED + b"!")
    assert {fault.file for fault in verify_record(PublishedFolder(str(tmp_path / "record"))).faults} == {
        f"pictures/{picture.name}"
    }
