"""The key of a polling station: the fewest columns that tell every row from every other one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from escruta.apps.init.areas import Unit
from escruta.apps.init.columns import DOTTED, Column, Holds, Ref
from escruta.apps.init.words import STATIONS, STATUS, is_code, is_word
from escruta.base.errors import LayoutMismatch

REPEATED = 0.02
"""The share of rows that may repeat a station; more, and the columns are not its key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the station key."""

    id: str
    ref: Ref
    is_number: bool
    width: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """The station key of one sample."""

    parts: tuple[Part, ...]
    repeated: int
    """Rows that stand for a station that another row already stands for."""

    @property
    def refs(self) -> tuple[Ref, ...]:
        """Where the parts stand."""
        return tuple(part.ref for part in self.parts)


Choice = Sequence[tuple[str, Ref]]


def find_key(
    frame: pl.DataFrame, columns: Sequence[Column], units: Sequence[Unit], extra: Sequence[Ref] = (), where: str = ""
) -> Key:
    """Find the columns that tell the stations apart; with `extra`, the columns that a row has beside its station.

    Raises `LayoutMismatch` where nothing does: such a file has no row for each polling station.
    """
    best: tuple[int, Choice] | None = None
    for choice in _choices(columns, units):
        repeated = _repeated(frame, [ref for _, ref in choice], extra)
        if repeated == 0:
            return _key(frame, choice, 0)
        if repeated <= REPEATED * frame.height and (best is None or repeated < best[0]):
            best = (repeated, choice)
    if best is not None:
        return _key(frame, best[1], best[0])
    raise LayoutMismatch(
        "no columns tell one polling station from another",
        where=where,
        found=", ".join(column.name for column in columns),
        expected="one row for each polling station, and a column or several that name it",
        advice="Choose a file with a row for each polling station, or write the definition by hand.",
    )


def station_columns(columns: Sequence[Column]) -> list[Column]:
    """List the columns whose headers speak of a polling station, those of codes first."""
    kinds = {Holds.COUNTS, Holds.TEXT, Holds.CODES_AND_NAMES, Holds.PAYLOADS}
    found = [column for column in columns if is_word(column.name, STATIONS) and column.holds in kinds]
    return sorted((column for column in found if not is_word(column.name, STATUS)), key=lambda c: not is_code(c.name))


def _choices(columns: Sequence[Column], units: Sequence[Unit]) -> Iterator[Choice]:
    """Name the keys that are worth trying, the plainest first."""
    stations = station_columns(columns)
    for column in stations:
        yield [("station", column.ref)]
    for column in reversed(stations):
        yield from _composed(column, units)
    payloads = [column for column in columns if column.holds is Holds.PAYLOADS]
    for column in payloads:
        station = Ref(column=column.name, pattern=r"^([^!]+)")
        centre, table = (Ref(column=column.name, pattern=pattern) for pattern in (r"^(\d+)", r"^\d+\.(\d+)"))
        yield [("centre", centre), ("table", table)]
        yield [("station", station)]
    for unit in reversed(units):
        yield [("station", unit.key)]
    for column in columns:
        if column.holds is Holds.TEXT or is_code(column.name):
            yield [("station", column.ref)]
    if units:
        yield [(unit.id, unit.key) for unit in units]


def _composed(column: Column, units: Sequence[Unit]) -> Iterator[Choice]:
    """Put areas before the number of a station, from the narrowest outwards."""
    others = [unit for unit in units if unit.key.column != column.name]
    for first in range(len(others) - 1, -1, -1):
        yield [*((unit.id, unit.key) for unit in others[first:]), ("table", column.ref)]


def _repeated(frame: pl.DataFrame, refs: Sequence[Ref], extra: Sequence[Ref]) -> int:
    """Count the rows that a key does not tell from an earlier one; a row without a key counts as one of them."""
    parts = [ref.key().alias(str(index)) for index, ref in enumerate([*refs, *extra])]
    keys = frame.select(parts)
    whole = keys.drop_nulls([str(index) for index in range(len(refs))])
    return keys.height - whole.n_unique() if keys.height else 0


def _key(frame: pl.DataFrame, choice: Choice, repeated: int) -> Key:
    slim = choice if repeated else _slimmed(frame, choice)
    return Key(parts=tuple(part_of(frame, name, ref) for name, ref in slim), repeated=repeated)


def _slimmed(frame: pl.DataFrame, choice: Choice) -> Choice:
    """Leave out the parts of a composed key that it can do without, the widest first."""
    slim = list(choice)
    for entry in list(choice)[:-1]:
        rest = [other for other in slim if other is not entry]
        if rest and _repeated(frame, [ref for _, ref in rest], ()) == 0:
            slim = rest
    return slim


def part_of(frame: pl.DataFrame, name: str, ref: Ref) -> Part:
    """Look at a part of the key: whether it is a number, and to how many digits it is padded."""
    text = frame.select(value=ref.text()).to_series().drop_nulls()
    digits = bool(text.str.contains(r"^\d+$").all()) and text.len() > 0
    lengths = text.str.len_chars()
    padded = digits and lengths.n_unique() == 1 and bool(text.str.starts_with("0").any())
    safe = digits and text.n_unique() == frame.select(ref.key().drop_nulls().n_unique()).item()
    width = int(lengths[0]) if padded and lengths[0] > 1 else None
    return Part(id=name, ref=ref, is_number=safe, width=width)


def fields_of(column: Column, frame: pl.DataFrame) -> tuple[Ref, ...]:
    """Split a column such as `010101001.01.1.0001` into the refs of its fields; empty where it has none."""
    text = frame.select(value=column.ref.text()).to_series().drop_nulls()
    if column.holds is Holds.PAYLOADS:
        text = text.str.extract(r"^([^!]+)!", 1)
    elif text.is_empty() or not text.str.contains(DOTTED).all():
        return ()
    count = min(text.str.count_matches(r"\d+").to_list(), default=0)
    before = [r"^\s*" + r"\d+[^0-9]+" * index for index in range(count)]
    return tuple(Ref(column=column.name, pattern=start + r"(\d+)") for start in before)
