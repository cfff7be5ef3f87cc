import pytest

from escruta.tlog.errors import EntryRefused, TileMalformed
from escruta.tlog.tiles import (
    Tile,
    edge_of,
    encode_bundle,
    entry_offsets,
    parse_bundle,
    parse_tile,
    parse_tile_path,
    tile_at,
    tiles_of,
)


def test_the_tiles_of_70000_entries_are_those_of_the_specification():
    paths = [tile.path for tile in tiles_of(70_000)]
    assert sum(path.startswith("tile/0/") for path in paths) == 274
    assert paths[-4:] == ["tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"]
    assert paths[273] == "tile/entries/273.p/112"


def test_there_is_no_empty_tile():
    assert [tile.path for tile in tiles_of(256)] == ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]
    assert list(tiles_of(0)) == []


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 65_535, 65_536, 65_537, 70_000])
def test_the_edge_is_what_is_partial(size):
    assert list(edge_of(size)) == [tile for tile in tiles_of(size) if not tile.is_full]


def test_the_edge_of_a_large_tree_needs_no_walk():
    assert [tile.level for tile in edge_of((1 << 62) + 1)] == [None, 0, 7]


def test_a_tile_outside_the_tree_is_refused():
    assert tile_at(1, 1, 70_000).width == 17
    with pytest.raises(TileMalformed, match="no such tile"):
        tile_at(1, 2, 70_000)


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/00",
        "tile/00/000",
        "tile/64/000",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/entries/x001",
        "/tile/0/000",
        "tile/0/000\n",
        "tile/0/\u0660\u0660\u0660",
        "checkpoint",
    ],
)
def test_a_path_written_otherwise_names_no_tile(path):
    with pytest.raises(TileMalformed):
        parse_tile_path(path)


@pytest.mark.parametrize("index", [0, 999, 1000, 999_999, 1_000_000, 1_234_067, 10**15])
@pytest.mark.parametrize("level", [None, 0, 7, 63])
@pytest.mark.parametrize("width", [1, 255, 256])
def test_a_path_is_read_back(level, index, width):
    tile = Tile(level=level, index=index, width=width)
    assert parse_tile_path(tile.path) == tile


def test_a_tile_of_another_length_is_refused_with_its_place():
    with pytest.raises(TileMalformed) as caught:
        parse_tile(bytes(33), 1, where="tile/0/000.p/1")
    assert str(caught.value) == (
        "the tile has the wrong length\n"
        "  where: tile/0/000.p/1, byte 32\n"
        "  found: 33 bytes\n"
        "  expected: 32 bytes: 1 hashes"
    )


def test_entries_are_read_back_and_found():
    entries = (b"", b"x" * 65_535, b"y")
    raw = encode_bundle(entries)
    assert parse_bundle(raw, 3) == entries
    assert [raw[at + 2 : at + 3] for at in entry_offsets(entries)] == [b"\xff", b"x", b"y"]


def test_an_entry_that_two_bytes_cannot_measure_is_refused():
    with pytest.raises(EntryRefused, match="65536 bytes"):
        encode_bundle([b"x" * 65_536])


@pytest.mark.parametrize(
    ("raw", "what", "offset"),
    [
        (b"\x00\x01a", "ends within entry 1 of 2", 3),
        (b"\x00\x01a\x00", "ends within entry 1 of 2", 3),
        (b"\x00\x01a\x00\x05b", "ends within entry 1 of 2", 3),
        (b"\x00\x00\x00\x00\x00", "bytes follow the 2 entries", 4),
    ],
)
def test_a_bundle_cut_off_or_too_long_is_refused_with_its_place(raw, what, offset):
    with pytest.raises(TileMalformed, match=what) as caught:
        parse_bundle(raw, 2)
    assert caught.value.offset == offset
