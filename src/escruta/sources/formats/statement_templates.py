"""The quickest way through statements: a block whose lines are all one template with other values in it.

A national feed writes half a million lines with the same keys in the same order, in canonical form. Such a block is
already a table: cut at the commas, every column is a fixed text, a value and a fixed text, and the engine cuts them on
all cores. The proof that nothing else was there is arithmetic: what was cut off is in every cell as long as the fixed
texts of the template, a number is as long as its digits, and no text holds a quote, a backslash or a control code.
Where the proof fails, the block is read in another way.
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
    names = [str(index) for index in range(len(template))]
    try:
        cut = pl.read_csv(
            block.text, has_header=False, separator=",", quote_char=None, schema=dict.fromkeys(names, pl.String)
        )
    except pl.exceptions.PolarsError:
        return None
    values = cut.select(_value(name, leaf) for name, leaf in zip(names, template, strict=True))
    numbers = [name for name, leaf in zip(names, template, strict=True) if leaf.is_number]
    typed = values.with_columns(pl.col(numbers).cast(pl.Int64, strict=False))
    if not (_is_whole(cut, values, template) and _are_texts(values, template) and _are_numbers(values, typed, numbers)):
        return None
    columns = [typed[name].alias(leaf.column) for name, leaf in zip(names, template, strict=True) if leaf.column]
    rows = pl.int_range(block.first_line, block.first_line + cut.height, dtype=pl.UInt32, eager=True).alias(ROW)
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


def _value(name: str, leaf: Leaf) -> pl.Expr:
    value = pl.col(name).str.strip_prefix(leaf.prefix)
    return value.str.strip_suffix(leaf.suffix) if leaf.suffix else value


def _is_whole(cut: pl.DataFrame, values: pl.DataFrame, template: Template) -> bool:
    """Say whether in every cell exactly the fixed texts were cut off: less is seen in the sum, more cannot be."""
    lengths = pl.all().str.len_bytes().sum()
    before, after = cut.select(lengths).row(0), values.select(lengths).row(0)
    return sum(cut.null_count().row(0)) == 0 and all(
        long - short == cut.height * len((leaf.prefix + leaf.suffix).encode("utf-8"))
        for long, short, leaf in zip(before, after, template, strict=True)
    )


def _are_texts(values: pl.DataFrame, template: Template) -> bool:
    for name, leaf in zip(values.columns, template, strict=True):
        if not leaf.is_number:
            texts = values[name].unique()
            if texts.str.contains(_UNSAFE).any() or (leaf.fixed is not None and texts.to_list() != [leaf.fixed]):
                return False
    return True


def _are_numbers(values: pl.DataFrame, typed: pl.DataFrame, names: Sequence[str]) -> bool:
    """Say whether every number is not negative and written in its digits and nothing else."""
    found = typed.select(names)
    if not names or sum(found.null_count().row(0)) or min(found.min().row(0)) < 0:
        return not names
    powers = [10**power for power in range(1, len(str(max(found.max().row(0)))))]
    digits = found.select(
        pl.sum_horizontal(pl.len(), *((pl.col(name) >= power).sum() for power in powers)).alias(name) for name in names
    )
    lengths = values.select(pl.col(names).str.len_bytes().sum())
    return digits.row(0) == lengths.row(0)


def _ids(block: Block) -> pl.Series:
    return pl.Series("id", [statement_id(line) for line in block.text.split(b"\n")[:-1]], dtype=pl.String)


def _require(condition: bool) -> None:  # noqa: FBT001 - a condition is what this takes
    if not condition:
        raise StatementError("", None, "of one shape")
