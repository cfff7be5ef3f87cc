"""A file, and the one file inside it: nothing unsafe comes out of an archive."""

import gzip
import hashlib
import io
import os
import stat
import zipfile
from pathlib import Path
from typing import Any

import pytest
from tests.unit.sources.formats.samples import gzipped, written, xlsx_bytes, zipped

from escruta.base.errors import ArchiveUnsafe, FileUnreadable, LayoutMismatch
from escruta.sources.files import ExpansionLimits, open_source

TIGHT = ExpansionLimits(expanded_bytes=1 << 20, ratio=50, ratio_from_bytes=1 << 16)


def archive(*members: tuple[str, bytes], **changes: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members:
            entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            for attribute, value in changes.items():
                setattr(entry, attribute, value)
            packed.writestr(entry, content)
    return out.getvalue()


def content_of(path: Path, **options: Any) -> bytes:
    with open_source(path, **options).open() as content:
        return content.read()


def test_open_source_tells_digest_size_and_name(tmp_path):
    path = written(tmp_path, b"a,b\n1,2\n")
    file = open_source(path, named="data/table.csv")
    assert (file.path, file.name, file.size, file.member) == ("data/table.csv", "table.csv", 8, None)
    assert file.sha256 == hashlib.sha256(b"a,b\n1,2\n").hexdigest()


def test_digest_of_a_large_file_is_taken_beside_the_reading(tmp_path):
    large = b"0123456789abcdef" * (2 << 20)
    assert open_source(written(tmp_path, large)).sha256 == hashlib.sha256(large).hexdigest()


def test_gzip_and_zip_are_expanded(tmp_path):
    assert content_of(written(tmp_path, gzipped(b"a,b\n"), "t.csv.gz")) == b"a,b\n"
    assert content_of(written(tmp_path, zipped(b"a,b\n"), "t.zip")) == b"a,b\n"
    assert open_source(tmp_path / "t.csv.gz").name == "t.csv"
    assert open_source(tmp_path / "t.zip").member == "table.csv"


def test_workbook_is_no_archive_and_may_lie_in_one(tmp_path):
    assert open_source(written(tmp_path, xlsx_bytes(), "t.xlsx")).wrapping == "plain"
    assert open_source(written(tmp_path, zipped(xlsx_bytes(), "t.xlsx"), "t.zip")).member == "t.xlsx"


def test_member_is_chosen_by_pattern_and_clutter_is_ignored(tmp_path):
    content = archive(("a.csv", b"1"), ("notes.txt", b"2"), ("__MACOSX/._a.csv", b"3"), (".DS_Store", b"4"))
    path = written(tmp_path, content, "t.zip")
    assert content_of(path, member="*.csv") == b"1"
    with pytest.raises(ArchiveUnsafe, match=r"found: a\.csv, notes\.txt"):
        open_source(path)
    with pytest.raises(ArchiveUnsafe, match="no member"):
        open_source(path, member="*.tsv")


@pytest.mark.parametrize("name", ["../evil.csv", "/etc/passwd", "a/../../b.csv", "..\\evil.csv", "C:\\evil.csv"])
def test_path_outside_the_archive_is_refused(tmp_path, name):
    path = written(tmp_path, archive((name, b"a,b\n")), "t.zip")
    with pytest.raises(ArchiveUnsafe, match="outside itself"):
        open_source(path)


def test_link_in_an_archive_is_refused(tmp_path):
    path = written(tmp_path, archive(("a.csv", b"/etc/passwd"), external_attr=(stat.S_IFLNK | 0o777) << 16), "t.zip")
    with pytest.raises(ArchiveUnsafe, match="outside itself"):
        open_source(path)


def test_locked_member_is_refused(tmp_path):
    content = bytearray(archive(("a.csv", b"a,b\n")))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + place] |= 1
    with pytest.raises(ArchiveUnsafe, match="password"):
        open_source(written(tmp_path, bytes(content), "t.zip"))


@pytest.mark.parametrize("inner", [gzipped(b"a,b\n"), zipped(b"a,b\n"), b"\x00" * 257 + b"ustar\x00" + b"\x00" * 249])
@pytest.mark.parametrize("wrap", [gzipped, zipped])
def test_archive_inside_an_archive_is_refused(tmp_path, inner, wrap):
    with pytest.raises(ArchiveUnsafe, match="inside the archive"):
        open_source(written(tmp_path, wrap(inner), "t.bin"))


@pytest.mark.parametrize("wrap", [gzipped, zipped])
def test_bomb_is_stopped_while_it_expands(tmp_path, wrap):
    path = written(tmp_path, wrap(b"0" * (8 << 20)), "bomb.bin")
    with pytest.raises(ArchiveUnsafe, match="grows too far"):
        content_of(path, limits=TIGHT)


def test_bomb_that_lies_about_its_size_is_stopped(tmp_path):
    content = bytearray(zipped(b"0" * (8 << 20)))
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = content.index(mark) + place
        content[at : at + 4] = (1000).to_bytes(4, "little")
    with pytest.raises((ArchiveUnsafe, FileUnreadable)):
        content_of(written(tmp_path, bytes(content), "t.zip"), limits=TIGHT)


@pytest.mark.parametrize("wrap", [gzipped, zipped])
def test_archive_that_is_cut_off_is_refused(tmp_path, wrap):
    whole = wrap(os.urandom(5000).hex().encode())
    for end in (len(whole) // 2, len(whole) - 9):
        with pytest.raises(FileUnreadable, match="cut off or damaged"):
            content_of(written(tmp_path, whole[:end], "t.bin"))


def test_gzip_with_a_wrong_checksum_is_refused(tmp_path):
    whole = bytearray(gzip.compress(b"a,b\n" * 100))
    whole[-6] ^= 0xFF
    with pytest.raises(FileUnreadable, match="damaged"):
        content_of(written(tmp_path, bytes(whole), "t.gz"))


def test_what_is_no_regular_file_is_refused(tmp_path):
    with pytest.raises(FileUnreadable, match="cannot be opened"):
        open_source(tmp_path / "absent.csv")
    with pytest.raises(FileUnreadable):
        open_source(tmp_path)
    with pytest.raises(FileUnreadable, match="empty"):
        open_source(written(tmp_path, b""))
    with pytest.raises(LayoutMismatch, match="not an archive"):
        open_source(written(tmp_path, b"a,b\n"), member="a.csv")


def test_file_that_changes_while_it_is_read_is_refused(tmp_path):
    path = written(tmp_path, b"a,b\n1,2\n")
    file = open_source(path)
    path.write_bytes(b"a,b\n1,2\n3,4\n")
    with pytest.raises(FileUnreadable, match="changed"), file.open():
        pass


@pytest.mark.parametrize("packed", [False, True])
def test_file_that_is_written_into_while_it_is_open_is_refused(tmp_path, packed):
    path = written(tmp_path, gzipped(b"a,b\n1,2\n") if packed else b"a,b\n1,2\n")
    file = open_source(path)

    def read_while_it_is_written() -> None:
        with file.open() as content:
            content.read(4)
            path.write_bytes(b"a,b\n1,2\n3,4\n")

    with pytest.raises(FileUnreadable, match="changed"):
        read_while_it_is_written()
