"""Compare two versions of one data set: what was added, dropped and changed, and which columns were lost.

Two files with the same content digest hold the same table, whatever their line ends, encoding or wrapping. Otherwise
rows are paired by their key; a key that stands several times in a version is paired in order of appearance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from escruta.base.errors import LayoutMismatch
from escruta.sources.formats import ROW, RawTable

KEY_SEPARATOR = " · "


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionReport:
    """The differences between an older and a newer version of a table."""

    same_bytes: bool
    same_content: bool
    rows_old: int
    rows_new: int
    columns_lost: tuple[str, ...]
    columns_added: tuple[str, ...]
    repeated_keys_old: int
    repeated_keys_new: int
    added: pl.DataFrame
    """`key`, `row` (in the newer version)."""
    dropped: pl.DataFrame
    """`key`, `row` (in the older version)."""
    changed: pl.DataFrame
    """`key`, `column`, `old`, `new`: one row for each cell that differs, in the columns that both versions have."""

    @property
    def differs(self) -> bool:
        """Whether the two hold different tables."""
        return not self.same_content

    @property
    def changed_keys(self) -> int:
        """How many keys have at least one changed cell."""
        return self.changed["key"].n_unique()


def compare_versions(old: RawTable, new: RawTable, key: Sequence[pl.Expr | str]) -> VersionReport:
    """Compare two tables whose rows are told apart by `key`: column names, or expressions over the file's columns."""
    left, right = _keyed(old, key), _keyed(new, key)
    lost = [name for name in old.frame.columns if name not in new.frame.columns]
    gained = [name for name in new.frame.columns if name not in old.frame.columns]
    shared = [name for name in old.frame.columns if name in new.frame.columns and name != ROW]
    on = ["key", "occurrence"]
    return VersionReport(
        same_bytes=old.file.sha256 == new.file.sha256,
        same_content=old.content_digest == new.content_digest,
        rows_old=left.height,
        rows_new=right.height,
        columns_lost=tuple(lost),
        columns_added=tuple(gained),
        repeated_keys_old=left.filter(pl.col("occurrence") == 1)["key"].n_unique(),
        repeated_keys_new=right.filter(pl.col("occurrence") == 1)["key"].n_unique(),
        added=right.join(left, on=on, how="anti").select("key", ROW).sort(ROW),
        dropped=left.join(right, on=on, how="anti").select("key", ROW).sort(ROW),
        changed=_changed(left, right, shared),
    )


def _keyed(table: RawTable, key: Sequence[pl.Expr | str]) -> pl.DataFrame:
    missing = [name for name in key if isinstance(name, str) and name not in table.frame.columns]
    if missing:
        raise LayoutMismatch(
            "a column of the key is not in the file",
            where=table.file.name,
            found=", ".join(name for name in table.frame.columns if name != ROW),
            expected=", ".join(missing),
            advice="Name columns that both versions have with --key.",
        )
    parts = [pl.col(name) if isinstance(name, str) else name for name in key]
    joined = pl.concat_str([part.cast(pl.String).fill_null("") for part in parts], separator=KEY_SEPARATOR)
    return table.frame.with_columns(key=joined).with_columns(occurrence=pl.int_range(pl.len()).over("key"))


def _changed(left: pl.DataFrame, right: pl.DataFrame, shared: Sequence[str]) -> pl.DataFrame:
    both = left.join(right, on=["key", "occurrence"], suffix="\0new", maintain_order="left")
    frames = [_CHANGED_SCHEMA.to_frame()]
    for name in shared:
        old, new = pl.col(name).cast(pl.String), pl.col(f"{name}\0new").cast(pl.String)
        frames.append(both.filter(old.ne_missing(new)).select("key", column=pl.lit(name), old=old, new=new))
    return pl.concat(frames).sort("key", "column", maintain_order=True)


_CHANGED_SCHEMA = pl.Schema({"key": pl.String, "column": pl.String, "old": pl.String, "new": pl.String})
