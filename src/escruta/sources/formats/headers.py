"""Column names: each one there, each one once, and those that were asked for among them."""

from __future__ import annotations

import difflib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from escruta.base.errors import LayoutMismatch, TableBroken
from escruta.sources.formats.notes import Note
from escruta.sources.formats.tables import ROW

FILE_ROW = f"file.{ROW}"
"""What a file's own column `row` is called, beside ours."""

_LISTED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The columns of a file that are read."""

    row: int
    """Where the names stand, 1-based."""
    width: int
    """How many columns the file has."""
    chosen: Mapping[int, str]
    """Position from 0 and name of each column that is read, in the file's order."""
    notes: tuple[Note, ...]
    """What was tidied."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns that are read."""
        return tuple(self.chosen.values())


def read_header(
    found: Sequence[str | None],
    *,
    where: str,
    row: int,
    wanted: Sequence[str] | None,
    labels: Sequence[str] | None = None,
) -> Header:
    """Check the names that stand in the header and choose the columns that are wanted.

    `labels` say where each name stands, such as the letters of a sheet's columns; without them it is the position.

    Raises `TableBroken` for a name that is empty or used twice, `LayoutMismatch` for names that are not there.

    >>> read_header(["centre", " A "], where="votes.csv", row=1, wanted=("A",)).chosen
    {1: 'A'}
    """
    tidy = [_own_name(tidy_name(name or "")) for name in found]
    places = labels or [str(index + 1) for index in range(len(tidy))]
    unusable = _unusable(tidy)
    if wanted is None:
        _reject_unusable(tidy, places, unusable, where, row)
    usable = {index: name for index, name in enumerate(tidy) if index not in unusable}
    chosen = choose(usable, wanted, where=where, row=row, doubled={tidy[index] for index in unusable})
    return Header(row=row, width=len(tidy), chosen=chosen, notes=_header_notes(found, tidy, places, unusable))


def tidy_name(name: str) -> str:
    """Trim a column name and join its split accents (Unicode NFC)."""
    return unicodedata.normalize("NFC", name).strip()


def column_found(name: str) -> str:
    """Say how a column that a layout names is called in a table: tidied, and our own `row` kept apart.

    >>> column_found(" Votos "), column_found("row")
    ('Votos', 'file.row')
    """
    tidy = tidy_name(name)
    return FILE_ROW if tidy == ROW else tidy


def choose(
    usable: Mapping[int, str],
    wanted: Sequence[str] | None,
    *,
    where: str,
    row: int | None,
    doubled: frozenset[str] | set[str] = frozenset(),
) -> dict[int, str]:
    """Choose the wanted columns, in the file's order; name every one that is missing."""
    if wanted is None:
        _reject_patterns(usable.values(), where, row)
        return dict(usable)
    asked = {_own_name(tidy_name(name)) for name in wanted}
    missing = sorted(asked - set(usable.values()))
    if missing:
        raise LayoutMismatch(
            "columns that were asked for are missing" if len(missing) > 1 else "a column that was asked for is missing",
            where=where,
            row=row,
            column=missing[0] if len(missing) == 1 else None,
            found=_in_words(missing, sorted(set(usable.values())), doubled),
            expected="each column once",
            advice=f"Correct the layout. The file has: {_listed(list(usable.values()))}.",
        )
    _reject_patterns(asked, where, row)
    return {index: name for index, name in usable.items() if name in asked}


def _own_name(name: str) -> str:
    return FILE_ROW if name == ROW else name


def _reject_patterns(names: Iterable[str], where: str, row: int | None) -> None:
    """Refuse names that Polars takes for many columns: `*`, and what stands between `^` and `$`."""
    for name in names:
        if name == "*" or (name.startswith("^") and name.endswith("$")):
            raise TableBroken(
                "a column name cannot be told from a pattern",
                where=where,
                row=row,
                column=name,
                expected="a name other than * or ^…$",
                advice="Rename the column, or ask only for the others.",
            )


def _unusable(names: Sequence[str]) -> frozenset[int]:
    times = Counter(names)
    return frozenset(index for index, name in enumerate(names) if not name or times[name] > 1)


def _reject_unusable(
    names: Sequence[str], places: Sequence[str], unusable: frozenset[int], where: str, row: int
) -> None:
    if not unusable:
        return
    if len(unusable) == len(names) and not any(names):
        raise TableBroken(
            "the header row is blank", where=where, row=row, expected="column names", advice="Say header_row = N."
        )
    first = min(unusable)
    name = names[first]
    raise TableBroken(
        f"the column name {name!r} is used twice" if name else "a column has no name",
        where=where,
        row=row,
        column=name or places[first],
        found=", ".join(f"column {places[index]}: {names[index] or '(empty)'}" for index in sorted(unusable)),
        expected="a name for each column, each one once",
        advice="Correct header_row if the names stand elsewhere, or ask only for the columns that have a name.",
    )


def _header_notes(
    found: Sequence[str | None], tidy: Sequence[str], places: Sequence[str], unusable: frozenset[int]
) -> tuple[Note, ...]:
    notes = []
    changed = [name for name, raw in zip(tidy, found, strict=True) if name not in {raw or "", FILE_ROW}]
    if changed:
        notes.append(Note(code="F107", details={"names": _listed(changed)}))
    if FILE_ROW in tidy:
        notes.append(Note(code="F108"))
    if unusable:
        columns = [f"{tidy[index] or '(empty)'} at {places[index]}" for index in sorted(unusable)]
        notes.append(Note(code="F109", details={"columns": _listed(columns)}))
    return tuple(notes)


def _in_words(missing: Sequence[str], there: Sequence[str], doubled: frozenset[str] | set[str]) -> str:
    words = []
    for name in missing:
        near = difflib.get_close_matches(name, there, n=1)
        hint = " (there twice)" if name in doubled else f" (nearest: {near[0]})" if near else ""
        words.append(f"no {name}{hint}")
    return ", ".join(words)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_LISTED]) + (f" and {len(names) - _LISTED} more" if len(names) > _LISTED else "")
