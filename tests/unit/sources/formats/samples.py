"""Small files of every format that all say the same, for the tests to read, pack and break."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import polars as pl
import xlsxwriter

COLUMNS = ("station", "place", "A", "B")
ROWS = (("001", "ASUNCIÓN", 120, 80), ("002", "LA PAZ", 0, 7), ("003", "ÑEMBY", 15, 33))
FORMATS = ("csv", "tsv", "xlsx", "parquet", "jsonl", "actasum")


def csv_text(delimiter: str = ",", line_end: str = "\n") -> str:
    lines = [COLUMNS, *ROWS]
    return "".join(delimiter.join(map(str, line)) + line_end for line in lines)


def xlsx_bytes(
    rows: Sequence[Sequence[object]] = (COLUMNS, *ROWS), formulas: dict[str, str] | None = None, sheet: str = "data"
) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.set_properties({"created": datetime(2026, 1, 1, tzinfo=UTC)})
        page = book.add_worksheet(sheet)
        for index, row in enumerate(rows):
            page.write_row(index, 0, row)
        for cell, formula in (formulas or {}).items():
            page.write_formula(cell, formula, None, 5)
    return out.getvalue()


def parquet_bytes() -> bytes:
    out = io.BytesIO()
    pl.DataFrame(ROWS, schema=list(COLUMNS), orient="row").write_parquet(out)
    return out.getvalue()


def jsonl_text() -> str:
    return "".join(
        json.dumps(dict(zip(COLUMNS, row, strict=True)), ensure_ascii=False, separators=(",", ":")) + "\n"
        for row in ROWS
    )


def statement(station: str = "01/0001", **changes: object) -> dict[str, object]:
    counts: dict[str, object] = {"blank": 3, "null": 1, "candidatures": {"01": 10, "02": 5}, "registered": 40}
    document: dict[str, object] = {
        "spec": "actasum/statement/v0.1",
        "profile": "test",
        "election": "2026",
        "station": station,
        "constituency": "01",
        "counts": counts | dict(changes.pop("counts", {})),  # type: ignore[call-overload]
    }
    return document | changes


def canonical(*documents: dict[str, object]) -> bytes:
    lines = (json.dumps(one, sort_keys=True, separators=(",", ":"), ensure_ascii=False) for one in documents)
    return "".join(line + "\n" for line in lines).encode()


@cache
def sample(name: str) -> bytes:
    """A whole file of the format."""
    texts = {"csv": csv_text(), "tsv": csv_text("\t"), "jsonl": jsonl_text()}
    if name in texts:
        return texts[name].encode()
    if name == "actasum":
        return canonical(statement(), statement("01/0002"), statement("01/0003", counts={"blank": 0}))
    return xlsx_bytes() if name == "xlsx" else parquet_bytes()


def zipped(content: bytes, name: str = "table.csv") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def gzipped(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def written(folder: Path, content: bytes, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path
