import os

import pytest

from escruta.apps.published import FileRefused, Limits, PlaceUnusable, open_published
from escruta.tlog.reading import LogFolder


@pytest.fixture
def folder(tmp_path):
    whole = tmp_path / "record"
    (whole / "log" / "tile" / "0").mkdir(parents=True)
    (whole / "log" / ".staging").mkdir()
    (whole / "log" / ".staging" / "half").write_bytes(b"")
    (whole / "summary.json").write_bytes(b"{}")
    (whole / "log" / "checkpoint").write_bytes(b"note")
    (whole / "log" / "tile" / "0" / "000.p").mkdir()
    (whole / "log" / "tile" / "0" / "000.p" / "1").write_bytes(b"1" * 32)
    return whole


def test_a_folder_gives_what_is_in_it_and_nothing_for_the_rest(folder):
    with open_published(str(folder)) as published:
        assert published.read("summary.json") == b"{}"
        assert published.read("log/tile/0/000.p/1") == b"1" * 32
        assert published.read("none") is None
        assert published.read("log") is None
        assert published.read("summary.json/none") is None
        assert list(published.paths() or ()) == ["summary.json", "log/checkpoint", "log/tile/0/000.p/1"]


def test_a_part_is_a_log_of_its_own_as_the_log_reads_folders(folder):
    with open_published(str(folder)) as published:
        part = published.under("log")
        assert part.place == f"{folder}/log"
        assert list(part.paths() or ()) == list(LogFolder(folder / "log").paths())
        assert part.read("checkpoint") == b"note"
        with pytest.raises(FileRefused, match="leads out of the place"):
            part.read("../summary.json")


@pytest.mark.parametrize(
    "path", ["", ".", "..", "../x", "a/../b", "/etc/passwd", "a//b", "a/", "a\\b", "C:x", "a\x00b", "a\nb", "./a"]
)
def test_no_path_leads_out(folder, path):
    with open_published(str(folder)) as published, pytest.raises(FileRefused) as refused:
        published.read(path)
    assert refused.value.where == str(folder)


@pytest.mark.parametrize("target", ["../outside", "/etc/hostname", "../record-2/secret"])
def test_a_link_that_leads_out_is_refused(folder, target):
    (folder.parent / "outside").write_bytes(b"secret")
    (folder.parent / "record-2").mkdir()
    (folder.parent / "record-2" / "secret").write_bytes(b"secret")
    (folder / "leak").symlink_to(target)
    (folder / "above").symlink_to("..")
    with open_published(str(folder)) as published:
        with pytest.raises(FileRefused, match="leads out of the folder"):
            published.read("leak")
        with pytest.raises(FileRefused, match="leads out of the folder"):
            published.read("above/outside")
        assert {"leak", "above"} < set(published.paths() or ()), "a link is not hidden"


def test_a_link_that_stays_inside_is_followed_and_a_circle_is_not(folder):
    (folder / "again.json").symlink_to("summary.json")
    (folder / "one").symlink_to("two")
    (folder / "two").symlink_to("one")
    with open_published(str(folder)) as published:
        assert published.read("again.json") == b"{}"
        with pytest.raises(FileRefused, match="cannot be opened"):
            published.read("one")


def test_a_pipe_is_refused_and_nobody_waits_for_its_other_end(folder):
    os.mkfifo(folder / "pipe")
    with open_published(str(folder)) as published, pytest.raises(FileRefused, match="no regular file"):
        published.read("pipe")


def test_a_file_larger_than_allowed_is_told_with_both_sizes(folder):
    with (folder / "large").open("wb") as large:
        large.truncate(10 << 40)
    with open_published(str(folder)) as published:
        with pytest.raises(FileRefused) as refused:
            published.read("large")
        assert (refused.value.found, refused.value.expected) == (f"{10 << 40} bytes", f"at most {1 << 30} bytes")
        with pytest.raises(FileRefused):
            published.read("log/checkpoint", most_bytes=3)
        assert published.read("log/checkpoint", most_bytes=4) == b"note"
    with open_published(str(folder), Limits(file_bytes=1)) as published, pytest.raises(FileRefused):
        published.read("summary.json")


def test_a_place_that_is_not_there_is_told(tmp_path):
    for place in (str(tmp_path / "none"), "ftp://example.com/log"):
        with pytest.raises(PlaceUnusable) as told:
            open_published(place)
        assert told.value.where == place
