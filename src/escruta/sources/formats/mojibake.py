"""Text that was encoded twice: UTF-8 that somebody took for Windows-1252 and wrote as UTF-8 again (`Ã“` for `Ó`).

Only ftfy decides; we spare it the text that cannot be meant, by looking at distinct values that hold a telling pair.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import ftfy
import polars as pl
from polars.selectors import by_name

from escruta.sources.formats.notes import Note

_TRAILS = "\u0080-\u00bf" + bytes(range(0x80, 0xA0)).decode("cp1252", errors="ignore")
_PAIR = f"[\u00c2-\u00f4][{_TRAILS}]"
"""A letter that stands for a first byte of UTF-8, and a character that stands for a second one."""


def settle_double_encoding(
    frame: pl.DataFrame, columns: Sequence[str], *, repair: bool
) -> tuple[pl.DataFrame, tuple[Note, ...]]:
    """Find text that was encoded twice, repair it when asked to, and say in how many cells it stood.

    >>> frame = pl.DataFrame({"place": ["ASUNCIÃ“N", "ASUNCIÓN"]})
    >>> settle_double_encoding(frame, ["place"], repair=True)[0]["place"].to_list()
    ['ASUNCIÓN', 'ASUNCIÓN']
    """
    texts = [name for name in columns if frame.schema[name] == pl.String]
    if not texts:
        return frame, ()
    own = by_name(texts)  # and not `pl.col`: a header may look like a pattern
    has_longer = frame.select((own.str.len_bytes() != own.str.len_chars()).any())
    suspects = {
        name: _suspects(frame[name].alias("text")) if has_longer[name].item() else list[str]() for name in texts
    }
    repairs = {text: settle_name(text) for text in sorted({text for found in suspects.values() for text in found})}
    repairs = {text: fixed for text, fixed in repairs.items() if fixed != text}
    if not repairs:
        return frame, ()
    touched = [name for name in texts if any(text in repairs for text in suspects[name])]
    cells = sum(int(frame[name].alias("text").is_in(list(repairs)).sum()) for name in touched)
    found, expected = min(repairs.items(), key=lambda pair: (len(pair[0]), pair[0]))
    note = Note(code="F112" if repair else "F111", details={"cells": cells, "found": found, "expected": expected})
    if repair:
        frame = frame.with_columns(by_name(touched).replace(repairs))
    return frame, (note,)


def settle_name(text: str) -> str:
    """Repair one text.

    >>> settle_name("ASUNCIÃ“N")
    'ASUNCIÓN'
    """
    return ftfy.fix_encoding(text) if re.search(_PAIR, text) else text


def _suspects(values: pl.Series) -> list[str]:
    longer = values.filter(values.str.len_bytes() != values.str.len_chars())
    return longer.filter(longer.str.contains(_PAIR)).unique().to_list()
