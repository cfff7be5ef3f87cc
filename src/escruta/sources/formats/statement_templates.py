"""The quickest way through statements: a block whose lines are all one template with other values in it.

A national feed writes half a million lines with the same keys in the same order, in canonical form. Such a block is
already a table: cut at the commas, every column is a fixed text, a value and a fixed text. The proof that nothing else
was there is arithmetic: the fixed texts stand in every cell, no text holds a quote, a backslash or a control code, and
together with the texts and the digits of the numbers they are as long as the block. Where the proof fails, the block is
read in another way.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import polars as pl

from escruta.sources.formats.statement_rules import (
    CANDIDATURE,
    EVIDENCE,
    OTHER,
    StatementError,
    canonical_line,
    check_statement,
    parse_statement,
    statement_id,
)
from escruta.sources.formats.tables import ROW
from escruta.sources.formats.text import Block

_UNSAFE = r'[",\\\x00-\x1f]'
_RARE = frozenset({"unit", "stage", "supersedes", "extra"})
_RARE_COUNTS = frozenset({"unread", "not_on_sheet"})

Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A value of the template and the fixed text around it, up to the commas."""

    column: str | None
    """The column that it fills; None for a value that is checked and not kept."""
    prefix: str
    suffix: str
    is_number: bool
    fixed: str | None = None
    """The only text that may stand here."""


Template: TypeAlias = tuple[Leaf, ...]


def make_template(line: bytes) -> Template | None:
    """Make a template from a line; None when it is not canonical, or has what only a closer look can check."""
    try:
        document = parse_statement(line.decode("utf-8"))
        check_statement(document)
        if canonical_line(document) != line or _RARE & document.keys() or _RARE_COUNTS & document["counts"].keys():
            return None
        return tuple(_leaves(document))
    except (StatementError, UnicodeDecodeError):
        return None


def read_uniform_block(block: Block, template: Template, *, wants_ids: bool) -> pl.DataFrame | None:
    """Read a block that keeps to the template; None when it does not, or when that cannot be proven."""
    leaves = {str(index): leaf for index, leaf in enumerate(template)}
    cells = _cut(block, list(leaves))
    texts = None if cells is None else _texts(cells, leaves)
    if cells is None or texts is None:
        return None
    numbers = cells.select(
        _inside(pl.col(name), leaf).cast(pl.Int64, strict=False) for name, leaf in leaves.items() if leaf.is_number
    )
    fixed = sum(len(f"{leaf.prefix}{leaf.suffix},".encode()) for leaf in template)
    written = sum(int(column.str.len_bytes().sum()) for column in texts.values())
    if _digits(numbers) != len(block.text) - cells.height * fixed - written:
        return None
    found = texts | {column.name: column for column in numbers}
    columns = [found[name].alias(leaf.column) for name, leaf in leaves.items() if leaf.column]
    rows = pl.int_range(block.first_line, block.first_line + cells.height, dtype=pl.UInt32, eager=True).alias(ROW)
    ids = [_ids(block)] if wants_ids else []
    return pl.DataFrame([rows, *columns, *ids])


def _leaves(document: Mapping[str, Any]) -> Iterator[Leaf]:
    """Walk through the canonical form and cut it at the commas between values."""
    steps: list[tuple[Path, str, Any]] = []
    end = _walk(document, (), "", steps)
    _require(bool(steps))
    cuts = [opening.partition(",") for _, opening, _ in steps[1:]]
    openings = [steps[0][1], *(after for _, _, after in cuts)]
    closings = [*(before for before, _, _ in cuts), end]
    for (path, _, value), opening, closing in zip(steps, openings, closings, strict=True):
        yield _leaf(path, opening, value, closing)


def _walk(found: Mapping[str, Any], path: Path, text: str, steps: list[tuple[Path, str, Any]]) -> str:
    """Note each value with its path and the fixed text since the value before it; return the text after the last."""
    _require(bool(found))
    text += "{"
    for index, key in enumerate(sorted(found)):
        _require("," not in key and json.dumps(key, ensure_ascii=False) == f'"{key}"')
        text += ("," if index else "") + f'"{key}":'
        if isinstance(found[key], dict):
            text = _walk(found[key], (*path, key), text, steps)
        else:
            steps.append(((*path, key), text, found[key]))
            text = ""
    return text + "}"


def _leaf(path: Path, opening: str, value: object, closing: str) -> Leaf:
    if isinstance(value, str):
        fixed = value if path == ("spec",) else None
        prefix, suffix = f'{opening}"', f'"{closing}'
        return Leaf(column=_column(path), prefix=prefix, suffix=suffix, is_number=False, fixed=fixed)
    _require(isinstance(value, int) and not isinstance(value, bool))
    return Leaf(column=_column(path), prefix=opening, suffix=closing, is_number=True)


def _column(path: Path) -> str | None:
    if path[0] == "counts":
        prefix = {"candidatures": CANDIDATURE, "other": OTHER}.get(path[1], "")
        return f"{prefix}{path[-1]}"
    if path[0] == "evidence":
        return ".".join(path) if path[1] in EVIDENCE else None
    return None if path == ("spec",) else path[0]


def _cut(block: Block, names: Sequence[str]) -> pl.DataFrame | None:
    """Cut the lines at the commas; None where they have not all as many."""
    try:
        cells = pl.read_csv(
            block.text, has_header=False, separator=",", quote_char=None, schema=dict.fromkeys(names, pl.String)
        )
    except pl.exceptions.PolarsError:
        return None
    return cells if cells.height and not any(cells.null_count().row(0)) else None


def _inside(cell: pl.Expr, leaf: Leaf) -> pl.Expr:
    """Take the fixed texts from around a value."""
    value = cell.str.strip_prefix(leaf.prefix)
    return value.str.strip_suffix(leaf.suffix) if leaf.suffix else value


def _texts(cells: pl.DataFrame, leaves: Mapping[str, Leaf]) -> dict[str, pl.Series] | None:
    """Give the texts; None where one has not the fixed texts around it, or is not what it may be."""
    texts: dict[str, pl.Series] = {}
    for name, leaf in leaves.items():
        if leaf.is_number:
            continue
        column = cells[name]
        is_one = bool((column == column[0]).all())
        looked_at = column.head(1) if is_one else column
        values = looked_at.to_frame().select(_inside(pl.col(name), leaf)).to_series()
        taken = int(looked_at.str.len_bytes().sum()) - int(values.str.len_bytes().sum())
        if taken != values.len() * len((leaf.prefix + leaf.suffix).encode()) or values.str.contains(_UNSAFE).any():
            return None
        if leaf.fixed is not None and not (is_one and values[0] == leaf.fixed):
            return None
        texts[name] = values.new_from_index(0, cells.height) if is_one else values
    return texts


def _digits(numbers: pl.DataFrame) -> int | None:
    """Count the digits of all numbers; None where one is negative or no number.

    With anything but its digits, such as a sign or a leading zero, a number is longer than that.
    """
    if not numbers.width:
        return 0
    together = pl.concat([column.alias("") for column in numbers])
    if together.null_count() or together.min() < 0:  # type: ignore[operator] # it is a number where none is null
        return None
    powers = [10**power for power in range(1, len(str(together.max())))]
    return together.len() + sum(int((together >= power).sum()) for power in powers)


def _ids(block: Block) -> pl.Series:
    return pl.Series("id", [statement_id(line) for line in block.text.split(b"\n")[:-1]], dtype=pl.String)


def _require(condition: bool) -> None:  # noqa: FBT001 - a condition is what this takes
    if not condition:
        raise StatementError("", None, "of one shape")
