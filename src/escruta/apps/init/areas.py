"""The levels of areas: which columns name them, which code goes with which name, and what contains what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import polars as pl

from escruta.apps.init.columns import Column, Holds, Ref
from escruta.apps.init.words import LEVELS, STATUS, figure_of, is_code, is_word, level_of, plain, slug, stem

CODE_OF_BOTH = r"^\s*(\d+)\s*[-–.:]"
NAME_OF_BOTH = r"^\s*\d+\s*[-–.:]\s*(\S.*)$"
SPREAD = 0.2
"""The share of places in which a column may vary and still be thought to name a wider area."""
SLIPS = 0.01
"""The share of exceptions that a dependency between two columns may have; published files have mistakes."""
SHORT = 3
"""A header of so few letters may be a party's."""
WIDE = tuple(LEVELS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A level of areas as a file gives it."""

    id: str
    level: str | None
    """The level as we know it; None for a word that we do not know."""
    header: str
    """The column's own name, for the pages."""
    position: int
    code: Ref | None = None
    name: Ref | None = None
    remarks: tuple[str, ...] = ()
    """What a person should look at."""

    @property
    def key(self) -> Ref:
        """What tells the areas of this level apart inside the area above."""
        ref = self.code or self.name
        if ref is None:
            raise ValueError(self.id)
        return ref


def find_units(frame: pl.DataFrame, columns: Sequence[Column], taken: frozenset[str]) -> tuple[Unit, ...]:
    """Find the levels of areas, from the widest to the narrowest, and what to say about each."""
    named = [column for column in columns if column.name not in taken and _names_areas(column, columns)]
    units = _ordered(frame, _numbered(_paired(named)))
    unknown = _numbered([*units, *_unknown_units(columns, units, taken | {column.name for column in named})])
    kept = [unit for unit in unknown if unit.level is not None or _is_wider(frame, unit, units)]
    return _with_paths(frame, _ordered(frame, kept))


def _names_areas(column: Column, columns: Sequence[Column]) -> bool:
    if column.holds not in {Holds.COUNTS, Holds.TEXT, Holds.CODES_AND_NAMES} or is_word(column.name, STATUS):
        return False
    if column.holds is Holds.CODES_AND_NAMES:
        return True
    if level_of(column.name) is None:
        return False
    is_short = len(plain(column.name)) <= SHORT and column.holds is Holds.COUNTS
    is_unsure = is_short or level_of(column.name) == "state"  # `Estado` is a state, or what became of the sheet
    figures = [other.position for other in columns if other.holds is Holds.COUNTS and figure_of(other.name)]
    return not is_unsure or column.position < min(figures, default=len(columns))


def _paired(columns: Iterable[Column]) -> list[Unit]:
    """Bring the code and the name of one level together."""
    groups: dict[str, list[Column]] = {}
    for column in columns:
        groups.setdefault(level_of(column.name) or stem(column.name), []).append(column)
    units: list[Unit] = []
    for group in groups.values():
        codes = [column for column in group if _is_code(column)]
        names = [column for column in group if not _is_code(column)]
        pairs = range(max(len(codes), len(names)))
        units.extend(_unit(codes[index : index + 1], names[index : index + 1]) for index in pairs)
    return units


def _is_code(column: Column) -> bool:
    return column.holds is Holds.COUNTS or (is_code(column.name) and column.holds is Holds.TEXT)


def _unit(codes: Sequence[Column], names: Sequence[Column]) -> Unit:
    column = (*names, *codes)[0]
    code = codes[0].ref if codes else None
    name = names[0].ref if names else None
    if column.holds is Holds.CODES_AND_NAMES:
        code = code or Ref(column=column.name, pattern=CODE_OF_BOTH)
        name = Ref(column=column.name, pattern=NAME_OF_BOTH)
    level = level_of(column.name)
    position = min(found.position for found in (*names, *codes))
    return Unit(id=level or slug(column.name), level=level, header=column.name, position=position, code=code, name=name)


def _numbered(units: Sequence[Unit]) -> list[Unit]:
    """Give units of the same id ids of their own."""
    used: set[str] = set()
    numbered = []
    for unit in units:
        names = [unit.id, slug(unit.header), *(f"{slug(unit.header)}-{number}" for number in range(2, len(units) + 2))]
        name = next(name for name in names if name not in used)
        used.add(name)
        numbered.append(replace(unit, id=name))
    return numbered


def _unknown_units(columns: Sequence[Column], units: Sequence[Unit], taken: frozenset[str]) -> list[Unit]:
    """Take text columns of unknown name that stand among the levels."""
    if not units:
        return []
    first, last = min(unit.position for unit in units), max(unit.position for unit in units)
    between = [column for column in columns if first < column.position < last and column.name not in taken]
    texts = [column for column in between if column.holds is Holds.TEXT and not is_word(column.name, STATUS)]
    return [_unit([], [column]) for column in texts]


def _is_wider(frame: pl.DataFrame, unit: Unit, others: Sequence[Unit]) -> bool:
    """Say whether a column is the same all over most places, as an area's name is."""
    path = [other.key.key().alias(f"{index}") for index, other in enumerate(others) if other.id != unit.id]
    if not path:
        return False
    groups = frame.group_by(path).agg(values=unit.key.key().n_unique(), rows=pl.len()).filter(pl.col("rows") > 1)
    return groups.is_empty() or float((groups["values"] > 1).sum()) / groups.height <= SPREAD


def _ordered(frame: pl.DataFrame, units: Sequence[Unit]) -> list[Unit]:
    """Order the levels as the columns stand, unless both their names and their contents say the opposite."""
    waiting = sorted(units, key=lambda unit: unit.position)
    ordered: list[Unit] = []
    while waiting:
        free = [unit for unit in waiting if not any(_contains(frame, other, unit) for other in waiting)]
        ordered.append((free or waiting)[0])
        waiting.remove(ordered[-1])
    return ordered


def _contains(frame: pl.DataFrame, wide: Unit, narrow: Unit) -> bool:
    if wide.level is None or narrow.level is None or wide.position < narrow.position:
        return False
    if WIDE.index(wide.level) >= WIDE.index(narrow.level):
        return False
    return determines(frame, [narrow.key], [wide.key])


def determines(frame: pl.DataFrame, left: Sequence[Ref], right: Sequence[Ref]) -> bool:
    """Say whether the values on the left leave no choice on the right, but for slips."""
    both = exceptions(frame, left, right)
    distinct = max(int(frame.select(_struct(left).n_unique()).item()), 1)
    return both / distinct <= SLIPS


def exceptions(frame: pl.DataFrame, left: Sequence[Ref], right: Sequence[Ref]) -> int:
    """Count the further values on the right that go with a value on the left."""
    counts = frame.select(alone=_struct(left).n_unique(), both=_struct([*left, *right]).n_unique())
    return int(counts["both"].item()) - int(counts["alone"].item())


def _struct(refs: Sequence[Ref]) -> pl.Expr:
    return pl.struct(ref.key().alias(str(index)) for index, ref in enumerate(refs))


def _with_paths(frame: pl.DataFrame, units: Sequence[Unit]) -> tuple[Unit, ...]:
    """See for each level whether its codes can be trusted inside the area above, and what else is odd."""
    levels: list[Unit] = []
    for unit in units:
        path = [level.key for level in levels]
        values = frame.select(unit.key.key().n_unique()).item()
        settled = _settled(frame, unit, path)
        empty = int(frame.select(settled.key.key().is_null().sum()).item())
        remarks = [*settled.remarks]
        if empty:
            remarks.append(f"CHECK: {empty:,} rows say nothing here.")
        if values == 1 and unit.level == "country":
            continue
        levels.append(replace(settled, remarks=tuple(remarks)))
    return tuple(levels)


def _settled(frame: pl.DataFrame, unit: Unit, path: Sequence[Ref]) -> Unit:
    if unit.code is None or unit.name is None or unit.code.column == unit.name.column:
        return unit
    filled = frame.filter(unit.code.key().is_not_null() & unit.name.key().is_not_null())
    areas = int(filled.select(_struct([*path, unit.code]).n_unique()).item())
    several = exceptions(filled, [*path, unit.code], [unit.name])
    if several > SLIPS * areas:
        remark = (
            f"`{unit.code.column}` does not go with one name ({several:,} exceptions), so the name tells the areas."
        )
        return replace(unit, code=None, remarks=(f"CHECK: {remark}",))
    if several:
        return replace(unit, remarks=(f"CHECK: {several:,} codes of `{unit.code.column}` go with more than one name.",))
    return unit
