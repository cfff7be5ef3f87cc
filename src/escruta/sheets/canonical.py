"""The canonical form of a reading, and its digest, which is the reading's id.

A reading's canonical form is a JSON object in the form of RFC 8785, so that two people who take the same figures from
the same copy get the same id, whatever file the figures came in:

    {"act":"count","contest":"president","copy":"…","figures":{"blank":3,"votes.ana":"illegible",…},
     "method":"typed","origin":"…","source":"…","station":"…"}

A figure is a number, or the reason why there is none (`"illegible"`, `"empty"`, `"not-on-sheet"`, `"not-a-count"`); a
figure that the source does not give is left out. `supersedes` and `election` stand beside the other members.

Bulk readings are written by one Polars expression. Only readings with marks, which are few, go through `rfc8785`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence

import polars as pl
import polars_hash as plh
import rfc8785

MEMBERS = ("act", "contest", "copy", "election", "method", "origin", "source", "station", "supersedes")
"""Members of the canonical object beside `figures`, each a text column of the readings frame."""


def canonical_reading(members: Mapping[str, str | None], figures: Mapping[str, int | str | None]) -> bytes:
    """Write one reading in canonical form.

    >>> canonical_reading({"station": "1", "act": "count"}, {"null": 2, "votes.a": "illegible", "blank": None})
    b'{"act":"count","figures":{"null":2,"votes.a":"illegible"},"station":"1"}'
    """
    document: dict[str, object] = {name: value for name, value in members.items() if value is not None}
    document["figures"] = {name: value for name, value in figures.items() if value is not None}
    return rfc8785.dumps(document)  # type: ignore[arg-type]  # the library's alias for JSON values is invariant


def reading_digest(canonical: bytes) -> str:
    """Digest a canonical reading: lower-case hexadecimal SHA-256."""
    return hashlib.sha256(canonical).hexdigest()


def reading_ids(readings: pl.DataFrame, figures: Sequence[str], marks: pl.DataFrame) -> pl.Series:
    """Digest every reading of a frame: lower-case hexadecimal SHA-256 of its canonical text.

    Takes what `canonical_texts` takes. Only some of the texts are held in memory at one time.
    """
    parts = []
    for start in range(0, readings.height, _ROWS_AT_ONCE):
        part = readings.slice(start, _ROWS_AT_ONCE)
        own = marks.filter(pl.col("at").is_between(start, start + part.height - 1)).with_columns(pl.col("at") - start)
        parts.append(_digests(canonical_texts(part, figures, own)))
    return pl.concat(parts or [pl.Series(dtype=pl.String)]).alias("reading")


def canonical_texts(readings: pl.DataFrame, figures: Sequence[str], marks: pl.DataFrame) -> pl.Series:
    """Write every reading of a frame in canonical form; its UTF-8 bytes are those that its id is the digest of.

    `readings` has a text column for each of `MEMBERS` and an integer column for each of `figures`; `marks` has `at`
    (the position of the reading in the frame), `figure` and `mark`.
    """
    by_hand = readings.select(_needs_escape() | _row_number().is_in(marks["at"].unique().implode())).to_series()
    positions = by_hand.arg_true()
    texts = readings.select(_canonical_column(figures).alias("canonical"))["canonical"]
    if positions.is_empty():
        return texts
    return texts.scatter(positions, [text.decode("utf-8") for text in _by_hand(readings, positions, figures, marks)])


_ROWS_AT_ONCE = 16_384
"""Readings whose canonical text, some 400 bytes each, is held in memory at one time."""


def _digests(texts: pl.Series) -> pl.Series:
    return texts.to_frame("text").select(plh.col("text").chash.sha2_256()).to_series()


def _by_hand(
    readings: pl.DataFrame, positions: pl.Series, figures: Sequence[str], marks: pl.DataFrame
) -> Iterator[bytes]:
    marked: dict[int, dict[str, str]] = {}
    for at, figure, mark in marks.select("at", "figure", "mark").iter_rows():
        marked.setdefault(at, {})[figure] = mark
    chosen = readings[positions]
    for at, row in zip(positions, chosen.iter_rows(named=True), strict=True):
        counts = {name: row[name] for name in figures} | marked.get(at, {})
        yield canonical_reading({name: row[name] for name in MEMBERS}, counts)


def _canonical_column(figures: Sequence[str]) -> pl.Expr:
    """Write readings that need neither marks nor escapes in canonical form."""
    names = sorted([*MEMBERS, "figures"], key=_utf16)
    pieces = [_figures(figures) if name == "figures" else _member(name) for name in names]
    return pl.concat_str(pl.lit("{"), pl.concat_str(pieces).str.slice(1), pl.lit("}"))


def _member(name: str) -> pl.Expr:
    return pl.concat_str(pl.lit(f',"{name}":"'), pl.col(name), pl.lit('"')).fill_null("")


def _figures(figures: Sequence[str]) -> pl.Expr:
    pieces = [
        pl.concat_str(pl.lit(f',"{name}":'), pl.col(name).cast(pl.String)).fill_null("")
        for name in sorted(figures, key=_utf16)
    ]
    return pl.concat_str(pl.lit(',"figures":{'), pl.concat_str(pieces).str.slice(1), pl.lit("}"))


def _needs_escape() -> pl.Expr:
    return pl.any_horizontal(pl.col(name).str.contains(r'[\x00-\x1f"\\]').fill_null(value=False) for name in MEMBERS)


def _row_number() -> pl.Expr:
    return pl.int_range(pl.len(), dtype=pl.UInt32)


def _utf16(name: str) -> bytes:
    """Order as RFC 8785 section 3.2.3 does: by UTF-16 code units."""
    return name.encode("utf-16-be")
