"""How a polling station's key stands on a sheet where a program can read it: digits, in cells of a few each.

A part of the key that has a width is cut into groups of at most four digits, since a reader of digits is surer of short
ones; a part without a width stands in one cell, against its right edge. What has another sign than a digit in it has no
cell, and can then be compared by people only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from escruta.election.definition import KeyPart, StationKey

STATION = "station."
"""The cells of a layout that hold parts of the station key are called `station.PART`, or `station.PART.N`."""
_MOST_IN_A_CELL = 4
_ROOM_ALONE, _ROOM_BESIDE_OTHERS = 6, 4
"""Digits that there is room for in a part without a width."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StationCell:
    """One cell of a part of the key."""

    name: str
    """`station.PART`; where the part takes several cells, `station.PART.N` with N from 1, from left to right."""
    digits: str
    room: int
    """How many digits the cell can hold, whichever station it is."""


def part_as_written(part: KeyPart, text: str) -> str:
    """Write a part of a key as the definition does, however it was padded: in a text, leading zeros count.

    >>> [part_as_written(KeyPart(part="table", kind=kind), "007 ") for kind in ("text", "number")]
    ['007', '7']
    >>> part_as_written(KeyPart(part="table", width=3), "7")
    '007'
    """
    text = text.strip()
    if part.kind == "number" and text.isascii() and text.isdigit():
        text = text.lstrip("0") or "0"
    return text.zfill(part.width or 0)


def station_as_written(key: Sequence[KeyPart], station: Mapping[str, str]) -> dict[str, str]:
    """Write the parts of a station as the definition does; a part that is none of the key's is left as it is."""
    parts = {part.part: part for part in key}
    return {name: part_as_written(parts[name], text) if name in parts else text for name, text in station.items()}


def digits_of_part(part: KeyPart, text: str) -> str | None:
    """Write a part of a key as the definition does; None where it is not of digits only, or longer than its width.

    >>> digits_of_part(KeyPart(part="centre", kind="number", width=4), "0000017")
    '0017'
    >>> digits_of_part(KeyPart(part="table", kind="number"), "1B")
    """
    if not (text.isascii() and text.isdigit()):
        return None
    digits = part_as_written(part, text)
    return digits if part.width is None or len(digits) == part.width else None


def group_lengths(part: KeyPart) -> tuple[int, ...]:
    """Say how many digits stand in each cell of a part; none where the part has no width and stands in one cell.

    >>> [group_lengths(KeyPart(part="centre", width=width)) for width in (3, 7, 9)]
    [(3,), (4, 3), (3, 3, 3)]
    """
    if part.width is None:
        return ()
    count = -(-part.width // _MOST_IN_A_CELL)
    least, longer = divmod(part.width, count)
    return tuple(least + (at < longer) for at in range(count))


def cells_of_part(part: KeyPart, text: str, *, room: int = _ROOM_ALONE) -> tuple[StationCell, ...]:
    """Put a part of a key into its cells; none where it has no place in cells.

    >>> [cell.digits for cell in cells_of_part(KeyPart(part="centre", kind="number", width=9), "10113042")]
    ['010', '113', '042']
    """
    digits, name = digits_of_part(part, text), STATION + part.part
    if digits is None:
        return ()
    lengths = group_lengths(part)
    if len(lengths) <= 1:
        most = part.width or room
        return (StationCell(name=name, digits=digits, room=most),) if len(digits) <= most else ()
    cells = []
    for at, length in enumerate(lengths):
        start = sum(lengths[:at])
        cells.append(StationCell(name=f"{name}.{at + 1}", digits=digits[start : start + length], room=length))
    return tuple(cells)


def cells_of_station(key: StationKey, station: str) -> tuple[tuple[StationCell, ...], ...]:
    """Put a station, as it is written, into cells: those of each part of its key; none where some part has no cell.

    >>> key = StationKey(key=(KeyPart(part="centre", width=4), KeyPart(part="table", kind="number")))
    >>> [[cell.digits for cell in part] for part in cells_of_station(key, "0017.3")], cells_of_station(key, "0017.B")
    ([['0017'], ['3']], ())
    """
    pieces = station.split(key.separator) if key.separator and len(key.key) > 1 else [station]
    if len(pieces) != len(key.key):
        return ()
    room = _ROOM_ALONE if len(key.key) == 1 else _ROOM_BESIDE_OTHERS
    parts = tuple(cells_of_part(part, text, room=room) for part, text in zip(key.key, pieces, strict=True))
    return parts if all(parts) else ()


def expected_in_cells(part: KeyPart, text: str, there: Collection[str]) -> dict[str, int]:
    """Say what must stand in the cells of a part that a layout has; nothing where it has none, or there are letters.

    >>> expected_in_cells(KeyPart(part="centre", width=9), "010113042", {"station.centre"})
    {'station.centre': 10113042}
    """
    digits, name = digits_of_part(part, text), STATION + part.part
    if digits is None:
        return {}
    if name in there:
        return {name: int(digits)} if len(digits) <= _MOST_READ else {}
    cells = {cell.name: int(cell.digits) for cell in cells_of_part(part, text)}
    return cells if cells and cells.keys() <= set(there) else {}


_MOST_READ = 10
"""Digits of the longest number that the reader of digits considers."""


def station_in_cells(key: Sequence[KeyPart], values: Mapping[str, int | None]) -> dict[str, str] | None:
    """Put together what was read in the cells of a station; None where a part is unread or has no cell.

    >>> centre, table = KeyPart(part="centre", width=6), KeyPart(part="table", kind="number")
    >>> station_in_cells((centre, table), {"station.centre.1": 17, "station.centre.2": 4, "station.table": 2})
    {'centre': '017004', 'table': '2'}
    """
    found = {part.part: _part_in_cells(part, values) for part in key}
    known = {name: text for name, text in found.items() if text is not None}
    return known if len(known) == len(found) else None


def _part_in_cells(part: KeyPart, values: Mapping[str, int | None]) -> str | None:
    name = STATION + part.part
    whole = values.get(name)
    if whole is not None:
        # Leading zeros are lost in a number: a text without a width is not known by it.
        return digits_of_part(part, str(whole)) if part.kind == "number" or part.width is not None else None
    texts = []
    for at, length in enumerate(group_lengths(part), 1):
        value = values.get(f"{name}.{at}")
        if value is None or len(str(value)) > length:
            return None
        texts.append(str(value).zfill(length))
    return "".join(texts) or None
