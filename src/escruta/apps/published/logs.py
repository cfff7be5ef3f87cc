"""What is known of the files of a log before they are read: their order, and how large each may be."""

from __future__ import annotations

from collections.abc import Iterator

from escruta.tlog.building import CHECKPOINT
from escruta.tlog.errors import TileMalformed
from escruta.tlog.hashing import HASH_SIZE
from escruta.tlog.notes import LARGEST_NOTE
from escruta.tlog.tiles import LONGEST_ENTRY, Tile, edge_of, parse_tile_path
from escruta.tlog.trees import TILE_WIDTH

_LARGEST_BUNDLE = TILE_WIDTH * (2 + LONGEST_ENTRY)


def paths_of_log(size: int) -> Iterator[str]:
    """Give the path of every tile and bundle of a log as a verifier reads it: each bundle, then what it completes.

    >>> list(paths_of_log(257))
    ['tile/entries/000', 'tile/0/000', 'tile/entries/001.p/1', 'tile/0/001.p/1', 'tile/1/000.p/1']
    """
    for index in range(size // TILE_WIDTH):
        yield Tile(level=None, index=index).path
        level, above, rest = 0, index, 0
        while not rest:
            yield Tile(level=level, index=above).path
            level, (above, rest) = level + 1, divmod(above + 1, TILE_WIDTH)
            above -= 1
    for tile in edge_of(size):
        yield tile.path


def largest_of(path: str) -> int | None:
    """Give how many bytes a file of a log may have at most; None where the path is not one of a log.

    >>> largest_of("log/tile/0/000"), largest_of("log/tile/entries/000.p/7"), largest_of("summary.json")
    (8192, 16777472, None)
    """
    if path.rpartition("/")[2] == CHECKPOINT:
        return LARGEST_NOTE
    _, slash, below = f"/{path}".rpartition("/tile/")
    try:
        tile = parse_tile_path(f"tile/{below}") if slash else None
    except TileMalformed:
        return None
    if tile is None:
        return None
    return _LARGEST_BUNDLE if tile.level is None else TILE_WIDTH * HASH_SIZE
