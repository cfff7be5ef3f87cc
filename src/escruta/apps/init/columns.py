"""What stands in the columns of a sample: counts, codes, names, addresses of pictures, payloads of QR codes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

SEPARATORS = (".", ",", " ", "'")
MOSTLY = 0.97
"""The share of a column's cells that decides what it holds; the rest is told, not lost."""
PAYLOAD = r"^\s*\d[\d.]*!\d+(,\d+)*!\d+!\d+\s*$"
ADDRESS = r"(?i)^(https?://\S+|\S+\.(jpe?g|png|pdf|tiff?|webp))$"
CODE_AND_NAME = r"^\s*(\d+)\s*[-–.:]\s*(\S.*)$"
DOTTED = r"^\d+([.\-/_]\d+){1,5}$"


class Holds(StrEnum):
    """What a column holds."""

    NOTHING = "nothing"
    COUNTS = "counts"
    TEXT = "text"
    ADDRESSES = "addresses"
    PAYLOADS = "payloads"
    CODES_AND_NAMES = "codes and names"


TEXTS = (
    (Holds.PAYLOADS, PAYLOAD),
    (Holds.ADDRESSES, ADDRESS),
    (Holds.TEXT, DOTTED),
    (Holds.CODES_AND_NAMES, CODE_AND_NAME),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """A value in a file: a column, or what a pattern finds in it."""

    column: str
    pattern: str | None = None

    def text(self) -> pl.Expr:
        """Give the trimmed text; null where it is empty."""
        text = pl.col(self.column).cast(pl.String).str.strip_chars()
        if self.pattern is not None:
            text = text.str.extract(self.pattern, 1).str.strip_chars()
        return pl.when(text != "").then(text)

    def key(self) -> pl.Expr:
        """Give the text as a key that ignores leading zeros where it is a number."""
        text = self.text()
        number = text.str.strip_chars_start("0").str.zfill(1)
        return pl.when(text.str.contains(r"^\d+$")).then(number).otherwise(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a sample and what was seen in it."""

    name: str
    position: int
    holds: Holds
    filled: int
    """Cells that are not empty."""
    distinct: int
    """Different values."""
    separator: str | None = None
    """What separates thousands, where counts have such a thing."""
    strange: tuple[str, ...] = ()
    """Cells of a column of counts that are no counts, a few of them."""

    @property
    def ref(self) -> Ref:
        """The whole column."""
        return Ref(column=self.name)


def look_at(frame: pl.DataFrame, names: Sequence[str]) -> tuple[Column, ...]:
    """Look at every column of a sample."""
    return tuple(_look_at_one(frame[name], position) for position, name in enumerate(names))


def counts_of(column: Column) -> pl.Expr:
    """Read a column of counts, under its own name; null where a cell is no count."""
    text = pl.col(column.name).cast(pl.String).str.strip_chars()
    if column.separator is not None:
        text = text.str.replace_all(column.separator, "", literal=True)
    return text.str.to_integer(dtype=pl.Int64, strict=False).alias(column.name)


def _look_at_one(series: pl.Series, position: int) -> Column:
    text = series.cast(pl.String).str.strip_chars()
    text = text.filter(text.is_not_null() & (text != ""))
    holds, separator = _holds(text)
    return Column(
        name=series.name,
        position=position,
        holds=holds,
        filled=text.len(),
        distinct=text.n_unique(),
        separator=separator,
        strange=_strange(text, separator) if holds is Holds.COUNTS else (),
    )


def _holds(text: pl.Series) -> tuple[Holds, str | None]:
    if text.is_empty():
        return Holds.NOTHING, None
    for separator in (None, *SEPARATORS):
        pattern = r"^\d{1,15}$" if separator is None else rf"^\d{{1,3}}({re.escape(separator)}\d{{3}})*$"
        if _share(text, pattern) >= MOSTLY:
            return Holds.COUNTS, separator
    for holds, pattern in TEXTS:
        if _share(text, pattern) >= MOSTLY:
            return holds, None
    return Holds.TEXT, None


def _share(text: pl.Series, pattern: str) -> float:
    return int(text.str.contains(pattern).sum()) / text.len()


def _strange(text: pl.Series, separator: str | None) -> tuple[str, ...]:
    bare = text if separator is None else text.str.replace_all(separator, "", literal=True)
    return tuple(text.filter(~bare.str.contains(r"^\d{1,15}$")).unique(maintain_order=True).head(5).to_list())
