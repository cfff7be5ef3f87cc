"""Tiles and bundles of entries: their paths and their bytes. Source: C2SP tlog-tiles."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from escruta.tlog.errors import EntryRefused, TileMalformed
from escruta.tlog.hashing import HASH_SIZE
from escruta.tlog.trees import TILE_HEIGHT, TILE_WIDTH

LONGEST_ENTRY = 65_535
"""What two bytes of length can say. The picture of a sheet never goes in; its digest does."""

_LENGTH = struct.Struct(">H")
_LENGTH_SIZE = _LENGTH.size
_HIGHEST_LEVEL = 63
_GROUP = 1000
_PATH = re.compile(
    r"tile/(?:(?P<level>[0-9]{1,2})|entries)/(?P<index>(?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/(?P<width>[0-9]{1,3}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Tile:
    """Which tile of a tree, or which bundle of entries, and how many of its 256 places are filled.

    >>> Tile(level=0, index=1234067, width=112).path
    'tile/0/x001/x234/067.p/112'
    >>> Tile(level=None, index=0).path
    'tile/entries/000'
    """

    level: int | None
    """The level of tiles, 0 for the leaves; None for a bundle of entries."""
    index: int
    width: int = TILE_WIDTH

    @property
    def is_full(self) -> bool:
        """Whether all places are filled, so that nothing of it will ever change."""
        return self.width == TILE_WIDTH

    @property
    def full(self) -> Tile:
        """The same tile with all its places filled."""
        return Tile(level=self.level, index=self.index)

    @property
    def path(self) -> str:
        """Where it is, from the log's folder."""
        groups = f"{self.index % _GROUP:03d}"
        rest = self.index // _GROUP
        while rest:
            groups = f"x{rest % _GROUP:03d}/{groups}"
            rest //= _GROUP
        level = "entries" if self.level is None else str(self.level)
        partial = "" if self.is_full else f".p/{self.width}"
        return f"tile/{level}/{groups}{partial}"


def parse_tile_path(path: str) -> Tile:
    """Read a path; only the one way of writing it is accepted.

    >>> parse_tile_path("tile/entries/x001/000.p/7")
    Tile(level=None, index=1000, width=7)
    """
    match = _PATH.fullmatch(path)
    if match is None:
        raise TileMalformed("this path names no tile", found=path, expected="such as tile/0/x001/067.p/112")
    tile = Tile(
        level=None if match["level"] is None else int(match["level"]),
        index=int(match["index"].replace("x", "").replace("/", "")),
        width=TILE_WIDTH if match["width"] is None else int(match["width"]),
    )
    is_possible = (tile.level or 0) <= _HIGHEST_LEVEL and 1 <= tile.width <= TILE_WIDTH
    if not is_possible or tile.path != path:
        raise TileMalformed("this path is not written as tiles are", found=path, expected=tile.path)
    return tile


def tiles_of(size: int) -> Iterator[Tile]:
    """Give every tile and bundle of a tree, bundles first, then level by level.

    >>> [tile.path for tile in tiles_of(257)]
    ['tile/entries/000', 'tile/entries/001.p/1', 'tile/0/000', 'tile/0/001.p/1', 'tile/1/000.p/1']
    """
    yield from _row(None, size)
    level = 0
    while size >> (TILE_HEIGHT * level):
        yield from _row(level, size)
        level += 1


def _row(level: int | None, size: int) -> Iterator[Tile]:
    full, rest = divmod(size >> (TILE_HEIGHT * (level or 0)), TILE_WIDTH)
    for index in range(full):
        yield Tile(level=level, index=index)
    if rest:
        yield Tile(level=level, index=full, width=rest)


def edge_of(size: int) -> Iterator[Tile]:
    """Give the partial tiles and the partial bundle of a tree, which the next entries will make longer."""
    levels: list[int | None] = [None, *range((size.bit_length() + TILE_HEIGHT - 1) // TILE_HEIGHT)]
    for level in levels:
        index, width = divmod(size >> (TILE_HEIGHT * (level or 0)), TILE_WIDTH)
        if width:
            yield Tile(level=level, index=index, width=width)


def tile_at(level: int | None, index: int, size: int) -> Tile:
    """Give a tile as wide as a tree of this size fills it; raises `TileMalformed` where it fills no place of it."""
    width = min((size >> (TILE_HEIGHT * (level or 0))) - index * TILE_WIDTH, TILE_WIDTH)
    if index < 0 or width < 1:
        raise TileMalformed(f"a tree of {size} has no such tile", found=f"level {level}, index {index}")
    return Tile(level=level, index=index, width=width)


def parse_tile(raw: bytes, width: int, *, where: str | None = None) -> tuple[bytes, ...]:
    """Give the hashes of a tile."""
    require_tile(raw, width, where=where)
    return tuple(raw[at : at + HASH_SIZE] for at in range(0, len(raw), HASH_SIZE))


def require_tile(raw: bytes, width: int, *, where: str | None = None) -> None:
    """Raise `TileMalformed` unless there are as many bytes as a tile of this width has."""
    if len(raw) != width * HASH_SIZE:
        raise TileMalformed(
            "the tile has the wrong length",
            where=where,
            offset=min(len(raw), width * HASH_SIZE),
            found=f"{len(raw)} bytes",
            expected=f"{width * HASH_SIZE} bytes: {width} hashes",
        )


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    r"""Write entries one after another, each after its length in two bytes.

    >>> encode_bundle([b"a", b""])
    b'\x00\x01a\x00\x00'
    """
    parts = [b""] * (2 * len(entries))
    try:
        parts[::2] = map(_LENGTH.pack, map(len, entries))
    except struct.error:
        for entry in entries:
            require_short(entry)
        raise
    parts[1::2] = entries
    return b"".join(parts)


def require_short(entry: bytes) -> None:
    """Raise `EntryRefused` where an entry does not fit into a bundle."""
    if len(entry) > LONGEST_ENTRY:
        raise EntryRefused(f"the entry has {len(entry)} bytes; a log takes at most {LONGEST_ENTRY}")


def parse_bundle(raw: bytes, width: int, *, where: str | None = None) -> tuple[bytes, ...]:
    """Give the entries of a bundle that should hold `width` of them and nothing else."""
    entries = []
    at = 0
    for number in range(width):
        begin = at + _LENGTH_SIZE
        end = begin + int.from_bytes(raw[at:begin], "big")
        if begin > len(raw) or end > len(raw):
            raise TileMalformed(
                f"the bundle ends within entry {number} of {width}",
                where=where,
                offset=at,
                found=f"{len(raw)} bytes",
                expected=f"at least {max(begin, end)} bytes",
            )
        entries.append(raw[begin:end])
        at = end
    if at != len(raw):
        raise TileMalformed(
            f"bytes follow the {width} entries of the bundle",
            where=where,
            offset=at,
            found=f"{len(raw) - at} bytes more",
            expected="none",
        )
    return tuple(entries)


def entry_offsets(entries: Sequence[bytes]) -> list[int]:
    """Give where in its bundle each entry begins, its length included."""
    offsets = [0]
    for entry in entries:
        offsets.append(offsets[-1] + _LENGTH_SIZE + len(entry))
    return offsets[:-1]
