"""The content digest of a table that is not text on disk: SHA-256 of the same cells written as CSV."""

from __future__ import annotations

import hashlib
import io

import polars as pl

_ROWS_AT_ONCE = 50_000


def digest_of_cells(frame: pl.DataFrame, *, header: bool) -> str:
    r"""Hash the cells as RFC 4180 lines in UTF-8: commas, LF, quotes only where a cell needs them, null as nothing.

    So a workbook and the CSV that a careful person would save it as have the same digest.

    >>> frame = pl.DataFrame({"centre": ["1", "a,b"], "A": [12, None]})
    >>> digest_of_cells(frame, header=True) == hashlib.sha256(b'centre,A\n1,12\n"a,b",\n').hexdigest()
    True
    """
    digest = hashlib.sha256()
    for start in range(0, max(frame.height, 1), _ROWS_AT_ONCE):
        lines = io.BytesIO()
        part = frame.slice(start, _ROWS_AT_ONCE)
        part.write_csv(lines, include_header=header and start == 0, quote_style="necessary", line_terminator="\n")
        digest.update(lines.getbuffer())
    return digest.hexdigest()
