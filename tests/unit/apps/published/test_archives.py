import io
import struct
import zipfile

import pytest

from escruta.apps.published import FileRefused, Limits, PlaceUnusable, open_published
from escruta.base.errors import ArchiveUnsafe


@pytest.fixture
def pack(tmp_path):
    """Write a zip of members, by name; gives its path as text."""

    def write(members, *, packing=zipfile.ZIP_DEFLATED, change=None):
        raw = io.BytesIO()
        with zipfile.ZipFile(raw, "w", packing) as archive:
            for name, body in members:
                archive.writestr(name, body)
        path = tmp_path / "record.zip"
        path.write_bytes(raw.getvalue() if change is None else change(raw.getvalue()))
        return str(path)

    return write


WHOLE = [
    ("summary.json", b"{}"),
    ("log/checkpoint", b"note"),
    ("log/tile/0/000", bytes(8192)),
    ("votes.csv", bytes(8192)),
]


@pytest.mark.parametrize("top", ["", "my-record/"])
@pytest.mark.parametrize("clutter", [(), (("__MACOSX/my-record/._summary.json", b"x"),)])
def test_an_archive_gives_what_is_in_it_with_or_without_a_folder_at_its_top(pack, top, clutter):
    place = pack([(top + name, body) for name, body in WHOLE] + list(clutter))
    with open_published(place) as published:
        assert published.read("summary.json") == b"{}"
        assert published.read("none") is None
        assert list(published.paths() or ()) == sorted(name for name, _ in WHOLE)
        assert published.under("log").read("checkpoint") == b"note"
        assert list(published.under("log").paths() or ()) == ["checkpoint", "tile/0/000"]


def test_one_file_at_the_top_is_no_folder(pack):
    with open_published(pack([("checkpoint", b"note")])) as published:
        assert list(published.paths() or ()) == ["checkpoint"]


def test_folders_in_the_archive_are_no_files(pack):
    with open_published(pack([("top/", b""), ("top/log/", b""), ("top/log/checkpoint", b"note")])) as published:
        assert list(published.paths() or ()) == ["log/checkpoint"], "one folder at the top is left out, and no more"
        assert published.read("log/checkpoint") == b"note"


def unsafe(place, what, limits=None):
    with pytest.raises(ArchiveUnsafe) as told:
        open_published(place, **({} if limits is None else {"limits": limits}))
    assert what in told.value.what
    assert told.value.where == place
    return told.value


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../../x", "a\\..\\x", "C:/x", "a//b", "./a", "a\x07b"])
def test_an_archive_that_names_a_path_outside_is_not_opened(pack, name):
    unsafe(pack([*WHOLE, (name, b"x")]), "outside itself")


def test_a_name_with_a_hidden_end_is_seen(pack):
    place = pack([("good.txtZhidden", b"x"), *WHOLE], change=lambda raw: raw.replace(b"txtZhid", b"txt\0hid"))
    unsafe(place, "outside itself")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_refused(pack):
    assert unsafe(pack([*WHOLE, ("summary.json", b"{1}")]), "one name").found == "summary.json"
    assert unsafe(pack([*WHOLE, ("log", b"")]), "both a file and a folder").found == "log"


def test_a_link_in_an_archive_is_refused(pack):
    link = zipfile.ZipInfo("leak")
    link.external_attr = 0o120777 << 16
    unsafe(pack([*WHOLE, (link, b"/etc/passwd")]), "a link")


def test_a_locked_member_and_an_unknown_packing_are_refused(pack):
    def lock(raw):
        at = raw.index(b"PK\x01\x02")
        return raw[: at + 8] + b"\x01" + raw[at + 9 :]

    unsafe(pack(WHOLE, change=lock), "locked with a password")
    assert "method 14" in unsafe(pack(WHOLE, packing=zipfile.ZIP_LZMA), "packed in a way").found


def test_a_bomb_is_refused_by_what_it_promises(pack):
    place = pack([("bomb", bytes(32 << 20))])
    assert "33554432 bytes" in unsafe(place, "grows too far").found
    with open_published(place, Limits(ratio=2000)) as published, pytest.raises(FileRefused, match="larger"):
        published.read("bomb", most_bytes=1 << 20)


def test_many_members_and_a_long_list_of_them_are_refused_before_they_are_read(pack):
    place = pack([(f"{number}", b"") for number in range(100)])
    unsafe(place, "too many files", Limits(members=99))
    unsafe(place, "list of its files is too long", Limits(directory_bytes=100))
    unsafe(pack(WHOLE), "grow too large", Limits(archive_bytes=16_000))


def test_the_long_form_of_an_archive_s_end_hides_no_long_list(pack):
    def lengthen(raw, size=1 << 40):
        at = raw.rindex(b"PK\x05\x06")
        end_64 = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 4, 4, size, at)
        locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, at, 1)
        end = raw[at : at + 12] + b"\xff" * 4 + raw[at + 16 :]
        return raw[:at] + end_64 + locator + end

    assert unsafe(pack(WHOLE, change=lengthen), "list of its files").found == f"{1 << 40} bytes"
    unsafe(pack(WHOLE, change=lambda raw: lengthen(raw).replace(b"PK\x06\x06", b"PK\x07\x07")), "list of its files")


def promise(raw, name, size):
    """Let both places of the archive that tell a file's real size tell another."""
    number = size.to_bytes(4, "little")
    local = raw.index(name) - 30
    raw = raw[: local + 22] + number + raw[local + 26 :]
    listed = raw.rindex(name) - 46
    return raw[: listed + 24] + number + raw[listed + 28 :]


def test_a_tile_that_promises_more_than_a_tile_can_have_is_refused(pack):
    with (
        open_published(pack([*WHOLE[:2], ("log/tile/0/000", bytes(8193))])) as published,
        pytest.raises(FileRefused, match="larger"),
    ):
        published.read("log/tile/0/000")


@pytest.mark.parametrize("size", [0, 8191, 8193, 100_000])
@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_file_that_is_longer_or_shorter_than_promised_is_refused(pack, size, packing):
    place = pack(WHOLE, packing=packing, change=lambda raw: promise(raw, b"votes.csv", size))
    with open_published(place) as published:
        with pytest.raises(FileRefused, match="damaged") as refused:
            published.read("votes.csv")
        assert refused.value.where == f"{place}/votes.csv"
        assert published.read("summary.json") == b"{}", "one damaged file leaves the others"


def test_every_flipped_bit_of_the_bytes_of_a_file_is_noticed(pack, tmp_path):
    body = bytes(range(256))
    place = pack([("one", body)])
    raw = (tmp_path / "record.zip").read_bytes()
    begin = 30 + len("one")
    for at in range(begin, raw.index(b"PK\x01\x02"), 7):
        (tmp_path / "record.zip").write_bytes(raw[:at] + bytes([raw[at] ^ 4]) + raw[at + 1 :])
        with open_published(place) as published, pytest.raises(FileRefused, match="damaged"):
            published.read("one")


@pytest.mark.parametrize("cut", [0, 3, 30, 200])
def test_what_is_no_archive_is_told(pack, cut):
    place = pack(WHOLE, change=lambda raw: raw[:cut])
    with pytest.raises(PlaceUnusable, match="cut off or damaged") as told:
        open_published(place)
    assert told.value.where == place
