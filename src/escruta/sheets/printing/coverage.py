"""Which characters a font file can write: the table `cmap` of an OpenType font.

Source: OpenType specification, chapter "cmap", formats 4, 6, 12 and 13; "Font file", TrueType collections.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

_COLLECTION = b"ttcf"
_UNICODE = {(0, kind) for kind in range(7) if kind != 5} | {(3, 1), (3, 10)}  # noqa: PLR2004 - 5: variation sequences
_LAST = 0x10FFFF


@lru_cache(maxsize=512)
def characters_of(path: Path, index: int = 0) -> frozenset[int]:
    """List the code points that a font has glyphs for; none where the file is no font that can be read."""
    try:
        return frozenset(_characters(path.read_bytes(), index))
    except (OSError, struct.error, IndexError):
        return frozenset()


def _characters(raw: bytes, index: int) -> set[int]:
    start = struct.unpack_from(">I", raw, 12 + 4 * index)[0] if raw[:4] == _COLLECTION else 0
    tables = struct.unpack_from(">H", raw, start + 4)[0]
    records = (struct.unpack_from(">4sIII", raw, start + 12 + 16 * at) for at in range(tables))
    cmap = next((offset for tag, _, offset, _ in records if tag == b"cmap"), None)
    found: set[int] = set()
    if cmap is None:
        return found
    for at in range(struct.unpack_from(">H", raw, cmap + 2)[0]):
        platform, encoding, offset = struct.unpack_from(">HHI", raw, cmap + 4 + 8 * at)
        if (platform, encoding) in _UNICODE:
            found.update(_subtable(raw, cmap + offset))
    return found


def _subtable(raw: bytes, at: int) -> Iterator[int]:
    kind = struct.unpack_from(">H", raw, at)[0]
    if kind == 4:  # noqa: PLR2004 - formats by their numbers
        yield from _segments(raw, at)
    elif kind == 6:  # noqa: PLR2004
        first, count = struct.unpack_from(">HH", raw, at + 6)
        glyphs = struct.unpack_from(f">{count}H", raw, at + 10)
        yield from (first + place for place, glyph in enumerate(glyphs) if glyph)
    elif kind in {12, 13}:
        for place in range(struct.unpack_from(">I", raw, at + 12)[0]):
            first, last, glyph = struct.unpack_from(">III", raw, at + 16 + 12 * place)
            yield from range(first + (glyph == 0), min(last, _LAST) + 1)


def _segments(raw: bytes, at: int) -> Iterator[int]:
    """Read format 4: segments with a distance to the glyph, or with a list of glyphs."""
    count = struct.unpack_from(">H", raw, at + 6)[0] // 2
    ends = struct.unpack_from(f">{count}H", raw, at + 14)
    starts = struct.unpack_from(f">{count}H", raw, at + 16 + 2 * count)
    deltas = struct.unpack_from(f">{count}H", raw, at + 16 + 4 * count)
    ranges_at = at + 16 + 6 * count
    ranges = struct.unpack_from(f">{count}H", raw, ranges_at)
    for place, (start, end, delta, distance) in enumerate(zip(starts, ends, deltas, ranges, strict=True)):
        for code in range(start, min(end, 0xFFFE) + 1):
            glyph = code
            if distance:
                spot = ranges_at + 2 * place + distance + 2 * (code - start)
                glyph = struct.unpack_from(">H", raw, spot)[0]
                if glyph == 0:
                    continue
            if (glyph + delta) & 0xFFFF:
                yield code
