"""The files as their givers would publish them: each with its own columns, keys, encoding and packaging."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

import polars as pl

from escruta.apps.demo.republic import CANDIDATES, OPTIONS, POLLS_CLOSE, SourceId

Form = Literal["csv", "parquet"]
_SLICE = 250_000  # rows written at a time
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can name, so that equal content is equal bytes
ILLEGIBLE = "?"
"""What the observers write for a figure that cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a file is written."""

    path: str
    member: str | None = None
    encoding: str = "utf-8"
    delimiter: str = ","
    column_of: dict[str, str]
    """Figure, candidate or ballot option → column."""

    def placed(self, form: Form) -> str:
        """Tell the file's path, below the demo's folder."""
        return self.path if form == "csv" else f"{self.path.split('.', 1)[0]}.parquet"


_ROWS = {candidate.id: candidate.name.upper() for candidate in CANDIDATES}
STYLES: dict[SourceId, Style] = {
    "authority": Style(
        path="authority/transmission.csv",
        column_of={
            **{name: name for name in ("registered_voters", "ballots", "valid")},
            "null": "null_votes",
            "blank": "blank_votes",
            **{option.id: option.name for option in OPTIONS},
        },
    ),
    "party-a": Style(
        path="alba/witness-copies.zip",
        member="witness-copies.csv",
        encoding="utf-8-sig",
        delimiter=";",
        column_of=_ROWS,
    ),
    "party-b": Style(
        path="robla/copias-de-testigos.tsv",
        encoding="latin-1",
        delimiter="\t",
        column_of={candidate.id: candidate.name for candidate in CANDIDATES},
    ),
    "observers": Style(
        path="observers/photographs.csv.gz",
        column_of={candidate.id: f"votes for {candidate.name}" for candidate in CANDIDATES},
    ),
}
REGISTER = Style(path="register/stations.csv", column_of={"registered_voters": "registered_voters"})


def register_rows(night: pl.DataFrame, centres: pl.DataFrame) -> pl.DataFrame:
    """Lay out the register, one row a station."""
    return night.select(
        pl.col("centre_code").alias("centre"),
        "table",
        *(_named(centres, f"{level}_name").alias(level) for level in ("region", "municipality", "ward")),
        _named(centres, "centre_name").alias("centre_name"),
        "registered_voters",
    )


def source_rows(source: SourceId, held: pl.DataFrame, centres: pl.DataFrame) -> pl.DataFrame:
    """Lay out what a source wrote down, in the source's own columns."""
    keys: dict[SourceId, Callable[[pl.DataFrame], list[pl.Expr]]] = {
        "authority": lambda _: _authority_keys(),
        "party-a": lambda _: _party_a_keys(),
        "party-b": _party_b_keys,
        "observers": lambda _: _observers_keys(),
    }
    ordered = held.sort("arrives", maintain_order=True) if source == "authority" else held
    return ordered.select(*keys[source](centres), *_figures(source, held.columns))


def write_rows(rows: pl.DataFrame, style: Style, folder: Path, form: Form) -> Path:
    """Write a file in its style, or as plain Parquet."""
    path = folder / style.placed(form)
    path.parent.mkdir(parents=True, exist_ok=True)
    if form == "parquet":
        rows.write_parquet(path)
        return path
    with _opened(path, style.member) as out:
        for number, part in enumerate(rows.iter_slices(_SLICE)):
            text = part.write_csv(include_header=number == 0, separator=style.delimiter)
            out.write(text.encode(style.encoding if number == 0 else style.encoding.removesuffix("-sig")))
    return path


@contextmanager
def _opened(path: Path, member: str | None) -> Iterator[IO[bytes]]:
    """Open a file for writing, plain or packed, with no moment of writing in it."""
    if member is not None:
        entry = zipfile.ZipInfo(member, _LONG_AGO)
        entry.compress_type = zipfile.ZIP_DEFLATED
        with zipfile.ZipFile(path, "w") as archive, archive.open(entry, "w", force_zip64=True) as out:
            yield out
    elif path.suffix == ".gz":
        with path.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed:
            buffer = io.BufferedWriter(packed)
            yield buffer
            buffer.flush()
    else:
        with path.open("wb") as out:
            yield out


def _figures(source: SourceId, columns: list[str]) -> list[pl.Expr]:
    """Rename the figures to the source's columns; the observers mark what they could not read."""
    figures = []
    for figure, column in STYLES[source].column_of.items():
        found = next(name for name in (figure, f"option.{figure}", f"votes.{figure}") if name in columns)
        value = pl.col(found)
        if source == "observers":
            value = value.cast(pl.String).fill_null(ILLEGIBLE)
        figures.append(value.alias(column))
    return figures


def _authority_keys() -> list[pl.Expr]:
    code = pl.concat_str("centre_code", pl.col("table").cast(pl.String).str.zfill(3))
    minutes = pl.duration(minutes=pl.col("arrives"))
    return [
        code.alias("station_code"),
        (pl.lit(POLLS_CLOSE) + minutes).dt.strftime("%Y-%m-%d %H:%M").alias("reported_at"),
    ]


def _party_a_keys() -> list[pl.Expr]:
    table = pl.col("table").cast(pl.String).str.zfill(2)
    second = (pl.col("planted") == "shared-picture") & (pl.col("table") % 2 == 0)
    by_courier = pl.duration(minutes=70 + pl.col("index") * 7919 % 360)  # no outage holds up a witness on foot
    pictured = pl.when(second).then(pl.col("table") - 1).otherwise("table").cast(pl.String)
    return [
        _bare_centre().alias("CENTRE"),
        table.alias("TABLE"),
        pl.concat_str(pl.lit("A-"), "centre_code", pl.lit("-"), table).alias("SHEET"),
        pl.concat_str(pl.lit("alba/"), "centre_code", pl.lit("-"), pictured, pl.lit(".jpg")).alias("PICTURE"),
        (pl.lit(POLLS_CLOSE) + by_courier).dt.strftime("%Y-%m-%dT%H:%M:%SZ").alias("RECEIVED"),
    ]


def _party_b_keys(centres: pl.DataFrame) -> list[pl.Expr]:
    code = pl.concat_str(_bare_centre(), pl.lit("-"), pl.col("table").cast(pl.String))
    return [code.alias("Código de mesa"), _named(centres, "municipality_name").alias("Municipio")]


def _observers_keys() -> list[pl.Expr]:
    place = pl.concat_str(pl.lit("centre "), "centre_code", pl.lit(", table "), pl.col("table").cast(pl.String))
    picture = pl.concat_str(pl.lit("observers/"), "centre_code", pl.lit("_"), pl.col("table").cast(pl.String))
    return [place.alias("place"), (picture + ".png").alias("photograph")]


def _bare_centre() -> pl.Expr:
    return pl.col("centre_code").str.strip_chars_start("0")


def _named(centres: pl.DataFrame, column: str) -> pl.Expr:
    return pl.lit(centres.get_column(column)).gather(pl.col("centre"))
