"""Small text files that a person gives to a command: lists of stations, tables of arrivals, answers, polls."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from escruta.base.errors import TableBroken


def text_of(file: Path) -> str:
    """Read a file of UTF-8 text, with or without a mark at its beginning.

    Raises:
        TableBroken: it is none.
    """
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TableBroken(
            "the file is not text in UTF-8", where=str(file), found=f"byte {error.start}: {error.reason}"
        ) from None


def rows_of(file: Path) -> tuple[list[str], list[dict[str, str | None]]]:
    """Read a CSV file with a head: its columns, and its rows.

    Raises:
        TableBroken: it is no such text.
    """
    reader = csv.DictReader(io.StringIO(text_of(file), newline=""))
    try:
        return list(reader.fieldnames or ()), list(reader)
    except csv.Error as error:
        raise TableBroken("the file is no table", where=str(file), found=str(error), expected="CSV") from None
