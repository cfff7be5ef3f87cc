"""The order in which a verifier reads a log, so that a place far away can fetch ahead of it."""

from __future__ import annotations

from collections.abc import Iterator

from escruta.tlog.tiles import Tile, edge_of
from escruta.tlog.trees import TILE_WIDTH


def paths_of_log(size: int) -> Iterator[str]:
    """Give the path of every tile and bundle of a log, each bundle followed by the tiles that it completes.

    >>> list(paths_of_log(257))
    ['tile/entries/000', 'tile/0/000', 'tile/entries/001.p/1', 'tile/0/001.p/1', 'tile/1/000.p/1']
    """
    for index in range(size // TILE_WIDTH):
        yield Tile(level=None, index=index).path
        level, above = 0, index
        while True:
            yield Tile(level=level, index=above).path
            above, rest = divmod(above + 1, TILE_WIDTH)
            if rest:
                break
            level, above = level + 1, above - 1
    for tile in edge_of(size):
        yield tile.path
