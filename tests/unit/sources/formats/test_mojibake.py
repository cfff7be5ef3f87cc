"""Text that was encoded twice is found in any column, also in one whose name looks like a pattern."""

from __future__ import annotations

import polars as pl
import pytest

from escruta.sources.formats.mojibake import settle_double_encoding

BROKEN, WHOLE = "ASUNCIÃ“N", "ASUNCIÓN"


@pytest.mark.parametrize("name", ["place", "^p.*$", "p*"])
def test_text_that_was_encoded_twice_is_repaired_in_any_column(name: str) -> None:
    frame = pl.DataFrame(
        {name: [BROKEN, None], "place of it": ["x", WHOLE], "nothing": pl.Series([None] * 2, dtype=pl.String)}
    )
    repaired, notes = settle_double_encoding(frame, frame.columns, repair=True)
    assert repaired.rows() == [(WHOLE, "x", None), (None, WHOLE, None)]
    assert [(note.code, note.details["cells"]) for note in notes] == [("F112", 1)]


def test_without_text_nothing_is_said() -> None:
    frame = pl.DataFrame({"count": [1]})
    assert settle_double_encoding(frame, ["count"], repair=True)[1] == ()
