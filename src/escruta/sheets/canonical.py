"""The canonical form of a reading, and its digest, which is the reading's id.

A reading's canonical form is a JSON object in the form of RFC 8785, so that two people who take the same figures from
the same copy get the same id, whatever file the figures came in:

    {"act":"count","contest":"president","copy":"…","figures":{"blank":3,"votes.ana":"illegible",…},
     "method":"typed","origin":"…","source":"…","station":"…"}

A figure is a number, or the reason why there is none (`"illegible"`, `"empty"`, `"not-on-sheet"`, `"not-a-count"`); a
figure that the source does not give is left out. `supersedes` and `election` stand beside the other members.

Bulk readings are written by one Polars expression. Only those with a text that JSON escapes go through `rfc8785`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias

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
    return _in_parts(lambda *part: _digests(_texts(*part)), readings, figures, marks).alias("reading")


def canonical_texts(readings: pl.DataFrame, figures: Sequence[str], marks: pl.DataFrame) -> pl.Series:
    """Write every reading of a frame in canonical form; its UTF-8 bytes are those that its id is the digest of.

    `readings` has a text column for each of `MEMBERS` and an integer column for each of `figures`; `marks` has `at`
    (the position of the reading in the frame), `figure` and `mark`.
    """
    return _in_parts(_texts, readings, figures, marks)


_ROWS_AT_ONCE = 16_384
"""Readings that one thread writes at a time, some 400 bytes each."""

_Work: TypeAlias = Callable[[pl.DataFrame, Sequence[str], pl.DataFrame], pl.Series]


def _in_parts(work: _Work, readings: pl.DataFrame, figures: Sequence[str], marks: pl.DataFrame) -> pl.Series:
    """Work on slices of a frame with all cores, and put what comes out together in order."""

    def at(start: int) -> pl.Series:
        end = start + _ROWS_AT_ONCE
        own = marks.filter((pl.col("at") >= start) & (pl.col("at") < end)).with_columns(pl.col("at") - start)
        return work(readings.slice(start, _ROWS_AT_ONCE), figures, own)

    with ThreadPoolExecutor(pl.thread_pool_size()) as threads:
        parts = list(threads.map(at, range(0, readings.height, _ROWS_AT_ONCE)))
    return pl.concat(parts or [pl.Series("canonical", dtype=pl.String)])


def _digests(texts: pl.Series) -> pl.Series:
    return texts.to_frame("text").select(plh.col("text").chash.sha2_256()).to_series()


def _texts(readings: pl.DataFrame, figures: Sequence[str], marks: pl.DataFrame) -> pl.Series:
    marked = readings.with_columns(_with_marks(readings[name], own) for (name,), own in marks.group_by("figure"))
    texts = marked.with_columns(canonical=_canonical(marked, figures))["canonical"]  # also where all say the same
    unsafe = readings.select(pl.any_horizontal(pl.col(MEMBERS).cast(pl.String).str.contains(_UNSAFE)))
    positions = unsafe.to_series().arg_true()
    if positions.is_empty():
        return texts
    return texts.scatter(positions, [text.decode("utf-8") for text in _by_hand(readings, positions, figures, marks)])


_UNSAFE = r'[\x00-\x1f"\\]'
"""What JSON writes in another way."""


def _with_marks(counts: pl.Series, marks: pl.DataFrame) -> pl.Series:
    return counts.cast(pl.String).scatter(marks["at"], '"' + marks["mark"] + '"')


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


_Piece: TypeAlias = str | pl.Expr
"""A text that is the same for every reading, or a column of texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Member:
    """A member of a JSON object; those that no reading has are none."""

    name: str
    value: tuple[_Piece, ...]
    is_always: bool
    """Whether every reading has it."""


def _canonical(readings: pl.DataFrame, figures: Sequence[str]) -> pl.Expr:
    """Write readings that need no escapes in canonical form."""
    counts = [_count(readings[name]) for name in sorted(figures, key=_utf16) if readings[name].count()]
    texts = [_text(readings[name]) for name in MEMBERS if readings[name].count()]
    whole = [*texts, _Member(name="figures", value=tuple(_object(counts)), is_always=True)]
    return _concatenated(_object(sorted(whole, key=lambda member: _utf16(member.name))))


def _text(column: pl.Series) -> _Member:
    is_always = column.null_count() == 0
    value: _Piece = pl.col(column.name).cast(pl.String)
    if is_always and column.n_unique() == 1:
        value = str(column[0])
    return _Member(name=column.name, value=('"', value, '"'), is_always=is_always)


def _count(column: pl.Series) -> _Member:
    return _Member(name=column.name, value=(pl.col(column.name).cast(pl.String),), is_always=column.null_count() == 0)


def _object(members: Sequence[_Member]) -> Iterator[_Piece]:
    """Write members in their order. One that is always there needs no comma, and those before it bring their own."""
    anchor = next((at for at, member in enumerate(members) if member.is_always), -1)
    pieces: list[_Piece] = []
    for at, member in enumerate(members):
        before, after = ("", "," * (at < anchor)) if at <= anchor else (",", "")
        written = (f'{before}"{member.name}":', *member.value, after)
        pieces += written if member.is_always else [_concatenated(written).fill_null("")]
    yield "{"
    yield from pieces if anchor >= 0 or not pieces else [_concatenated(pieces).str.strip_prefix(",")]
    yield "}"


def _concatenated(pieces: Iterable[_Piece]) -> pl.Expr:
    """Put pieces together, texts that stand beside each other as one."""
    together: list[_Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and together and isinstance(together[-1], str):
            together[-1] += piece
        else:
            together.append(piece)
    return pl.concat_str([pl.lit(piece) if isinstance(piece, str) else piece for piece in together])


def _utf16(name: str) -> bytes:
    """Order as RFC 8785 section 3.2.3 does: by UTF-16 code units."""
    return name.encode("utf-16-be")
